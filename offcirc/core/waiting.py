"""What was shown at the desk and is not recorded, until it is, or until the staff put it away."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from offcirc.core.transaction import Operation

ALIKE = 0.6
"""So much of a corrected barcode is in the one it was made of (1: all of it): another one may
have been pasted over it."""


class Way(StrEnum):
    """What it needs to be recorded."""

    RECORD = "record"
    """Nothing but a disk that takes it."""

    PATRON = "reader"
    """A reader: it came before the card."""

    CORRECT = "correct"
    """Another text: it cannot be recorded as it is."""


@dataclass(frozen=True, slots=True)
class LeftToRecord:
    """A barcode that was shown and is not recorded.

    Attributes:
        text: the barcode as it came; empty for what nobody has to record.
        why: the reason in a few words, in the active language.
        way: what it needs.
        cut: whether it is only a part of what was scanned, or has something before it.
        turned: whether its letters may have arrived in the other case.
        operation: loan or return, as chosen when it came.
        patron: the reader it is for; empty when there was none.
        at: when it came last, aware; ``None`` until it is on the list.
        stated: the minute at which it was to be stated, naive local time; ``None``: when recorded.
    """

    text: str
    why: str = ""
    way: Way = Way.CORRECT
    cut: bool = False
    turned: bool = False
    operation: Operation = Operation.LOAN
    patron: str = ""
    at: datetime | None = None
    stated: datetime | None = None


NOTHING = LeftToRecord("")
"""A refusal that leaves nothing to be recorded, such as that of a reader's card."""


@dataclass(slots=True)
class Waiting:
    """The list, newest first.

    Attributes:
        in_hand: the one whose text stands in the item field, to be recorded or corrected there.
    """

    entries: list[LeftToRecord] = field(default_factory=list)
    in_hand: LeftToRecord | None = None

    def add(self, left: LeftToRecord) -> None:
        """Put one on the list; what came before is still the same one."""
        self.entries = [each for each in self.entries if each.text != left.text]
        self.entries.insert(0, left)
        self.in_hand = left

    def edited(self, text: str) -> None:
        """The item field was edited: what was typed over is not being corrected."""
        if len(text) < 2:
            self.in_hand = None

    def put_away(self, left: LeftToRecord) -> None:
        """It need not be recorded."""
        self.entries = [each for each in self.entries if each is not left]
        if self.in_hand is left:
            self.in_hand = None

    def settle(self, item: str, *, by_hand: bool) -> bool:
        """An item is recorded: what it answers leaves the list.

        Args:
            item: its barcode.
            by_hand: whether it was typed: then it may be the text in the field, corrected.

        Returns:
            Whether anything left the list.
        """
        before, hand = self.entries, self.in_hand
        self.in_hand = None
        self.entries = [
            each
            for each in before
            if not (
                each.text == item
                or (each.cut and (item.endswith(each.text) or each.text.endswith(item)))
                # The beginnings of a library's barcodes are alike: only what comes next answers it.
                or (each.cut and each is before[0] and item.startswith(each.text))
                or (each.turned and item.swapcase() == each.text)
                or (by_hand and each is hand and _made_of(item, each.text))
            )
        ]
        return len(self.entries) < len(before)


def _made_of(corrected: str, text: str) -> bool:
    from difflib import SequenceMatcher  # noqa: PLC0415 - the window's start does not wait for it

    return SequenceMatcher(None, corrected, text, autojunk=False).ratio() >= ALIKE
