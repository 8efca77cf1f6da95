"""Closings of a desk's file as the journal keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlite_utils

from offcirc.disk.errors import wording
from offcirc.storage.closing.receipts import Receipt, parse
from offcirc.storage.stamps import moment

if TYPE_CHECKING:
    from offcirc.storage.journal.journal import Journal


class DeskClosingOutcome(StrEnum):
    """What came of a closing."""

    DONE = "done"
    GIVEN_UP = "given-up"
    """It was interrupted before anything was changed."""
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class DeskClosing:
    """A file that was closed.

    Attributes:
        closing: its number.
        at: when, aware, UTC.
        file: the file's number in the journal.
        size: length in bytes of the part that was put away.
        lines: how many lines that has.
        first_seq: the first row in it; 0 when the desk had recorded none of it.
        lead_size: bytes of the clean file that were in the old one's uploaded part.
        clean_size: length of the clean file; 0 when there was none.
        clean_sha256: of the clean file, in hex.
        left_behind: lines in the clean file that are still to be uploaded.
        archive: the name of the copy in the archive.
        receipt: who uploaded it, when and where to.
        outcome: what came of it; ``None`` while it is not known.
    """

    closing: int
    at: datetime
    file: int
    size: int
    lines: int
    first_seq: int
    last_seq: int
    lead_size: int
    clean_size: int
    clean_sha256: str
    left_behind: int
    archive: str
    receipt: Receipt
    outcome: DeskClosingOutcome | None

    def is_of(self, receipt: Receipt) -> bool:
        """Whether it is what a receipt is about."""
        return (self.receipt.size, self.receipt.sha256) == (receipt.size, receipt.sha256)


def closings(journal: Journal) -> list[DeskClosing]:
    """Every closing of the journal, newest first."""
    return read_closings(journal.database, journal.path)


def read_closings(database: sqlite_utils.Database, path: Path) -> list[DeskClosing]:
    """The same from a journal that somebody else has open."""
    with wording(path):
        found = database.execute(
            "SELECT closing, at_utc, file, size, lines, first_seq, last_seq, lead_size, clean_size,"
            " clean_sha256, left_behind, archive, receipt, (SELECT e.outcome FROM closing_ends AS e"
            "  WHERE e.closing = c.closing ORDER BY e.entry DESC LIMIT 1)"
            " FROM closings AS c ORDER BY closing DESC"
        ).fetchall()
    return [_closing(values) for values in found]


def _closing(values: Any) -> DeskClosing:
    number, at, *facts = values[:12]
    receipt, outcome = parse(values[12].encode()), values[13]
    file, size, lines, first, last, lead, clean, sha256, left, archive = facts
    return DeskClosing(
        closing=number,
        at=moment(at),
        file=file,
        size=size,
        lines=lines,
        first_seq=first,
        last_seq=last,
        lead_size=lead,
        clean_size=clean,
        clean_sha256=sha256,
        left_behind=left,
        archive=archive,
        receipt=receipt,
        outcome=None if outcome is None else DeskClosingOutcome(outcome),
    )


def find(journal: Journal, size: int, sha256: str) -> DeskClosing | None:
    """The newest closing of this content."""
    return next(
        (
            one
            for one in closings(journal)
            if (one.receipt.size, one.receipt.sha256) == (size, sha256)
        ),
        None,
    )
