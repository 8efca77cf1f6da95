"""The circulation rules: due dates, renewals, late returns. Pure: the server's clock is passed in.

Every moment is an aware datetime in the library's own zone. The rules and their figures are those
of three French university networks; where they leave something open, the choice made here is
said where it is made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from offcirc.core.answers import Note
from offcirc.core.rules import calendar
from offcirc.core.rules.policy import Library, Renewal, Terms


@dataclass(frozen=True, slots=True)
class Due:
    """A due date and what shaped it."""

    at: datetime
    notes: tuple[Note, ...] = ()


def loan_due(at: datetime, terms: Terms, library: Library, expires_on: date, now: datetime) -> Due:
    """The due date of a loan made at ``at``.

    Calendar days from the recorded date, to the closing time of the owning library; a closed day
    moves to the next open one. Hours are counted exactly; where they end while the library is
    closed, the loan is due at closing time of that day, or of the next open day.

    The date never passes the account's expiry: it then is the last closing time before. What
    would already be past at ``now`` becomes ``now``, even after the expiry; only an excluded item
    keeps its loan time as due date, since staff must look at it anyway.
    """
    if terms.excluded:
        return Due(at, (Note.EXCLUDED,))
    if terms.hours is not None:
        due = _end_of_hours(at, terms.hours, library)
    else:
        due = _end_of_days(at, terms.days or 0, library)
    capped, notes = _within_account(due, at, library, expires_on)
    return _not_in_past(Due(capped, notes), now)


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
    day, first = at.date(), loan.loaned_at.date()
    forbidden = terms.excluded or not terms.renewable or loan.hindered or at > loan.due
    if forbidden or day in (first, loan.renewed_on):
        return Due(loan.due, (Note.RENEWAL, Note.NOT_RENEWABLE))
    longest = _end_of_days(loan.loaned_at, terms.max_days, library)
    if terms.hours is not None:
        wanted = _end_of_hours(at, terms.hours, library)
    else:
        length = terms.days or 0
        added = length if rule is Renewal.LOAN_DAYS else terms.max_days - length
        wanted = _end_of_days(at, added, library)
    notes: tuple[Note, ...] = (Note.RENEWAL,)
    if min(wanted, longest) <= loan.due:
        why = Note.RENEWAL_MAXIMUM if longest <= loan.due else Note.NOT_RENEWABLE
        return Due(loan.due, (*notes, why))
    capped, more = _within_account(min(wanted, longest), at, library, expires_on)
    if capped <= loan.due:
        return Due(loan.due, notes + more)
    return _not_in_past(Due(capped, notes + more), now)


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
    late = days_late(due, returned)
    grace = library.short_loan_grace_days if short else library.grace_days
    if late <= grace:
        return None
    return returned.date() + timedelta(days=late - grace)


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


def _end_of_days(at: datetime, days: int, library: Library) -> datetime:
    day = calendar.next_open_day(library, at.date() + timedelta(days=days))
    return calendar.closing(library, day, _zone(at))


def _end_of_hours(at: datetime, hours: int, library: Library) -> datetime:
    # Over UTC: 24 hours across a clock change are 24 hours, not one calendar day.
    end = (at.astimezone(UTC) + timedelta(hours=hours)).astimezone(at.tzinfo)
    if calendar.is_open(library, end):
        return end
    return _end_of_days(end, 0, library)


def _within_account(
    due: datetime, at: datetime, library: Library, expires_on: date
) -> tuple[datetime, tuple[Note, ...]]:
    if due.date() <= expires_on:
        return due, ()
    if at.date() > expires_on:
        return at, (Note.PATRON_EXPIRED,)
    day = calendar.last_open_day(library, expires_on, at.date())
    if day is None:
        return at, (Note.DUE_AT_EXPIRY,)
    return max(calendar.closing(library, day, _zone(at)), at), (Note.DUE_AT_EXPIRY,)


def _not_in_past(due: Due, now: datetime) -> Due:
    if due.at >= now:
        return due
    return Due(now, (*due.notes, Note.DUE_AT_UPLOAD))


def _zone(at: datetime) -> tzinfo:
    if at.tzinfo is None:
        raise ValueError("the rules need moments with a time zone")
    return at.tzinfo


def _minute(moment: datetime) -> datetime:
    # In UTC: within one zone Python compares wall clocks, which go back for an hour in autumn.
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
