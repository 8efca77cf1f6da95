"""Everything that scans, rules and scanners have to say, in both languages."""

import string
import tomllib

import pytest

from offcirc import i18n
from offcirc.core.barcodes.checkdigits import Check
from offcirc.core.barcodes.layouts import CAUSES, Caps, Cause, repair
from offcirc.core.barcodes.rules import BarcodeCode, BarcodeFinding, BarcodeKind, Rule, RuleSet
from offcirc.core.barcodes.ruletable import Concern, Oddity, RulesError, consistency
from offcirc.scanning import words
from offcirc.scanning.decoder import Overflow, Unfinished
from offcirc.scanning.presets import build, preset
from offcirc.scanning.serial import ScannerState
from offcirc.words import rule_mistake


@pytest.fixture(params=i18n.LANGUAGES)
def language(request):
    return i18n.activate(request.param)


def check_sentence(text, language):
    assert text[0].isupper() or text[0] in "“«"
    assert text.endswith((".", "?", ")"))
    assert not list(string.Formatter().parse(text))[1:], "a field was left unfilled"
    if language == "fr":
        assert not any(f" {sign}" in text for sign in ":;?!»"), "a plain blank before a sign"
        assert "“" not in text


def test_findings(language):
    seen = set()
    for code in BarcodeCode:
        for kind in BarcodeKind:
            text = words.finding(BarcodeFinding(code, kind, expected="X"))
            check_sentence(text, language)
            seen.add(text)
    assert len(seen) == 4
    assert (
        words.finding(
            BarcodeFinding(BarcodeCode.CHECK_DIGIT, BarcodeKind.ITEM, expected="8")
        ).count("8")
        == 1
    )
    check_sentence(
        words.finding(BarcodeFinding(BarcodeCode.CHECK_DIGIT, BarcodeKind.ITEM)), language
    )


def test_the_other_field(language):
    for kind in BarcodeKind:
        check_sentence(words.other_field(kind), language)


def test_causes(language):
    for cause in CAUSES:
        check_sentence(words.cause(cause), language)
    both = words.cause(Cause("us", "fr", Caps.SHIFT))
    assert words.cause(Cause("fr", "fr", Caps.SHIFT)) in both
    assert "AZERTY" in both
    assert "QWERTY" in both


def test_repairs(language):
    mended = repair('"&é"\'ààààààà&è', preset("any"), caps_lock=False)
    assert words.cause(mended.cause) in words.repaired(mended)
    check_sentence(words.repaired(mended), language)
    check_sentence(words.repaired(mended, typed=True), language)


def test_troubles(language):
    check_sentence(words.trouble(Overflow("x")), language)
    check_sentence(words.trouble(Unfinished("302", scanned=True)), language)
    assert words.trouble(Unfinished("31", scanned=False)) == ""


def test_states(language):
    assert len({words.state(state) for state in ScannerState}) == len(ScannerState)


WRONG = r"""
    colour = 1
    itme = 1
    isbn = "warm"
    preset = "uk"
    patron = "x"
    [[item]]
    [[item]]
    name = "Annex"
    pattern = '(\d'
    check = "luhn"
    [[item]]
    pattern = '(?!3)'
    [[item]]
    pattern = '3{9999}'
    [[item]]
    pattern = 3
"""


def test_complaints(language):
    with pytest.raises(RulesError) as caught:
        build(tomllib.loads(WRONG))
    sentences = [rule_mistake(complaint) for complaint in caught.value.complaints]
    assert len(sentences) == len(set(sentences)) == 11
    for sentence in sentences:
        check_sentence(sentence, language)
    about_annex = [sentence for sentence in sentences if "Annex" in sentence]
    assert len(about_annex) == 2
    assert any(r"(\d" in sentence for sentence in about_annex)


def test_a_complaint_in_full():
    with pytest.raises(RulesError) as caught:
        build({"item": [{"pattern": "3"}, {"pattern": "3", "chek": "none"}]})
    (complaint,) = caught.value.complaints
    assert rule_mistake(complaint) == ("Item rule 2: “chek” is not known. Was “check” meant?")
    i18n.activate("fr")
    assert rule_mistake(complaint) == (
        "Règle d’exemplaire n°\xa02\xa0: «\xa0chek\xa0» est inconnu."
        " Vouliez-vous dire «\xa0check\xa0»\xa0?"
    )


def test_oddities(language):
    rules = RuleSet(
        (
            Rule(BarcodeKind.ITEM, r"\d{8,13}"),
            Rule(BarcodeKind.ITEM, "é", name="Annex"),
            Rule(BarcodeKind.ITEM, "C", Check.EAN13),
        ),
        (Rule(BarcodeKind.PATRON, r"\d{9}"),),
    )
    found = consistency(rules)
    assert {oddity.concern for oddity in found} == set(Concern) - {
        Concern.ONE_SIDED,
        Concern.UNDECIDED,
    }
    others = (
        Oddity(Concern.ONE_SIDED, kind=BarcodeKind.ITEM),
        Oddity(Concern.ONE_SIDED, kind=BarcodeKind.PATRON),
        Oddity(Concern.UNDECIDED, rules.items[:1] + rules.patrons),
    )
    for oddity in (*found, *others):
        check_sentence(words.oddity(oddity, rules.rules), language)
    overlap = next(oddity for oddity in found if oddity.concern is Concern.OVERLAP)
    assert "000000000" in words.oddity(overlap, rules.rules)
