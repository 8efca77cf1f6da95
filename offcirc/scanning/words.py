"""What scans, barcode rules and scanners have to say, in words.

No sentence repeats the barcode: the window shows it beside.
"""

from __future__ import annotations

from offcirc.core.barcodes.layouts import Caps, Cause, MendedText
from offcirc.core.barcodes.rules import BarcodeCode, BarcodeFinding, BarcodeKind, Rule
from offcirc.core.barcodes.ruletable import Concern, Oddity
from offcirc.i18n import N_, _, pgettext
from offcirc.scanning.decoder import Event, Overflow, Unfinished
from offcirc.scanning.serial import ScannerState
from offcirc.words import rule_name, sentence_begun

_NO_RULE = {
    BarcodeKind.ITEM: N_(
        "This does not look like one of your item barcodes. Was the right one scanned?"
    ),
    BarcodeKind.PATRON: N_(
        "This does not look like one of your readers’ cards. Was the right one scanned?"
    ),
}
_KEYBOARDS = {
    "us": N_("American (QWERTY)"),
    "fr": N_("French (AZERTY)"),
    "be": N_("Belgian (AZERTY)"),
    "de": N_("German (QWERTZ)"),
    "ch": N_("Swiss or Luxembourgish (QWERTZ)"),
    "ca": N_("Canadian French (QWERTY)"),
    "csa": N_("Canadian, standard (QWERTY)"),
    "afnor": N_("French, standard of 2019 (AZERTY)"),
}
_STATES = {
    ScannerState.CONNECTED: N_("scanner connected"),
    ScannerState.UNPLUGGED: N_("scanner unplugged"),
    ScannerState.BUSY: N_("scanner used by another program"),
    ScannerState.FORBIDDEN: N_("no right to use the scanner’s port"),
    ScannerState.FAILING: N_("scanner does not answer"),
}


def finding(what: BarcodeFinding) -> str:
    """What there is to say about a barcode, and what to do next."""
    if what.code is BarcodeCode.ISBN:
        return _(
            "This is the ISBN on the cover, not the library’s barcode. Scan the library’s label."
        )
    if what.code is BarcodeCode.NO_RULE:
        return _(_NO_RULE[what.kind])
    text = _("The check digit is wrong: the barcode was misread or mistyped. Scan it again.")
    if what.expected:
        right = _("(It should end with {digit}.)").format(digit=what.expected)
        text = f"{text} {right}"
    return text


def other_field(kind: BarcodeKind) -> str:
    """What came to the wrong field was, in a sentence.

    Args:
        kind: what the barcode stands for.
    """
    if kind is BarcodeKind.PATRON:
        return _("This is a reader’s card, not an item.")
    return _("This is an item barcode, not a reader’s card.")


def repaired(repair: MendedText, *, typed: bool = False) -> str:
    """That a text was mended, and what to change so that it need not be.

    Args:
        repair: what was mended.
        typed: whether it was typed by hand.
    """
    if typed:
        return _("Digits were typed without Shift; they were read as meant.")
    mended = _("The barcode arrived garbled and was read as meant.")
    return f"{mended} {cause(repair.cause)}"


def cause(why: Cause) -> str:
    """Why scans arrive garbled and what to change, in a sentence or two."""
    if why.scanner == why.pc:
        return _("Caps Lock is on: press it once.")
    text = _(
        "The scanner is set for a keyboard that is {scanner}, this PC’s is {pc}. Scan the code"
        " “keyboard country” for {pc} in the scanner’s manual."
    ).format(scanner=keyboard(why.scanner), pc=keyboard(why.pc))
    if why.caps is not Caps.OFF:
        caps = _("Caps Lock is on: press it once.")
        text = f"{text} {caps}"
    return text


def keyboard(layout: str) -> str:
    """A keyboard by its country."""
    return _(_KEYBOARDS[layout])


def trouble(event: Event) -> str:
    """What came and was no scan; empty when there is nothing to say to the staff."""
    if isinstance(event, Overflow):
        return _("Far too much came for a barcode. Is something lying on the keyboard?")
    if isinstance(event, Unfinished) and event.scanned:
        return _("Only half a scan arrived: nothing was recorded. Scan it again.")
    return ""


def state(code: ScannerState) -> str:
    """How it stands with a serial scanner, for the status line."""
    return _(_STATES[code])


def oddity(what: Oddity, rules: tuple[Rule, ...]) -> str:
    """Something odd about the barcode rules.

    Args:
        what: what.
        rules: all the rules, to number them (:attr:`RuleSet.rules`).
    """
    return sentence_begun(_oddity(what, [_rule_of(one, rules) for one in what.rules]))


def _oddity(what: Oddity, named: list[str]) -> str:
    if what.concern is Concern.OVERLAP:
        return _(
            "{item} and {patron} both fit “{example}”: a card scanned into the item field cannot"
            " always be noticed."
        ).format(item=named[0], patron=named[1], example=what.example)
    if what.concern is Concern.ONE_SIDED:
        if what.kind is BarcodeKind.ITEM:
            return _("There are rules for items and none for readers’ cards.")
        return _("There are rules for readers’ cards and none for items.")
    if what.concern is Concern.FITS_ISBN:
        text = _("{rule} fits ISBNs such as {example}: one scanned from a cover may pass for it.")
    elif what.concern is Concern.CHECK_NEVER_RIGHT:
        text = _("{rule}: nothing the pattern fits can have that check digit.")
    elif what.concern is Concern.NOT_RECORDABLE:
        text = _("{rule}: nothing the pattern fits can be written to OffCirc.dat.")
    else:
        text = _("{rule}: the pattern is too big to be compared with others.")
    listed = pgettext("between two rules", " and ").join(named)
    return text.format(rule=listed, example=what.example)


def _rule_of(wanted: Rule, rules: tuple[Rule, ...]) -> str:
    same = [one for one in rules if one.kind is wanted.kind]
    number = next((n for n, one in enumerate(same, 1) if one is wanted), 0)
    return rule_name(wanted.kind, number, wanted.name)
