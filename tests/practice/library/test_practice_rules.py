"""The figures are those of the networks: location 63S, and the exceptions of the sample."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.answers import Note
from offcirc.core.rules import lending, policy
from offcirc.core.rules.policy import Hours, Library, Renewal, Terms
from offcirc.practice.library import library
from offcirc.practice.library.policy import parse

PARIS = ZoneInfo("Europe/Paris")
POLICY = parse((library.sample() / "policy.toml").read_text(encoding="utf-8"))
BUC = POLICY.libraries["BUC"]
SCI = POLICY.libraries["SCI"]
LONG_AGO = datetime(2000, 1, 1, tzinfo=PARIS)
NEVER = date(2999, 12, 31)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def terms(group: str, exception: str = "", location: str = "63S") -> Terms:
    found = POLICY.terms(location, group, exception)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("group", "days", "longest"),
    [
        ("L", 21, 28),
        ("M", 28, 42),
        ("D", 35, 49),
        ("Personnels", 35, 49),
        ("Autorises", 14, 14),
        ("no such group", 14, 28),
    ],
)
def test_length_is_group_by_location(group: str, days: int, longest: int) -> None:
    assert (terms(group).days, terms(group).max_days) == (days, longest)


def test_a_rule_naming_the_location_goes_before_the_general_one() -> None:
    assert terms("L", location="LIBRE").days == 14
    assert terms("L", location="63S").days == 21


@pytest.mark.parametrize(
    ("exception", "days", "hours", "renewable", "excluded"),
    [
        ("EXCLU", 0, None, False, True),
        ("H24", None, 24, False, False),
        ("H48", None, 48, False, False),
        ("J7", 7, None, False, False),
        ("J90", 90, None, False, False),
    ],
)
def test_an_exception_replaces_the_length(
    exception: str, days: int | None, hours: int | None, renewable: bool, excluded: bool
) -> None:
    found = terms("L", exception)
    assert (found.days, found.hours) == (days, hours)
    assert (found.renewable, found.excluded) == (renewable, excluded)


@pytest.mark.parametrize(
    ("loaned", "group", "exception", "due"),
    [
        # Monday 15 January 2018 and 21 days: Monday, open until 20:00.
        ("2018-01-15T09:14", "L", "", "2018-02-05T20:00"),
        ("2018-01-15T09:14", "M", "", "2018-02-12T20:00"),
        ("2018-01-15T09:14", "D", "", "2018-02-19T20:00"),
        ("2018-01-15T09:14", "Autorises", "", "2018-01-29T20:00"),
        # Friday and Saturday close earlier.
        ("2018-01-12T09:14", "L", "", "2018-02-02T19:00"),
        ("2018-01-13T09:14", "L", "", "2018-02-03T18:00"),
        # Sunday moves to Monday; a closure moves beyond its last day (Sunday 4 March).
        ("2018-01-14T09:14", "L", "", "2018-02-05T20:00"),
        ("2018-02-03T10:00", "L", "", "2018-03-05T20:00"),
        ("2018-02-10T10:00", "Autorises", "", "2018-03-05T20:00"),
        # The day before the closure is itself open.
        ("2018-02-02T10:00", "L", "", "2018-02-23T19:00"),
        # A loan made after closing counts from its date all the same.
        ("2018-01-15T23:50", "L", "", "2018-02-05T20:00"),
        ("2018-01-15T09:14", "L", "J7", "2018-01-22T20:00"),
        ("2018-01-15T09:14", "L", "J90", "2018-04-16T20:00"),
        # Hours: exact while the library is open, else closing time, else the next open day's.
        ("2018-01-15T09:14", "L", "H24", "2018-01-16T09:14"),
        ("2018-01-15T09:14", "L", "H48", "2018-01-17T09:14"),
        ("2018-01-11T19:30", "L", "H24", "2018-01-12T19:00"),
        ("2018-01-13T10:00", "L", "H24", "2018-01-15T20:00"),
        # 24 hours over the spring clock change (Sunday 25 March 2018 is closed).
        ("2018-03-24T10:00", "L", "H48", "2018-03-26T11:00"),
    ],
)
def test_due_date(loaned: str, group: str, exception: str, due: str) -> None:
    found = lending.loan_due(at(loaned), terms(group, exception), BUC, NEVER, LONG_AGO)
    assert found == lending.Due(at(due))


def test_each_library_has_its_own_hours() -> None:
    due = lending.loan_due(at("2018-01-13T09:14"), terms("L"), SCI, NEVER, LONG_AGO)
    assert due.at == at("2018-02-05T19:00")  # closed on Saturdays


def test_an_excluded_item_is_due_when_it_is_lent() -> None:
    moment = at("2018-01-15T10:11")
    due = lending.loan_due(moment, terms("L", "EXCLU"), BUC, NEVER, at("2018-03-01T08:00"))
    assert due == lending.Due(moment, (Note.EXCLUDED,))


@pytest.mark.parametrize(
    ("expires", "due", "note"),
    [
        ("2018-02-05", "2018-02-05T20:00", None),
        ("2018-02-04", "2018-02-03T18:00", Note.DUE_AT_EXPIRY),  # a Sunday: back to Saturday
        ("2018-01-25", "2018-01-25T20:00", Note.DUE_AT_EXPIRY),
        ("2018-01-15", "2018-01-15T20:00", Note.DUE_AT_EXPIRY),
        ("2018-01-14", "2018-01-15T09:14", Note.PATRON_EXPIRED),
    ],
)
def test_due_date_never_passes_the_expiry(expires: str, due: str, note: Note | None) -> None:
    found = lending.loan_due(
        at("2018-01-15T09:14"), terms("L"), BUC, date.fromisoformat(expires), LONG_AGO
    )
    assert found == lending.Due(at(due), () if note is None else (note,))


def test_due_date_in_the_past_is_the_time_of_upload() -> None:
    upload = at("2018-03-07T08:30")
    due = lending.loan_due(at("2018-01-15T09:14"), terms("L"), BUC, NEVER, upload)
    assert due == lending.Due(upload, (Note.DUE_AT_UPLOAD,))


EVERY_DAY = replace(BUC, week=(Hours(time(8), time(20)),) * 7, closures=())


def renew(
    moment: str,
    due: str,
    first: str,
    conditions: Terms,
    *,
    rule: Renewal = Renewal.REMAINING_DAYS,
    library: Library = EVERY_DAY,
    renewed_on: date | None = None,
    hindered: bool = False,
    expires_on: date = NEVER,
) -> lending.Due:
    return lending.renewal_due(
        at(moment),
        lending.OnLoan(at(due), at(first), renewed_on, hindered),
        conditions,
        rule=rule,
        library=library,
        expires_on=expires_on,
        now=LONG_AGO,
    )


@pytest.mark.parametrize(
    ("length", "longest", "renewed", "due"),
    [
        # As printed by the network of Toulouse: lent on 1 June for 14 of 21 days, due on 15 June.
        (14, 21, "2018-06-02", "2018-06-15"),
        (14, 21, "2018-06-06", "2018-06-15"),
        (14, 21, "2018-06-09", "2018-06-16"),
        (14, 21, "2018-06-10", "2018-06-17"),
        (14, 21, "2018-06-15", "2018-06-22"),
        # For 20 of 40 days. The manual prints 20 June and 10 July as first due date and end, a
        # day less than adding gives; the renewals it prints are those of adding.
        (20, 40, "2018-06-06", "2018-06-26"),
        (20, 40, "2018-06-18", "2018-07-08"),
        (20, 40, "2018-06-20", "2018-07-10"),
    ],
)
def test_remaining_days_as_printed(length: int, longest: int, renewed: str, due: str) -> None:
    conditions = Terms(length, None, longest)
    first = lending.loan_due(at("2018-06-01T10:00"), conditions, EVERY_DAY, NEVER, LONG_AGO)
    found = renew(f"{renewed}T10:00", first.at.isoformat()[:16], "2018-06-01T10:00", conditions)
    assert found.at == at(f"{due}T20:00")
    assert (Note.NOT_RENEWABLE in found.notes) == (found.at == first.at)


@pytest.mark.parametrize(
    ("renewed", "due"),
    [
        ("2018-06-01", "2018-06-15"),  # the day of the loan
        ("2018-06-02", "2018-06-16"),
        ("2018-06-06", "2018-06-20"),
        ("2018-06-10", "2018-06-22"),  # no further than the first due date and 7 days
        ("2018-06-15", "2018-06-22"),
    ],
)
def test_loan_days_end_with_the_length_of_the_renewal(renewed: str, due: str) -> None:
    conditions = Terms(14, None, 21)
    found = renew(
        f"{renewed}T10:00",
        "2018-06-15T20:00",
        "2018-06-01T10:00",
        conditions,
        rule=Renewal.LOAN_DAYS,
    )
    assert found.at == at(f"{due}T20:00")


def test_renewal_at_the_longest_duration_says_so() -> None:
    found = renew("2018-06-20T10:00", "2018-06-22T20:00", "2018-06-01T10:00", Terms(14, None, 21))
    assert found == lending.Due(at("2018-06-22T20:00"), (Note.RENEWAL, Note.RENEWAL_MAXIMUM))


@pytest.mark.parametrize("rule", Renewal)
@pytest.mark.parametrize(
    "against",
    [
        {"moment": "2018-06-15T20:01"},  # closed on the due day
        {"moment": "2018-06-16T10:00"},
        {"renewed_on": date(2018, 6, 14)},  # twice on one day
        {"hindered": True},
        {"conditions": Terms(14, None, 21, renewable=False)},
    ],
)
def test_what_stands_against_a_renewal(rule: Renewal, against: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"moment": "2018-06-14T10:00", "conditions": Terms(14, None, 21)}
    loan = {"due": "2018-06-15T20:00", "first": "2018-06-01T10:00"}
    assert renew(**usual, **loan, rule=rule).at > at("2018-06-15T20:00")
    found = renew(**{**usual, **against}, **loan, rule=rule)
    assert found == lending.Due(at("2018-06-15T20:00"), (Note.RENEWAL, Note.NOT_RENEWABLE))


def test_renewal_never_brings_the_due_date_forward() -> None:
    found = renew("2018-01-10T10:00", "2018-02-28T20:00", "2018-01-01T10:00", terms("L"))
    assert found.at == at("2018-02-28T20:00")


def test_a_loan_of_hours_is_renewed_by_its_hours() -> None:
    found = renew("2018-06-02T10:00", "2018-06-02T14:00", "2018-06-01T10:00", Terms(None, 24, 7))
    assert found == lending.Due(at("2018-06-03T10:00"), (Note.RENEWAL,))


def test_a_renewal_moves_nothing_where_the_account_ends_before() -> None:
    found = renew(
        "2018-06-14T10:00",
        "2018-06-15T20:00",
        "2018-06-01T10:00",
        Terms(14, None, 21),
        expires_on=date(2018, 6, 15),
    )
    assert found.at == at("2018-06-15T20:00")
    assert found.notes[0] is Note.RENEWAL


def test_a_moment_without_a_zone_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="time zone"):
        lending.loan_due(datetime(2018, 6, 1, 10), Terms(14, None, 21), EVERY_DAY, NEVER, LONG_AGO)


def test_an_exception_may_forbid_renewal() -> None:
    found = renew("2018-01-20T10:00", "2018-01-22T20:00", "2018-01-15T10:00", terms("L", "J7"))
    assert found == lending.Due(at("2018-01-22T20:00"), (Note.RENEWAL, Note.NOT_RENEWABLE))


@pytest.mark.parametrize(
    ("text", "today", "day"),
    [
        ("2018-01-25", "2026-11-28", "2018-01-25"),
        ("*-10-31", "2018-01-15", "2018-10-31"),
        ("*-10-31", "2018-07-31", "2018-10-31"),
        ("*-10-31", "2018-08-01", "2019-10-31"),  # three months are left at least
        ("*-01-31", "2018-10-15", "2019-01-31"),
        ("*-01-31", "2018-12-15", "2020-01-31"),
    ],
)
def test_accounts_that_expire_with_the_year(text: str, today: str, day: str) -> None:
    assert lending.expiry(text, date.fromisoformat(today)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("returned", "short", "until"),
    [
        ("2018-02-05T23:59", False, None),  # late only from the night after
        ("2018-02-06T00:01", False, None),
        ("2018-02-08T10:00", False, None),  # three days: within the grace
        ("2018-02-09T10:00", False, "2018-02-10"),  # four days late, less the grace
        ("2018-02-15T10:00", False, "2018-02-22"),
        ("2018-02-06T10:00", True, None),  # one day of grace for a short loan
        ("2018-02-07T10:00", True, "2018-02-08"),
    ],
)
def test_late_return(returned: str, short: bool, until: str | None) -> None:
    found = lending.suspended_until(at("2018-02-05T20:00"), at(returned), short=short, library=BUC)
    assert found == (date.fromisoformat(until) if until else None)


def test_the_longest_suspension_counts() -> None:
    first, second = date(2018, 3, 1), date(2018, 2, 1)
    assert lending.longest(first, second) == lending.longest(second, first) == first
    assert lending.longest(None, second) == second
    assert lending.longest(None) is None


@pytest.mark.parametrize(
    ("exception", "group", "short"),
    [("", "L", False), ("", "Autorises", False), ("J7", "L", True), ("H24", "L", True)],
)
def test_short_loans(exception: str, group: str, short: bool) -> None:
    assert terms(group, exception).short is short


def test_an_event_of_the_same_minute_is_not_later() -> None:
    line = at("2018-01-15T14:20")
    assert not lending.is_later(line.replace(second=59), line)
    assert not lending.is_later(line - timedelta(minutes=1), line)
    assert lending.is_later(line + timedelta(minutes=1), line.replace(second=59))


def test_later_is_judged_over_the_autumn_clock_change() -> None:
    summer = datetime(2018, 10, 28, 2, 50, tzinfo=PARIS, fold=0)
    winter = datetime(2018, 10, 28, 2, 10, tzinfo=PARIS, fold=1)
    assert lending.is_later(winter, summer)
    assert not lending.is_later(summer, winter)


MOMENTS = st.datetimes(datetime(2017, 1, 1), datetime(2019, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=PARIS)
)
TERMS = st.sampled_from(
    [
        terms(group, exception)
        for group in ("L", "M", "D", "Autorises")
        for exception in ("", "H24", "H48", "J7", "J90")
    ]
)
LIBRARIES = st.sampled_from([BUC, SCI])


@given(MOMENTS, TERMS, LIBRARIES)
def test_due_always_while_open_and_not_before_the_loan(moment, conditions, owner) -> None:
    due = lending.loan_due(moment, conditions, owner, NEVER, LONG_AGO)
    assert policy.is_open(owner, due.at)
    assert due.at.astimezone(UTC) > moment.astimezone(UTC)
    if conditions.days is not None:
        assert due.at == policy.closing(owner, due.at.date(), PARIS)
        assert due.at.date() >= moment.date() + timedelta(days=conditions.days)


@given(MOMENTS, TERMS, LIBRARIES, st.integers(0, 120))
def test_due_never_after_expiry(moment, conditions, owner, days) -> None:
    expires_on = moment.date() + timedelta(days=days)
    due = lending.loan_due(moment, conditions, owner, expires_on, LONG_AGO)
    assert due.at.date() <= expires_on
    assert due.at >= moment


@given(MOMENTS, TERMS, LIBRARIES, st.integers(-30, 120), MOMENTS)
def test_due_never_before_the_upload(moment, conditions, owner, days, now) -> None:
    expires_on = moment.date() + timedelta(days=days)
    due = lending.loan_due(moment, conditions, owner, expires_on, now)
    assert due.at >= now
    unhurried = lending.loan_due(moment, conditions, owner, expires_on, LONG_AGO)
    assert (Note.DUE_AT_UPLOAD in due.notes) == (unhurried.at < now)


@given(
    MOMENTS,
    TERMS,
    LIBRARIES,
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from(list(Renewal)),
)
def test_renewal_keeps_within_the_longest_duration(
    moment, conditions, owner, gap, length, rule
) -> None:
    first = moment - timedelta(days=gap)
    due_now = first + timedelta(days=length)
    due = lending.renewal_due(
        moment,
        lending.OnLoan(due_now, first),
        conditions,
        rule=rule,
        library=owner,
        expires_on=NEVER,
        now=LONG_AGO,
    )
    assert due.at >= due_now
    limit = policy.next_open_day(owner, first.date() + timedelta(days=conditions.max_days))
    assert due.at.date() <= max(limit, due_now.date())


def test_a_due_date_falls_on_a_clock_that_exists() -> None:
    # 2:30 on 25 March 2018 never was; the hours run over it.
    due = lending.loan_due(at("2018-03-23T14:00"), terms("L", "H48"), BUC, NEVER, LONG_AGO)
    assert due.at == at("2018-03-26T20:00")
