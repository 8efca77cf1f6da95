"""The rules of a desk session, without a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.session import DeskAnswer, Field, Session, clean
from offcirc.core.transaction import Operation, Problem, Source

NOW = datetime(2018, 5, 9, 13, 48, 7, tzinfo=timezone(timedelta(hours=2)))
CARD = "9921000000164"
BOOK = "37000034179"


def test_a_loan_needs_both_fields_and_a_return_the_item_alone() -> None:
    session = Session()
    assert not session.can_record("", BOOK)
    assert not session.can_record(CARD, "")
    assert not session.can_record("  ", " \t")
    assert session.can_record(CARD, BOOK)
    session.choose(Operation.RETURN)
    assert session.can_record("", BOOK)
    assert not session.can_record(CARD, " ")


def test_a_scan_belongs_to_the_borrower_until_there_is_one() -> None:
    session = Session()
    assert session.target("") is Field.PATRON
    assert session.target(" ") is Field.PATRON
    assert session.target(CARD) is Field.ITEM
    session.choose(Operation.RETURN)
    assert session.target("") is Field.ITEM


def test_a_loan_is_made_of_the_cleaned_texts_and_keeps_the_raw_one() -> None:
    decision = Session().item_given(f" {BOOK}\r", f"{CARD} ", NOW, Source.TYPED)
    assert decision.answer is DeskAnswer.RECORD
    loan = decision.transaction
    assert loan is not None
    assert (loan.operation, loan.item, loan.patron) == (Operation.LOAN, BOOK, CARD)
    assert (loan.raw, loan.source) == (f" {BOOK}\r", Source.TYPED)
    assert loan.at == NOW.astimezone(UTC)
    assert loan.utc_offset == 120


def test_a_return_has_no_borrower_even_if_one_is_in_the_field() -> None:
    session = Session()
    session.choose(Operation.RETURN)
    decision = session.item_given(BOOK, CARD, NOW)
    assert decision.transaction is not None
    assert decision.transaction.patron == ""
    assert decision.transaction.operation is Operation.RETURN


def test_an_item_before_its_borrower_waits() -> None:
    decision = Session().item_given(BOOK, " ", NOW)
    assert decision.answer is DeskAnswer.PATRON_FIRST
    assert (decision.text, decision.field) == (BOOK, Field.PATRON)


@pytest.mark.parametrize("text", ["", " ", "\r\n", "\t", "\N{ZERO WIDTH SPACE}"])
def test_an_empty_field_means_nothing(text: str) -> None:
    session = Session()
    assert session.item_given(text, CARD, NOW).answer is DeskAnswer.NOTHING
    assert session.patron_given(text).answer is DeskAnswer.NOTHING


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ("370 034179", Problem.BLANK_IN_ITEM),
        ("3" * 81, Problem.ITEM_TOO_LONG),
        ("&é\"'(-è_çà", Problem.BAD_CHARACTERS),
        ("39001\tEVIL\r\n39002", Problem.BAD_CHARACTERS),
    ],
)
def test_what_the_file_cannot_hold_is_refused_with_its_reason(item: str, problem: Problem) -> None:
    decision = Session().item_given(item, CARD, NOW)
    assert (decision.answer, decision.problem) == (DeskAnswer.REFUSED, problem)
    assert decision.field is Field.ITEM


def test_a_borrower_the_file_cannot_hold_is_the_borrowers_fault() -> None:
    session = Session()
    for decision in (session.patron_given("élève-7"), session.item_given(BOOK, "élève-7", NOW)):
        assert decision.answer is DeskAnswer.REFUSED
        assert decision.field is Field.PATRON
        assert decision.problem is Problem.BAD_CHARACTERS
    assert session.patron_given("9" * 256).problem is Problem.PATRON_TOO_LONG


def test_items_are_counted_for_each_reader() -> None:
    session = Session()
    for number in range(3):
        decision = session.item_given(f"B{number}", CARD, NOW)
        assert decision.transaction is not None
        session.recorded(decision.transaction)
    assert session.count == 3
    session.patron_given(CARD)
    assert session.count == 3, "the same card again is the same reader"
    session.patron_given("9921000000165")
    assert session.count == 0
    decision = session.item_given("B9", CARD, NOW)
    assert decision.transaction is not None
    session.recorded(decision.transaction)
    assert (session.patron, session.count) == (CARD, 1), "the field was changed without an Enter"


def test_a_deleted_row_no_longer_counts_but_another_readers_does_not_matter() -> None:
    session = Session()
    decision = session.item_given(BOOK, CARD, NOW)
    lent = decision.transaction
    assert lent is not None
    session.recorded(lent)
    session.voided(replace(lent, patron="somebody else"))
    assert session.count == 1
    session.voided(lent)
    session.voided(lent)
    assert session.count == 0


def test_switching_starts_the_count_again_and_switching_to_the_same_does_not() -> None:
    session = Session()
    session.choose(Operation.RETURN)
    for number in range(2):
        decision = session.item_given(f"B{number}", "", NOW)
        assert decision.transaction is not None
        session.recorded(decision.transaction)
    session.choose(Operation.RETURN)
    assert session.count == 2
    session.choose(Operation.LOAN)
    assert session.count == 0


@given(st.text(max_size=40))
def test_cleaning_takes_only_ends_and_only_the_invisible(text: str) -> None:
    cleaned = clean(text)
    assert cleaned in text
    assert clean(cleaned) == cleaned
    before, _, after = text.partition(cleaned) if cleaned else (text, "", "")
    assert not any(character.isalnum() for character in before + after)


@given(
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=80)
)
def test_every_barcode_of_visible_ascii_is_recorded_as_it_is(item: str) -> None:
    decision = Session().item_given(item, CARD, NOW)
    assert decision.transaction is not None
    assert decision.transaction.item == item


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_makes_the_session_fail(item: str, borrower: str) -> None:
    session = Session()
    session.patron_given(borrower)
    decision = session.item_given(item, borrower, NOW)
    assert (decision.transaction is not None) == (decision.answer is DeskAnswer.RECORD)
    assert (decision.problem is not None) == (decision.answer is DeskAnswer.REFUSED)


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize(
    ("later", "again"),
    [
        (timedelta(0), False),
        (timedelta(minutes=10), False),
        (timedelta(minutes=10, milliseconds=1), True),
        (timedelta(days=1), True),
    ],
)
def test_a_return_is_a_second_one_once_ten_minutes_are_over_and_a_loan_never(
    operation: Operation, later: timedelta, again: bool
) -> None:
    session = Session()
    session.choose(operation)
    first = session.item_given(BOOK, CARD, NOW).transaction
    assert first is not None
    session.recorded(first)
    answer = session.item_given(BOOK, CARD, NOW + later).answer
    recorded = again and not operation.lends
    assert answer is (DeskAnswer.RECORD if recorded else DeskAnswer.ALREADY)


class TestHolder:
    """An item lent to one reader and then to another, with no return between."""

    @staticmethod
    def lend(session: Session, item: str, patron: str):
        decision = session.item_given(item, patron, NOW)
        assert decision.transaction is not None
        session.recorded(decision.transaction)
        return decision

    def test_the_other_reader_s_loan_is_told_and_the_loan_recorded(self):
        session = Session()
        first = self.lend(session, "B1", "P1")
        second = self.lend(session, "B1", "P2")
        assert first.holder is None
        assert second.answer is DeskAnswer.RECORD
        assert second.holder == first.transaction

    def test_not_after_a_return_nor_after_the_loan_was_deleted(self):
        session = Session()
        self.lend(session, "B1", "P1")
        session.choose(Operation.RETURN)
        self.lend(session, "B1", "")
        session.choose(Operation.LOAN)
        second = self.lend(session, "B1", "P2")
        assert second.holder is None
        session.voided(second.transaction)
        assert self.lend(session, "B1", "P3").holder is None

    def test_nor_for_the_same_reader(self):
        session = Session(repeats=True)
        self.lend(session, "B1", "P1")
        assert self.lend(session, "B1", "P1").holder is None
