"""The gate of a window: clicks wait while a scan is under way, and no shortcut acts then.

It stands before the window itself, so that no control, present or future, can be forgotten. What
waits is handed on in its order as soon as the scan has ended, or when no key has come for a
moment.

A scan that began in front of another window has lost its beginning there: so the gates of all
windows tell each other when a key came, and each knows when its window came to the front.

A field's menu (cut, copy, paste) takes every key for itself: letters to choose by, Enter to do what
is chosen. Here only arrows, Enter and Escape are its own; a character is the beginning of a scan.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMenu, QWidget

from offcirc.desk.scan.run import BUSY_SECONDS

_LINGER_MILLISECONDS = 5000
"""A menu that a scan closes is only hidden: the scanner's next keys are on their way to it."""

QUIET_MILLISECONDS = round(BUSY_SECONDS * 1000)
"""So long without a key, and a scan is over however it ended."""

FRONT_SECONDS = 0.05
"""A scan whose first key comes so soon after the program came to the front began in another."""

COMMANDS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_BUTTONS = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
)
_RELEASE = QEvent.Type.MouseButtonRelease
_MOVE = QEvent.Type.MouseMove
_SHORTCUT = QEvent.Type.ShortcutOverride
_FOCUS_IN = QEvent.Type.FocusIn
_FOCUS_OUT = QEvent.Type.FocusOut
_CLOSE = QEvent.Type.Close


class Gate(QObject):
    """Stands before one or more windows.

    Attributes:
        ending: the program ends: nothing waits any more.
    """

    _outside: ClassVar[bool] = False
    """Whether the keyboard is with another program."""

    _last_key: ClassVar[tuple[float, int]] = (float("-inf"), 0)
    """When the last character came to any gate, and to which."""

    def __init__(
        self,
        under_way: Callable[[], bool],
        parent: QObject,
        *,
        busy: Callable[[], bool] | None = None,
        clock: Callable[[], float],
        left: Callable[[], None],
    ) -> None:
        """Prepare.

        Args:
            under_way: tells whether a scan is under way.
            parent: the owner.
            busy: tells whether keys are coming at all, a hand's included: clicks wait for those,
                too, for a moment that no hand notices.
            clock: a steady clock in seconds.
            left: called when another program gets the keyboard in the middle of a scan.
        """
        super().__init__(parent)
        self._under_way = under_way
        self._busy = busy or under_way
        self._clock = clock
        self._left = left
        self._front_at = float("-inf")
        self.ending = False
        self._waiting: deque[tuple[bool, Callable[[], object]]] = deque()
        self._letting = self._pressed = False
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MILLISECONDS)
        self._quiet.timeout.connect(self._look_again)
        self._open = QTimer(self, singleShot=True, interval=0)
        self._open.timeout.connect(self._let_in)

    def guard(self, window: QWidget) -> None:
        """Stand before a window that is being shown."""
        handle = window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def passed(self, came: float) -> bool:
        """A character came through.

        Args:
            came: when, by the clock of the owner.

        Returns:
            Whether it belongs to a scan some keys of which may have gone elsewhere.
        """
        (last, whose), Gate._last_key = Gate._last_key, (came, id(self))
        near = whose != id(self) and 0 <= came - last <= BUSY_SECONDS
        return near or 0 <= came - self._front_at < FRONT_SECONDS

    def later(self, act: Callable[[], None]) -> None:
        """Do something now, or when the scan under way has ended."""
        if self._waiting or self._busy():
            self._wait(act, keep=True)
        else:
            act()

    def over(self, *, refused: bool = False) -> None:
        """A scan has ended: what waits may come in.

        Args:
            refused: it was; then no click may do something and say so, and hide why.
        """
        Gate._last_key = (float("-inf"), 0)
        if refused:
            self._waiting = deque(each for each in self._waiting if each[0])
        if self._waiting:
            self._open.start()

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        """Qt's hook; true when the event is dealt with."""
        kind = event.type()
        if kind in _BUTTONS or kind == _MOVE:
            return self._mouse(window, event)  # type: ignore[arg-type]
        if kind == _SHORTCUT:
            return self._shortcut(event)  # type: ignore[arg-type]
        if kind == _FOCUS_IN:
            if Gate._outside:
                Gate._outside = False
                self._front_at = self._clock()
        elif kind == _FOCUS_OUT:
            Gate._outside = QGuiApplication.focusWindow() is None
            if Gate._outside and self._under_way():
                self._left()
        elif kind == _CLOSE and not self.ending and self._busy():
            event.ignore()
            self._wait(window.close, keep=True)  # type: ignore[attr-defined]
            return True
        return False

    def _mouse(self, window: QObject, event: QMouseEvent) -> bool:
        if self._letting or not (self._waiting or self._busy()):
            return False
        if event.type() == _MOVE and not event.buttons():
            return False
        kept = event.clone()
        # The end of a press that was not kept from its button: it must not stay pressed.
        end = event.type() == _RELEASE and not self._pressed
        if event.type() != _MOVE:
            self._pressed = event.type() != _RELEASE
        self._wait(lambda: QCoreApplication.sendEvent(window, kept), keep=end)
        return True

    def _shortcut(self, event: QKeyEvent) -> bool:
        if not self._under_way() or (event.text().isprintable() and not _command(event)):
            return False
        event.accept()  # it is a key and no shortcut: the run of keys deals with it
        return True

    def _wait(self, act: Callable[[], object], *, keep: bool) -> None:
        self._waiting.append((keep, act))
        self._quiet.start()

    def _look_again(self) -> None:
        if self._busy():
            self._quiet.start()
        else:
            self._open.start()  # keys that wait in the system's queue come first

    def _let_in(self) -> None:
        if self._busy():
            self._quiet.start()
            return
        self._letting = True
        try:
            while self._waiting:
                self._waiting.popleft()[1]()
        finally:
            self._letting = False


def _command(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & COMMANDS) or not event.text()


def press_at_once(button: QObject, event: QEvent) -> bool:
    """The Alt letter of a button: Qt would press it a tenth of a second later, in a scan's middle.

    Returns:
        Whether the event was one, and is dealt with.
    """
    if not isinstance(button, QAbstractButton) or event.isAmbiguous():  # type: ignore[attr-defined]
        return False
    if button.isEnabled():
        if button.isCheckable() and button.focusPolicy() & Qt.FocusPolicy.ClickFocus:
            button.setFocus(Qt.FocusReason.ShortcutFocusReason)
        button.click()
    return True


def open_menu(field: QLineEdit, event: QContextMenuEvent, keys: QObject) -> QMenu:
    """Open the usual menu of a field where the mouse is; ``keys`` sees its keys first."""
    menu = field.createStandardContextMenu()
    menu.installEventFilter(keys)
    menu.aboutToHide.connect(
        lambda: QTimer.singleShot(_LINGER_MILLISECONDS, menu, menu.deleteLater)
    )
    menu.popup(event.globalPos())
    return menu


def gives_way(menu: QMenu, event: QKeyEvent) -> bool:
    """Whether a key that came to a menu is a scan's; an open menu closes for it."""
    if menu.isHidden():
        return True
    text = event.text()
    if not text or not text.isprintable():
        return False
    menu.hide()
    return True
