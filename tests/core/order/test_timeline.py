"""One order for several desks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from offcirc.core.order.timeline import Ambiguity, DeskRecords, Line, Placed, matters, merge
from offcirc.core.transaction import Operation, Record

START = datetime(2018, 3, 6, 10, 0)


def loan(minutes: int, item: str, patron: str = "P1") -> Record:
    return Record(START + timedelta(minutes=minutes), Operation.LOAN, item, patron)


def back(minutes: int, item: str) -> Record:
    return Record(START + timedelta(minutes=minutes), Operation.RETURN, item)


def desk(*lines: Record, offset: int = 0) -> DeskRecords[int]:
    digest = sha256(repr(lines).encode()).digest()
    return DeskRecords([Line(line, number) for number, line in enumerate(lines)], digest, offset)


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
@pytest.mark.promise("order-of-the-day")
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


def test_of_things_that_one_desk_has_returns_come_first_and_then_barcodes() -> None:
    assert merged(desk(loan(0, "B")), desk(back(0, "Z")), desk(loan(0, "A"))) == [
        back(0, "Z"),
        loan(0, "A"),
        loan(0, "B"),
    ]


def test_lines_of_one_minute_go_in_turn_and_not_desk_by_desk() -> None:
    assert merged(desk(loan(0, "B"), loan(0, "Z")), desk(loan(0, "C"))) == [
        loan(0, "B"),
        loan(0, "C"),
        loan(0, "Z"),
    ]


def test_a_loan_waits_for_a_return_behind_another_loan_of_that_minute() -> None:
    # "A" sorts before "Z", so only the waiting puts Z's loan first.
    assert merged(desk(loan(0, "A")), desk(loan(0, "Z"), back(0, "A"))) == [
        loan(0, "Z"),
        back(0, "A"),
        loan(0, "A"),
    ]


def test_a_loan_that_has_waited_for_a_return_follows_it_at_once() -> None:
    assert merged(desk(loan(0, "A")), desk(back(0, "A")), desk(loan(0, "Z"))) == [
        back(0, "A"),
        loan(0, "A"),
        loan(0, "Z"),
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
    def endless(item: str) -> Iterator[Line[int]]:
        number = 0
        while True:
            yield Line(loan(number, item), number)
            number += 1

    order = merge([DeskRecords(endless("A")), DeskRecords(endless("B"))])
    assert [next(order).record.item for _ in range(6)] == ["A", "B", "A", "B", "A", "B"]


# -- exact times, offsets, choices ----------------------------------------------------------


@dataclass(frozen=True)
class Scan:
    """A line for the tests below: a record, and perhaps the second of it that is known."""

    record: Record
    second: int | None = None

    def line(self, number: int, name: str) -> Line[str]:
        exact = None
        if self.second is not None:
            exact = self.record.at + timedelta(seconds=self.second)
        return Line(self.record, f"{name}{number}", exact, 0, f"{name}{number}".encode())


def known(*scans: Scan, name: str = "", offset: float = 0) -> DeskRecords[str]:
    digest = sha256(repr((scans, name)).encode()).digest()
    return DeskRecords([scan.line(n, name) for n, scan in enumerate(scans)], digest, offset)


scans = st.builds(Scan, lines, st.none() | st.integers(0, 59))
days = st.lists(st.lists(scans, max_size=7), min_size=2, max_size=4)
offsets = st.lists(st.sampled_from([0, 0, 60, -60, 30, 90, 61.5]), min_size=4, max_size=4)


def rising(day: list[Scan]) -> list[Scan]:
    """The lines in an order that their times do not contradict."""
    return sorted(day, key=lambda scan: (scan.record.at, scan.second or 0))


def desks_of(day: list[list[Scan]], by: list[float]) -> list[DeskRecords[str]]:
    return [
        known(*desk, name="abcd"[n], offset=offset)
        for n, (desk, offset) in enumerate(zip(day, by, strict=False))
    ]


@given(days, offsets)
def test_every_file_keeps_its_order_whatever_its_exact_times_say(
    day: list[list[Scan]], by: list[float]
) -> None:
    placed = list(merge(desks_of(day, by)))
    for index, desk_lines in enumerate(day):
        mine = [one.extra for one in placed if one.desk == index]
        assert mine == [f"{'abcd'[index]}{n}" for n in range(len(desk_lines))]
    assert len(placed) == sum(map(len, day))


@given(days, offsets, st.randoms())
def test_exact_times_do_not_depend_on_the_order_the_files_are_given_in(
    day: list[list[Scan]], by: list[float], random: Random
) -> None:
    desks = desks_of(day, by)
    told: list[set[tuple[str, str]]] = [set(), set()]

    def order(given_desks: list[DeskRecords[str]], into: set[tuple[str, str]]) -> list[str]:
        def note(pair: Ambiguity[str]) -> None:
            into.add((pair.first.extra, pair.second.extra))

        return [one.extra for one in merge(given_desks, ambiguous=note)]

    shuffled = list(desks)
    random.shuffle(shuffled)
    assert order(desks, told[0]) == order(shuffled, told[1])
    assert told[0] == told[1]


@given(days, offsets)
def test_what_surely_came_earlier_comes_first(day: list[list[Scan]], by: list[float]) -> None:
    placed = list(merge(desks_of([rising(desk) for desk in day], by)))
    for place, later in enumerate(placed):
        for earlier in placed[:place]:
            assert earlier.at <= later.end, (earlier, later)


@given(days, st.lists(st.sampled_from([0, 0, 60, -60]), min_size=4, max_size=4), st.data())
def test_a_choice_between_two_lines_holds(
    day: list[list[Scan]], by: list[float], data: st.DataObject
) -> None:
    desks = desks_of([rising(desk) for desk in day], by)
    pairs: list[Ambiguity[str]] = []
    for _ in merge(desks, ambiguous=pairs.append):
        pass
    assume(pairs)
    first, second = data.draw(st.sampled_from(pairs))
    after: list[Ambiguity[str]] = []
    placed = list(merge(desks, choices={first.key: {second.key}}, ambiguous=after.append))
    order = [one.extra for one in placed]
    assert order.index(second.extra) < order.index(first.extra)
    assert {first.key, second.key} not in [{one.first.key, one.second.key} for one in after]
    assert sorted(order) == sorted(one.extra for one in merge(desks))


def ambiguities(*desks: DeskRecords[str]) -> list[tuple[str, str]]:
    found: list[Ambiguity[str]] = []
    for _ in merge(desks, ambiguous=found.append):
        pass
    return [(pair.first.extra, pair.second.extra) for pair in found]


def test_seconds_settle_what_minutes_leave_open() -> None:
    lent, taken = Scan(loan(0, "A"), 5), Scan(back(0, "A"), 50)
    exact = [known(lent, name="a"), known(taken, name="b")]
    assert [one.extra for one in merge(exact)] == ["a0", "b0"]
    assert ambiguities(*exact) == []
    bare = [known(Scan(lent.record), name="a"), known(Scan(taken.record), name="b")]
    assert [one.extra for one in merge(bare)] == ["b0", "a0"]
    assert ambiguities(*bare) == [("b0", "a0")]


def test_a_loan_waits_for_a_return_of_the_very_same_moment() -> None:
    # "A" sorts before "Z", so only the waiting puts Z's loan, and with it the return, first.
    lends = known(Scan(loan(0, "A"), 5), name="a")
    takes = known(Scan(loan(0, "Z"), 5), Scan(back(0, "A"), 5), name="b")
    assert [one.extra for one in merge([lends, takes])] == ["b0", "b1", "a0"]
    # A second later, the return came after the loan for certain.
    later = known(Scan(loan(0, "Z"), 5), Scan(back(0, "A"), 6), name="b")
    assert [one.extra for one in merge([lends, later])] == ["a0", "b0", "b1"]


def test_a_line_of_which_only_the_minute_is_known_is_held_by_its_neighbours() -> None:
    # a0 came before a1, so before 10:00:05, so before b0.
    mixed = known(Scan(loan(0, "A")), Scan(loan(0, "B"), 5), name="a")
    other = known(Scan(back(0, "A"), 10), name="b")
    assert [one.extra for one in merge([mixed, other])] == ["a0", "a1", "b0"]
    assert ambiguities(mixed, other) == []


def test_the_last_line_of_a_minute_may_have_happened_until_its_end() -> None:
    # a1 came after 10:00:05, and nothing says that it came before b0.
    mixed = known(Scan(loan(0, "B"), 5), Scan(loan(0, "A")), name="a")
    other = known(Scan(back(0, "A"), 30), name="b")
    assert [one.extra for one in merge([mixed, other])] == ["a0", "b0", "a1"]
    assert ambiguities(mixed, other) == [("b0", "a1")]


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (loan(0, "A", "P"), loan(0, "A", "Q"), True),
        (loan(0, "A", "P"), loan(0, "A", "P"), False),
        (back(0, "A"), back(0, "A"), False),
        (back(0, "A"), loan(0, "A"), True),
        (back(0, "A"), loan(1, "A"), False),
        (back(0, "A"), loan(0, "B"), False),
    ],
)
def test_pairs_are_told_where_their_order_matters(one: Record, other: Record, told: bool) -> None:
    pairs = ambiguities(known(Scan(one), name="a"), known(Scan(other), name="b"))
    assert bool(pairs) is told
    if one.at == other.at and one.item == other.item:
        assert matters(one, other) is told


def test_one_reader_at_two_desks_needs_no_decision() -> None:
    desks = known(Scan(loan(0, "A")), name="a"), known(Scan(loan(0, "B")), name="b")
    assert ambiguities(*desks) == []


def test_minutes_moved_by_half_a_minute_overlap_two() -> None:
    # By b's clock 10:00, in truth between 10:00:30 and 10:01:29.
    moved = known(Scan(back(0, "A")), name="b", offset=30)
    lent = known(Scan(loan(1, "A"), 10), name="a")
    assert ambiguities(moved, lent) == [("b0", "a0")]
    chosen = merge([moved, lent], choices={b"b0": {b"a0"}})
    assert [one.extra for one in chosen] == ["a0", "b0"]
    absent = merge([moved, lent], choices={b"b0": {b"gone"}})
    assert sorted(one.extra for one in absent) == ["a0", "b0"]


def test_a_line_put_off_by_a_choice_holds_up_no_other_desk() -> None:
    moved = known(Scan(back(0, "A")), name="b", offset=30)
    lent = known(Scan(loan(1, "A"), 10), name="a")
    beside = known(Scan(loan(0, "X")), name="c")
    chosen = merge([moved, lent, beside], choices={b"b0": {b"a0"}})
    assert [one.extra for one in chosen] == ["c0", "a0", "b0"]


def test_a_moved_minute_reaches_as_far_beside_others_as_alone() -> None:
    beside = known(Scan(loan(0, "X")), name="a")
    moved = known(Scan(back(0, "A")), name="b", offset=30)
    lent = known(Scan(loan(1, "A"), 10), name="c")
    assert ambiguities(beside, moved, lent) == [("b0", "c0")]


def test_a_line_that_waited_for_a_choice_follows_it_at_once() -> None:
    desks = (known(Scan(loan(0, item)), name=name) for item, name in zip("AMZ", "abc", strict=True))
    placed = merge(list(desks), choices={b"a0": {b"b0"}})
    assert [line.extra for line in placed] == ["b0", "a0", "c0"]


def test_a_choice_against_the_clocks_moves_no_later_line() -> None:
    # a0 was to wait for b0, which is surely later: it goes, and a1 has its own time.
    one = known(Scan(loan(0, "B"), 5), Scan(loan(0, "A"), 50), name="a")
    other = known(Scan(loan(0, "C"), 30), name="b")
    third = known(Scan(loan(0, "Z"), 40), name="c")
    placed = merge([one, other, third], choices={b"a0": {b"b0"}})
    assert [line.extra for line in placed] == ["a0", "b0", "c0", "a1"]


def test_a_line_s_own_correction_comes_on_top_of_its_desk_s() -> None:
    line = Line(loan(0, "A"), 0, START + timedelta(seconds=20), -3600.5)
    (placed,) = merge([DeskRecords([line], offset=60)])
    assert placed.at == START + timedelta(seconds=79.5, hours=-1)
    assert isinstance(placed, Placed)
    assert placed.end == placed.at
    assert placed.record == loan(0, "A")


def test_choices_that_contradict_each_other_lose_nothing() -> None:
    one, other = known(Scan(loan(0, "A")), name="a"), known(Scan(back(0, "A")), name="b")
    chosen = merge([one, other], choices={b"a0": {b"b0"}, b"b0": {b"a0"}})
    assert sorted(placed.extra for placed in chosen) == ["a0", "b0"]


def test_the_order_of_a_merged_file_is_kept_when_it_is_merged_again() -> None:
    order = merged(desk(loan(0, "B"), loan(1, "A")), desk(back(0, "A"), loan(0, "C")))
    assert merged(desk(*order)) == order
    assert merged(desk(*order), desk()) == order
