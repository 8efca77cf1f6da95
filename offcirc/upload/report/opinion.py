"""The second opinion on an upload: what the system holds, compared with what the files say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from offcirc.upload.report.report import ReportLine


class DifferenceKind(StrEnum):
    """In what the system and the files differ."""

    OTHER_PATRON = "other-reader"
    """On loan, to somebody else."""
    STILL_ON_LOAN = "still-on-loan"
    """The files say that it came back."""
    NOT_ON_LOAN = "not-on-loan-there"
    """The files say that it was lent."""
    ITEM_GONE = "item-gone"
    """The system does not know the item any more."""
    OTHER_TIME = "other-time"
    """Lent to the right reader at another time."""
    OTHER_DUE = "other-due-date"
    """The due date is not the one that the system gave when the line was recorded."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that is not as the system has it.

    Attributes:
        kind: in what they differ.
        line: the last line about its item, as the report tells lines.
        patron: who has the item in the system; empty when nobody, or when it does not say.
        lent_at: since when, naive local time; ``None`` when not on loan, or not said.
        due_at: the due date in the system, aware or naive as it states it; ``None`` likewise.
    """

    kind: DifferenceKind
    line: ReportLine
    patron: str = ""
    lent_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What was found when every item of an upload was read back from the system.

    Attributes:
        at: when; aware.
        who: who had it made.
        checked: items of which the system says enough to compare them.
        agree: those that are as the files say.
        loans: items that should be on loan.
        returns: items that should be back.
        unanswered: items of which the system does not say enough.
        differ: what is not as the files say.
        times: whether the system tells since when items are on loan, so that this was compared.
    """

    at: datetime
    who: str
    checked: int
    agree: int
    loans: int
    returns: int
    unanswered: int
    differ: tuple[Difference, ...] = ()
    times: bool = True

    @property
    def good(self) -> bool:
        """Whether everything was compared, and everything agrees."""
        return not self.differ and not self.unanswered
