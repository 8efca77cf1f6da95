"""What the desk says of barcodes that are still to be recorded, in the active language."""

from __future__ import annotations

from offcirc.core.waiting import LeftToRecord, Way
from offcirc.desk.message import Message, MessageKind
from offcirc.i18n import _, ngettext, pgettext


def heading(number: int) -> str:
    """Above the list."""
    return _("Still to record ({n})").format(n=number)


def advice(hidden: int) -> str:
    """What can be done, beside the heading.

    Args:
        hidden: how many more there are than the list has room for.
    """
    if hidden:
        return ngettext(
            "{n} older one follows. Scan again, or F2 for the first.",
            "{n} older ones follow. Scan again, or F2 for the first.",
            hidden,
        ).format(n=hidden)
    return _("Scan again, or choose here; F2 takes the first.")


def act(left: LeftToRecord) -> str:
    """The button that takes one up again."""
    if left.way is Way.PATRON:
        return pgettext("still to record", "Which reader?")
    if left.way is Way.RECORD:
        return pgettext("still to record", "Record")
    return pgettext("still to record", "Correct")


def put_away() -> str:
    """The button that takes one off the list."""
    return pgettext("still to record", "Put away")


def standing(number: int) -> str:
    """Status line: how many there are."""
    if not number:
        return ""
    return ngettext("{n} still to record", "{n} still to record", number).format(n=number)


def no_patron() -> str:
    """Why: it came before the card."""
    return _("scanned without a reader")


def no_disk() -> str:
    """Why: it could not be kept."""
    return _("the disk took nothing")


def taken_up(left: LeftToRecord, patron: str) -> Message:
    """One of the list stands in the item field again.

    Args:
        left: it.
        patron: the reader in the borrower field; empty when there is none.
    """
    if not left.operation.lends:
        detail = _("Correct it if need be and press Enter, or scan it again.")
    elif patron:
        detail = _("Press Enter to lend it to {patron}. It can be corrected first.").format(
            patron=patron
        )
    else:
        detail = _("Scan the reader’s card, then press Enter.")
    return Message(MessageKind.NOTICE, _("Not recorded yet"), left.text, detail)


def at_close(number: int) -> Message:
    """Close was pressed while something is still to record."""
    text = ngettext(
        "{n} barcode is still to record", "{n} barcodes are still to record", number
    ).format(n=number)
    return Message(
        MessageKind.NOTICE,
        text,
        detail=_("See the yellow rows. Press Close again to leave without them."),
    )
