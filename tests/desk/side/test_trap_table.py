"""What goes wrong with scanners in Qt programs, row by row, each with what happens here instead.

The second half are the barcodes that another offline program took without a word.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, press, scan
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from offcirc.core.barcodes.layouts import Cause
from offcirc.core.transaction import Operation
from offcirc.desk.message import MessageKind
from offcirc.desk.program.extras import Companions
from offcirc.desk.side.manual import Manual
from offcirc.desk.side.settingswindow import SettingsWindow
from offcirc.settings.load import load
from offcirc.storage.journal.journal import Journal

CARD, NEXT = "23529001000463", "21234000000018"
ITEM, ITEM_2 = "30234000517861", "33191000105864"
TAB = Qt.FocusReason.TabFocusReason
RULES = '[barcode]\npreset = "us-14"\n[sound]\non = false\n'


@pytest.fixture
def ruled(desk: Desk, tmp_path: Path) -> Desk:
    """A desk whose library has told what its barcodes look like."""
    attach(desk, tmp_path, RULES)
    return desk


def attach(desk: Desk, folder: Path, text: str) -> Companions:
    site = folder / "site.toml"
    site.write_text(text, encoding="utf-8")
    return desk.window.attach(load(environment={}, site=site, user=folder / "user.toml"))


def everything(desk: Desk) -> list[QWidget]:
    """The desk's window and those beside it, all open."""
    assert desk.window.companions is not None
    desk.window.companions.show_settings()
    desk.window.companions.test_scanner()
    desk.window.companions.show_tools()
    desk.window.show_help()
    return [each for each in QApplication.topLevelWidgets() if each.isVisible()]


# A question is open when the next book is scanned: the scanner's Enter answers it.


@pytest.mark.promise("a-scan-answers-nothing", "nothing-to-click-away")
def test_no_question_is_ever_open_for_a_scan_to_answer(desk: Desk) -> None:
    desk.lend("B1")
    for act in (
        desk.window.delete,
        desk.window.save,
        desk.window.delete,
        desk.window.undo,
        lambda: desk.window.choose(Operation.RETURN),
        lambda: desk.window.choose(Operation.LOAN),
        desk.window.show_help,
    ):
        act()
        assert QApplication.activeModalWidget() is None
        boxes = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog | QMessageBox)]
        assert boxes == []
    desk.window.activateWindow()
    rows = len(desk.rows())
    scan(f"{READER}\r{BOOK}\r")
    assert len(desk.rows()) == rows + 1


# In a dialog, Enter in a field presses the first button too.


@pytest.mark.promise("a-scan-answers-nothing")
def test_no_button_of_any_window_is_a_default_one(ruled: Desk) -> None:
    windows = everything(ruled)
    assert {type(each) for each in windows} >= {SettingsWindow, Manual}
    for window in windows:
        assert not isinstance(window, QDialog)
        for button in window.findChildren(QPushButton):
            assert not button.autoDefault(), button.text()
            assert not button.isDefault(), button.text()


# A button has the focus: "310 00" and Enter press it three times.


@pytest.mark.parametrize("place", ["clear", "save", "delete", "help", "close", "loan", "more"])
def test_a_button_with_the_focus_is_not_pressed_by_a_scan(desk: Desk, place: str) -> None:
    desk.lend("B1")
    pressed: list[str] = []
    for button in desk.ui.buttons():
        button.clicked.connect(lambda _=False, button=button: pressed.append(button.text()))
    getattr(desk.ui, place).setFocus(TAB)
    scan("310 00\r")
    assert pressed == []
    assert desk.band == (MessageKind.REFUSED, "Not recorded 310 00"), (
        "and it is not swallowed either"
    )
    assert len(desk.rows()) == 1


# The table has the focus: the scan replaces a cell.


def test_the_list_with_the_focus_is_not_edited(desk: Desk) -> None:
    desk.lend("B1", "B2")
    desk.ui.list.setFocus(TAB)
    desk.ui.list.selectRow(1)
    scan(f"{BOOK}\r")
    assert [row[1] for row in desk.rows()] == [BOOK, "B2", "B1"]
    assert desk.ui.list.findChildren(QLineEdit) == []


# A list to choose from has the focus: a digit of the scan chooses another value.


def test_a_list_of_choices_with_the_focus_keeps_its_choice(ruled: Desk, qtbot: QtBot) -> None:
    ruled.lend()
    companions = ruled.window.companions
    assert companions is not None
    companions.show_settings()
    window = companions._settings_window
    assert window is not None
    window.guard._clock = ruled.window.keys._clock
    lists = window.findChildren(QComboBox)
    assert len(lists) >= 5
    for number, combo in enumerate(lists):
        window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
        combo.setFocus(TAB)
        before = combo.currentIndex()
        pause()
        scan(f"1200{number:02}\r")
        assert combo.currentIndex() == before
        assert ruled.rows()[0][1] == f"1200{number:02}"
    assert window.changes() == {}


# Which widgets let digits through to the window: some only Enter, some nothing at all.


@pytest.mark.promise("scan-wherever-the-cursor-is")
def test_every_widget_of_every_window_lets_a_whole_scan_through(ruled: Desk, qtbot: QtBot) -> None:
    ruled.lend()
    companions = ruled.window.companions
    assert companions is not None
    ruled.window.show_help()
    companions.show_settings()
    settings = companions._settings_window
    manual = ruled.window.findChild(Manual)
    assert settings is not None
    assert manual is not None
    settings.guard._clock = ruled.window.keys._clock
    rows = 0
    for window in (ruled.window, manual, settings):
        for widget in window.findChildren(QWidget):
            able = widget.focusPolicy() and widget.isEnabled() and widget.isVisibleTo(window)
            if not able or widget.window() is not window or widget is ruled.ui.patron:
                continue
            window.activateWindow()
            qtbot.waitUntil(lambda window=window: QApplication.activeWindow() is window)
            widget.setFocus(TAB)
            pause()
            scan(f"77{rows:04}\r")
            rows += 1
            assert ruled.rows()[0][1:3] == (f"77{rows - 1:04}", READER), widget
    assert rows > 40
    assert settings.changes() == {}


# A validator for digits on an AZERTY PC with a QWERTY scanner: the field stays empty.
# Without one, 31234000000017 arrives as signs and is recorded so.


def test_no_field_drops_a_character(desk: Desk) -> None:
    for field in (desk.ui.patron, desk.ui.item):
        assert field.validator() is None
        assert field.inputMask() == ""


@pytest.mark.parametrize("preset", ["any", "us-14", "fr"])
def test_a_qwerty_scanner_on_an_azerty_pc_is_read_as_meant(
    desk: Desk, tmp_path: Path, preset: str
) -> None:
    attach(desk, tmp_path, RULES.replace("us-14", preset))
    scan(f"{CARD}\r")
    code = {"fr": "30234000517"}.get(preset, ITEM)
    raw = Cause("us", "fr").garbled(code)
    assert raw is not None
    scan(f"{raw}\r")
    assert desk.rows() == [("L", code, CARD, "pending")]
    assert desk.ui.status.standing.hint == "Scanner: set its keyboard to French (AZERTY)"
    assert "French (AZERTY)" in desk.ui.status.standing.advice
    desk.window.end_session()
    with Journal.open(desk.folder) as journal:
        (row,) = journal.rows_between(1, 10)
    assert (row.transaction.item, row.transaction.raw) == (code, raw)


# A pattern of 14 digits, 13 come: Enter does nothing at all, and nobody sees why.


@pytest.mark.parametrize("severity", ["warn", "refuse"])
def test_a_digit_too_few_is_said(desk: Desk, tmp_path: Path, severity: str) -> None:
    attach(desk, tmp_path, RULES.replace('"us-14"', f'"us-14"\nunmatched = "{severity}"'))
    scan(f"{CARD}\r{ITEM[:-1]}\r")
    kind, title = desk.band
    assert kind is (MessageKind.NOTICE if severity == "warn" else MessageKind.REFUSED)
    assert ITEM[:-1] in title
    assert "does not look like" in desk.detail
    assert len(desk.rows()) == (severity == "warn")


# A greatest length of 14, two scans without suffix: the second is lost.


def test_two_scans_without_suffix_are_two(ruled: Desk) -> None:
    scan(f"{CARD}\r")
    scan(f"{ITEM}{ITEM_2}\r")
    assert [row[1] for row in ruled.rows()] == [ITEM_2, ITEM]


def test_without_rules_they_are_seen_whole_and_never_cut(desk: Desk) -> None:
    scan(f"{READER}\r")
    scan("3" * 90 + "\r")
    assert desk.band == (MessageKind.REFUSED, f"Not recorded {'3' * 48}…{'3' * 11}")
    assert "two barcodes in one?" in desk.detail
    assert desk.ui.item.text() == "3" * 90


# A Tab after each scan: the focus leaves the field and nothing is recorded.


def test_a_tab_is_as_good_as_enter(desk: Desk) -> None:
    scan(f"{READER}\t{BOOK}\tUBX00252850\t")
    assert [row[1:3] for row in desk.rows()] == [("UBX00252850", READER), (BOOK, READER)]
    assert desk.ui.item.hasFocus()


@pytest.mark.parametrize("end", ["\r\n", "\r\r", "\n\n", "\r\t"], ids=repr)
def test_a_double_end_is_one_end(desk: Desk, end: str) -> None:
    scan(f"{READER}{end}{BOOK}{end}")
    assert desk.rows() == [("L", BOOK, READER, "pending")]
    assert desk.band == (MessageKind.RECORDED, f"Loan recorded {BOOK}"), "no second, empty action"
    assert desk.ui.item.hasFocus()


# The barcodes of the other program.


def test_a_card_in_the_item_field_starts_that_reader(ruled: Desk) -> None:
    scan(f"{CARD}\r{ITEM}\r{NEXT}\r{ITEM_2}\r")
    assert [row[1:] for row in ruled.rows()] == [
        (ITEM_2, NEXT, "pending"),
        (ITEM, CARD, "saved"),
    ]


def test_a_forgotten_commit_lends_nobody_another_s_card(ruled: Desk) -> None:
    """P1 I1 P2 I2 without a hand between: each item goes to its own reader."""
    scan(f"{CARD}\r{ITEM}\r{NEXT}\r{ITEM_2}\r")
    assert {(row[2], row[1]) for row in ruled.rows()} == {(CARD, ITEM), (NEXT, ITEM_2)}


def test_an_item_in_the_card_field_is_refused_loudly(ruled: Desk) -> None:
    scan(f"{ITEM}\r")
    assert ruled.band == (MessageKind.REFUSED, f"Not a borrower {ITEM}")
    assert ruled.rows() == []


def test_items_without_a_card_are_refused_and_stay(desk: Desk) -> None:
    desk.ui.item.setFocus()
    scan(f"{BOOK}\r")
    assert desk.band[0] is MessageKind.REFUSED
    assert "Scan the borrower’s card" in desk.detail
    assert desk.ui.item.text() == BOOK
    assert desk.rows() == []


def test_a_card_and_an_empty_enter_record_nothing(desk: Desk) -> None:
    scan(f"{READER}\r")
    pause()
    scan("\r")
    assert desk.rows() == []
    assert not (desk.folder / "OffCirc.dat").exists() or desk.file() == b""


@pytest.mark.parametrize("text", ["3" * 200, "élève-7", "livré漢字"], ids=["long", "é", "漢"])
@pytest.mark.promise("wrong-is-explained")
def test_what_the_file_cannot_hold_is_refused_with_words(desk: Desk, text: str) -> None:
    desk.lend()
    scan(f"{text}\r")
    assert desk.band[0] is MessageKind.REFUSED
    assert desk.detail
    assert desk.rows() == []
    assert desk.ui.item.text() == text, "it stays to be seen"


def test_the_same_item_twice_is_one_row_and_a_notice(desk: Desk) -> None:
    desk.lend(BOOK)
    scan(f"{BOOK}\r")
    assert desk.band == (MessageKind.NOTICE, f"Already recorded {BOOK}")
    assert len(desk.rows()) == 1


def test_the_same_item_for_two_readers_is_recorded_and_noticed(desk: Desk) -> None:
    desk.lend(BOOK)
    desk.lend(BOOK, to="9921000000777")
    assert len(desk.rows()) == 2
    assert desk.band == (MessageKind.NOTICE, f"Loan recorded {BOOK}")
    assert f"lent to {READER}" in desk.detail
    desk.window.choose(Operation.RETURN)
    scan(f"{BOOK}\r")
    desk.window.choose(Operation.LOAN)
    pause()
    desk.lend(BOOK)
    assert desk.band == (MessageKind.RECORDED, f"Loan recorded {BOOK}"), "it was returned meanwhile"


@pytest.mark.parametrize("text", [f" {BOOK} ", f"  {BOOK}", f"{BOOK}   "])
def test_blanks_around_a_barcode_are_taken_off(desk: Desk, text: str) -> None:
    desk.lend()
    scan(f"{text}\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


def test_blanks_alone_are_nothing(desk: Desk) -> None:
    desk.lend()
    scan("   \r")
    assert desk.rows() == []


def test_a_pasted_tab_and_line_end_make_no_extra_column_or_line(desk: Desk) -> None:
    desk.lend()
    QApplication.clipboard().setText("39001\tEVIL\n39002")
    press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert desk.ui.item.text().startswith("39001")
    scan("\r")
    assert desk.band[0] is MessageKind.REFUSED
    assert desk.rows() == []


@pytest.mark.parametrize("isbn", ["9782070360024", "]E09782070360024"])
def test_the_isbn_of_a_cover_is_named_as_such(ruled: Desk, isbn: str) -> None:
    scan(f"{CARD}\r{isbn}\r")
    assert ruled.band[0] is MessageKind.NOTICE
    assert "ISBN" in ruled.detail
