"""Readers and items as any library system's export tells them, put together from several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from offcirc.knowledge.known import PatronFlag


@dataclass(slots=True)
class PatronRecord:
    """What exports say of one reader.

    Attributes:
        cards: every identifier by which a desk may meet the reader.
        flags: why the reader may not borrow.
        suspended_until: last day of a suspension.
        expires_on: last day of the account.
        group: the patron group.
        name: the reader's name.
    """

    cards: set[str]
    flags: set[PatronFlag] = field(default_factory=set)
    suspended_until: date | None = None
    expires_on: date | None = None
    group: str = ""
    name: str = ""

    def take(self, other: PatronRecord) -> None:
        """Add what another export says: the longest suspension counts, they do not add up."""
        self.cards |= other.cards
        self.flags |= other.flags
        if other.suspended_until is not None:
            before = self.suspended_until or other.suspended_until
            self.suspended_until = max(before, other.suspended_until)
        self.expires_on = other.expires_on or self.expires_on
        self.group = other.group or self.group
        self.name = other.name or self.name

    def is_sayable(self, by: date) -> bool:
        """Whether there is something to say of the reader until a day."""
        expires = self.expires_on is not None and self.expires_on < by
        return bool(self.flags) or self.suspended_until is not None or expires


class PatronList:
    """The readers of all exports, those with a card in common put together."""

    def __init__(self) -> None:
        self._by_card: dict[str, PatronRecord] = {}

    def add(self, record: PatronRecord) -> None:
        """Add what an export says of a reader."""
        known = [self._by_card[card] for card in record.cards if card in self._by_card]
        whole = known[0] if known else record
        for other in (*known[1:], *((record,) if known else ())):
            if other is not whole:
                whole.take(other)
        for card in whole.cards:
            self._by_card[card] = whole

    def __iter__(self) -> Iterator[tuple[str, PatronRecord]]:
        return iter(self._by_card.items())

    def __len__(self) -> int:
        return len({id(record) for record in self._by_card.values()})


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """What an export says of an item.

    Attributes:
        library: code of the library that owns it.
        location: its location, or whatever else decides how long it is lent.
        exception: its exception, or empty.
        excluded: whether it may not be lent, whatever the exception says.
        requested: whether a reader waits for it.
        note: what to look at.
    """

    barcode: str
    library: str = ""
    location: str = ""
    exception: str = ""
    excluded: bool = False
    requested: bool = False
    note: str = ""
    title: str = ""
