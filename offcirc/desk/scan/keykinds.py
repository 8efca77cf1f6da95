"""What a key is: a character, an end, a command, held down, or one that writes nothing."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

from offcirc.desk.flaw import Flaw
from offcirc.desk.scan.gate import COMMANDS

_ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_CONTROL_ENTERS = (Qt.Key.Key_J, Qt.Key.Key_M, *_ENTERS)
"""A console-minded scanner sends the control characters themselves."""

ERASERS = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
_STATES = frozenset(
    (
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_Super_L,
        Qt.Key.Key_Super_R,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_ScrollLock,
        Qt.Key.Key_Mode_switch,
    )
)
"""Keys that are no keys of their own: a scanner presses them for capitals."""

_X11_LOCK = 1 << 1
_LOCK_BITS = {"xcb": _X11_LOCK, "wayland": _X11_LOCK, "windows": 1 << 8, "cocoa": 1 << 16}
"""Where each window system tells, in its own modifiers of a key, that Caps Lock is on."""

_SEPARATORS = "\x1c\x1d\x1e\x1f"
"""What stands between the parts of a code on packaging: FS, GS, RS and US."""


def writes(event: QKeyEvent) -> bool:
    """Whether a key writes a character into a field."""
    text = event.text()
    if not text or not text.isprintable():
        return False
    return not event.modifiers() & COMMANDS or _is_character(event, text)


def is_state(event: QKeyEvent) -> bool:
    """Whether a key only changes what others do, or is part of a character Windows composes."""
    return event.key() in _STATES or (sys.platform == "win32" and _is_alt_code(event))


def is_tab(event: QKeyEvent) -> bool:
    """The Tab key, alone."""
    return event.key() == Qt.Key.Key_Tab and not event.modifiers() & COMMANDS


def caps_lock(event: QKeyEvent) -> bool | None:
    """Whether Caps Lock is on, as a key tells; ``None`` where the window system does not say."""
    bit = _LOCK_BITS.get(QGuiApplication.platformName(), 0)
    if not bit:
        return None
    on = bool(event.nativeModifiers() & bit)
    if event.key() == Qt.Key.Key_CapsLock and bit == _X11_LOCK:
        return not on  # told of as it was before this key
    return on


def flaw_of(event: QKeyEvent) -> tuple[Flaw, str]:
    """What a key that writes nothing is in a scan, and the control character it stands for."""
    if _is_alt_code(event):  # X makes nothing of it
        return Flaw.ALT, ""
    text = event.text()
    if Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9:  # X makes control characters of them, too
        return Flaw.KEY, ""
    return (Flaw.SIGN if text and text in _SEPARATORS else Flaw.KEY), text


def is_enter(event: QKeyEvent, *, under_way: bool) -> bool:
    """Enter on either keypad, or what a scanner sends for CR or LF.

    Args:
        event: the key.
        under_way: whether it is the end of a scan that is under way, whatever else is held down.
    """
    text = event.text()
    commands = event.modifiers() & COMMANDS
    if commands == Qt.KeyboardModifier.ControlModifier:
        return event.key() in _CONTROL_ENTERS
    if under_way and event.key() in _ENTERS:
        return True
    return not commands and (event.key() in _ENTERS or text in ("\r", "\n"))


def _is_alt_code(event: QKeyEvent) -> bool:
    """Whether this is a digit of the keypad with Alt, one of a character's number."""
    alone = event.modifiers() & COMMANDS == Qt.KeyboardModifier.AltModifier
    keypad = bool(event.modifiers() & Qt.KeyboardModifier.KeypadModifier)
    return alone and keypad


def is_undo_of_a_row(field: QLineEdit, event: QKeyEvent) -> bool:
    """Whether this is Ctrl+Z and nothing is being typed in the field that it could undo there."""
    if not event.matches(QKeySequence.StandardKey.Undo):
        return False
    if field.isModified() and field.text():
        return False
    event.ignore()
    return True


def is_idle_letter(event: QKeyEvent, text: str) -> bool:
    """Whether this is Alt and a letter that no button has: Qt would write it into a field.

    On a Mac the same key writes special characters, and no button has a letter.
    """
    alone = event.modifiers() & COMMANDS == Qt.KeyboardModifier.AltModifier
    return alone and bool(text) and text.isprintable() and sys.platform != "darwin"


def _is_character(event: QKeyEvent, text: str) -> bool:
    """Whether a key with Ctrl and Alt is AltGr writing a character, as on French keyboards."""
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return event.modifiers() & COMMANDS == both and bool(text) and text.isprintable()


_FIRST_SECONDS = 0.15
"""No system repeats a key sooner after it went down."""

_NEXT_SECONDS = 0.012
"""Nor oftener than that."""


class HeldKey:
    """Watches the keys of one window for one that is held down.

    Under X, Qt takes a key for held down when its release and its next press bear the same
    millisecond: a quick scanner does that with the zeros of a barcode.
    """

    def __init__(self) -> None:
        self._key = 0
        self._since = self._last = 0.0

    def repeats(self, event: QKeyEvent, now: float) -> bool:
        """Whether a key press is the repeat of a key that is held down.

        Args:
            event: the press.
            now: when, in seconds of a steady clock.
        """
        if not event.isAutoRepeat() or event.key() != self._key:
            self._key = event.key()
            self._since = self._last = now
            return False
        pause, self._last = now - self._last, now
        return now - self._since >= _FIRST_SECONDS and pause >= _NEXT_SECONDS
