"""What the scanner test says."""

from __future__ import annotations

from offcirc.core.barcodes.controlcards import TEST_TEXT
from offcirc.core.transaction import Source
from offcirc.i18n import N_, _, ngettext, pgettext
from offcirc.scanning import words as scanning
from offcirc.scanning.checkup import Checkup, ScannerFault
from offcirc.scanning.decoder import Terminator

KEYS = {Terminator.CR: "\r", Terminator.LF: "\n", Terminator.TAB: "\t"}
"""The key that each suffix is."""

_SUFFIXES = {
    Terminator.CR: N_("Enter (CR)"),
    Terminator.LF: N_("line feed (LF)"),
    Terminator.TAB: N_("Tab"),
}

_SYMBOLOGIES = {
    "A": "Code 39",
    "C": "Code 128",
    "E": "EAN / UPC",
    "F": "Codabar",
    "I": "Interleaved 2 of 5",
    "G": "Code 93",
    "Q": "QR Code",
    "d": "Data Matrix",
}
"""The letters of ISO/IEC 15424 that libraries meet."""

_TITLES = {
    ScannerFault.KEYBOARD: N_("The barcode arrives garbled."),
    ScannerFault.LOST: N_("Characters get lost on the way."),
    ScannerFault.OTHER: N_("The test card arrives changed."),
    ScannerFault.FLOOD: N_("Far too much arrived for a barcode."),
    ScannerFault.SLOW: N_("That was typed, or the scanner is set very slow."),
    ScannerFault.NO_SUFFIX: N_("It works, but the scanner sends no Enter."),
    ScannerFault.OTHER_SUFFIX: N_("The desk does not expect what the scanner sends at the end."),
}


def facts() -> tuple[tuple[str, str], ...]:
    """What is told of a scan, by its name and its title in the active language."""
    return (
        ("text", _("Barcode")),
        ("meant", _("Meant")),
        ("suffix", _("Suffix")),
        ("symbology", _("AIM identifier")),
        ("pace", _("Speed")),
        ("source", _("Came from")),
    )


def values(found: Checkup) -> dict[str, str]:
    """What is told of a scan, by name, in the active language."""
    count = ngettext("{n} character", "{n} characters", len(found.text)).format(n=len(found.text))
    told = {
        "text": f"{found.text}  ({count})" if found.text else "–",
        "suffix": " + ".join(_(_SUFFIXES[each]) for each in found.suffix) or _("none"),
        "source": {
            Source.SCAN: _("the keyboard line"),
            Source.TYPED: _("the keyboard line, as slowly as typing"),
            Source.SERIAL: _("a serial port"),
        }[found.source],
        "symbology": _("none sent"),
    }
    if found.meant and found.meant != found.text:
        told["meant"] = found.meant
    if found.symbology:
        name = _SYMBOLOGIES.get(found.symbology[0], "")
        told["symbology"] = f"]{found.symbology} {name}".strip()
    if found.pace is not None:
        pace = _("{ms} ms from key to key").format(ms=f"{found.pace * 1000:.0f}")
        told["pace"] = pace
    return told


def invitation() -> str:
    """What to do first."""
    return _(
        "The test card tells most: it is on the sheet of control cards (More, Print the control"
        " cards). Any barcode tells something."
    )


def title(found: Checkup) -> str:
    """How it stands with the scanner, in a short sentence."""
    if found.faults:
        return _(_TITLES[found.faults[0]])
    if found.test_card:
        return _("This scanner is set right.")
    return _("This barcode arrives well.")


def detail(found: Checkup) -> str:
    """What is wrong and what to do about it."""
    if not found.faults:
        if found.test_card:
            return _("Every character of the test card arrived, and the desk knows where it ends.")
        return _("Scan the test card too: it also tells whether the keyboard is the right one.")
    return " ".join(_advice(fault, found) for fault in found.faults)


def _advice(fault: ScannerFault, found: Checkup) -> str:
    if fault is ScannerFault.KEYBOARD:
        return _keyboard(found)
    if fault is ScannerFault.LOST:
        text = ngettext(
            "{n} of the test card’s {all} characters did not arrive.",
            "{n} of the test card’s {all} characters did not arrive.",
            found.lost,
        ).format(n=found.lost, all=len(TEST_TEXT))
        advice = _(
            "Scan the code for a longer pause between characters (inter-character delay) in the"
            " scanner’s manual, and plug the scanner straight into the PC."
        )
        return f"{text} {advice}"
    return _(_PLAIN[fault])


_PLAIN = {
    ScannerFault.OTHER: N_(
        "Something rewrites what is scanned: look in the scanner’s manual for its factory"
        " settings and scan that code."
    ),
    ScannerFault.FLOOD: N_("Is something lying on the keyboard? Does a key stick?"),
    ScannerFault.SLOW: N_(
        "If it was scanned, scan the code for no pause between characters in the scanner’s"
        " manual: the desk takes it for typing, and cannot protect it as it does scans."
    ),
    ScannerFault.NO_SUFFIX: N_(
        "The desk waits for a pause after each scan. Surer and faster: scan the code for the"
        " suffix “Enter” (CR) in the scanner’s manual."
    ),
    ScannerFault.OTHER_SUFFIX: N_(
        "Add this suffix in the settings under “Scanner”, or scan the code for the suffix"
        " “Enter” (CR) in the scanner’s manual."
    ),
}


def _keyboard(found: Checkup) -> str:
    first = found.causes[0]
    text = scanning.cause(first)
    others = [
        scanning.keyboard(cause.scanner)
        for cause in found.causes[1:]
        if cause.scanner not in (first.scanner, cause.pc) and cause.pc == first.pc
    ]
    if others and first.scanner != first.pc:
        possible = pgettext("between two keyboards", " or ").join(dict.fromkeys(others))
        more = _("(The scanner’s could also be {keyboards}.)").format(keyboards=possible)
        text = f"{text} {more}"
    return text
