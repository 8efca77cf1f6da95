"""Every key the window receives: the whole window is the scan target.

A scanner is a keyboard that knows nothing of focus. So keys that a button, a radio button or the
list would swallow, edit or obey go to the field where a scan belongs, first character included;
Enter, LF and Tab at the end of a scan all mean "done"; and no scan ever presses a button. What a
finished field holds is held against the run of keys that made it: see :mod:`offcirc.desk.scan.run`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from offcirc.core.transaction import Source
from offcirc.desk.flaw import Flaw
from offcirc.desk.scan import keykinds
from offcirc.desk.scan.gate import Gate, press_at_once
from offcirc.desk.scan.keykinds import HeldKey
from offcirc.desk.scan.run import STALL_SECONDS, KeyRun

if TYPE_CHECKING:
    from offcirc.scanning.decoder import Framing

TAIL_SECONDS = 0.15
"""An Enter, LF or Tab so soon after another belongs to it: scanners send CR LF, or CR and Tab."""

HOLD_MILLISECONDS = 90
"""How long a blank on a button waits before it presses it: a scan's next character comes sooner."""

SHORTEST_ALONE = 6
"""Fewer characters are never taken for a scan because a pause follows them."""

UNSURE_SECONDS = 0.25
"""The pause that ends a scan as long as it is not known whether the scanner sends a suffix."""

MOST_CHARACTERS = 512
"""More are no barcode: something lies on the keyboard."""

_STALL_MILLISECONDS = round(STALL_SECONDS * 1000)
_KEY_PRESS = QEvent.Type.KeyPress
_FOCUS_IN = QEvent.Type.FocusIn
_MENU = QEvent.Type.ContextMenu
_SHORTCUT = QEvent.Type.ShortcutOverride
_SHOW = QEvent.Type.Show
_ALT_LETTER = QEvent.Type.Shortcut


class ScanKeys(QObject):
    """The event filter of a window whose fields take scans.

    Signals:
        finished: a field's text is complete (Enter, LF or Tab); the field and the
            :class:`Source` are given. Not sent for an empty field.
        broken: a scan ended that is not whole; the field, what came of it and the
            :class:`Flaw` are given. Nothing of it is left in the field.
        stalled: half a scan stands in a field and its end has not come; the field is given.
        arrived: a scan's first character came while another widget had the focus.
        flooded: far more came than any barcode holds; the field is given.
        caps_changed: Caps Lock was switched on or off.

    Attributes:
        caps_lock: whether Caps Lock is on; ``None`` while it is not known.
        gate: where clicks wait while a scan is under way.
        before: what the field held before the first character of the text that is finished.
        left_out: what stood there before it and is not part of it, to be said.
        unproven: no end of the scanner's own came after it, and nobody has said that it sends none.
        span: when its first and its last character came, in seconds of a steady clock.
    """

    finished = Signal(QLineEdit, str)
    broken = Signal(QLineEdit, str, str)
    stalled = Signal(QLineEdit)
    arrived = Signal()
    flooded = Signal(QLineEdit)
    caps_changed = Signal(bool)

    def __init__(
        self,
        fields: Iterable[QLineEdit],
        target: Callable[[], QLineEdit],
        parent: QObject,
    ) -> None:
        """Prepare the filter; :meth:`watch` puts it to work.

        Args:
            fields: the fields that take scans.
            target: gives the field a scan belongs to when none of them has the focus.
            parent: the window.
        """
        super().__init__(parent)
        self._fields = tuple(fields)
        self._target = target
        self._clock = time.monotonic
        self._run = KeyRun()
        self.gate = Gate(
            self.under_way, self, busy=self._busy, clock=self._now, left=self._run.broke
        )
        self.before = self.left_out = ""
        self._guessed = self.unproven = False
        self.span = (0.0, 0.0)
        self._refused = ""
        self._typing: QLineEdit | None = None
        self._done_at: float | None = None
        self._held: QAbstractButton | None = None
        self._hold = QTimer(self, singleShot=True, interval=HOLD_MILLISECONDS)
        self._hold.timeout.connect(self._press_held)
        self.caps_lock: bool | None = None
        self._gap: float | None = UNSURE_SECONDS
        self._guessing = True
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._paused)
        self._sure = False
        self._stall = QTimer(self, singleShot=True)
        self._stall.timeout.connect(self._stalled)
        self._flood_at: float | None = None
        self._held_key = HeldKey()
        self._menu: QObject | None = None
        self._sent_on: QLineEdit | None = None
        self._sent_at = 0.0

    def use_framing(self, framing: Framing) -> None:
        """Tell scans without suffix from others by these settings from now on."""
        ends = {end.value for end in framing.suffixes}
        self._guessing = len(ends) > 1
        self._guessed = False
        self._run.prefix = framing.prefix
        if "none" not in ends:
            self._gap = None
        else:
            self._gap = max(framing.gap, UNSURE_SECONDS) if self._guessing else framing.gap

    def watch(self, *widgets: QWidget) -> None:
        """Filter the keys of a window and of every widget in it that can have the focus."""
        for widget in widgets:
            widget.installEventFilter(self)
            if widget.isWindow() and widget.isVisible():
                self.gate.guard(widget)

    def under_way(self) -> bool:
        """Whether the next key of a scan may come any moment."""
        return self._run.under_way(self._clock())

    def _busy(self) -> bool:
        return self._run.busy(self._clock())

    def _now(self) -> float:
        return self._clock()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's hook; true when the event is dealt with."""
        kind = event.type()
        if kind == _KEY_PRESS:
            if watched is self._menu:
                return self._menu_key(watched, event)  # type: ignore[arg-type]
            return self._key(watched, event)  # type: ignore[arg-type]
        if kind == _FOCUS_IN and watched in self._fields:
            self._entered(watched, event)  # type: ignore[arg-type]
        elif kind == _MENU and watched in self._fields:
            return self._open_menu(watched, event)  # type: ignore[arg-type]
        elif kind == _SHORTCUT and watched in self._fields:
            return keykinds.is_undo_of_a_row(watched, event)  # type: ignore[arg-type]
        elif kind == _ALT_LETTER:
            return press_at_once(watched, event)
        elif kind == _SHOW and isinstance(watched, QWidget) and watched.isWindow():
            self.gate.guard(watched)
        return False

    def _open_menu(self, field: QLineEdit, event: QContextMenuEvent) -> bool:
        from offcirc.desk.scan.gate import open_menu

        self._menu = open_menu(field, event, self)
        return True

    def _menu_key(self, menu: QObject, event: QKeyEvent) -> bool:
        """A key for the menu of a field: its own, or a scan's, also when it has just closed."""
        from offcirc.desk.scan.gate import gives_way

        if not gives_way(menu, event):  # type: ignore[arg-type]
            return False
        return self._key(menu, event)

    def _entered(self, field: QLineEdit, event: QFocusEvent) -> None:
        # Clicking into a filled field means to replace what is there; a second click places the
        # cursor. Qt selects for the Tab key and for shortcuts, not for the mouse.
        if event.reason() == Qt.FocusReason.MouseFocusReason:
            QTimer.singleShot(0, field, lambda: self._choose(field))

    def _choose(self, field: QLineEdit) -> None:
        if not self.under_way():
            field.selectAll()

    def _key(self, watched: QObject, event: QKeyEvent) -> bool:
        text = event.text()
        self._look_at_caps_lock(event)
        enter = keykinds.is_enter(event, under_way=self._run.lost or self.under_way())
        if enter or keykinds.is_tab(event):
            return self._done(watched, tab=not enter)
        if keykinds.is_state(event):
            return False
        self._done_at = None
        if not keykinds.writes(event):
            return self._odd(event, text)
        if watched in self._fields:
            return self._character(watched, event)
        return self._stray(watched, event, text)

    def _odd(self, event: QKeyEvent, text: str) -> bool:
        """A key that writes nothing: in the middle of a scan it does nothing either."""
        under_way = self.under_way()
        self._run.odd(self._time(event), self._clock(), *keykinds.flaw_of(event))
        if under_way:
            return True
        if event.key() in keykinds.ERASERS:
            self._run.clear()
        return keykinds.is_idle_letter(event, text)

    def _character(self, field: QLineEdit, event: QKeyEvent) -> bool:
        """A character for a field: true when it is not to have it."""
        at, came = self._time(event), self._clock()
        stood = field.text()
        if len(stood) >= MOST_CHARACTERS and self._is_flood(field, at):
            return True
        if self._held_key.repeats(event, at):
            self._run.held(at, came)
            return False
        moved = bool(self._run.text) and field is not self._typing
        self._run.key(at, came, event.text(), stood, moved=moved)
        if self.gate.passed(came):
            self._run.broke()
        self._typing = field
        self._sure = False
        if self._gap is None:
            self._stall.start(_STALL_MILLISECONDS)
        else:
            self._pause.start(round(self._gap * 1000))
        return False

    def _is_flood(self, field: QLineEdit, now: float) -> bool:
        """Whether a character is one of far too many; the first of them is told of."""
        began, self._flood_at = self._flood_at, now
        if began is not None and now - began < STALL_SECONDS:
            return True
        if field.hasSelectedText():
            self._flood_at = None
            return False
        self._run.clear()
        self._pause.stop()
        self._stall.stop()
        self.flooded.emit(field)
        return True

    def _paused(self) -> None:
        """Nothing came for a while: the scan of a scanner without suffix is finished."""
        if not self._sure:
            # Keys that wait in the system's queue, because the PC was busy, come first.
            self._sure = True
            self._pause.start(0)
            return
        field = self._typing
        if field is None or not field.hasFocus() or self._gap is None:
            return
        text = field.text()
        if len(text) >= SHORTEST_ALONE and self._run.alone(text):
            self._guessed = self._guessing
            self._finish(field)
        else:
            self._sure = False
            self._stall.start(_STALL_MILLISECONDS)

    def _stalled(self) -> None:
        """Half a scan stands in a field."""
        if not self._sure:
            self._sure = True
            self._stall.start(0)
            return
        field = self._typing
        if field is not None and field.text() and self._run.stalled():
            self.stalled.emit(field)

    def _look_at_caps_lock(self, event: QKeyEvent) -> None:
        on = keykinds.caps_lock(event)
        if on is not None and on != self.caps_lock:
            before, self.caps_lock = self.caps_lock, on
            if on or before:
                self.caps_changed.emit(on)

    def _done(self, watched: QObject, *, tab: bool) -> bool:
        """An Enter, LF or Tab: true unless Qt is to move the focus with it."""
        now = self._clock()
        tail = self._done_at is not None and now - self._done_at < TAIL_SECONDS
        self._done_at = None
        self._let_go()
        if tail:
            self._done_at = now
            return True
        field = self._field_of(watched, now)
        if field is None and self._run.lost:
            field = self._target()
        if field is None and self.under_way():
            field = self._typing
        if field is None:
            # Enter never presses a button: it may be the end of a scan. The blank does.
            return not tab
        self._pause.stop()
        self._stall.stop()
        stands = field.text()
        if (
            not self._run.text
            and not self._run.lost
            and (not stands.strip() or (tab and stands == self._refused))
        ):
            return not tab  # refused text does not hold back the Tab key
        self._finish(field, self._clock(), suffix=True)
        return True

    def done(self, field: QLineEdit) -> None:
        """A field is finished by a button, as with Enter."""
        self._finish(field, self._clock())

    def _finish(self, field: QLineEdit, now: float | None = None, *, suffix: bool = False) -> None:
        ended = self._run.end(now, field.text())
        self._sent_on = None
        flaw = ended.flaw
        if suffix and ended.source is Source.SCAN and self._guessing and self._gap is not None:
            self._gap = None  # this scanner sends a suffix: no pause has to be waited for
            if self._guessed and flaw is None:
                flaw = Flaw.PARTS  # what a pause ended was the beginning of this
            self._guessed = False
        self.before, self.left_out = ended.stood, ended.left_out.strip()
        self.unproven = ended.late or (now is None and self._guessed)
        self.span = (ended.began, ended.last)
        self._done_at = self._clock()
        if flaw is not None:
            field.clear()
            self.broken.emit(field, ended.text, flaw.value)
        else:
            if field.text() != ended.text:
                field.setText(ended.text)
            self.finished.emit(field, ended.source.value)
        self._refused = field.text()
        self._done_at = self._clock()
        self.gate.over(refused=flaw is not None)

    def _field_of(self, watched: QObject, now: float) -> QLineEdit | None:
        """The field that a key is for: one that has it, or the one its scan was sent on to.

        Another window keeps the keyboard until the window system has brought ours to the front,
        and a quick scanner has sent more keys by then.
        """
        if watched in self._fields:
            return watched
        field = self._sent_on
        if field is None or now - self._sent_at > STALL_SECONDS:
            return None
        return field

    def _stray(self, watched: QObject, event: QKeyEvent, text: str) -> bool:
        """A character for a widget that is no scan field: take it to the field it is for."""
        now = self._clock()
        field = self._field_of(watched, now)
        if field is None and self.under_way():
            field = self._typing  # the focus was taken away in the middle of a scan
        if field is not None:
            self._sent_at = now
            QCoreApplication.sendEvent(field, event)
            return True
        if text == " " and self._held is None:
            if isinstance(watched, QAbstractButton):
                self._held = watched
                self._hold.start()
            return True
        self._let_go()
        field = self._target()
        if not field.isEnabled():
            return True
        self._sent_on, self._sent_at = field, now
        field.window().activateWindow()
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()
        self.arrived.emit()
        QCoreApplication.sendEvent(field, event)
        return True

    def _press_held(self) -> None:
        button, self._held = self._held, None
        if button is not None and button.isEnabled():
            button.click()

    def _let_go(self) -> None:
        self._held = None
        self._hold.stop()

    def _time(self, event: QKeyEvent) -> float:
        # The system's own stamp, where there is one: it is right even when we come late.
        stamp = event.timestamp()
        return stamp / 1000 if stamp else self._clock()
