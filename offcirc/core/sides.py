"""What the day proves: which barcodes are readers and which items, by what was recorded so far.

For the libraries that have no barcode rules, and the slips no rule sees. Whatever is found here is
only said: the scan is recorded all the same. Where readers and items are numbered alike, a number
proves nothing, and nothing is said.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from offcirc.core.transaction import Transaction

ENOUGH = 8
"""So many barcodes on a side must be known before a form is strange there."""

HEAD = 2
"""First characters that make a form, together with the length."""


class Strange(StrEnum):
    """What is strange about a barcode where it came."""

    PATRON = "borrower"
    """The item is the very text of the borrower field."""

    WAS_PATRON = "was-reader"
    """A reader of today came as an item."""

    LIKE_PATRON = "like-reader"
    """Its form is that of readers' cards, and of no item today."""

    WAS_ITEM = "was-item"
    """An item of today came as a reader."""

    LIKE_ITEM = "like-item"
    """Its form is that of items, and of no reader today."""

    NEW_FORM = "new-form"
    """Neither its length nor its first characters were seen on this side today."""

    AFTER_CARD = "after-card"
    """What seems to be the next reader's card was lent to this reader just before."""


@dataclass(frozen=True, slots=True)
class SideDoubt:
    """Something strange about a barcode.

    Attributes:
        text: the barcode it is about.
        since: when it was on the other side last, local; only when it was.
        patron: the reader it is lent to; only with :attr:`Strange.AFTER_CARD`.
    """

    strange: Strange
    text: str
    since: datetime | None = None
    patron: str = ""

    @property
    def is_card(self) -> bool:
        """Whether a reader's card was probably recorded as an item."""
        return self.strange is Strange.PATRON or self.begins_another

    @property
    def begins_another(self) -> bool:
        """Whether it is probably the card of the next reader, and *Clear* was forgotten."""
        return self.strange in (Strange.WAS_PATRON, Strange.LIKE_PATRON)


@dataclass(slots=True)
class _Side:
    """The items of the day, or its readers."""

    last: dict[str, datetime] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    forms: Counter[tuple[int, str]] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    heads: Counter[str] = field(default_factory=Counter)

    def count(self, text: str, at: datetime) -> None:
        self.last[text] = at
        self.times[text] += 1
        if self.times[text] == 1:
            self._form(text, 1)

    def uncount(self, text: str) -> None:
        if not self.times[text]:
            return
        self.times[text] -= 1
        if not self.times[text]:
            del self.times[text], self.last[text]
            self._form(text, -1)

    def _form(self, text: str, by: int) -> None:
        self.forms[_form(text)] += by
        self.lengths[len(text)] += by
        self.heads[text[:HEAD]] += by

    def is_strange(self, text: str) -> bool:
        """Whether nothing like it was seen here, and enough was to tell."""
        if len(self.times) < ENOUGH or self.lengths[len(text)]:
            return False
        one_length = sum(number > 0 for number in self.lengths.values()) == 1
        return one_length or not self.heads[text[:HEAD]]


@dataclass(slots=True)
class Sides:
    """Who was a reader and what was an item today."""

    _items: _Side = field(default_factory=_Side)
    _patrons: _Side = field(default_factory=_Side)
    _odd: set[str] = field(default_factory=set)
    """Transactions that do not count: they are probably slips themselves."""

    def item(self, text: str, patron: str, *, ruled: bool = False) -> SideDoubt | None:
        """What is strange about an item.

        Args:
            text: its barcode.
            patron: the reader it is lent to; empty for a return.
            ruled: whether a rule of the library says that it is an item: then forms say nothing.
        """
        if text == patron:
            return SideDoubt(Strange.PATRON, text)
        items, patrons, form = self._items, self._patrons, _form(text)
        if not items.forms[form]:
            if text in patrons.times:
                return SideDoubt(Strange.WAS_PATRON, text, patrons.last[text])
            is_card = patrons.forms[form] or (patron and _form(patron) == form)
            if is_card and items.times and not ruled:
                return SideDoubt(Strange.LIKE_PATRON, text)
        return SideDoubt(Strange.NEW_FORM, text) if not ruled and items.is_strange(text) else None

    def patron(self, text: str, *, waiting: str = "", ruled: bool = False) -> SideDoubt | None:
        """What is strange about a reader.

        Args:
            text: the card's number.
            waiting: an item that came before it and waits for its reader.
            ruled: whether a rule of the library says that it is a card: then forms say nothing.
        """
        items, patrons, form = self._items, self._patrons, _form(text)
        if not patrons.forms[form]:
            if text in items.times:
                return SideDoubt(Strange.WAS_ITEM, text, items.last[text])
            is_item = items.forms[form] or (waiting and _form(waiting) == form)
            if is_item and not ruled:
                return SideDoubt(Strange.LIKE_ITEM, text)
        return SideDoubt(Strange.NEW_FORM, text) if not ruled and patrons.is_strange(text) else None

    def may_follow(self, text: str, patron: str) -> bool:
        """Whether a text can be the next reader's card, when a reader stands there already.

        Then an item is as likely: it must have been a reader today, or have a reader's form and
        have been no item.
        """
        patrons, form = self._patrons, _form(text)
        if text in patrons.times:
            return True
        like = bool(patrons.forms[form]) or _form(patron) == form
        return like and text not in self._items.times

    def count(self, transaction: Transaction, doubt: SideDoubt | None = None) -> None:
        """A transaction is recorded."""
        if doubt is not None and doubt.is_card:
            self._odd.add(transaction.id)
            return
        self._items.count(transaction.item, transaction.local)
        if transaction.operation.lends:
            self._patrons.count(transaction.patron, transaction.local)

    def recall(self, transaction: Transaction) -> None:
        """A transaction of earlier today, as the journal has it."""
        self.count(transaction, self.item(transaction.item, transaction.patron))

    def uncount(self, transaction: Transaction) -> None:
        """A transaction was deleted."""
        if transaction.id in self._odd:
            self._odd.discard(transaction.id)
            return
        self._items.uncount(transaction.item)
        if transaction.operation.lends:
            self._patrons.uncount(transaction.patron)


def _form(text: str) -> tuple[int, str]:
    return len(text), text[:HEAD]
