"""Transactions: what is recorded, when, and what cannot be."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from offcirc.core.transaction import (
    NotRecordableError,
    Operation,
    Problem,
    Record,
    Source,
    record_now,
)

PARIS_SUMMER = timezone(timedelta(hours=2))
NOW = datetime(2018, 5, 9, 13, 48, 7, 123_987, tzinfo=PARIS_SUMMER)


def test_a_loan_keeps_utc_to_the_millisecond_and_the_offset():
    made = record_now(NOW, Operation.LOAN, "37000034179", "9921000000164", raw=" 37000034179\t")
    assert made.at == datetime(2018, 5, 9, 11, 48, 7, 123_000, tzinfo=UTC)
    assert made.utc_offset == 120
    assert made.raw == " 37000034179\t"
    assert made.source is Source.SCAN
    assert made.record == Record(
        datetime(2018, 5, 9, 13, 48), Operation.LOAN, "37000034179", "9921000000164"
    )


def test_a_return_has_no_patron():
    assert record_now(NOW, Operation.RETURN, "37000034179", "9921000000164").patron == ""


def test_every_transaction_has_a_name_of_its_own():
    assert len({record_now(NOW, Operation.RETURN, "1").id for _ in range(50)}) == 50


def test_the_two_hours_of_the_autumn_night_stay_apart():
    first = record_now(
        datetime(2018, 10, 28, 2, 30, tzinfo=PARIS_SUMMER), Operation.RETURN, "37000034179"
    )
    second = record_now(
        datetime(2018, 10, 28, 2, 30, tzinfo=timezone(timedelta(hours=1))),
        Operation.RETURN,
        "37000034179",
    )
    assert first.local == second.local
    assert second.at - first.at == timedelta(hours=1)


def test_a_moment_without_zone_is_a_programming_error():
    with pytest.raises(ValueError, match="UTC offset"):
        record_now(datetime(2018, 5, 9), Operation.RETURN, "37000034179")


def test_a_loan_without_reader_is_not_made():
    with pytest.raises(NotRecordableError) as caught:
        record_now(NOW, Operation.LOAN, "37000034179", "")
    assert caught.value.problem is Problem.NO_PATRON
