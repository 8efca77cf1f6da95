"""Loans and returns per desk over time, counted for the picture of the day.

The times are those of the desks: naive local time. Hours without any work, at night, are left
out; a day is cut into slices that are as fine as the outage is short.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from offcirc.core.transaction import Operation

FINEST = 15
"""Minutes: what a slice lasts on a single day."""


@dataclass(frozen=True, slots=True)
class DayEvent:
    """One loan or return.

    Attributes:
        desk: where, in words.
        at: when.
        operation: which of the two.
        refused: whether the library system, or the check, has something against it.
        count: how many such lines this stands for.
    """

    desk: str
    at: datetime
    operation: Operation
    refused: bool = False
    count: int = 1


@dataclass(slots=True)
class Slice:
    """What happened at one desk in one slice of time."""

    loans: int = 0
    returns: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        """Loans and returns."""
        return self.loans + self.returns

    def add(self, other: Slice) -> None:
        """Count another one too."""
        self.loans += other.loans
        self.returns += other.returns
        self.refused += other.refused


@dataclass(frozen=True, slots=True)
class Day:
    """Which slices one day has in the picture.

    Attributes:
        first: minute of the day at which its first slice begins.
        slices: how many there are.
        start: how many slices the days before have.
    """

    day: date
    first: int
    slices: int
    start: int


@dataclass(frozen=True, slots=True)
class DayData:
    """The counts.

    Attributes:
        minutes: what a slice lasts.
        days: the days with work, in their order.
        desks: the desks, those with most work first.
        cells: for each desk its slices that are not empty, by their number.
    """

    minutes: int = FINEST
    days: tuple[Day, ...] = ()
    desks: tuple[str, ...] = ()
    cells: dict[str, dict[int, Slice]] = field(default_factory=dict)

    @property
    def slices(self) -> int:
        """How many slices there are, all days together."""
        return sum(day.slices for day in self.days)

    def at(self, desk: str, number: int) -> Slice:
        """What happened at a desk in a slice."""
        return self.cells.get(desk, {}).get(number, _NOTHING)

    def day_of(self, number: int) -> Day:
        """The day of a slice."""
        return next(day for day in self.days if number < day.start + day.slices)

    def begin(self, number: int) -> datetime:
        """When a slice begins."""
        day = self.day_of(number)
        minute = day.first + (number - day.start) * self.minutes
        midnight = datetime.combine(day.day, datetime.min.time())
        return midnight + timedelta(minutes=minute)

    def total(self, desk: str = "") -> Slice:
        """All of one desk, or of every desk."""
        found = Slice()
        for name in [desk] if desk else self.desks:
            for cell in self.cells.get(name, {}).values():
                found.add(cell)
        return found

    def busiest(self) -> int | None:
        """The slice in which most happened, all desks together; ``None`` when nothing did."""
        sums: dict[int, int] = {}
        for cells in self.cells.values():
            for number, cell in cells.items():
                sums[number] = sums.get(number, 0) + cell.total
        return max(sums, key=lambda number: (sums[number], -number), default=None)

    @property
    def highest(self) -> int:
        """Most loans or most returns of any slice at any desk; at least 1."""
        tops = (
            max(cell.loans, cell.returns)
            for cells in self.cells.values()
            for cell in cells.values()
        )
        return max(tops, default=1) or 1


_NOTHING = Slice()


def count(happenings: Iterable[DayEvent]) -> DayData:
    """Count loans and returns by desk and slice of time.

    Args:
        happenings: in any order; may be many, they are gone through once.
    """
    minutes: dict[tuple[str, date], dict[int, Slice]] = {}
    for one in happenings:
        quarter = (one.at.hour * 60 + one.at.minute) // FINEST
        cells = minutes.setdefault((one.desk, one.at.date()), {})
        cell = cells.get(quarter)
        if cell is None:
            cell = cells[quarter] = Slice()
        if one.operation.lends:
            cell.loans += one.count
        else:
            cell.returns += one.count
        cell.refused += one.count if one.refused else 0
    return _arranged(minutes)


def _arranged(quarters: dict[tuple[str, date], dict[int, Slice]]) -> DayData:
    dates = sorted({day for _desk, day in quarters})
    if not dates:
        return DayData()
    width = _width(len(dates))
    step = width // FINEST
    days: list[Day] = []
    for day in dates:
        used = [
            number for (_desk, other), cells in quarters.items() if other == day for number in cells
        ]
        first, last = min(used) // step, max(used) // step
        start = days[-1].start + days[-1].slices if days else 0
        days.append(Day(day, first * width, last - first + 1, start))
    by_date = {day.day: day for day in days}
    cells: dict[str, dict[int, Slice]] = {}
    for (desk, when), found in quarters.items():
        placed = by_date[when]
        row = cells.setdefault(desk, {})
        for number, cell in found.items():
            place = placed.start + number // step - placed.first // width
            row.setdefault(place, Slice()).add(cell)
    totals = {desk: sum(cell.total for cell in row.values()) for desk, row in cells.items()}
    desks = tuple(sorted(cells, key=lambda desk: (-totals[desk], desk)))
    return DayData(width, tuple(days), desks, cells)


def _width(days: int) -> int:
    """Minutes of a slice: a quarter of an hour on one day, coarser the more days there are."""
    for limit, width in ((2, 15), (4, 30), (10, 60), (30, 180)):
        if days <= limit:
            return width
    return 1440
