"""Which files of which upload were put away, in ledger.db.

A closing is noted before anything is done and ended after, so an interrupted one can be brought to
its end. These tables only grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from offcirc.disk.database import transaction
from offcirc.disk.errors import wording
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.stamps import moment, stamp

_HELD_BACK = ("held-by-decision", "left-for-later")
"""Why a person kept a line from being sent for now; see the decisions."""


class Whose(StrEnum):
    """Whose file it is, which decides how it is closed."""

    DESK = "desk"
    """A desk's own, with its journal."""
    COPY = "copy"
    """A desk's copy in the collection folder: the desk is told by a receipt."""
    PLAIN = "plain"
    """A file alone, as the original program writes it, or carried by hand."""


class ClosingOutcome(StrEnum):
    """What came of a closing."""

    DONE = "done"
    HANDED_OVER = "handed-over"
    """A receipt was left for the desk, which closes its file by itself."""
    GIVEN_UP = "given-up"
    """It was interrupted before anything was changed."""
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class FileToClose:
    """A file to be closed.

    Attributes:
        file: the index of the file in it.
        whose: whose file it is.
        path: where it is.
        size: length in bytes of the uploaded part.
        sha256: of that part, in hex.
        lines: how many lines the part has.
        kept: numbers, from 1, of its lines that stay.
        lead_size: bytes that stay of that part.
        left_behind: lines that stay because they are still to be uploaded.
        archive: the name of the archive folder.
        stored: the name of the part there.
    """

    upload: int
    file: int
    whose: Whose
    path: Path
    size: int
    sha256: str
    lines: int
    kept: tuple[int, ...]
    lead_size: int
    left_behind: int
    archive: str
    stored: str


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing.

    Attributes:
        id: its number.
        at: when it began, aware, UTC.
        who: who closed it.
        facts: what was closed.
        outcome: what came of it; ``None`` while it is not known.
        ended: when that was, aware, UTC.
    """

    id: int
    at: datetime
    who: str
    facts: FileToClose
    outcome: ClosingOutcome | None
    ended: datetime | None

    @property
    def in_force(self) -> bool:
        """Whether the file is closed."""
        return self.outcome in {ClosingOutcome.DONE, ClosingOutcome.HANDED_OVER}


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that was uploaded once.

    Attributes:
        file: the index of the file in it.
        lines_of: the index of the file whose lines stand for its own: another one for a copy.
        path: where it was.
        size: its length in bytes.
        sha256: of its content, in hex.
    """

    upload: int
    file: int
    lines_of: int
    path: Path
    size: int
    sha256: str


def begin(ledger: Ledger, facts: Sequence[FileToClose], *, who: str, at: datetime) -> list[Closing]:
    """Note files that are going to be closed."""
    database = ledger.database
    with wording(ledger.path), transaction(database):
        numbers = [
            database.execute(
                "INSERT INTO closings VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    one.upload,
                    one.file,
                    stamp(at),
                    who,
                    one.whose.value,
                    str(one.path),
                    one.size,
                    one.sha256,
                    one.lines,
                    " ".join(map(str, one.kept)),
                    one.lead_size,
                    one.left_behind,
                    one.archive,
                    one.stored,
                ),
            ).lastrowid
            for one in facts
        ]
    return [
        Closing(number or 0, at, who, one, None, None)
        for number, one in zip(numbers, facts, strict=True)
    ]


def end(
    ledger: Ledger, closing: Closing, outcome: ClosingOutcome, *, who: str, at: datetime
) -> None:
    """Note what came of a closing."""
    with wording(ledger.path):
        ledger.database.execute(
            "INSERT INTO closing_ends VALUES (NULL, ?, ?, ?, ?)",
            (closing.id, stamp(at), who, outcome.value),
        )


def closings(ledger: Ledger, upload: int | None = None) -> list[Closing]:
    """The closings of an upload, or all, newest first."""
    one, values = ("WHERE c.upload = ?", (upload,)) if upload is not None else ("", ())
    with wording(ledger.path):
        rows = ledger.database.execute(
            "SELECT c.*, e.outcome, e.at_utc FROM closings AS c"  # noqa: S608
            " LEFT JOIN closing_ends AS e ON e.entry ="
            "  (SELECT max(entry) FROM closing_ends WHERE closing = c.closing)"
            f" {one} ORDER BY c.closing DESC",
            values,
        ).fetchall()
    return [_closing(row) for row in rows]


def unfinished(ledger: Ledger) -> list[Closing]:
    """The closings of which it is not known what came of them, oldest first."""
    return [one for one in reversed(closings(ledger)) if one.outcome is None]


_LINES_OF = (
    "coalesce((SELECT min(s.file) FROM files AS s WHERE s.upload = f.upload"
    " AND s.name = f.same_as AND s.same_as = ''), f.file)"
)


def lines_of(ledger: Ledger, upload: int, file: int) -> int:
    """The index of the file whose lines stand for those of a file: another one for a copy."""
    with wording(ledger.path):
        rows = ledger.database.execute(
            f"SELECT {_LINES_OF} FROM files AS f WHERE f.upload = ? AND f.file = ?",  # noqa: S608
            (upload, file),
        ).fetchall()
    return int(rows[0][0]) if rows else file


def known_files(ledger: Ledger, largest: int) -> list[KnownFile]:
    """The uploaded files of at most so many bytes, newest first."""
    with wording(ledger.path):
        rows = ledger.database.execute(
            f"SELECT f.upload, f.file, {_LINES_OF}, f.path, f.size, f.sha256 FROM files AS f"  # noqa: S608
            " WHERE f.size <= ? AND f.size > 0 ORDER BY f.upload DESC, f.file",
            (largest,),
        ).fetchall()
    return [
        KnownFile(upload, file, lines_of, Path(path), size, sha256)
        for upload, file, lines_of, path, size, sha256 in rows
    ]


def not_dealt_with(ledger: Ledger, upload: int, file: int) -> tuple[int, ...]:
    """Numbers of the lines of a file that were not sent, or held back for later by a person."""
    with wording(ledger.path):
        rows = ledger.database.execute(
            "SELECT l.number FROM uploads AS u"  # noqa: S608 - the marks are ours
            " JOIN lines AS l ON l.line BETWEEN u.first_line AND u.last_line"
            " WHERE u.upload = ? AND l.file = ? AND (l.state IN ('planned', 'sending')"
            f" OR l.state = 'held' AND l.reason IN ({', '.join('?' * len(_HELD_BACK))}))"
            " ORDER BY l.number",
            (upload, file, *_HELD_BACK),
        ).fetchall()
    return tuple(number for (number,) in rows)


def closed_uploads(ledger: Ledger) -> dict[int, datetime]:
    """The uploads of which a file is closed, and when the last one was."""
    found: dict[int, datetime] = {}
    for one in closings(ledger):
        if one.in_force and one.ended is not None:
            found[one.facts.upload] = max(found.get(one.facts.upload, one.ended), one.ended)
    return found


def of_archive(found: Iterable[Closing], archive: str) -> list[Closing]:
    """The closings that share an archive folder."""
    return [one for one in found if one.facts.archive == archive]


def _closing(row: Sequence[Any]) -> Closing:
    number, upload, file, at, who, whose, path, *rest, outcome, ended = row
    size, sha256, lines, kept, lead_size, left_behind, archive, stored = rest
    facts = FileToClose(
        upload,
        file,
        Whose(whose),
        Path(path),
        size,
        sha256,
        lines,
        tuple(map(int, kept.split())),
        lead_size,
        left_behind,
        archive,
        stored,
    )
    return Closing(
        number,
        moment(at),
        who,
        facts,
        None if outcome is None else ClosingOutcome(outcome),
        None if ended is None else moment(ended),
    )
