"""The tables of ledger.db about files that people carry to a library system, and its reports."""

from __future__ import annotations

HANDOVERS = (
    # One file that was written for the library system, or was given to it without us.
    """CREATE TABLE handed_files (
        upload INTEGER PRIMARY KEY REFERENCES uploads (upload),
        handover INTEGER NOT NULL,
        place INTEGER NOT NULL,
        places INTEGER NOT NULL,
        written INTEGER NOT NULL,
        path TEXT NOT NULL,
        library TEXT NOT NULL,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL)""",
    "CREATE INDEX handed_files_by_content ON handed_files (sha256)",
    # The place of each line in that file: what the library system's report calls it by.
    """CREATE TABLE handed_lines (
        line INTEGER PRIMARY KEY REFERENCES lines (line),
        number INTEGER NOT NULL)""",
    """CREATE TABLE server_reports (
        report INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        read_at TEXT NOT NULL,
        who TEXT NOT NULL,
        file TEXT NOT NULL,
        digest TEXT NOT NULL,
        process_id TEXT NOT NULL,
        name TEXT NOT NULL,
        started TEXT NOT NULL,
        finished TEXT NOT NULL,
        run_seconds REAL,
        status TEXT NOT NULL,
        ending TEXT NOT NULL,
        records INTEGER,
        exceptions INTEGER,
        base INTEGER NOT NULL,
        base_told INTEGER NOT NULL,
        sure INTEGER NOT NULL)""",
    "CREATE INDEX server_reports_by_upload ON server_reports (upload)",
    # Rows of a report that belong to no line of the file.
    """CREATE TABLE server_report_rows (
        entry INTEGER PRIMARY KEY,
        report INTEGER NOT NULL REFERENCES server_reports (report),
        number INTEGER,
        message TEXT NOT NULL)""",
    "CREATE INDEX server_report_rows_by_report ON server_report_rows (report)",
)


LOOKUPS = (
    # Rows of readers are removed when their time is over, so this one is not append-only.
    """CREATE TABLE looked_up (
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        kind TEXT NOT NULL,
        code TEXT NOT NULL,
        found INTEGER NOT NULL,
        label TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (upload, kind, code)) WITHOUT ROWID""",
)

OPINIONS = (
    # A later look takes an earlier one's place; readers go when their time is over.
    """CREATE TABLE second_opinions (
        upload INTEGER PRIMARY KEY REFERENCES uploads (upload),
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        checked INTEGER NOT NULL,
        agree INTEGER NOT NULL,
        loans INTEGER NOT NULL,
        returns INTEGER NOT NULL,
        unanswered INTEGER NOT NULL)""",
    """CREATE TABLE differences (
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        line INTEGER NOT NULL REFERENCES lines (line),
        kind TEXT NOT NULL,
        patron TEXT NOT NULL,
        lent_at TEXT NOT NULL,
        due_at TEXT NOT NULL,
        PRIMARY KEY (upload, line)) WITHOUT ROWID""",
)
