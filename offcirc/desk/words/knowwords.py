"""What the desk says of what it knows offline, in the active language: dated, and never a refusal.

Where nothing is known nothing is said, so there is no word here for “may borrow”.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from offcirc.core.told import PATRON, ToldCode
from offcirc.core.transaction import Operation
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.words import dropwords
from offcirc.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from offcirc.desk.knowing.findings import KnownAnswer, KnownQuestion
    from offcirc.knowledge.known import KnownItem, KnownPatron

_SOON = timedelta(days=4)
"""What is due sooner is told with its hour."""

_WHY = {
    ToldCode.QUITUS: N_("quitus given, which nobody can override"),
    ToldCode.OVERDUE: N_("overdue items"),
    ToldCode.BLOCKED: N_("see the library system"),
}


def list_of(as_of: datetime, at: datetime) -> str:
    """Which list says so: its moment, and its age once it is old."""
    moment = dropwords.moment(as_of.astimezone())
    days = max((at - as_of) // timedelta(days=1), 1)
    if not is_aged(as_of, at):
        return moment
    return ngettext("{moment}, {n} day old", "{moment}, {n} days old", days).format(
        moment=moment, n=days
    )


def is_aged(as_of: datetime, at: datetime) -> bool:
    """Whether each sentence tells the age."""
    from offcirc.knowledge.known import Age, age

    return age(as_of, at) is not Age.FRESH


def _of_list(as_of: datetime, at: datetime) -> str:
    return _("According to the list of {list}.").format(list=list_of(as_of, at))


def _why(code: ToldCode, patron: KnownPatron) -> str:
    if code is ToldCode.SUSPENDED:
        if patron.suspended_until is None:
            return _("suspended")
        return _("suspended to the end of {day}").format(day=dropwords.day(patron.suspended_until))
    if code is ToldCode.EXPIRED:
        if patron.expires_on is None:
            return _("account expired")
        return _("account expired on {day}").format(day=_full(patron.expires_on))
    return _(_WHY[code])


def _full(day: date) -> str:
    from offcirc import words

    return words.day(day)


def blocked(codes: tuple[ToldCode, ...], patron: KnownPatron, at: datetime) -> str:
    """Why a reader may not borrow, in a sentence."""
    why = ", ".join(_why(code, patron) for code in codes if code in PATRON)
    return _("Blocked according to the list of {list}: {why}.").format(
        list=list_of(patron.as_of, at), why=why
    )


def _until(patron: KnownPatron | None) -> tuple[str, ...]:
    if patron is None or patron.suspended_until is None:
        return ()
    return _("Blocked to"), dropwords.day(patron.suspended_until), _("included")


def card(question: KnownQuestion, answer: KnownAnswer) -> Message | None:
    """What is said when a reader’s card has come; ``None``: nothing."""
    codes, patron, at = answer.told.what, answer.patron, question.at
    go_on = _("What you scan is recorded all the same.")
    if patron is not None and any(code in PATRON for code in codes):
        detail = f"{blocked(codes, patron, at)} {go_on}"
        until = _until(patron) if ToldCode.SUSPENDED in codes else ()
        title = _("Blocked reader")
        return Message(MessageKind.KNOWN, title, question.card, detail, beside=until)
    if ToldCode.NOT_LISTED in codes and answer.patrons_as_of is not None:
        what = _("New reader, other card or misread?")
        detail = f"{what} {go_on} {_of_list(answer.patrons_as_of, at)}"
        return Message(MessageKind.KNOWN, _("Card not in the list"), question.card, detail)
    return None


def row(question: KnownQuestion, answer: KnownAnswer) -> Message | None:
    """What is said of a loan or return that is recorded; ``None``: nothing."""
    codes, patron, item, at = answer.told.what, answer.patron, answer.item, question.at
    parts: list[str] = []
    title = ""
    hindered = patron is not None and any(code in PATRON for code in codes)
    if item is not None:
        title, parts = _of_item(codes, item, answer.owner)
        if parts and not (hindered and patron is not None and patron.as_of == item.as_of):
            parts.append(_of_list(item.as_of, at))
    if hindered and patron is not None:
        if ToldCode.EXCLUDED not in codes:
            title = _("Recorded, reader blocked")
        parts.append(blocked(codes, patron, at))
    if not parts:
        return None
    kind = MessageKind.STOP if ToldCode.EXCLUDED in codes else MessageKind.KNOWN
    if kind is MessageKind.KNOWN:
        parts.append(_recorded(question.operation))
    lasting = kind is MessageKind.STOP
    return Message(kind, title, question.item, " ".join(parts), lasting=lasting)


def _recorded(which: Operation) -> str:
    if which is Operation.LOAN:
        return _("The loan is recorded.")
    if which is Operation.RETURN:
        return _("The return is recorded.")
    return _("It is recorded.")


def _of_item(codes: tuple[ToldCode, ...], item: KnownItem, owner: str) -> tuple[str, list[str]]:
    title, parts = "", []
    if ToldCode.EXCLUDED in codes:
        title = _("EXCLUDED FROM LOAN")
        parts.append(_("It must not leave: keep it, and press Ctrl+Z. Until then it is recorded."))
    if ToldCode.REQUESTED in codes:
        title = title or _("Requested: set it aside")
        parts.append(_("A reader waits for this item."))
    if ToldCode.ELSEWHERE in codes:
        title = title or _("Another library’s item")
        parts.append(_("It goes back to {library}.").format(library=owner))
    if ToldCode.NOTE in codes and item.note:
        title = title or _("Recorded, look at it")
        parts.append(_("Note: {note}.").format(note=item.note.rstrip(".")))
    return title, parts


def due(at: datetime, now: datetime) -> tuple[str, str, str]:
    """Beside a loan: when it is to come back, by estimate."""
    soon = at - now < _SOON and at.time() != datetime.min.time()
    shown = dropwords.moment(at) if soon else dropwords.day(at)
    return _("Due about"), shown, _("(estimate)")


def due_heading() -> str:
    """The column of the list."""
    return _("Due about (estimate)")


def flagged(codes: tuple[ToldCode, ...]) -> str:
    """What a row’s flag means, for whoever points at it."""
    names = {
        ToldCode.EXCLUDED: _("excluded from loan"),
        ToldCode.QUITUS: _("reader with a quitus"),
        ToldCode.SUSPENDED: _("reader suspended"),
        ToldCode.OVERDUE: _("reader with overdue items"),
        ToldCode.EXPIRED: _("reader’s account expired"),
        ToldCode.BLOCKED: _("reader blocked"),
        ToldCode.REQUESTED: _("requested"),
        ToldCode.ELSEWHERE: _("another library’s item"),
        ToldCode.NOTE: _("note on the item"),
        ToldCode.NOT_LISTED: _("card not in the list"),
    }
    return ", ".join(names[code] for code in codes)


def hint(trouble: str, oldest: datetime | None, at: datetime) -> tuple[str, str]:
    """Status line: what is known cannot be used, or is old; in short, and in full."""
    from offcirc.knowledge.known import SILENT

    if trouble and oldest is not None:
        return _("The newer list cannot be used"), trouble
    if trouble:
        return _("Nothing is known of readers and items"), trouble
    if oldest is None or at - oldest <= SILENT:
        return "", ""
    days = (at - oldest) // timedelta(days=1)
    short = ngettext("List {n} day old", "List {n} days old", days).format(n=days)
    full = _(
        "What is known of readers and items is of {day}: blocks are not said any more, excluded"
        " items are. Have a new file made."
    ).format(day=_full(oldest.astimezone().date()))
    return short, full
