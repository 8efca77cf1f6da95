"""The examples that manuals print, one by one, each with the manual it is from.

Those that are told of a whole library (messages, transit, hold shelf, book drop, roles) are tests
of the practice server; these need the rules alone.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from offcirc.core.answers import Note
from offcirc.core.rules import lending, policy
from offcirc.core.rules.policy import (
    FixedReturn,
    HeldItem,
    Hours,
    ItemException,
    Library,
    Limit,
    Renewal,
    Terms,
)
from offcirc.practice.library import library
from offcirc.practice.library.policy import parse

TOULOUSE, BORDEAUX = "users' manual, network of Toulouse", "users' manual, network of Bordeaux"
BOTH = "users' manuals of both networks"
ALMA = "documentation of Alma"

PARIS = ZoneInfo("Europe/Paris")
SAMPLE = parse((library.sample() / "policy.toml").read_text(encoding="utf-8"))
DAY = Hours(time(8), time(19))
ALWAYS = Library("A", "A", "A", (DAY,) * 7, (), 3, 1)
NEVER = date(2999, 12, 31)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def lent(text: str, terms: Terms, owner: Library = ALWAYS, expires: date = NEVER) -> lending.Due:
    return lending.loan_due(at(text), terms, owner, expires, at(text))


@pytest.mark.parametrize(
    ("source", "group", "days", "longest"),
    [
        (TOULOUSE, "L", 21, 28),
        (TOULOUSE, "M", 28, 42),
        (TOULOUSE, "D", 35, 49),
        (TOULOUSE, "Personnels", 35, 49),
        (TOULOUSE, "Autorises", 14, 14),
    ],
)
def test_length_and_longest_at_63s(source, group, days, longest) -> None:
    found = SAMPLE.terms("63S", group)
    assert (found.days, found.max_days) == (days, longest), source


@pytest.mark.parametrize("renewable", [True, False])
@pytest.mark.parametrize(
    ("source", "days", "hours", "due"),
    [
        (TOULOUSE, None, 24, "2018-06-02T10:00"),
        (TOULOUSE, None, 48, "2018-06-03T10:00"),
        (TOULOUSE, None, 72, "2018-06-04T10:00"),
        (TOULOUSE, 7, None, "2018-06-08T19:00"),
        (TOULOUSE, 10, None, "2018-06-11T19:00"),
        (TOULOUSE, 14, None, "2018-06-15T19:00"),
        (TOULOUSE, 21, None, "2018-06-22T19:00"),
        (TOULOUSE, 28, None, "2018-06-29T19:00"),
        (TOULOUSE, 90, None, "2018-08-30T19:00"),
    ],
)
def test_an_exception_takes_the_place_of_the_length(source, days, hours, due, renewable) -> None:
    exception = ItemException("X", days, hours, renewable, excluded=False, max_days=None)
    terms = exception.over(Terms(21, None, 28))
    assert lent("2018-06-01T10:00", terms).at == at(due), source
    assert terms.renewable is renewable


def test_excluded_from_loan_is_due_when_it_is_lent() -> None:
    terms = ItemException("EXCLU", None, None, False, True, None).over(Terms(21, None, 28))
    assert lent("2018-06-01T10:00", terms).at == at("2018-06-01T10:00"), TOULOUSE


def test_counted_from_the_recorded_day_and_never_due_in_the_past() -> None:
    day, upload = "2018-01-15T09:00", at("2018-03-01T08:00")
    terms = Terms(21, None, 28)
    assert lent(day, terms).at == at("2018-02-05T19:00"), BOTH
    late = lending.loan_due(at(day), terms, ALWAYS, NEVER, upload)
    assert late == lending.Due(upload, (Note.DUE_AT_UPLOAD,)), ALMA


def test_a_closed_day_moves_to_the_next_open_one_at_closing_time() -> None:
    weekly = Library("A", "A", "A", (*(DAY,) * 6, None), (), 3, 1)
    assert lent("2018-06-03T10:00", Terms(14, None, 14), weekly).at == at("2018-06-18T19:00"), BOTH


def test_no_due_date_passes_the_expiry_of_the_account() -> None:
    found = lent("2018-06-01T10:00", Terms(21, None, 28), expires=date(2018, 6, 10))
    assert found.at == at("2018-06-10T19:00"), BOTH


def test_late_only_from_the_night_after() -> None:
    due = at("2018-06-01T19:00")
    assert lending.days_late(due, at("2018-06-01T23:59")) == 0, BOTH
    assert lending.days_late(due, at("2018-06-02T00:01")) == 1


@pytest.mark.parametrize(
    ("source", "short", "back", "days"),
    [
        # Due on Monday 4 June 2018, grace from Tuesday to Thursday.
        (BOTH, False, "2018-06-07T18:00", 0),
        (BOTH, False, "2018-06-08T09:00", 1),
        (BOTH, False, "2018-06-10T09:00", 3),
        # A loan of a week or less has one day.
        (BOTH, True, "2018-06-05T18:00", 0),
        (BOTH, True, "2018-06-06T09:00", 1),
    ],
)
def test_a_day_for_each_day_late_after_the_grace(source, short, back, days) -> None:
    found = lending.suspension(at("2018-06-04T19:00"), at(back), short=short, library=ALWAYS)
    assert found.days == days, source
    assert found.until == (at(back).date() + timedelta(days=days) if days else None)


def test_several_blocks_do_not_add_up() -> None:
    ends = date(2018, 6, 8), date(2018, 6, 20), None
    assert lending.longest(*ends) == date(2018, 6, 20), BOTH


@pytest.mark.parametrize(
    ("source", "rule", "terms", "day", "due"),
    [
        # 14 of 21 days, lent on 1 June, due on 15 June.
        (TOULOUSE, Renewal.REMAINING_DAYS, Terms(14, None, 21), 2, "2018-06-15"),
        (TOULOUSE, Renewal.REMAINING_DAYS, Terms(14, None, 21), 6, "2018-06-15"),
        (TOULOUSE, Renewal.REMAINING_DAYS, Terms(14, None, 21), 9, "2018-06-16"),
        (TOULOUSE, Renewal.REMAINING_DAYS, Terms(14, None, 21), 10, "2018-06-17"),
        (TOULOUSE, Renewal.REMAINING_DAYS, Terms(14, None, 21), 15, "2018-06-22"),
        # 20 of 40 days. The manual prints 20 June as first due date: a day less than adding gives.
        (TOULOUSE, Renewal.REMAINING_DAYS, Terms(20, None, 40), 6, "2018-06-26"),
        (TOULOUSE, Renewal.REMAINING_DAYS, Terms(20, None, 40), 18, "2018-07-08"),
        (TOULOUSE, Renewal.REMAINING_DAYS, Terms(20, None, 40), 20, "2018-07-10"),
        # Day of renewal and loan length, no further than the first due date and 7 days.
        (BORDEAUX, Renewal.LOAN_DAYS, Terms(14, None, 21), 1, "2018-06-15"),
        (BORDEAUX, Renewal.LOAN_DAYS, Terms(14, None, 21), 6, "2018-06-20"),
        (BORDEAUX, Renewal.LOAN_DAYS, Terms(14, None, 21), 10, "2018-06-22"),
    ],
)
def test_renewals_as_printed(source, rule, terms, day, due) -> None:
    first = lent("2018-06-01T10:00", terms)
    found = renewed(lending.OnLoan(first.at, at("2018-06-01T10:00")), day, rule, terms)
    assert found.at == at(f"{due}T19:00"), source


def renewed(loan: lending.OnLoan, day: int, rule: Renewal, terms: Terms) -> lending.Due:
    return lending.renewal_due(
        at(f"2018-06-{day:02}T10:00"),
        loan,
        terms,
        rule=rule,
        library=ALWAYS,
        expires_on=NEVER,
        now=loan.loaned_at,
    )


@pytest.mark.parametrize("rule", Renewal)
@pytest.mark.parametrize(
    ("source", "day", "changes"),
    [
        (BOTH, 16, {}),  # after the library closed on the due day
        (BOTH, 14, {"hindered": True}),  # requested by another, or the reader has something overdue
        (BOTH, 14, {"renewed_on": date(2018, 6, 14)}),  # twice on one day
        (BOTH, 14, {"renewable": False}),
    ],
)
def test_not_renewable(source, day, changes, rule) -> None:
    against = dict(changes)
    terms = Terms(14, None, 21, renewable=against.pop("renewable", True))
    loan = lending.OnLoan(at("2018-06-15T19:00"), at("2018-06-01T10:00"), **against)
    found = renewed(loan, day, rule, terms)
    assert (found.at, Note.NOT_RENEWABLE in found.notes) == (loan.due, True), source


def test_lent_in_summer_is_due_on_15_september() -> None:
    summer = FixedReturn(date(2018, 6, 1), date(2018, 8, 31), date(2018, 9, 15))
    owner = Library("A", "A", "A", (DAY,) * 7, (), 3, 1, (summer,))
    assert lent("2018-06-01T10:00", Terms(21, None, 28), owner).at == at("2018-09-15T19:00"), BOTH


@pytest.mark.parametrize(
    ("source", "limit", "reached"),
    [
        (TOULOUSE, Limit(2, group="L"), True),
        (TOULOUSE, Limit(2, group="M"), False),
        (TOULOUSE, Limit(2, library="BUC"), True),
        (TOULOUSE, Limit(1, library="SCI"), False),
        (TOULOUSE, Limit(1, material="DVD"), True),
        (TOULOUSE, Limit(0, exception="H24"), False),
    ],
)
def test_limits_by_group_library_material_and_exception(source, limit, reached) -> None:
    held = [HeldItem("BUC", "Livre"), HeldItem("BUC", "DVD")]
    found = policy.passed([limit], "L", held, HeldItem("BUC", "DVD"))
    assert bool(found) is reached, source
