"""A scan is recorded whole or refused in red, whatever comes in its middle."""

from __future__ import annotations

import sys

import pytest
from desk.window_kit import BOOK, HAND, READER, Desk, let_go, pause, press, scan
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from offcirc.core.transaction import Source
from offcirc.desk.message import MessageKind
from offcirc.scanning.decoder import Framing, Scan, Terminator

CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
KEYPAD = Qt.KeyboardModifier.KeypadModifier


def click(desk: Desk, widget: QWidget) -> None:
    """A click as the window system reports it: to the window, not to the control."""
    place = widget.mapTo(desk.window, QPoint(widget.width() // 2, widget.height() // 2))
    QTest.mouseClick(desk.window.windowHandle(), Qt.MouseButton.LeftButton, pos=place)


def key(code: Qt.Key, modifiers: Qt.KeyboardModifier, text: str = "") -> None:
    """A key at a scanner's pace."""
    HAND.now += HAND.pace
    front = QApplication.focusWindow()
    for action in (QTest.KeyAction.Press, QTest.KeyAction.Release):
        QTest.sendKeyEvent(action, front, code, text, modifiers)
    if modifiers:
        let_go(front)


@pytest.mark.parametrize("place", ["clear", "save", "delete", "return_", "help", "more", "patron"])
def test_a_click_waits_for_the_end_of_the_scan(desk: Desk, place: str, qtbot: QtBot) -> None:
    desk.lend("B1")
    said = []
    desk.window.said.connect(said.append)
    scan(BOOK[:6])
    click(desk, getattr(desk.ui, place))
    assert desk.ui.item.text() == BOOK[:6]
    assert said == []
    scan(f"{BOOK[6:]}\r")
    qtbot.waitUntil(lambda: not desk.window.keys.gate._waiting)
    assert [row[1:3] for row in desk.rows()] == [(BOOK, READER), ("B1", READER)]


def test_what_waited_is_done(desk: Desk, qtbot: QtBot) -> None:
    desk.lend()
    scan(BOOK[:6])
    click(desk, desk.ui.clear)
    scan(f"{BOOK[6:]}\r")
    qtbot.waitUntil(lambda: desk.ui.patron.text() == "")


def test_a_click_waits_for_a_moment_when_the_end_never_comes(desk: Desk, qtbot: QtBot) -> None:
    desk.lend()
    scan(BOOK[:6])
    click(desk, desk.ui.clear)
    assert desk.ui.patron.text() == READER
    pause()
    qtbot.waitUntil(lambda: desk.ui.patron.text() == "")


def test_a_click_does_not_hide_a_refusal(desk: Desk, qtbot: QtBot) -> None:
    desk.lend("B1")
    scan(BOOK[:4])
    click(desk, desk.ui.save)
    scan(BOOK[4:8])
    desk.ui.item.clear()
    scan(f"{BOOK[8:]}\r")
    assert desk.band == (MessageKind.REFUSED, f"Not recorded {BOOK}")
    QApplication.processEvents()
    assert desk.band == (MessageKind.REFUSED, f"Not recorded {BOOK}")
    assert desk.rows() == [("L", "B1", READER, "pending")]


@pytest.mark.parametrize(
    ("code", "modifiers", "text"),
    [
        (Qt.Key.Key_S, CONTROL, "\x13"),
        (Qt.Key.Key_Z, CONTROL, "\x1a"),
        (Qt.Key.Key_A, CONTROL, "\x01"),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier, ""),
        (Qt.Key.Key_C, ALT, "c"),
        (Qt.Key.Key_3, CONTROL, "\x1b"),
        (Qt.Key.Key_Backspace, Qt.KeyboardModifier.NoModifier, "\b"),
        (Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier, ""),
    ],
    ids=["save", "undo", "select", "help", "clear", "digit", "backspace", "f8"],
)
def test_a_key_in_the_middle_does_nothing_and_is_named(
    desk: Desk, code: Qt.Key, modifiers: Qt.KeyboardModifier, text: str
) -> None:
    desk.lend("B1")
    scan(BOOK[:5])
    key(code, modifiers, text)
    assert desk.ui.item.text() == BOOK[:5]
    scan(f"{BOOK[5:]}\r")
    assert desk.band == (MessageKind.REFUSED, f"Not recorded {BOOK}")
    assert desk.detail == "Another key came in the middle of this scan: scan it again."
    assert desk.rows() == [("L", "B1", READER, "pending")]
    assert desk.ui.patron.text() == READER
    pause()
    scan(f"{BOOK}\r")
    assert desk.rows()[0][1] == BOOK


def test_a_separator_inside_a_code_is_named(desk: Desk) -> None:
    desk.lend()
    scan("0109501101530003")
    key(Qt.Key.Key_BracketRight, CONTROL, "\x1d")
    scan("10ABC123\r")
    assert desk.band[0] is MessageKind.REFUSED
    assert "control character" in desk.detail
    assert desk.rows() == []


def test_control_characters_around_a_code_are_no_part_of_it(desk: Desk) -> None:
    desk.lend()
    key(Qt.Key.Key_B, CONTROL, "\x02")
    scan(BOOK)
    key(Qt.Key.Key_C, CONTROL, "\x03")
    scan("\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


@pytest.mark.skipif(sys.platform == "win32", reason="only on X: Windows makes the character of it")
@pytest.mark.parametrize("place", ["item", "save"])
def test_a_scanner_that_sends_alt_codes_is_named(desk: Desk, place: str) -> None:
    desk.lend("B1")
    getattr(desk.ui, place).setFocus(Qt.FocusReason.TabFocusReason)
    for character in BOOK:
        for digit in f"0{ord(character)}":
            key(Qt.Key(ord(digit)), ALT | KEYPAD, digit)
    scan("\r")
    assert desk.band == (MessageKind.REFUSED, "Not recorded")
    assert "ALT mode" in desk.detail
    assert [row[1] for row in desk.rows()] == ["B1"]


def test_alt_letters_act_at_once(desk: Desk) -> None:
    desk.lend()
    key(Qt.Key.Key_S, ALT)
    assert desk.band == (MessageKind.READY, "Nothing to save")
    assert not desk.ui.save.isDown()


def test_a_key_held_down_and_then_a_scan(desk: Desk) -> None:
    desk.lend("B1")
    for number in range(20):
        HAND.now += 0.03 if number > 1 else 0.4
        event = QKeyEvent(
            QEvent.Type.KeyPress, Qt.Key.Key_0, Qt.KeyboardModifier.NoModifier, "0", number > 0
        )
        QApplication.sendEvent(desk.ui.item, event)
    pause()
    scan(f"{BOOK}\r")
    assert desk.band == (MessageKind.REFUSED, f"Not recorded {BOOK}")
    assert "held down" in desk.detail
    assert [row[1] for row in desk.rows()] == ["B1"]
    pause()
    scan(f"{BOOK}\r")
    assert desk.rows()[0][1] == BOOK


def test_half_a_scan_is_named_when_its_end_does_not_come(desk: Desk, qtbot: QtBot) -> None:
    desk.lend("B1")
    scan(BOOK[:6])
    qtbot.waitUntil(lambda: desk.band[0] is MessageKind.REFUSED)
    assert "half a scan" in desk.detail
    assert desk.ui.item.selectedText() == BOOK[:6]


def test_a_scan_whose_end_was_lost_stays_in_sight_beside_the_next_one(
    desk: Desk, qtbot: QtBot
) -> None:
    desk.lend("B1")
    scan(BOOK)
    qtbot.waitUntil(lambda: desk.band == (MessageKind.REFUSED, f"Not recorded {BOOK}"))
    pause(3.0)
    scan("UBX00252850\r")
    assert desk.band == (MessageKind.REFUSED, "Not recorded UBX00252850")
    assert left(desk) == ["UBX00252850", BOOK]
    pause(3.0)
    scan("UBX00252850\r")
    assert left(desk) == [BOOK]
    pause(3.0)
    scan(f"{BOOK}\r")
    assert left(desk) == []


@pytest.mark.parametrize("end", ["", "\r"])
def test_a_part_of_a_readers_card_is_no_item_to_record(desk: Desk, qtbot: QtBot, end: str) -> None:
    desk.lend("B1")
    desk.window.clear()
    scan(READER[:6])
    qtbot.waitUntil(lambda: desk.band == (MessageKind.REFUSED, f"Not recorded {READER[:6]}"))
    if end:
        pause(3.0)
        scan(f"X{READER}\r")
        assert desk.band[0] is MessageKind.REFUSED
    assert left(desk) == []


def left(desk: Desk) -> list[str]:
    """What is still to record, newest first."""
    return [each.text for each in desk.window.waitlist.entries]


@pytest.mark.parametrize("by", ["enter", "button"])
def test_half_a_scan_that_somebody_finishes_is_no_green_one(desk: Desk, by: str) -> None:
    desk.lend()
    scan(BOOK[:6])
    pause()
    if by == "enter":
        press(Qt.Key.Key_Return, text="\r")
    else:
        desk.ui.action.click()
    assert [row[1] for row in desk.rows()] == [BOOK[:6]]
    assert desk.band[0] is MessageKind.NOTICE
    assert "compare it with the label" in desk.detail


def test_what_stood_in_the_field_is_named(desk: Desk) -> None:
    desk.lend()
    QApplication.clipboard().setText("PASTED")
    press(Qt.Key.Key_V, CONTROL, "\x16")
    scan(f"{BOOK}\r")
    assert [row[1] for row in desk.rows()] == [BOOK]
    assert desk.band[0] is MessageKind.NOTICE
    assert desk.detail == "“PASTED” stood in the field before it and was left out."


def test_a_scan_taken_after_a_pause_is_no_green_one(desk: Desk, qtbot: QtBot) -> None:
    desk.window.keys.use_framing(Framing())
    scan(READER)
    qtbot.waitUntil(desk.ui.item.hasFocus)
    pause()
    scan(BOOK)
    qtbot.waitUntil(lambda: len(desk.rows()) == 1)
    assert desk.band[0] is MessageKind.NOTICE
    assert "No Enter" in desk.detail
    pause()
    scan("04\r")
    assert desk.band == (MessageKind.REFUSED, "Not recorded 04")
    assert "two parts" in desk.detail


def test_a_scanner_that_never_sends_enter_is_green(desk: Desk, qtbot: QtBot) -> None:
    desk.window.keys.use_framing(Framing(suffixes=frozenset({Terminator.NONE})))
    scan(READER)
    qtbot.waitUntil(desk.ui.item.hasFocus)
    pause()
    scan(BOOK)
    qtbot.waitUntil(lambda: len(desk.rows()) == 1)
    assert desk.band[0] is MessageKind.RECORDED


def test_keys_for_a_menu_that_has_closed_go_on(desk: Desk) -> None:
    desk.lend()
    menu_wanted = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), desk.ui.item.mapToGlobal(QPoint(5, 5))
    )
    QApplication.sendEvent(desk.ui.item, menu_wanted)
    (menu,) = desk.ui.item.findChildren(QMenu)
    for character in f"{BOOK}\r":
        HAND.now += HAND.pace
        code = Qt.Key.Key_Return if character == "\r" else Qt.Key(ord(character))
        QApplication.sendEvent(
            menu, QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier, character)
        )
        assert menu.isHidden()
    assert desk.rows() == [("L", BOOK, READER, "pending")]


def test_a_pasted_list_is_taken_after_a_look(desk: Desk) -> None:
    desk.lend()
    QApplication.clipboard().setText("39001\r\n39002\n39003\n")
    press(Qt.Key.Key_V, CONTROL, "\x16")
    press(Qt.Key.Key_Return, text="\r")
    assert desk.band == (MessageKind.NOTICE, "A list of 3 barcodes")
    assert desk.rows() == []
    pause()
    press(Qt.Key.Key_Return, text="\r")
    assert [row[1] for row in desk.rows()] == ["39003", "39002", "39001"]
    assert desk.ui.item.text() == ""


def test_a_pasted_list_stops_at_what_is_refused(desk: Desk) -> None:
    desk.lend()
    desk.ui.item.setText("39001\u2028BAD ONE\u202839003")
    for _ in range(2):
        pause()
        press(Qt.Key.Key_Return, text="\r")
    assert [row[1] for row in desk.rows()] == ["39001"]
    assert desk.band == (MessageKind.REFUSED, "Not recorded BAD ONE")
    assert desk.ui.item.text() == "BAD ONE\u202839003"


def test_a_list_is_no_borrower(desk: Desk) -> None:
    desk.ui.patron.setText("39001\u202839002")
    for _ in range(2):
        pause()
        press(Qt.Key.Key_Return, text="\r")
    assert desk.band == (MessageKind.REFUSED, "A list of 2 barcodes")


def test_tab_leaves_a_field_whose_text_is_refused(desk: Desk) -> None:
    desk.lend()
    scan("BAD ONE\t")
    assert desk.band == (MessageKind.REFUSED, "Not recorded BAD ONE")
    assert desk.ui.item.hasFocus()
    pause()
    scan("\t")
    assert not desk.ui.item.hasFocus()


def serial(code: str) -> Scan:
    return Scan(code, code, Source.SERIAL, Terminator.CR)


def test_a_serial_scan_waits_for_the_keyboard_s(desk: Desk, qtbot: QtBot) -> None:
    desk.lend()
    scan(BOOK[:6])
    desk.window.intake.scanned(serial("SER00004"))
    assert desk.rows() == []
    scan(f"{BOOK[6:]}\r")
    qtbot.waitUntil(lambda: len(desk.rows()) == 2)
    assert [row[1] for row in desk.rows()] == ["SER00004", BOOK]


def test_a_serial_scan_leaves_what_is_typed(desk: Desk) -> None:
    desk.lend()
    scan("37")
    pause()
    desk.window.intake.scanned(serial("SER00004"))
    assert [row[1] for row in desk.rows()] == ["SER00004"]
    assert desk.ui.item.text() == "37"
    desk.window.intake.scanned(serial("BAD ONE"))
    assert desk.band == (MessageKind.REFUSED, "Not recorded BAD ONE")
    assert desk.ui.item.text() == "37"


def test_a_serial_scan_is_not_lent_to_half_a_borrower(desk: Desk) -> None:
    scan("9921")
    pause()
    desk.window.intake.scanned(serial("SER00004"))
    assert desk.band[0] is MessageKind.REFUSED
    assert desk.rows() == []
    assert desk.ui.patron.text() == "9921"


def test_closing_waits_for_the_end_of_the_scan(desk: Desk, qtbot: QtBot) -> None:
    desk.lend()
    scan(BOOK[:6])
    desk.window.close()
    assert desk.window.isVisible()
    scan(f"{BOOK[6:]}\r")
    qtbot.waitUntil(lambda: not desk.window.isVisible())
    assert desk.rows() == [("L", BOOK, READER, "saved")]
