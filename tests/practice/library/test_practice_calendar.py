from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from offcirc.core.rules import policy
from offcirc.core.rules.policy import Closure, Hours, Library

PARIS = ZoneInfo("Europe/Paris")
DAY, SATURDAY = Hours(time(8), time(20)), Hours(time(9), time(18))
LIBRARY = Library(
    code="A",
    name="A",
    circ_desk="A",
    week=(DAY, DAY, DAY, DAY, DAY, SATURDAY, None),
    # Tuesday to Thursday, and a single Saturday.
    closures=(
        Closure(date(2018, 1, 16), date(2018, 1, 18)),
        Closure(date(2018, 1, 20), date(2018, 1, 20)),
    ),
    grace_days=3,
    short_loan_grace_days=1,
)


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        (15, DAY),
        (16, None),
        (17, None),
        (18, None),
        (19, DAY),
        (20, None),
        (21, None),
        (22, DAY),
        (27, SATURDAY),
    ],
)
def test_weekly_hours_less_closures(day: int, opens: Hours | None) -> None:
    assert policy.hours(LIBRARY, date(2018, 1, day)) == opens


@pytest.mark.parametrize(("day", "following"), [(15, 15), (16, 19), (18, 19), (20, 22), (21, 22)])
def test_next_open_day(day: int, following: int) -> None:
    assert policy.next_open_day(LIBRARY, date(2018, 1, day)) == date(2018, 1, following)


@pytest.mark.parametrize(
    ("day", "not_before", "found"), [(19, 1, 19), (18, 1, 15), (21, 1, 19), (18, 16, None)]
)
def test_last_open_day(day: int, not_before: int, found: int | None) -> None:
    last = policy.last_open_day(LIBRARY, date(2018, 1, day), date(2018, 1, not_before))
    assert last == (None if found is None else date(2018, 1, found))


def test_closing_time_is_local() -> None:
    winter = policy.closing(LIBRARY, date(2018, 1, 27), PARIS)
    summer = policy.closing(LIBRARY, date(2018, 7, 27), PARIS)
    assert winter.isoformat() == "2018-01-27T18:00:00+01:00"
    assert summer.isoformat() == "2018-07-27T20:00:00+02:00"
    with pytest.raises(ValueError, match="closed"):
        policy.closing(LIBRARY, date(2018, 1, 16), PARIS)


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2018-01-15T07:59", False),
        ("2018-01-15T08:00", True),
        ("2018-01-15T20:00", True),
        ("2018-01-15T20:01", False),
        ("2018-01-16T12:00", False),
        ("2018-01-21T12:00", False),
    ],
)
def test_opening_hours(moment: str, found: bool) -> None:
    assert policy.is_open(LIBRARY, datetime.fromisoformat(moment)) is found
