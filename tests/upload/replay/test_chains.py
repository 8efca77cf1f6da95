"""Which lines may go: an item's and a reader's lines keep their order, the others need not wait."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.storage.ledger.ledgerrows import LineRow, LineState
from offcirc.upload.replay.chains import Chains, Link


def row(number: int, item: str, patron: str = "") -> LineRow:
    operation = "L" if patron else "R"
    return LineRow(
        number, 0, number, b"", "2018-01-15T09:00", operation, item, patron, b"k%d" % number,
        LineState.PLANNED, "", "", False, "", (),
    )  # fmt: skip


def ids(links: list[Link]) -> list[int]:
    return [link.line.id for link in links]


def chains(*lines: tuple[str, str]) -> tuple[Chains, list[Link]]:
    made = Chains()
    links = [made.add(row(number, *line)) for number, line in enumerate(lines, start=1)]
    return made, links


def test_lines_that_share_nothing_go_at_once() -> None:
    made, _links = chains(("I1", "P1"), ("I2", "P2"), ("I3", ""))
    assert [ids(made.take(1)) for _turn in range(4)] == [[1], [2], [3], []]


def test_a_line_waits_for_its_item_and_for_its_reader() -> None:
    made, links = chains(("I1", "P1"), ("I1", ""), ("I2", "P1"), ("I3", "P2"))
    assert (made.ready, len(made)) == (2, 4)
    assert [ids(made.take(1)) for _turn in range(3)] == [[1], [4], []]
    made.settle(links[0])
    # The return is about the reader who has the item: his next loan comes after it.
    assert [ids(made.take(1)) for _turn in range(2)] == [[2], []]
    made.settle(links[1])
    assert ids(made.take(1)) == [3]


def test_a_return_is_about_the_last_reader_of_the_day_only() -> None:
    made, links = chains(("I1", "P1"), ("I1", "P2"), ("I1", ""), ("I2", "P1"))
    assert ids(made.take(9)) == [1, 2, 3, 4]
    made.put_back(links)
    assert ids(made.take(1)) == [1]
    made.settle(links[0])
    assert ids(made.take(1)) == [2]
    made.settle(links[1])
    assert ids(made.take(2)) == [3, 4]


def test_lines_that_follow_each_other_may_travel_in_one_request() -> None:
    made, links = chains(("I1", "P1"), ("I2", "P2"), ("I1", ""), ("I1", "P3"), ("I2", ""))
    assert ids(made.take(3)) == [1, 3, 4]
    # Nothing of the rest follows what is under way.
    assert [ids(made.take(1)) for _turn in range(2)] == [[2], []]
    made.settle(links[1])
    assert ids(made.take(3)) == [5]


def test_what_a_line_needs_goes_along_with_it() -> None:
    strangers = [(f"J{number}", f"Q{number}") for number in range(5)]
    made, _links = chains(("I1", "P1"), *strangers, ("I2", "P2"), ("I1", "P2"))
    # The last one follows the first, by its item, and the one before it, by its reader.
    assert ids(made.take(3)) == [1, 7, 8]
    assert ids(made.take(9)) == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(("before", "along"), [(49, 7), (50, 2)])
def test_what_a_line_needs_is_not_looked_for_too_far(before: int, along: int) -> None:
    strangers = [(f"J{number}", f"Q{number}") for number in range(5)]
    busy = [(f"K{number}", "P2") for number in range(before)]
    made, _links = chains(("I1", "P1"), *strangers, *busy, ("I1", "P2"))
    assert ids(made.take(2)) == [1, along]


def test_what_a_line_needs_on_two_ways_goes_along_once() -> None:
    strangers = [(f"J{number}", f"Q{number}") for number in range(5)]
    # The last follows a return and a loan by its item and its reader; both follow what the second
    # reader has had before.
    made, _links = chains(
        ("I1", "P1"), *strangers, ("I2", "P2"), ("I3", "P2"), ("I2", ""), ("I1", "P2")
    )
    assert ids(made.take(5)) == [1, 7, 8, 9, 10]


def test_a_batch_that_is_nearly_full_begins_nothing_new() -> None:
    lines = [(f"I{number}", f"P{number}") for number in range(39)]
    assert len(chains(*lines)[0].take(40)) == 38
    made, _links = chains(*lines, ("I37", ""))
    assert len(made.take(40)) == 39
    assert ids(made.take(40)) == [39]


def test_what_was_not_done_goes_again_before_what_follows_it() -> None:
    made, links = chains(("I1", "P1"), ("I1", ""), ("I1", "P2"))
    assert ids(made.take(2)) == [1, 2]
    made.settle(links[0])
    made.put_back([links[1]])
    assert [ids(made.take(1)) for _turn in range(2)] == [[2], []]
    made.settle(links[1])
    assert ids(made.take(1)) == [3]


def test_what_is_still_under_way_does_not_go_along_again() -> None:
    made, links = chains(("I1", "P1"), ("I1", ""), ("I1", "P2"))
    assert ids(made.take(2)) == [1, 2]
    # The first was not done for certain; of the second nothing is known yet.
    made.put_back([links[0]])
    assert [ids(made.take(9)) for _turn in range(2)] == [[1], []]


def test_a_line_that_is_looked_at_first_holds_up_its_own_chain_alone() -> None:
    made = Chains()
    doubtful = made.add(row(1, "I1", "P1"), must_look=True)
    made.add(row(2, "I1"))
    made.add(row(3, "I2", "P2"))
    assert ids(made.take(9)) == [3]
    doubtful.must_look = False
    made.put_back([doubtful])
    assert ids(made.take(9)) == [1, 2]


def test_lines_set_apart_travel_in_small_company() -> None:
    made, links = chains(*((f"I{n}", f"P{n}") for n in range(6)))
    for link in links[:4]:
        link.most = 2
    assert [len(made.take(9)) for _turn in range(4)] == [2, 2, 2, 0]


def test_one_set_apart_does_not_join_a_company_that_is_too_large() -> None:
    made, links = chains(*((f"I{n}", f"P{n}") for n in range(3)))
    links[1].most = 1
    assert [ids(made.take(9)) for _turn in range(3)] == [[1], [2], [3]]


def test_what_is_settled_is_forgotten() -> None:
    made, links = chains(("I1", "P1"), ("I1", ""))
    assert ids(made.take(2)) == [1, 2]
    for link in links:
        made.settle(link)
    assert len(made) == 0
    assert not made._last
    # Else the last line of a long day would keep all those before it in memory.
    assert not any(link.followers or link.leads for link in links)
    assert ids([made.add(row(3, "I1", "P1"))]) == ids(made.take(1))


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=40),
    st.integers(1, 4),
    st.integers(1, 5),
    st.randoms(use_true_random=False),
)
def test_whatever_happens_each_line_is_done_once_and_in_its_order(
    lines: list[tuple[int, int]], width: int, size: int, chance: random.Random
) -> None:
    made = Chains()
    rows = [
        row(number, f"I{item}", f"P{patron}" if patron else "")
        for number, (item, patron) in enumerate(lines, start=1)
    ]
    to_come = list(rows)
    under_way: list[list[Link]] = []
    done: list[int] = []
    while len(done) < len(rows):
        while to_come and len(made) < 8:
            made.add(to_come.pop(0))
        while len(under_way) < width and (batch := made.take(size)):
            assert len(batch) <= size
            assert ids(batch) == sorted(ids(batch))
            alongside = {id(link) for other in under_way for link in other}
            assert not any(id(link) in alongside for link in batch)
            under_way.append(batch)
        assert under_way, "nothing goes, and not all is done"
        batch = under_way.pop(chance.randrange(len(under_way)))
        # A request is done up to some line, and from there on it is not.
        reached = chance.randint(0, len(batch))
        for link in batch[:reached]:
            done.append(link.line.id)
            made.settle(link)
        made.put_back(batch[reached:])
    assert sorted(done) == [each.id for each in rows]
    for kind in ("item", "patron"):
        order: dict[str, list[int]] = defaultdict(list)
        for number in done:
            subject = getattr(rows[number - 1], kind)
            if subject:
                order[subject].append(number)
        assert all(numbers == sorted(numbers) for numbers in order.values())
