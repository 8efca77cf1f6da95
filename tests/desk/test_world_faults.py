"""The disk says no: nothing is shown as recorded, nothing acknowledged is lost, work goes on."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, scan

from offcirc.desk.band import Kind
from offcirc.storage import durable
from offcirc.storage.journal import Journal


class Disk:
    """Lets an SQLite connection fail as a disk does.

    Attributes:
        full: whether the disk is full now.
    """

    def __init__(self) -> None:
        self.full = False


@pytest.fixture
def disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The desk's journal on a disk that can be made full."""
    disk = Disk()
    journal = desk.window._store._journal
    assert journal is not None
    real: Callable[..., object] = journal._database.execute

    def execute(*arguments: object) -> object:
        if disk.full:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return real(*arguments)

    monkeypatch.setattr(journal._database, "execute", execute)
    return disk


def test_a_full_disk_is_said_in_red_and_the_scan_stays(desk: Desk, disk: Disk) -> None:
    desk.lend("B1")
    disk.full = True
    scan(f"{BOOK}\r")
    assert desk.band == (Kind.REFUSED, f"NOT recorded {BOOK}")
    assert "full" in desk.detail
    assert [row[1] for row in desk.rows()] == ["B1"]
    assert desk.ui.item.text() == BOOK
    assert desk.ui.item.selectedText() == BOOK
    assert desk.ui.counter.text() == "1 item for this reader"
    assert desk.ui.status.standing.to_save == "1 to save"


def test_work_goes_on_and_what_was_refused_is_not_forgotten(desk: Desk, disk: Disk) -> None:
    desk.lend("B1")
    disk.full = True
    scan(f"{BOOK}\r")
    disk.full = False
    pause()
    scan("B2\r")
    assert desk.band == (Kind.NOTICE, "Loan recorded B2")
    assert f"{BOOK} is still not recorded" in desk.detail
    scan(f"{BOOK}\r")
    assert desk.band == (Kind.RECORDED, f"Loan recorded {BOOK}")
    assert [row[1] for row in desk.rows()] == [BOOK, "B2", "B1"]
    desk.window.end_session()
    with Journal.open(desk.folder) as journal:
        assert [row.transaction.item for row in journal.rows_between(1, 9)] == ["B1", "B2", BOOK]


def test_enter_tries_the_same_scan_again(desk: Desk, disk: Disk) -> None:
    desk.lend("B1")
    disk.full = True
    scan(f"{BOOK}\r")
    disk.full = False
    pause()
    scan("\r")
    assert desk.band == (Kind.RECORDED, f"Loan recorded {BOOK}")


def test_a_deletion_that_is_not_kept_is_not_shown(desk: Desk, disk: Disk) -> None:
    desk.lend(BOOK)
    desk.ui.list.selectRow(0)
    disk.full = True
    desk.alt("D")
    assert desk.band == (Kind.REFUSED, f"NOT deleted {BOOK}")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


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
    assert desk.band == (Kind.REFUSED, "The file could not be saved")
    assert "full" in desk.detail
    assert "Nothing is lost" in desk.detail
    assert desk.ui.status.standing.to_save == "2 to save"
    assert [row[3] for row in desk.rows()] == ["pending", "pending", "saved"]
    desk.alt("S")
    assert desk.file().startswith(before)
    assert [line[13:93].strip() for line in desk.file().decode().splitlines()] == ["B1", "B2", "B3"]


def test_an_order_is_kept_journal_then_list_then_band_then_field(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.lend()
    ui, seen = desk.ui, []
    journal = desk.window._store._journal
    assert journal is not None
    real = journal.append

    def append(transaction: object) -> int:
        seen.append(("before", ui.model.total(), ui.band.message.kind, ui.item.text()))
        number = real(transaction)
        with sqlite3.connect(f"file:{journal.path}?mode=ro", uri=True) as other:
            seen.append(("durable", other.execute("SELECT item FROM transactions").fetchall()))
        other.close()
        return number

    monkeypatch.setattr(journal, "append", append)
    ui.model.rowsInserted.connect(
        lambda *_: seen.append(("list", ui.band.message.kind, ui.item.text()))
    )
    ui.item.textChanged.connect(
        lambda text: text or seen.append(("field", ui.model.total(), ui.band.message.kind))
    )
    scan(f"{BOOK}\r")
    assert seen == [
        ("before", 0, Kind.READY, BOOK),
        ("durable", [(BOOK,)]),
        ("list", Kind.READY, BOOK),
        ("field", 1, Kind.RECORDED),
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
        if desk.band[0] is Kind.REFUSED:
            break
        recorded.append(f"FULL{number}")
    assert desk.band == (Kind.REFUSED, f"NOT recorded FULL{number}")
    assert "full" in desk.detail
    assert [row[1] for row in desk.rows()] == recorded[::-1]
    filler.unlink()
    pause()
    scan(f"FULL{number}\r")
    recorded.append(f"FULL{number}")
    assert desk.band == (Kind.RECORDED, f"Loan recorded FULL{number}")
    desk.window.save()
    assert [line[13:93].strip() for line in desk.file().decode().splitlines()] == recorded
    desk.window.end_session()
