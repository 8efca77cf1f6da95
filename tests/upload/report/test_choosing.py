"""Sorting, filtering and grouping a report's lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from upload.reportkit import HELD, KNOWN, RETURN, WHOLE, line, report

from offcirc.core.transaction import Operation
from offcirc.upload.report import reportview, words
from offcirc.upload.report.choosing import (
    ORDER,
    Choice,
    arranged,
    chosen,
    narrowed,
    search_texts,
    sortings,
)
from offcirc.upload.report.report import Grouping, LineStatus, Origin, ReportLine

START = datetime(2018, 1, 15, 9, 0)

LINES = st.lists(
    st.builds(
        line,
        st.integers(1, 5),
        st.sampled_from(list(LineStatus)),
        at=st.none() | st.integers(0, 3).map(lambda minutes: START + timedelta(minutes=minutes)),
        operation=st.sampled_from([*Operation, None]),
        item=st.sampled_from(["", "a", "B", "b"]),
        patron=st.sampled_from(["", "P1", "p2"]),
        reason=st.sampled_from(["item-unknown", "too-short", "no-answer", "held-by-decision"]),
        origin=st.sampled_from([Origin(), Origin("L", "C", "Desk 1"), Origin("L", "C", "Desk 2")]),
    ),
    max_size=12,
)


@given(LINES, st.sampled_from(sortings()), st.booleans())
def test_sorting_keeps_every_line_and_the_order_of_equal_ones(
    lines: list[ReportLine], by: str, descending: bool
) -> None:
    lines = [replace(one, id=place) for place, one in enumerate(lines, 1)]
    found = arranged(lines, by, descending=descending)
    assert sorted(one.id for one in found) == [one.id for one in lines]
    if by != ORDER:
        again = arranged(found, by, descending=descending)
        assert again == found
        for before, after in pairwise(found):
            if arranged([before, after], by) == arranged([after, before], by)[::-1]:
                assert before.id < after.id


def test_sorting_by_time_goes_by_the_exact_one() -> None:
    early = line(1, at=START, exact=START.replace(second=1))
    late = line(2, at=START, exact=START.replace(second=2))
    minute = line(3, at=START)
    assert arranged([late, HELD, early, minute], "time") == [HELD, minute, early, late]
    assert arranged([late, early], "time", descending=True) == [late, early]


def test_every_word_is_looked_for_everywhere() -> None:
    lines = list(WHOLE.lines)
    texts = search_texts(lines)
    for text, wanted in {
        "OTOLO104602": [RETURN],
        "  durand   œuvres ": [KNOWN],
        "bureau toto": [KNOWN],
        "война": [KNOWN],
        "10:40:12": [KNOWN],
        "unknown borrower ubx": [lines[0]],
        "nowhere": [],
        "": lines,
    }.items():
        assert chosen(lines, Choice(text), texts) == wanted
        assert chosen(lines, Choice(text)) == wanted


def test_a_narrowed_report_says_so_and_keeps_its_counts() -> None:
    choice = Choice("toto", (LineStatus.REJECTED,), operations=(Operation.LOAN,))
    part = narrowed(WHOLE, choice, "item")
    assert part.lines == (KNOWN,)
    assert (part.records, part.exceptions) == (WHOLE.records, WHOLE.exceptions)
    assert part.selection == "Only 1 of 7 lines are listed here: “toto”, rejected, Loan."
    assert reportview.sentences(part) == [part.selection]
    whole = narrowed(WHOLE, Choice(), "item", descending=True)
    assert whole.selection == ""
    assert sorted(one.line for one in whole.lines) == sorted(one.line for one in WHOLE.lines)


@given(LINES)
def test_groups_hold_every_exception_once(lines: list[ReportLine]) -> None:
    whole = report(*(replace(one, id=place) for place, one in enumerate(lines, 1)))
    for by in Grouping:
        found = [one.id for group in reportview.groups(whole, by) for one in group.lines]
        assert sorted(found) == [one.id for one in whole.exception_lines]


def test_groups_by_reader_and_by_item_put_work_first() -> None:
    one = line(1, patron="P1", item="I1", patron_name="Élodie")
    two = line(2, patron="P2", item="I1", title="Titre", reason="later-action")
    three = line(3, patron="P1", item="I2")
    back = replace(RETURN, item="I2")
    readers = reportview.groups(report(two, one, three, back, HELD), Grouping.PATRON)
    assert [(group.code, group.detail, len(group.lines)) for group in readers] == [
        ("P1", "Élodie", 2),
        ("", "", 2),
        ("P2", "", 1),
    ]
    assert [group.harmless for group in readers] == [False, False, True]
    assert readers[1].name == "Without a borrower"
    items = reportview.groups(report(two, one, three, back, HELD), Grouping.ITEM)
    assert [(group.name, group.detail) for group in items] == [
        ("Item I1", "Titre"),
        ("Item I2", ""),
        ("Without an item", ""),
    ]
    assert all(group.advice == "" for group in readers + items)


def test_what_a_decision_is_called() -> None:
    assert words.decision(None) == ""
    assert words.decision(KNOWN.decision) == (
        "Corrected by Référente, 2018-01-17 08:05, the file says T0, lu sur la carte"
    )
