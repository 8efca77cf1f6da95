"""One order for several desks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.timeline import DeskRecords, merge
from offcirc.core.transaction import Operation, Record

START = datetime(2018, 3, 6, 10, 0)


def loan(minutes: int, item: str, patron: str = "P1") -> Record:
    return Record(START + timedelta(minutes=minutes), Operation.LOAN, item, patron)


def back(minutes: int, item: str) -> Record:
    return Record(START + timedelta(minutes=minutes), Operation.RETURN, item)


def desk(*lines: Record, offset: int = 0) -> DeskRecords[int]:
    digest = sha256(repr(lines).encode()).digest()
    return DeskRecords([(line, number) for number, line in enumerate(lines)], digest, offset)


def merged(*desks: DeskRecords[int]) -> list[Record]:
    return [placed.record for placed in merge(desks)]


few_minutes = st.integers(0, 4)
items = st.sampled_from(["A", "B", "C"])
lines = st.one_of(
    st.builds(loan, few_minutes, items, st.sampled_from(["P", "Q"])),
    st.builds(back, few_minutes, items),
)
files = st.lists(st.lists(lines, max_size=7), max_size=4)


@given(files)
def test_nothing_is_lost_and_every_file_keeps_its_order(given_files: list[list[Record]]) -> None:
    placed = list(merge([desk(*lines) for lines in given_files]))
    for index, lines_of_file in enumerate(given_files):
        mine = [one for one in placed if one.desk == index]
        assert [one.record for one in mine] == lines_of_file
        assert [one.extra for one in mine] == list(range(len(lines_of_file)))
    assert len(placed) == sum(map(len, given_files))


@given(files, st.randoms())
def test_the_order_the_files_are_given_in_does_not_matter(
    given_files: list[list[Record]], random: Random
) -> None:
    shuffled = list(given_files)
    random.shuffle(shuffled)
    assert merged(*(desk(*f) for f in given_files)) == merged(*(desk(*f) for f in shuffled))


@given(
    st.lists(st.lists(lines, max_size=7).map(lambda f: sorted(f, key=lambda r: r.at)), max_size=4)
)
def test_files_whose_clock_never_went_back_give_one_rising_time(
    given_files: list[list[Record]],
) -> None:
    times = [record.at for record in merged(*(desk(*lines) for lines in given_files))]
    assert times == sorted(times)


def test_the_earlier_line_comes_first() -> None:
    assert merged(desk(loan(0, "A"), loan(2, "B")), desk(loan(1, "C"))) == [
        loan(0, "A"),
        loan(1, "C"),
        loan(2, "B"),
    ]


def test_within_a_minute_returned_at_one_desk_then_lent_at_the_other() -> None:
    lends, takes = desk(loan(0, "A")), desk(back(0, "Z"), back(0, "A"))
    assert merged(lends, takes)[-1] == loan(0, "A")


def test_a_loan_waits_for_a_return_behind_another_loan_of_that_minute() -> None:
    # "A" sorts before "Z", so only the waiting puts Z's loan first.
    assert merged(desk(loan(0, "A")), desk(loan(0, "Z"), back(0, "A"))) == [
        loan(0, "Z"),
        back(0, "A"),
        loan(0, "A"),
    ]


def test_a_desk_that_lends_and_takes_back_within_a_minute_is_not_torn_apart() -> None:
    one = desk(loan(0, "A"), back(0, "A"))
    other = desk(loan(0, "A", "P2"), back(0, "A"))
    assert merged(one, other) == [loan(0, "A"), back(0, "A"), loan(0, "A", "P2"), back(0, "A")]


def test_a_clock_that_went_back_holds_its_own_lines_only() -> None:
    wrong = desk(loan(0, "A"), loan(60, "B"), loan(2, "C"))
    right = desk(loan(1, "D"), loan(61, "E"))
    assert merged(wrong, right) == [
        loan(0, "A"),
        loan(1, "D"),
        loan(60, "B"),
        loan(2, "C"),
        loan(61, "E"),
    ]


def test_an_offset_corrects_a_desk_s_clock_and_leaves_its_lines_as_they_are() -> None:
    slow = desk(loan(0, "A"), offset=600)
    placed = list(merge([slow, desk(loan(5, "B"))]))
    assert [one.record for one in placed] == [loan(5, "B"), loan(0, "A")]
    assert placed[1].at == START + timedelta(minutes=10)


def test_an_offset_beyond_the_calendar_changes_nothing() -> None:
    last = Record(datetime(9999, 12, 31, 23, 59), Operation.RETURN, "A")
    assert [one.at for one in merge([desk(last, offset=3600), desk()])] == [last.at]


def test_only_the_lines_at_hand_are_read() -> None:
    def endless(item: str) -> Iterator[tuple[Record, int]]:
        number = 0
        while True:
            yield loan(number, item), number
            number += 1

    order = merge([DeskRecords(endless("A")), DeskRecords(endless("B"))])
    assert [next(order).record.item for _ in range(6)] == ["A", "B", "A", "B", "A", "B"]
