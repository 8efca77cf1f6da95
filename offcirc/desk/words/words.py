"""Everything the desk window says, in the active language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

from offcirc.core.identity import DeskIdentity
from offcirc.core.session import DeskAnswer, DeskDecision, Field
from offcirc.core.transaction import ITEM_WIDTH, PATRON_LIMIT, Operation, Problem, Transaction
from offcirc.core.waiting import NOTHING, LeftToRecord, Way
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.words import dropwords, waitwords
from offcirc.desk.words.operationwords import said
from offcirc.i18n import _, ngettext, pgettext


def title(identity: DeskIdentity) -> str:
    """The window's title: library, circulation desk, name of the PC, as far as they are given."""
    names = (identity.library, identity.circulation_desk, identity.desk_name)
    desk = " · ".join(dict.fromkeys(filter(None, names)))
    name = _("PRACTICE — Offline Circulation") if identity.practice else _("Offline Circulation")
    return f"{name} — {desk}" if desk else name


def operation(which: Operation) -> str:
    """An operation as the list shows it."""
    return said(which).name


def action(which: Operation) -> str:
    """The text of the button that records, with its Alt letter."""
    return said(which).action


def clock(moment: datetime | time) -> str:
    """Hour and minute."""
    return f"{moment:%H:%M}"


def moment(at: datetime, today: date) -> str:
    """When a row was recorded: the time, with the day before it unless that is today."""
    if at.date() == today:
        return clock(at)
    return _("{day:02d}/{month:02d} {time}").format(day=at.day, month=at.month, time=clock(at))


def count(which: Operation, number: int) -> str:
    """How many of them this reader has, or came in a row."""
    if not number:
        return ""
    return said(which).count(number).format(n=number)


def starting() -> Message:
    """While the journal is being opened; keys typed meanwhile are kept."""
    return Message(MessageKind.READY, _("One moment…"), detail=_("Opening today’s list."))


def ready(which: Operation, patron: str = "") -> Message:
    """Nothing has happened yet for this reader or operation."""
    if not which.lends:
        return Message(
            MessageKind.READY,
            said(which).ready,
            detail=_("Scan the items one after the other."),
        )
    if patron:
        return Message(
            MessageKind.READY,
            said(which).ready,
            patron,
            _("Scan the items one after the other. Press Clear for the next reader."),
        )
    return Message(MessageKind.READY, _("Ready"), detail=_("Scan the borrower’s card."))


def nothing_yet(file: Path) -> str:
    """What the empty list says: what the two words for being kept mean, and where the file is."""
    return "\n\n".join(
        (
            _("Loans and returns appear here as soon as they are recorded."),
            _(
                "Green, they are safe on this PC. Save To File then writes them to the file that"
                " is uploaded when the system is back:"
            ),
            str(file),
        )
    )


def same_patron(patron: str) -> Message:
    """Back from returns: the reader of before is still in the field."""
    return Message(
        MessageKind.NOTICE,
        _("Same reader?"),
        patron,
        _(
            "The cursor is in Borrower: press Enter to go on with this reader, or scan the next"
            " one’s card."
        ),
    )


def not_recorded_yet(item: str) -> Message:
    """Close was pressed with something in the item field."""
    return Message(
        MessageKind.NOTICE,
        _("Not recorded yet"),
        short(item),
        _("It is still in its field. Press Enter to record it, or Close again to leave it."),
    )


def waiting(patron: str, item: str) -> Message:
    """The card has come after the item, which is still in its field."""
    return Message(
        MessageKind.NOTICE,
        _("Ready to lend"),
        patron,
        _("{item} is not recorded yet: scan it again or press Enter.").format(item=item),
    )


def recorded(transaction: Transaction) -> Message:
    """It is on the disk."""
    time = f"{transaction.local:%H:%M:%S}"
    if transaction.stated is not None:
        detail = _("scanned at {time} · safe on this PC").format(time=time)
    else:
        detail = safe(transaction.patron, time)
    title = said(transaction.operation).recorded
    beside = () if transaction.stated is None else dropwords.beside(transaction.stated)
    return Message(MessageKind.RECORDED, title, transaction.item, detail, beside=beside)


def safe(patron: str, time: str) -> str:
    """Below what was recorded: for whom, if for anybody, and when."""
    if patron:
        return _("{patron} · {time} · safe on this PC").format(patron=patron, time=time)
    return _("{time} · safe on this PC").format(time=time)


def refused(decision: DeskDecision) -> Message:
    """The session did not accept a scan; the text stays in its field."""
    if decision.answer is DeskAnswer.PATRON_FIRST:
        return Message(
            MessageKind.REFUSED,
            _("Borrower first"),
            detail=_("{item} is not recorded. Scan the borrower’s card, then the item.").format(
                item=short(decision.text)
            ),
            left=LeftToRecord(decision.text, waitwords.no_patron(), Way.PATRON),
        )
    if decision.answer is DeskAnswer.SAME_PATRON_FIRST:
        return Message(
            MessageKind.REFUSED,
            _("Same reader?"),
            detail=_(
                "{item} is not recorded. Press Enter to go on with this reader, or scan the next"
                " one’s card; then Enter for the item."
            ).format(item=short(decision.text)),
            left=LeftToRecord(decision.text, waitwords.no_patron(), Way.PATRON),
        )
    assert decision.problem is not None
    if decision.field is Field.PATRON:
        return Message(
            MessageKind.REFUSED,
            _("Not a borrower"),
            short(decision.text),
            _why_patron(decision),
            left=NOTHING,
        )
    return Message(
        MessageKind.REFUSED,
        _("Not recorded"),
        short(decision.text),
        _why_item(decision),
        left=LeftToRecord(decision.text),
    )


def _why_patron(decision: DeskDecision) -> str:
    if decision.problem is Problem.PATRON_TOO_LONG:
        return _("More than {limit} characters: scan the card again.").format(limit=PATRON_LIMIT)
    if decision.problem is Problem.JOINED:
        return _("Two barcodes in one? Scan it again.")
    return _(
        "It contains characters that OffCirc.dat cannot hold. Scan the card again; if this comes "
        "back, the scanner is set for another keyboard."
    )


def _why_item(decision: DeskDecision) -> str:
    if decision.problem is Problem.ITEM_TOO_LONG:
        return _("More than {limit} characters: two barcodes in one? Scan it again.").format(
            limit=ITEM_WIDTH
        )
    if decision.problem is Problem.BLANK_IN_ITEM:
        return _("There is a blank inside this barcode. Scan it again.")
    if decision.problem is Problem.JOINED:
        return _("Two barcodes in one? Scan it again.")
    return _(
        "It contains characters that OffCirc.dat cannot hold. Scan the item again; if this comes "
        "back, the scanner is set for another keyboard."
    )


def short(text: str, limit: int = 60) -> str:
    """A text that may be anything, as a message can show it."""
    shown = "".join(character if character.isprintable() else "·" for character in text)
    return shown if len(shown) <= limit else f"{shown[: limit - 12]}…{shown[-11:]}"


def not_kept(item: str, why: str) -> Message:
    """The disk did not take a loan or return; the text stays in its field."""
    left = LeftToRecord(item, waitwords.no_disk(), Way.RECORD)
    return Message(
        MessageKind.REFUSED, _("NOT recorded"), short(item), why, lasting=True, left=left
    )


def not_open(why: str) -> Message:
    """The data folder cannot be used at all."""
    return Message(MessageKind.REFUSED, _("Nothing can be recorded yet"), detail=why, lasting=True)


def welcome_back(number: int, *, whole: bool = True) -> Message:
    """Rows that had not been saved when the program ended are in the list again.

    Args:
        number: how many.
        whole: whether all that had been recorded is; not known of a journal that was damaged.
    """
    text = ngettext(
        "{n} transaction from last time is back",
        "{n} transactions from last time are back",
        number,
    )
    if whole:
        detail = _("Nothing was lost. They will go into the file with the next save.")
    else:
        detail = _("They will go into the file with the next save.")
    return Message(MessageKind.NOTICE, text.format(n=number), detail=detail)


def repaired(sentences: Iterable[str], back: int) -> Message:
    """What the start-up check of OffCirc.dat found or mended.

    Args:
        sentences: what was found, worded.
        back: how many rows from last time still have to be saved.
    """
    said = list(sentences)
    if back:
        text = ngettext(
            "{n} transaction from last time waits to be saved.",
            "{n} transactions from last time wait to be saved.",
            back,
        )
        said.append(text.format(n=back))
    return Message(MessageKind.NOTICE, _("OffCirc.dat was checked"), detail=" ".join(said))


def already_here() -> Message:
    """Somebody started the program a second time; this window came to the front."""
    return Message(
        MessageKind.READY,
        _("This window was already open"),
        detail=_("You can go on working in it."),
    )


def our_fault(folder: Path) -> Message:
    """The program has a bug and met it."""
    return Message(
        MessageKind.REFUSED,
        _("A fault in the program"),
        detail=_(
            "Look whether your last scan is in the list below. Your scans are safe in {folder}. "
            "You can go on; please tell whoever looks after this PC."
        ).format(folder=folder),
    )


def to_save(number: int) -> str:
    """Status line: rows that are not in the file yet."""
    return _("{n} to save").format(n=number) if number else _("Nothing waits to be saved")


def saved_today(number: int) -> str:
    """Status line: rows of today that are in the file."""
    if not number:
        return ""
    return ngettext("{n} saved today", "{n} saved today", number).format(n=number)


def last_save(at: datetime | None, today: date) -> str:
    """Status line: when the file was last written."""
    if at is None:
        return ""
    return _("last save {time}").format(time=moment(at, today))


def state(name: str) -> str:
    """The last column of the list; ``name`` is ``pending``, ``saved``, ``missing``, ``voided``."""
    if name == "pending":
        return pgettext("in the list", "to save")
    if name == "missing":
        return pgettext("in the list", "not in the file")
    if name == "saved":
        return pgettext("in the list", "saved")
    return pgettext("in the list", "deleted")


def behind() -> Message:
    """Another window is in front and has the keyboard, and so what the scanner sends."""
    return Message(
        MessageKind.BEHIND,
        _("This window is not in front"),
        detail=_(
            "Scans do not arrive here: what the scanner reads goes elsewhere and is not recorded."
            " Click here, or press Alt+Tab."
        ),
    )


def with_note(message: Message, what: str) -> Message:
    """A message that draws attention to a note, if there is one."""
    return replace(message, kind=MessageKind.NOTICE, detail=what) if what else message
