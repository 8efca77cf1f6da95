"""Barcode rules as written in the settings: every mistake named, every oddity shown."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.barcodes.checkdigits import Check
from offcirc.core.barcodes.patternsyntax import PatternFault
from offcirc.core.barcodes.rules import ANY, BarcodeKind, OnFail, Rule, RuleSet
from offcirc.core.barcodes.ruletable import (
    Concern,
    Mistake,
    RuleComplaint,
    RulesError,
    consistency,
    parse,
)
from offcirc.core.barcodes.symbology import DEFAULT_STRIP, Strip


def complaints_of(text):
    with pytest.raises(RulesError) as caught:
        parse(tomllib.loads(text))
    return caught.value.complaints


def test_a_whole_table():
    rules = parse(
        tomllib.loads(r"""
            unmatched = "refuse"
            isbn = "off"
            [[item]]
            name = "Main library"
            pattern = '3\d{13}'
            check = "luhn-ltr"
            on_fail = "refuse"
            strip = ["AIM", "codabar", "space"]
            [[item]]
            pattern = 'C\d{7}'
            [[patron]]
            pattern = '2\d{13}'
            strip = "aim, codabar"
        """)
    )
    assert rules == RuleSet(
        items=(
            Rule(
                BarcodeKind.ITEM,
                r"3\d{13}",
                Check.LUHN_LTR,
                OnFail.REFUSE,
                frozenset(Strip),
                "Main library",
            ),
            Rule(BarcodeKind.ITEM, r"C\d{7}", Check.NONE, OnFail.WARN, DEFAULT_STRIP),
        ),
        patrons=(
            Rule(BarcodeKind.PATRON, r"2\d{13}", strip=frozenset((Strip.AIM, Strip.CODABAR))),
        ),
        unmatched=OnFail.REFUSE,
        isbn=OnFail.OFF,
    )


def test_an_empty_table_changes_nothing():
    assert parse({}) == ANY
    base = RuleSet((Rule(BarcodeKind.ITEM, "x"),), (), OnFail.OFF, OnFail.REFUSE)
    assert parse({}, base) == base


def test_a_list_replaces_the_list_below_it():
    base = RuleSet(
        (Rule(BarcodeKind.ITEM, "x"),), (Rule(BarcodeKind.PATRON, "y"),), isbn=OnFail.OFF
    )
    assert parse({"item": []}, base) == RuleSet((), base.patrons, isbn=OnFail.OFF)


def test_strip_can_be_nothing():
    assert parse({"item": [{"pattern": "x", "strip": []}]}).items[0].strip == frozenset()
    assert parse({"item": [{"pattern": "x", "strip": ""}]}).items[0].strip == frozenset()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("itme = []", RuleComplaint(Mistake.UNKNOWN_KEY, "itme", suggestion="item")),
        ("colour = 1", RuleComplaint(Mistake.UNKNOWN_KEY, "colour")),
        ("item = 'x'", RuleComplaint(Mistake.NOT_RULES, "item")),
        ("patron = [1]", RuleComplaint(Mistake.NOT_RULES, "patron")),
        (
            "isbn = 'warm'",
            RuleComplaint(
                Mistake.WRONG_CHOICE,
                "isbn",
                value="warm",
                choices=("off", "warn", "refuse"),
                suggestion="warn",
            ),
        ),
        (
            "unmatched = true",
            RuleComplaint(
                Mistake.WRONG_CHOICE, "unmatched", value="True", choices=("off", "warn", "refuse")
            ),
        ),
        (
            "[[item]]\npattern = 'x'\n[[item]]\nchek = 'none'\npattern = 'x'",
            RuleComplaint(Mistake.UNKNOWN_KEY, "chek", BarcodeKind.ITEM, 2, suggestion="check"),
        ),
        (
            "[[patron]]\nname = 'P'",
            RuleComplaint(Mistake.NO_PATTERN, "pattern", BarcodeKind.PATRON, 1, "P"),
        ),
        (
            "[[item]]\npattern = 3",
            RuleComplaint(Mistake.NOT_TEXT, "pattern", BarcodeKind.ITEM, 1, value="3"),
        ),
        (
            "[[item]]\npattern = 'x'\nname = 3",
            RuleComplaint(Mistake.NOT_TEXT, "name", BarcodeKind.ITEM, 1, value="3"),
        ),
        (
            "[[item]]\npattern = 'x'\nstrip = ['AIM', 'blanks']",
            RuleComplaint(
                Mistake.WRONG_CHOICE,
                "strip",
                BarcodeKind.ITEM,
                1,
                value="blanks",
                choices=("AIM", "codabar", "space"),
            ),
        ),
        (
            r"[[item]]" + "\n" + r"pattern = '3(\d'",
            RuleComplaint(
                Mistake.BAD_PATTERN,
                "pattern",
                BarcodeKind.ITEM,
                1,
                value=r"(\d",
                fault=PatternFault.SYNTAX,
                position=2,
            ),
        ),
        (
            "[[patron]]\nname = 'Cards'\npattern = '(?!3)x'",
            RuleComplaint(
                Mistake.BAD_PATTERN,
                "pattern",
                BarcodeKind.PATRON,
                1,
                "Cards",
                value="(?!",
                fault=PatternFault.UNSUPPORTED,
                position=1,
            ),
        ),
    ],
)
def test_a_mistake_names_the_rule_and_what_is_wrong(text, complaint):
    assert complaints_of(text) == (complaint,)


def test_a_wrong_check_lists_those_there_are():
    (complaint,) = complaints_of("[[item]]\npattern = 'x'\ncheck = 'luhn'")
    assert complaint.choices == ("none", "luhn-ltr", "luhn-rtl", "mod11", "mod43", "ean13")
    assert complaint.suggestion in complaint.choices


def test_all_mistakes_are_named_not_only_the_first():
    found = complaints_of("isbn = 1\nx = 1\n[[item]]\ncheck = 'x'\non_fail = 'y'\n[[patron]]")
    assert [complaint.mistake for complaint in found] == [
        Mistake.UNKNOWN_KEY,
        Mistake.WRONG_CHOICE,
        Mistake.WRONG_CHOICE,
        Mistake.NO_PATTERN,
        Mistake.NO_PATTERN,
        Mistake.WRONG_CHOICE,
    ]


values = st.recursive(
    st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["pattern", "check", "strip", "name", "on_fail", "x"]), inner
        ),
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["item", "patron", "isbn", "unmatched", "stars", "y"]), values)
)
def test_no_table_makes_the_reader_raise_anything_else(table):
    try:
        rules = parse(table)
    except RulesError as error:
        fault = error
    else:
        assert isinstance(rules, RuleSet)
        return
    assert fault.complaints


def concerns(items=(), patrons=()):
    found = consistency(RuleSet(tuple(items), tuple(patrons)))
    return [(oddity.concern, oddity.example) for oddity in found]


def item(pattern, **options):
    return Rule(BarcodeKind.ITEM, pattern, **options)


def card(pattern, **options):
    return Rule(BarcodeKind.PATRON, pattern, **options)


class TestConsistency:
    """Rules that can each be used and make no sense together."""

    def test_nothing_to_say(self):
        assert concerns() == []
        assert concerns([item(r"3\d{13}", check=Check.LUHN_LTR)], [card(r"2\d{13}")]) == []

    def test_lists_that_overlap_are_shown_by_an_example(self):
        wide, narrow, other = item(r"[A-Z]?\d{8,12}"), card(r"\d{12}"), card("[a-z]+")
        (oddity,) = consistency(RuleSet((wide,), (narrow, other)))
        assert oddity.concern is Concern.OVERLAP
        assert oddity.rules == (wide, narrow)
        assert oddity.example == "000000000000"

    def test_one_list_without_the_other(self):
        (oddity,) = consistency(RuleSet((item("x"),)))
        assert (oddity.concern, oddity.kind) == (Concern.ONE_SIDED, BarcodeKind.ITEM)

    def test_rules_that_isbns_fit(self):
        found = concerns([item(r"\d{13}")], [card("2")])
        assert found == [(Concern.FITS_ISBN, "9780000000000")]
        assert concerns([item(r"\d{13}", check=Check.EAN13)], [card("2")]) == []

    def test_check_digits_that_nothing_can_have(self):
        found = concerns([item(r"C\d{7}", check=Check.LUHN_LTR)], [card("2")])
        assert found == [(Concern.CHECK_NEVER_RIGHT, "")]
        assert concerns([item(r"C\d{7}", check=Check.MOD43)], [card("2")]) == []
        found = concerns([item(r"\d{12}", check=Check.EAN13)], [card("2")])
        assert found == [(Concern.CHECK_NEVER_RIGHT, "")]

    def test_forms_that_the_file_cannot_hold(self):
        for pattern in ("", "é+", r"\d{81}", "a b"):
            assert concerns([item(pattern)], [card("2")]) == [(Concern.NOT_RECORDABLE, "")]
        assert concerns([item("3")], [card("a b")]) == []
        assert concerns([item("3")], [card(r"\d{256}")]) == [(Concern.NOT_RECORDABLE, "")]

    def test_what_is_too_big_to_compare_is_said_to_be(self):
        huge = [item("[ab]*a[ab]{14}")], [card("[ab]*b[ab]{13}a[ab]{300}")]
        assert (Concern.UNDECIDED, "") in concerns(*huge)
