"""The layout of what comes after an upload, in ledger.db: work list, closing, erasure, search.

- ``followups``, ``followup_lines``: what somebody did about lines that were left to be worked on.
- ``closings``: each file of an upload that was put away: what it was, and where it went;
  ``closing_ends``: what came of that, step by step.
- ``erasures``: uploads whose readers' identifiers were erased, and how many there were.

The facts of a line are never changed, with one exception that the database itself guards: once an
upload is closed and its erasure is noted here, its readers may be replaced by marks that tell them
apart and no more. Nothing else of the line can change then either.
"""

from __future__ import annotations

from offcirc.disk.database import append_only

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
_FACTS = "upload, file, number, raw, minute, operation, item, patron, key"
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
    f"CREATE TRIGGER lines_facts BEFORE UPDATE OF {_FACTS} ON lines WHEN NOT ("
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
    f"CREATE TRIGGER lines_facts BEFORE UPDATE OF {_FACTS} ON lines WHEN NOT ("
    + _same("upload", "file", "number", "minute", "operation", "key")
    + f" AND (NEW.item = OLD.item OR NEW.item GLOB '{MARK}')"
    + f" AND (NEW.patron = OLD.patron OR NEW.patron GLOB '{MARK}')"
    + " AND substr(NEW.raw, 1, 13) = substr(OLD.raw, 1, 13)"
    + f" AND {_ERASED.format(upload='OLD.upload')}) "
    + _REFUSE.format(why="what a line says is never changed"),
)
"""A later step: a reader's card that was scanned as an item is a reader too."""
