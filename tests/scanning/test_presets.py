"""The barcode rules that come with the program."""

import pytest

from offcirc import resources
from offcirc.core.barcodes.checkdigits import Check
from offcirc.core.barcodes.rules import ANY, BarcodeKind, OnFail, Rule, RuleSet
from offcirc.core.barcodes.ruletable import Mistake, RulesError, consistency
from offcirc.scanning.presets import NAMES, build, preset


def test_every_preset_file_is_named():
    files = {path.stem for path in resources.path("presets").glob("*.toml")}
    assert files == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_presets_make_sense(name):
    assert consistency(preset(name)) == ()


def test_the_first_preset_asks_for_nothing():
    assert preset("any") == ANY == build({})


def test_the_north_american_preset():
    rules = preset("us-14")
    assert [rule.pattern for rule in rules.rules] == [r"3\d{13}", r"2\d{13}"]
    assert {(rule.check, rule.on_fail) for rule in rules.rules} == {(Check.LUHN_LTR, OnFail.WARN)}


def test_the_french_preset_has_no_check_digits_and_lets_letters_in():
    rules = preset("fr")
    assert {rule.check for rule in rules.rules} == {Check.NONE}
    assert rules.items[0].form.matches("C0034567")


def test_an_unknown_preset_is_an_error_of_ours():
    with pytest.raises(KeyError):
        preset("uk")


def test_a_library_s_own_lists_take_the_place_of_the_preset_s():
    rules = build({"preset": "us-14", "item": [{"pattern": r"C\d{7}"}], "isbn": "refuse"})
    assert rules == RuleSet(
        (Rule(BarcodeKind.ITEM, r"C\d{7}"),), preset("us-14").patrons, OnFail.WARN, OnFail.REFUSE
    )


def test_a_wrong_preset_is_named_with_all_the_other_mistakes():
    with pytest.raises(RulesError) as caught:
        build({"preset": "uk", "colour": 1})
    first, second = caught.value.complaints
    assert (first.mistake, first.key, first.value) == (Mistake.WRONG_CHOICE, "preset", "uk")
    assert second.key == "colour"
    with pytest.raises(RulesError) as caught:
        build({"preset": 14})
    assert len(caught.value.complaints) == 1
