"""Scanners set for another keyboard: what is mended, and above all what is left alone."""

import re
import shutil
import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offcirc.core.barcodes.checkdigits import CODE39, Check, compute
from offcirc.core.barcodes.layouts import (
    CAUSES,
    LAYOUTS,
    SURVIVING,
    Caps,
    Cause,
    diagnose,
    repair,
    suspect,
)
from offcirc.core.barcodes.rules import ANY, BarcodeKind, Rule, RuleSet, accepted
from offcirc.scanning.presets import NAMES, preset

US = preset("us-14")
FR = preset("fr")
ITEM = "30234000517861"

AZERTY = Cause("us", "fr")
AZERTY_CAPS = Cause("us", "fr", Caps.SHIFT)

causes = st.sampled_from(CAUSES)
characters = st.sampled_from("".join(map(chr, range(32, 127))) + "éèçàùÉÈÇÀÙ§°µ£²³ßöäüÖÄÜ´`^¨")
texts = st.text(characters, max_size=20)

LETTERED = RuleSet(
    (Rule(BarcodeKind.ITEM, r"[A-Z]\d{7}"), Rule(BarcodeKind.ITEM, r"[A-Z0-9]{6}", Check.MOD43)),
    (Rule(BarcodeKind.PATRON, r"[0-9.-]{5,9}"),),
)
DIGITS = RuleSet((), US.patrons)
rulesets = st.sampled_from([*map(preset, NAMES), LETTERED, DIGITS])
known_caps = st.sampled_from([None, True, False])


def digits(size):
    return st.text("0123456789", min_size=size, max_size=size)


def capitals(size):
    return st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=size, max_size=size)


def checked(check, bodies):
    return bodies.map(lambda body: body + compute(check, body))


us_codes = checked(Check.LUHN_LTR, st.builds("{}{}".format, st.sampled_from("23"), digits(12)))
fr_codes = st.one_of(
    st.sampled_from((6, 11, 12, 14)).flatmap(digits),
    st.builds("{}{}".format, st.integers(1, 5).flatmap(capitals), digits(7)),
    st.builds("{}{}".format, capitals(2).map(str.lower), digits(9)),
)
lettered_codes = st.one_of(
    st.builds("{}{}".format, capitals(1), digits(7)),
    checked(Check.MOD43, st.text("0123456789AMQWZY", min_size=5, max_size=5)).filter(str.isalnum),
    st.text("0123456789.-", min_size=5, max_size=9),
)
barcodes = st.one_of(us_codes, fr_codes, lettered_codes)
ruled_codes = st.one_of(
    st.tuples(st.just(US), us_codes),
    st.tuples(st.just(DIGITS), us_codes.filter(lambda code: code[0] == "2")),
    st.tuples(st.just(FR), fr_codes),
    st.tuples(st.just(LETTERED), lettered_codes),
)


class TestKeys:
    """The tables of keys, by facts from elsewhere."""

    def test_the_row_of_digits(self):
        assert AZERTY.garbled("1234567890") == "&é\"'(-è_çà"
        assert Cause("us", "be").garbled("1234567890") == "&é\"'(§è!çà"
        assert Cause("fr", "us").garbled("1234567890") == "!@#$%^&*()"
        assert Cause("us", "de").garbled("1234567890") == "1234567890"

    def test_a_whole_barcode_as_it_was_seen_to_arrive(self):
        assert AZERTY.garbled("31234000000017") == '"&é"\'ààààààà&è'

    def test_the_letters_that_change_places(self):
        assert AZERTY.garbled("AQZWMaqzwm") == "QAWZ?qawz,"
        assert Cause("us", "de").garbled("YZyz") == "ZYzy"

    def test_caps_lock_on_windows_rights_digits_and_turns_letters(self):
        assert AZERTY_CAPS.garbled("1234567890QAWZM") == "1234567890aqzw,"

    def test_caps_lock_elsewhere_makes_capitals_only(self):
        assert Cause("us", "fr", Caps.LETTERS).garbled("1234567890Aa") == "&É\"'(-È_ÇÀqQ"
        assert Cause("us", "us", Caps.LETTERS).garbled("Ab-1") == "aB-1"

    def test_caps_lock_alone_turns_a_rightly_set_french_scanner_s_digits(self):
        assert Cause("fr", "fr", Caps.SHIFT).garbled("1234567890") == "&é\"'(-è_çà"

    def test_a_character_without_a_key_is_not_scanned(self):
        assert AZERTY.garbled("31é") is None
        assert AZERTY.mended("31\x00") is None

    @given(causes, texts)
    def test_garbling_and_mending_undo_each_other(self, cause, text):
        garbled = cause.garbled(text)
        if garbled is not None:
            assert cause.mended(garbled) == text
        mended = cause.mended(text)
        if mended is not None:
            assert cause.garbled(mended) == text

    def test_no_two_keys_of_a_keyboard_give_the_same(self):
        for cause in CAUSES:
            arrived = [cause.garbled(chr(code)) for code in range(33, 127)]
            arrived = [text for text in arrived if text is not None]
            assert len(set(arrived)) == len(arrived), cause

    @pytest.mark.skipif(not shutil.which("xkbcomp"), reason="X11 has its keyboards only on X11")
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_the_tables_are_those_of_x11(self, layout, tmp_path):
        keys = x11_keys(layout, tmp_path)
        for scanned, arrives in zip(x11_keys("us", tmp_path), keys, strict=True):
            only = arrives.isprintable() and keys.count(arrives) == 1
            if layout != "us" and scanned not in "<>" and only:
                assert Cause("us", layout).garbled(scanned) == arrives


SIGNS = (
    "grave=` asciitilde=~ exclam=! at=@ numbersign=# dollar=$ percent=% asciicircum=^"
    " ampersand=& asterisk=* parenleft=( parenright=) minus=- underscore=_ equal== plus=+"
    " bracketleft=[ bracketright=] braceleft={ braceright=} backslash=\\ bar=| semicolon=;"
    " colon=: apostrophe=' quotedbl=\" comma=, period=. slash=/ question=? less=< greater=>"
    " eacute=é egrave=è ccedilla=ç agrave=à ugrave=ù sterling=£ degree=° section=§ mu=µ"
    " twosuperior=² threesuperior=³ ssharp=ß udiaeresis=ü odiaeresis=ö adiaeresis=ä"
    " Udiaeresis=Ü Odiaeresis=Ö Adiaeresis=Ä dead_circumflex=^ dead_diaeresis=¨"
    " dead_acute=´ dead_grave=`"
)
NAMES_OF_SIGNS = dict(pair.split("=", 1) for pair in SIGNS.split(" "))


X11_NAMES = {"ch": "ch(fr)", "csa": "ca(multix)", "afnor": "fr(afnor)"}


def x11_keys(layout, folder):
    """The characters of a keyboard, plain then shifted, key by key as X11 knows it."""
    source, target = folder / "in.xkb", folder / "out.xkb"
    source.write_text(
        'xkb_keymap { xkb_keycodes { include "evdev+aliases(qwerty)" };'
        ' xkb_types { include "complete" }; xkb_compat { include "complete" };'
        f' xkb_symbols {{ include "pc+{X11_NAMES.get(layout, layout)}" }}; }};'
    )
    subprocess.run(
        ["xkbcomp", "-w0", "-xkb", str(source), str(target)], check=True, capture_output=True
    )
    rows = {"AE": 12, "AD": 12, "AC": 11, "AB": 10}
    names = [f"{row}{n:02}" for row, size in rows.items() for n in range(1, size + 1)] + ["BKSL"]
    found = []
    for name in names:
        block = re.search(rf"key\s+<{name}>\s*{{(.*?)}};", target.read_text(), re.DOTALL)
        symbols = block[1].split("symbols[Group1]=")[-1].split("[")[-1].split(",")[:2]
        for symbol in (symbol.strip(" ]\n") for symbol in symbols):
            found.append(symbol if len(symbol) == 1 else NAMES_OF_SIGNS.get(symbol, "\x00"))
    return found


class TestRepair:
    """Only what can be proven."""

    @pytest.mark.parametrize("rules", [ANY, US, FR], ids=NAMES)
    def test_a_qwerty_scanner_on_an_azerty_pc(self, rules):
        raw = AZERTY.garbled(ITEM)
        mended = repair(raw, rules)
        assert mended is not None
        assert (mended.raw, mended.text, mended.cause) == (raw, ITEM, AZERTY)

    def test_an_azerty_scanner_on_a_qwerty_pc_with_rules(self):
        cause = Cause("fr", "us")
        raw = cause.garbled(ITEM)
        assert raw == "#)@#$)))%!&*^!"
        assert repair(raw, US).cause == cause
        assert repair(raw, ANY) is None, "signs only: a barcode may be made of them"
        assert suspect(raw, ANY) == cause

    @given(ruled=ruled_codes, caps=known_caps)
    def test_a_code_that_a_rule_accepts_is_never_changed(self, ruled, caps):
        rules, code = ruled
        assert accepted(code, rules)
        assert repair(code, rules, caps_lock=caps) is None
        assert suspect(code, rules, caps_lock=caps) is None

    def test_not_even_when_it_looks_garbled(self):
        rules = RuleSet(
            (Rule(BarcodeKind.ITEM, "[&é\"'(]{5}", Check.MOD43), Rule(BarcodeKind.ITEM, r"\d{5}"))
        )
        raw = AZERTY.garbled("12345")
        assert repair(raw, RuleSet(rules.items[1:])).text == "12345"
        assert repair(raw, rules) is None
        assert suspect(raw, rules) is None

    @given(rules=rulesets, text=texts, cause=causes, caps=known_caps)
    def test_nor_is_any_other_text_that_a_rule_accepts(self, rules, text, cause, caps):
        for one in (text, cause.garbled(text), cause.mended(text)):
            if one is not None and accepted(one, rules):
                assert repair(one, rules, caps_lock=caps) is None

    @given(rules=rulesets, cause=causes, code=st.one_of(barcodes, texts), caps=known_caps)
    def test_what_is_mended_maps_back_to_the_keys(self, rules, cause, code, caps):
        raw = cause.garbled(code)
        mended = repair(raw, rules, caps_lock=caps) if raw is not None else None
        if mended is not None:
            assert mended.text != raw
            assert mended.causes
            for explanation in mended.causes:
                assert explanation.garbled(mended.text) == raw

    @given(ruled=ruled_codes, cause=causes, known=st.booleans())
    def test_what_was_scanned_is_what_is_mended_or_nothing_is(self, ruled, cause, known):
        rules, code = ruled
        raw = cause.garbled(code)
        if raw is None:
            return
        mended = repair(raw, rules, caps_lock=cause.caps is not Caps.OFF if known else None)
        assert mended is None or (mended.text == code and cause in mended.causes)

    @given(code=us_codes, cause=causes)
    # Of two digits in turn another keyboard makes another barcode whose check digit is right.
    @example(code="21111116666686", cause=Cause("fr", "de"))
    def test_digits_are_mended_by_rules_whatever_the_keyboards(self, code, cause):
        raw = cause.garbled(code)
        if raw != code:
            mended = repair(raw, US)
            readings = {each.mended(raw) for each in CAUSES}
            if sum(bool(one and accepted(one, US)) for one in readings) > 1:
                assert mended is None, "nothing tells which it was"
                return
            assert mended is not None
            assert mended.text == code
            assert cause in mended.causes

    def test_a_wrong_check_digit_is_no_proof(self):
        assert repair(AZERTY.garbled("31000000123456"), US) is None
        assert repair(AZERTY.garbled("31000000123456"), ANY).text == "31000000123456"

    def test_letters_are_proven_only_when_caps_lock_is_known(self):
        raw = AZERTY.garbled("OTOLO104602")
        assert repair(raw, FR) is None, "it may be otolo104602 under Caps Lock"
        assert repair(raw, FR, caps_lock=False).text == "OTOLO104602"
        assert repair(raw, FR, caps_lock=True).text == "otolo104602"
        assert repair(raw, LETTERED) is None
        assert repair(AZERTY.garbled("C0034567"), LETTERED).text == "C0034567"

    def test_letters_that_differ_between_explanations_are_left_alone(self):
        raw = AZERTY.garbled("Z0034567")
        assert raw == Cause("de", "fr").garbled("Y0034567")
        assert repair(raw, LETTERED) is None
        assert suspect(raw, LETTERED) == AZERTY

    def test_without_rules_only_digits_and_only_with_proof(self):
        for code in ("C34567", "245", "1345", "134568"):
            # The last two arrive in signs that a barcode may have: no é, è, ç or à.
            assert repair(AZERTY.garbled(code), ANY) is None, code
        assert repair(AZERTY.garbled("2345"), ANY).text == "2345"
        assert repair(AZERTY.garbled("1345") + "x", ANY) is None

    def test_open_for_items_and_ruled_for_cards(self):
        rules = RuleSet((), US.patrons)
        assert repair(AZERTY.garbled("9921000000164"), rules).text == "9921000000164"

    def test_one_odd_sign_is_a_slip_not_a_proof(self):
        rules = RuleSet((Rule(BarcodeKind.ITEM, r"[A-Z/]\d{5}"),), US.patrons)
        assert Cause("us", "de").garbled("/12345") == "-12345"
        assert repair("-12345", rules) is None

    def test_the_aim_identifier_comes_back_with_the_rest(self):
        raw = AZERTY.garbled("]C1" + ITEM)
        assert raw.startswith("$C&")
        assert repair(raw, US).text == "]C1" + ITEM

    def test_what_is_known_of_the_pc_narrows_it_down(self):
        raw = AZERTY.garbled("Z0034567")
        assert repair(raw, LETTERED, pc="us") is None
        assert repair(AZERTY.garbled(ITEM), US, pc="be") is None, "6 and 8 are elsewhere"
        assert repair(AZERTY.garbled(ITEM), US, pc="fr", caps_lock=False).causes[0] == AZERTY

    def test_caps_lock_alone_is_named_when_it_is_known(self):
        raw = Cause("fr", "fr", Caps.SHIFT).garbled(ITEM)
        assert repair(raw, US, caps_lock=True).cause == Cause("fr", "fr", Caps.SHIFT)

    @given(texts)
    def test_plain_letters_and_digits_are_left_alone(self, text):
        if text.isascii() and text.isalnum():
            assert repair(text, US) is None
            assert suspect(text, US) is None

    def test_letters_under_caps_lock_are_turned_when_a_rule_wants_them_so(self):
        for raw, meant in (("ubx00252850", None), ("c0034567", "C0034567")):
            found = repair(raw, LETTERED, caps_lock=True)
            assert (found and found.text) == meant
        assert repair("c0034567", LETTERED) is None, "Caps Lock is off, as far as is known"
        assert repair("q0034567", LETTERED, caps_lock=True) is None, "A on another keyboard?"
        assert repair("ubx00252850", ANY, caps_lock=True) is None

    @pytest.mark.parametrize("pc", ["fr", "be"])
    def test_letters_are_mended_once_digits_have_proven_the_cause(self, pc):
        raw = Cause("us", pc).garbled("UBX00252850")
        assert repair(raw, ANY) is None
        before = repair(Cause("us", pc).garbled("37000034179"), ANY)
        assert repair(raw, ANY, proven=before.causes) is None, "ubx, under Caps Lock?"
        found = repair(raw, ANY, proven=before.causes, caps_lock=False)
        assert found.text == "UBX00252850"
        assert Cause("us", pc) in found.causes
        other = Cause("us", pc).garbled("ZAQ00252850")
        both = repair(other, ANY, proven=before.causes, caps_lock=False)
        assert both is None, "two keyboards explain it"

    @pytest.mark.parametrize("pc", ["ch", "ca", "csa", "afnor"])
    def test_keyboards_of_french_speaking_countries(self, pc):
        raw = Cause("fr", pc).garbled(ITEM)
        if pc != "afnor":
            assert repair(raw, US).text == ITEM
            assert Cause("fr", pc) in repair(raw, US).causes
        raw = Cause("us", pc).garbled(ITEM)
        assert raw == ITEM or Cause("us", pc) in repair(raw, US).causes

    def test_far_too_long_texts_are_left_alone(self):
        assert repair("é" * 300, ANY) is None
        assert suspect("é" * 300, ANY) is None


def test_what_looks_garbled_is_hinted_at_even_when_nothing_is_proven():
    assert suspect(AZERTY.garbled("OTOLO104602"), ANY) == AZERTY
    assert suspect('"&"(-', ANY) == AZERTY
    for innocent in ("ABC-123", "Dupont", "a.b-c/d", "12 345", "", "été"):
        assert suspect(innocent, ANY) is None, innocent


class TestDiagnose:
    """The test card is known, so what arrives tells the fault."""

    CARD = "OFFCIRCTEST0123456789-AMQWYZ"

    def test_every_cause_is_found(self):
        for cause in CAUSES:
            arrived = cause.garbled(self.CARD)
            if arrived is not None and arrived != self.CARD:
                assert cause in diagnose(self.CARD, arrived)

    def test_the_usual_one_is_the_only_one(self):
        assert diagnose(self.CARD, AZERTY.garbled(self.CARD)) == (AZERTY,)

    def test_no_fault_and_no_known_fault(self):
        assert diagnose(self.CARD, self.CARD) == ()
        assert diagnose(self.CARD, self.CARD[1:]) == ()


def test_the_characters_that_survive_everything():
    def survives(character):
        arrived = {cause.garbled(character) for cause in CAUSES}
        return {str(text).upper() for text in arrived} == {character}

    everything = [chr(code) for code in range(32, 127) if not chr(code).islower()]
    assert "".join(filter(survives, everything)) == SURVIVING
    assert set(SURVIVING) < set(CODE39)
