"""The rules against a model that walks the calendar day by day and knows nothing of their code."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from offcirc.core.rules import lending
from offcirc.core.rules.policy import Closure, FixedReturn, Hours, Library, Renewal, Terms

PARIS = ZoneInfo("Europe/Paris")
CASES = settings(max_examples=10_000 if os.environ.get("OFFCIRC_PROVE") == "1" else 60)
ONE = timedelta(days=1)
DAYS_EACH = 60
"""To make a library up takes longer than to ask it: each is asked for every day of two months."""
FIRST = date(2018, 1, 1)


def closing(library: Library, day: date) -> datetime | None:
    """When a library closes on a day; ``None``: it does not open."""
    hours = library.week[day.weekday()]
    if hours is None or any(each.first <= day <= each.last for each in library.closures):
        return None
    return datetime.combine(day, hours.closes, PARIS)


def opened(library: Library, moment: datetime) -> bool:
    end, hours = closing(library, moment.date()), library.week[moment.weekday()]
    if end is None or hours is None:
        return False
    return hours.opens <= moment.time() <= hours.closes


def forward(library: Library, day: date) -> datetime:
    while (end := closing(library, day)) is None:
        day += ONE
    return end


def fixed(library: Library, day: date) -> date | None:
    for each in library.fixed_returns:
        if each.first <= day <= each.last:
            return each.due
    return None


def before_expiry(
    due: datetime, library: Library, at: datetime, expires: date, now: datetime
) -> datetime:
    if due.date() > expires:
        day, due = expires, at
        while day >= at.date():
            if (end := closing(library, day)) is not None:
                due = max(end, at)
                break
            day -= ONE
    return max(due, now)


def after_hours(library: Library, at: datetime, hours: int) -> datetime:
    end = (at.astimezone(UTC) + timedelta(hours=hours)).astimezone(PARIS)
    return end if opened(library, end) else forward(library, end.date())


def loan(at: datetime, terms: Terms, library: Library, expires: date, now: datetime) -> datetime:
    if terms.excluded:
        return at
    if terms.hours is not None:
        due = after_hours(library, at, terms.hours)
    else:
        due = forward(library, fixed(library, at.date()) or at.date() + terms.days * ONE)
    return before_expiry(due, library, at, expires, now)


def renewal(
    at: datetime,
    out: lending.OnLoan,
    terms: Terms,
    rule: Renewal,
    library: Library,
    expires: date,
    now: datetime,
) -> datetime:
    first = out.loaned_at.date()
    if terms.excluded or not terms.renewable or out.hindered or at > out.due:
        return out.due
    if at.date() in (first, out.renewed_on):
        return out.due
    if terms.hours is not None:
        wanted = after_hours(library, at, terms.hours)
    elif fixed(library, first) is not None:
        return out.due
    elif rule is Renewal.LOAN_DAYS:
        wanted = forward(library, at.date() + terms.days * ONE)
    else:
        wanted = forward(library, at.date() + (terms.max_days - terms.days) * ONE)
    wanted = min(wanted, forward(library, first + terms.max_days * ONE))
    if wanted <= out.due:
        return out.due
    # An account that ends sooner takes nothing back; nothing moved is not moved by the upload.
    kept = before_expiry(wanted, library, at, expires, datetime.min.replace(tzinfo=PARIS))
    return out.due if kept <= out.due else max(kept, now)


def last_day(due: datetime, back: datetime, grace: int) -> date | None:
    """Each day late after the grace costs one more day, from the day after the return."""
    day, end = due.date(), back.date()
    while day < back.date():
        day += ONE
        if grace > 0:
            grace -= 1
        else:
            end += ONE
    return None if end == back.date() else end


def exists(moment: datetime) -> datetime:
    """The moment, by a clock that has been put on where it was to be."""
    return moment.astimezone(UTC).astimezone(PARIS)


DAYS = st.integers(0, 700).map(lambda number: FIRST + number * ONE)
MOMENTS = st.datetimes(datetime(2018, 1, 1), datetime(2019, 12, 1)).map(
    lambda moment: exists(moment.replace(second=0, microsecond=0, tzinfo=PARIS))
)
HOURS = st.none() | st.builds(Hours, st.times(time(7), time(10)), st.times(time(16), time(22)))
SPANS = st.tuples(DAYS, st.integers(0, 60)).map(lambda it: Closure(it[0], it[0] + it[1] * ONE))


@st.composite
def libraries(draw: st.DrawFn) -> Library:
    open_day = draw(st.integers(0, 6))
    week = [draw(HOURS) for _day in range(7)]
    week[open_day] = week[open_day] or Hours(time(8), time(20))
    summer = draw(st.lists(st.tuples(DAYS, st.integers(0, 90), st.integers(1, 60)), max_size=1))
    return Library(
        code="A",
        name="A",
        circ_desk="A",
        week=tuple(week),
        closures=tuple(draw(st.lists(SPANS, max_size=3))),
        grace_days=draw(st.integers(0, 5)),
        short_loan_grace_days=draw(st.integers(0, 2)),
        fixed_returns=tuple(
            FixedReturn(day, day + long * ONE, day + (long + more) * ONE)
            for day, long, more in summer
        ),
    )


@st.composite
def all_terms(draw: st.DrawFn) -> Terms:
    renewable, excluded = draw(st.booleans()), draw(st.integers(0, 9)) == 0
    if draw(st.integers(0, 3)) == 0:
        hours = draw(st.sampled_from((24, 48, 72)))
        return Terms(None, hours, hours // 24 + draw(st.integers(0, 5)), renewable, excluded)
    days = draw(st.sampled_from((7, 10, 14, 21, 28, 35, 90)))
    return Terms(days, None, days + draw(st.integers(0, 30)), renewable, excluded)


@pytest.mark.timeout(1800)
@pytest.mark.prove
@CASES
@given(MOMENTS, all_terms(), libraries(), DAYS, MOMENTS)
def test_a_loan_is_due_when_the_model_says(at, terms, library, expires, now) -> None:
    for day in range(DAYS_EACH):
        lent = exists(at + day * ONE)
        found = lending.loan_due(lent, terms, library, expires, now)
        assert found.at == loan(lent, terms, library, expires, now), lent
    event(found.steps[-1].kind.name)


@pytest.mark.timeout(1800)
@pytest.mark.prove
@CASES
@given(
    MOMENTS,
    st.none() | st.integers(0, 10),
    st.sampled_from((False, False, False, True)),
    all_terms(),
    libraries(),
    st.sampled_from(Renewal),
    st.none() | DAYS,
    MOMENTS,
)
def test_a_renewal_moves_what_the_model_moves(
    first, ago, hindered, terms, library, rule, expires, now
) -> None:
    expires = expires or date(2999, 12, 31)
    due = loan(first, terms, library, date(2999, 12, 31), first)
    for gap in range(DAYS_EACH):
        at = first + gap * ONE
        before = at.date() - ago * ONE if ago is not None else None
        out = lending.OnLoan(due, first, before, hindered)
        found = lending.renewal_due(
            at, out, terms, rule=rule, library=library, expires_on=expires, now=now
        )
        assert found.at == renewal(at, out, terms, rule, library, expires, now), at
    event(found.steps[-1].kind.name)


@pytest.mark.timeout(1800)
@pytest.mark.prove
@CASES
@given(MOMENTS, libraries())
def test_a_late_return_costs_what_the_model_counts(due, library) -> None:
    for short, grace in ((False, library.grace_days), (True, library.short_loan_grace_days)):
        for late in range(-5, 91):
            back = due + late * ONE
            found = lending.suspended_until(due, back, short=short, library=library)
            assert found == last_day(due, back, grace), back
