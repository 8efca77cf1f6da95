"""Why a line was not recorded, and what to do about it, in words for a referent.

What to do is what the users' own manuals tell referents to do by hand today.
"""

from __future__ import annotations

from datetime import date, datetime

from offcirc import words
from offcirc.core.answers import Note, Reason
from offcirc.core.transaction import Problem
from offcirc.i18n import N_, _
from offcirc.servers.files.target import Unfit
from offcirc.upload.base.reasons import (
    ALIKE,
    ALREADY_HANDED_OVER,
    ALREADY_RECORDED,
    DESK_TOLD,
    DROPPED,
    HANDED_OVER_AGAIN,
    KEPT_BACK,
    LEFT_FOR_LATER,
    LINE_UNSURE,
    NO_ANSWER,
    NO_SUCH_LINE,
    NOT_SHOWN,
    NOT_THERE,
    OVERTAKEN,
    REFUSED,
    REGISTRATION_PENDING,
    REGISTRATION_REFUSED,
    SAID,
    SAME_LINE,
    SERVER_FAILED,
    SPOILT,
    TOLD_OTHERWISE,
)
from offcirc.upload.report.report import DecidedAct, LineDecision, LineStatus, ReportLine

_NAMES: dict[str, str] = {
    Reason.ITEM_UNKNOWN: N_("Unknown item"),
    Reason.PATRON_UNKNOWN: N_("Unknown borrower"),
    Reason.NOT_ON_LOAN: N_("Not on loan"),
    Reason.LATER_ACTION: N_("Later action"),
    Reason.ON_LOAN_TO_ANOTHER: N_("On loan to another"),
    Reason.PATRON_BLOCKED: N_("Blocked borrower"),
    Reason.NOT_FOR_LOAN: N_("Not for loan"),
    Reason.NOT_PERMITTED: N_("Not permitted"),
    Reason.DESK_UNKNOWN: N_("Unknown desk"),
    Reason.DATE_REFUSED: N_("Time refused"),
    Reason.OTHER: N_("Other reason"),
    SERVER_FAILED: N_("Server error"),
    REFUSED: N_("Refused by the server"),
    NO_ANSWER: N_("No answer"),
    ALREADY_RECORDED: N_("Already recorded"),
    SAME_LINE: N_("Same line twice"),
    ALIKE: N_("Perhaps the same line"),
    ALREADY_HANDED_OVER: N_("Already handed over"),
    HANDED_OVER_AGAIN: N_("Handed over again"),
    NO_SUCH_LINE: N_("Fits no line"),
    SPOILT: N_("Barcode shortened"),
    KEPT_BACK: N_("Kept back"),
    LEFT_FOR_LATER: N_("Left for later"),
    DROPPED: N_("Not to be recorded"),
    NOT_THERE: N_("Not in the system"),
    NOT_SHOWN: N_("Not shown"),
    OVERTAKEN: N_("Later line on the item"),
    Unfit.TOO_LONG: N_("Too long there"),
    Unfit.COMMAND: N_("Taken for a command"),
    Unfit.IN_FUTURE: N_("Time in the future"),
    Unfit.CARD_UNPROVEN: N_("Card not proven"),
    Unfit.RENEWAL: N_("Renewal"),
    REGISTRATION_PENDING: N_("Registration to be validated"),
    REGISTRATION_REFUSED: N_("Registration refused"),
}
_DAMAGED = N_("Damaged line")

_MESSAGES: dict[str, str] = {
    Reason.ITEM_UNKNOWN: N_("The library system does not know this item."),
    Reason.PATRON_UNKNOWN: N_("The library system does not know this borrower."),
    Reason.NOT_ON_LOAN: N_("The item is not on loan in the library system."),
    Reason.LATER_ACTION: N_("Something newer has happened to this item."),
    Reason.ON_LOAN_TO_ANOTHER: N_("The item is on loan to another borrower."),
    Reason.PATRON_BLOCKED: N_("The borrower is blocked."),
    Reason.NOT_FOR_LOAN: N_("The item may not be lent."),
    Reason.NOT_PERMITTED: N_("The account that uploads may not do this."),
    Reason.DESK_UNKNOWN: N_("The library system does not know this circulation desk."),
    Reason.DATE_REFUSED: N_("The library system does not accept this time."),
    ALREADY_RECORDED: N_("Recorded by an earlier upload."),
    SAME_LINE: N_("The same line stands in another file of this upload."),
    ALIKE: N_("Says the same as a line that is recorded already, and was taken for it."),
    ALREADY_HANDED_OVER: N_("In a file that was handed over earlier."),
    HANDED_OVER_AGAIN: N_("In a file that was handed over later."),
    NO_ANSWER: N_("The server’s answer never came."),
    SERVER_FAILED: N_("The server had an inner error on this line."),
    KEPT_BACK: N_("It was kept back and not sent."),
    LEFT_FOR_LATER: N_("It was left for another upload."),
    DROPPED: N_("It was left out on purpose."),
    NOT_THERE: N_("The file was uploaded; the library system does not have this line."),
    NOT_SHOWN: N_("The library system does not show whether it has this line."),
    OVERTAKEN: N_("A later line is about the same item; only that one can be seen there."),
    Unfit.TOO_LONG: N_("Longer than the library system keeps; it would be cut."),
    Unfit.COMMAND: N_("The program that reads the file would take it for a command."),
    Unfit.IN_FUTURE: N_("Later than this PC’s clock: the library system drops it in silence."),
    Unfit.CARD_UNPROVEN: N_(
        "Nobody has looked up this card: if it is unknown, the item would be lent to the reader "
        "before."
    ),
    Unfit.RENEWAL: N_(
        "The reader has this item there already: from a file, the library system renews nothing."
    ),
    REGISTRATION_PENDING: N_("The registration of this reader has not been validated yet."),
    REGISTRATION_REFUSED: N_("The registration of this reader was refused."),
}
"""What is said where the server has said nothing."""

_TODO: dict[str, str] = {
    Reason.ITEM_UNKNOWN: N_(
        "The item is not in the catalogue. On a loan, put a note on the borrower’s record and, if "
        "need be, contact the borrower; then catalogue the item or correct its barcode."
    ),
    Reason.PATRON_UNKNOWN: N_(
        "Nobody has this identifier. Put a note on the item: “{note}”. The other items lent to "
        "the same identifier are in this report too."
    ),
    Reason.NOT_ON_LOAN: N_("Nothing: the return counts as in-house use. Find out why if you like."),
    Reason.LATER_ACTION: N_(
        "Nothing: something newer has happened to this item in the library system since."
    ),
    Reason.ON_LOAN_TO_ANOTHER: N_(
        "The library system has another borrower for this item. The item left with this one: end "
        "the other loan, then record this loan by hand."
    ),
    Reason.NOT_FOR_LOAN: N_(
        "The item may not be lent, and has left the building. Record the loan by hand with an "
        "override, or ask the borrower to bring it back."
    ),
    Reason.NOT_PERMITTED: N_(
        "Ask the administrator of the library system to give the account this permission, then "
        "upload the file once more; or record the transaction by hand."
    ),
    Reason.DESK_UNKNOWN: N_(
        "Name the circulation desk as the library system does (Settings, Desk), then upload the "
        "file once more."
    ),
    Reason.DATE_REFUSED: N_(
        "Correct the time of the line in the step Check, then upload its file once more; or record "
        "the transaction by hand."
    ),
    Reason.OTHER: N_("Read the server’s message; record the transaction by hand if need be."),
    SERVER_FAILED: N_(
        "The server broke down on this line each time it was sent, and has not recorded it. "
        "Record it by hand, and tell the people who run the server."
    ),
    REFUSED: N_("Read the server’s message; record the transaction by hand if need be."),
    Reason.PATRON_BLOCKED: N_(
        "The borrower is blocked. Lift the block, or record the loan by hand with an override; "
        "the item has left the building."
    ),
    NO_ANSWER: N_(
        "Look in the library system whether this loan or return is there; record it by hand only "
        "if it is not."
    ),
    ALREADY_RECORDED: N_("Nothing: an earlier upload has recorded this line."),
    SAME_LINE: N_("Nothing: another file of this upload holds the same line."),
    ALIKE: N_(
        "Another line says the very same, and nothing tells whether it is this one: only a desk’s "
        "manifest or journal does. If there were two loans or returns, record this one by hand."
    ),
    NOT_THERE: N_("Look at the item and the borrower there, then record it by hand."),
    NOT_SHOWN: N_(
        "Look in the library system whether this loan or return is there; record it by hand only "
        "if it is not."
    ),
    OVERTAKEN: N_(
        "Nothing, as a rule. Look into the history of the item if this loan or return matters."
    ),
    Unfit.TOO_LONG: N_("Correct the barcode, or record the transaction by hand."),
    Unfit.COMMAND: N_("Correct the barcode, or record the transaction by hand."),
    Unfit.IN_FUTURE: N_("Correct the time of the line in the step Check, then write it again."),
    Unfit.CARD_UNPROVEN: N_("Name a server that looks cards up, or record the loan by hand."),
    Unfit.RENEWAL: N_("If it was a renewal, renew the loan by hand in the library system."),
    ALREADY_HANDED_OVER: N_("Nothing: this line is in a file that was handed over earlier."),
    HANDED_OVER_AGAIN: N_("Nothing: this line is in a file that was handed over later."),
    NO_SUCH_LINE: N_(
        "No line of this file has this barcode. Make sure that the report belongs to this file; "
        "if it does, look for the barcode in the library system."
    ),
    SPOILT: N_(
        "A spreadsheet has shortened this barcode. Export the report again, as .xlsx or from its "
        "mail, without opening and saving it in between."
    ),
    KEPT_BACK: N_("Decide what becomes of it, then upload it; it was not sent."),
    LEFT_FOR_LATER: N_("Take it up again when its turn has come, and upload its file once more."),
    DROPPED: N_("Nothing: it was left out on purpose."),
    REGISTRATION_PENDING: N_(
        "Validate or refuse the registration (Registrations), then upload the file once more: the "
        "loan then goes up under the real card, at its time."
    ),
    REGISTRATION_REFUSED: N_(
        "The item left with somebody who is no reader. Get in touch with that person, or put a "
        "note on the item: “{note}”."
    ),
}

_WHY: dict[str, str] = {
    Reason.ITEM_UNKNOWN: N_("No item of the library system has this barcode."),
    Reason.PATRON_UNKNOWN: N_("Nobody in the library system has this identifier."),
    Reason.NOT_ON_LOAN: N_("The item was not on loan, so there was nothing to return."),
    Reason.LATER_ACTION: N_(
        "Something newer had already happened to this item, so the older event was not applied."
    ),
    Reason.OTHER: N_("The library system refused it for a reason of its own."),
    REFUSED: N_("The library system would not look at this line."),
}

_HARMLESS = (
    Reason.NOT_ON_LOAN,
    Reason.LATER_ACTION,
    ALREADY_RECORDED,
    DESK_TOLD,
    SAID,
    SAME_LINE,
    ALREADY_HANDED_OVER,
    HANDED_OVER_AGAIN,
    DROPPED,
)
"""Reasons that leave nothing to do."""
_TODO_DAMAGED = N_(
    "The line was not sent. Compare it with the lines around it, and record the transaction by "
    "hand if you can tell what it was."
)
_PROBLEMS = {problem.value: problem for problem in Problem}
_UNKNOWN_PATRON = N_("Lent to an unknown borrower ({day})")

_NOTES: dict[str, tuple[str, str]] = {
    Note.EXCLUDED: (
        N_("Excluded from loan"),
        N_("The item may not be lent: its due date is the time of the loan. Change the due date."),
    ),
    Note.HOLD_SHELF_PROCESSING: (
        N_("Requested"),
        N_("A reader has requested this item: scan it once more to put it on the hold shelf."),
    ),
    LINE_UNSURE: (
        N_("Line not sure"),
        N_(
            "The report gives no line number, and this barcode stands in several lines: another"
            " one may be meant."
        ),
    ),
    TOLD_OTHERWISE: (
        N_("Another date was told"),
        N_("The desk told the reader another due date than the system has: tell the reader."),
    ),
    Note.IN_TRANSIT: (
        N_("In transit"),
        N_("The item belongs to another library: send it there."),
    ),
    Note.NOT_RENEWABLE: (
        N_("Cannot be renewed"),
        N_("The item cannot be renewed: the due date has not moved. Tell the borrower."),
    ),
    Note.RENEWAL_MAXIMUM: (
        N_("Longest loan reached"),
        N_("The longest loan is reached: the due date has not moved. Tell the borrower."),
    ),
    Note.DATE_NOT_KEPT: (
        N_("Dated at the upload"),
        N_(
            "The library system has dated it at the upload: put its due date right by hand if that "
            "matters to the reader."
        ),
    ),
    Note.AWAITS_REVIEW: (
        N_("Waits for review"),
        N_(
            "It waits in the library system’s list of pending offline operations: somebody has to "
            "process it there."
        ),
    ),
    Note.IN_FUTURE: (
        N_("Time in the future"),
        N_("The line’s time is later than the server’s clock: check the desk PC’s clock."),
    ),
}
"""Of the notes servers make on recorded lines, those that leave something to do."""


def reason_name(code: str) -> str:
    """A reason in two or three words."""
    return _(_NAMES.get(code, _DAMAGED))


def mark(line: ReportLine) -> str:
    """The reason in two or three words; of a recorded line, what it leaves to do."""
    if line.status is LineStatus.RECORDED:
        return note_names(line.notes) or line_status(line.status)
    return reason_name(line.reason)


def message(line: ReportLine) -> str:
    """The server's own words; what there is to say where it said nothing."""
    if line.message:
        return line.message
    if line.status is LineStatus.RECORDED:
        return what_to_do(line)
    return message_of(line.reason)


def why(line: ReportLine) -> str:
    """The reason as a sentence of ours; the server's own words are in the line's message."""
    if line.status is LineStatus.RECORDED:
        return _("It was recorded.")
    return _(_WHY[line.reason]) if line.reason in _WHY else message_of(line.reason)


def moment(line: ReportLine) -> str:
    """When it happened, to the second where that is known; empty when the line has no time."""
    if line.exact is not None:
        return f"{words.when(line.exact)}:{line.exact:%S}"
    return words.when(line.at) if line.at is not None else ""


def origin(line: ReportLine) -> str:
    """The desk at which it was recorded; its file, when nothing tells the desk."""
    known = line.origin
    names = (known.library, known.circulation_desk, known.desk)
    return " · ".join(name for name in names if name) or line.file


def decision(made: LineDecision | None) -> str:
    """What was decided on a line, when and by whom; empty when nothing was."""
    if made is None:
        return ""
    texts = {
        DecidedAct.CORRECTED: _("Corrected by {who}"),
        DecidedAct.SWAPPED: _("Item and borrower swapped by {who}"),
        DecidedAct.HELD: _("Kept back by {who}"),
        DecidedAct.DROPPED: _("Left out by {who}"),
        DecidedAct.LATER: _("Left for later by {who}"),
    }
    parts = [texts[made.act].format(who=made.who)]
    if made.at is not None:
        parts.append(words.when(made.at.astimezone()))
    if made.was:
        parts.append(_("the file says {was}").format(was=made.was))
    if made.why:
        parts.append(made.why)
    return ", ".join(parts)


def harmless(reason: str) -> bool:
    """Whether lines of this reason leave nothing to do."""
    return reason in _HARMLESS


def needs_work(line: ReportLine) -> bool:
    """Whether a line leaves something to do."""
    if line.status is LineStatus.RECORDED:
        return needs_a_look(line.notes)
    return not harmless(line.reason)


def what_to_do(line: ReportLine) -> str:
    """What the referent should do about a line; empty when there is nothing to say."""
    if line.status is LineStatus.RECORDED:
        return " ".join(note_advice(note) for note in line.notes if note in _NOTES)
    told = [advice(line.reason, line.at), *(note_advice(note) for note in line.notes)]
    return " ".join(filter(None, told))


def advice(reason: str, at: datetime | None = None) -> str:
    """What to do about lines of a reason; ``at`` is when the loan took place, if it is one."""
    return _(_TODO.get(reason, _TODO_DAMAGED)).format(note=_unknown_patron(at))


def item_note(line: ReportLine) -> str:
    """The note that the manuals have staff put on an item lent to an unknown borrower."""
    return _unknown_patron(line.at)


def _unknown_patron(at: datetime | None) -> str:
    day = words.day(at) if at is not None else _("day of the loan")
    return _(_UNKNOWN_PATRON).format(day=day)


def message_of(reason: str) -> str:
    """What is said of a line about which the server said nothing."""
    problem = _PROBLEMS.get(reason)
    if problem is not None:
        return words.problem(problem)
    return _(_MESSAGES[reason]) if reason in _MESSAGES else ""


def needs_a_look(notes: tuple[str, ...]) -> bool:
    """Whether a recorded line leaves something to do."""
    return any(note in _NOTES for note in notes)


def note_advice(note: str) -> str:
    """What a note leaves to do; empty when nothing."""
    return _(_NOTES[note][1]) if note in _NOTES else ""


def note_names(notes: tuple[str, ...]) -> str:
    """The notes that leave something to do, in a few words each."""
    named = [_(_NOTES[note][0]) for note in notes if note in _NOTES]
    said = [note.removeprefix(SAID) for note in notes if note.startswith(SAID)]
    named += [
        _("the desk said {day}").format(day=words.day(date.fromisoformat(each))) for each in said
    ]
    if named and DESK_TOLD in notes:
        named.append(_("the desk was told"))
    return ", ".join(named)


def line_status(status: LineStatus) -> str:
    """What became of a line, in a word."""
    return {
        LineStatus.RECORDED: _("recorded"),
        LineStatus.REJECTED: _("rejected"),
        LineStatus.UNKNOWN: _("unknown"),
        LineStatus.HELD: _("held back"),
        LineStatus.SKIPPED: _("already recorded"),
        LineStatus.HANDED_OVER: _("handed over"),
    }[status]
