"""Still to record: what was shown and refused is in sight until it is recorded or put away."""

from __future__ import annotations

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, press, scan
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from offcirc.core.transaction import Operation
from offcirc.desk.face.colours import Style
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.shop.waitlist import WaitPanel

SHIFT = Qt.KeyboardModifier.ShiftModifier
OTHER = "37000034180"


def item_first(desk: Desk, item: str = BOOK) -> None:
    desk.ui.item.setFocus()
    scan(f"{item}\r")


def panel(desk: Desk) -> WaitPanel:
    found = desk.window.findChild(WaitPanel)
    assert found is not None
    return found


def listed(desk: Desk) -> list[str]:
    return [each.text for each in desk.window.waitlist.entries]


@pytest.mark.promise("refused-is-not-forgotten")
def test_an_item_before_its_card_stays_in_sight_in_green(desk: Desk) -> None:
    item_first(desk)
    assert desk.band == (MessageKind.REFUSED, "Borrower first")
    scan(f"{READER}\r")
    scan(f"{OTHER}\r")
    assert desk.band == (MessageKind.RECORDED, f"Loan recorded {OTHER}")
    assert listed(desk) == [BOOK]
    shown = panel(desk)
    assert shown.isVisible()
    left, take, away = shown.rows[0]
    assert (left.text, left.why) == (BOOK, "scanned without a reader")
    assert (take.text(), away.text()) == ("Which reader?", "Put away")
    assert desk.ui.status.standing.waiting == "1 still to record"
    pause()
    scan(f"{BOOK}\r")
    assert [row[1] for row in desk.rows()] == [BOOK, OTHER]
    assert not desk.window.waitlist
    assert not shown.isVisible()


def test_f2_takes_it_up_for_the_reader_who_is_there_and_enter_lends_it(desk: Desk) -> None:
    item_first(desk)
    scan(f"{READER}\r{OTHER}\r")
    press(Qt.Key.Key_F2)
    assert desk.band == (MessageKind.NOTICE, f"Not recorded yet {BOOK}")
    assert READER in desk.detail
    assert desk.ui.item.text() == BOOK
    pause()
    scan("\r")
    assert desk.rows()[0] == ("L", BOOK, READER, "pending")
    assert not desk.window.waitlist


def test_without_a_reader_it_waits_in_its_field_for_the_card(desk: Desk) -> None:
    item_first(desk)
    desk.window.clear()
    assert desk.ui.item.text() == ""
    assert listed(desk) == [BOOK], "Clear puts nothing away"
    panel(desk).rows[0][1].click()
    assert desk.ui.item.text() == BOOK
    assert desk.ui.patron.hasFocus()
    assert desk.detail == "Scan the reader’s card, then press Enter."
    scan(f"{READER}\r\r")
    pause()
    scan("\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


def test_what_was_refused_is_answered_by_its_correction(desk: Desk) -> None:
    desk.lend()
    scan("3700 0034179\r")
    assert listed(desk) == ["3700 0034179"]
    assert panel(desk).rows[0][1].text() == "Correct"
    desk.ui.item.setCursorPosition(5)
    press(Qt.Key.Key_Backspace)
    pause()
    press(Qt.Key.Key_Return, text="\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]
    assert not desk.window.waitlist


def test_another_item_typed_over_it_leaves_it_on_the_list(desk: Desk) -> None:
    desk.lend()
    scan("3700 0034179\r")
    pause()
    scan("37000034178\r")
    assert desk.band == (MessageKind.RECORDED, "Loan recorded 37000034178")
    assert listed(desk) == ["3700 0034179"]


def test_one_that_need_not_be_recorded_is_put_away(desk: Desk) -> None:
    desk.lend()
    for item in ("A 1", "B 2"):
        scan(f"{item}\r")
        pause()
    press(Qt.Key.Key_F2, SHIFT)
    assert listed(desk) == ["A 1"]
    panel(desk).rows[0][2].click()
    assert not desk.window.waitlist
    assert desk.rows() == []


def test_a_return_is_taken_up_as_a_return(desk: Desk) -> None:
    desk.window.choose(Operation.RETURN)
    scan("3700 0034179\r")
    desk.window.choose(Operation.LOAN)
    press(Qt.Key.Key_F2)
    assert desk.ui.return_.isChecked()
    assert desk.ui.item.text() == "3700 0034179"


def test_close_says_once_what_would_be_left(desk: Desk) -> None:
    item_first(desk)
    assert not desk.close()
    assert desk.band == (MessageKind.NOTICE, "1 barcode is still to record")
    assert desk.close()


def test_a_refusal_with_a_barcode_joins_the_list_whoever_says_it(desk: Desk) -> None:
    desk.lend()
    desk.window.say(
        Message(MessageKind.REFUSED, "Not recorded", "99999", "The beginning was lost.")
    )
    assert listed(desk) == ["99999"]
    assert panel(desk).rows[0][0].why == "The beginning was lost."
    desk.window.say(Message(MessageKind.NOTICE, "Next reader", READER))
    assert listed(desk) == ["99999"]


@pytest.mark.parametrize("card", ["99 21", "é"])
def test_a_card_that_is_refused_is_no_item_to_record(desk: Desk, card: str) -> None:
    scan(f"{card}\r")
    assert not desk.window.waitlist


@pytest.mark.parametrize("which", [Style.BLUE, Style.DARK])
@pytest.mark.parametrize("size", [(800, 576), (1024, 572), (1366, 740)])
def test_however_many_there_are_the_list_keeps_its_room(
    language: str, closed_desk: Desk, size: tuple[int, int], which: Style
) -> None:
    desk = closed_desk.open(size=size, screen_height=size[1] + 28, which=which)
    desk.lend(BOOK)
    for number in range(30):
        scan(f"3700 00341{number:02}\r")
        pause()
    QApplication.processEvents()
    shown = panel(desk)
    assert (desk.window.width(), desk.window.height()) == size, "the window asks for more room"
    assert 2 <= len(shown.rows) <= 5
    assert len(desk.window.waitlist) == 30
    assert desk.ui.list.viewport().height() >= desk.ui.list.verticalHeader().defaultSectionSize()
    for button in shown.findChildren(QPushButton):
        assert button.width() >= button.sizeHint().width(), button.text()
    desk.window.waitlist.put_first_away()
    assert len(shown.rows) >= 1


def test_a_beheaded_scan_is_answered_by_the_whole_one(desk: Desk) -> None:
    desk.lend()
    desk.window.intake.broken(desk.ui.item, "34179", "beheaded")
    assert listed(desk) == ["34179"]
    scan(f"{BOOK}\r")
    assert desk.band == (MessageKind.RECORDED, f"Loan recorded {BOOK}")
    assert not desk.window.waitlist


def test_signs_that_turn_others_round_do_not_do_so_on_the_list(desk: Desk) -> None:
    desk.lend()
    QApplication.clipboard().setText("37000\u202e34180")
    press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier, "\x16")
    press(Qt.Key.Key_Return, text="\r")
    assert desk.band == (MessageKind.REFUSED, "Not recorded 37000·34180")
    names = [each.accessibleName() for each in panel(desk).findChildren(QLabel)]
    assert "37000·34180" in names
