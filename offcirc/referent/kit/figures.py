"""Numbers as the active language writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from offcirc import words
from offcirc.i18n import _, language

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

number = words.number


def several_years(moments: Iterable[datetime | None]) -> bool:
    """Whether moments are of more than one year, so that the year has to be told."""
    return len({moment.year for moment in moments if moment is not None}) > 1


def when(moment: datetime | None, *, year: bool = False) -> str:
    """A moment for a column: 26/11 09:42, or 26 Nov 09:42 in English; — for none."""
    if moment is None:
        return "—"
    if year:
        return words.when(moment)
    if language() == "fr":
        return f"{moment.day:02}/{moment.month:02} {moment:%H:%M}"
    return f"{moment.day:02} {_MONTHS[moment.month - 1]} {moment:%H:%M}"


def named(name: str, text: str) -> str:
    """A name and what there is to say of it, with the colon as the active language writes it."""
    return _("{name}: {text}").format(name=name, text=text)
