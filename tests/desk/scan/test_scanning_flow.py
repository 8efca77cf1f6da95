"""A day at the desk, hands never on the mouse."""

from __future__ import annotations

import pytest
from desk.window_kit import BOOK, HAND, READER, Desk, pause, press, scan
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from offcirc import i18n
from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Source
from offcirc.desk.message import MessageKind
from offcirc.storage.journal.journal import Journal


@pytest.mark.parametrize("end", ["\r", "\n", "\t"])
def test_card_item_item_by_enter_or_tab(desk: Desk, end: str) -> None:
    assert desk.ui.patron.hasFocus()
    scan(READER + end)
    assert desk.ui.item.hasFocus()
    scan(BOOK + end)
    assert desk.band == (MessageKind.RECORDED, f"Loan recorded {BOOK}")
    assert desk.detail.startswith(f"{READER} · ")
    assert desk.detail.endswith(" · safe on this PC")
    assert desk.ui.item.text() == ""
    assert desk.ui.item.hasFocus()
    assert desk.ui.patron.text() == READER
    scan("UBX00252850" + end)
    assert desk.rows() == [
        ("L", "UBX00252850", READER, "pending"),
        ("L", BOOK, READER, "pending"),
    ]
    assert desk.ui.counter.text() == "2 items for this reader"


@pytest.mark.parametrize("end", ["\r\n", "\r\r", "\n\r", "\t\t", "\r\t", "\t\r", "\r\n\r\n"])
def test_a_longer_end_of_scan_does_nothing_more(desk: Desk, end: str) -> None:
    for text in (READER, BOOK, "B2", "B3"):
        scan(text + end)
    assert [row[1] for row in desk.rows()] == ["B3", "B2", BOOK]
    assert desk.band == (MessageKind.RECORDED, "Loan recorded B3")
    assert desk.ui.item.hasFocus()


def test_what_a_console_scanner_sends_as_cr_and_lf_is_an_end_too(desk: Desk) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    scan(READER)
    press(Qt.Key.Key_M, control, "\r")
    press(Qt.Key.Key_J, control, "\n")
    scan(BOOK)
    press(Qt.Key.Key_J, control, "\n")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


def test_enter_in_an_empty_item_field_does_nothing(desk: Desk) -> None:
    desk.lend(BOOK)
    before = desk.band
    for _ in range(3):
        press(Qt.Key.Key_Return, text="\r")
    assert desk.band == before
    assert len(desk.rows()) == 1
    assert desk.ui.item.hasFocus()


def test_tab_in_an_empty_field_goes_on_as_tab_does(desk: Desk) -> None:
    order = []
    for _ in range(11):
        order.append(desk.window.focusWidget())
        press(Qt.Key.Key_Tab, text="\t")
    ui = desk.ui
    assert order == [
        ui.patron, ui.item, ui.clear, ui.loan, ui.list,
        ui.save, ui.delete, ui.more, ui.help, ui.close, ui.patron,
    ]  # fmt: skip


def test_returns_need_the_item_alone(desk: Desk) -> None:
    press(
        Qt.Key.Key_R,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
    )
    ui = desk.ui
    assert ui.return_.isChecked()
    assert not ui.patron.isEnabled()
    assert ui.patron.placeholderText() == "— no borrower for a return —"
    assert ui.action.text() == "&Return"
    assert ui.item.hasFocus()
    scan("d293004279\r37000011872\t")
    assert desk.rows() == [
        ("R", "37000011872", "", "pending"),
        ("R", "d293004279", "", "pending"),
    ]
    assert desk.band == (MessageKind.RECORDED, "Return recorded 37000011872")
    assert ui.counter.text() == "2 returns"


def test_the_button_is_active_only_when_its_fields_are_filled(desk: Desk) -> None:
    ui = desk.ui
    assert not ui.action.isEnabled()
    scan(READER)
    assert not ui.action.isEnabled()
    scan("\r")
    assert not ui.action.isEnabled()
    scan("3")
    assert ui.action.isEnabled()
    press(Qt.Key.Key_Backspace)
    assert not ui.action.isEnabled()
    scan("  ")
    assert not ui.action.isEnabled(), "blanks are no barcode"
    desk.window.choose(Operation.RETURN)
    ui.item.clear()
    assert not ui.action.isEnabled()
    scan("3")
    assert ui.action.isEnabled()


def test_pressing_the_button_records_and_leaves_the_cursor_ready(desk: Desk, qtbot: QtBot) -> None:
    scan(f"{READER}\r{BOOK}")
    desk.alt("L")
    assert desk.rows() == [("L", BOOK, READER, "pending")]
    assert desk.ui.item.hasFocus()
    qtbot.waitUntil(lambda: not desk.ui.action.isEnabled())


def test_an_item_before_its_borrower_is_kept_and_asked_for(desk: Desk) -> None:
    desk.ui.item.setFocus()
    scan(f"{BOOK}\r")
    assert desk.rows() == []
    assert desk.band[0] is MessageKind.REFUSED
    assert BOOK in desk.detail
    assert desk.ui.item.text() == BOOK
    assert desk.ui.patron.hasFocus()
    scan(f"{READER}\r")
    assert desk.band == (MessageKind.NOTICE, f"Ready to lend {READER}")
    assert desk.rows() == [], "nothing is lent without having been asked for"
    scan(f"{BOOK}\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")], "the second scan replaces the first"


def test_an_item_before_its_borrower_is_lent_by_enter(desk: Desk) -> None:
    desk.ui.item.setFocus()
    scan(f"{BOOK}\r{READER}\r")
    desk.ui.item.setFocus()
    pause()
    press(Qt.Key.Key_Return, text="\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


def test_what_the_file_cannot_hold_is_refused_and_stays_selected(desk: Desk) -> None:
    scan(f"{READER}\r")
    pause()
    desk.ui.item.setText("37é0x")
    press(Qt.Key.Key_Return, text="\r")
    assert desk.band[0] is MessageKind.REFUSED
    assert "keyboard" in desk.detail
    assert desk.rows() == []
    assert desk.ui.item.selectedText() == "37é0x"
    scan(f"{BOOK}\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


def test_a_pasted_line_is_never_taken_apart(desk: Desk) -> None:
    scan(f"{READER}\r")
    pause()
    desk.ui.item.setText("39001\tEVIL\r\n39002")
    press(Qt.Key.Key_Return, text="\r")
    assert desk.band[0] is MessageKind.REFUSED
    assert desk.rows() == []


def test_eighty_characters_are_taken_and_eighty_one_refused(desk: Desk) -> None:
    scan(f"{READER}\r{'8' * 81}\r")
    assert desk.band[0] is MessageKind.REFUSED
    assert desk.ui.item.text() == "8" * 81, "nothing is cut off"
    scan(f"{'7' * 80}\r")
    assert desk.rows() == [("L", "7" * 80, READER, "pending")]


def test_blanks_around_a_barcode_are_dropped_and_kept_as_raw(desk: Desk) -> None:
    scan(f"{READER}\r  {BOOK} \r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]
    desk.window.end_session()
    with Journal.open(desk.folder) as journal:
        (row,) = journal.rows_between(1, 10)
    assert row.transaction.raw == f"  {BOOK} "


def test_the_journal_knows_a_scanner_from_a_hand(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(f"{READER}\r")
    scan("SCANNED1\r")
    monkeypatch.setattr(HAND, "pace", 0.21)
    scan("TYPED001\r")
    pause()
    desk.ui.item.setText("PASTED01")
    scan("\r")
    sources = [desk.ui.model.row(place).transaction.source for place in (2, 1, 0)]
    assert sources == [Source.SCAN, Source.TYPED, Source.TYPED]


def test_a_new_reader_starts_with_clear(desk: Desk) -> None:
    desk.lend(BOOK, "B2")
    desk.alt("C")
    ui = desk.ui
    assert (ui.patron.text(), ui.item.text(), ui.counter.text()) == ("", "", "")
    assert ui.patron.hasFocus()
    assert desk.band == (MessageKind.READY, "Ready")
    scan("9921000000777\rB3\r")
    assert desk.rows()[0] == ("L", "B3", "9921000000777", "pending")
    assert ui.counter.text() == "1 item for this reader"


def test_clear_forgets_an_item_that_was_not_recorded(desk: Desk) -> None:
    desk.ui.item.setFocus()
    scan(f"{BOOK}\r")
    desk.alt("C")
    assert desk.ui.item.text() == ""


def test_back_from_returns_the_reader_is_proposed_not_assumed(desk: Desk) -> None:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    desk.lend(BOOK)
    press(Qt.Key.Key_R, both)
    scan("B7\r")
    press(Qt.Key.Key_L, both)
    assert desk.band == (MessageKind.NOTICE, f"Same reader? {READER}")
    assert desk.ui.patron.hasFocus()
    scan("9921000000777\rB8\r")
    assert desk.rows()[0] == ("L", "B8", "9921000000777", "pending")
    press(Qt.Key.Key_R, both)
    press(Qt.Key.Key_L, both)
    scan("\r")
    assert desk.ui.item.hasFocus(), "Enter goes on with the same reader"
    scan("B9\r")
    assert desk.rows()[0] == ("L", "B9", "9921000000777", "pending")


def test_the_shortcut_of_the_operation_already_chosen_only_moves_the_cursor(desk: Desk) -> None:
    desk.lend(BOOK)
    desk.ui.list.setFocus()
    press(
        Qt.Key.Key_L,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
    )
    assert desk.ui.item.hasFocus()
    assert desk.ui.patron.text() == READER
    assert desk.ui.counter.text() == "1 item for this reader"


def test_saved_rows_are_the_lines_of_the_file_byte_by_byte(desk: Desk) -> None:
    desk.lend(BOOK, "UBX00252850")
    desk.window.choose(Operation.RETURN)
    scan("d293004279\r")
    records = [desk.ui.model.row(place).transaction.record for place in (2, 1, 0)]
    desk.alt("S")
    assert desk.file() == b"".join(encode(record) for record in records)
    assert {row[3] for row in desk.rows()} == {"saved"}


def test_a_day_in_french(desk: Desk, closed_desk: Desk) -> None:
    desk.window.end_session()
    i18n.activate("fr")
    closed_desk.open()
    assert closed_desk.window.windowTitle() == "Prêt secouru"
    scan(f"{READER}\r{BOOK}\r")
    assert closed_desk.band == (MessageKind.RECORDED, f"Prêt enregistré {BOOK}")
    assert closed_desk.ui.counter.text() == "1 exemplaire pour ce lecteur"
    closed_desk.alt("S")
    assert closed_desk.band[1] == "1 transaction sauvegardée dans le fichier"
    press(
        Qt.Key.Key_R,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
    )
    assert closed_desk.ui.patron.placeholderText() == "— pas de lecteur pour un retour —"
    assert closed_desk.ui.action.text() == "&Retour"
