"""What is known of a reader or an item, and how old that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

AGED = timedelta(hours=36)
"""Older than this, each sentence tells the age."""
SILENT = timedelta(days=7)
"""Older than this, nothing is said of blocks: most have ended. Excluded items stay excluded."""


class KnowledgeLevel(IntEnum):
    """How much a library lets its desks know."""

    SAYABLE = 1
    """Only readers of whom there is something to say."""
    PATRONS = 2
    TITLES = 3
    NAMES = 4


class PatronFlag(StrEnum):
    """Why a reader may not borrow; the order is that of the bits in the file."""

    OVERDUE = "overdue"
    SUSPENDED = "suspended"
    QUITUS = "quitus"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    """For another reason."""


class ItemFlag(StrEnum):
    """What is to be known of an item; the order is that of the bits in the file."""

    EXCLUDED = "excluded"
    REQUESTED = "requested"
    NOTE = "note"


class Age(StrEnum):
    """How far knowledge may be used."""

    FRESH = "fresh"
    AGED = "aged"
    SILENT = "silent"


def age(as_of: datetime, at: datetime) -> Age:
    """How old knowledge is at a moment; both aware."""
    since = at - as_of
    if since > SILENT:
        return Age.SILENT
    return Age.AGED if since > AGED else Age.FRESH


@dataclass(frozen=True, slots=True)
class KnownPatron:
    """A reader who is in the list.

    Attributes:
        flags: why the reader may not borrow, as the library system said it.
        suspended_until: last day of a suspension, if it is known.
        expires_on: last day of the account, if it is known.
        group: the patron group; empty if it is not known.
        as_of: when the library system said so, aware.
        name: at level 4 alone.
    """

    flags: frozenset[PatronFlag]
    suspended_until: date | None
    expires_on: date | None
    group: str
    as_of: datetime
    name: str = ""

    def on(self, day: date) -> KnownPatron:
        """The same as it holds on a day: what has a date begins and ends with it.

        A suspension ends in the night after its last day, an account likewise.
        """
        flags = set(self.flags)
        if self.suspended_until is not None:
            _keep(flags, PatronFlag.SUSPENDED, holds=day <= self.suspended_until)
        if self.expires_on is not None:
            _keep(flags, PatronFlag.EXPIRED, holds=day > self.expires_on)
        return replace(self, flags=frozenset(flags))


def _keep(flags: set[PatronFlag], flag: PatronFlag, *, holds: bool) -> None:
    if holds:
        flags.add(flag)
    else:
        flags.discard(flag)


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that is in the list.

    Attributes:
        flags: what is to be known of it.
        library: code of the library that owns it.
        location: its location, by which its loans last.
        exception: its exception, or empty.
        note: what to look at, such as “3 CDs inside”.
        title: at levels 3 and 4 alone.
        as_of: when the library system said so, aware.
    """

    flags: frozenset[ItemFlag]
    library: str
    location: str
    exception: str
    note: str
    title: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class KnowledgeFacts:
    """What a file says of itself.

    Attributes:
        made: when it was made, aware.
        level: how much is in it.
        key_id: of the key it was made with.
        digest: of its bytes; the name of this very file.
        patrons: readers' identifiers in it.
        patrons_as_of: when the library system said this of readers; ``None``: none are in it.
        items_as_of: the same of items.
    """

    library: str
    made: datetime
    level: KnowledgeLevel
    key_id: str
    digest: str
    patrons: int
    items: int
    patrons_as_of: datetime | None
    items_as_of: datetime | None

    @property
    def all_patrons(self) -> bool:
        """Whether a card that is not in it is one that the library does not know."""
        return self.level >= KnowledgeLevel.PATRONS and self.patrons > 0

    @property
    def oldest(self) -> datetime:
        """The older of the two moments."""
        found = [each for each in (self.patrons_as_of, self.items_as_of) if each is not None]
        return min(found, default=self.made)


def bits(flags: Iterable[StrEnum], kind: type[StrEnum]) -> int:
    """Flags as the number that stands for them in the file."""
    chosen = set(flags)
    return sum(1 << place for place, flag in enumerate(kind) if flag in chosen)
