"""The layout of ledger.db.

- ``followups``, ``followup_lines``: what somebody did about lines that were left to be worked on.
- ``closings``: each file of an upload that was put away: what it was, and where it went;
  ``closing_ends``: what came of that, step by step.
- ``erasures``: uploads whose readers' identifiers were erased, and how many there were.

The facts of a line are never changed, with one exception that the database itself guards: once an
upload is closed and its erasure is noted here, its readers may be replaced by marks that tell them
apart and no more. Nothing else of the line can change then either.
"""

from __future__ import annotations

from offcirc.disk.database import Schema, append_only

FACTS = "upload, file, number, raw, minute, operation, item, patron, key"
_FIRST = (
    """CREATE TABLE uploads (
        upload INTEGER PRIMARY KEY,
        server TEXT NOT NULL,
        url TEXT NOT NULL,
        desk TEXT NOT NULL,
        who TEXT NOT NULL,
        started TEXT NOT NULL,
        content TEXT NOT NULL,
        first_line INTEGER NOT NULL,
        last_line INTEGER NOT NULL)""",
    "CREATE INDEX uploads_by_content ON uploads (content)",
    """CREATE TABLE jobs (
        job INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        process_id TEXT NOT NULL,
        name TEXT NOT NULL)""",
    "CREATE INDEX jobs_by_upload ON jobs (upload)",
    "CREATE INDEX jobs_by_process_id ON jobs (process_id)",
    """CREATE TABLE files (
        entry INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        file INTEGER NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        records INTEGER NOT NULL,
        same_as TEXT NOT NULL)""",
    "CREATE INDEX files_by_upload ON files (upload, file)",
    """CREATE TABLE lines (
        line INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        file INTEGER NOT NULL,
        number INTEGER NOT NULL,
        raw BLOB NOT NULL,
        minute TEXT NOT NULL,
        operation TEXT NOT NULL,
        item TEXT NOT NULL,
        patron TEXT NOT NULL,
        key BLOB NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        message TEXT NOT NULL DEFAULT '',
        replayed INTEGER NOT NULL DEFAULT 0,
        due_at TEXT NOT NULL DEFAULT '',
        notes TEXT NOT NULL DEFAULT '')""",
    "CREATE INDEX lines_by_key ON lines (key) WHERE key <> x''",
    """CREATE TABLE states (
        entry INTEGER PRIMARY KEY,
        line INTEGER NOT NULL REFERENCES lines (line),
        at_utc TEXT NOT NULL,
        state TEXT NOT NULL,
        message TEXT NOT NULL)""",
    """CREATE TABLE runs (
        run INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        started TEXT NOT NULL)""",
    "CREATE INDEX runs_by_upload ON runs (upload)",
    """CREATE TABLE run_ends (
        run INTEGER PRIMARY KEY REFERENCES runs (run),
        ended TEXT NOT NULL,
        status TEXT NOT NULL,
        problem TEXT NOT NULL)""",
    # A trigger, so that no way of changing a state can forget its history.
    """CREATE TRIGGER lines_history AFTER UPDATE OF state ON lines
        WHEN NEW.state <> OLD.state BEGIN
        INSERT INTO states (line, at_utc, state, message)
        VALUES (NEW.line, strftime('%Y-%m-%dT%H:%M:%fZ'), NEW.state, NEW.message); END""",
    f"""CREATE TRIGGER lines_facts BEFORE UPDATE OF {FACTS} ON lines
        BEGIN SELECT RAISE(ABORT, 'what a line says is never changed'); END""",
    """CREATE TRIGGER lines_no_delete BEFORE DELETE ON lines
        BEGIN SELECT RAISE(ABORT, 'lines are never deleted'); END""",
    *(
        statement
        for table, key in (
            ("uploads", "upload"),
            ("jobs", "job"),
            ("files", "entry"),
            ("states", "entry"),
            ("runs", "run"),
            ("run_ends", "run"),
        )
        for statement in append_only(table, key)
    ),
)
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


def _blanking(table: str, patrons: str, *others: str) -> tuple[str, ...]:
    """The triggers of a table whose rows only ever lose a reader's identifier.

    Args:
        table: the table.
        patrons: the column that names readers; it may be erased.
        others: every other column.
    """
    _update, *rest = append_only(table, others[0])
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in others)
    update = (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
        f" WHEN NOT (NEW.{patrons} IN (x'', '…') AND {same})"
        f" BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
    )
    return update, *rest


DECISIONS = (
    """CREATE TABLE decisions (
        decision INTEGER PRIMARY KEY,
        at_utc TEXT NOT NULL,
        who TEXT NOT NULL,
        note TEXT NOT NULL,
        kind TEXT NOT NULL,
        minute TEXT NOT NULL,
        operation TEXT NOT NULL,
        item TEXT NOT NULL,
        patron TEXT NOT NULL,
        seconds REAL NOT NULL,
        trust TEXT NOT NULL,
        undoes INTEGER NOT NULL)""",
    """CREATE TABLE decision_lines (
        entry INTEGER PRIMARY KEY,
        decision INTEGER NOT NULL REFERENCES decisions (decision),
        line BLOB NOT NULL,
        file TEXT NOT NULL,
        number INTEGER NOT NULL,
        raw BLOB NOT NULL)""",
    "CREATE INDEX decision_lines_by_decision ON decision_lines (decision)",
    "CREATE INDEX decision_lines_by_line ON decision_lines (line)",
    *_blanking(
        "decisions",
        "patron",
        *("decision", "at_utc", "who", "note", "kind", "minute", "operation", "item"),
        *("seconds", "trust", "undoes"),
    ),
    *_blanking("decision_lines", "raw", "entry", "decision", "line", "file", "number"),
    "ALTER TABLE files ADD COLUMN library TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE files ADD COLUMN circulation_desk TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE files ADD COLUMN desk_name TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE files ADD COLUMN told_by TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE lines ADD COLUMN exact TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE lines ADD COLUMN decision INTEGER NOT NULL DEFAULT 0",
    """CREATE TRIGGER lines_more_facts BEFORE UPDATE OF exact, decision ON lines
        BEGIN SELECT RAISE(ABORT, 'what a line says is never changed'); END""",
)


MARK = "~????????????"
"""What a reader looks like afterwards, as a GLOB: a tilde and twelve digits or small letters."""

_ERASED = "EXISTS (SELECT 1 FROM erasures WHERE upload = {upload})"
_CLOSED = (
    "EXISTS (SELECT 1 FROM closings AS c WHERE c.upload = NEW.upload AND"
    " (SELECT e.outcome FROM closing_ends AS e WHERE e.closing = c.closing"
    "  ORDER BY e.entry DESC LIMIT 1) IN ('done', 'handed-over'))"
)
_HAS_FILES = "EXISTS (SELECT 1 FROM files WHERE upload = NEW.upload AND path <> '') "
_UPLOAD_OF = "(SELECT upload FROM lines WHERE line = OLD.line)"
_NOTE_ERASED = (
    "NOT EXISTS (SELECT 1 FROM followup_lines AS f JOIN lines AS l ON l.line = f.line"
    " WHERE f.entry = OLD.entry AND l.upload NOT IN (SELECT upload FROM erasures))"
)
_REFUSE = "BEGIN SELECT RAISE(ABORT, '{why}'); END"


def _same(*columns: str) -> str:
    return " AND ".join(f"NEW.{column} IS OLD.{column}" for column in columns)


def _guarded(table: str, key: str, allowed: str) -> tuple[str, ...]:
    """As :func:`append_only`, but for changes that ``allowed`` describes."""
    never, _update, *rest = (f"rows of {table} are never changed", *append_only(table, key))
    refuse = _REFUSE.format(why=never)
    trigger = f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT ({allowed})"
    return (f"{trigger} {refuse}", *rest)


AFTERWARDS = (
    """CREATE TABLE followups (
        entry INTEGER PRIMARY KEY,
        at_utc TEXT NOT NULL,
        who TEXT NOT NULL,
        action TEXT NOT NULL,
        text TEXT NOT NULL)""",
    """CREATE TABLE followup_lines (
        part INTEGER PRIMARY KEY,
        entry INTEGER NOT NULL REFERENCES followups (entry),
        line INTEGER NOT NULL REFERENCES lines (line),
        kind TEXT NOT NULL)""",
    "CREATE INDEX followup_lines_by_line ON followup_lines (line)",
    "CREATE INDEX followup_lines_by_entry ON followup_lines (entry)",
    """CREATE TABLE closings (
        closing INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        file INTEGER NOT NULL,
        at_utc TEXT NOT NULL,
        who TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('desk', 'copy', 'plain')),
        path TEXT NOT NULL,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        lines INTEGER NOT NULL,
        kept TEXT NOT NULL,
        lead_size INTEGER NOT NULL,
        left_behind INTEGER NOT NULL,
        archive TEXT NOT NULL,
        stored TEXT NOT NULL)""",
    "CREATE INDEX closings_by_upload ON closings (upload)",
    """CREATE TABLE closing_ends (
        entry INTEGER PRIMARY KEY,
        closing INTEGER NOT NULL REFERENCES closings (closing),
        at_utc TEXT NOT NULL,
        who TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('done', 'handed-over', 'given-up', 'undone')))""",
    "CREATE INDEX closing_ends_by_closing ON closing_ends (closing)",
    """CREATE TABLE erasures (
        erasure INTEGER PRIMARY KEY,
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        at_utc TEXT NOT NULL,
        lines INTEGER NOT NULL,
        readers INTEGER NOT NULL)""",
    "CREATE INDEX erasures_by_upload ON erasures (upload)",
    # Nothing is erased that has not been uploaded and put away. Lines that were corrected and sent
    # again by themselves have no file that could be.
    f"CREATE TRIGGER erasures_closed BEFORE INSERT ON erasures WHEN NOT {_CLOSED} AND {_HAS_FILES}"
    + _REFUSE.format(why="only a closed upload is erased"),
    "DROP TRIGGER lines_facts",
    f"CREATE TRIGGER lines_facts BEFORE UPDATE OF {FACTS} ON lines WHEN NOT ("
    + _same("upload", "file", "number", "minute", "operation", "item", "key")
    + f" AND (NEW.patron = OLD.patron OR NEW.patron GLOB '{MARK}')"
    + " AND substr(NEW.raw, 1, 13) = substr(OLD.raw, 1, 13)"
    + f" AND {_ERASED.format(upload='OLD.upload')}) "
    + _REFUSE.format(why="what a line says is never changed"),
    "DROP TRIGGER states_no_update",
    "CREATE TRIGGER states_no_update BEFORE UPDATE ON states WHEN NOT ("
    + _same("entry", "line", "at_utc", "state")
    + f" AND {_ERASED.format(upload=_UPLOAD_OF)}) "
    + _REFUSE.format(why="rows of states are never changed"),
    *_guarded(
        "followups",
        "entry",
        _same("entry", "at_utc", "who", "action") + f" AND NEW.text = '' AND {_NOTE_ERASED}",
    ),
    *(
        statement
        for table, key in (
            ("followup_lines", "part"),
            ("closings", "closing"),
            ("closing_ends", "entry"),
            ("erasures", "erasure"),
        )
        for statement in append_only(table, key)
    ),
    """CREATE INDEX lines_exceptions ON lines (upload)
        WHERE (state IN ('rejected', 'unknown', 'held') OR notes <> '')""",
    "CREATE INDEX lines_by_item ON lines (item COLLATE NOCASE)",
    "CREATE INDEX lines_by_patron ON lines (patron COLLATE NOCASE) WHERE patron <> ''",
    "CREATE INDEX lines_by_minute ON lines (minute)",
    "CREATE INDEX states_by_line ON states (line)",
)
"""The step of the ledger's layout that brings all of it."""


CARDS_AS_ITEMS = (
    "DROP TRIGGER lines_facts",
    f"CREATE TRIGGER lines_facts BEFORE UPDATE OF {FACTS} ON lines WHEN NOT ("
    + _same("upload", "file", "number", "minute", "operation", "key")
    + f" AND (NEW.item = OLD.item OR NEW.item GLOB '{MARK}')"
    + f" AND (NEW.patron = OLD.patron OR NEW.patron GLOB '{MARK}')"
    + " AND substr(NEW.raw, 1, 13) = substr(OLD.raw, 1, 13)"
    + f" AND {_ERASED.format(upload='OLD.upload')}) "
    + _REFUSE.format(why="what a line says is never changed"),
)
"""A later step: a reader's card that was scanned as an item is a reader too."""
LEDGER = Schema(
    application_id=0x4F66664C,  # "OffL"
    steps=(_FIRST, DECISIONS, AFTERWARDS, LOOKUPS, HANDOVERS, CARDS_AS_ITEMS, OPINIONS),
)
