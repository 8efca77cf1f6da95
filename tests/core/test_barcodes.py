"""Barcode rules: every scan before both lists, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.barcodes import (
    ANY,
    LENGTH_LIMIT,
    Code,
    Finding,
    Kind,
    OnFail,
    Outcome,
    Rule,
    RuleSet,
    Stars,
    Verdict,
    accepted,
    judge,
    split,
)
from offcirc.core.checkdigits import Check, compute
from offcirc.core.patternsyntax import PatternError
from offcirc.core.symbology import DEFAULT_STRIP, Strip, is_isbn, split_aim, strip
from offcirc.scanning.presets import NAMES, preset

CARD = "23529001000463"
ITEM = "30234000517861"
WRONG_ITEM = "31000000123456"
ISBN = "9780306406157"

US = preset("us-14")
FR = preset("fr")


def rules_of(items=(), patrons=(), **options):
    return RuleSet(
        tuple(Rule(Kind.ITEM, pattern) for pattern in items),
        tuple(Rule(Kind.PATRON, pattern) for pattern in patrons),
        **options,
    )


def test_an_item_in_the_item_field_and_a_card_in_the_borrower_field_are_fine():
    assert judge(ITEM, US).verdict(Kind.ITEM) == Verdict(Outcome.ACCEPT, Kind.ITEM, ITEM)
    assert judge(CARD, US).verdict(Kind.PATRON) == Verdict(Outcome.ACCEPT, Kind.PATRON, CARD)


def test_both_lists_are_tried_whatever_the_field():
    assert judge(CARD, US).verdict(Kind.ITEM) == Verdict(Outcome.OTHER_FIELD, Kind.PATRON, CARD)
    assert judge(ITEM, US).verdict(Kind.PATRON) == Verdict(Outcome.OTHER_FIELD, Kind.ITEM, ITEM)


@pytest.mark.parametrize("field", Kind)
@given(text=st.text(max_size=300))
def test_without_rules_nothing_is_refused_or_sent_elsewhere(field, text):
    verdict = judge(text, ANY).verdict(field)
    assert verdict.outcome is Outcome.ACCEPT
    assert verdict.kind is field
    assert not any(finding.refuse for finding in verdict.findings)


@pytest.mark.parametrize("name", NAMES)
@given(text=st.text(max_size=300), field=st.sampled_from(Kind))
def test_no_text_makes_judging_raise_and_presets_warn_at_most(name, text, field):
    verdict = judge(text, preset(name)).verdict(field)
    assert verdict.outcome is not Outcome.REFUSE or verdict.findings[0].code is Code.ISBN


def test_a_wrong_check_digit_is_warned_about_and_the_right_one_named():
    verdict = judge(WRONG_ITEM, US).verdict(Kind.ITEM)
    assert verdict.outcome is Outcome.ACCEPT
    assert verdict.findings == (Finding(Code.CHECK_DIGIT, Kind.ITEM, expected="8"),)


@pytest.mark.parametrize(
    ("on_fail", "outcome", "said"),
    [
        (OnFail.OFF, Outcome.ACCEPT, 0),
        (OnFail.WARN, Outcome.ACCEPT, 1),
        (OnFail.REFUSE, Outcome.REFUSE, 1),
    ],
)
def test_how_serious_a_wrong_check_digit_is_is_for_the_library_to_say(on_fail, outcome, said):
    rules = RuleSet((Rule(Kind.ITEM, r"3\d{13}", Check.LUHN_LTR, on_fail),))
    verdict = judge(WRONG_ITEM, rules).verdict(Kind.ITEM)
    assert (verdict.outcome, len(verdict.findings)) == (outcome, said)
    assert all(finding.refuse for finding in verdict.findings) or on_fail is OnFail.WARN


def test_a_check_digit_that_cannot_be_computed_names_none():
    rules = RuleSet((Rule(Kind.ITEM, "[A-Z]{4}", Check.LUHN_LTR),))
    assert judge("ABCD", rules).verdict(Kind.ITEM).findings == (
        Finding(Code.CHECK_DIGIT, Kind.ITEM),
    )


def test_a_refused_card_in_the_item_field_is_refused_as_a_card():
    rules = RuleSet(patrons=(Rule(Kind.PATRON, r"2\d{13}", Check.LUHN_LTR, OnFail.REFUSE),))
    verdict = judge("23529001000464", rules).verdict(Kind.ITEM)
    assert verdict.outcome is Outcome.REFUSE
    assert verdict.findings == (Finding(Code.CHECK_DIGIT, Kind.PATRON, True, "3"),)


def test_what_its_own_field_refuses_and_the_other_accepts_belongs_in_the_other():
    rules = RuleSet(
        (Rule(Kind.ITEM, r"\d{14}", Check.MOD11, OnFail.REFUSE),),
        (Rule(Kind.PATRON, r"\d{14}", Check.LUHN_LTR),),
    )
    assert judge(CARD, rules).verdict(Kind.ITEM).outcome is Outcome.OTHER_FIELD


def test_what_its_own_field_refuses_and_the_other_doubts_stays_refused():
    rules = RuleSet(
        (Rule(Kind.ITEM, r"\d{14}", Check.MOD11, OnFail.REFUSE),),
        (Rule(Kind.PATRON, r"\d{14}", Check.LUHN_LTR),),
    )
    verdict = judge(WRONG_ITEM, rules).verdict(Kind.ITEM)
    assert (verdict.outcome, verdict.kind) == (Outcome.REFUSE, Kind.ITEM)


def test_when_both_lists_fit_the_field_decides():
    rules = rules_of([r"\d{8,14}"], [r"\d{12,14}"])
    judgement = judge(CARD, rules)
    assert judgement.kinds == {Kind.ITEM, Kind.PATRON}
    assert judgement.verdict(Kind.ITEM).kind is Kind.ITEM
    assert judgement.verdict(Kind.PATRON).kind is Kind.PATRON


def test_the_best_rule_of_a_list_counts_not_the_first():
    rules = RuleSet(
        (
            Rule(Kind.ITEM, r"3\d{13}", Check.LUHN_LTR, OnFail.REFUSE),
            Rule(Kind.ITEM, r"31\d{12}", Check.LUHN_LTR, OnFail.WARN, name="old labels"),
            Rule(Kind.ITEM, r"32\d{12}", name="unchecked"),
        )
    )
    old = judge(WRONG_ITEM, rules)
    assert old.item is not None
    assert old.item.rule.name == "old labels"
    assert judge("32000000000000", rules).verdict(Kind.ITEM).findings == ()
    assert judge("33000000000000", rules).verdict(Kind.ITEM).outcome is Outcome.REFUSE


def test_a_rule_is_stronger_than_a_list_without_rules():
    rules = rules_of(patrons=[r"99\d{11}"])
    assert judge("9921000000164", rules).verdict(Kind.ITEM).outcome is Outcome.OTHER_FIELD
    assert judge("37000034179", rules).verdict(Kind.ITEM) == Verdict(
        Outcome.ACCEPT, Kind.ITEM, "37000034179"
    )


@pytest.mark.parametrize(
    ("unmatched", "outcome", "said"),
    [
        (OnFail.OFF, Outcome.ACCEPT, ()),
        (OnFail.WARN, Outcome.ACCEPT, (Finding(Code.NO_RULE, Kind.ITEM),)),
        (OnFail.REFUSE, Outcome.REFUSE, (Finding(Code.NO_RULE, Kind.ITEM, True),)),
    ],
)
def test_what_no_rule_fits(unmatched, outcome, said):
    rules = rules_of([r"3\d{13}"], [r"2\d{13}"], unmatched=unmatched)
    verdict = judge("3123400000001", rules).verdict(Kind.ITEM)
    assert (verdict.outcome, verdict.findings) == (outcome, said)


def test_thirteen_digits_where_fourteen_are_due_are_noticed():
    verdict = judge("3123400000001", US).verdict(Kind.ITEM)
    assert [finding.code for finding in verdict.findings] == [Code.NO_RULE]


class TestIsbn:
    """The ISBN on the cover, scanned for the library's barcode."""

    @pytest.mark.parametrize("rules", [ANY, US, FR], ids=NAMES)
    def test_is_named_in_the_item_field(self, rules):
        verdict = judge(ISBN, rules).verdict(Kind.ITEM)
        assert verdict.findings == (Finding(Code.ISBN, Kind.ITEM),)
        assert verdict.outcome is Outcome.ACCEPT

    def test_may_be_refused_or_ignored(self):
        refusing = judge(ISBN, RuleSet(isbn=OnFail.REFUSE)).verdict(Kind.ITEM)
        assert refusing.outcome is Outcome.REFUSE
        assert judge(ISBN, RuleSet(isbn=OnFail.OFF)).verdict(Kind.ITEM).findings == ()
        strict = rules_of([r"3\d{13}"], unmatched=OnFail.REFUSE)
        assert judge(ISBN, strict).verdict(Kind.ITEM).findings == (
            Finding(Code.ISBN, Kind.ITEM, True),
        )

    def test_is_an_item_where_a_rule_says_so(self):
        assert judge(ISBN, rules_of([r"978\d{10}"])).verdict(Kind.ITEM).findings == ()

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
        assert judge(ISBN, wide).verdict(Kind.ITEM) == Verdict(
            Outcome.REFUSE, Kind.ITEM, ISBN, (Finding(Code.ISBN, Kind.ITEM, True),)
        )
        assert judge(ISBN, wide).verdict(Kind.PATRON) == Verdict(
            Outcome.ACCEPT, Kind.PATRON, ISBN, (Finding(Code.ISBN, Kind.PATRON),)
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
        assert judgement.verdict(Kind.ITEM) == Verdict(Outcome.ACCEPT, Kind.ITEM, ITEM)
        assert judgement.symbology == "F0"

    def test_what_no_rule_fits_is_freed_from_the_aim_identifier_and_blanks_around_it(self):
        assert judge(" ]C1 x 1 ", ANY).text == "]C1 x 1"
        assert judge("]C1 x 1 ", ANY).text == "x 1"
        assert judge("A123B", ANY).verdict(Kind.ITEM).text == "A123B"

    @pytest.mark.parametrize("rules", [ANY, US])
    def test_the_stars_of_code_39_are_no_part_of_its_number(self, rules):
        judgement = judge(f"]A0*{ITEM}*", rules)
        assert judgement.verdict(Kind.ITEM) == Verdict(Outcome.ACCEPT, Kind.ITEM, ITEM)
        assert judgement.raw == f"]A0*{ITEM}*"
        assert judge(f"*{CARD}*", rules).verdict(Kind.PATRON).text == CARD
        assert bool(accepted(f"*{CARD}*", rules)) == bool(rules.rules)
        for other in (f"*{ITEM}", f"{ITEM}*", "**", "*", f"*{ITEM}**{ITEM}*"):
            assert judge(other, rules).verdict(Kind.ITEM).text == other

    def test_a_library_may_keep_the_stars(self):
        rules = RuleSet(US.items, US.patrons, stars=Stars.KEEP)
        verdict = judge(f"*{ITEM}*", rules).verdict(Kind.ITEM)
        assert verdict.text == f"*{ITEM}*"
        assert [finding.code for finding in verdict.findings] == [Code.NO_RULE]

    def test_the_raw_text_is_kept(self):
        assert judge(f"]C1{ITEM} ", US).raw == f"]C1{ITEM} "


def test_longer_texts_than_the_file_can_hold_fit_no_rule():
    rules = rules_of([r"\d+"])
    assert judge("1" * LENGTH_LIMIT, rules).kinds == {Kind.ITEM}
    assert judge("1" * (LENGTH_LIMIT + 1), rules).kinds == frozenset()
    assert accepted("1" * (LENGTH_LIMIT + 1), rules) == ()


def test_a_pattern_that_cannot_be_used_makes_no_rule():
    with pytest.raises(PatternError):
        Rule(Kind.ITEM, "(")


def test_rules_compare_by_what_they_say():
    assert Rule(Kind.ITEM, r"\d") == Rule(Kind.ITEM, r"\d")
    assert len({Rule(Kind.ITEM, r"\d"), Rule(Kind.ITEM, r"\d"), Rule(Kind.PATRON, r"\d")}) == 2


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
        lax = RuleSet((Rule(Kind.ITEM, r"3\d{13}", Check.LUHN_LTR, OnFail.OFF),))
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
        assert judge(item, FR).verdict(Kind.ITEM).outcome is Outcome.ACCEPT
        assert judge(item, FR).verdict(Kind.PATRON).outcome is Outcome.OTHER_FIELD
    for card in ("9921000000164", "299916164562"):
        assert judge(card, FR).verdict(Kind.PATRON).findings == ()
        assert judge(card, FR).verdict(Kind.ITEM).outcome is Outcome.OTHER_FIELD
