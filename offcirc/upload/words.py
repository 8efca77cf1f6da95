"""Why a line was not recorded, and what to do about it, in words for a referent.

What to do is what the users' own manuals tell referents to do by hand today.
"""

from __future__ import annotations

from datetime import datetime

from offcirc import words
from offcirc.core.servermessages import Reason
from offcirc.core.transaction import Problem
from offcirc.i18n import N_, _
from offcirc.upload.report import JobStatus, LineStatus, ReportLine

SERVER_FAILED = "server-failed"
"""The server had an inner error on this line, each time, and has not recorded it."""
REFUSED = "request-refused"
"""The server would not even look at the line."""
NO_ANSWER = "no-answer"
ALREADY_RECORDED = "already-recorded"
SAME_LINE = "same-line"
ALREADY_HANDED_OVER = "already-handed-over"
HANDED_OVER_AGAIN = "handed-over-again"
NO_SUCH_LINE = "no-such-line"
"""A row of the library system's report that fits no line of the file."""
DAMAGED = "damaged"
"""Stands for every reason why a line cannot be read."""

_NAMES: dict[str, str] = {
    Reason.ITEM_UNKNOWN: N_("Unknown item"),
    Reason.PATRON_UNKNOWN: N_("Unknown borrower"),
    Reason.NOT_ON_LOAN: N_("Not on loan"),
    Reason.LATER_ACTION: N_("Later action"),
    Reason.OTHER: N_("Other reason"),
    SERVER_FAILED: N_("Server error"),
    REFUSED: N_("Refused by the server"),
    NO_ANSWER: N_("No answer"),
    ALREADY_RECORDED: N_("Already recorded"),
    SAME_LINE: N_("Same line twice"),
    ALREADY_HANDED_OVER: N_("Already handed over"),
    HANDED_OVER_AGAIN: N_("Handed over again"),
    NO_SUCH_LINE: N_("Fits no line"),
}
_DAMAGED = N_("Damaged line")

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
    Reason.OTHER: N_("Read the server’s message; record the transaction by hand if need be."),
    SERVER_FAILED: N_(
        "The server broke down on this line each time it was sent, and has not recorded it. "
        "Record it by hand, and tell the people who run the server."
    ),
    REFUSED: N_("Read the server’s message; record the transaction by hand if need be."),
    NO_ANSWER: N_(
        "Look in the library system whether this loan or return is there; record it by hand only "
        "if it is not."
    ),
    ALREADY_RECORDED: N_("Nothing: an earlier upload has recorded this line."),
    SAME_LINE: N_("Nothing: another file of this upload holds the same line."),
    ALREADY_HANDED_OVER: N_("Nothing: this line is in a file that was handed over earlier."),
    HANDED_OVER_AGAIN: N_("Nothing: this line is in a file that was handed over later."),
    NO_SUCH_LINE: N_(
        "No line of this file has this barcode. Make sure that the report belongs to this file; "
        "if it does, look for the barcode in the library system."
    ),
}
_MESSAGES: dict[str, str] = {
    ALREADY_RECORDED: N_("Recorded by an earlier upload."),
    SAME_LINE: N_("The same line stands in another file of this upload."),
    ALREADY_HANDED_OVER: N_("In a file that was handed over earlier."),
    HANDED_OVER_AGAIN: N_("In a file that was handed over later."),
    NO_ANSWER: N_("The server’s answer never came."),
    SERVER_FAILED: N_("The server had an inner error on this line."),
}
_TODO_DAMAGED = N_(
    "The line was not sent. Compare it with the lines around it, and record the transaction by "
    "hand if you can tell what it was."
)
_PROBLEMS = {problem.value: problem for problem in Problem}
_UNKNOWN_BORROWER = N_("Lent to an unknown borrower ({day})")

_NOTES: dict[str, tuple[str, str]] = {
    "item-excluded": (
        N_("Excluded from loan"),
        N_("The item may not be lent: its due date is the time of the loan. Change the due date."),
    ),
    "hold-shelf-processing": (
        N_("Requested"),
        N_("A reader has requested this item: scan it once more to put it on the hold shelf."),
    ),
    "in-transit": (
        N_("In transit"),
        N_("The item belongs to another library: send it there."),
    ),
    "not-renewable": (
        N_("Not renewed"),
        N_("The item cannot be renewed: the due date has not moved. Tell the borrower."),
    ),
    "renewal-maximum": (
        N_("Not renewed"),
        N_("The longest loan is reached: the due date has not moved. Tell the borrower."),
    ),
    "in-future": (
        N_("Time in the future"),
        N_("The line’s time is later than the server’s clock: check the desk PC’s clock."),
    ),
}
"""Of the notes servers make on recorded lines, those that leave something to do."""


def reason_name(code: str) -> str:
    """A reason in two or three words."""
    return _(_NAMES.get(code, _DAMAGED))


def what_to_do(line: ReportLine) -> str:
    """What the referent should do about a line; empty when there is nothing to say."""
    if line.status is LineStatus.RECORDED:
        return " ".join(note_advice(note) for note in line.notes if note in _NOTES)
    return advice(line.reason, line.at)


def advice(reason: str, at: datetime | None = None) -> str:
    """What to do about lines of a reason; ``at`` is when the loan took place, if it is one."""
    return _(_TODO.get(reason, _TODO_DAMAGED)).format(note=_unknown_borrower(at))


def item_note(line: ReportLine) -> str:
    """The note that the manuals have staff put on an item lent to an unknown borrower."""
    return _unknown_borrower(line.at)


def _unknown_borrower(at: datetime | None) -> str:
    day = words.day(at) if at is not None else _("day of the loan")
    return _(_UNKNOWN_BORROWER).format(day=day)


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
    return ", ".join(_(_NOTES[note][0]) for note in notes if note in _NOTES)


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


def job_status(status: JobStatus) -> str:
    """How far an upload has come, as Alma words it where Alma knows it."""
    return {
        JobStatus.RUNNING: _("Running"),
        JobStatus.COMPLETED: _("Completed Successfully"),
        JobStatus.WAITING: _("Waiting for the library system’s report"),
        JobStatus.STOPPED: _("Stopped"),
        JobStatus.CANCELLED: _("Cancelled"),
    }[status]


def job_name() -> str:
    """What an upload is called when the server gives it no name."""
    return _("Loans - Upload offline transactions")


def dry_run_name() -> str:
    """What a dry run is called."""
    return _("Dry run: nothing is recorded")


def cut_off() -> str:
    """Why an upload is not complete that ended without a word."""
    return _(
        "The upload was cut off (the program or the PC was switched off). Resume it: nothing is "
        "recorded twice."
    )
