"""From the keys of a scanner to what they say: the traps of the desk, one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.barcodes.controlcards import Card
from offcirc.core.barcodes.layouts import CAUSES, Caps, Cause
from offcirc.core.barcodes.rules import (
    ANY,
    BarcodeCode,
    BarcodeKind,
    BarcodeOutcome,
    OnFail,
    Rule,
    RuleSet,
)
from offcirc.core.transaction import Source
from offcirc.scanning.decoder import Decoder, Scan, Terminator, Typed
from offcirc.scanning.presets import NAMES, preset
from offcirc.scanning.reading import read

ITEM = "30234000517861"
CARD = "23529001000463"
US = preset("us-14")
FR = preset("fr")
AZERTY = Cause("us", "fr")


def scanned(keys, rules=ANY, source=Source.SCAN, **known):
    """What the keys of a scanner say, through decoder and rules, with a pause at the end."""
    decoder = Decoder(source=source)
    events, now = [], 0.0
    for key in keys:
        now += 0.004
        events += decoder.feed(key, now)
    events += decoder.tick(now + 0.1)
    return [reading for event in events for reading in read(event, rules, **known)]


class TestTraps:
    """What goes wrong at desks, as far as scans and rules can answer it."""

    def test_digits_garbled_by_the_layout_are_not_dropped(self):
        (reading,) = scanned(AZERTY.garbled(ITEM) + "\r")
        assert reading.raw == AZERTY.garbled(ITEM)
        assert reading.judgement.text == ITEM

    def test_digits_garbled_by_the_layout_are_mended_and_the_cause_named(self):
        (reading,) = scanned('"&é"\'ààààààà&è\r')
        assert reading.judgement.verdict(BarcodeKind.ITEM).text == "31234000000017"
        assert reading.repair.cause == AZERTY

    def test_thirteen_digits_for_fourteen_are_said_to_be_wrong(self):
        (reading,) = scanned("3123400000001\r", US)
        verdict = reading.judgement.verdict(BarcodeKind.ITEM)
        assert [finding.code for finding in verdict.findings] == [BarcodeCode.NO_RULE]

    def test_two_scans_without_suffix_and_without_pause(self):
        readings = scanned(ITEM + CARD, US)
        assert [reading.judgement.text for reading in readings] == [ITEM, CARD]
        assert all(reading.joined for reading in readings)
        assert [reading.raw for reading in readings] == [ITEM, CARD]

    def test_two_scans_without_suffix_and_rules_are_not_guessed_at(self):
        (reading,) = scanned(ITEM + CARD)
        assert reading.judgement.text == ITEM + CARD

    def test_a_tab_suffix_ends_a_scan_like_enter(self):
        readings = scanned(f"{CARD}\t{ITEM}\t", US)
        assert [reading.judgement.text for reading in readings] == [CARD, ITEM]

    def test_a_blank_in_a_scan_presses_nothing_and_breaks_nothing(self):
        (reading,) = scanned(f"{ITEM[:3]} {ITEM[3:]}\r", US)
        assert reading.judgement.verdict(BarcodeKind.ITEM).text == ITEM

    @pytest.mark.parametrize("end", ["\r\n", "\r\r", "\n\n", "\t\r"], ids=repr)
    def test_a_double_enter_is_one(self, end):
        assert len(scanned(ITEM + end)) == 1

    def test_a_card_in_the_item_field(self):
        (reading,) = scanned(CARD + "\r", US)
        verdict = reading.judgement.verdict(BarcodeKind.ITEM)
        assert (verdict.outcome, verdict.kind) == (BarcodeOutcome.OTHER_FIELD, BarcodeKind.PATRON)

    def test_an_item_in_the_borrower_field(self):
        (reading,) = scanned(ITEM + "\r", US)
        verdict = reading.judgement.verdict(BarcodeKind.PATRON)
        assert (verdict.outcome, verdict.kind) == (BarcodeOutcome.OTHER_FIELD, BarcodeKind.ITEM)

    def test_a_forgotten_reader_between_two(self):
        kinds = [reading.judgement.kinds for reading in scanned(f"{CARD}\r{ITEM}\r" * 2, US)]
        assert kinds == [{BarcodeKind.PATRON}, {BarcodeKind.ITEM}] * 2

    def test_two_hundred_characters(self):
        (reading,) = scanned("7" * 200 + "\r", US)
        assert len(reading.judgement.text) == 200
        assert reading.judgement.verdict(BarcodeKind.ITEM).findings

    def test_blanks_only_are_nothing(self):
        assert scanned("   \r", US) == []
        assert scanned("       \r", US) == []

    def test_pasted_lines_are_lines(self):
        decoder = Decoder()
        events = decoder.feed("39001\tEVIL\r39002\r", 0.0)
        assert [event.text for event in events] == ["39001", "EVIL", "39002"]

    def test_an_isbn_is_named_by_its_symbology(self):
        (reading,) = scanned("]E09780306406158\r")
        assert reading.judgement.verdict(BarcodeKind.ITEM).findings[0].code is BarcodeCode.ISBN

    def test_codabar_letters_are_taken_off_where_the_rules_say(self):
        (reading,) = scanned(f"]F0A{ITEM}B\r", US)
        assert reading.judgement.verdict(BarcodeKind.ITEM).text == ITEM
        assert reading.raw == f"]F0A{ITEM}B"

    def test_caps_lock_on_an_azerty_pc(self):
        cause = Cause("us", "fr", Caps.SHIFT)
        assert [r.judgement.text for r in scanned(cause.garbled(ITEM) + "\r", US)] == [ITEM]

    def test_a_garbled_aim_identifier(self):
        (reading,) = scanned(AZERTY.garbled("]C1" + ITEM) + "\r", US)
        assert reading.judgement.verdict(BarcodeKind.ITEM).text == ITEM
        assert reading.judgement.symbology == "C1"

    @pytest.mark.promise("a-garbled-scan-is-read-or-refused")
    def test_what_cannot_be_mended_is_hinted_at(self):
        (reading,) = scanned(AZERTY.garbled("OTOLO104602") + "\r", FR)
        assert reading.repair is None
        assert reading.suspected == AZERTY
        (reading,) = scanned(AZERTY.garbled("OTOLO104602") + "\r", FR, caps_lock=False)
        assert reading.judgement.text == "OTOLO104602"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("card", Card)
@pytest.mark.promise("cards-through-any-keyboard")
def test_control_cards_through_every_keyboard_and_preset(card, name):
    for cause in CAUSES:
        (reading,) = scanned(cause.garbled(card.value) + "\r", preset(name))
        assert reading.card is card


def test_a_barcode_of_the_library_is_never_an_order():
    rules = RuleSet((Rule(BarcodeKind.ITEM, "OFFCIRC[A-Z]+"),))
    (reading,) = scanned(Card.LOAN.value + "\r", rules)
    assert reading.card is None


def test_nothing_is_mended_that_came_over_a_cable():
    (reading,) = scanned("é&àà_çè-\r", source=Source.SERIAL)
    assert (reading.repair, reading.suspected) == (None, None)
    assert reading.source is Source.SERIAL


def test_typed_texts_are_read_like_scans():
    (reading,) = read(Typed("9780306406157", "9780306406157", Terminator.CR), ANY)
    assert reading.source is Source.TYPED
    assert reading.judgement.isbn


@given(st.text(max_size=300), st.sampled_from(NAMES), st.sampled_from([Source.SCAN, Source.SERIAL]))
def test_no_text_makes_reading_raise_and_the_raw_text_is_kept(text, name, source):
    readings = read(Scan(text, text, source, Terminator.CR), preset(name))
    assert "".join(reading.raw for reading in readings) == text


def test_a_library_that_refuses_is_obeyed():
    rules = RuleSet(US.items, US.patrons, OnFail.REFUSE, OnFail.REFUSE)
    for text in ("3123400000001", "9780306406157"):
        (reading,) = scanned(text + "\r", rules)
        assert reading.judgement.verdict(BarcodeKind.ITEM).outcome is BarcodeOutcome.REFUSE
