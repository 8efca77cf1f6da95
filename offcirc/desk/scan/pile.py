"""The pile check: as many items recorded as are in the hand?

F9 asks; the next short number that is typed or scanned answers. Anything else that arrives is what
it always is: no scan is lost to the question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from offcirc.core.session import clean
from offcirc.desk.words import pilewords

if TYPE_CHECKING:
    from offcirc.desk.desk import DeskHost

MOST = 199
"""Nobody holds more: a longer number is a barcode."""


class PileCheck:
    """Asks how many items are in the hand, and compares.

    Attributes:
        asks: whether the next short number is the answer.
        at_the_end: whether it is asked before each reader is cleared.
    """

    def __init__(self, desk: DeskHost) -> None:
        self._desk = desk
        self._clears = False
        self.asks = False
        self.at_the_end = False

    def check(self) -> None:
        """F9: compare with the number in the item field, or ask for one; again: no more."""
        desk = self._desk
        if self.asks:
            self.leave()
            desk.say(pilewords.left())
        elif not self.answered(desk.ui.item.text(), asked=True):
            self._ask(clears=False)

    def before_clear(self) -> bool:
        """Whether a reader is asked about first; the next *Clear* goes on."""
        if not self.at_the_end or self.asks or not self._desk.session.count:
            self.leave()
            return False
        self._ask(clears=True)
        return True

    def leave(self) -> None:
        """Something else has come: nothing is asked any more."""
        self.asks = self._clears = False

    def answered(self, text: str, *, asked: bool = False) -> bool:
        """Compare, if what was typed or scanned is the answer.

        Args:
            text: what came.
            asked: whether it is taken for one although nothing was asked.
        """
        number = clean(text)
        if not (asked or self.asks) or not _is_count(number):
            self.leave()
            return False
        desk, clears = self._desk, self._clears
        self.leave()
        desk.ui.item.clear()
        have, hold = desk.session.count, int(number)
        if have == hold and clears:
            desk.clear(counted=True)
        desk.say(pilewords.compared(hold, have, repeats=desk.session.repeats))
        desk.focus(desk.target())
        return True

    def _ask(self, *, clears: bool) -> None:
        self.asks, self._clears = True, clears
        self._desk.say(pilewords.how_many(self._desk.session.count, clears=clears))
        self._desk.focus(self._desk.ui.item)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= MOST
