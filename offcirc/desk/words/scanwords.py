"""What the desk says about barcodes, cards and scanners, in the active language."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.core.session import DeskDecision
from offcirc.core.transaction import Operation, Transaction
from offcirc.core.waiting import NOTHING, LeftToRecord, Way
from offcirc.desk.flaw import Flaw
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.words import waitwords
from offcirc.desk.words.operationwords import said
from offcirc.desk.words.words import short
from offcirc.i18n import _, ngettext, pgettext

if TYPE_CHECKING:
    from offcirc.core.barcodes import rules as barcodes
    from offcirc.core.barcodes.layouts import Cause, MendedText
    from offcirc.core.sides import SideDoubt
    from offcirc.scanning.decoder import Event
    from offcirc.scanning.serial import ScannerState


def note(
    findings: Iterable[barcodes.BarcodeFinding],
    repair: MendedText | None = None,
    *,
    typed: bool = False,
) -> str:
    """The warnings about a barcode that is used all the same; empty when there are none."""
    if not findings and repair is None:
        return ""
    from offcirc.scanning import words as scanning

    said = [scanning.finding(each) for each in findings]
    if repair is not None:
        said.append(scanning.repaired(repair, typed=typed))
    return " ".join(said)


def hint(cause: Cause | None) -> tuple[str, str]:
    """What the status line says as long as scans arrive garbled: in short, and in full."""
    if cause is None:
        return "", ""
    from offcirc.scanning import words as scanning

    if cause.scanner == cause.pc:
        return _("Caps Lock is on"), scanning.cause(cause)
    text = _("Scanner: set its keyboard to {keyboard}")
    return text.format(keyboard=scanning.keyboard(cause.pc)), scanning.cause(cause)


def caps_lock(on: bool) -> tuple[str, str]:
    """What the status line says while Caps Lock is on: in short, and in full."""
    if not on:
        return "", ""
    return (
        _("Caps Lock is on"),
        _(
            "Caps Lock is on: letters arrive in the other case, and on some keyboards digits as"
            " signs. Press Caps Lock once."
        ),
    )


def refused(
    field: barcodes.BarcodeKind, verdict: barcodes.Verdict, operation: Operation
) -> Message:
    """A barcode that the library's rules keep out of a field; it stays there to be replaced."""
    from offcirc.core.barcodes.rules import BarcodeKind as Stands
    from offcirc.core.barcodes.rules import BarcodeOutcome
    from offcirc.scanning import words as scanning

    title = _("Not a borrower") if field is Stands.PATRON else _("Not recorded")
    if verdict.outcome is BarcodeOutcome.OTHER_FIELD:
        if field is Stands.PATRON:
            detail = _("{what} Scan the reader’s card first.").format(
                what=scanning.other_field(verdict.kind)
            )
            left = LeftToRecord(verdict.text, waitwords.no_patron(), Way.PATRON)
            return Message(MessageKind.REFUSED, title, verdict.text, detail, left=left)
        return card_as_item(verdict.text, operation)
    detail = " ".join(scanning.finding(each) for each in verdict.findings)
    left = NOTHING if field is Stands.PATRON else LeftToRecord(verdict.text)
    return Message(MessageKind.REFUSED, title, verdict.text, detail, left=left)


def turned(field: barcodes.BarcodeKind, text: str) -> Message:
    """Under Caps Lock letters came, and nothing tells in which case they stand on the label."""
    from offcirc.core.barcodes.rules import BarcodeKind as Stands

    patron = field is Stands.PATRON
    return Message(
        MessageKind.REFUSED,
        _("Not a borrower") if patron else _("Not recorded"),
        text,
        _("Caps Lock is on: capital and small letters are exchanged. Press it once, scan again."),
        left=NOTHING if patron else LeftToRecord(text, turned=True),
    )


def card_as_item(card: str, operation: Operation) -> Message:
    """A reader's card came where an item belongs, and begins nothing."""
    if not operation.lends:
        detail = _("This is a reader’s card, not an item. To lend, choose Loan and scan it again.")
    else:
        detail = _("This is a reader’s card, not an item. For the next reader press Clear first.")
    return Message(MessageKind.REFUSED, _("Not recorded"), card, detail, left=NOTHING)


def next_patron(card: str) -> Message:
    """A card scanned as an item has begun the next reader."""
    return Message(
        MessageKind.NOTICE,
        _("Next reader"),
        card,
        _("The rows of the reader before are saved. Scan the items one after the other."),
    )


def registered(card: str) -> Message:
    """A reader without a card was written down and has a provisional one."""
    return Message(
        MessageKind.NOTICE,
        _("Registered"),
        card,
        _("Lend to this provisional card as to any other: scan the items."),
    )


def broken(text: str, flaw: Flaw) -> Message:
    """A scan ended that is not known to be whole."""
    details = {
        Flaw.BEHEADED: _("The beginning of this scan was lost: scan it again."),
        Flaw.CHANGED: _("This scan did not arrive as it was sent: scan it again."),
        Flaw.PARTS: _("This scan came in two parts: scan it again."),
        Flaw.KEY: _("Another key came in the middle of this scan: scan it again."),
        Flaw.SIGN: _(
            "There is a control character inside this barcode, as in those on packaging: scan the"
            " library’s label."
        ),
        Flaw.HELD: _(
            "A key was held down. See that nothing lies on the keyboard, then scan again."
        ),
        Flaw.ALT: _(
            "The scanner sends Alt and digits for each character, and this PC makes nothing of"
            " them. Switch its ALT mode off by the code in its manual, then scan again."
        ),
    }
    return _cut(text, details[flaw])


def _cut(text: str, why: str) -> Message:
    """A part of a scan came, or it is not known to be whole; empty when nothing of it is known."""
    shown = short(text)
    left = LeftToRecord(shown, why, cut=True)
    return Message(MessageKind.REFUSED, _("Not recorded"), shown, why, left=left)


def besides(left_out: str, *, unproven: bool) -> str:
    """What there is to say of a barcode that did not come alone, or without its end."""
    if left_out:
        return _("“{text}” stood in the field before it and was left out.").format(
            text=left_out[:40]
        )
    if unproven:
        return _(
            "No Enter came after it: compare it with the label. If the scanner never sends one, say"
            " so in the settings."
        )
    return ""


def pasted(number: int, *, able: bool) -> Message:
    """Several barcodes were pasted at once; ``able`` when they can be recorded one by one."""
    title = ngettext("A list of {n} barcode", "A list of {n} barcodes", number).format(n=number)
    if not able:
        return Message(
            MessageKind.REFUSED, title, detail=_("Only one belongs here, and nothing else.")
        )
    detail = _("Look at it, then press Enter once more to record them one by one.")
    return Message(MessageKind.NOTICE, title, detail=detail)


def already(decision: DeskDecision, operation: Operation) -> Message:
    """The same item again: it is in the list, once."""
    assert decision.since is not None
    time = f"{decision.since:%H:%M:%S}"
    detail = said(operation).already.format(time=time)
    return Message(MessageKind.NOTICE, pgettext("band", "Already recorded"), decision.text, detail)


def lent_elsewhere(loan: Transaction) -> str:
    """The item is on loan to another reader: the wrong book, perhaps, or a return forgotten."""
    return _("Also lent to {patron} at {time}, with no return since. The right item?").format(
        patron=loan.patron, time=f"{loan.local:%H:%M}"
    )


def with_doubt(what: str, decision: DeskDecision) -> str:
    """What there is to say besides, with what the day's other rows make strange.

    Args:
        what: what there is to say already; may be empty.
        decision: what the session says of the barcode.
    """
    said = [what] if what else []
    if decision.holder is not None:
        said.append(lent_elsewhere(decision.holder))
    if decision.doubt is not None:
        said.append(strange(decision.doubt))
    return " ".join(said)


def strange(doubt: SideDoubt) -> str:
    """What the day's other rows make strange about a barcode."""
    from offcirc.core.sides import Strange

    said = {
        Strange.PATRON: _(
            "This is the borrower’s own number. If you scanned the card again: Ctrl+Z."
        ),
        Strange.WAS_PATRON: _(
            "This was a reader at {time}. The next reader’s card? Then Ctrl+Z, Clear, and scan it"
            " again."
        ),
        Strange.LIKE_PATRON: _(
            "This looks like a reader’s card. The next reader’s? Then Ctrl+Z, Clear, and scan it"
            " again."
        ),
        Strange.AFTER_CARD: _(
            "Still lent to {patron}, although {card} looks like the next reader’s card. If it is:"
            " Ctrl+Z for each, Clear, and begin with the card."
        ),
        Strange.WAS_ITEM: _(
            "This was an item at {time}. If it is no card: Clear, then scan the card."
        ),
        Strange.LIKE_ITEM: _(
            "This looks like an item. If it is no card: Clear, then scan the card."
        ),
        Strange.NEW_FORM: _(
            "Nothing like it was scanned here today. Compare it with the label; if a part is"
            " missing: Ctrl+Z, and scan it again."
        ),
    }[doubt.strange]
    time = f"{doubt.since:%H:%M}" if doubt.since is not None else ""
    return said.format(time=time, card=doubt.text, patron=doubt.patron)


def undone(transaction: Transaction) -> Message:
    """The newest row was voided by *Undo last*."""
    return Message(
        MessageKind.NOTICE,
        said(transaction.operation).undone,
        transaction.item,
        _("{patron} · {time} · it will not be written to the file").format(
            patron=transaction.patron, time=f"{transaction.local:%H:%M:%S}"
        )
        if transaction.patron
        else _("{time} · it will not be written to the file").format(
            time=f"{transaction.local:%H:%M:%S}"
        ),
    )


def nothing_to_undo() -> Message:
    """*Undo last* found no row that is not saved."""
    return Message(
        MessageKind.READY,
        _("Nothing to undo"),
        detail=_("What is saved stays. A loan is undone by recording the item’s return."),
    )


def scanners(states: Iterable[ScannerState]) -> str:
    """Status line: how it stands with the serial scanners; the worst comes first."""
    from offcirc.scanning import words as scanning
    from offcirc.scanning.serial import ScannerState

    found = list(states)
    for state in (
        ScannerState.FORBIDDEN,
        ScannerState.BUSY,
        ScannerState.FAILING,
        ScannerState.UNPLUGGED,
    ):
        if state in found:
            return scanning.state(state)
    if len(found) > 1:
        return ngettext("{n} scanner connected", "{n} scanners connected", len(found)).format(
            n=len(found)
        )
    return scanning.state(found[0]) if found else ""


def trouble(event: Event) -> Message | None:
    """What came is no scan; ``None`` when there is nothing to say of it."""
    from offcirc.scanning import words as scanning
    from offcirc.scanning.decoder import Unfinished

    text = scanning.trouble(event)
    return _cut(event.raw if isinstance(event, Unfinished) else "", text) if text else None


def settings_left_out(sentences: Iterable[str]) -> tuple[str, str]:
    """Status line: a part of the settings is not in force; in short, and in full."""
    said = " ".join(sentences)
    return (_("Settings: something is wrong"), said) if said else ("", "")


def sheet(path: Path, *, opened: bool) -> Message:
    """A sheet to print is there."""
    if opened:
        return Message(
            MessageKind.READY,
            _("The sheet is open, ready to be printed"),
            detail=_("Print it at its actual size. It is also here: {path}").format(path=path),
        )
    return Message(MessageKind.NOTICE, _("The sheet is ready"), detail=str(path))


def no_slip() -> Message:
    """A due slip was wanted, and nothing was lent."""
    return Message(
        MessageKind.READY, _("No due slip"), detail=_("Nothing has been lent to this reader.")
    )


def slip_not_printed(reason: str) -> Message:
    """The slip printer does not print."""
    return no_sheet(_("The slip was not printed: {reason}.").format(reason=reason))


def no_sheet(why: str) -> Message:
    """A sheet to print could not be written; ``why`` is a sentence."""
    return Message(MessageKind.REFUSED, _("Nothing to print"), detail=why)
