"""Scans that arrive in a window that is not for them: they change nothing there and go on.

The window's own text fields can be typed in as usual. A scan looks like typing until it is
finished; then the field gets back what it held before, and the scan goes to the desk. Its Enter
presses nothing, its blanks tick no box, its digits choose nothing from a list.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)

from offcirc.desk.scan.gate import COMMANDS, Gate, gives_way, open_menu, press_at_once
from offcirc.desk.scan.keykinds import HeldKey, is_state
from offcirc.desk.scan.run import BUSY_SECONDS
from offcirc.scanning.decoder import (
    Decoder,
    Event,
    Framing,
    Overflow,
    Scan,
    Terminator,
    Unfinished,
)

HOLD_MILLISECONDS = 90
"""How long a blank on a button waits before it presses it: a scan's next character comes sooner."""

_KEY_PRESS = QEvent.Type.KeyPress
_WHEEL = QEvent.Type.Wheel
_SHOW = QEvent.Type.Show
_ALT_LETTER = QEvent.Type.Shortcut
_MENU = QEvent.Type.ContextMenu
_ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TABS = (Qt.Key.Key_Tab,)
_ALT_GR = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_TAIL_SECONDS = 0.15
_LOST = "\ufffd"
"""Stands for a key that was lost in the middle of a scan: no barcode can hold it."""


class ScanGuard(QObject):
    """The event filter of a window beside the desk.

    Signals:
        scanned: a scan arrived, a :class:`offcirc.scanning.decoder.Scan`; nothing is left of it
            in the window. Or something that is no whole scan did, an
            :class:`offcirc.scanning.decoder.Unfinished` or ``Overflow``.
    """

    scanned = Signal(object)

    def __init__(
        self,
        window: QWidget,
        framing: Framing | None = None,
    ) -> None:
        """Prepare; :meth:`watch` puts it to work.

        Args:
            window: the window.
            framing: how scans are told from typing.
        """
        super().__init__(window)
        framing = framing or Framing()
        # A hand that types fast in a field and pauses must not be taken for a scanner without
        # suffix unless the desk has one.
        if framing.suffixes == frozenset(Terminator):
            framing = replace(framing, suffixes=framing.suffixes - {Terminator.NONE})
        self._decoder = Decoder(framing)
        self._clock = time.monotonic
        # What a field held before each character that came since the last Enter, and when.
        self._before: deque[tuple[float, QLineEdit, str, int]] = deque(maxlen=framing.limit)
        self._gate = Gate(
            self._under_way,
            self,
            clock=self._now,
            left=self._lost,
        )
        self._held: QAbstractButton | None = None
        self._held_key = HeldKey()
        self._menu: QObject | None = None
        self._scan_at: float | None = None
        self._hold = QTimer(self, singleShot=True, interval=HOLD_MILLISECONDS)
        self._hold.timeout.connect(self._press_held)
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._tick)
        self.watch(window)

    def watch(self, window: QWidget) -> None:
        """Filter the keys of a window and of every widget now in it."""
        for widget in (window, *window.findChildren(QWidget)):
            widget.removeEventFilter(self)
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's hook; true when the event is dealt with."""
        kind = event.type()
        if kind == _KEY_PRESS:
            return self._key(watched, event)  # type: ignore[arg-type]
        if kind == _MENU and isinstance(watched, QLineEdit):
            self._menu = open_menu(watched, event, self)  # type: ignore[arg-type]
            return True
        if kind == _ALT_LETTER:
            return press_at_once(watched, event)
        if kind == _SHOW and isinstance(watched, QWidget) and watched.isWindow():
            self._gate.guard(watched)
        # Whoever scrolls the page over a list does not mean to choose from it.
        return kind == _WHEEL and isinstance(watched, QComboBox) and not watched.hasFocus()

    def _key(self, watched: QObject, event: QKeyEvent) -> bool:
        if watched is self._menu and not gives_way(watched, event):  # type: ignore[arg-type]
            return False
        text, key = event.text(), event.key()
        if key in _ENTERS or text in ("\r", "\n"):
            return self._ended("\n" if text == "\n" else "\r", watched)
        if key in _TABS and not event.modifiers() & COMMANDS:
            return self._ended("\t", watched)
        commands = event.modifiers() & COMMANDS
        if not text or not text.isprintable() or (commands and commands != _ALT_GR):
            return self._odd(event)
        if self._held_key.repeats(event, self._time(event)):
            return not isinstance(watched, QLineEdit)
        return self._character(watched, text)

    def _now(self) -> float:
        return self._clock()

    def _under_way(self) -> bool:
        return self._decoder.under_way(self._clock(), BUSY_SECONDS)

    def _odd(self, event: QKeyEvent) -> bool:
        """A key that writes nothing: in the middle of a scan it does nothing either."""
        self._let_go()
        if is_state(event) or not self._under_way():
            return False
        self._lost()
        return True

    def _lost(self) -> None:
        """A key of the scan under way writes nothing, or may have gone elsewhere."""
        self._deal_with(self._decoder.feed(_LOST, self._clock()))

    def _time(self, event: QKeyEvent) -> float:
        # The system's own stamp where there is one, as it tells repeats by it.
        stamp = event.timestamp()
        return stamp / 1000 if stamp and self._clock is time.monotonic else self._clock()

    def _character(self, watched: QObject, text: str) -> bool:
        held, self._held = self._held, None
        self._hold.stop()
        now = self._clock()
        if isinstance(watched, QLineEdit):
            self._before.append((now, watched, watched.text(), watched.cursorPosition()))
        if self._gate.passed(now):
            self._lost()
        self._deal_with(self._decoder.feed(text, now))
        if (deadline := self._decoder.deadline) is not None:
            self._pause.start(max(round((deadline - now) * 1000) + 5, 1))
        if isinstance(watched, QLineEdit):
            return False
        if text == " " and held is None and isinstance(watched, QAbstractButton):
            self._held = watched
            self._hold.start()
        return True

    def _ended(self, end: str, watched: QObject) -> bool:
        self._let_go()
        now = self._clock()
        self._gate.over()
        if self._deal_with(self._decoder.feed(end, now)):
            self._scan_at = now
            return True
        tail = self._scan_at is not None and now - self._scan_at < _TAIL_SECONDS
        self._before.clear()
        if end == "\t":
            return tail
        # An open list is chosen from with Enter; nothing else is pressed by it.
        return tail or not isinstance(watched, QAbstractItemView)

    def _tick(self) -> None:
        self._deal_with(self._decoder.tick(self._clock()))

    def _deal_with(self, events: Sequence[Event]) -> bool:
        scans = [event for event in events if isinstance(event, Scan)]
        if scans:
            self._give_back(scans[0].began)
            if (popup := QApplication.activePopupWidget()) is not None:
                popup.close()
        for event in events:
            half = isinstance(event, Unfinished) and event.scanned
            if half or isinstance(event, Scan | Overflow):
                self.scanned.emit(event)
        return bool(scans)

    def _give_back(self, began: float) -> None:
        """Let the field have what it held when the scan began."""
        found = next((each for each in self._before if each[0] >= began), None)
        self._before.clear()
        if found is not None:
            _when, field, text, cursor = found
            if field.text() != text:
                field.setText(text)
                field.setCursorPosition(cursor)

    def _press_held(self) -> None:
        button, self._held = self._held, None
        self._decoder.reset()
        if button is not None and button.isEnabled():
            button.click()

    def _let_go(self) -> None:
        self._held = None
        self._hold.stop()
