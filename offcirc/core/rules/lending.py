"""The circulation rules: due dates, renewals, late returns. Pure: the server's clock is passed in.

Every moment is an aware datetime in the library's own zone. The rules and their figures are those
of three French university networks; where they leave something open, the choice made here is
said where it is made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from offcirc.core.answers import Note
from offcirc.core.rules import policy
from offcirc.core.rules.policy import Library, Renewal, Terms


class StepKind(StrEnum):
    """What a step did."""

    LOAN = "loan"
    RENEWAL = "renewal"
    FIRST_LOAN = "first-loan"
    DUE_NOW = "due-now"
    EXCLUDED = "excluded"
    LENGTH = "length"
    HOURS = "hours"
    FIXED = "fixed"
    """A fixed return date holds in place of the length of the loan."""
    REMAINING = "remaining"
    """The days by which the longest duration exceeds the loan, from the day of the renewal."""
    LONGEST = "longest"
    CLOSED = "closed"
    """Closed then: the next open day."""
    CLOSING = "closing"
    EXPIRY = "expiry"
    EXPIRED = "expired"
    NOT_PAST = "not-past"
    SAME_DAY = "same-day"
    """Nothing moves on the day of the loan, nor twice on one day."""
    TOO_LATE = "too-late"
    NOT_RENEWABLE = "not-renewable"
    HINDERED = "hindered"
    NOT_BACK = "not-back"
    RETURNED = "returned"
    LATE = "late"
    GRACE = "grace"
    SUSPENDED = "suspended"
    NOT_SUSPENDED = "not-suspended"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        kind: what it did.
        to: the day or moment it came to, in the library's time; ``None`` if it moved nothing.
        count: days or hours, where the step counts any.
    """

    kind: StepKind
    to: date | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A due date and what shaped it.

    Attributes:
        at: the date, to the minute.
        notes: what staff should know about it.
        steps: how it came about; no part of what it is.
    """

    at: datetime
    notes: tuple[Note, ...] = ()
    steps: tuple[Step, ...] = field(default=(), compare=False)


def loan_due(at: datetime, terms: Terms, library: Library, expires_on: date, now: datetime) -> Due:
    """The due date of a loan made at ``at``.

    Calendar days from the recorded date, to the closing time of the owning library; a closed day
    moves to the next open one. A fixed return date takes the place of the days. Hours are counted
    exactly; where they end while the library is
    closed, the loan is due at closing time of that day, or of the next open day.

    The date never passes the account's expiry: it then is the last closing time before. What
    would already be past at ``now`` becomes ``now``, even after the expiry; only an excluded item
    keeps its loan time as due date, since staff must look at it anyway.
    """
    begun = (Step(StepKind.LOAN, at),)
    if terms.excluded:
        return Due(at, (Note.EXCLUDED,), (*begun, Step(StepKind.EXCLUDED, at)))
    fixed = library.fixed_return(at.date())
    if terms.hours is not None:
        wanted = _end_of_hours(at, terms.hours, library)
    elif fixed is not None:
        wanted = _closing_of(at, fixed, library, Step(StepKind.FIXED, fixed))
    else:
        wanted = _end_of_days(at, terms.days or 0, library)
    return _not_in_past(_within_account(_after(begun, wanted), at, library, expires_on), now)


@dataclass(frozen=True, slots=True)
class OnLoan:
    """A loan that somebody wants to renew.

    Attributes:
        due: when it is due now.
        loaned_at: when it was first lent.
        renewed_on: the day of the last renewal, ``None`` before the first.
        hindered: whether another reader has requested the item, or this one has overdue items.
    """

    due: datetime
    loaned_at: datetime
    renewed_on: date | None = None
    hindered: bool = False


def renewal_due(
    at: datetime,
    loan: OnLoan,
    terms: Terms,
    *,
    rule: Renewal,
    library: Library,
    expires_on: date,
    now: datetime,
) -> Due:
    """The due date after a second loan of the same item to the same reader.

    Counted from the day of the renewal as ``rule`` says, never beyond the longest duration counted
    from the first loan, never back. Nothing moves on the day of the loan, twice on one day, once
    the library has closed on the due day, or where somebody or something stands against it. Loans
    of hours count their hours again.
    """
    begun = (
        Step(StepKind.FIRST_LOAN, loan.loaned_at),
        Step(StepKind.DUE_NOW, loan.due),
        Step(StepKind.RENEWAL, at),
    )
    against = _against(at, loan, terms, library)
    if against is not None:
        steps = (*begun, Step(against, loan.due))
        return Due(loan.due, (Note.RENEWAL, Note.NOT_RENEWABLE), steps)
    longest = _end_of_days(loan.loaned_at, terms.max_days, library, StepKind.LONGEST)
    if terms.hours is not None:
        wanted = _end_of_hours(at, terms.hours, library)
    elif rule is Renewal.LOAN_DAYS:
        wanted = _end_of_days(at, terms.days or 0, library)
    else:
        left = terms.max_days - (terms.days or 0)
        wanted = _end_of_days(at, left, library, StepKind.REMAINING)
    notes: tuple[Note, ...] = (Note.RENEWAL,)
    if longest.at < wanted.at:
        wanted = Due(longest.at, steps=wanted.steps + longest.steps)
    if wanted.at <= loan.due:
        why = Note.RENEWAL_MAXIMUM if longest.at <= loan.due else Note.NOT_RENEWABLE
        return Due(loan.due, (*notes, why), _not_back(begun + wanted.steps, loan))
    due = _within_account(_after(begun, wanted, notes), at, library, expires_on)
    if due.at <= loan.due:
        return Due(loan.due, due.notes, _not_back(due.steps, loan))
    return _not_in_past(due, now)


def _against(at: datetime, loan: OnLoan, terms: Terms, library: Library) -> StepKind | None:
    """What stands against a renewal at a moment, if anything does."""
    first = loan.loaned_at.date()
    if terms.excluded or not terms.renewable:
        return StepKind.NOT_RENEWABLE
    if terms.hours is None and library.fixed_return(first) is not None:
        return StepKind.FIXED
    if loan.hindered:
        return StepKind.HINDERED
    if at > loan.due:
        return StepKind.TOO_LATE
    return StepKind.SAME_DAY if at.date() in (first, loan.renewed_on) else None


def _not_back(steps: tuple[Step, ...], loan: OnLoan) -> tuple[Step, ...]:
    return (*steps, Step(StepKind.NOT_BACK, loan.due))


def days_late(due: datetime, returned: datetime) -> int:
    """Calendar days late. A reader is late only from the night after the due date."""
    return max(0, (returned.date() - due.date()).days)


def suspended_until(
    due: datetime, returned: datetime, *, short: bool, library: Library
) -> date | None:
    """The last day of the suspension that a return costs, or ``None``.

    One calendar day per day late, counted from the day after the return. The days of the grace
    are no days late: due on Monday with a grace of three days, an item that comes back on Friday
    costs one day.
    """
    return suspension(due, returned, short=short, library=library).until


@dataclass(frozen=True, slots=True)
class Suspension:
    """What a return costs.

    Attributes:
        days: days of suspension; 0: none.
        until: its last day; ``None``: there is none.
        steps: how it came about.
    """

    days: int
    until: date | None
    steps: tuple[Step, ...]


def suspension(due: datetime, returned: datetime, *, short: bool, library: Library) -> Suspension:
    """What a return costs its reader, explained; the rule is that of :func:`suspended_until`."""
    late = days_late(due, returned)
    grace = library.short_loan_grace_days if short else library.grace_days
    days = max(0, late - grace)
    steps = [Step(StepKind.DUE_NOW, due), Step(StepKind.RETURNED, returned)]
    steps += [Step(StepKind.LATE, count=late), Step(StepKind.GRACE, count=grace)]
    if not days:
        return Suspension(0, None, (*steps, Step(StepKind.NOT_SUSPENDED)))
    until = returned.date() + timedelta(days=days)
    return Suspension(days, until, (*steps, Step(StepKind.SUSPENDED, until, days)))


YEARLY = re.compile(r"\*-(\d\d-\d\d)", re.ASCII)
"""A day of every year, such as ``*-10-31``: accounts of universities end with the year."""
_LEAST_LEFT = timedelta(days=92)


def expiry(text: str, today: date) -> date:
    """The day on which an account expires.

    Args:
        text: a date, or a day of every year: then the next one that is three months away, as of
            readers who renewed their accounts in time.
        today: the library's day.

    Raises:
        ValueError: it is neither.
    """
    found = YEARLY.fullmatch(text)
    if found is None:
        return date.fromisoformat(text)
    days = (date.fromisoformat(f"{today.year + more}-{found[1]}") for more in (0, 1, 2))
    return next(day for day in days if day >= today + _LEAST_LEFT)


def longest(*ends: date | None) -> date | None:
    """Of several suspensions, the one that counts: they do not add up."""
    return max((end for end in ends if end is not None), default=None)


def is_later(event: datetime, line: datetime) -> bool:
    """Whether a server event is newer than a line.

    OffCirc.dat knows minutes, so an event of the same minute is not newer.
    """
    return _minute(event) > _minute(line)


def _after(begun: tuple[Step, ...], due: Due, notes: tuple[Note, ...] = ()) -> Due:
    return Due(due.at, notes + due.notes, begun + due.steps)


def _end_of_days(
    at: datetime, days: int, library: Library, kind: StepKind = StepKind.LENGTH
) -> Due:
    day = at.date() + timedelta(days=days)
    return _closing_of(at, day, library, Step(kind, day, days))


def _closing_of(at: datetime, day: date, library: Library, step: Step) -> Due:
    """Closing time of a day, or of the first open one after it."""
    steps, opened = [step], policy.next_open_day(library, day)
    if opened != day:
        steps.append(Step(StepKind.CLOSED, opened))
    due = policy.closing(library, opened, _zone(at))
    return Due(due, steps=(*steps, Step(StepKind.CLOSING, due)))


def _end_of_hours(at: datetime, hours: int, library: Library) -> Due:
    # Over UTC: 24 hours across a clock change are 24 hours, not one calendar day.
    end = (at.astimezone(UTC) + timedelta(hours=hours)).astimezone(at.tzinfo)
    step = Step(StepKind.HOURS, end, hours)
    if policy.is_open(library, end):
        return Due(end, steps=(step,))
    return _closing_of(end, end.date(), library, step)


def _within_account(due: Due, at: datetime, library: Library, expires_on: date) -> Due:
    if due.at.date() <= expires_on:
        return due
    if at.date() > expires_on:
        steps = (*due.steps, Step(StepKind.EXPIRED, expires_on))
        return Due(at, (*due.notes, Note.PATRON_EXPIRED), steps)
    day, end = policy.last_open_day(library, expires_on, at.date()), at
    if day is not None:
        end = max(policy.closing(library, day, _zone(at)), at)
    steps = (*due.steps, Step(StepKind.EXPIRY, expires_on), Step(StepKind.CLOSING, end))
    return Due(end, (*due.notes, Note.DUE_AT_EXPIRY), steps)


def _not_in_past(due: Due, now: datetime) -> Due:
    if due.at >= now:
        return due
    steps = (*due.steps, Step(StepKind.NOT_PAST, now))
    return Due(now, (*due.notes, Note.DUE_AT_UPLOAD), steps)


def _zone(at: datetime) -> tzinfo:
    if at.tzinfo is None:
        raise ValueError("the rules need moments with a time zone")
    return at.tzinfo


def _minute(moment: datetime) -> datetime:
    # In UTC: within one zone Python compares wall clocks, which go back for an hour in autumn.
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
