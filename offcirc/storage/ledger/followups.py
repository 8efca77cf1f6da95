"""What people did about the lines that an upload left to be worked through, in ledger.db.

The work itself is not kept here: it follows from the lines. These tables only grow: who ticked what
off, gave it to whom, noted what. A line's number is the name of its work, so nothing is lost when a
list is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from offcirc.disk.database import transaction
from offcirc.disk.errors import wording
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, line_row, moment
from offcirc.storage.stamps import stamp, utc_now

_AT_ONCE = 500

_TOLD = (
    "l.line, l.file, l.number, l.raw, l.minute, l.operation, l.item, l.patron, l.key,"
    " l.state, l.reason, l.message, l.replayed, l.due_at, l.notes, l.exact, l.decision"
)
_EXCEPTION = "(l.state IN ('rejected', 'unknown', 'held') OR l.notes <> '')"
"""As the partial index says it: SQLite uses it only when the words are the same."""


class Action(StrEnum):
    """What somebody did about a task."""

    DONE = "done"
    REOPENED = "reopened"
    ASSIGNED = "assigned"
    NOTED = "noted"


class FollowupEvent(NamedTuple):
    """What somebody did.

    Attributes:
        entry: its number.
        at: when, aware, UTC.
        who: who did it.
        text: the note, or the person it was given to.
    """

    entry: int
    at: datetime
    who: str
    action: Action
    text: str


class LeftToDo(NamedTuple):
    """A line that may leave something to do.

    Attributes:
        upload: the number of its upload.
    """

    upload: int
    line: LineRow


class SameTransaction(NamedTuple):
    """The same transaction in an upload to the same server.

    Attributes:
        line: its line's number.
        state: where it stands.
    """

    line: int
    upload: int
    state: str


def add_event(
    ledger: Ledger,
    lines: Iterable[tuple[int, str]],
    *,
    who: str,
    action: Action,
    text: str = "",
) -> None:
    """Keep what somebody did; on the disk when this returns.

    Args:
        ledger: where.
        lines: the lines of the task, each with the kind of work it leaves.
        who: who did it.
        action: what.
        text: the note, or the person it was given to.
    """
    database = ledger.database
    with wording(ledger.path), transaction(database):
        entry = database.execute(
            "INSERT INTO followups (at_utc, who, action, text) VALUES (?, ?, ?, ?)",
            (stamp(utc_now()), who, action.value, text),
        ).lastrowid
        database.conn.executemany(
            "INSERT INTO followup_lines (entry, line, kind) VALUES (?, ?, ?)",
            ((entry, line, kind) for line, kind in lines),
        )


def events(ledger: Ledger, lines: Sequence[int]) -> dict[tuple[int, str], list[FollowupEvent]]:
    """What was done about lines, oldest first, by line and kind of work."""
    found: dict[tuple[int, str], list[FollowupEvent]] = {}
    for part, marks in _parts(lines):
        with wording(ledger.path):
            rows = ledger.database.execute(
                "SELECT l.line, l.kind, f.entry, f.at_utc, f.who, f.action, f.text"  # noqa: S608
                " FROM followup_lines AS l JOIN followups AS f ON f.entry = l.entry"
                f" WHERE l.line IN ({marks}) ORDER BY f.entry",
                part,
            ).fetchall()
        for line, kind, entry, at, who, action, text in rows:
            event = FollowupEvent(entry, moment(at), who, Action(action), text)
            found.setdefault((line, kind), []).append(event)
    return found


def exceptions(ledger: Ledger, upload: int | None = None) -> list[LeftToDo]:
    """The lines that may leave something to do, of one upload or of all, in their order.

    Lines that were on their way when the program was killed are there too, but for an upload that
    is under way.
    """
    one, values = ("AND l.upload = ?", (upload,)) if upload is not None else ("", ())
    with wording(ledger.path):
        rows = ledger.database.execute(
            f"SELECT l.upload, {_TOLD} FROM lines AS l WHERE {_EXCEPTION} {one} ORDER BY l.line",  # noqa: S608
            values,
        ).fetchall()
        if not ledger.busy:
            rows += ledger.database.execute(
                f"SELECT l.upload, {_TOLD} FROM uploads AS u"  # noqa: S608
                " JOIN lines AS l ON l.line BETWEEN u.first_line AND u.last_line"
                " WHERE l.state = 'sending' AND u.upload NOT IN"
                " (SELECT r.upload FROM runs AS r JOIN run_ends AS e ON e.run = r.run"
                f"  WHERE e.status = 'completed') {one}",
                values,
            ).fetchall()
    return [LeftToDo(number, line_row(row)) for number, *row in sorted(rows, key=_line_number)]


def twins(ledger: Ledger, keys: Sequence[bytes]) -> dict[tuple[str, bytes], list[SameTransaction]]:
    """Every line with these keys, oldest first, by server and key."""
    found: dict[tuple[str, bytes], list[SameTransaction]] = {}
    for part, marks in _parts([key for key in keys if key]):
        with wording(ledger.path):
            rows = ledger.database.execute(
                "SELECT u.server, l.key, l.line, l.upload, l.state FROM lines AS l"  # noqa: S608
                " JOIN uploads AS u ON u.upload = l.upload"
                f" WHERE l.key IN ({marks}) AND l.key <> x'' ORDER BY l.line",
                part,
            ).fetchall()
        for server, key, line, upload, state in rows:
            found.setdefault((server, key), []).append(SameTransaction(line, upload, state))
    return found


def completed(ledger: Ledger) -> set[int]:
    """The uploads that have come to their end."""
    with wording(ledger.path):
        return {
            number
            for (number,) in ledger.database.execute(
                "SELECT r.upload FROM runs AS r JOIN run_ends AS e ON e.run = r.run"
                " WHERE e.status = 'completed'"
            )
        }


def lines_of(ledger: Ledger, lines: Sequence[int]) -> list[LeftToDo]:
    """These lines, whatever their state, in their order."""
    rows = []
    for part, marks in _parts(lines):
        with wording(ledger.path):
            rows += ledger.database.execute(
                f"SELECT l.upload, {_TOLD} FROM lines AS l WHERE l.line IN ({marks})",  # noqa: S608
                part,
            ).fetchall()
    return [LeftToDo(number, line_row(row)) for number, *row in sorted(rows, key=_line_number)]


def known_patrons(ledger: Ledger, patrons: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Which of these identifiers have been recorded fine, how often, and when last (ISO minute)."""
    found: dict[str, tuple[int, str]] = {}
    for part, marks in _parts(patrons):
        with wording(ledger.path):
            rows = ledger.database.execute(
                "SELECT patron, count(*), max(minute) FROM lines"  # noqa: S608
                f" WHERE patron COLLATE NOCASE IN ({marks})"
                " AND patron <> '' AND state IN ('recorded', 'skipped') GROUP BY patron",
                part,
            ).fetchall()
        found |= {patron: (count, last) for patron, count, last in rows}
    return found


def _parts(values: Sequence[object]) -> Iterator[tuple[Sequence[object], str]]:
    for start in range(0, len(values), _AT_ONCE):
        part = values[start : start + _AT_ONCE]
        yield part, ", ".join("?" * len(part))


def _line_number(row: Sequence[int]) -> int:
    return row[1]
