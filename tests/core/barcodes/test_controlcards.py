"""Control cards: understood through every keyboard setting, and mistaken for nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.barcodes.controlcards import TEST_TEXT, Card, card_of
from offcirc.core.barcodes.layouts import CAUSES, SURVIVING, Caps, Cause, diagnose
from offcirc.core.barcodes.rules import judge
from offcirc.scanning.presets import NAMES, preset


@pytest.mark.parametrize("card", Card)
@pytest.mark.parametrize("cause", CAUSES, ids=str)
def test_a_card_is_understood_whatever_is_set_wrongly(card, cause):
    for sent in (card.value, f"]C0{card.value}"):
        arrived = cause.garbled(sent)
        if arrived is not None:
            assert card_of(arrived) is card


@pytest.mark.parametrize("card", Card)
def test_a_card_is_understood_as_it_is(card):
    assert card_of(card.value) is card
    assert card_of(f" {card.value.lower()} ") is card
    assert set(card.value) <= set(SURVIVING)


def test_the_test_card_is_known_by_its_beginning_and_tells_the_fault():
    for cause in CAUSES:
        arrived = cause.garbled(TEST_TEXT)
        if arrived is not None:
            assert card_of(arrived) is Card.TEST
            assert arrived == TEST_TEXT or cause in diagnose(TEST_TEXT, arrived)
    shift = Cause("fr", "fr", Caps.SHIFT)
    assert diagnose(TEST_TEXT, shift.garbled(TEST_TEXT)) == (shift,)


def test_cards_are_told_apart():
    for card in Card:
        assert [other for other in Card if other.value.startswith(card.value)] == [card]


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize("card", Card)
def test_no_preset_takes_a_card_for_a_barcode(card, name):
    assert judge(card.value, preset(name)).kinds == frozenset()


@given(st.text("0123456789OFCIRLEND", max_size=20))
def test_barcodes_are_no_cards(text):
    if "OFFCIRC" not in text:
        assert card_of(text) is None


def test_something_around_a_card_makes_it_none():
    for text in ("", "OFFCIRC", "OFFCIRCLENDX", "12OFFCIRCLEND", "1234OFFCIRCLEND"):
        assert card_of(text) is None, text
