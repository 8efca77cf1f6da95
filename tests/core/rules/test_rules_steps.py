"""Fixed return dates, and how the rules explain themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc import i18n, rulewords
from offcirc.core.answers import Note
from offcirc.core.rules import lending, policy
from offcirc.core.rules.lending import StepKind
from offcirc.core.rules.policy import Closure, FixedReturn, Hours, Library, Renewal, Terms

PARIS = ZoneInfo("Europe/Paris")
NEVER = date(2999, 12, 31)
DAY = Hours(time(8), time(19))
LIBRARY = Library(
    code="A",
    name="A",
    circ_desk="A",
    week=(DAY, DAY, DAY, DAY, DAY, DAY, None),
    closures=(Closure(date(2018, 9, 15), date(2018, 9, 16)),),
    grace_days=3,
    short_loan_grace_days=1,
    # As the networks print it: lent from the first of June, due on 15 September.
    fixed_returns=(FixedReturn(date(2018, 6, 1), date(2018, 8, 31), date(2018, 9, 15)),),
)
WEEKS = Terms(21, None, 28)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def due(text: str, terms: Terms = WEEKS, expires_on: date = NEVER) -> lending.Due:
    return lending.loan_due(at(text), terms, LIBRARY, expires_on, at(text))


@pytest.mark.parametrize(
    ("lent", "terms", "expected"),
    [
        ("2018-05-31T10:00", WEEKS, "2018-06-21T19:00"),
        ("2018-06-01T10:00", WEEKS, "2018-09-17T19:00"),  # 15 September is closed here
        ("2018-08-31T10:00", WEEKS, "2018-09-17T19:00"),
        ("2018-09-01T10:00", WEEKS, "2018-09-22T19:00"),
        ("2018-06-01T10:00", Terms(None, 24, 1), "2018-06-02T10:00"),
        ("2018-06-01T10:00", Terms(0, None, 0, excluded=True), "2018-06-01T10:00"),
    ],
)
def test_a_fixed_return_date_takes_the_place_of_the_days(lent, terms, expected) -> None:
    assert due(lent, terms).at == at(expected)


def test_a_fixed_return_date_does_not_pass_the_expiry() -> None:
    found = due("2018-06-01T10:00", expires_on=date(2018, 7, 31))
    assert found == lending.Due(at("2018-07-31T19:00"), (Note.DUE_AT_EXPIRY,))


def test_what_has_a_fixed_date_is_not_renewed() -> None:
    loan = lending.OnLoan(at("2018-09-17T19:00"), at("2018-06-01T10:00"))
    for day, library in (("2018-06-20T10:00", LIBRARY), ("2018-09-10T10:00", LIBRARY)):
        found = lending.renewal_due(
            at(day),
            loan,
            Terms(21, None, 200),
            rule=Renewal.LOAN_DAYS,
            library=library,
            expires_on=NEVER,
            now=at(day),
        )
        assert found == lending.Due(loan.due, (Note.RENEWAL, Note.NOT_RENEWABLE))
        assert found.steps[-1].kind is StepKind.FIXED


def test_a_due_date_explains_itself() -> None:
    found = due("2018-04-22T10:00", replace(WEEKS, days=14))
    kinds = [step.kind for step in found.steps]
    assert kinds == [StepKind.LOAN, StepKind.LENGTH, StepKind.CLOSED, StepKind.CLOSING]
    assert rulewords.steps(found.steps, rulewords.subject("L", "63S")) == [
        "loan 2018-04-22 10:00",
        "group L at 63S: 14 days → 2018-05-06",
        "closed, next open day → 2018-05-07",
        "closing time → 2018-05-07 19:00",
    ]
    i18n.activate("fr")
    assert rulewords.steps(found.steps, rulewords.subject("L", "63S"))[1:3] == [
        "groupe L en 63S\N{NO-BREAK SPACE}: 14 jours → 06/05/2018",
        "fermé, jour d’ouverture suivant → 07/05/2018",
    ]


@pytest.mark.parametrize("kind", StepKind)
def test_each_step_has_words_in_both_languages(kind: StepKind) -> None:
    from offcirc.core.rules.lending import Step

    told = {}
    for language in i18n.LANGUAGES:
        i18n.activate(language)
        told[language] = rulewords.step(Step(kind, at("2018-01-15T10:00"), 2))
    assert len(set(told.values())) == len(told)
    assert all(text and "{" not in text for text in told.values())


def test_grace_days_are_not_counted() -> None:
    """Due on Monday with a grace of three days, back on Friday: one day (both networks)."""
    found = lending.suspension(
        at("2018-02-05T19:00"), at("2018-02-09T10:00"), short=False, library=LIBRARY
    )
    assert (found.days, found.until) == (1, date(2018, 2, 10))
    assert [(step.kind, step.count) for step in found.steps[2:]] == [
        (StepKind.LATE, 4),
        (StepKind.GRACE, 3),
        (StepKind.SUSPENDED, 1),
    ]


MOMENTS = st.datetimes(datetime(2017, 1, 1), datetime(2019, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=PARIS)
)


@given(MOMENTS, st.integers(1, 120), st.integers(0, 400))
def test_never_closed_never_past_expiry_never_before_the_loan(moment, days, left) -> None:
    expires_on = moment.date() + timedelta(days=left)
    found = lending.loan_due(moment, Terms(days, None, days), LIBRARY, expires_on, moment)
    assert moment <= found.at
    assert found.at.date() <= expires_on
    assert found.at == moment or policy.is_open(LIBRARY, found.at)
    assert found.steps[0].to == moment
    assert found.steps[-1].to == found.at


@given(st.lists(st.tuples(MOMENTS, st.integers(0, 90)), min_size=1, max_size=5))
def test_blocks_never_add_up(returns) -> None:
    ends = [
        lending.suspended_until(back - timedelta(days=late), back, short=False, library=LIBRARY)
        for back, late in returns
    ]
    counts = lending.longest(*ends)
    assert counts in ends
    assert all(end is None or (counts is not None and end <= counts) for end in ends)
