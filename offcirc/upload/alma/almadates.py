"""Moments and lengths of time as Alma's reports write them, in French or English.

A report says ``17/01/2018 17:32:47 CET``; its Excel and mail forms, and the language of the person
who uploaded, make many others of it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone, tzinfo

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv janvier january",
            "feb fev fevr fevrier february",
            "mar mars march",
            "apr avr avril april",
            "may mai",
            "jun juin june",
            "jul juil juillet july",
            "aug aou aout august",
            "sep sept septembre september",
            "oct octobre october",
            "nov novembre november",
            "dec decembre december",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES = {
    "z": 0,
    "utc": 0,
    "gmt": 0,
    "wet": 0,
    "bst": 60,
    "west": 60,
    "cet": 60,
    "mez": 60,
    "hnec": 60,
    "cest": 120,
    "mesz": 120,
    "heec": 120,
    "eet": 120,
    "eest": 180,
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
}
"""Minutes ahead of UTC; of a zone that is not here, this PC's own is meant."""

_ISO = re.compile(r"\b(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<year>\d{4}|\d{2})\b")
_DAY_MONTH = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:er|st|nd|rd|th)?[ .-]+(?P<name>[a-z]{3,9})\.?[,. -]+"
    r"(?P<year>\d{4})\b"
)
_MONTH_DAY = re.compile(
    r"\b(?P<name>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?:[^\n]{0,20}? )?"
    r"(?P<year>\d{4})\b"
)
_TIME = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})\s?[:h]\s?(?P<minute>\d{2})(?:\s?[:m]\s?(?P<second>\d{2}))?"
    r"(?:[.,]\d+)?s?\s?(?P<half>[ap]\.?m\b\.?)?"
)
_OFFSET = re.compile(r"(?:utc|gmt)?\s?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?(?!\d)")
_WORD = re.compile(r"[a-z]+")

_CLOCK = re.compile(r"(?<!\d)(\d{1,4}):(\d{2}):(\d{2})(?:[.,]\d+)?(?!\d)")
_SPANS = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*"
    r"(millisecond\w*|ms|days?|jours?|[jd]|hours?|heures?|hrs?|h|minutes?|min|m|seconde?s?|sec|s)\b"
)
_SECONDS = {"d": 86400.0, "j": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_LONGEST = 10 * 365 * 86400.0


def moment(text: str) -> datetime | None:
    """The moment that a text begins with or holds; aware, or ``None`` if there is none.

    Days come before months, unless the numbers or a 12-hour clock tell that it is American. A time
    without a zone is this PC's local time.
    """
    plain = _plain(text)
    clock = _TIME.search(plain)
    half = (clock["half"] or "").replace(".", "") if clock else ""
    day = _day(plain, month_first=bool(half))
    if day is None:
        return None
    year, month, number = day
    hour, minute, second = (
        (int(clock[part] or 0) for part in ("hour", "minute", "second")) if (clock) else (0, 0, 0)
    )
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        found = datetime(  # noqa: DTZ001 - the zone follows
            year, month, number, hour, minute, second
        )
        zone = _zone(plain[clock.end() :]) if clock else None
        return found.astimezone() if zone is None else found.replace(tzinfo=zone)
    except (ValueError, OverflowError, OSError):
        return None


def seconds(text: str) -> float | None:
    """A length of time in seconds: ``27 Seconds``, ``1 minute 3 secondes``, ``00:00:27``."""
    plain = _plain(text)
    clock = _CLOCK.search(plain)
    if clock is not None:
        hours, minutes, rest = map(int, clock.groups())
        return _sane(hours * 3600.0 + minutes * 60.0 + rest)
    spans = _SPANS.findall(plain)
    if not spans:
        return None
    return _sane(
        sum(
            float(number.replace(",", "."))
            * (0.001 if unit.startswith(("milli", "ms")) else _SECONDS[unit[0]])
            for number, unit in spans
        )
    )


def _sane(length: float) -> float | None:
    return length if 0 <= length <= _LONGEST else None


def _plain(text: str) -> str:
    """Without accents, capitals and doubled blanks; only the beginning, where a value stands."""
    letters = unicodedata.normalize("NFKD", text[:200])
    plain = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return " ".join(plain.lower().split())


def _day(plain: str, *, month_first: bool) -> tuple[int, int, int] | None:
    if found := _ISO.search(plain):
        return int(found["year"]), int(found["month"]), int(found["day"])
    if found := _NUMBERS.search(plain):
        one, two, year = int(found["one"]), int(found["two"]), int(found["year"])
        year += 2000 if year < 100 else 0
        if two > 12 or (month_first and one <= 12):
            return year, one, two
        return year, two, one
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        for found in pattern.finditer(plain):
            month = _MONTHS.get(found["name"])
            if month is not None:
                return int(found["year"]), month, int(found["day"])
    return None


def _zone(rest: str) -> tzinfo | None:
    """The zone that follows a time; ``None`` for this PC's."""
    offset = _OFFSET.match(rest.lstrip())
    if offset is not None:
        ahead = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return timezone(ahead if offset["sign"] == "+" else -ahead)
    word = _WORD.match(rest.lstrip(" ("))
    minutes = _ZONES.get(word[0]) if word is not None else None
    return None if minutes is None else timezone(timedelta(minutes=minutes))
