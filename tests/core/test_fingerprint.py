"""The same transaction has the same key everywhere, and no two others have."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.fingerprint import KeyMaker, content
from offcirc.core.transaction import WRITTEN, Operation, Record

AT = datetime(2018, 5, 9, 13, 48)
LOAN = Record(AT, Operation.LOAN, "37000034179", "9921000000164")

texts = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)
records = st.builds(
    Record,
    at=st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
    operation=st.sampled_from(WRITTEN),
    item=texts,
    patron=texts,
)


def keys(*lines: Record) -> list[bytes]:
    maker = KeyMaker()
    return [maker.key(line) for line in lines]


def test_a_key_never_changes() -> None:
    # Frozen: a change here records every transaction of a half-finished upload a second time.
    [key] = keys(LOAN)
    assert key.hex() == "8b1ec3fbb04df9cd29a484a788c2e539124ac70d27dd05fcd57e22d1360d0969"


def test_loan_return_loan_of_one_item_in_one_minute_stay_three() -> None:
    back = Record(AT, Operation.RETURN, LOAN.item)
    first, second, third = keys(LOAN, back, LOAN)
    assert len({first, second, third}) == 3
    assert keys(LOAN, LOAN) == [first, third]


def test_the_same_line_is_known_again_after_the_clock_went_back() -> None:
    later, latest = LOAN._replace(at=AT.replace(hour=14)), LOAN._replace(at=AT.replace(hour=15))
    twice = keys(LOAN, LOAN)
    found = keys(LOAN, later, latest, LOAN, later, latest, LOAN)
    assert [found[0], found[3]] == twice
    assert len(set(found)) == 7
    assert [one[32:] for one in found] == [b""] * 3 + [bytes(15) + b"\1"] * 3 + [bytes(15) + b"\2"]


def test_a_file_that_grew_keeps_its_keys() -> None:
    lines = [LOAN, Record(AT, Operation.RETURN, LOAN.item), LOAN, LOAN]
    assert keys(*lines)[:3] == keys(*lines[:3])


def test_the_borrower_of_a_return_has_no_part_in_it() -> None:
    back = Record(AT, Operation.RETURN, "X1")
    assert keys(back) == keys(back._replace(patron="9921000000164"))


@given(records, records)
def test_content_differs_exactly_when_the_transaction_does(one: Record, other: Record) -> None:
    def meaning(record: Record) -> Record:
        return record if record.operation is Operation.LOAN else record._replace(patron="")

    assert (content(one) == content(other)) == (meaning(one) == meaning(other))


@given(st.lists(records, max_size=8), st.integers(1, 3))
def test_every_line_of_a_file_has_a_key_of_its_own(lines: list[Record], times: int) -> None:
    made = keys(*(lines * times))
    assert len(set(made)) == len(made)


def test_fields_cannot_run_into_each_other() -> None:
    assert keys(Record(AT, Operation.LOAN, "12", "3")) != keys(
        Record(AT, Operation.LOAN, "1", "23")
    )
