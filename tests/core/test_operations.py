"""Each operation carries what is asked of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from offcirc import words
from offcirc.core.answers import Reason, is_expected
from offcirc.core.barcodes.controlcards import CHOICES, Card, card_of
from offcirc.core.dat.datline import decode, encode
from offcirc.core.fingerprint import content
from offcirc.core.openinghours import parse_hours
from offcirc.core.transaction import OPERATIONS, WRITTEN, Operation, Record, record_now

NOW = datetime(2026, 11, 28, 8, 14, 21, tzinfo=UTC)


@pytest.mark.parametrize("which", Operation)
def test_the_file_says_loan_or_return_and_reads_back_as_that(which: Operation) -> None:
    transaction = record_now(NOW, which, "B1", "P1")
    line = encode(transaction.record)
    record = decode(line.rstrip(b"\r\n")).record
    assert record == transaction.record
    assert record is not None
    assert record.operation is which.written
    assert record.operation in WRITTEN
    assert line[12:13].decode() == which.letter
    assert bool(record.patron) == which.lends
    assert encode(record._replace(operation=which)) == line, "whoever knows more writes the same"
    assert content(record._replace(operation=which)) == content(record), "and names it the same"


def test_values_are_kept_in_journals_and_ledgers() -> None:
    assert {each.name: each.value for each in Operation} == {
        "LOAN": "L",
        "RETURN": "R",
        "IN_HOUSE": "H",
        "RENEWAL": "N",
    }
    assert list(OPERATIONS.values()) == list(Operation)


def test_each_has_words_and_a_card_of_its_own() -> None:
    assert len({words.operation(each) for each in Operation}) == len(Operation)
    assert sorted(CHOICES.values()) == sorted(Operation)


@pytest.mark.parametrize("card", Card)
def test_no_card_is_taken_for_another(card: Card) -> None:
    assert card_of(card.value) is card


def test_a_stated_minute_is_what_the_file_says() -> None:
    stated = datetime(2026, 11, 27, 19, 0)
    transaction = record_now(NOW, Operation.RETURN, "B1", stated=stated)
    assert transaction.record == Record(stated, Operation.RETURN, "B1")
    assert transaction.at == NOW
    assert transaction.local == NOW.replace(tzinfo=None)


def test_only_what_was_meant_is_expected() -> None:
    expected = [
        (which, reason) for which in Operation for reason in Reason if is_expected(which, reason)
    ]
    assert expected == [(Operation.IN_HOUSE, Reason.NOT_ON_LOAN)]


@pytest.mark.parametrize(
    ("now", "closings"),
    [
        (datetime(2026, 11, 28, 8, 14), ["27 19:00", "26 19:00"]),
        (datetime(2026, 11, 28, 12, 30), ["27 19:00", "26 19:00"]),
        (datetime(2026, 11, 28, 12, 31), ["28 12:30", "27 19:00"]),
        (datetime(2026, 11, 30, 9, 0), ["28 12:30", "27 19:00"]),
    ],
)
def test_the_last_closing_times_are_the_days_ends(now: datetime, closings: list[str]) -> None:
    hours = parse_hours("Mon-Fri 08:30-12:00 13:00-19:00, Sat 09:00-12:30")
    assert [f"{each:%d %H:%M}" for each in hours.closings_before(now, 2)] == closings


def test_open_on_one_day_of_the_week_there_are_closing_times_too() -> None:
    found = parse_hours("Wed 10:00-12:00").closings_before(datetime(2026, 11, 28, 8), 3)
    assert [f"{each:%d/%m}" for each in found] == ["25/11", "18/11", "11/11"]


@pytest.mark.parametrize("part", ["key", "sign", "plain"])
def test_each_operation_has_a_key_a_sign_and_a_plain_name_of_its_own(part: str) -> None:
    parts = [getattr(each, part) for each in Operation]
    assert all(parts)
    assert len(set(parts)) == len(Operation)
