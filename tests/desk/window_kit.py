"""A desk: the real window on a real journal, and a scanner that types into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from offcirc.desk.face import look as style
from offcirc.desk.face.colours import Colours, Style
from offcirc.desk.message import MessageKind
from offcirc.desk.program.window import DeskWindow
from offcirc.desk.shop.store import DeskStore

READER = "9921000000164"
BOOK = "37000034179"

_NAMED = {
    "\r": Qt.Key.Key_Return,
    "\n": Qt.Key.Key_Enter,
    "\t": Qt.Key.Key_Tab,
    " ": Qt.Key.Key_Space,
}
_PLAIN = Qt.KeyboardModifier.NoModifier


class Hand:
    """The clock of the keys: a scanner's pace, and pauses where a test makes them.

    Attributes:
        now: seconds.
        pace: seconds from one key to the next.
    """

    def __init__(self) -> None:
        self.now = 1000.0
        self.pace = 0.004

    def __call__(self) -> float:
        """The time, asked by the window."""
        return self.now


HAND = Hand()


def pause(seconds: float = 1.0) -> None:
    """Nobody touches a key for a while."""
    HAND.now += seconds


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = _PLAIN, text: str = "") -> None:
    """One key, pressed and released in the window in front, as the window system reports it."""
    front = QApplication.focusWindow()
    assert front is not None, "no window has the focus"
    # A key that writes nothing is a hand's, and hands are slow.
    by_hand = not text or (modifiers != _PLAIN and not text.isprintable())
    HAND.now += 0.3 if by_hand else HAND.pace
    for action in (QTest.KeyAction.Press, QTest.KeyAction.Release):
        QTest.sendKeyEvent(action, front, key, text, modifiers)
    HAND.now += 0.3 if by_hand else 0.0
    if modifiers != _PLAIN:
        let_go(front)


def let_go(window: QWindow) -> None:
    """Shift, Ctrl and their like come up: else Qt takes them for held down ever after."""
    QTest.sendKeyEvent(QTest.KeyAction.Release, window, Qt.Key.Key_Control, "", _PLAIN)


def scan(text: str) -> None:
    """What a scanner sends: every character a key, ``\\r``, ``\\n`` and ``\\t`` as theirs."""
    for character in text:
        key = _NAMED.get(character)
        press(key if key is not None else Qt.Key(ord(character.upper())), text=character)


class Desk:
    """A desk with its folder: opened, scanned at, looked at, closed and opened again.

    Attributes:
        folder: its data folder.
        window: the window that is open now.
        dat: its OffCirc.dat, when it is not the usual one.
        now: its clock, when it is not the PC's.
        fallback: its fallback folder, when it is not the usual one.
    """

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.folder = folder
        self._qtbot = qtbot
        self.window: DeskWindow
        self.dat: Path | None = None
        self.now: Callable[[], datetime] | None = None
        self.fallback: Path | None = None

    @property
    def ui(self):
        """The window's controls."""
        return self.window.ui

    def open(
        self,
        *,
        wait_for_store: bool = True,
        size: tuple[int, int] = (1024, 740),
        screen_height: int = 768,
        which: Style = Style.BLUE,
    ) -> Desk:
        """Start as the program does: painted first, then the journal."""
        app = QApplication.instance()
        look = style.make_look(app, QSize(1366, screen_height), 1.0, Colours(which))
        app.setFont(look.text)
        app.setStyleSheet(style.style_sheet(look))
        more = {} if self.now is None else {"now": self.now}
        self.window = DeskWindow(DeskStore(self.folder, self.dat, self.fallback), look, **more)
        self.window.keys._clock = HAND
        self.window.keys._time = lambda _event: HAND.now
        self._qtbot.addWidget(self.window, before_close_func=lambda window: window.end_session())
        self.window.resize(*size)
        with self._qtbot.waitExposed(self.window):
            self.window.show()
        self.window.activateWindow()
        self._qtbot.waitUntil(lambda: QApplication.activeWindow() is self.window)
        pause()
        if wait_for_store:
            self.window.open_store()
        return self

    def lend(self, *items: str, to: str = READER) -> Desk:
        """A reader's card, then their books, then a moment of rest."""
        self.window.clear()
        scan(f"{to}\r")
        for item in items:
            scan(f"{item}\r")
        pause()
        return self

    def alt(self, letter: str) -> None:
        """A button by its Alt letter; Qt shows it pressed for a moment before it acts."""
        press(Qt.Key(ord(letter)), Qt.KeyboardModifier.AltModifier)
        self._qtbot.waitUntil(lambda: not any(each.isDown() for each in self.ui.buttons()))
        pause()

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Operation, item, patron and state of every row, newest first, as the list shows them."""
        model = self.ui.model
        return [
            (
                row.transaction.operation.value,
                row.transaction.item,
                row.transaction.patron,
                row.state.value,
            )
            for row in (model.row(place) for place in range(model.rowCount()))
        ]

    @property
    def band(self) -> tuple[MessageKind, str]:
        """Kind of the message in the band, and its title with the barcode."""
        message = self.ui.band.message
        return message.kind, f"{message.title} {message.code}".strip()

    @property
    def detail(self) -> str:
        """The second line of the band."""
        return self.ui.band.message.detail

    @property
    def banner(self) -> str:
        """What the strip at the top says."""
        made = self.window.caretaker._banner
        return "" if made is None else made.text()

    def rounds(self, *, until: Callable[[], bool]) -> None:
        """Leave the desk alone until something has happened; no need to wait for the rounds."""

        def one_more() -> bool:
            self.window.caretaker.round()
            return until()

        self._qtbot.waitUntil(one_more, timeout=20_000)

    def file(self) -> bytes:
        """OffCirc.dat as it is."""
        path = self.folder / "OffCirc.dat"
        return path.read_bytes() if path.exists() else b""

    def close(self) -> bool:
        """Press the window's cross; true when it closed."""
        return self.window.close()


def tab_order(panel: QWidget) -> list[QWidget]:
    """The buttons of an open panel as the Tab key goes through them, from the one it begins at."""
    chain, button = [], panel.focusWidget()
    while button is not None and button not in chain:
        chain.append(button)
        button = button.nextInFocusChain()
    return [each for each in chain if isinstance(each, QPushButton) and each.parent() is panel]


def as_seen(buttons: list[QWidget]) -> list[QWidget]:
    """The same from top to bottom, and from left to right."""
    return sorted(buttons, key=lambda each: (each.y(), each.x()))
