"""Finding lines of all uploads by item, reader or day, in ledger.db."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from offcirc.disk.errors import wording
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState, UploadRow, line_row, moment

_LINE = (
    "l.line, l.file, l.number, l.raw, l.minute, l.operation, l.item, l.patron, l.key,"
    " l.state, l.reason, l.message, l.replayed, l.due_at, l.notes, l.exact, l.decision"
)
_END = "\U0010ffff"
"""Sorts after every character that a barcode can hold."""

_MANY = 20_000


class SearchPlace(NamedTuple):
    """A place in the answers, which come newest first: after it, the next page begins.

    Attributes:
        minute: when the last line of the page happened, naive local time in ISO form.
        line: its number.
    """

    minute: str
    line: int


class FoundLine(NamedTuple):
    """A line that was found.

    Attributes:
        upload: the number of its upload.
        file: its file's name.
        library, circulation_desk, desk_name: where it was recorded, as far as known.
    """

    upload: int
    line: LineRow
    file: str
    library: str
    circulation_desk: str
    desk_name: str


class StateChange(NamedTuple):
    """A state that a line came into.

    Attributes:
        at: when, aware, UTC.
        message: the server's words.
    """

    at: datetime
    state: LineState
    message: str


def matching(
    ledger: Ledger,
    text: str,
    *,
    anywhere: bool = False,
    day: str = "",
    upload: int = 0,
    after: SearchPlace | None = None,
    limit: int = 100,
) -> list[FoundLine]:
    """Lines whose item or reader is or begins with a text, newest first.

    Capital and small letters are the same. Every question goes through an index.

    Args:
        ledger: where to look.
        text: the text; empty for all lines.
        anywhere: whether it may stand anywhere in the barcode or identifier.
        day: only lines that happened on that day, ``YYYY-MM-DD``.
        upload: only those of one upload; 0 for all.
        after: where the page before has ended.
        limit: at most so many.
    """
    parts, values = _parts(text, anywhere=anywhere)
    if text and not anywhere and _are_many(ledger, parts, values):
        # A short beginning that half of all lines have: the newest of these are found sooner by
        # going through the lines from the newest on than by putting all of them in order.
        either = " OR ".join(f"({part})" for part in parts)
        parts = [
            "(" + either.replace("l.item ", "+l.item ").replace("l.patron ", "+l.patron ") + ")"
        ]
        values = [(*values[0], *values[1])]
    where, more = _where(day, upload, after)
    # Newest first, by the time of the transaction; a line that has none comes last.
    question = " UNION ".join(
        f"SELECT * FROM (SELECT l.minute AS at, l.line AS number FROM lines AS l"  # noqa: S608
        f" WHERE {' AND '.join((part, *where))} ORDER BY l.minute DESC, l.line DESC LIMIT ?)"
        for part in parts
    )
    arguments = [value for part in values for value in (*part, *more, limit)]
    with wording(ledger.path):
        places = ledger.database.execute(
            f"{question} ORDER BY at DESC, number DESC LIMIT ?",
            (*arguments, limit),
        ).fetchall()
    return _read(ledger, [number for _at, number in places])


def overtaken(
    ledger: Ledger, upload: UploadRow, line: LineRow, besides: Sequence[int] = ()
) -> bool:
    """Whether a later line about the same item has been sent to the same server.

    Args:
        ledger: where lines are.
        upload: the line's.
        line: which.
        besides: lines that do not count, because they are as absent as it is.
    """
    with wording(ledger.path):
        rows = ledger.database.execute(
            "SELECT 1 FROM lines AS l JOIN uploads AS u ON u.upload = l.upload"
            " WHERE l.item = ?1 COLLATE NOCASE AND u.server = ?2"
            " AND l.state IN ('sending', 'recorded', 'rejected', 'unknown')"
            " AND (l.minute > ?3 OR l.upload = ?4 AND l.line > ?5)"
            " AND l.line NOT IN (SELECT value FROM json_each(?6)) LIMIT 1",
            (line.item, upload.server, line.minute, upload.id, line.id, json.dumps(besides)),
        ).fetchall()
    return bool(rows)


def histories(ledger: Ledger, lines: Sequence[int]) -> dict[int, list[StateChange]]:
    """Every state that lines came into, oldest first."""
    found: dict[int, list[StateChange]] = {}
    marks = ", ".join("?" * len(lines))
    with wording(ledger.path):
        rows = ledger.database.execute(
            f"SELECT line, at_utc, state, message FROM states WHERE line IN ({marks})"  # noqa: S608
            " ORDER BY entry",
            lines,
        ).fetchall()
    for line, at, state, message in rows:
        found.setdefault(line, []).append(StateChange(moment(at), LineState(state), message))
    return found


def _parts(text: str, *, anywhere: bool) -> tuple[list[str], list[tuple[str, ...]]]:
    """The conditions of which one must hold, each with its values."""
    if not text:
        return ["1"], [()]
    if anywhere:
        plain = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        like = f"%{plain}%"
        return (
            ["l.item LIKE ? ESCAPE '!'", "l.patron LIKE ? ESCAPE '!' AND l.patron <> ''"],
            [(like,), (like,)],
        )
    span = (text, text + _END)
    return (
        [
            "l.item COLLATE NOCASE >= ? AND l.item COLLATE NOCASE < ?",
            "l.patron COLLATE NOCASE >= ? AND l.patron COLLATE NOCASE < ? AND l.patron <> ''",
        ],
        [span, span],
    )


def _are_many(ledger: Ledger, parts: list[str], values: list[tuple[str, ...]]) -> bool:
    """Whether more lines match than are quickly put in order."""
    with wording(ledger.path):
        return any(
            ledger.database.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM lines AS l WHERE {part} LIMIT {_MANY})",  # noqa: S608
                arguments,
            ).fetchone()[0]
            == _MANY
            for part, arguments in zip(parts, values, strict=True)
        )


def _where(day: str, upload: int, after: SearchPlace | None) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    if day:
        where.append("l.minute >= ? AND l.minute < ?")
        values += [day, day + "U"]  # after every "T"
    if upload:
        where.append("l.upload = ?")
        values.append(upload)
    if after is not None:
        where.append("(l.minute, l.line) < (?, ?)")
        values += after
    return where, values


def _read(ledger: Ledger, lines: Sequence[int]) -> list[FoundLine]:
    marks = ", ".join("?" * len(lines))
    with wording(ledger.path):
        rows = ledger.database.execute(
            f"SELECT l.upload, f.name, f.library, f.circulation_desk, f.desk_name, {_LINE}"  # noqa: S608
            " FROM lines AS l JOIN files AS f ON f.upload = l.upload AND f.file = l.file"
            f" WHERE l.line IN ({marks}) ORDER BY l.minute DESC, l.line DESC",
            lines,
        ).fetchall()
    return [FoundLine(upload, line_row(line), *names) for upload, *names, line in map(_split, rows)]


def _split(row: Sequence[Any]) -> tuple[Any, ...]:
    return (*row[:5], row[5:])
