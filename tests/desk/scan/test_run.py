"""The run of keys held against a field: whole, or named for what it is."""

from __future__ import annotations

import pytest

from offcirc.core.transaction import Source
from offcirc.desk.flaw import Flaw
from offcirc.desk.scan.run import Ended, KeyRun

CODE = "37000034179"
SCANNER, HAND = 0.012, 0.2


class Field:
    """A field with the keys that go to it, on a clock of its own."""

    def __init__(self) -> None:
        self.run = KeyRun()
        self.text = ""
        self.now = 100.0

    def keys(self, text: str, pace: float = SCANNER, *, moved: bool = False) -> Field:
        for character in text:
            self.now += pace
            self.run.key(self.now, self.now, character, self.text, moved=moved)
            self.text += character
            moved = False
        return self

    def odd(self, flaw: Flaw = Flaw.KEY, sign: str = "", pace: float = SCANNER) -> Field:
        self.now += pace
        self.run.odd(self.now, self.now, flaw, sign)
        return self

    def wait(self, seconds: float) -> Field:
        self.now += seconds
        return self

    def holds(self, text: str) -> Field:
        self.text = text
        return self

    def end(self, wait: float = SCANNER) -> Ended:
        self.now += wait
        return self.run.end(self.now, self.text)


def summary(ended: Ended) -> tuple[str, Source, Flaw | None, str]:
    return ended.text, ended.source, ended.flaw, ended.left_out


def test_a_scan() -> None:
    assert summary(Field().keys(CODE).end()) == (CODE, Source.SCAN, None, "")


@pytest.mark.parametrize("pace", [0.002, 0.012, 0.03, 0.05])
def test_a_field_that_holds_less_than_the_keys_brought(pace: float) -> None:
    for lost in range(1, len(CODE)):
        ended = Field().keys(CODE, pace).holds(CODE[lost:]).end()
        assert ended.flaw is Flaw.BEHEADED
        assert Field().keys(CODE, pace).holds(CODE[:-lost]).end().flaw is Flaw.BEHEADED


def test_a_field_that_holds_something_else() -> None:
    assert Field().keys(CODE).holds("37000Ê34179").end().flaw is Flaw.CHANGED


@pytest.mark.parametrize("pause", [0.31, 1.0, 60.0])
@pytest.mark.parametrize("place", range(1, len(CODE)))
def test_two_parts_are_never_one(place: int, pause: float) -> None:
    ended = Field().keys(CODE[:place]).wait(pause).keys(CODE[place:]).end()
    assert ended.flaw is Flaw.PARTS


@pytest.mark.parametrize("stands", [CODE[:6] + CODE, CODE], ids=["behind it", "instead of it"])
def test_half_a_scan_and_the_whole_again(stands: str) -> None:
    ended = Field().keys(CODE[:6]).wait(3).keys(CODE).holds(stands).end()
    assert (ended.text, ended.flaw) == (CODE, None)


def test_half_a_scan_and_another_one() -> None:
    assert Field().keys(CODE[:6]).wait(3).keys("UBX00252850").end().flaw is Flaw.PARTS


def test_half_a_scan_is_forgotten_when_it_is_gone_from_its_field_for_a_while() -> None:
    emptied = Field().keys(CODE[:6]).holds("")
    assert emptied.wait(1).keys("UBX00252850").end().flaw is Flaw.PARTS
    emptied = Field().keys(CODE[:6]).holds("")
    assert emptied.wait(3).keys("UBX00252850").end().flaw is None


def test_half_a_scan_in_another_field_counts_too() -> None:
    first = Field().keys(CODE[:6]).holds("")
    assert first.wait(0.5).keys(CODE[6:], moved=True).end().flaw is Flaw.PARTS
    second = Field().keys(CODE[:6]).holds("")
    assert second.keys(CODE[6:], moved=True).end().flaw is Flaw.BEHEADED


def test_what_a_hand_typed_before_a_scan_is_left_out() -> None:
    ended = Field().keys("978", HAND).wait(1).keys(CODE).end()
    assert summary(ended) == (CODE, Source.SCAN, None, "978")
    pasted = Field().holds("PASTED").keys(CODE).end()
    assert summary(pasted) == (CODE, Source.SCAN, None, "PASTED")


def test_one_key_before_a_scan_may_be_its_beginning() -> None:
    assert Field().keys("3").wait(0.4).keys(CODE[1:]).end().flaw is Flaw.PARTS


def test_what_a_hand_types_is_what_the_field_holds() -> None:
    typed = Field().keys(CODE, HAND).holds("CHANGED BY HAND").end()
    assert summary(typed) == ("CHANGED BY HAND", Source.TYPED, None, "")
    paused = Field().keys("370", HAND).wait(3).keys("0003", HAND).wait(1).keys("4179", HAND)
    assert summary(paused.end()) == (CODE, Source.TYPED, None, "")
    quick = Field().keys("37", HAND).keys("12")
    assert quick.end().flaw is None


def test_enter_long_after_a_scan_is_a_hand_s() -> None:
    ended = Field().keys(CODE).end(5.0)
    assert (ended.source, ended.late) == (Source.TYPED, True)
    assert not Field().keys(CODE).end().late
    assert not Field().keys(CODE, HAND).end(5.0).late


@pytest.mark.parametrize("place", range(1, len(CODE)))
def test_another_key_in_the_middle(place: int) -> None:
    assert Field().keys(CODE[:place]).odd().keys(CODE[place:]).end().flaw is Flaw.KEY
    sign = Field().keys(CODE[:place]).odd(Flaw.SIGN, "\x1d").keys(CODE[place:])
    assert sign.end().flaw is Flaw.SIGN


def test_a_key_that_writes_nothing_may_be_the_beginning_or_the_end() -> None:
    assert Field().odd().keys(CODE).end().flaw is Flaw.KEY, "Ctrl held down a moment too long"
    assert Field().keys(CODE).odd().end().flaw is Flaw.KEY
    assert Field().odd().wait(1).keys(CODE).end().flaw is None


@pytest.mark.parametrize("sign", ["\x02", "\x1d"])
def test_control_characters_around_a_barcode_are_the_scanner_s(sign: str) -> None:
    assert Field().odd(Flaw.KEY, sign).keys(CODE).end().flaw is None
    assert Field().keys(CODE).odd(Flaw.KEY, "\x03").end().flaw is None


def test_a_prefix_of_the_settings_is_the_scanner_s() -> None:
    field = Field()
    assert field.odd(Flaw.KEY, "\x11").keys(CODE).end().flaw is Flaw.KEY
    field = Field()
    field.run.prefix = "\x11"
    assert field.odd(Flaw.KEY, "\x11").keys(CODE).end().flaw is None


@pytest.mark.parametrize("pace", [0.002, 0.012, 0.05])
def test_a_key_held_down_until_the_scan_comes(pace: float) -> None:
    """Held for a second, the first key made the whole look as slow as a hand's."""
    field = Field().keys("3").wait(0.4)
    for _ in range(20):
        field.text += "3"
        field.wait(0.03).run.held(field.now, field.now)
    ended = field.keys(CODE, pace).end()
    assert (ended.text, ended.flaw) == (field.text, Flaw.HELD)


def test_a_number_typed_with_a_key_held_down_is_a_hands() -> None:
    field = Field().keys("1").wait(0.4)
    for _ in range(6):
        field.text += "0"
        field.wait(0.03).run.held(field.now, field.now)
    assert field.keys("3417", HAND).end().flaw is None


def test_a_key_held_down_before_a_scan() -> None:
    field = Field().keys("0")
    for _ in range(20):
        field.wait(0.03).run.held(field.now, field.now)
        field.text += "0"
    assert field.wait(1).keys(CODE).end().flaw is Flaw.HELD


def test_alt_codes() -> None:
    field = Field()
    for _ in CODE:
        field.odd(Flaw.ALT)
    assert field.run.lost
    assert field.end().flaw is Flaw.ALT
    assert Field().odd(Flaw.ALT).wait(10).keys(CODE).end().flaw is None


def test_a_window_that_came_or_went_in_the_middle() -> None:
    field = Field().keys(CODE[:5])
    field.run.broke()
    assert field.keys(CODE[5:]).end().flaw is Flaw.BEHEADED


def test_clearing_forgets() -> None:
    field = Field().keys(CODE[:5])
    field.run.clear()
    assert field.holds("").keys(CODE).end().flaw is None


def test_whether_a_scan_is_under_way() -> None:
    field = Field()
    assert not field.run.under_way(field.now)
    field.keys("37")
    assert field.run.under_way(field.now + 0.1)
    assert not field.run.under_way(field.now + 0.2)
    field.wait(0.1).keys("00", 0.1)
    assert field.run.busy(field.now), "a hand is typing"
    assert not field.run.under_way(field.now)
