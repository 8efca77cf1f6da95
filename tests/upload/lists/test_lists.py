"""Lists as people keep them: read right, or refused with a reason that a librarian understands."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offcirc.core.barcodes.rules import ANY, RuleSet
from offcirc.core.barcodes.ruletable import parse
from offcirc.core.transaction import Operation, Record
from offcirc.storage.ledger.ledgerrows import LineFacts
from offcirc.upload.alma.almacells import UnreadableContainerError
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.lists import listwords, moments, taking
from offcirc.upload.lists.reading import ColumnUse, ListShape, read_list
from offcirc.upload.lists.understanding import (
    ListProblem,
    ListQuestion,
    Told,
    Understanding,
    understand,
)

NOW = datetime(2026, 11, 28, 18, 0)
DAY = date(2026, 11, 27)
TOLD = Told(day=DAY, clock=time(14, 30))
AT = datetime(2026, 11, 27, 14, 30)
RULES = parse(
    {
        "item": [
            {"pattern": "37" + "[0-9]" * 9},
            {"pattern": "UBX" + "[0-9]" * 8},
            {"pattern": "0" + "[0-9]" * 9},
        ],
        "patron": [{"pattern": "99" + "[0-9]" * 11}],
    }
)
READER, OTHER = "9921000000164", "9951658533103"
A, B, C = "37000034179", "UBX00252850", "37000011872"
L, R = Operation.LOAN, Operation.RETURN


def read(data: str | bytes, told: Told = TOLD, rules: RuleSet = RULES) -> Understanding:
    """What the only list of a file says."""
    raw = data.encode() if isinstance(data, str) else data
    (sheet,) = read_list(raw)
    return understand(sheet, rules, NOW, told)


def said(found: Understanding) -> list[tuple[str, str, str, datetime]]:
    """What is taken."""
    return [(one.operation.value, one.item, one.patron, one.at) for one in found.records]


def told_off(found: Understanding) -> list[tuple[int, str]]:
    """Rows that are not taken, and why."""
    return [(line.row, str(line.problem)) for line in found.problems]


def book(*rows: tuple[object, ...]) -> bytes:
    """A workbook of one sheet."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


LOAN_A = ("L", A, READER, AT)
RIGHT = {
    "one column of items, pasted": (f"RETURNS\n{A}\n{B}\n", [("R", A, "", AT), ("R", B, "", AT)]),
    "a reader, then items": (
        f"{READER}\n{A}\n{B}\n\n{OTHER}\n{C}\n",
        [LOAN_A, ("L", B, READER, AT), ("L", C, OTHER, AT)],
    ),
    "a reader and items in one line": (f"{READER} {A} {B}\n", [LOAN_A, ("L", B, READER, AT)]),
    "labels and bullets": (f"Lecteur : {READER}\n- {A}\n• {B}\n", [LOAN_A, ("L", B, READER, AT)]),
    "headings between": (
        f"PRÊTS\nCarte {READER}\n{A}\n\nRETOURS :\n{B}\n",
        [LOAN_A, ("R", B, "", AT)],
    ),
    "a day above the lines": (
        f"26/11/2026 9h05\nReturns\n{A}\n",
        [("R", A, "", datetime(2026, 11, 26, 9, 5))],
    ),
    "a mail": (
        f"> Bonjour,\n> voici les retours de ce matin :\n> {A}\n> {B}\n> Merci !\n",
        [("R", A, "", AT), ("R", B, "", AT)],
    ),
    "columns with headings": (
        f"code;carte;quand\n{A};{READER};26/11/26 14:05\n{B};;26/11/26 14:20\n",
        [
            ("L", A, READER, datetime(2026, 11, 26, 14, 5)),
            ("R", B, "", datetime(2026, 11, 26, 14, 20)),
        ],
    ),
    "columns without headings": (f"{READER}\t{A}\n{READER}\t{B}\n", [LOAN_A, ("L", B, READER, AT)]),
    "an operation in words": (
        f"item,reader,type\n{A},{READER},checkout\n{B},,Retour\n",
        [LOAN_A, ("R", B, "", AT)],
    ),
    "day and time apart": (
        f"date,heure,exemplaire,lecteur\n2026-11-26,14h05,{A},{READER}\n",
        [("L", A, READER, datetime(2026, 11, 26, 14, 5))],
    ),
    "month first, because nothing else is possible": (
        f"item,reader,date,time\n{A},{READER},11/26/2026,2:05 PM\n",
        [("L", A, READER, datetime(2026, 11, 26, 14, 5))],
    ),
    "Koha's file": (
        (
            "Version=1.0\tGenerator=x\tGeneratorVersion=2\n"
            f"2026-11-27 10-15-30 123\tissue\t{READER}\t{A}\n"
            f"2026-11-27 10-16-30 123\treturn\t{A}\n"
        ),
        [
            ("L", A, READER, datetime(2026, 11, 27, 10, 15)),
            ("R", A, "", datetime(2026, 11, 27, 10, 16)),
        ],
    ),
    "the same row twice": (f"RETURNS\n{A}\n{A}\n", [("R", A, "", AT)]),
    "UTF-16 from a notepad": (f"RETURNS\r\n{A}\r\n".encode("utf-16"), [("R", A, "", AT)]),
    "a reader and several items a row": (
        f"{READER};{A};{B}\n{OTHER};{C};\n",
        [LOAN_A, ("L", B, READER, AT), ("L", C, OTHER, AT)],
    ),
    "a page of a web mail": (
        f"<html><table><tr><th>Item<th>Reader<tr><td>{A}<td>{READER}</table></html>",
        [LOAN_A],
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_lists_are_read_right(name: str) -> None:
    data, expected = RIGHT[name]
    found = read(data)
    assert said(found) == expected
    assert not found.problems
    assert not found.questions


@pytest.mark.parametrize(
    ("data", "row", "problem"),
    [
        (f"code,carte\n3.7E+10,{READER}\n", 2, ListProblem.ROUNDED),
        (f"code;carte\n{A};9,92E+12\n", 2, ListProblem.ROUNDED),
        (f"code;carte\n123456789;{READER}\n", 2, ListProblem.LOST_ZEROS),
        (f"item,reader\n{READER},{A}\n", 2, ListProblem.SWAPPED),
        (f"item,reader\n{READER},\n", 2, ListProblem.CARD_AS_ITEM),
        (f"LOANS\n\n{A}\n{B}\n", 4, ListProblem.NO_PATRON),
        (f"item,date\n{A},yesterday\n", 2, ListProblem.BAD_MOMENT),
        (f"item,reader,when\n{A},{READER},28/11/2026 18:01\n", 2, ListProblem.IN_FUTURE),
        (f"item,reader,type\n{A},{READER},payment\n", 2, ListProblem.UNKNOWN_OPERATION),
        (f"RETURNS\n{A} the torn one, 2nd shelf\n", 2, ListProblem.NOT_UNDERSTOOD),
        (f"item,reader\n,{READER}\n", 2, ListProblem.NO_ITEM),
    ],
)
def test_rows_are_refused_with_a_reason(data: str, row: int, problem: ListProblem) -> None:
    found = read(data)
    assert (row, problem.value) in told_off(found)
    sentences = [listwords.problem(line) for line in found.problems]
    assert all(sentences)
    assert not [one for one in sentences if "{" in one]


def test_numbers_of_a_workbook() -> None:
    data = book(
        ("item", "reader", "when"),
        (A, READER, datetime(2026, 11, 26, 14, 5)),
        (37000011872, 9921000000164, datetime(2026, 11, 26, 14, 6)),
        (3700001187212345, READER, datetime(2026, 11, 26, 14, 7)),
        (123456789, READER, datetime(2026, 11, 26, 14, 8)),
    )
    found = read(data)
    assert said(found) == [
        ("L", A, READER, datetime(2026, 11, 26, 14, 5)),
        ("L", C, READER, datetime(2026, 11, 26, 14, 6)),
    ]
    assert told_off(found) == [(4, "too-many-digits"), (5, "lost-zeros")]
    assert found.problems[1].detail == "0123456789"


def test_a_shorter_number_among_those_with_zeros_is_doubted_without_rules() -> None:
    found = read("item,card\n12345,77\n0012346,77\n0012347,78\n", rules=ANY)
    assert told_off(found) == [(2, "lost-zeros")]
    assert found.problems[0].detail == "0012345"


def test_days_of_a_workbook_have_no_time() -> None:
    data = book(("item", "reader", "date"), (A, READER, datetime(2026, 11, 26)))
    assert read(data, Told()).questions == (ListQuestion.TIME,)
    assert said(read(data, TOLD)) == [("L", A, READER, datetime(2026, 11, 26, 14, 30))]


def test_what_a_list_leaves_open_is_asked() -> None:
    plain = f"{A}\n{B}\n"
    asked = read(plain, Told()).questions
    assert asked == (ListQuestion.DAY, ListQuestion.TIME, ListQuestion.OPERATION)
    returns = Told(day=DAY, clock=time(9), operation=R)
    assert [one[0] for one in said(read(plain, returns))] == ["R", "R"]
    two = "0013,4711\n0014,4712\n"
    assert read(two, TOLD, ANY).questions == (ListQuestion.COLUMNS,)
    uses = Told(DAY, time(14, 30), uses=(ColumnUse.ITEM, ColumnUse.PATRON))
    assert said(read(two, uses, ANY))[0] == ("L", "0013", "4711", AT)


def test_without_rules_the_column_with_repeats_is_the_readers() -> None:
    found = read("4711;0013\n4711;0014\n", TOLD, ANY)
    assert [column.use for column in found.columns] == [ColumnUse.PATRON, ColumnUse.ITEM]


def test_a_cell_put_right_is_taken() -> None:
    data = f"code,carte\n3.7E+10,{READER}\n"
    told = Told(DAY, time(14, 30), corrected={(1, 0): A})
    assert said(read(data, told)) == [LOAN_A]
    data = f"item,reader,when\n{A},{READER},yesterday\n"
    (wrong,) = read(data).problems
    told = Told(DAY, time(14, 30), corrected={(wrong.row - 1, wrong.place): "14:30"})
    assert said(read(data, told)) == [LOAN_A]


def test_an_item_lent_again_within_the_minute_of_the_list_is_lent_again() -> None:
    rows = f"LOANS\n{READER}\n{A}\nRETURNS\n{A}\nLOANS\n{READER}\n{A}\n{A}\n"
    found = read(rows)
    assert [one[0] for one in said(found)] == ["L", "R", "L"]
    assert [line.twice for line in found.lines if line.twice] == [8]


def test_evergreens_file_is_in_the_desk_s_own_time() -> None:
    stamp = datetime(2026, 11, 27, 10, 15, 30).timestamp()
    found = read(
        f'{{"timestamp": {stamp}, "type": "checkout", "patron_barcode": "{READER}", '
        f'"barcode": "{A}"}}\n{{"timestamp": {stamp + 60}, "type": "checkin", "barcode": "{A}"}}\n'
        f'{{"timestamp": {stamp}, "type": "register", "user": {{}}}}\n'
    )
    assert said(found) == [
        ("L", A, READER, datetime(2026, 11, 27, 10, 15)),
        ("R", A, "", datetime(2026, 11, 27, 10, 16)),
    ]
    assert told_off(found) == [(3, "unknown-operation")]


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 broken", b"201801151420LX1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"]
)
def test_what_is_no_list_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(UnreadableContainerError) as caught:
        read_list(data)
    assert listwords.unreadable(caught.value)


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("26/11/26 14:05", date(2026, 11, 26), time(14, 5)),
        ("2026-11-26T14:05:00", date(2026, 11, 26), time(14, 5)),
        ("26 nov. 2026 à 9 h 05", date(2026, 11, 26), time(9, 5)),
        ("jeu. 26.11.2026", date(2026, 11, 26), None),
        ("9h", None, time(9)),
        ("12:05 AM", None, time(0, 5)),
        ("1er décembre 2025", date(2025, 12, 1), None),
    ],
)
def test_moments_as_people_write_them(text: str, day: date | None, clock: time | None) -> None:
    found = moments.written(text)
    assert found is not None
    assert (found.day, found.clock) == (day, clock)


@pytest.mark.parametrize("text", ["37000034179", "UBX00252850", "31/02/2026", "25:00", "hier", ""])
def test_what_is_no_moment(text: str) -> None:
    assert moments.written(text) is None


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"37[0-9]{9}", fullmatch=True),
            st.one_of(st.just(""), st.from_regex(r"99[0-9]{11}", fullmatch=True)),
            st.datetimes(datetime(2020, 1, 1), NOW).map(lambda at: at.replace(second=0)),
        ),
        min_size=1,
        max_size=20,
        unique_by=lambda row: (row[0], row[2].replace(microsecond=0)),
    ),
    st.sampled_from([";", "\t", ","]),
)
def test_a_table_comes_back_as_it_was(rows: list[tuple[str, str, datetime]], mark: str) -> None:
    text = "item" + mark + "reader" + mark + "when\n"
    text += "".join(f"{item}{mark}{card}{mark}{at:%d/%m/%Y %H:%M}\n" for item, card, at in rows)
    expected = [
        Record(at.replace(second=0, microsecond=0), L if card else R, item, card)
        for item, card, at in rows
    ]
    found = read(text)
    if any(card for _item, card, _at in rows):
        assert found.records == expected
    else:
        assert found.questions == (ListQuestion.OPERATION,)


@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf\t")
def test_no_file_raises_anything_but_our_error(data: bytes) -> None:
    try:
        sheets = read_list(data)
    except UnreadableContainerError:
        return
    for sheet in sheets:
        assert sheet.shape in ListShape
        understand(sheet, RULES, NOW, TOLD)


@pytest.mark.promise("lists-keep-renewals")
def test_renewals_and_in_house_use_stay_what_they_are(tmp_path: Path) -> None:
    logged = [
        ("checkout", "P1", "A1"),
        ("renew", "P1", "A1"),
        ("in_house_use", "", "B2"),
        ("checkin", "", "A1"),
    ]
    text = "".join(
        json.dumps({"timestamp": 1764200000 + 60 * n, "type": what, "barcode": item, **who}) + "\n"
        for n, (what, patron, item) in enumerate(logged)
        for who in ({"patron_barcode": patron} if patron else {},)
    )
    (sheet,) = read_list(text.encode())
    found = understand(sheet, ANY, datetime(2025, 12, 1), Told())
    meant = [Operation.LOAN, Operation.RENEWAL, Operation.IN_HOUSE, Operation.RETURN]
    assert [record.operation for record in found.records] == meant
    assert (found.count(Operation.LOAN), found.count(Operation.RETURN)) == (2, 2)

    def planned(folder: str) -> list[LineFacts]:
        path = taking.keep(tmp_path / folder, "log.xacts", text.encode(), found.records)
        return list(make_plan([path]).lines())

    once, again = planned("a"), planned("b")
    assert [line.operation for line in once] == [one.value for one in meant]
    # The same log taken twice is the same lines, as with lines that the letters suffice for.
    assert [line.key for line in once] == [line.key for line in again]
