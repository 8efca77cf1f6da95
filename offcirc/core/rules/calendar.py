"""A library's calendar: weekly hours less closures, in its own time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from offcirc.core.rules.policy import Hours, Library

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
