"""What the desk says of the pile check, in the active language."""

from __future__ import annotations

from offcirc.desk.message import Message, MessageKind
from offcirc.i18n import _, ngettext


def how_many(have: int, *, clears: bool) -> Message:
    """The question.

    Args:
        have: how many are recorded.
        clears: whether the reader goes when the number is right.
    """
    if clears:
        detail = _("Type the number and press Enter; Clear again for the next reader at once.")
    else:
        detail = _("Type the number and press Enter. A scan is recorded as always.")
    title = ngettext(
        "I have {n} item. How many are in the hand?",
        "I have {n} items. How many are in the hand?",
        have,
    )
    return Message(MessageKind.NOTICE, title.format(n=have), detail=detail, lasting=True)


def left() -> Message:
    """The question is withdrawn."""
    return Message(MessageKind.READY, _("Go on"), detail=_("Nothing was counted."))


def compared(hold: int, have: int, *, repeats: bool = False) -> Message:
    """The answer.

    Args:
        hold: how many are in the hand.
        have: how many are recorded.
        repeats: whether an item that is scanned once more makes a second row.
    """
    if hold == have:
        title = ngettext("{n} item: all recorded", "{n} items: all recorded", hold)
        return Message(MessageKind.RECORDED, title.format(n=hold))
    title = _("You hold {hold}, I have {have}").format(hold=hold, have=have)
    if hold > have and not repeats:
        detail = ngettext(
            "{n} is not recorded: scan them all once more. What is there already is not added.",
            "{n} are not recorded: scan them all once more. What is there already is not added.",
            hold - have,
        ).format(n=hold - have)
    elif hold > have:
        detail = _("Compare them with the first rows of the list, and scan what is not there.")
    else:
        detail = _("Compare them with the first rows of the list: what is too much, delete there.")
    return Message(MessageKind.NOTICE, title, detail=detail, lasting=True)
