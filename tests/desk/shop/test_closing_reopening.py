"""Nothing is lost by closing, by a crash, or by the power going."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, press, scan
from helpers.rights import is_closed
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, record_now
from offcirc.desk.message import MessageKind
from offcirc.desk.shop.store import DeskStore
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal


@pytest.mark.promise("closing-saves")
def test_closing_saves_what_is_pending(desk: Desk) -> None:
    desk.lend(BOOK, "B2")
    assert desk.close()
    assert desk.file().count(b"\r\n") == 2
    with Journal.open(desk.folder) as journal:
        assert journal.pending() == []


def test_the_close_button_is_the_windows_cross(desk: Desk, qtbot: QtBot) -> None:
    desk.lend(BOOK)
    with qtbot.waitSignal(desk.window.closed):
        press(Qt.Key.Key_O, Qt.KeyboardModifier.AltModifier)
    assert desk.file().count(b"\r\n") == 1


def test_closing_with_nothing_pending_makes_no_file(desk: Desk) -> None:
    assert desk.close()
    assert not (desk.folder / "OffCirc.dat").exists()


def test_closing_lets_the_folder_go(desk: Desk) -> None:
    desk.lend(BOOK)
    desk.close()
    Journal.open(desk.folder).close()


def test_something_in_the_item_field_is_asked_about_once(desk: Desk) -> None:
    desk.lend("B1")
    scan("NOT-RECORDED")
    pause()
    assert not desk.close()
    assert desk.band == (MessageKind.NOTICE, "Not recorded yet NOT-RECORDED")
    assert desk.close(), "the second time it is left"
    assert b"NOT-RECORDED" not in desk.file()
    assert desk.file().count(b"\r\n") == 1


def test_what_was_asked_about_can_be_recorded_instead(desk: Desk) -> None:
    desk.lend()
    scan("TYPED")
    pause()
    assert not desk.close()
    scan("\r")
    assert desk.rows() == [("L", "TYPED", READER, "pending")]
    assert desk.close()
    assert desk.file().count(b"\r\n") == 1


@pytest.mark.promise("a-failed-save-stops-closing-once")
def test_a_file_that_cannot_be_saved_stops_the_first_close_only(desk: Desk, qtbot: QtBot) -> None:
    desk.lend(BOOK)
    (desk.folder / "OffCirc.dat").mkdir()
    assert not desk.close()
    assert desk.band == (MessageKind.REFUSED, "The file could not be saved")
    assert "Nothing is lost" in desk.detail
    assert "Close again" in desk.detail
    assert desk.window.isVisible()
    assert desk.close()
    with Journal.open(desk.folder) as journal:
        assert [row.transaction.item for row in journal.pending()] == [BOOK]


def test_after_a_refused_close_work_goes_on_and_the_next_close_asks_again(desk: Desk) -> None:
    desk.lend(BOOK)
    blocker = desk.folder / "OffCirc.dat"
    blocker.mkdir()
    assert not desk.close()
    scan("B2\r")
    assert desk.band == (MessageKind.RECORDED, "Loan recorded B2")
    assert not desk.close()
    blocker.rmdir()
    assert desk.close()
    assert desk.file().count(b"\r\n") == 2


def test_logging_out_saves_and_asks_nothing(desk: Desk) -> None:
    desk.lend(BOOK)
    scan("NOT-RECORDED")
    pause()
    desk.window.save_quietly()
    assert desk.file().count(b"\r\n") == 1
    desk.window.end_session()
    assert not desk.window.isVisible()


@pytest.mark.promise("a-crash-gives-rows-back")
def test_rows_of_a_crash_are_back_with_a_calm_word(closed_desk: Desk) -> None:
    with Journal.open(closed_desk.folder) as journal:
        for item in ("B1", "B2"):
            journal.append(record_now(datetime.now().astimezone(), Operation.LOAN, item, READER))
    desk = closed_desk.open()
    assert desk.band == (MessageKind.NOTICE, "2 transactions from last time are back")
    assert [row[1] for row in desk.rows()] == ["B2", "B1"]
    assert desk.ui.status.standing.to_save == "2 to save"
    desk.alt("S")
    assert desk.file().count(b"\r\n") == 2


def test_todays_saved_rows_are_in_the_list_again_and_yesterdays_are_not(closed_desk: Desk) -> None:
    now = datetime.now().astimezone()
    with Journal.open(closed_desk.folder) as journal:
        journal.append(record_now(now - timedelta(days=1), Operation.RETURN, "OLD"))
        journal.append(record_now(now, Operation.RETURN, "NEW"))
        DatWriter(journal).save()
        journal.append(record_now(now - timedelta(days=2), Operation.RETURN, "WAITS"))
    desk = closed_desk.open()
    assert [(row[1], row[3]) for row in desk.rows()] == [("WAITS", "pending"), ("NEW", "saved")]
    assert desk.ui.status.standing.saved == "1 saved today"
    assert "last save" in desk.ui.status.standing.file
    day = now - timedelta(days=2)
    assert desk.ui.model.index(0, 0).data() == f"{day:%d/%m %H:%M}"


def test_an_interrupted_save_is_mended_and_told(closed_desk: Desk) -> None:
    """The power goes while the file is being written."""
    desk = closed_desk.open()
    desk.lend("B1", "B2")
    desk.alt("S")
    desk.lend("B3")
    # What a cut during the next save leaves: the save is noted, half a line is in the file.
    journal = desk.window.store.keeper._home.journal
    assert journal is not None
    row = desk.ui.model.row(0)
    whole = desk.file()
    line = encode(row.transaction.record)
    last = journal.saves.last()
    assert last is not None
    name = last.path
    journal.saves.begin(journal.saves.state(name), name, line, [row.seq])
    (desk.folder / "OffCirc.dat").write_bytes(whole + line[:40])
    desk.window.store.close()
    desk.window.tally.pending = 0
    desk.window.end_session()
    desk = closed_desk.open()
    assert desk.band[0] is MessageKind.NOTICE
    assert desk.band[1] == "OffCirc.dat was checked"
    assert "OffCirc.dat" in desk.detail
    assert desk.rows()[0] == ("L", "B3", READER, "saved"), "it was written again"
    desk.window.save()
    assert desk.file() == whole + line


def test_a_file_that_cannot_be_checked_does_not_stop_the_desk(closed_desk: Desk) -> None:
    (closed_desk.folder / "OffCirc.dat").mkdir()
    desk = closed_desk.open()
    assert desk.band[0] is MessageKind.NOTICE
    assert "not an ordinary file" in desk.detail
    desk.lend(BOOK)
    assert desk.band == (MessageKind.RECORDED, f"Loan recorded {BOOK}")


def test_a_journal_of_a_later_version_is_not_touched_and_work_goes_on(closed_desk: Desk) -> None:
    Journal.open(closed_desk.folder).close()
    with sqlite3.connect(closed_desk.folder / "journal.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = (closed_desk.folder / "journal.db").read_bytes()
    desk = closed_desk.open()
    assert desk.band == (MessageKind.RESCUED, "Go on: the fallback place is in use")
    assert "newer version" in desk.banner
    scan(f"{READER}\r{BOOK}\r")
    assert desk.band == (MessageKind.RESCUED, f"Loan recorded {BOOK}")
    assert desk.close() or desk.close()
    assert (closed_desk.folder / "journal.db").read_bytes() == before


def test_a_folder_that_comes_back_is_used_again(closed_desk: Desk) -> None:
    where = closed_desk.folder
    closed_desk.folder = where / "stick" / "data"
    (where / "stick").write_text("not a folder yet")
    desk = closed_desk.open()
    assert desk.band == (MessageKind.RESCUED, "Go on: the fallback place is in use")
    scan(f"{READER}\r{BOOK}\r")
    assert desk.band == (MessageKind.RESCUED, f"Loan recorded {BOOK}")
    (where / "stick").unlink()
    desk.rounds(until=lambda: not desk.window.caretaker.away)
    assert desk.rows() == [("L", BOOK, READER, "pending")]
    assert desk.close()
    with Journal.open(closed_desk.folder) as journal:
        assert [row.transaction.item for row in journal.rows_between(1, 9)] == [BOOK]


def test_without_any_place_each_scan_tries_again(closed_desk: Desk) -> None:
    where = closed_desk.folder
    closed_desk.folder = where / "stick" / "data"
    closed_desk.fallback = where / "stick"
    (where / "stick").write_text("not a folder yet")
    desk = closed_desk.open()
    assert desk.band == (MessageKind.REFUSED, "Nothing can be recorded yet")
    scan(f"{READER}\r{BOOK}\r")
    assert desk.rows() == []
    (where / "stick").unlink()
    pause()
    scan(f"{BOOK}\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


def test_without_any_place_it_is_tried_again_by_itself(closed_desk: Desk) -> None:
    where = closed_desk.folder
    closed_desk.folder = where / "stick" / "data"
    closed_desk.fallback = where / "stick"
    (where / "stick").write_text("not a folder yet")
    desk = closed_desk.open()
    (where / "stick").unlink()
    desk.rounds(until=lambda: desk.window.store.is_open)
    assert desk.band[0] is MessageKind.READY


def test_two_stores_on_one_folder_are_refused(desk: Desk) -> None:
    from offcirc.desk.shop.store import InUseError

    with pytest.raises(InUseError, match="already open"):
        DeskStore(desk.folder).open(datetime.now().astimezone())


@pytest.mark.promise("files-are-their-owners-alone")
def test_files_are_for_their_owner_only(desk: Desk) -> None:
    desk.lend(BOOK)
    desk.alt("S")
    for path in desk.folder.rglob("*"):
        assert is_closed(path, desk.folder), path
    assert isinstance(desk.folder, Path)
