"""What the desk says of saving, of rows taken back, and of the file made again."""

from __future__ import annotations

from pathlib import Path

from offcirc.core.transaction import Transaction
from offcirc.core.waiting import NOTHING
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.words.operationwords import said
from offcirc.desk.words.words import safe, short
from offcirc.i18n import _, ngettext


def saved(number: int, file: Path) -> Message:
    """Pending rows were written to the file."""
    text = ngettext(
        "{n} transaction saved to the file", "{n} transactions saved to the file", number
    )
    return Message(MessageKind.RECORDED, text.format(n=number), detail=str(file))


def made_again(rows: int, place: Path | None) -> Message:
    """What had been saved and was in no file any more was written again.

    Args:
        rows: how many.
        place: to which file; ``None`` when nothing was missing.
    """
    if place is None:
        return Message(
            MessageKind.READY,
            _("Nothing is missing"),
            detail=_("Every saved row is in OffCirc.dat, or was uploaded."),
        )
    text = ngettext("{n} row written again", "{n} rows written again", rows)
    return Message(MessageKind.NOTICE, text.format(n=rows), detail=str(place))


def not_made_again(why: str) -> Message:
    """What is in no file any more could not be written again; it is still in the journal."""
    return Message(
        MessageKind.REFUSED, _("The file could not be made again"), detail=why, lasting=True
    )


def nothing_to_save(file: Path) -> Message:
    """Save To File was pressed with nothing pending."""
    return Message(
        MessageKind.READY,
        _("Nothing to save"),
        detail=_("Everything recorded is already in {file}.").format(file=file.name),
    )


def not_saved(why: str, unkept: int = 0) -> Message:
    """Save To File failed.

    Args:
        why: worded.
        unkept: how many rows are on no disk either; all the others are.
    """
    kept = _unkept(unkept) if unkept else _("Nothing is lost: everything is kept on this PC.")
    return Message(
        MessageKind.REFUSED, _("The file could not be saved"), detail=f"{why} {kept}", lasting=True
    )


def not_saved_at_close(why: str, unkept: int = 0) -> Message:
    """Closing could not save; a second Close leaves all the same. As :func:`not_saved`."""
    if unkept:
        kept = f"{_unkept(unkept)} " + _("Press Close again to leave and lose them.")
    else:
        kept = _("Nothing is lost: it will be saved next time. Press Close again to leave.")
    return Message(
        MessageKind.REFUSED, _("The file could not be saved"), detail=f"{why} {kept}", lasting=True
    )


def _unkept(number: int) -> str:
    return ngettext(
        "{rows} row that is still to be saved is on no disk, only in this window: leave it open.",
        "{rows} rows that are still to be saved are on no disk, only in this window: leave it "
        "open.",
        number,
    ).format(rows=number)


def deleted(transaction: Transaction) -> Message:
    """The chosen row was voided."""
    return Message(
        MessageKind.NOTICE,
        said(transaction.operation).deleted,
        transaction.item,
        _("It will not be written to the file."),
    )


def brought_back(transaction: Transaction) -> Message:
    """*Undo last* brought back what was just deleted."""
    return Message(
        MessageKind.RECORDED,
        said(transaction.operation).brought_back,
        transaction.item,
        safe(transaction.patron, f"{transaction.local:%H:%M:%S}"),
    )


def not_brought_back(item: str, why: str) -> Message:
    """The disk did not take back what was deleted."""
    return Message(MessageKind.REFUSED, _("NOT brought back"), short(item), why)


def nothing_marked() -> Message:
    """There is no row with a mark that could be taken away."""
    return Message(
        MessageKind.READY,
        _("Nothing to take away"),
        detail=_("No row that waits to be saved carries a mark."),
    )


def marked(odd: str) -> str:
    """What a mark in the list means; empty without one."""
    return _("⚑ doubtful when it was recorded; F8 takes it away") if odd else ""


def delete_which() -> Message:
    """Delete was pressed with an empty list."""
    return Message(
        MessageKind.READY,
        _("Nothing to delete"),
        detail=_("No row of the list is waiting to be saved."),
    )


def delete_this(transaction: Transaction) -> Message:
    """Delete was pressed with no row chosen: the newest one is proposed."""
    return Message(
        MessageKind.NOTICE,
        _("Delete this one?"),
        transaction.item,
        _("Press Delete again to delete it, or click another row first. A scan leaves it alone."),
    )


def cannot_delete_saved(transaction: Transaction) -> Message:
    """The chosen row is in the file already."""
    detail = said(transaction.operation).undoing
    return Message(MessageKind.NOTICE, _("Already saved"), transaction.item, detail)


def already_deleted(transaction: Transaction) -> Message:
    """The chosen row was voided before."""
    return Message(MessageKind.READY, _("Already deleted"), transaction.item)


def not_deleted(item: str, why: str) -> Message:
    """The disk did not take the deletion."""
    return Message(MessageKind.REFUSED, _("NOT deleted"), short(item), why, left=NOTHING)
