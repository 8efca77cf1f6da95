"""Rows of Alma's report and lines of its file, put together."""

from __future__ import annotations

import random
import textwrap

from hypothesis import given
from hypothesis import strategies as st
from upload.handover_kit import refusal, report_text, workbook
from upload.kit import back, loan

from offcirc.core.transaction import Operation, Record
from offcirc.upload.alma.almajoin import FileLine, join
from offcirc.upload.alma.almareport import parse
from offcirc.upload.alma.almarows import AlmaRow


def lines_of(*records: Record | None) -> list[FileLine]:
    """File lines; ``None`` is a blank line, which has a number but is not given."""
    return [
        FileLine(number, record.operation.value, record.item, record.patron)
        for number, record in enumerate(records, start=1)
        if record is not None
    ]


def not_on_loan(number: int | None, item: str) -> AlmaRow:
    return AlmaRow(number, f"Return item failed, item was not on loan. Barcode: {item}")


def test_the_barcode_counts_more_than_the_number():
    lines = lines_of(loan(0, "A"), back(1, "B"), loan(2, "C"))
    joined = join(lines, [not_on_loan(3, "B")])
    assert list(joined.messages) == [1]
    assert joined.agreeing == 0


def test_counting_from_0_shows_in_all_rows_together():
    lines = lines_of(back(0, "A"), back(1, "A"), back(2, "B"), back(3, "C"))
    rows = [not_on_loan(0, "A"), not_on_loan(2, "B"), not_on_loan(3, "C")]
    joined = join(lines, rows)
    assert (joined.base, joined.told, joined.sure) == (0, True, True)
    assert list(joined.messages) == [0, 2, 3]


def test_counting_from_1_shows_in_all_rows_together():
    lines = lines_of(back(0, "A"), back(1, "A"), back(2, "B"), back(3, "C"))
    joined = join(lines, [not_on_loan(1, "A"), not_on_loan(3, "B")])
    assert (joined.base, joined.told) == (1, True)
    assert list(joined.messages) == [0, 2]


def test_a_return_that_failed_is_a_return():
    lines = lines_of(back(0, "A"), loan(1, "A"))
    joined = join(lines, [not_on_loan(2, "A")])
    assert list(joined.messages) == [0]


def test_what_cannot_be_told_is_said_and_the_last_time_decides():
    lines = lines_of(back(0, "A"), back(1, "A"), back(2, "A"))
    joined = join(lines, [not_on_loan(1, "A")])
    assert (joined.base, joined.told, joined.sure) == (1, False, False)
    assert list(join(lines, [not_on_loan(1, "A")], usual=0).messages) == [1]


def test_it_makes_no_difference_when_each_barcode_stands_once():
    lines = lines_of(back(0, "A"), back(1, "B"))
    joined = join(lines, [not_on_loan(None, "B")])
    assert (joined.told, joined.sure) == (False, True)


def test_of_lines_with_one_barcode_the_nearest_free_one_is_taken():
    lines = lines_of(*(back(minute, "A" if minute % 4 == 0 else "B") for minute in range(12)))
    joined = join(lines, [not_on_loan(6, "A"), not_on_loan(6, "A"), not_on_loan(1, "A")])
    assert list(joined.messages) == [0, 4, 8]


def test_rows_without_numbers_take_the_lines_in_order():
    lines = lines_of(back(0, "A"), back(1, "A"), back(2, "A"))
    joined = join(lines, [not_on_loan(None, "A")] * 2)
    assert list(joined.messages) == [0, 1]


def test_a_row_without_number_is_joined_with_a_remark_where_several_lines_fit():
    lines = lines_of(back(0, "A"), back(1, "A"), back(2, "B"))
    joined = join(lines, [not_on_loan(None, "A"), not_on_loan(None, "B")])
    assert (list(joined.messages), joined.unsure) == ([0, 2], {0})
    assert join(lines, [not_on_loan(1, "A")]).unsure == frozenset()


def test_a_barcode_that_a_spreadsheet_has_shortened():
    lines = lines_of(back(0, "37012238159000"), back(1, "36900000000000"), back(2, "371"))
    row = not_on_loan(None, "3.7E+13")
    assert join(lines, [row]).unplaced == (row,)
    assert list(join(lines, [not_on_loan(2, "3.7E+13")]).messages) == [1]
    assert list(join(lines, [not_on_loan(None, "3.7012E+13")]).messages) == [0]
    assert list(join(lines, [not_on_loan(None, "3,7012e+13")]).messages) == [0]


def test_rows_that_belong_nowhere_are_left():
    lines = lines_of(back(0, "A"))
    rows = [not_on_loan(1, "Z"), AlmaRow(9, "Something happened"), AlmaRow(None, "Something")]
    joined = join(lines, rows)
    assert joined.unplaced == tuple(rows)
    assert not joined.messages


def test_a_message_without_barcode_goes_by_the_number():
    lines = lines_of(loan(0, "A"), loan(1, "B"), loan(2, "C"))
    rows = [AlmaRow(2, "Something happened"), not_on_loan(1, "A")]
    assert list(join(lines, rows).messages) == [0, 1]


def test_a_barcode_within_an_unknown_message_is_seen():
    lines = lines_of(loan(0, "A1"), loan(1, "B1"))
    assert list(join(lines, [AlmaRow(7, "Item B1 may not be lent")]).messages) == [1]


def test_an_unknown_user_is_looked_for_among_the_patrons():
    lines = lines_of(loan(0, "9", "7"), loan(1, "7", "9"))
    joined = join(lines, [AlmaRow(None, "User not found. Barcode: 9")])
    assert list(joined.messages) == [1]


def test_capitals_do_not_matter_where_nothing_else_fits():
    lines = lines_of(loan(0, "d293"), loan(1, "D294"))
    assert list(join(lines, [AlmaRow(1, "Item not found. Barcode: D293")]).messages) == [0]


def test_two_rows_about_one_line_are_both_kept():
    lines = lines_of(loan(0, "A", "P"))
    rows = [AlmaRow(1, "Item not found. Barcode: A"), AlmaRow(1, "User not found. Barcode: P")]
    assert join(lines, rows).messages == {0: (rows[0].message, rows[1].message)}


def test_blank_lines_may_count_or_not():
    lines = lines_of(back(0, "A"), None, None, back(1, "A"), None, back(2, "A"), back(3, "B"))
    counted = join(lines, [not_on_loan(4, "A"), not_on_loan(7, "B")])
    assert list(counted.messages) == [1, 3]
    passed_over = join(lines, [not_on_loan(3, "A"), not_on_loan(4, "B")])
    assert list(passed_over.messages) == [2, 3]


ITEMS = st.sampled_from([f"I{number}" for number in range(6)] + ["37000034179", "TOTO31400"])
PATRONS = st.sampled_from(["9921000000164", "9900452388527", "P1"])
RECORDS = st.one_of(
    st.builds(loan, st.just(0), ITEMS, PATRONS),
    st.builds(back, st.just(0), ITEMS),
)


def wrapped(text: str, how: str, rows: list[tuple[int, str]], records: int) -> bytes:
    """A report as a file of some kind."""
    if how == "text":
        return text.encode()
    if how == "mail":
        broken = [part for line in text.splitlines() for part in textwrap.wrap(line, 60)]
        return "\n".join(f"> {line}" for line in broken).encode("utf-16")
    if how == "csv":
        table = "".join(f'{number};"{message}"\r\n' for number, message in rows)
        return f"Records processed;{records}\r\n\r\nLigne;Message\r\n{table}".encode("cp1252")
    return workbook(("Records processed", records), (), ("Line", "Error Message"), *rows)


@given(
    st.lists(RECORDS, min_size=1, max_size=30),
    st.sets(st.integers(0, 29)),
    st.sampled_from([0, 1]),
    st.sampled_from(["text", "mail", "csv", "xlsx"]),
    st.randoms(use_true_random=False),
)
def test_any_report_of_any_file_finds_its_lines(
    records: list[Record], places: set[int], base: int, how: str, chance: random.Random
):
    refused = {place: refusal(records[place]) for place in places if place < len(records)}
    rows = [(place + base, message) for place, message in refused.items()]
    chance.shuffle(rows)
    text = report_text(rows, len(records))
    report = parse(wrapped(text, how, rows, len(records)), "report")
    assert sorted((row.number, row.message) for row in report.rows) == sorted(rows)
    joined = join(lines_of(*records), report.rows)
    found = {place: " / ".join(said) for place, said in joined.messages.items()}
    assert joined.unplaced == ()
    if joined.sure:
        assert found == refused
    else:
        # Then the other way of counting would be as good: nothing in the report tells.
        other = 1 - base
        assert joined.base == other or found == refused
        for number, message in rows:
            at = number - other
            assert 0 <= at < len(records)
            code = message.rpartition(" ")[2]
            assert code in (records[at].item, records[at].patron)
            assert "Return" not in message or records[at].operation is Operation.RETURN
    # Whoever knows how this Alma counts is never wrong.
    known = join(lines_of(*records), report.rows, usual=base)
    assert {place: " / ".join(said) for place, said in known.messages.items()} == refused
