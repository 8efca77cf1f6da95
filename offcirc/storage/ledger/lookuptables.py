"""The tables of ledger.db that keep what servers said of items and readers."""

from __future__ import annotations

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
