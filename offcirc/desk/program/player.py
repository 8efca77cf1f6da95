"""Playing on the real desk window as a person does: real keys, one step after the other.

The demonstration and the test of an installation are played by it; both run in a process of their
own, on a screen in memory when there is none.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from offcirc.desk.program.window import DeskWindow
from offcirc.i18n import _

Steps = Iterator[Callable[[], bool]]
"""What is done, step by step; each yields what tells that the window has done its part."""

_KEY_MILLISECONDS = 2
"""A scanner's pace."""
_PATIENCE = 20.0
"""Seconds a step may take: generous, it only costs when something is wrong."""


class Player:
    """Plays steps on the desk's window, each when the window shows that the last one is done."""

    def __init__(self, steps: Callable[[DeskWindow], Steps]) -> None:
        self._make_steps = steps
        self._steps: Steps = iter(())
        self._done: Callable[[], bool] = lambda: True
        self._deadline = 0.0

    def start(self) -> None:
        """Wait for the desk to be open, then begin."""
        window = next(
            (each for each in QApplication.topLevelWidgets() if isinstance(each, DeskWindow)), None
        )
        if window is None or not window.was_painted or not window.isVisible():
            QTimer.singleShot(20, self.start)
            return
        if not window.isActiveWindow():
            # Without a window manager nobody gives it the keyboard, and a slow one does so later.
            if self._deadline == 0.0:
                self._deadline = time.monotonic() + _PATIENCE
            if time.monotonic() > self._deadline:
                self._give_up(_("The window was not given the keyboard."))
                return
            window.activateWindow()
            QTimer.singleShot(100, self.start)
            return
        self._steps = self._make_steps(window)
        self._deadline = time.monotonic() + _PATIENCE
        self._go_on()

    def _go_on(self) -> None:
        if time.monotonic() > self._deadline:
            self._give_up(_("The window did not answer in time."))
            return
        try:
            ended = self._done() and not self._next_step()
        except BaseException:
            # Whoever watched may be gone: an open window that nobody sees must not stay behind.
            QApplication.exit(1)
            raise
        if not ended:
            QTimer.singleShot(5, self._go_on)

    def _give_up(self, sentence: str) -> None:
        sys.stderr.write(sentence + "\n")
        QApplication.exit(1)

    def _next_step(self) -> bool:
        step = next(self._steps, None)
        if step is None:
            return False
        self._done = step
        self._deadline = time.monotonic() + _PATIENCE
        return True


def scan(code: str) -> None:
    """Let a keyboard scanner read a barcode: keys into whatever has the focus, then Enter."""
    # Stamped at their pace, as a keyboard's are: a slow PC's pauses between them are not a hand's.
    first = int(time.monotonic() * 1000)
    for number, character in enumerate(f"{code}\r"):
        key = Qt.Key.Key_Return if character == "\r" else Qt.Key(ord(character.upper()))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, character)
            event.setTimestamp(first + number * _KEY_MILLISECONDS)
            QApplication.sendEvent(_focus(), event)


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key in whatever has the focus."""
    QTest.keyClick(_focus(), key, modifiers, _KEY_MILLISECONDS)


def _focus() -> QWidget:
    widget = QApplication.focusWidget() or QApplication.activeWindow()
    assert widget is not None, "the desk's window is open while the outage is played"
    return widget


def tell(sentence: str) -> None:
    """Say what is done, a line for whoever started this process."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()
