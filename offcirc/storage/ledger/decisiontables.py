"""The tables of ledger.db in which people's decisions are kept, and what else they need there."""

from __future__ import annotations

from offcirc.disk.database import append_only


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
