"""The work list in words: what a task is about, what to do, what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from offcirc import words as core_words
from offcirc.i18n import N_, _, ngettext
from offcirc.servers.protocol import HandDeed
from offcirc.storage.ledger.followups import Action, FollowupEvent
from offcirc.upload.followup.slips import Edit, KnownFrom, Slip
from offcirc.upload.followup.task import Task, TaskKind, TaskLine

_KINDS = {
    TaskKind.PATRON: N_("Unknown borrowers"),
    TaskKind.ITEM: N_("Unknown items"),
    TaskKind.CHECK: N_("Without an answer: to be checked"),
    TaskKind.OTHER: N_("Refused for another reason"),
    TaskKind.DAMAGED: N_("Damaged lines"),
    TaskKind.DUE_DATE: N_("Excluded from loan: due date to be changed"),
    TaskKind.HOLD_SHELF: N_("Requested: to be scanned once more"),
    TaskKind.TRANSIT: N_("In transit to another library"),
    TaskKind.NOT_RENEWED: N_("Not renewed"),
    TaskKind.TOLD: N_("Told another due date"),
    TaskKind.CLOCK: N_("Times in the future"),
    TaskKind.HARMLESS: N_("Nothing to do"),
}

_TODO = {
    TaskKind.PATRON: N_(
        "Find out who it was: look at the likely readers, then correct the lines and send them "
        "again. If nobody can tell, put the note on each item, or lend them to the fictitious "
        "reader."
    ),
    TaskKind.ITEM: N_(
        "Put a note on the borrower’s record and, if need be, contact the borrower; then "
        "catalogue the item, or correct its barcode and send the line again."
    ),
    TaskKind.CHECK: N_(
        "Look in the library system whether this loan or return is there; record it by hand only "
        "if it is not."
    ),
    TaskKind.OTHER: N_("Read the server’s message; record the transaction by hand if need be."),
    TaskKind.DAMAGED: N_(
        "Compare the line with those around it, and record the transaction by hand if you can "
        "tell what it was."
    ),
    TaskKind.DUE_DATE: N_("The item may not be lent: change its due date in the library system."),
    TaskKind.HOLD_SHELF: N_(
        "A reader has requested the item: scan it once more in the library system to put it on "
        "the hold shelf."
    ),
    TaskKind.TRANSIT: N_("The item belongs to another library: send it there."),
    TaskKind.NOT_RENEWED: N_("The due date has not moved: tell the borrower."),
    TaskKind.TOLD: N_(
        "The desk told the borrower another due date than the system has: change the due date, or "
        "tell the borrower."
    ),
    TaskKind.CLOCK: N_(
        "The line’s time is later than the server’s clock: check the clock of the desk’s PC."
    ),
    TaskKind.HARMLESS: N_("Nothing: something newer has happened, or the item was not on loan."),
}

_EDITS = {
    Edit.SWAPPED: N_("two characters swapped"),
    Edit.CHANGED: N_("one character mistyped"),
    Edit.MISSING: N_("one character left out"),
    Edit.EXTRA: N_("one character too many"),
}


def kind_name(kind: TaskKind) -> str:
    """A kind of work as a heading."""
    return _(_KINDS[kind])


def advice(kind: TaskKind) -> str:
    """What is to be done about tasks of a kind."""
    return _(_TODO[kind])


def headline(task: Task) -> str:
    """A task in one line."""
    line, count = task.lines[0], len(task.lines)
    match task.kind:
        case TaskKind.PATRON:
            return ngettext(
                "Borrower {patron}: {count} item", "Borrower {patron}: {count} items", count
            ).format(patron=line.patron, count=count)
        case TaskKind.ITEM if task.patron:
            return _("Item {item}, lent to {patron}").format(item=line.item, patron=task.patron)
        case TaskKind.ITEM:
            return _("Item {item}").format(item=line.item)
        case TaskKind.DAMAGED:
            return _("Line {number} of {file}").format(number=line.number, file=line.file)
        case _:
            return event_of(line)


def event_of(line: TaskLine) -> str:
    """What a line says happened: operation, item, reader."""
    if line.operation is None:
        return line.raw
    if line.operation.lends:
        return _("Loan of {item} to {patron}").format(item=line.item, patron=line.patron)
    return _("Return of {item}").format(item=line.item)


class _Timed(Protocol):
    @property
    def at(self) -> datetime | None: ...


def when(line: _Timed) -> str:
    """When it happened; empty when the line cannot be read."""
    return core_words.when(line.at) if line.at is not None else ""


def item_note(line: TaskLine) -> str:
    """The note that the manuals have staff put on an item lent to an unknown reader."""
    day = core_words.day(line.at) if line.at is not None else _("day of the loan")
    return _("Lent to an unknown borrower ({day})").format(day=day)


def about(line: TaskLine, *, names: bool = True) -> str:
    """What the library system calls the item and the reader, as far as it told.

    Args:
        line: the line.
        names: whether the reader's name may be shown.
    """
    return " · ".join(filter(None, (line.title, line.patron_name if names else "")))


def remark(task: Task, line: TaskLine) -> str:
    """What is worth knowing about a line of a task, beside what it says."""
    match task.kind:
        case TaskKind.PATRON:
            return item_note(line)
        case TaskKind.DAMAGED:
            return line.message
        case TaskKind.DUE_DATE | TaskKind.NOT_RENEWED if line.due_at is not None:
            return _("due {when}").format(when=core_words.when(line.due_at))
        case TaskKind.TOLD if line.due_at is not None:
            due = _("due {when}").format(when=core_words.when(line.due_at))
            return " · ".join(filter(None, (due, line.message)))
        case (
            TaskKind.DUE_DATE
            | TaskKind.NOT_RENEWED
            | TaskKind.HOLD_SHELF
            | TaskKind.TRANSIT
            | TaskKind.CLOCK
        ):
            return ""
        case _:
            return line.message


def status(task: Task) -> str:
    """Where a task stands, in a few words."""
    if task.done:
        settled = max(line.settled for line in task.lines)
        if settled and any(line.refused for line in task.lines):
            return _("refused again by upload {job}").format(job=settled)
        if settled:
            return _("done by upload {job}").format(job=settled)
        return _("done")
    if task.waiting:
        return _("corrected, to be sent again")
    if task.assigned:
        return _("given to {name}").format(name=task.assigned)
    return _("to do")


def hand_sentence(deed: HandDeed) -> str:
    """What somebody did at the server, and when."""
    texts = {
        "note": _("Note put at the server by {who}, {when}"),
        "due-changed": _("Due date changed at the server by {who}, {when}"),
        "second-scan": _("Scanned again at the server by {who}, {when}"),
        "validated": _("Registration validated at the server by {who}, {when}"),
    }
    when = core_words.when(deed.at) if deed.at is not None else ""
    return texts[deed.kind].format(who=deed.who, when=when)


def event_sentence(event: FollowupEvent) -> str:
    """What somebody did, with the day and the name."""
    text = {
        Action.DONE: _("{when}, {who}: done"),
        Action.REOPENED: _("{when}, {who}: to be done again"),
        Action.NOTED: _("{when}, {who}: {text}"),
        Action.ASSIGNED: _("{when}, {who}: given to {text}")
        if event.text
        else _("{when}, {who}: given to nobody any more"),
    }[event.action]
    return text.format(when=_local(event.at), who=event.who, text=event.text)


def correction_sentence(line: TaskLine) -> str:
    """How a line is to be sent again, and what became of it; empty when it is not."""
    correction = line.correction
    if correction is None:
        return ""
    was = []
    if correction.patron != line.patron:
        was.append(_("reader {patron}").format(patron=correction.patron))
    if correction.item != line.item:
        was.append(_("item {item}").format(item=correction.item))
    text = _("corrected by {who}: {what}").format(who=correction.who, what=", ".join(was))
    if line.refused:
        return text + " – " + _("refused again by upload {job}").format(job=line.settled)
    if line.settled:
        return text + " – " + _("sent again by upload {job}").format(job=line.settled)
    return text + " – " + _("to be sent again")


def slip_sentence(slip: Slip) -> str:
    """A reader who may have been meant, and why."""
    name = f"{slip.identifier} {slip.name}".rstrip()
    return _("Perhaps {reader}: {reasons}").format(reader=name, reasons=slip_reasons(slip))


def slip_reasons(slip: Slip) -> str:
    """Why a reader may have been meant."""
    parts = [_(_EDITS[slip.edit])]
    if slip.last is not None:
        parts.append(
            ngettext(
                "{count} loan recorded, the last on {day}",
                "{count} loans recorded, the last on {day}",
                slip.loans,
            ).format(count=slip.loans, day=core_words.day(slip.last))
        )
    if KnownFrom.SERVER in slip.known:
        parts.append(_("known to the library system"))
    elif KnownFrom.LIST in slip.known:
        parts.append(_("in the list of readers"))
    return ", ".join(parts)


def summary(tasks: Sequence[Task]) -> str:
    """How much there is to do."""
    left = sum(not task.done for task in tasks)
    if not tasks:
        return _("There is nothing to do: no upload has left any work.")
    if not left:
        return _("Everything is done.")
    done = len(tasks) - left
    text = ngettext("{left} task is left.", "{left} tasks are left.", left).format(left=left)
    if not done:
        return text
    more = ngettext("{done} is done.", "{done} are done.", done).format(done=done)
    return f"{text} {more}"


def _local(moment: datetime) -> str:
    return core_words.when(moment.astimezone().replace(tzinfo=None))
