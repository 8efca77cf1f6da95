"""What a library lets its readers borrow, as frozen dataclasses: hours, loan lengths, limits.

Loans recorded offline pass every limit: the book has left the building. It is said all the same.

Where the figures come from is said where they are read; those of the practice library are in its
policy.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

ANY = "*"


SHORT_LOAN_DAYS = 7
"""Loans of a week or less have the shorter grace (the networks' own figure)."""


class Renewal(StrEnum):
    """From where a renewal counts; the printed rules of two networks."""

    REMAINING_DAYS = "remaining-days"
    """Day of the renewal, and the days by which the longest duration exceeds the loan."""
    LOAN_DAYS = "loan-days"
    """Day of the renewal, and the days of a loan."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a library opens and closes on one weekday, local time."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which a library stays closed, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class FixedReturn:
    """A fixed return date: what is lent from ``first`` to ``last`` is due on ``due``."""

    first: date
    last: date
    due: date


@dataclass(frozen=True, slots=True)
class Library:
    """A library that owns items.

    Attributes:
        code: its code in items.csv.
        name: its name for people.
        circ_desk: the code of its circulation desk.
        week: opening hours from Monday to Sunday, ``None`` where it is closed all day.
        closures: holidays and works.
        grace_days: days late that cost nothing.
        short_loan_grace_days: the same for loans of a week or less.
        fixed_returns: fixed return dates, as before a summer; loans of hours are not meant.
    """

    code: str
    name: str
    circ_desk: str
    week: tuple[Hours | None, ...]
    closures: tuple[Closure, ...]
    grace_days: int
    short_loan_grace_days: int
    fixed_returns: tuple[FixedReturn, ...] = ()

    def fixed_return(self, lent: date) -> date | None:
        """The fixed return date of what is lent on a day, if one is in force."""
        dates = (each.due for each in self.fixed_returns if each.first <= lent <= each.last)
        return next(dates, None)


@dataclass(frozen=True, slots=True)
class Terms:
    """How long one reader's group may keep one kind of item.

    Attributes:
        days: length of the loan in calendar days; ``None`` where it is counted in hours.
        hours: length in hours, or ``None``.
        max_days: the longest it may last, renewals included.
        renewable: whether a second loan to the same reader moves the due date.
        excluded: the item may not be lent; offline it is recorded all the same.
    """

    days: int | None
    hours: int | None
    max_days: int
    renewable: bool = True
    excluded: bool = False

    @property
    def short(self) -> bool:
        """Whether the loan is one of a week or less, which has the shorter grace."""
        return self.days is None or self.days <= SHORT_LOAN_DAYS


@dataclass(frozen=True, slots=True)
class ItemException:
    """What an item's exception puts in place of the rule of its location."""

    code: str
    days: int | None
    hours: int | None
    renewable: bool
    excluded: bool
    max_days: int | None

    def over(self, rule: Terms) -> Terms:
        """The terms of an item that carries this exception, where ``rule`` would have held."""
        if self.excluded:
            return Terms(0, None, 0, renewable=False, excluded=True)
        longest = self.max_days or max(self.days or 0, rule.max_days)
        return Terms(self.days, self.hours, longest, renewable=self.renewable)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many items of a kind a reader of a group may hold; each of the four may be ``*``."""

    most: int
    group: str = ANY
    library: str = ANY
    material: str = ANY
    exception: str = ANY


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole of ``policy.toml``.

    Attributes:
        name: what the library network is called.
        timezone: the zone of every time without one.
        libraries: by code.
        rules: terms by location and patron group; either may be ``*``.
        exceptions: by code.
        renewal: from where renewals count.
        limits: how many items readers may hold; offline loans pass them.
    """

    name: str
    timezone: ZoneInfo
    libraries: Mapping[str, Library]
    rules: Mapping[tuple[str, str], Terms]
    exceptions: Mapping[str, ItemException]
    renewal: Renewal = Renewal.REMAINING_DAYS
    limits: tuple[Limit, ...] = ()

    def terms(self, location: str, group: str, exception: str = "") -> Terms | None:
        """The terms that hold, or ``None`` if no rule covers location and group.

        A rule that names the location goes before one that names the group only.
        """
        rules = self.rules
        rule = (
            rules.get((location, group))
            or rules.get((location, ANY))
            or rules.get((ANY, group))
            or rules.get((ANY, ANY))
        )
        if rule is None or not exception:
            return rule
        return self.exceptions[exception].over(rule)

    def desk_library(self, desk: str) -> Library | None:
        """The library whose circulation desk has this code."""
        for library in self.libraries.values():
            if library.circ_desk == desk:
                return library
        return None


ONE_DAY = timedelta(days=1)


def hours(library: Library, day: date) -> Hours | None:
    """The opening hours of a day, or ``None`` if the library is closed all day."""
    for closure in library.closures:
        if closure.first <= day <= closure.last:
            return None
    return library.week[day.weekday()]


def closing(library: Library, day: date, zone: tzinfo) -> datetime:
    """The closing time of an open day, aware.

    Raises:
        ValueError: the library is closed that day.
    """
    open_hours = hours(library, day)
    if open_hours is None:
        raise ValueError("a closed day has no closing time")
    return datetime.combine(day, open_hours.closes, tzinfo=zone)


def is_open(library: Library, moment: datetime) -> bool:
    """Whether the library is open at a moment given in its own time zone."""
    open_hours = hours(library, moment.date())
    return open_hours is not None and open_hours.opens <= moment.time() <= open_hours.closes


def next_open_day(library: Library, day: date) -> date:
    """The first open day that is not before ``day``.

    Ends, because a policy is only accepted with an open weekday and bounded closures.
    """
    while hours(library, day) is None:
        day += ONE_DAY
    return day


def last_open_day(library: Library, day: date, not_before: date) -> date | None:
    """The last open day that is neither after ``day`` nor before ``not_before``, if any."""
    while day >= not_before:
        if hours(library, day) is not None:
            return day
        day -= ONE_DAY
    return None


@dataclass(frozen=True, slots=True)
class HeldItem:
    """What of an item counts."""

    library: str
    material: str
    exception: str = ""

    def counts_for(self, limit: Limit) -> bool:
        """Whether a limit is about it."""
        return (
            limit.library in (ANY, self.library)
            and limit.material in (ANY, self.material)
            and limit.exception in (ANY, self.exception)
        )


def passed(
    limits: Iterable[Limit], group: str, held: Iterable[HeldItem], new: HeldItem
) -> tuple[Limit, ...]:
    """The limits that a reader passes by taking one more item.

    Args:
        limits: the library's.
        group: the reader's.
        held: what the reader has.
        new: what is lent now.
    """
    items = [*held, new]
    return tuple(
        limit
        for limit in limits
        if limit.group in (ANY, group)
        and new.counts_for(limit)
        and sum(item.counts_for(limit) for item in items) > limit.most
    )
