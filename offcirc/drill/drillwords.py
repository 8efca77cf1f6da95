"""The words of drills, in the active language: the script, and what a score says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from offcirc.drill.scoring import DrillFinding, DrillScore, DrillSlip, Mark
from offcirc.drill.truth import ActKind, Truth
from offcirc.i18n import N_, _, ngettext

_TITLES = {
    "half-day": N_("Half a day without the system"),
    "two-days": N_("Two days, four desks"),
    "wrong-clock": N_("A desk whose clock is an hour wrong"),
    "other-network": N_("Cards of another network"),
    "book-drop": N_("The book drop at opening"),
    "everything": N_("Everything at once"),
}
_ABOUT = {
    "half-day": N_(
        "One desk lends and takes back; one item is in no catalogue, one may not be lent, one was"
        " asked for by another reader."
    ),
    "two-days": N_(
        "Two libraries with two desks each; on the second day, one desk lends what the other took"
        " back on the first. The files must go up together."
    ),
    "wrong-clock": N_(
        "The clock of desk B is an hour ahead. What it took back, desk A lends: the referent must"
        " put its times right before the upload."
    ),
    "other-network": N_(
        "Readers come with the card of another network: their items go out, and somebody must find"
        " out afterwards who has them."
    ),
    "book-drop": N_(
        "What lay in the book drop is taken back as of the last closing, so that nobody is late by"
        " the desk’s fault; then two of these items are lent at once."
    ),
    "everything": N_("All the others together, at three desks."),
}
_SLIPS: dict[DrillSlip, Callable[[int], str]] = {
    DrillSlip.PATRON_BEFORE: lambda n: ngettext(
        "{n} item lent to the reader before",
        "{n} items lent to the reader before",
        n,
    ),
    DrillSlip.WRONG_PATRON: lambda n: ngettext(
        "{n} item lent to the wrong reader",
        "{n} items lent to the wrong reader",
        n,
    ),
    DrillSlip.WRONG_OPERATION: lambda n: ngettext(
        "{n} loan recorded as a return, or the other way round",
        "{n} loans recorded as returns, or the other way round",
        n,
    ),
    DrillSlip.OTHER_DESK: lambda n: ngettext(
        "{n} line recorded at another desk",
        "{n} lines recorded at another desk",
        n,
    ),
    DrillSlip.MISSING: lambda n: ngettext(
        "{n} line not recorded",
        "{n} lines not recorded",
        n,
    ),
    DrillSlip.TWICE: lambda n: ngettext(
        "{n} line recorded twice",
        "{n} lines recorded twice",
        n,
    ),
    DrillSlip.CARD_AS_ITEM: lambda n: ngettext(
        "{n} card scanned as an item",
        "{n} cards scanned as items",
        n,
    ),
    DrillSlip.EXTRA: lambda n: ngettext(
        "{n} line that the script does not ask for",
        "{n} lines that the script does not ask for",
        n,
    ),
    DrillSlip.ORDER: lambda n: ngettext(
        "{n} item lent and taken back in the wrong order",
        "{n} items lent and taken back in the wrong order",
        n,
    ),
    DrillSlip.BOX_TIME: lambda n: ngettext(
        "{n} item of the book drop returned as of now, not of the last closing",
        "{n} items of the book drop returned as of now, not of the last closing",
        n,
    ),
    DrillSlip.NOT_SAVED: lambda n: ngettext(
        "{n} line recorded, not saved to the file",
        "{n} lines recorded, not saved to the file",
        n,
    ),
    DrillSlip.NOT_UPLOADED: lambda n: ngettext(
        "{n} line has not reached the server",
        "{n} lines have not reached the server",
        n,
    ),
    DrillSlip.WRONG_MINUTE: lambda n: ngettext(
        "{n} line has reached the server with a wrong time",
        "{n} lines have reached the server with a wrong time",
        n,
    ),
    DrillSlip.REFUSED: lambda n: ngettext(
        "{n} line refused that would have been recorded in the right order",
        "{n} lines refused that would have been recorded in the right order",
        n,
    ),
    DrillSlip.UNTRUE: lambda n: ngettext(
        "{n} line at the server that did not happen",
        "{n} lines at the server that did not happen",
        n,
    ),
    DrillSlip.NO_NOTE_ON_PATRON: lambda n: ngettext(
        "{n} unknown item without a note on its reader",
        "{n} unknown items without a note on their reader",
        n,
    ),
    DrillSlip.NO_NOTE_ON_ITEMS: lambda n: ngettext(
        "{n} unknown reader without a note on each item, nor a validated registration",
        "{n} unknown readers without a note on each item, nor a validated registration",
        n,
    ),
    DrillSlip.DUE_DATE_AS_IT_WAS: lambda n: ngettext(
        "{n} item not for loan whose due date is as it was",
        "{n} items not for loan whose due dates are as they were",
        n,
    ),
    DrillSlip.NOT_SCANNED_AGAIN: lambda n: ngettext(
        "{n} requested item not scanned a second time",
        "{n} requested items not scanned a second time",
        n,
    ),
}
_ACTS = {
    ActKind.ITEM_UNKNOWN: N_("Unknown item {items}: a note on the reader {patron}."),
    ActKind.PATRON_UNKNOWN: N_(
        "Unknown reader {patron}: a note on each of {items}, or the registration validated."
    ),
    ActKind.DUE_DATE: N_("{items} may not be lent: another due date for the loan."),
    ActKind.SECOND_SCAN: N_("{items} was asked for: a second scan, for the hold shelf."),
}


def title(name: str) -> str:
    """The title of a drill."""
    return _(_TITLES[name])


def about(name: str) -> str:
    """What a drill is about."""
    return _(_ABOUT[name])


def parts(found: DrillScore) -> list[tuple[str, str, Mark]]:
    """The parts of a score: what each is called by programs and by people."""
    desks = [
        (letter, _("Desk {letter}").format(letter=letter), mark)
        for letter, mark in found.desks.items()
    ]
    return [*desks, ("upload", _("Upload"), found.upload), ("followup", _("Follow-up"), found.acts)]


def slip(found: DrillFinding) -> str:
    """What went wrong, in words."""
    return _SLIPS[found.slip](found.count).format(n=found.count)


def lines(found: DrillFinding, labels: Mapping[str, str]) -> list[str]:
    """With which lines: the number at the desk, title and barcode, as far as there are any."""
    named = []
    for number, item in found.lines:
        line = _("line {number}").format(number=number) if number else ""
        named.append(" · ".join(filter(None, (line, labels.get(item, ""), item))))
    return named


def finding(found: DrillFinding) -> str:
    """What went wrong, in words, and with which items."""
    named = [f"{number}: {item}" if number else item for number, item in found.lines]
    shown = ", ".join(each.removesuffix(": ") for each in named)
    return f"{slip(found)} ({shown})"


def step(operation: str, patron: str, *, box: bool) -> str:
    """What a desk is to do with the items that follow."""
    if operation == "L":
        return _("Lend to {reader}:").format(reader=patron)
    if box:
        return _("Take back out of the book drop, as of the last closing:")
    return _("Take back:")


def act(kind: ActKind, items: str, patron: str) -> str:
    """What is to be done after the upload."""
    return _(_ACTS[kind]).format(items=items, patron=patron)


def before(truth: Truth) -> list[str]:
    """What the trainer prepares."""
    said = [
        _("Print the cards at actual size (100%) and cut them out."),
        _("Start the practice server and the desks with the commands that “drill start” printed."),
    ]
    said += [
        _("Desk {letter}: {library}, circulation desk {code}.").format(
            letter=desk.letter, library=desk.library, code=desk.circulation_desk
        )
        for desk in truth.desks
    ]
    return said


def after(truth: Truth) -> list[str]:
    """What the referent does, in general; and whose clock was wrong."""
    ahead = _("The clock of desk {letter} was {minutes} minutes ahead.")
    clocks = [each for each in truth.desks if each.clock]
    return [
        *(ahead.format(letter=each.letter, minutes=each.clock) for each in clocks),
        _("Save and close every desk; collect their files and check them."),
        _("Put right what trainees noticed, and the time of a desk whose clock was wrong."),
        _("Upload all files together, and work through the follow-up on the practice server."),
        _("“drill score” says what is missing."),
    ]
