"""What a key is."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from offcirc.desk.flaw import Flaw
from offcirc.desk.scan import keykinds

NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
KEYPAD = Qt.KeyboardModifier.KeypadModifier


def key(code: Qt.Key, modifiers: Qt.KeyboardModifier = NONE, text: str = "") -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, code, modifiers, text)


@pytest.mark.parametrize(("system", "composed"), [("linux", False), ("win32", True)])
def test_alt_and_the_keypad_write_a_character_on_windows_alone(
    system: str, composed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    digit = key(Qt.Key.Key_5, ALT | KEYPAD, "5")
    assert keykinds.is_state(digit) is composed
    assert not keykinds.writes(digit)
    assert keykinds.flaw_of(digit) == (Flaw.ALT, "")
    assert not keykinds.is_state(key(Qt.Key.Key_5, KEYPAD, "5"))


def test_what_a_key_is_in_a_scan() -> None:
    assert keykinds.flaw_of(key(Qt.Key.Key_BracketRight, CONTROL, "\x1d")) == (Flaw.SIGN, "\x1d")
    assert keykinds.flaw_of(key(Qt.Key.Key_3, CONTROL, "\x1b")) == (Flaw.KEY, "")
    assert keykinds.flaw_of(key(Qt.Key.Key_4, CONTROL, "\x1c")) == (Flaw.KEY, ""), "a digit, on X"
    assert keykinds.flaw_of(key(Qt.Key.Key_B, CONTROL, "\x02")) == (Flaw.KEY, "\x02")
    assert keykinds.is_state(key(Qt.Key.Key_Shift))
    assert keykinds.writes(key(Qt.Key.Key_At, CONTROL | ALT, "@"))


def test_an_enter_ends_a_scan_whatever_is_held_down() -> None:
    enter = key(Qt.Key.Key_Return, ALT, "\r")
    assert keykinds.is_enter(enter, under_way=True)
    assert not keykinds.is_enter(enter, under_way=False)
