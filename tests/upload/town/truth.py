"""What really happens in the town: a model of its own, which knows nothing of the program.

Time is true time. An item is with a reader or on the shelf; a desk's PC has a clock that may be
wrong. The truth is the list of events in the order in which they happened, and who has what at the
end.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

DAYS = (date(2018, 3, 6), date(2018, 3, 7))
OPENS, CLOSES = time(8, 30), time(19, 30)
QUIET = timedelta(seconds=150)
"""After one desk has had an item, no other gets it for so long, unless it is handed over."""


class Kind(StrEnum):
    """How a desk's file reaches the referent."""

    COLLECTED = "collected"
    """A copy with a manifest in the collection folder."""
    FOLDER = "folder"
    """The desk's own data folder, journal included."""
    BARE = "bare"
    """A bare file of the original program, renamed by hand."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk PC.

    Attributes:
        name: as the staff know it.
        library: the library's code.
        circ_desk: the circulation desk's code.
        kind: how its file is collected.
        fast: how far its clock is ahead of true time; negative: behind.
        jumps_at: when somebody sets the clock right, if ever; ``fast`` holds before.
    """

    name: str
    library: str
    circ_desk: str
    kind: Kind
    fast: timedelta = timedelta()
    jumps_at: datetime | None = None

    def clock(self, at: datetime) -> datetime:
        """What its clock says at a true time."""
        if self.jumps_at is not None and at >= self.jumps_at:
            return at
        return at + self.fast


@dataclass(frozen=True, slots=True)
class Happened:
    """A loan (``patron`` is set) or a return, at a true time, at the desk of that index."""

    at: datetime
    desk: int
    item: str
    patron: str = ""


@dataclass
class Town:
    """The whole story.

    Attributes:
        desks: the desk PCs.
        items: every item, with the code of the library that owns it.
        patrons: every reader's card.
        before: who had what before the outage, and since when.
        events: what happened, in order.
        holder: who has an item at the end, and since when; items on the shelf are absent.
        hand_overs: pairs of events of one item at two desks within one minute.
        last_return: at which desk an item on the shelf was returned last, if it was.
    """

    desks: tuple[Desk, ...]
    items: dict[str, str]
    patrons: tuple[str, ...]
    before: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    events: list[Happened] = field(default_factory=list)
    holder: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    hand_overs: list[tuple[Happened, Happened]] = field(default_factory=list)
    last_return: dict[str, int] = field(default_factory=dict)


LIBRARIES = {"BUC": "BUC_PRET", "SCI": "SCI_PRET", "ART": "ART_PRET"}


def build(number: int, desks: int, seed: int) -> Town:
    """Let two days pass in which ``number`` loans and returns happen at ``desks`` desks."""
    chance = random.Random(seed)
    items = {_item(index): list(LIBRARIES)[index % 3] for index in range(max(60, number // 2))}
    town = Town(_desks(desks, chance), items, tuple(_card(i) for i in range(max(20, number // 8))))
    since = datetime.combine(date(2018, 2, 20), time(10, 0))
    for item in chance.sample(list(items), len(items) // 3):
        town.before[item] = (chance.choice(town.patrons), since)
    town.holder = dict(town.before)
    _Story(town, chance).tell(number)
    return town


def _desks(count: int, chance: random.Random) -> tuple[Desk, ...]:
    """Clocks right, wrong by minutes all day, or wrong until somebody sets them right."""
    desks = []
    kinds = (Kind.COLLECTED, Kind.FOLDER, Kind.BARE)
    for index in range(count):
        library, circ_desk = list(LIBRARIES.items())[index % 3]
        kind = kinds[(index // 3) % 3]
        fast, jumps_at = timedelta(), None
        if index % 4 == 1 or index == 7:
            fast = timedelta(minutes=chance.choice((-9, -4, 3, 7)))
        if index % 4 == 2 and kind is not Kind.BARE:
            fast = timedelta(minutes=chance.choice((-25, 12)), seconds=17)
            jumps_at = datetime.combine(DAYS[0], time(14, 10, 30))
        desks.append(Desk(f"Desk {index + 1}", library, circ_desk, kind, fast, jumps_at))
    return tuple(desks)


class _Story:
    """Tells one thing after the other, keeping to what can be known afterwards."""

    def __init__(self, town: Town, chance: random.Random) -> None:
        self._town = town
        self._chance = chance
        self._last: dict[str, Happened] = {}
        self._desk_free: dict[int, datetime] = {}
        self._out = list(town.before)
        self._in = [item for item in town.items if item not in town.before]

    def tell(self, number: int) -> None:
        """Let ``number`` things happen, spread over the days."""
        minutes = [
            datetime.combine(day, OPENS) + timedelta(minutes=minute)
            for day in DAYS
            for minute in range(int(_minutes(OPENS, CLOSES)))
        ]
        done = 0
        for place, minute in enumerate(minutes):
            due = number * (place + 1) // len(minutes)
            for moment in sorted(
                minute + timedelta(milliseconds=self._chance.randrange(60_000))
                for _ in range(due - done)
            ):
                self._one(moment)
            done = due

    def _one(self, at: datetime) -> None:
        last = self._town.events[-1].at if self._town.events else at
        at = max(at, last + timedelta(milliseconds=20))
        desk = self._chance.randrange(len(self._town.desks))
        before = self._town.events[-1] if self._town.events else None
        if before is not None and self._may_hand_over(before, desk, at):
            # A colleague takes the book just returned and lends it at the next desk.
            event = self._do(Happened(at, desk, before.item, self._chance.choice(self._cards)))
            self._town.hand_overs.append((before, event))
        elif self._chance.random() < 0.5:
            self._do(Happened(at, desk, self._pick(self._out, desk, at)))
        elif self._chance.random() < 0.02:
            # Lent on to another reader without a return in between.
            item = self._pick(self._out, desk, at)
            others = [card for card in self._cards if card != self._town.holder[item][0]]
            self._do(Happened(at, desk, item, self._chance.choice(others)))
        else:
            item = self._pick(self._in, desk, at)
            self._do(Happened(at, desk, item, self._chance.choice(self._cards)))

    @property
    def _cards(self) -> tuple[str, ...]:
        return self._town.patrons

    def _may_hand_over(self, before: Happened, desk: int, at: datetime) -> bool:
        """Whether nobody can doubt afterwards in which order it happened.

        A return comes before a loan when both fall into one minute of two right clocks.
        """
        there, here = self._town.desks[before.desk], self._town.desks[desk]
        return (
            not before.patron
            and desk != before.desk
            and not there.fast
            and not here.fast
            and at.replace(second=0, microsecond=0) == before.at.replace(second=0, microsecond=0)
            and self._chance.random() < 0.3
        )

    def _pick(self, pool: list[str], desk: int, at: datetime) -> str:
        while True:
            item = self._chance.choice(pool)
            last = self._last.get(item)
            if last is None or last.desk == desk or at - last.at > QUIET:
                return item

    def _do(self, event: Happened) -> Happened:
        self._town.events.append(event)
        self._last[event.item] = event
        was_out = event.item in self._town.holder
        if event.patron:
            self._town.holder[event.item] = (event.patron, event.at)
            self._town.last_return.pop(event.item, None)
        else:
            del self._town.holder[event.item]
            self._town.last_return[event.item] = event.desk
        if bool(event.patron) != was_out:
            source, target = (self._in, self._out) if event.patron else (self._out, self._in)
            source[source.index(event.item)] = source[-1]
            source.pop()
            target.append(event.item)
        return event


def _item(index: int) -> str:
    return f"{('370', 'UBX', 'OTOLO')[index % 3]}{index * 7919 % 10**7:08}"


def _card(index: int) -> str:
    return f"99{index * 104729 % 10**8:010}"


def _minutes(opens: time, closes: time) -> float:
    day = DAYS[0]
    return (datetime.combine(day, closes) - datetime.combine(day, opens)).total_seconds() / 60
