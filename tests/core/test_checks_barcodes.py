"""Whether item and borrower are what they should be, by rules or by what the others say."""

from __future__ import annotations

import pytest

from offcirc.core.barcodes import Kind, OnFail, Rule, RuleSet
from offcirc.core.checkdigits import Check
from offcirc.core.checks import Act, Code
from offcirc.core.checks_barcodes import Barcodes, Roles

RULES = RuleSet(
    items=(Rule(Kind.ITEM, r"3\d{4}"), Rule(Kind.ITEM, r"7\d{13}", Check.LUHN_LTR)),
    patrons=(Rule(Kind.PATRON, r"2\d{4}"),),
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
        ("20001", "", [Code.READER_AS_ITEM]),
        ("20001", "20002", [Code.READER_AS_ITEM]),
        ("30001", "30002", [Code.ITEM_AS_READER]),
        ("*30001*", "20001", [Code.ITEM_FORM]),
        ("&é'(-", "20001", [Code.ITEM_FORM]),
        ("30001", "X", [Code.READER_FORM]),
        ("9782070368228", "20001", [Code.ISBN]),
    ],
)
def test_the_library_s_rules_decide(item: str, patron: str, expected: list[str]) -> None:
    assert said(item, patron) == expected


def test_a_wrong_check_digit_is_told_with_the_right_one() -> None:
    rules = RuleSet(items=(Rule(Kind.ITEM, r"3\d{13}", Check.LUHN_LTR),))
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
    assert by_others("P1", "", *lent) == [Code.READER_AS_ITEM]
    assert by_others("I9", "I1", *lent, ("I1", "P2")) == [Code.ITEM_AS_READER]
    assert by_others("I9", "P1", *lent) == []


def test_two_that_stand_in_each_other_s_place() -> None:
    lent = [("I1", "P1"), ("I2", "P1"), ("I9", "")]
    assert by_others("P1", "I9", *lent) == [Code.SWAPPED]
    # One line each way: nobody can tell which of the two is wrong, and both are looked at.
    assert by_others("P1", "I1", ("I1", "P1")) == [Code.SWAPPED]


def test_lines_in_which_nothing_is_both_say_nothing() -> None:
    assert not counted(("I1", "P1"), ("I2", "P2"), ("I1", ""))
