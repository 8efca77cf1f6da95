"""The practice server's clock, and how times are written."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, tzinfo


class Clock:
    """The real time, or one that was set and goes on from there.

    Args:
        start: what the clock shows now, aware; ``None`` for the real time. It then goes on at the
            usual pace, so that a job has a duration; a restart sets it back to ``start``.
    """

    def __init__(self, start: datetime | None = None) -> None:
        if start is not None and start.utcoffset() is None:
            raise ValueError("the clock needs a time with its zone")
        self._start = start
        self._since = time.monotonic()

    def now(self) -> datetime:
        """The time, aware, UTC, to the millisecond."""
        if self._start is None:
            return to_millisecond(datetime.now(UTC))
        elapsed = timedelta(seconds=time.monotonic() - self._since)
        return to_millisecond(self._start.astimezone(UTC) + elapsed)


def to_millisecond(moment: datetime) -> datetime:
    """The moment with what is below a millisecond cut off."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def wall_clock(moment: datetime, zone: tzinfo) -> tuple[datetime | None, str]:
    """A moment as the library's wall clock shows it, and its minute as text.

    A moment without offset is local to ``zone``. A time that the clock change skips is moved on by
    going through UTC; of one that happens twice it is the first. ``None``: no library can have
    been open then (years before 1900 or after 2999).
    """
    if not 1900 <= moment.year <= 2999:
        return None, moment.replace(tzinfo=None).isoformat(timespec="minutes")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    local = moment.astimezone(UTC).astimezone(zone)
    return local, local.replace(tzinfo=None).isoformat(timespec="minutes")


def stored(moment: datetime) -> str:
    """A moment as the database keeps it: UTC, fixed width, so that texts sort as times do."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def read(text: str, zone: tzinfo) -> datetime:
    """A moment out of the database, in the library's zone."""
    return datetime.fromisoformat(text).astimezone(zone)


def said(text: str | None, zone: tzinfo) -> str | None:
    """A moment out of the database as the service says it: local, with offset, to the second."""
    return None if text is None else read(text, zone).isoformat(timespec="seconds")
