"""The picture of the day in words: for who cannot see it, and for the slice that is pointed at."""

from __future__ import annotations

from datetime import datetime, timedelta

from offcirc import words
from offcirc.i18n import _, ngettext
from offcirc.referent.day.daydata import DayData, Slice
from offcirc.referent.kit.figures import named, number


def counts(cell: Slice) -> str:
    """Loans, returns and, if there are any, refusals: 12 loans, 3 returns, 1 refused."""
    parts = [
        ngettext("{count} loan", "{count} loans", cell.loans).format(count=number(cell.loans)),
        ngettext("{count} return", "{count} returns", cell.returns).format(
            count=number(cell.returns)
        ),
    ]
    if cell.refused:
        text = ngettext("{count} refused", "{count} refused", cell.refused)
        parts.append(text.format(count=number(cell.refused)))
    return ", ".join(parts)


def span(data: DayData, place: int) -> str:
    """When a slice was: the day, from when to when."""
    begin = data.begin(place)
    end = begin + timedelta(minutes=data.minutes)
    if data.minutes >= 1440:
        return words.day(begin)
    return f"{words.when(begin)}–{end:%H:%M}"


def hour(at: datetime) -> str:
    """A full hour, as short as it can be: 14:00, or 14 h in French."""
    return _("{hour}:00").format(hour=at.hour)


def told(data: DayData, desk: str, place: int) -> str:
    """One slice of one desk; of all desks when ``desk`` is empty."""
    cell = Slice()
    for name in [desk] if desk else data.desks:
        cell.add(data.at(name, place))
    where = desk or _("All desks")
    return _("{desk}, {time}: {counts}").format(
        desk=where, time=span(data, place), counts=counts(cell)
    )


def summary(data: DayData) -> str:
    """The whole picture in sentences."""
    busiest = data.busiest()
    if busiest is None:
        return _("There are no loans and no returns to show yet.")
    first, last = data.days[0].day, data.days[-1].day
    days = words.day(first) if first == last else f"{words.day(first)} – {words.day(last)}"
    parts = [named(days, counts(data.total())) + "."]
    parts += [named(desk, counts(data.total(desk))) + "." for desk in data.desks]
    text = _("Most at once: {time}.").format(time=span(data, busiest))
    return " ".join([*parts, text])
