"""When a library is open, written in a line: ``Mon-Fri 08:30-19:00, Sat 09:00-12:30 14:00-17:00``.

Days may be written in English or French, by their first two or three letters; a day that is not
named is closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_DAYS = {
    name: number
    for number, names in enumerate(
        (
            ("mon", "monday", "lun", "lundi", "mo", "lu"),
            ("tue", "tuesday", "mar", "mardi", "tu", "ma"),
            ("wed", "wednesday", "mer", "mercredi", "we", "me"),
            ("thu", "thursday", "jeu", "jeudi", "th", "je"),
            ("fri", "friday", "ven", "vendredi", "fr", "ve"),
            ("sat", "saturday", "sam", "samedi", "sa"),
            ("sun", "sunday", "dim", "dimanche", "su", "di"),
        )
    )
    for name in names
}
_TIME = re.compile(r"(\d{1,2})[:h](\d{2})?-(\d{1,2})[:h](\d{2})?")


class HoursError(ValueError):
    """A text that tells no opening hours.

    Attributes:
        piece: the part that cannot be read.
    """

    def __init__(self, piece: str) -> None:
        super().__init__(piece)
        self.piece = piece


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The hours of a week.

    Attributes:
        spans: of each day, Monday first, the minutes from midnight between which it is open.
    """

    spans: tuple[tuple[tuple[int, int], ...], ...]

    def is_open(self, at: datetime, *, grace: int = 30) -> bool:
        """Whether the library is open at a naive local time.

        Args:
            at: when.
            grace: minutes before opening and after closing that still count as open: desks are
                staffed a little longer.
        """
        minute = at.hour * 60 + at.minute
        return any(
            start - grace <= minute <= end + grace for start, end in self.spans[at.weekday()]
        )

    def closings_before(self, now: datetime, most: int) -> list[datetime]:
        """The last closing times before a naive local time, newest first.

        Args:
            now: when.
            most: how many at most; an hour at midday is no closing time.
        """
        found = []
        for back in range(-(-7 * most // sum(map(bool, self.spans))) + 8):
            day = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
            spans = self.spans[day.weekday()]
            closed = day + timedelta(minutes=spans[-1][1]) if spans else now
            if closed < now:
                found.append(closed)
        return found[:most]


def parse_hours(text: str) -> OpeningHours:
    """Read opening hours.

    Raises:
        HoursError: a part of it cannot be read.
    """
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        days, *times = part.split()
        spans = [_span(time) for time in times]
        if not spans:
            raise HoursError(part)
        for day in _days(days):
            week[day] += spans
    if not any(week):
        raise HoursError(text.strip())
    return OpeningHours(tuple(tuple(sorted(day)) for day in week))


def _days(text: str) -> list[int]:
    first, dash, last = text.lower().rstrip(".:").partition("-")
    if first not in _DAYS or (dash and last not in _DAYS):
        raise HoursError(text)
    start = _DAYS[first]
    end = _DAYS[last] if dash else start
    return [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]


def _span(text: str) -> tuple[int, int]:
    found = _TIME.fullmatch(text.lower().replace("–", "-"))
    if found is None:
        raise HoursError(text)
    start = int(found[1]) * 60 + int(found[2] or 0)
    end = int(found[3]) * 60 + int(found[4] or 0)
    if not start < end <= 24 * 60 or int(found[2] or 0) > 59 or int(found[4] or 0) > 59:
        raise HoursError(text)
    return start, end
