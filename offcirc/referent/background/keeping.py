"""Keeping what somebody decides about lines and clocks. Runs outside the window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.core.dat.datline import decode
from offcirc.core.order.clockfix import Trust
from offcirc.i18n import _
from offcirc.referent.background.inspection import LineView
from offcirc.storage.ledger.decisions import DecidedLine, Decision, DecisionBook, LineChange
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.errors import UploadError
from offcirc.upload.lines.decided import corrected

if TYPE_CHECKING:
    from offcirc.referent.background.deciding import DecisionMade


class NotALineError(UploadError):
    """A line would not be a loan or a return after a correction."""

    def words(self) -> str:
        """What to tell a librarian."""
        return _(
            "That would be no loan or return: a loan needs item and borrower, a return the item,"
            " and both a time such as 2018-05-31 14:05."
        )


def decide(data_dir: Path, verdict: DecisionMade, who: str) -> tuple[int, ...]:
    """Keep a decision; it is on the disk when this returns.

    Returns:
        The numbers of what was decided; none when something was taken back.

    Raises:
        NotRecordableError: a line cannot say that.
        StorageError: it cannot be kept.
    """
    if verdict.act == "correct" and not recordable(verdict.lines[0], verdict.change):
        raise NotALineError(verdict.lines[0].file)
    with Ledger.of(data_dir) as ledger:
        book = DecisionBook(ledger)
        if verdict.undoes:
            for number in verdict.undoes:
                book.undo(number, who=who, note=verdict.note)
            return ()
        return (_keep(book, verdict, who).id,)


def _keep(book: DecisionBook, verdict: DecisionMade, who: str) -> Decision:
    lines = [DecidedLine(line.key, line.file, line.number, line.raw) for line in verdict.lines]
    match verdict.act:
        case "correct":
            return book.correct(lines[0], LineChange(*verdict.change), who=who, note=verdict.note)
        case "before":
            return book.before(lines[0], lines[1], who=who, note=verdict.note)
        case "clock":
            trust = Trust(verdict.trust) if verdict.trust else Trust.AFTER
            return book.clock(lines[0], verdict.seconds, trust=trust, who=who, note=verdict.note)
    about = {"swap": book.swap, "hold": book.hold, "drop": book.drop}[verdict.act]
    return about(lines, who=who, note=verdict.note)


def recordable(line: LineView, change: Sequence[str]) -> bool:
    """Whether a line could be recorded after a change; see :class:`LineChange`."""
    return corrected(decode(line.raw).record, LineChange(*change)) is not None
