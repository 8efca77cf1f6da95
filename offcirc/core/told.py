"""What a desk was told of a loan or return while the library system was away: codes and a date.

It is kept with the row, so that whoever looks at it later knows that the staff were warned, and
which day the reader was told. As text it is the codes, with blanks between, and ``due=2026-12-19``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ToldCode(StrEnum):
    """What was said; in the order in which it weighs."""

    EXCLUDED = "excluded"
    """The item may not leave."""
    QUITUS = "quitus"
    SUSPENDED = "suspended"
    OVERDUE = "overdue"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    REQUESTED = "requested"
    ELSEWHERE = "elsewhere"
    """The item belongs to another library."""
    NOTE = "note"
    NOT_LISTED = "not-listed"
    """The card is not in the list of all readers."""


PATRON = (ToldCode.QUITUS, ToldCode.SUSPENDED, ToldCode.OVERDUE, ToldCode.EXPIRED, ToldCode.BLOCKED)
"""What keeps a reader from borrowing."""

_DUE = "due="


@dataclass(frozen=True, slots=True)
class DeskTold:
    """What a desk was told of one row.

    Attributes:
        what: the codes.
        due: the day that the reader was told; ``None`` if none.
    """

    what: tuple[ToldCode, ...] = ()
    due: date | None = None

    def __bool__(self) -> bool:
        return bool(self.what or self.due)

    def __str__(self) -> str:
        due = () if self.due is None else (f"{_DUE}{self.due.isoformat()}",)
        return " ".join((*(each.value for each in self.what), *due))


def parse_told(text: str) -> DeskTold:
    """The same from its text; what a later version has put there is left out."""
    what, due = [], None
    for word in text.split():
        if word.startswith(_DUE):
            try:
                due = date.fromisoformat(word.removeprefix(_DUE))
            except ValueError:
                continue
        elif word in _CODES:
            what.append(ToldCode(word))
    return DeskTold(tuple(what), due)


_CODES = frozenset(each.value for each in ToldCode)
