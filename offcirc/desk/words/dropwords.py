"""What the desk says of the book drop, in the active language."""

from __future__ import annotations

from datetime import date, datetime

from offcirc.desk.message import Message, MessageKind
from offcirc.i18n import _, pgettext


def label() -> str:
    """The switch while it is off."""
    return pgettext("switch", "Book drop")


def tip() -> str:
    """For whoever points at the switch."""
    return _("State that what is returned now came back at the last closing time (Ctrl+Alt+B).")


def another() -> str:
    """For whoever points at the arrow beside it."""
    return _("Another moment than the last closing time")


def day(at: date) -> str:
    """A day of late, with its weekday: ``Fri 27 Nov``."""
    weekdays = pgettext("short weekdays, Monday first", "Mon Tue Wed Thu Fri Sat Sun").split()
    months = pgettext("short months", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()
    return pgettext("day", "{weekday} {day} {month}").format(
        weekday=weekdays[at.weekday()], day=at.day, month=months[at.month - 1]
    )


def moment(at: datetime) -> str:
    """A moment of late: ``Fri 27 Nov 19:00``."""
    return f"{day(at)} {at:%H:%M}"


def forms(at: datetime | None) -> tuple[str, ...]:
    """The switch while it is on or off, the longest form first; the status line says it all."""
    if at is None:
        return (label(),)
    said = pgettext("switch", "Returned {moment}").format(moment=moment(at))
    return said, moment(at), f"{at:%H:%M}"


def standing(at: datetime | None) -> str:
    """Status line; empty while it is off."""
    return "" if at is None else _("Book drop: {moment}").format(moment=moment(at))


def beside(at: datetime) -> tuple[str, str, str]:
    """Beside what was recorded: when it came back."""
    return _("Returned on"), day(at), f"{at:%H:%M}"


def begun(at: datetime) -> Message:
    """It is on."""
    return Message(
        MessageKind.NOTICE,
        _("Book drop: returns of {moment}").format(moment=moment(at)),
        detail=_("Scan what was in it. Ctrl+Alt+B ends it; so does a loan."),
        lasting=True,
    )


def over() -> Message:
    """It was switched off."""
    return Message(MessageKind.READY, off(), detail=_("Returns are of now again."))


def off() -> str:
    """It is off, in a sentence."""
    return _("The book drop is off.")


def forgotten() -> Message:
    """It went off by itself."""
    return Message(
        MessageKind.NOTICE,
        off(),
        detail=_(
            "No return for a quarter of an hour: returns are of now again. Ctrl+Alt+B goes on."
        ),
        lasting=True,
    )


def when() -> Message:
    """Nothing tells when the library closed."""
    return Message(
        MessageKind.NOTICE,
        _("When did the library close?"),
        detail=_("Choose it above the list. The settings can say it once and for all."),
    )


def not_yet(at: datetime) -> Message:
    """The moment chosen is yet to come."""
    return Message(
        MessageKind.NOTICE,
        _("That is still to come: {moment}").format(moment=moment(at)),
        detail=_("Nothing was changed: returns are of now."),
    )


def use(at: datetime) -> str:
    """The button that takes the moment that was set."""
    return _("Returned {moment}").format(moment=moment(at))


def step(what: str, *, back: bool) -> str:
    """A button that sets the moment: a day or half an hour, back or on."""
    if what == "day":
        return _("a day earlier") if back else _("a day later")
    return _("half an hour earlier") if back else _("half an hour later")
