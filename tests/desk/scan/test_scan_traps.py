"""Whatever has the focus, a scan lands where it belongs, whole, and presses nothing."""

from __future__ import annotations

import pytest
from desk.window_kit import BOOK, HAND, READER, Desk, pause, press, scan
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from offcirc.core.transaction import Operation
from offcirc.desk.message import MessageKind
from offcirc.desk.side.manual import Manual

TAB = Qt.FocusReason.TabFocusReason
EVERYWHERE = ["item", "clear", "loan", "return_", "list", "save", "delete", "help", "close", "more"]
SELDOM = ["drop", "drop_when"]
"""Hidden or off in the usual state."""


def pressed(desk: Desk) -> list[str]:
    """Names of the buttons that get pressed from now on."""
    came: list[str] = []
    for button in desk.ui.buttons():
        button.clicked.connect(lambda _=False, button=button: came.append(button.text()))
    return came


@pytest.mark.parametrize("place", EVERYWHERE)
@pytest.mark.parametrize("before", ["", " "], ids=["plain", "leading-blank"])
@pytest.mark.parametrize("end", ["\r", "\t", "\r\n"], ids=["cr", "tab", "crlf"])
def test_an_item_lands_in_its_field(desk: Desk, place: str, before: str, end: str) -> None:
    desk.lend("B1")
    came = pressed(desk)
    getattr(desk.ui, place).setFocus(TAB)
    assert getattr(desk.ui, place).hasFocus()
    scan(f"{before}{BOOK}{end}")
    pause()
    scan(f"UBX00252850{end}")
    assert [row[1] for row in desk.rows()] == ["UBX00252850", BOOK, "B1"]
    assert {row[2] for row in desk.rows()} == {READER}
    assert came == []
    assert desk.ui.item.hasFocus()
    assert desk.ui.loan.isChecked()


@pytest.mark.parametrize("place", EVERYWHERE[1:])
def test_a_card_lands_in_the_borrower_field_while_that_is_empty(desk: Desk, place: str) -> None:
    came = pressed(desk)
    getattr(desk.ui, place).setFocus(TAB)
    scan(f"{READER}\r")
    assert desk.ui.patron.text() == READER
    assert desk.ui.item.hasFocus()
    assert came == []
    assert desk.rows() == []


@pytest.mark.parametrize("place", EVERYWHERE)
def test_a_return_lands_in_the_item_field(desk: Desk, place: str) -> None:
    desk.window.choose(Operation.RETURN)
    came = pressed(desk)
    getattr(desk.ui, place).setFocus(TAB)
    scan(f"{BOOK}\r")
    assert desk.rows() == [("R", BOOK, "", "pending")]
    assert came == []
    assert desk.ui.return_.isChecked()


def type_slowly(text: str) -> None:
    """What a hand types; then it rests."""
    for character in text:
        pause(0.2)
        scan(character)
    pause()


def test_the_loan_button_under_the_focus_is_not_pressed_by_a_scan(desk: Desk) -> None:
    desk.lend()
    type_slowly("LEFT-OVER")
    desk.ui.action.setFocus(TAB)
    came = pressed(desk)
    scan("310 00\r")
    assert came == []
    assert desk.rows() == [], "a blank inside a barcode is refused, and nothing else was lent"
    assert desk.band == (MessageKind.REFUSED, "Not recorded 310 00")


@pytest.mark.parametrize("place", [*EVERYWHERE[1:], "action"])
def test_enter_presses_no_button(desk: Desk, place: str) -> None:
    desk.lend()
    scan("LEFT-OVER")
    getattr(desk.ui, place).setFocus(TAB)
    came = pressed(desk)
    pause()
    scan("\r")
    assert came == []
    assert desk.rows() == []


@pytest.mark.parametrize("place", ["save", "delete", "clear", "loan"])
def test_the_space_bar_presses_a_button_when_nothing_follows(
    desk: Desk, place: str, qtbot: QtBot
) -> None:
    button = getattr(desk.ui, place)
    button.setFocus(TAB)
    with qtbot.waitSignal(button.clicked):
        scan(" ")


def test_a_blank_for_the_list_is_nobodys(desk: Desk, qtbot: QtBot) -> None:
    desk.lend("B1")
    desk.ui.list.setFocus(TAB)
    scan(" \r")
    assert desk.ui.item.text() == ""
    assert len(desk.rows()) == 1


def test_typing_never_moves_the_choice_nor_edits_a_row(desk: Desk) -> None:
    desk.lend("31111", "32222", "33333")
    desk.ui.list.setFocus(TAB)
    desk.ui.list.selectRow(0)
    scan("31111")
    assert desk.ui.item.text() == "31111"
    assert desk.ui.list.chosen() == 0
    assert [row[1] for row in desk.rows()] == ["33333", "32222", "31111"]
    assert desk.ui.list.findChildren(QLineEdit) == []


def test_arrows_choose_rows_in_the_list(desk: Desk) -> None:
    desk.lend("B1", "B2", "B3")
    desk.ui.list.setFocus(TAB)
    desk.ui.list.selectRow(0)
    press(Qt.Key.Key_Down)
    assert desk.ui.list.chosen() == 1
    press(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert desk.ui.list.chosen() == 2


def test_a_click_on_a_row_does_not_cost_the_next_scan(desk: Desk) -> None:
    desk.lend("B1", "B2")
    view = desk.ui.list
    middle = view.visualRect(desk.ui.model.index(1, 1)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert view.hasFocus()
    assert view.chosen() == 1
    scan(f"{BOOK}\r")
    assert desk.rows()[0] == ("L", BOOK, READER, "pending")


@pytest.mark.parametrize("place", ["clear", "save", "delete", "loan", "return_"])
def test_a_click_on_a_button_leaves_the_cursor_where_the_next_scan_belongs(
    desk: Desk, place: str
) -> None:
    desk.lend("B1")
    desk.ui.list.setFocus(TAB)
    QTest.mouseClick(getattr(desk.ui, place), Qt.MouseButton.LeftButton)
    expected = desk.ui.patron if place == "clear" else desk.ui.item
    assert QApplication.focusWidget() is expected


def test_clicking_into_a_filled_field_and_scanning_replaces_it(desk: Desk, qtbot: QtBot) -> None:
    desk.lend("B1")
    QTest.mouseClick(desk.ui.patron, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.ui.patron.selectedText() == READER)
    scan("9921000000777\r")
    assert desk.ui.patron.text() == "9921000000777"


def test_the_fields_take_everything_and_cut_nothing(desk: Desk) -> None:
    for field in (desk.ui.patron, desk.ui.item):
        assert field.validator() is None
        assert field.inputMask() == ""
        assert field.maxLength() > 1000
    scan(f"{READER}\r")
    scan("31234000000017" * 20)
    assert desk.ui.item.text() == "31234000000017" * 20


def test_a_scanner_set_for_another_keyboard_is_seen_not_swallowed(desk: Desk) -> None:
    scan(f"{READER}\r")
    for character in "&é\"'(-è_çà":
        press(Qt.Key(ord(character.upper())), text=character)
    assert desk.ui.item.text() == "&é\"'(-è_çà"
    pause()
    desk.ui.save.setFocus(TAB)
    press(Qt.Key.Key_Eacute, text="é")
    assert desk.ui.item.text() == "é", "the first character came to a button"


def test_characters_written_with_altgr_and_shift_are_characters(desk: Desk) -> None:
    scan(f"{READER}\r")
    desk.ui.save.setFocus(TAB)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    press(Qt.Key.Key_At, both, "@")
    press(Qt.Key.Key_U, Qt.KeyboardModifier.ShiftModifier, "U")
    assert desk.ui.item.text() == "@U"


def test_letters_alone_are_never_shortcuts(desk: Desk) -> None:
    came = pressed(desk)
    scan(f"{READER}\r")
    scan("CLEARSAVEDELETEHELPCLOSElr\r")
    assert desk.rows() == [("L", "CLEARSAVEDELETEHELPCLOSElr", READER, "pending")]
    assert came == []


def test_an_alt_letter_that_nobody_has_writes_nothing(desk: Desk) -> None:
    desk.lend()
    scan("37")
    press(Qt.Key.Key_Z, Qt.KeyboardModifier.AltModifier, "z")
    assert desk.ui.item.text() == "37"


def test_no_window_asks_while_scanning(desk: Desk) -> None:
    desk.lend("B1")
    for _ in range(2):
        desk.window.save()
        desk.window.delete()
    desk.window.choose(Operation.RETURN)
    scan("B2\r\r\n")
    assert QApplication.activeModalWidget() is None
    assert not [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog)]


def test_a_scan_in_front_of_the_manual_goes_to_the_desk(desk: Desk, qtbot: QtBot) -> None:
    desk.lend("B1")
    press(Qt.Key.Key_F1)
    manual = desk.window.findChild(Manual)
    assert manual is not None
    manual.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is manual)
    manual.page.setFocus()
    press(Qt.Key.Key_3, text="3")
    qtbot.waitUntil(lambda: QApplication.activeWindow() is desk.window)
    scan("7000034179\r")
    assert desk.rows()[0] == ("L", BOOK, READER, "pending")


def test_every_widget_that_can_have_the_focus_is_watched(desk: Desk) -> None:
    """A widget added later without thought would be a hole: this finds it."""
    known = {
        desk.ui.patron,
        desk.ui.item,
        *(getattr(desk.ui, name) for name in (*EVERYWHERE, *SELDOM)),
    }
    known |= {getattr(desk.ui, name) for name in (*EVERYWHERE, *SELDOM)}
    known |= {*desk.ui.radios.values(), desk.ui.action}
    for widget in desk.window.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
            assert widget in known, widget


@pytest.mark.parametrize("typed", ["37", "9782070"])
def test_a_scan_behind_half_a_typed_number_stands_alone(
    desk: Desk, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.lend()
    with monkeypatch.context() as slow:
        slow.setattr(HAND, "pace", 0.2)
        scan(typed)
    pause()
    scan(f"{BOOK}\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


@pytest.mark.parametrize("start", [1, 3, 7])
def test_a_scan_that_stalls_is_not_joined_with_what_follows(desk: Desk, start: int) -> None:
    desk.lend("B1")
    scan(BOOK[:start])
    pause()
    scan(f"{BOOK[start:]}\r")
    assert desk.band == (MessageKind.REFUSED, f"Not recorded {BOOK[start:]}")
    assert "two parts" in desk.detail
    assert [row[1] for row in desk.rows()] == ["B1"]
    assert desk.ui.item.text() == ""
    pause()
    scan(f"{BOOK}\r")
    assert desk.rows()[0][1] == BOOK


@pytest.mark.parametrize("start", [4, 7])
def test_half_a_scan_and_then_the_whole_is_the_whole(desk: Desk, start: int) -> None:
    desk.lend("B1")
    scan(BOOK[:start])
    pause(3.0)
    scan(f"{BOOK}\r")
    assert [row[1] for row in desk.rows()] == [BOOK, "B1"]


def test_half_a_scan_and_then_another_one_is_neither(desk: Desk) -> None:
    desk.lend("B1")
    scan(BOOK[:7])
    pause(3.0)
    scan("UBX00252850\r")
    assert desk.band[0] is MessageKind.REFUSED
    assert [row[1] for row in desk.rows()] == ["B1"]


def test_a_number_typed_with_pauses_is_one_number(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.lend()
    monkeypatch.setattr(HAND, "pace", 0.2)
    for part in ("370", "0003", "4179\r"):
        scan(part)
        pause()
    assert desk.rows() == [("L", BOOK, READER, "pending")]


def test_a_control_card_in_another_field_leaves_both_as_they_were(desk: Desk) -> None:
    desk.lend()
    type_slowly("37")
    desk.ui.patron.setFocus(TAB)
    scan("OFFCIRCSTORE\r")
    assert desk.ui.patron.text() == READER
    assert desk.ui.item.text() == "37"
