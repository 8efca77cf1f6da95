"""Barcode rules: every scan before both lists, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.barcodes.checkdigits import Check, compute
from offcirc.core.barcodes.patternsyntax import PatternError
from offcirc.core.barcodes.rules import (
    ANY,
    LENGTH_LIMIT,
    BarcodeCode,
    BarcodeFinding,
    BarcodeKind,
    BarcodeOutcome,
    OnFail,
    Rule,
    RuleSet,
    Stars,
    Verdict,
    accepted,
    judge,
    split,
)
from offcirc.core.barcodes.symbology import DEFAULT_STRIP, Strip, is_isbn, split_aim, strip
from offcirc.scanning.presets import NAMES, preset

CARD = "23529001000463"
ITEM = "30234000517861"
WRONG_ITEM = "31000000123456"
ISBN = "9780306406157"

US = preset("us-14")
FR = preset("fr")


def rules_of(items=(), patrons=(), **options):
    return RuleSet(
        tuple(Rule(BarcodeKind.ITEM, pattern) for pattern in items),
        tuple(Rule(BarcodeKind.PATRON, pattern) for pattern in patrons),
        **options,
    )


def test_an_item_in_the_item_field_and_a_card_in_the_borrower_field_are_fine():
    assert judge(ITEM, US).verdict(BarcodeKind.ITEM) == Verdict(
        BarcodeOutcome.ACCEPT, BarcodeKind.ITEM, ITEM
    )
    assert judge(CARD, US).verdict(BarcodeKind.PATRON) == Verdict(
        BarcodeOutcome.ACCEPT, BarcodeKind.PATRON, CARD
    )


def test_both_lists_are_tried_whatever_the_field():
    assert judge(CARD, US).verdict(BarcodeKind.ITEM) == Verdict(
        BarcodeOutcome.OTHER_FIELD, BarcodeKind.PATRON, CARD
    )
    assert judge(ITEM, US).verdict(BarcodeKind.PATRON) == Verdict(
        BarcodeOutcome.OTHER_FIELD, BarcodeKind.ITEM, ITEM
    )


@pytest.mark.parametrize("field", BarcodeKind)
@given(text=st.text(max_size=300))
def test_without_rules_nothing_is_refused_or_sent_elsewhere(field, text):
    verdict = judge(text, ANY).verdict(field)
    assert verdict.outcome is BarcodeOutcome.ACCEPT
    assert verdict.kind is field
    assert not any(finding.refuse for finding in verdict.findings)


@pytest.mark.parametrize("name", NAMES)
@given(text=st.text(max_size=300), field=st.sampled_from(BarcodeKind))
def test_no_text_makes_judging_raise_and_presets_warn_at_most(name, text, field):
    verdict = judge(text, preset(name)).verdict(field)
    assert (
        verdict.outcome is not BarcodeOutcome.REFUSE or verdict.findings[0].code is BarcodeCode.ISBN
    )


def test_a_wrong_check_digit_is_warned_about_and_the_right_one_named():
    verdict = judge(WRONG_ITEM, US).verdict(BarcodeKind.ITEM)
    assert verdict.outcome is BarcodeOutcome.ACCEPT
    assert verdict.findings == (
        BarcodeFinding(BarcodeCode.CHECK_DIGIT, BarcodeKind.ITEM, expected="8"),
    )


@pytest.mark.parametrize(
    ("on_fail", "outcome", "said"),
    [
        (OnFail.OFF, BarcodeOutcome.ACCEPT, 0),
        (OnFail.WARN, BarcodeOutcome.ACCEPT, 1),
        (OnFail.REFUSE, BarcodeOutcome.REFUSE, 1),
    ],
)
def test_how_serious_a_wrong_check_digit_is_is_for_the_library_to_say(on_fail, outcome, said):
    rules = RuleSet((Rule(BarcodeKind.ITEM, r"3\d{13}", Check.LUHN_LTR, on_fail),))
    verdict = judge(WRONG_ITEM, rules).verdict(BarcodeKind.ITEM)
    assert (verdict.outcome, len(verdict.findings)) == (outcome, said)
    assert all(finding.refuse for finding in verdict.findings) or on_fail is OnFail.WARN


def test_a_check_digit_that_cannot_be_computed_names_none():
    rules = RuleSet((Rule(BarcodeKind.ITEM, "[A-Z]{4}", Check.LUHN_LTR),))
    assert judge("ABCD", rules).verdict(BarcodeKind.ITEM).findings == (
        BarcodeFinding(BarcodeCode.CHECK_DIGIT, BarcodeKind.ITEM),
    )


def test_a_refused_card_in_the_item_field_is_refused_as_a_card():
    rules = RuleSet(patrons=(Rule(BarcodeKind.PATRON, r"2\d{13}", Check.LUHN_LTR, OnFail.REFUSE),))
    verdict = judge("23529001000464", rules).verdict(BarcodeKind.ITEM)
    assert verdict.outcome is BarcodeOutcome.REFUSE
    assert verdict.findings == (
        BarcodeFinding(BarcodeCode.CHECK_DIGIT, BarcodeKind.PATRON, True, "3"),
    )


def test_what_its_own_field_refuses_and_the_other_accepts_belongs_in_the_other():
    rules = RuleSet(
        (Rule(BarcodeKind.ITEM, r"\d{14}", Check.MOD11, OnFail.REFUSE),),
        (Rule(BarcodeKind.PATRON, r"\d{14}", Check.LUHN_LTR),),
    )
    assert judge(CARD, rules).verdict(BarcodeKind.ITEM).outcome is BarcodeOutcome.OTHER_FIELD


def test_what_its_own_field_refuses_and_the_other_doubts_stays_refused():
    rules = RuleSet(
        (Rule(BarcodeKind.ITEM, r"\d{14}", Check.MOD11, OnFail.REFUSE),),
        (Rule(BarcodeKind.PATRON, r"\d{14}", Check.LUHN_LTR),),
    )
    verdict = judge(WRONG_ITEM, rules).verdict(BarcodeKind.ITEM)
    assert (verdict.outcome, verdict.kind) == (BarcodeOutcome.REFUSE, BarcodeKind.ITEM)


def test_when_both_lists_fit_the_field_decides():
    rules = rules_of([r"\d{8,14}"], [r"\d{12,14}"])
    judgement = judge(CARD, rules)
    assert judgement.kinds == {BarcodeKind.ITEM, BarcodeKind.PATRON}
    assert judgement.verdict(BarcodeKind.ITEM).kind is BarcodeKind.ITEM
    assert judgement.verdict(BarcodeKind.PATRON).kind is BarcodeKind.PATRON


def test_the_best_rule_of_a_list_counts_not_the_first():
    rules = RuleSet(
        (
            Rule(BarcodeKind.ITEM, r"3\d{13}", Check.LUHN_LTR, OnFail.REFUSE),
            Rule(BarcodeKind.ITEM, r"31\d{12}", Check.LUHN_LTR, OnFail.WARN, name="old labels"),
            Rule(BarcodeKind.ITEM, r"32\d{12}", name="unchecked"),
        )
    )
    old = judge(WRONG_ITEM, rules)
    assert old.item is not None
    assert old.item.rule.name == "old labels"
    assert judge("32000000000000", rules).verdict(BarcodeKind.ITEM).findings == ()
    assert judge("33000000000000", rules).verdict(BarcodeKind.ITEM).outcome is BarcodeOutcome.REFUSE


def test_a_rule_is_stronger_than_a_list_without_rules():
    rules = rules_of(patrons=[r"99\d{11}"])
    assert (
        judge("9921000000164", rules).verdict(BarcodeKind.ITEM).outcome
        is BarcodeOutcome.OTHER_FIELD
    )
    assert judge("37000034179", rules).verdict(BarcodeKind.ITEM) == Verdict(
        BarcodeOutcome.ACCEPT, BarcodeKind.ITEM, "37000034179"
    )


@pytest.mark.parametrize(
    ("unmatched", "outcome", "said"),
    [
        (OnFail.OFF, BarcodeOutcome.ACCEPT, ()),
        (
            OnFail.WARN,
            BarcodeOutcome.ACCEPT,
            (BarcodeFinding(BarcodeCode.NO_RULE, BarcodeKind.ITEM),),
        ),
        (
            OnFail.REFUSE,
            BarcodeOutcome.REFUSE,
            (BarcodeFinding(BarcodeCode.NO_RULE, BarcodeKind.ITEM, True),),
        ),
    ],
)
def test_what_no_rule_fits(unmatched, outcome, said):
    rules = rules_of([r"3\d{13}"], [r"2\d{13}"], unmatched=unmatched)
    verdict = judge("3123400000001", rules).verdict(BarcodeKind.ITEM)
    assert (verdict.outcome, verdict.findings) == (outcome, said)


def test_thirteen_digits_where_fourteen_are_due_are_noticed():
    verdict = judge("3123400000001", US).verdict(BarcodeKind.ITEM)
    assert [finding.code for finding in verdict.findings] == [BarcodeCode.NO_RULE]


class TestIsbn:
    """The ISBN on the cover, scanned for the library's barcode."""

    @pytest.mark.parametrize("rules", [ANY, US, FR], ids=NAMES)
    def test_is_named_in_the_item_field(self, rules):
        verdict = judge(ISBN, rules).verdict(BarcodeKind.ITEM)
        assert verdict.findings == (BarcodeFinding(BarcodeCode.ISBN, BarcodeKind.ITEM),)
        assert verdict.outcome is BarcodeOutcome.ACCEPT

    def test_may_be_refused_or_ignored(self):
        refusing = judge(ISBN, RuleSet(isbn=OnFail.REFUSE)).verdict(BarcodeKind.ITEM)
        assert refusing.outcome is BarcodeOutcome.REFUSE
        assert judge(ISBN, RuleSet(isbn=OnFail.OFF)).verdict(BarcodeKind.ITEM).findings == ()
        strict = rules_of([r"3\d{13}"], unmatched=OnFail.REFUSE)
        assert judge(ISBN, strict).verdict(BarcodeKind.ITEM).findings == (
            BarcodeFinding(BarcodeCode.ISBN, BarcodeKind.ITEM, True),
        )

    def test_is_an_item_where_a_rule_says_so(self):
        assert judge(ISBN, rules_of([r"978\d{10}"])).verdict(BarcodeKind.ITEM).findings == ()

    @pytest.mark.parametrize(
        ("text", "symbology", "isbn"),
        [
            ("9780306406157", "", True),
            ("9780306406158", "", False),
            ("9780306406158", "E0", True),
            ("9780306406158", "X0", True),
            ("9780306406158", "C1", False),
            ("9791032305560", "", True),
            ("4006381333931", "E0", False),
            ("978030640615751299", "E3", True),
            ("978030640615", "E0", False),
            ("978030640615X", "E0", False),
            ("97803064061٥7", "E0", False),
        ],
    )
    def test_by_its_digits_or_by_the_scanner(self, text, symbology, isbn):
        assert is_isbn(text, symbology) is isbn
        assert judge(text, ANY, symbology).isbn is isbn

    def test_the_aim_identifier_may_still_be_on_it(self):
        assert judge("]E09780306406158", ANY).isbn

    def test_does_not_pass_for_a_card_of_thirteen_digits(self):
        wide = rules_of([r"\d{6,11}"], [r"\d{12,14}"])
        assert judge(ISBN, wide).verdict(BarcodeKind.ITEM) == Verdict(
            BarcodeOutcome.REFUSE,
            BarcodeKind.ITEM,
            ISBN,
            (BarcodeFinding(BarcodeCode.ISBN, BarcodeKind.ITEM, True),),
        )
        assert judge(ISBN, wide).verdict(BarcodeKind.PATRON) == Verdict(
            BarcodeOutcome.ACCEPT,
            BarcodeKind.PATRON,
            ISBN,
            (BarcodeFinding(BarcodeCode.ISBN, BarcodeKind.PATRON),),
        )


class TestStrip:
    """What scanners send around the number."""

    def test_aim_identifiers(self):
        assert split_aim("]C131234") == ("C1", "31234")
        for text in ("]C1", "]C", "]é131234", "]1C31234", "31234", "x]C131234", ""):
            assert split_aim(text) == ("", text)

    def test_codabar_letters_go_in_pairs_and_only_when_asked(self):
        both = frozenset((Strip.CODABAR,))
        for text in ("A31234B", "a31234d", "D31234D"):
            assert strip(text, both) == "31234"
        for text in ("A31234", "31234B", "E31234B", "AB", "CABCD", "Axx31B"):
            assert strip(text, both) == text
        assert strip("A31234B", DEFAULT_STRIP) == "A31234B"

    def test_blanks_also_between_the_digits(self):
        assert strip(" 3 0234 00051786 1 ", frozenset((Strip.SPACE,))) == ITEM

    def test_all_of_it_at_once_as_the_rules_say(self):
        judgement = judge(f"]F0A{ITEM[:1]} {ITEM[1:5]} {ITEM[5:]}B", US)
        assert judgement.verdict(BarcodeKind.ITEM) == Verdict(
            BarcodeOutcome.ACCEPT, BarcodeKind.ITEM, ITEM
        )
        assert judgement.symbology == "F0"

    def test_what_no_rule_fits_is_freed_from_the_aim_identifier_and_blanks_around_it(self):
        assert judge(" ]C1 x 1 ", ANY).text == "]C1 x 1"
        assert judge("]C1 x 1 ", ANY).text == "x 1"
        assert judge("A123B", ANY).verdict(BarcodeKind.ITEM).text == "A123B"

    @pytest.mark.parametrize("rules", [ANY, US])
    def test_the_stars_of_code_39_are_no_part_of_its_number(self, rules):
        judgement = judge(f"]A0*{ITEM}*", rules)
        assert judgement.verdict(BarcodeKind.ITEM) == Verdict(
            BarcodeOutcome.ACCEPT, BarcodeKind.ITEM, ITEM
        )
        assert judgement.raw == f"]A0*{ITEM}*"
        assert judge(f"*{CARD}*", rules).verdict(BarcodeKind.PATRON).text == CARD
        assert bool(accepted(f"*{CARD}*", rules)) == bool(rules.rules)
        for other in (f"*{ITEM}", f"{ITEM}*", "**", "*", f"*{ITEM}**{ITEM}*"):
            assert judge(other, rules).verdict(BarcodeKind.ITEM).text == other

    def test_a_library_may_keep_the_stars(self):
        rules = RuleSet(US.items, US.patrons, stars=Stars.KEEP)
        verdict = judge(f"*{ITEM}*", rules).verdict(BarcodeKind.ITEM)
        assert verdict.text == f"*{ITEM}*"
        assert [finding.code for finding in verdict.findings] == [BarcodeCode.NO_RULE]

    def test_the_raw_text_is_kept(self):
        assert judge(f"]C1{ITEM} ", US).raw == f"]C1{ITEM} "


def test_longer_texts_than_the_file_can_hold_fit_no_rule():
    rules = rules_of([r"\d+"])
    assert judge("1" * LENGTH_LIMIT, rules).kinds == {BarcodeKind.ITEM}
    assert judge("1" * (LENGTH_LIMIT + 1), rules).kinds == frozenset()
    assert accepted("1" * (LENGTH_LIMIT + 1), rules) == ()


def test_a_pattern_that_cannot_be_used_makes_no_rule():
    with pytest.raises(PatternError):
        Rule(BarcodeKind.ITEM, "(")


def test_rules_compare_by_what_they_say():
    assert Rule(BarcodeKind.ITEM, r"\d") == Rule(BarcodeKind.ITEM, r"\d")
    assert (
        len(
            {
                Rule(BarcodeKind.ITEM, r"\d"),
                Rule(BarcodeKind.ITEM, r"\d"),
                Rule(BarcodeKind.PATRON, r"\d"),
            }
        )
        == 2
    )


class TestSplit:
    """Several scans that ran together for want of a suffix."""

    def test_two_and_more_are_told_apart_by_form_and_check_digit(self):
        assert split(CARD + ITEM, US) == (CARD, ITEM)
        assert split(ITEM * 8, US) == (ITEM,) * 8

    def test_nothing_is_proven_by_guessing(self):
        assert split(ITEM, US) is None, "one barcode"
        assert split(ITEM + WRONG_ITEM, US) is None, "a wrong check digit"
        assert split(ITEM + "1", US) is None, "something left over"
        assert split("12345678", rules_of([r"\d{2,4}"])) is None, "several ways"
        assert split("1" * 9, rules_of([r"\d"])) is None, "more pieces than anybody scans at once"
        assert split("12341234", rules_of([r"\d{4,8}"])) is None, "it may be one"
        assert split(ITEM + CARD, ANY) is None, "no rules"
        assert split("", US) is None

    def test_a_check_digit_that_does_not_matter_does_not_stand_in_the_way(self):
        lax = RuleSet((Rule(BarcodeKind.ITEM, r"3\d{13}", Check.LUHN_LTR, OnFail.OFF),))
        assert split(WRONG_ITEM + ITEM, lax) == (WRONG_ITEM, ITEM)

    @given(st.lists(st.tuples(st.sampled_from("23"), st.integers(0, 10**12 - 1)), max_size=8))
    def test_what_is_joined_is_split_again(self, numbers):
        bodies = [f"{first}{number:012}" for first, number in numbers]
        codes = tuple(body + compute(Check.LUHN_LTR, body) for body in bodies)
        assert split("".join(codes), US) == (codes if len(codes) > 1 else None)

    def test_a_long_text_costs_little(self):
        many = rules_of([r"\d{3}", r"\d{5}", "[0-9]+x"], [r"\d{4,9}"])
        assert split("1" * LENGTH_LIMIT, many) is None


def test_the_sample_library_fits_the_french_preset():
    for item in ("37000034179", "d293004279", "UBX84850911", "OTOLO104602"):
        assert judge(item, FR).verdict(BarcodeKind.ITEM).outcome is BarcodeOutcome.ACCEPT
        assert judge(item, FR).verdict(BarcodeKind.PATRON).outcome is BarcodeOutcome.OTHER_FIELD
    for card in ("9921000000164", "299916164562"):
        assert judge(card, FR).verdict(BarcodeKind.PATRON).findings == ()
        assert judge(card, FR).verdict(BarcodeKind.ITEM).outcome is BarcodeOutcome.OTHER_FIELD
