"""Whether item and borrower are what they should be, by rules or by what the others say."""

from __future__ import annotations

import random

import pytest

from offcirc.core.barcodes.checkdigits import Check
from offcirc.core.barcodes.rules import BarcodeKind, OnFail, Rule, RuleSet
from offcirc.core.checks.swapped import Barcodes, Roles
from offcirc.core.checks.verdicts import Act, Code

RULES = RuleSet(
    items=(Rule(BarcodeKind.ITEM, r"3\d{4}"), Rule(BarcodeKind.ITEM, r"7\d{13}", Check.LUHN_LTR)),
    patrons=(Rule(BarcodeKind.PATRON, r"2\d{4}"),),
    unmatched=OnFail.WARN,
)


def said(item: str, patron: str = "", rules: RuleSet = RULES) -> list[str]:
    return [code for code, *_rest in Barcodes(rules).look(item, patron)]


@pytest.mark.parametrize(
    ("item", "patron", "expected"),
    [
        ("30001", "20001", []),
        ("30001", "", []),
        ("20001", "30001", [Code.SWAPPED]),
        ("20001", "", [Code.PATRON_AS_ITEM]),
        ("20001", "20002", [Code.PATRON_AS_ITEM]),
        ("30001", "30002", [Code.ITEM_AS_PATRON]),
        ("*30001*", "20001", [Code.ITEM_FORM]),
        ("&é'(-", "20001", [Code.ITEM_FORM]),
        ("30001", "X", [Code.PATRON_FORM]),
        ("9782070368228", "20001", [Code.ISBN]),
    ],
)
def test_the_library_s_rules_decide(item: str, patron: str, expected: list[str]) -> None:
    assert said(item, patron) == expected


def test_a_wrong_check_digit_is_told_with_the_right_one() -> None:
    rules = RuleSet(items=(Rule(BarcodeKind.ITEM, r"3\d{13}", Check.LUHN_LTR),))
    (found,) = Barcodes(rules).look("31234567890120", "P")
    code, _severity, act, detail = found
    assert (code, act) == (Code.ITEM_CHECK_DIGIT, Act.CORRECT)
    right = "3123456789012" + detail
    assert said(right, "P", rules) == []


def test_without_rules_and_without_other_lines_nothing_is_judged() -> None:
    barcodes = Barcodes()
    assert not barcodes
    assert list(barcodes.look("anything", "at all")) == []


def counted(*lines: tuple[str, str]) -> Roles:
    roles = Roles()
    for item, patron in lines:
        roles.count(item, patron)
    roles.finish()
    return roles


def by_others(item: str, patron: str, *lines: tuple[str, str]) -> list[str]:
    barcodes = Barcodes(roles=counted(*lines, (item, patron)))
    return [code for code, *_rest in barcodes.look(item, patron)]


def test_what_is_a_reader_in_most_lines_is_no_item() -> None:
    lent = [("I1", "P1"), ("I2", "P1")]
    assert by_others("P1", "", *lent) == [Code.PATRON_AS_ITEM]
    assert by_others("I9", "I1", *lent, ("I1", "P2")) == [Code.ITEM_AS_PATRON]
    assert by_others("I9", "P1", *lent) == []


def test_two_that_stand_in_each_other_s_place() -> None:
    lent = [("I1", "P1"), ("I2", "P1"), ("I9", "")]
    assert by_others("P1", "I9", *lent) == [Code.SWAPPED]
    # One line each way: nobody can tell which of the two is wrong.
    assert by_others("P1", "I1", ("I1", "P1")) == []
    assert by_others("I1", "P1", ("P1", "I1")) == []


SWAPPED, READER, ITEM = Code.SWAPPED, Code.PATRON_AS_ITEM, Code.ITEM_AS_PATRON
BOOK, CARD = "370000341{:02}", "99210000001{:02}"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["79 64", "80 65", "64 65", "81 65"], {2: READER}),
        (["79 64", "80 65", "81 79"], {2: ITEM}),
        (["79 64", "80 64", "81 65", "64 65", "82 65", "82 79"], {3: READER, 5: ITEM}),
        (["79 64", "80 65", "64 79"], {2: SWAPPED}),
        (["79 64", "80 64", "81 64", "64 79"], {3: SWAPPED}),
        (["64 79", "80 65", "79 64"], {0: SWAPPED}),
        # The card stayed in the field: two items, one after the other, lent to nobody.
        (["79 64", "80 65", "81 66", "64 65", "64 66", "82 63"], {3: READER, 4: READER}),
    ],
)
def test_the_line_that_is_wrong_is_told_and_no_other(
    lines: list[str], expected: dict[int, Code]
) -> None:
    """By their last two digits: items from 70 on, readers below."""
    day = [
        tuple((BOOK if int(end) >= 70 else CARD).format(end) for end in line.split())
        for line in lines
    ]
    barcodes = Barcodes(roles=counted(*day))
    told = {place: [code for code, *_ in barcodes.look(*pair)] for place, pair in enumerate(day)}
    assert {place: codes for place, codes in told.items() if codes} == {
        place: [code] for place, code in expected.items()
    }


def one_range(seed: int) -> list[tuple[str, str]]:
    chance = random.Random(seed)
    return [
        (f"{1000 + chance.randrange(60):06}", f"{1000 + chance.randrange(60):06}")
        for _line in range(40)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_where_items_and_readers_share_their_numbers_nothing_is_said(seed: int) -> None:
    day = one_range(seed)
    barcodes = Barcodes(roles=counted(*day))
    assert [found for pair in day for found in barcodes.look(*pair)] == []


def test_how_digits_begin_tells_where_their_number_does_not() -> None:
    day = [(f"3{n:013}", f"2{n:013}") for n in range(20)]
    slip = (day[3][1], day[4][1])
    barcodes = Barcodes(roles=counted(*day, slip))
    assert [code for code, *_ in barcodes.look(*slip)] == [READER]
    assert [found for pair in day for found in barcodes.look(*pair)] == []


def test_what_only_the_rules_allow_in_its_field_is_not_accused_by_the_lines() -> None:
    day = [("30001", "20001"), ("20009", "30001"), ("20008", "30001")]
    barcodes = Barcodes(RULES, counted(*day))
    assert [code for code, *_ in barcodes.look(*day[0])] == []
    assert [code for code, *_ in barcodes.look(*day[1])] == [Code.SWAPPED]


def test_lines_in_which_nothing_is_both_say_nothing() -> None:
    assert not counted(("I1", "P1"), ("I2", "P2"), ("I1", ""))
