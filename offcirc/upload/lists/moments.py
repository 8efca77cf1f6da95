"""Days and times as people write them in lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janv janvier jan january",
            "févr février fevr fevrier feb february fév fev",
            "mars mar march",
            "avr avril apr april",
            "mai may",
            "juin jun june",
            "juil juillet jul july",
            "août aout aug august",
            "sept septembre sep september",
            "oct octobre october",
            "nov novembre november",
            "déc décembre dec decembre december",
        ),
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)")
_PLAIN = re.compile(r"(?<!\d)(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d\d)(?!\d)")
_NAMED = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})(?:er|st|nd|rd|th)? (?P<m>[^\W\d]+)\.? (?P<y>\d{4}|\d\d)"
)
_CLOCK = re.compile(
    r"(?<![\d/.-])(?P<h>\d{1,2}) ?(?:[:hH] ?(?P<min>\d\d)|[hH](?![a-z]))"
    r"(?::(?P<s>\d\d)(?:[.,]\d+)?)?\s*(?P<half>[aApP]\.?[mM]\.?)?"
)


@dataclass(frozen=True, slots=True)
class WrittenMoment:
    """What a cell says of when something happened; either may be missing."""

    day: date | None = None
    clock: time | None = None


def month_first(texts: Iterable[str]) -> bool:
    """Whether days are written month first: only where no other reading is possible."""
    pairs = [found for text in texts if (found := _PLAIN.search(text)) is not None]
    return any(int(one["b"]) > 12 for one in pairs) and not any(int(one["a"]) > 12 for one in pairs)


def written(text: str, *, american: bool = False) -> WrittenMoment | None:
    """Day and time in a cell; ``None`` when it is neither, or says more than that.

    Args:
        text: the cell.
        american: whether the month stands first.
    """
    rest = text.strip().replace("T", " ", 1) if re.match(r"\d{4}-", text.strip()) else text.strip()
    rest = re.sub(r"\s+", " ", rest)
    day, rest = _day(rest, american=american)
    clock, rest = _clock(rest)
    rest = re.sub(
        r"(?i)\b(?:à|at|le|on|lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun)"
        r"[a-z]*\b\.?|[,;]|(?<!\d)\+?00:?00$|Z$",
        "",
        rest,
    )
    if rest.strip() or (day is None and clock is None):
        return None
    return WrittenMoment(day, clock)


def _day(text: str, *, american: bool) -> tuple[date | None, str]:
    for pattern in (_ISO, _PLAIN, _NAMED):
        found = pattern.search(text)
        if found is None:
            continue
        parts = found.groupdict()
        if pattern is _PLAIN:
            parts["d"], parts["m"] = parts["a"], parts["b"]
            if american:
                parts["d"], parts["m"] = parts["m"], parts["d"]
        month = _MONTHS.get(parts["m"].lower(), 0) if pattern is _NAMED else int(parts["m"])
        year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
        try:
            return date(year, month, int(parts["d"])), text[: found.start()] + text[found.end() :]
        except ValueError:
            continue
    return None, text


def _clock(text: str) -> tuple[time | None, str]:
    found = _CLOCK.search(text)
    if found is None:
        return None, text
    hour = int(found["h"])
    half = (found["half"] or "").lower()[:1]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        clock = time(hour, int(found["min"] or 0), int(found["s"] or 0))
    except ValueError:
        return None, text
    return clock, text[: found.start()] + text[found.end() :]


def whole(day: date, clock: time) -> datetime:
    """The minute that a line of OffCirc.dat would state."""
    return datetime.combine(day, clock).replace(second=0, microsecond=0)
