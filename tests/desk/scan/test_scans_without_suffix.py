"""Scanners that send nothing after a barcode, books that lie on keyboards, keys held down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk.window_kit import BOOK, HAND, READER, Desk, pause, press, scan
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from offcirc.core.transaction import Operation
from offcirc.desk.message import MessageKind
from offcirc.desk.scan import keys as module
from offcirc.desk.scan.keykinds import HeldKey
from offcirc.scanning.decoder import Framing, Terminator

NONE = Framing(suffixes=frozenset({Terminator.NONE}), gap=0.02)


@pytest.fixture(autouse=True)
def pauses(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the desk takes for a pause, in milliseconds; none passes while the test is slow."""
    timer, asked = desk.window.keys._pause, list[int]()

    def start(milliseconds: int) -> None:
        asked.append(milliseconds)
        QTimer.start(timer, 3_600_000 if milliseconds else 0)

    monkeypatch.setattr(timer, "start", start)
    return asked


def rest(desk: Desk) -> None:
    """Nothing more comes: a pause that has begun passes."""
    timer = desk.window.keys._pause
    if timer.isActive():
        timer.setInterval(0)


@pytest.fixture
def bare(desk: Desk) -> Desk:
    """A desk whose scanner sends no suffix."""
    desk.window.keys.use_framing(NONE)
    return desk


def test_a_pause_ends_a_scan(bare: Desk, qtbot: QtBot, pauses: list[int]) -> None:
    scan(READER)
    assert set(pauses) == {20}, "of the framing"
    rest(bare)
    qtbot.waitUntil(bare.ui.item.hasFocus)
    scan(BOOK)
    rest(bare)
    qtbot.waitUntil(lambda: len(bare.rows()) == 1)
    scan("37000034180")
    rest(bare)
    qtbot.waitUntil(lambda: len(bare.rows()) == 2)
    assert [row[1:3] for row in bare.rows()] == [("37000034180", READER), (BOOK, READER)]
    assert bare.ui.item.text() == ""


def test_returns_too_and_from_any_button(bare: Desk, qtbot: QtBot) -> None:
    bare.window.choose(Operation.RETURN)
    bare.ui.save.setFocus(Qt.FocusReason.TabFocusReason)
    scan(BOOK)
    rest(bare)
    qtbot.waitUntil(lambda: bare.rows() == [("R", BOOK, "", "pending")])


def test_it_is_so_before_anybody_has_set_anything(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(READER)
    rest(desk)
    qtbot.waitUntil(desk.ui.item.hasFocus)
    scan(BOOK)
    rest(desk)
    qtbot.waitUntil(lambda: len(desk.rows()) == 1)


def test_an_enter_that_comes_late_is_nobodys(bare: Desk, qtbot: QtBot) -> None:
    scan(READER)
    rest(bare)
    qtbot.waitUntil(bare.ui.item.hasFocus)
    scan("\r")
    assert bare.ui.item.hasFocus()
    assert bare.band == (MessageKind.READY, f"Ready to lend {READER}")


def test_once_a_suffix_was_seen_no_pause_ends_a_scan(desk: Desk, qtbot: QtBot) -> None:
    desk.window.keys.use_framing(replace(NONE, suffixes=frozenset(Terminator)))
    scan(f"{READER}\r")
    scan(BOOK[:8])
    assert not desk.window.keys._pause.isActive()
    qtbot.wait(40)
    scan(f"{BOOK[8:]}\r")
    assert [row[1] for row in desk.rows()] == [BOOK], "held up on a busy PC, and one barcode"


def test_nor_when_the_settings_say_that_every_scan_has_one(desk: Desk) -> None:
    desk.window.keys.use_framing(replace(NONE, suffixes=frozenset({Terminator.CR})))
    scan(READER)
    assert not desk.window.keys._pause.isActive()


def test_a_hand_is_not_taken_for_a_scanner(
    bare: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HAND, "pace", 0.12)
    scan(READER)
    rest(bare)
    qtbot.waitUntil(lambda: not bare.window.keys._pause.isActive())
    assert bare.ui.patron.text() == READER
    assert bare.ui.patron.hasFocus()


@pytest.mark.parametrize("text", ["37", "12345"])
def test_nor_are_a_few_characters(bare: Desk, qtbot: QtBot, text: str) -> None:
    scan(text)
    rest(bare)
    qtbot.waitUntil(lambda: not bare.window.keys._pause.isActive())
    assert bare.ui.patron.text() == text
    assert bare.ui.patron.hasFocus()


def held(character: str, repeats: int, step: float) -> None:
    """A key held down: the system repeats it."""
    front = QApplication.focusWidget()
    for number in range(repeats):
        HAND.now += step if number else 0.4
        event = QKeyEvent(
            QEvent.Type.KeyPress,
            Qt.Key(ord(character)),
            Qt.KeyboardModifier.NoModifier,
            character,
            number > 0,
        )
        QApplication.sendEvent(front, event)


def test_a_key_held_down_is_no_scan(bare: Desk, qtbot: QtBot) -> None:
    held("0", 40, 0.03)
    rest(bare)
    qtbot.waitUntil(lambda: not bare.window.keys._pause.isActive())
    assert bare.ui.patron.text() == "0" * 40
    assert bare.ui.patron.hasFocus()
    assert bare.band[0] is MessageKind.READY


def test_a_book_on_the_keyboard_is_bounded_and_named(desk: Desk) -> None:
    held("7", 2000, 0.03)
    assert desk.band == (MessageKind.REFUSED, "Not recorded")
    assert "lying on the keyboard" in desk.detail
    assert len(desk.ui.patron.text()) == module.MOST_CHARACTERS
    assert desk.ui.patron.selectedText(), "the next scan takes its place"
    pause()
    scan(f"{READER}\r")
    assert desk.ui.patron.text() == READER
    assert desk.rows() == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([0.0, 0.0, 0.001, 0.002, 0.008], [False] * 5),
        ([0.0, 0.5, 0.033, 0.033], [False, True, True, True]),
        ([0.0, 0.25, 0.04], [False, True, True]),
    ],
    ids=["a quick scanner", "windows", "x"],
)
def test_a_key_held_down_is_told_from_a_key_pressed_twice(
    steps: list[float], expected: list[bool]
) -> None:
    watch, now, found = HeldKey(), 100.0, []
    for number, step in enumerate(steps):
        now += step
        event = QKeyEvent(
            QEvent.Type.KeyPress, Qt.Key.Key_0, Qt.KeyboardModifier.NoModifier, "0", number > 0
        )
        found.append(watch.repeats(event, now))
    assert found == expected


def test_keys_that_reach_another_window_before_ours_is_in_front_are_one_scan(desk: Desk) -> None:
    """The window system needs a moment to bring a window to the front."""
    from offcirc.desk.side.manual import Manual

    desk.lend("B1")
    press(Qt.Key.Key_F1)
    manual = desk.window.findChild(Manual)
    for character in "37 0\r" + BOOK + "\t":
        kind = {"\r": Qt.Key.Key_Return, "\t": Qt.Key.Key_Tab}.get(character)
        event = QKeyEvent(
            QEvent.Type.KeyPress,
            kind or Qt.Key(ord(character)),
            Qt.KeyboardModifier.NoModifier,
            character,
        )
        HAND.now += 0.002
        QApplication.sendEvent(manual.page, event)
        if character == "\r":
            assert desk.band == (MessageKind.REFUSED, "Not recorded 37 0")
            pause()
    assert desk.rows()[0] == ("L", BOOK, READER, "pending")
