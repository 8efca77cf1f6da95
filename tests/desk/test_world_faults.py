"""The disk says no: nothing is shown as recorded, nothing acknowledged is lost, work goes on."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, press, scan
from PySide6.QtCore import Qt
from storage.faulty import FaultyDisk, Kind

from offcirc.core.transaction import Transaction
from offcirc.desk.message import MessageKind as Band
from offcirc.disk import durable
from offcirc.storage.journal.journal import Journal, Row
from offcirc.storage.journal.rows import RowNote


@pytest.fixture
def disk(closed_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> FaultyDisk:
    """The desk's disk; the fallback place is on another one, which is well."""
    made = FaultyDisk(closed_desk.folder)
    made.install(monkeypatch)
    return made


@pytest.fixture
def nowhere(closed_desk: Desk) -> Path:
    """The desk's fallback place is none: its name is taken by a file."""
    place = closed_desk.folder.parent / "no folder"
    place.write_text("in the way")
    closed_desk.fallback = place
    return place


def fill(disk: FaultyDisk) -> None:
    """From now on nothing can be written."""
    disk.count, disk.fail_at, disk.kind, disk.for_good = 0, 1, Kind.REFUSED, True


@pytest.mark.promise("work-goes-on-elsewhere")
def test_a_full_disk_is_said_in_red_and_work_goes_on_elsewhere(
    disk: FaultyDisk, desk: Desk
) -> None:
    desk.lend("B1")
    fill(disk)
    scan(f"{BOOK}\r")
    assert desk.band == (Band.RESCUED, f"Loan recorded {BOOK}")
    place = desk.window.store.place
    assert place != desk.folder
    assert str(place) in desk.detail
    assert [row[1] for row in desk.rows()] == [BOOK, "B1"]
    assert desk.ui.item.text() == ""
    assert desk.ui.status.standing.to_save == "2 to save"
    assert "fallback place" in desk.banner
    assert str(place) in desk.banner
    assert "full" in desk.banner
    with Journal.open(place.parent / "other") as other:
        assert other.pending() == []
    rows = sqlite3.connect(f"file:{place / 'journal.db'}?mode=ro", uri=True)
    assert rows.execute("SELECT item FROM transactions").fetchall() == [(BOOK,)]
    rows.close()


@pytest.mark.promise("all-comes-home-by-itself")
def test_back_home_by_itself_and_said_calmly(disk: FaultyDisk, desk: Desk) -> None:
    desk.lend("B1")
    fill(disk)
    desk.lend("B2", "B3")
    disk.heal()
    desk.rounds(until=lambda: not desk.window.caretaker.away)
    assert desk.band == (Band.READY, "Everything is together again")
    assert "2 rows have been brought home" in desk.detail
    assert desk.banner == ""
    scan(f"{BOOK}\r")
    assert desk.band == (Band.RECORDED, f"Loan recorded {BOOK}")
    desk.alt("S")
    assert [line[13:93].strip() for line in desk.file().decode().splitlines()] == [
        "B1",
        "B2",
        "B3",
        BOOK,
    ]
    assert {row[3] for row in desk.rows()} == {"saved"}
    assert desk.ui.status.standing.to_save == "Nothing waits to be saved"
    assert disk.misused == []


def test_what_a_scan_is_told_is_not_covered_by_the_good_news(disk: FaultyDisk, desk: Desk) -> None:
    desk.lend("B1")
    fill(disk)
    scan("B2\r")
    pause()
    scan(f"{'7' * 81}\r")
    refused = desk.band
    assert refused[0] is Band.REFUSED
    disk.heal()
    desk.rounds(until=lambda: not desk.window.caretaker.away)
    assert desk.band == refused
    assert "All is well again" in desk.banner
    desk.rounds(until=lambda: not desk.banner)


def test_nobody_goes_home_while_scans_come(disk: FaultyDisk, desk: Desk) -> None:
    desk.lend("B1")
    fill(disk)
    scan("B2\r")
    disk.heal()
    caretaker = desk.window.caretaker
    for number in range(5):
        scan(f"C{number}\r")
        caretaker.round()
    assert caretaker.away
    desk.rounds(until=lambda: not caretaker.away)


def test_a_save_while_away_brings_home_what_it_can(disk: FaultyDisk, desk: Desk) -> None:
    desk.lend("B1")
    fill(disk)
    desk.lend("B2")
    desk.alt("S")
    assert desk.band == (Band.REFUSED, "The file could not be saved")
    assert "Nothing is lost" in desk.detail
    disk.heal()
    desk.alt("S")
    assert desk.band[1] == "2 transactions saved to the file"
    assert {row[3] for row in desk.rows()} == {"saved"}
    assert desk.file().count(b"\r\n") == 2


def test_a_save_that_failed_is_done_by_itself_later(disk: FaultyDisk, desk: Desk) -> None:
    desk.lend("B1", "B2")
    fill(disk)
    desk.alt("S")
    assert desk.band == (Band.REFUSED, "The file could not be saved")
    disk.heal()
    desk.rounds(until=lambda: desk.file().count(b"\r\n") == 2)
    assert {row[3] for row in desk.rows()} == {"saved"}
    assert desk.ui.status.standing.to_save == "Nothing waits to be saved"


def test_a_start_without_the_data_folder_is_a_start(disk: FaultyDisk, closed_desk: Desk) -> None:
    fill(disk)
    desk = closed_desk.open()
    assert desk.band == (Band.RESCUED, "Go on: the fallback place is in use")
    desk.lend("B1")
    assert desk.band == (Band.RESCUED, "Loan recorded B1")
    assert not desk.close()
    assert "Nothing is lost" in desk.detail
    assert desk.close()
    again = closed_desk.open()
    assert desk.rows() == [("L", "B1", READER, "pending")]
    assert "1 transaction from last time" in desk.detail
    disk.heal()
    again.rounds(until=lambda: not again.window.caretaker.away)
    again.close()
    assert [line[13:93].strip() for line in desk.file().decode().splitlines()] == ["B1"]


def test_rows_left_elsewhere_are_brought_home_at_the_next_start(
    disk: FaultyDisk, closed_desk: Desk
) -> None:
    desk = closed_desk.open().lend("B1")
    fill(disk)
    desk.lend("B2", "B3")
    assert not desk.close()
    assert desk.close()
    disk.heal()
    again = closed_desk.open()
    assert again.band[0] is Band.NOTICE
    assert "2 rows have been brought home" in again.detail
    assert [row[1] for row in again.rows()] == ["B3", "B2", "B1"]
    again.close()
    assert closed_desk.file().count(b"\r\n") == 3


def test_without_any_place_the_scan_is_refused_and_stays(
    nowhere: Path, disk: FaultyDisk, desk: Desk
) -> None:
    desk.lend("B1")
    fill(disk)
    scan(f"{BOOK}\r")
    assert desk.band == (Band.REFUSED, f"NOT recorded {BOOK}")
    assert "full" in desk.detail
    assert [row[1] for row in desk.rows()] == ["B1"]
    assert desk.ui.item.text() == BOOK
    assert desk.ui.item.selectedText() == BOOK
    assert desk.ui.counter.text() == "1 item for this reader"
    assert desk.ui.status.standing.to_save == "1 to save"
    assert "Nothing can be recorded" in desk.banner


def test_work_goes_on_and_what_was_refused_is_not_forgotten(
    nowhere: Path, disk: FaultyDisk, desk: Desk
) -> None:
    desk.lend("B1")
    fill(disk)
    scan(f"{BOOK}\r")
    disk.heal()
    pause()
    scan("B2\r")
    assert desk.band == (Band.RECORDED, "Loan recorded B2")
    assert [each.text for each in desk.window.waitlist.entries] == [BOOK]
    assert desk.ui.status.standing.waiting == "1 still to record"
    assert desk.banner == ""
    scan(f"{BOOK}\r")
    assert desk.band == (Band.RECORDED, f"Loan recorded {BOOK}")
    assert not desk.window.waitlist
    assert [row[1] for row in desk.rows()] == [BOOK, "B2", "B1"]
    desk.window.end_session()
    with Journal.open(desk.folder) as journal:
        assert [row.transaction.item for row in journal.rows_between(1, 9)] == ["B1", "B2", BOOK]


def test_twelve_that_no_disk_took_are_all_recorded_afterwards_by_one_key_each(
    nowhere: Path, disk: FaultyDisk, desk: Desk
) -> None:
    desk.lend("B1")
    fill(disk)
    books = [f"370000341{number:02}" for number in range(12)]
    for book in books:
        scan(f"{book}\r")
    assert [each.text for each in desk.window.waitlist.entries] == books[::-1]
    press(Qt.Key.Key_F2)
    assert desk.band == (Band.REFUSED, f"NOT recorded {books[-1]}")
    assert len(desk.window.waitlist) == 12, "the disk still takes nothing"
    disk.heal()
    desk.window.clear()
    scan("9921000000777\r")
    for left in range(11, -1, -1):
        press(Qt.Key.Key_F2)
        assert desk.band == (Band.RECORDED, f"Loan recorded {books[left]}")
        assert len(desk.window.waitlist) == left
    press(Qt.Key.Key_F2)
    assert desk.rows()[:12] == [("L", book, READER, "pending") for book in books], "their reader"
    assert desk.ui.patron.text() == "9921000000777"
    assert desk.ui.counter.text() == "", "nothing for the reader of now"
    assert desk.ui.status.standing.waiting == ""
    scan("B2\r")
    assert desk.rows()[0] == ("L", "B2", "9921000000777", "pending")


def test_enter_tries_the_same_scan_again(nowhere: Path, disk: FaultyDisk, desk: Desk) -> None:
    desk.lend("B1")
    fill(disk)
    scan(f"{BOOK}\r")
    disk.heal()
    pause()
    scan("\r")
    assert desk.band == (Band.RECORDED, f"Loan recorded {BOOK}")


def test_a_deletion_that_is_not_kept_is_not_shown(
    nowhere: Path, disk: FaultyDisk, desk: Desk
) -> None:
    desk.lend(BOOK)
    desk.ui.list.selectRow(0)
    fill(disk)
    desk.alt("D")
    assert desk.band == (Band.REFUSED, f"NOT deleted {BOOK}")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


def test_rows_are_deleted_wherever_they_are(disk: FaultyDisk, desk: Desk) -> None:
    desk.lend("HERE")
    fill(disk)
    scan("THERE\r")
    desk.window.undo()
    desk.window.undo()
    assert [(row[1], row[3]) for row in desk.rows()] == [("THERE", "voided"), ("HERE", "voided")]
    disk.heal()
    desk.rounds(until=lambda: not desk.window.caretaker.away)
    assert [(row[1], row[3]) for row in desk.rows()] == [("THERE", "voided"), ("HERE", "voided")]
    desk.lend("B3")
    desk.close()
    assert [line[13:93].strip() for line in desk.file().decode().splitlines()] == ["B3"]


@pytest.mark.parametrize("step", ["write", "flush"])
def test_a_save_that_fails_says_so_and_the_next_one_saves_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    desk.lend("B1")
    desk.alt("S")
    before = desk.file()
    desk.lend("B2", "B3")

    def fail(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(durable, step, fail)
        desk.alt("S")
    assert desk.band == (Band.REFUSED, "The file could not be saved")
    assert "full" in desk.detail
    assert "Nothing is lost" in desk.detail
    assert desk.ui.status.standing.to_save == "2 to save"
    assert [row[3] for row in desk.rows()] == ["pending", "pending", "saved"]
    desk.alt("S")
    assert desk.file().startswith(before)
    assert [line[13:93].strip() for line in desk.file().decode().splitlines()] == ["B1", "B2", "B3"]


@pytest.mark.promise("disk-before-screen")
def test_an_order_is_kept_journal_then_list_then_band_then_field(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.lend()
    ui, seen = desk.ui, []
    journal = desk.window.store.keeper._home.journal
    assert journal is not None
    real = journal.keep

    def keep(transaction: Transaction, how: RowNote) -> Row:
        seen.append(("before", ui.model.total(), ui.band.message.kind, ui.item.text()))
        row = real(transaction, how)
        with sqlite3.connect(f"file:{journal.path}?mode=ro", uri=True) as other:
            seen.append(("durable", other.execute("SELECT item FROM transactions").fetchall()))
        other.close()
        return row

    monkeypatch.setattr(journal, "keep", keep)
    ui.model.rowsInserted.connect(
        lambda *_: seen.append(("list", ui.band.message.kind, ui.item.text()))
    )
    ui.item.textChanged.connect(
        lambda text: text or seen.append(("field", ui.model.total(), ui.band.message.kind))
    )
    scan(f"{BOOK}\r")
    assert seen == [
        ("before", 0, Band.READY, BOOK),
        ("durable", [(BOOK,)]),
        ("list", Band.READY, BOOK),
        ("field", 1, Band.RECORDED),
    ]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, check=False, capture_output=True).returncode
    ):
        pytest.skip("only on Linux, and only where a disk may be mounted")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_really_fills_up(closed_desk: Desk, small_disk: Path) -> None:
    closed_desk.folder = small_disk / "data"
    desk = closed_desk.open()
    desk.lend("B1", "B2")
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 512)
        except OSError:
            pass
    recorded = ["B1", "B2"]
    for number in range(400):
        scan(f"FULL{number}\r")
        recorded.append(f"FULL{number}")
        if desk.band[0] is Band.RESCUED:
            break
    assert desk.band == (Band.RESCUED, f"Loan recorded FULL{number}")
    assert "full" in desk.banner
    assert [row[1] for row in desk.rows()] == recorded[::-1]
    filler.unlink()
    desk.rounds(until=lambda: not desk.window.caretaker.away)
    pause()
    scan("AFTER\r")
    recorded.append("AFTER")
    assert desk.band == (Band.RECORDED, "Loan recorded AFTER")
    desk.window.save()
    assert [line[13:93].strip() for line in desk.file().decode().splitlines()] == recorded
    desk.window.end_session()
    with Journal.open(desk.folder) as journal:
        assert [row.transaction.item for row in journal.rows_between(1, 999)] == recorded


def test_a_stick_that_is_pulled_out_gets_its_file_when_it_is_back(
    closed_desk: Desk, tmp_path: Path
) -> None:
    """The journal is on this PC whatever happens to OffCirc.dat."""
    stick = tmp_path / "stick"
    stick.mkdir()
    closed_desk.dat = stick / "OffCirc.dat"
    desk = closed_desk.open().lend("B1")
    stick.rename(tmp_path / "pulled")
    desk.alt("S")
    assert desk.band == (Band.REFUSED, "The file could not be saved")
    assert "OffCirc.dat cannot be written at present" in desk.banner
    desk.lend("B2")
    assert desk.band == (Band.RECORDED, "Loan recorded B2")
    (tmp_path / "pulled").rename(stick)
    desk.rounds(until=(stick / "OffCirc.dat").exists)
    assert "OffCirc.dat cannot be written" not in desk.banner
    assert {row[3] for row in desk.rows()} == {"saved"}
    desk.close()
    assert (stick / "OffCirc.dat").read_bytes().count(b"\r\n") == 2
