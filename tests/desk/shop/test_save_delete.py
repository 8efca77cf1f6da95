"""Save To File and Delete."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, press, scan
from PySide6.QtCore import Qt

from offcirc.core.transaction import Operation
from offcirc.desk.message import MessageKind
from offcirc.storage.journal.journal import Journal, RowState


def states(desk: Desk) -> list[str]:
    """States of the rows, newest first."""
    return [row[3] for row in desk.rows()]


def test_saving_writes_the_file_and_says_how_many(desk: Desk) -> None:
    desk.lend(BOOK, "B2")
    assert desk.ui.status.standing.to_save == "2 to save"
    assert desk.ui.status.standing.pending
    desk.alt("S")
    assert desk.band == (MessageKind.RECORDED, "2 transactions saved to the file")
    assert str(desk.folder / "OffCirc.dat") in desk.detail
    assert states(desk) == ["saved", "saved"]
    assert desk.file().count(b"\r\n") == 2
    standing = desk.ui.status.standing
    assert (standing.to_save, standing.saved) == ("Nothing waits to be saved", "2 saved today")
    assert not standing.pending
    assert standing.file.startswith("OffCirc.dat · last save ")
    assert desk.ui.item.hasFocus()


def test_saving_with_nothing_to_save_says_so_and_touches_nothing(desk: Desk) -> None:
    desk.alt("S")
    assert desk.band == (MessageKind.READY, "Nothing to save")
    assert not (desk.folder / "OffCirc.dat").exists()
    desk.lend(BOOK)
    press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    written = desk.file()
    desk.alt("S")
    assert desk.band == (MessageKind.READY, "Nothing to save")
    assert desk.file() == written


def test_forgetting_to_save_between_readers_is_harmless(desk: Desk) -> None:
    for number in range(4):
        desk.lend(f"A{number}", f"B{number}", to=f"99{number}")
    desk.alt("S")
    items = [line[13:93].strip() for line in desk.file().decode().splitlines()]
    assert items == [f"{letter}{number}" for number in range(4) for letter in "AB"]


def test_the_file_may_be_taken_away_between_two_saves(desk: Desk) -> None:
    desk.lend("B1")
    desk.alt("S")
    (desk.folder / "OffCirc.dat").rename(desk.folder / "collected.dat")
    desk.lend("B2")
    desk.alt("S")
    assert desk.file().count(b"\r\n") == 1, "rows saved before are not written again"
    assert b"B2" in desk.file()
    assert desk.band == (MessageKind.NOTICE, "1 transaction saved to the file")
    assert "moved or deleted" in desk.detail


def test_delete_voids_the_chosen_row(desk: Desk) -> None:
    desk.lend("B1", "B2", "B3")
    desk.ui.list.selectRow(1)
    desk.alt("D")
    assert desk.band == (MessageKind.NOTICE, "Loan deleted B2")
    assert states(desk) == ["pending", "voided", "pending"]
    assert desk.ui.counter.text() == "2 items for this reader"
    assert desk.ui.status.standing.to_save == "2 to save"
    assert desk.ui.list.chosen() is None
    assert desk.ui.item.hasFocus()
    desk.alt("S")
    assert b"B2" not in desk.file()
    assert desk.file().count(b"\r\n") == 2
    assert states(desk) == ["saved", "voided", "saved"]


def test_delete_key_in_the_list_deletes_and_in_a_field_edits(desk: Desk) -> None:
    desk.lend("B1", "B2")
    scan("XY")
    press(Qt.Key.Key_Home)
    press(Qt.Key.Key_Delete)
    assert desk.ui.item.text() == "Y"
    desk.ui.list.setFocus()
    desk.ui.list.selectRow(0)
    press(Qt.Key.Key_Delete)
    assert states(desk) == ["voided", "pending"]


def test_delete_with_nothing_chosen_proposes_the_newest_and_asks_again(desk: Desk) -> None:
    desk.lend("B1", "B2")
    desk.alt("D")
    assert desk.band == (MessageKind.NOTICE, "Delete this one? B2")
    assert states(desk) == ["pending", "pending"]
    assert desk.ui.list.chosen() == 0
    desk.alt("D")
    assert desk.band == (MessageKind.NOTICE, "Loan deleted B2")
    assert states(desk) == ["voided", "pending"]
    desk.alt("D")
    assert desk.band == (MessageKind.NOTICE, "Delete this one? B1"), "a deleted row is not proposed"


def test_a_scan_is_no_answer_to_the_question(desk: Desk) -> None:
    desk.lend("B1", "B2")
    desk.alt("D")
    scan("B3\r")
    pause()
    assert states(desk) == ["pending"] * 3
    desk.alt("D")
    assert desk.band == (MessageKind.NOTICE, "Delete this one? B3"), "asked anew, of the newest"
    assert states(desk) == ["pending"] * 3


def test_a_saved_row_cannot_be_deleted_and_the_band_says_why(desk: Desk) -> None:
    desk.lend("B1")
    desk.window.choose(Operation.RETURN)
    scan("B2\r")
    desk.alt("S")
    written = desk.file()
    for place, word in ((1, "return"), (0, "referent")):
        desk.ui.list.selectRow(place)
        desk.alt("D")
        assert desk.band[0] is MessageKind.NOTICE
        assert desk.band[1].startswith("Already saved")
        assert word in desk.detail
    assert states(desk) == ["saved", "saved"]
    assert desk.file() == written


def test_a_row_is_deleted_once(desk: Desk) -> None:
    desk.lend("B1")
    desk.ui.list.selectRow(0)
    desk.alt("D")
    desk.ui.list.selectRow(0)
    desk.alt("D")
    assert desk.band == (MessageKind.READY, "Already deleted B1")
    assert desk.ui.status.standing.to_save == "Nothing waits to be saved"


def test_delete_on_an_empty_list_says_so(desk: Desk) -> None:
    desk.alt("D")
    assert desk.band == (MessageKind.READY, "Nothing to delete")


def test_a_deleted_row_stays_in_the_journal(desk: Desk) -> None:
    desk.lend("B1")
    desk.ui.list.selectRow(0)
    desk.alt("D")
    desk.window.end_session()
    with Journal.open(desk.folder) as journal:
        (row,) = journal.rows_between(1, 9)
    assert (row.state, row.transaction.item) == (RowState.VOIDED, "B1")


def undo() -> None:
    press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def kept(desk: Desk) -> list[tuple[str, str, str, str]]:
    """What the journal holds of each row: item, state, mark, and which row it brings back."""
    desk.window.end_session()
    with Journal.open(desk.folder) as journal:
        rows = journal.rows_between(1, 99)
        names = {row.transaction.id: row.transaction.item for row in rows}
        return [
            (row.transaction.item, row.state.value, row.odd, names.get(row.restores, ""))
            for row in rows
        ]


def test_undo_after_delete_brings_it_back_and_takes_nothing(desk: Desk) -> None:
    desk.lend("B1", "B2")
    desk.ui.list.selectRow(1)
    desk.alt("D")
    assert desk.band[1] == "Loan deleted B1"
    undo()
    assert desk.band == (MessageKind.RECORDED, "Loan brought back B1")
    assert [(row[1], row[3]) for row in desk.rows()] == [
        ("B1", "pending"),
        ("B2", "pending"),
        ("B1", "voided"),
    ]
    assert desk.ui.status.standing.to_save == "2 to save"
    assert desk.ui.counter.text() == "2 items for this reader"
    undo()
    assert desk.band[1] == "Undone: loan B1"
    assert desk.ui.status.standing.to_save == "1 to save"
    assert kept(desk) == [
        ("B1", "voided", "", ""),
        ("B2", "saved", "", ""),
        ("B1", "voided", "", "B1"),
    ]
    assert desk.file().count(b"\r\n") == 1


def test_what_is_brought_back_has_happened_when_it_did(closed_desk: Desk) -> None:
    at = datetime(2026, 11, 27, 9, 0, 30).astimezone()
    closed_desk.now = lambda: at
    desk = closed_desk.open()
    desk.lend("B1")
    desk.alt("S")
    desk.lend("B2")
    at += timedelta(hours=2)
    desk.ui.list.selectRow(0)
    desk.alt("D")
    undo()
    desk.alt("S")
    lines = desk.file().splitlines()
    assert [line[:12] for line in lines] == [b"202611270900"] * 2


def test_undo_after_a_scan_takes_the_scan_not_the_deletion(desk: Desk) -> None:
    desk.lend("B1", "B2")
    desk.ui.list.selectRow(1)
    desk.alt("D")
    scan("B3\r")
    undo()
    assert desk.band[1] == "Undone: loan B3"


def test_odd_rows_carry_a_mark_and_one_key_takes_them_away(desk: Desk) -> None:
    desk.lend("B1")
    scan("9782070360024\r")
    pause()
    scan("B2\r")
    tip = Qt.ItemDataRole.AccessibleDescriptionRole
    told = [desk.ui.model.data(desk.ui.model.index(row, 1), tip) for row in range(3)]
    assert [bool(text) for text in told] == [False, True, False]
    press(Qt.Key.Key_F8)
    assert desk.band[1] == "Loan deleted 9782070360024"
    press(Qt.Key.Key_F8)
    assert desk.band == (MessageKind.READY, "Nothing to take away")
    undo()
    assert desk.band[1] == "Undone: loan B2", "nothing was deleted by the last key"
    press(Qt.Key.Key_F8)
    assert kept(desk) == [
        ("B1", "saved", "", ""),
        ("9782070360024", "voided", "isbn", ""),
        ("B2", "voided", "", ""),
    ]


def test_f8_can_be_undone(desk: Desk) -> None:
    desk.lend("B1")
    scan("9782070360024\r")
    press(Qt.Key.Key_F8)
    undo()
    assert kept(desk)[2] == ("9782070360024", "saved", "isbn", "9782070360024")


def test_midnight_changes_what_today_means(closed_desk: Desk) -> None:
    evening = datetime(2018, 5, 9, 23, 58, 40).astimezone()
    moment = [evening]
    closed_desk.now = lambda: moment[0]
    desk = closed_desk.open()
    desk.lend("B1")
    desk.alt("S")
    assert desk.ui.status.standing.saved == "1 saved today"
    assert desk.ui.status.standing.clock == "23:58"
    moment[0] = evening + timedelta(minutes=2)
    desk.window.tally.tick()
    assert desk.ui.status.standing.saved == ""
    assert desk.ui.status.standing.clock == "00:00"
    assert desk.ui.status.standing.file == "OffCirc.dat · last save 09/05 23:58"


@pytest.mark.parametrize("file", ["elsewhere/desk2.dat"])
def test_the_file_can_be_another(closed_desk: Desk, file: str) -> None:
    path = closed_desk.folder / file
    path.parent.mkdir()
    closed_desk.dat = path
    desk = closed_desk.open()
    desk.lend(BOOK)
    desk.alt("S")
    assert path.read_bytes().count(b"\r\n") == 1
    assert not (desk.folder / "OffCirc.dat").exists()
    assert READER.encode() in path.read_bytes()
