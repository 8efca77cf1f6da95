from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.scanning.decoder import Terminator
from offcirc.scanning.presets import NAMES
from offcirc.scanning.serialids import ScannerId
from offcirc.settings import kinds
from offcirc.settings.kinds import Form, NotATextError, WrongValueError
from offcirc.settings.load import load
from offcirc.settings.options import OPTIONS, declared, option_for


@pytest.mark.parametrize(
    ("key", "given", "value"),
    [
        ("sound.on", False, "false"),
        ("sound.on", "ON", "true"),
        ("sound.on", "0", "false"),
        ("window.text_size", 150, "150"),
        ("window.text_size", " 0150 ", "150"),
        ("desk.same_item_twice", "Record", "record"),
        ("scanner.suffixes", ["tab", "CR"], "cr, tab"),
        ("scanner.suffixes", "tab,cr,cr", "cr, tab"),
        ("scanner.prefix", "\x02", "\\x02"),
        ("scanner.prefix", "\\x02~", "\\x02~"),
        (
            "scanner.serial",
            ["0c2e:0b6a", "05e0:1701:S/N 1".replace(" ", "")],
            "0c2e:0b6a, 05e0:1701:S/N1",
        ),
        ("scanner.serial", [], ""),
        ("barcode.item", [], "[]"),
    ],
)
def test_what_a_value_becomes(key, given, value):
    assert declared(key).kind.take(given) == value
    assert declared(key).kind.read(value) == value


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("sound.on", 1),
        ("sound.on", "maybe"),
        ("window.text_size", True),
        ("window.text_size", 99),
        ("window.text_size", 201),
        ("window.text_size", 150.0),
        ("window.text_size", "¹50"),
        ("desk.same_item_twice", "pink"),
        ("scanner.suffixes", []),
        ("scanner.suffixes", ["cr", 3]),
        ("scanner.suffixes", ["enter"]),
        ("scanner.suffixes", ["cr,tab"]),
        ("scanner.suffixes", True),
        ("scanner.prefix", ""),
        ("scanner.prefix", "123456789"),
        ("scanner.prefix", "é"),
        ("scanner.serial", ["COM3"]),
        ("barcode.item", {"pattern": "3"}),
        ("barcode.item", [{"pattern": "("}]),
        ("barcode.item", [{"pattern": Decimal(3)}]),
        ("barcode.item", "[" * 100_000),
    ],
)
def test_what_is_no_value(key, given):
    with pytest.raises(WrongValueError):
        declared(key).kind.take(given)


@pytest.mark.parametrize("key", ["desk.name", "data_dir", "desk.same_item_twice", "servers.a.url"])
def test_what_must_stand_between_quotes(key):
    with pytest.raises(NotATextError):
        option_for(key).kind.take(3)


@given(st.text())
def test_no_text_does_worse_than_being_refused(text):
    for option in OPTIONS:
        try:
            value = option.kind.read(text)
        except WrongValueError:
            continue
        assert option.kind.read(value) == value


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_every_option_can_be_shown_to_people(option):
    assert option.kind.words()
    assert "{" not in option.kind.words()
    if not option.is_pattern:
        assert option.title
    assert option.group.heading
    assert option.default or option.example
    assert option.kind.read(option.default or option.example)
    for value, _label in option.kind.choices:
        assert option.kind.read(value) == value
        assert option.kind.label(value)
    if option.kind.form is Form.NUMBER:
        assert option.kind.unit


def test_every_option_that_a_text_can_set_has_a_variable():
    without = {option.key for option in OPTIONS if option.environment is None}
    assert without == {
        "barcode.item", "barcode.patron",
        "servers.*.url", "servers.*.kind", "servers.*.folder", "servers.*.desk", "servers.*.width",
        "servers.*.plain_http", "servers.*.tenant", "servers.*.service_points",
        "servers.*.workstation", "servers.*.timezone",
        "servers.*.queue", "servers.*.client", "servers.*.look_up",
        "servers.*.charset", "servers.*.institution", "servers.*.return_dates",
        "servers.*.database",
    }  # fmt: skip
    assert declared("desk.circulation_desk").environment == "OFFCIRC_DESK_CIRCULATION_DESK"


def test_values_are_given_out_as_what_they_mean(tmp_path):
    settings = load(
        environment={
            "OFFCIRC_SCANNER_PREFIX": "\\x02]",
            "OFFCIRC_SCANNER_SUFFIXES": "tab,cr",
            "OFFCIRC_SOUND_ON": "no",
            "OFFCIRC_SCANNER_GAP": "120",
        },
        site=tmp_path / "none",
        user=tmp_path / "none",
    )
    assert settings.complaints == ()
    assert settings.prefix() == "\x02]"
    assert settings.entries("scanner.suffixes") == ("cr", "tab")
    assert settings.switch("sound.on") is False
    assert settings.number("scanner.gap") == 120
    assert settings.entries("scanner.serial") == ()
    assert settings.barcodes() == {"preset": "any"}


def test_what_other_rooms_know_is_known_here_by_the_same_names():
    assert tuple(value for value, _label in declared("barcode.preset").kind.choices) == NAMES
    suffixes = declared("scanner.suffixes")
    assert {value for value, _label in suffixes.kind.choices} == set(Terminator)
    for good in ("0c2e:0b6a", "0C2E:0B6A:ABC-1"):
        assert kinds.SCANNERS.read(good) == good
        ScannerId.parse(good)
    for wrong in ("0c2e", "0c2e:0b6", "x:y"):
        with pytest.raises(WrongValueError):
            kinds.SCANNERS.read(wrong)
        with pytest.raises(ValueError, match="scanner"):
            ScannerId.parse(wrong)
