"""What the system says of files in use, pulled sticks and lost shares, in Windows' numbers too."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from offcirc.disk import durable, errors, reasons, windowserror
from offcirc.disk.errors import Fault, Lost, StorageError, describe, from_os, from_sqlite
from offcirc.settings import save
from offcirc.settings.load import load
from offcirc.storage.copies.collection import Collection

PATH = Path("folder") / "OffCirc.dat"


def refused(code: int, number: int = 0) -> OSError:
    """What a call of Windows itself raises."""
    error = OSError(code, os.strerror(code))
    if number:
        error.winerror = number
    return error


@pytest.fixture
def c_library(monkeypatch):
    """Says what the C library of Windows knows of the last failure."""

    def say(number: int) -> None:
        monkeypatch.setattr(windowserror, "last_of_c_library", lambda: number)

    return say


@pytest.mark.parametrize(
    ("code", "number", "fault", "gone"),
    [
        (errno.EACCES, 32, Fault.BUSY, Lost.NAME),
        (errno.EACCES, 33, Fault.BUSY, Lost.NAME),
        (errno.EINVAL, 1224, Fault.BUSY, Lost.NAME),
        (errno.EACCES, 5, Fault.DENIED, Lost.NAME),
        (errno.EACCES, 19, Fault.READ_ONLY, Lost.NAME),
        (errno.EACCES, 21, Fault.VANISHED, Lost.DRIVE),
        (errno.EINVAL, 1167, Fault.VANISHED, Lost.DRIVE),
        (errno.EBADF, 1167, Fault.VANISHED, Lost.DRIVE),  # from a flush
        (errno.ENOENT, 2, Fault.VANISHED, Lost.NAME),
        *(
            (code, number, Fault.VANISHED, Lost.SHARE)
            for code, number in [
                *((errno.ENOENT, 53), (errno.ENOENT, 67), (errno.EINVAL, 59), (errno.EINVAL, 64)),
                *((errno.EINVAL, 121), (errno.EINVAL, 1231), (errno.EINVAL, 1232)),
            ]
        ),
    ],
)
def test_the_c_library_of_windows_is_asked_what_really_happened(
    c_library, code, number, fault, gone
):
    c_library(number)
    error = from_os(refused(code), PATH)
    assert (error.fault, error.lost) == (fault, gone)
    assert from_os(refused(code, number), PATH).fault is fault  # said by Windows itself


def test_an_older_failure_is_not_taken_for_this_one(c_library):
    c_library(32)
    assert from_os(refused(errno.ENOENT), PATH).fault is Fault.VANISHED
    assert from_os(refused(errno.ENOSPC), PATH).fault is Fault.DISK_FULL


@pytest.mark.parametrize(
    ("name", "fault", "gone"),
    [
        *((name, Fault.VANISHED, Lost.DRIVE) for name in ("ENODEV", "ENXIO")),
        *((name, Fault.VANISHED, Lost.SHARE) for name in ("EHOSTUNREACH", "ENETDOWN", "ETIMEDOUT")),
        *((name, Fault.VANISHED, Lost.SHARE) for name in ("ESTALE", "EHOSTDOWN", "ENOTCONN")),
        ("EIO", Fault.BROKEN_DISK, Lost.NAME),
        ("ETXTBSY", Fault.BUSY, Lost.NAME),
    ],
)
def test_the_same_on_other_systems(name, fault, gone):
    code = getattr(errno, name, None)
    if code is None:
        pytest.skip(f"this system has no {name}")
    error = from_os(refused(code), PATH)
    assert (error.fault, error.lost) == (fault, gone)


def test_each_is_told_in_its_own_words(c_library):
    told = {}
    for number in (5, 32, 21, 53):
        c_library(0)
        told[number] = describe(from_os(refused(errno.EACCES, number), PATH))
    assert "not allowed" in told[5]
    assert "in use by another program. Close it there" in told[32]
    assert "drive that is not connected" in told[21]
    assert "network folder does not answer" in told[53]
    assert "another program has it open" in reasons.why(refused(errno.EACCES, 32), PATH)
    assert "drive is not connected" in reasons.why(refused(errno.EACCES, 21), PATH)
    assert "network folder" in reasons.why(refused(errno.EINVAL, 64), PATH)
    assert "no such file" in reasons.why(refused(errno.ENOENT), PATH)


def test_a_folder_that_was_opened_as_a_file(c_library, tmp_path):
    c_library(5)
    assert from_os(refused(errno.EACCES), tmp_path).fault is Fault.NOT_A_FILE
    assert "this is a folder" in reasons.why(refused(errno.EACCES), tmp_path)
    assert from_os(refused(errno.EACCES), tmp_path / "file").fault is Fault.DENIED


def test_a_path_that_is_too_long_is_not_called_missing(c_library, tmp_path):
    c_library(3)
    deep = Path("C:\\" + "folder\\" * 40) / "OffCirc.dat"
    assert from_os(refused(errno.ENOENT), deep).fault is Fault.NAME_TOO_LONG
    assert from_os(refused(errno.ENOENT), Path("x.dat")).fault is Fault.VANISHED
    assert from_os(refused(errno.ENOENT, 206), Path("x.dat")).fault is Fault.NAME_TOO_LONG


def test_a_database_that_another_program_holds(monkeypatch, tmp_path):
    cause = sqlite3.OperationalError("unable to open database file")
    cause.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    monkeypatch.setattr(windowserror, "is_held", lambda path: path.name == "ledger.db")
    assert from_sqlite(cause, tmp_path / "ledger.db").fault is Fault.BUSY
    assert from_sqlite(cause, tmp_path / "journal.db").fault is Fault.DENIED


def test_a_database_whose_drive_has_gone(tmp_path):
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorcode = sqlite3.SQLITE_IOERR | 4 << 8
    assert from_sqlite(cause, tmp_path / "gone" / "journal.db").fault is Fault.VANISHED
    assert from_sqlite(cause, tmp_path / "journal.db").fault is Fault.BROKEN_DISK


class Reader:
    """Another program that has a file open for some attempts, as Windows tells of it."""

    def __init__(self, patch: pytest.MonkeyPatch, attempts: float) -> None:
        self.left = attempts
        self.waited: list[float] = []
        self._replace, self._open = os.replace, os.open
        patch.setattr(os, "replace", self.replace)
        patch.setattr(os, "open", self.open)
        patch.setattr(windowserror, "is_held", lambda _path: self.left > 0)
        patch.setattr(durable.time, "sleep", self.waited.append)

    def replace(self, source, path) -> None:
        if self.left > 0:
            self.left -= 1
            raise refused(errno.EACCES, 5)
        self._replace(source, path)

    def open(self, path, flags, *more, **named) -> int:
        if str(path).endswith(".dat") and self.left > 0:
            self.left -= 1
            raise refused(errno.EACCES, 32)
        return self._open(path, flags, *more, **named)


def test_a_scanner_that_looks_at_a_file_for_a_moment_is_waited_for(monkeypatch, tmp_path):
    report = tmp_path / "report.html"
    report.write_bytes(b"old")
    reader = Reader(monkeypatch, 3)
    durable.replace(report, b"new")
    assert report.read_bytes() == b"new"
    assert len(reader.waited) == 3


@pytest.mark.promise("busy-is-told")
@pytest.mark.parametrize("kind", ["report", "copy", "settings"])
def test_a_file_that_stays_open_elsewhere_is_told_so_soon(monkeypatch, tmp_path, kind):
    reader = Reader(monkeypatch, float("inf"))
    if kind == "settings":
        settings = load(environment={}, site=tmp_path / "site.toml", user=tmp_path / "user.toml")
        with pytest.raises(OSError, match="denied") as raised:
            save.store(settings, {"desk.name": "Desk 2"})
        told = reasons.why(raised.value, tmp_path / "user.toml")
    else:
        copies = Collection(tmp_path, "desk", lambda: None)
        write = {
            "report": lambda: durable.replace(tmp_path / "report.html", b"new"),
            "copy": lambda: copies.write(tmp_path / "copy.dat", [b"x"]),
        }[kind]
        with pytest.raises(StorageError) as caught:
            write()
        assert caught.value.fault is Fault.BUSY
        told = describe(caught.value)
    assert "another program" in told
    assert 0 < sum(reader.waited) < 1
    assert not list(tmp_path.glob("*.tmp"))


def test_opening_for_writing_waits_too_and_nothing_else_does(monkeypatch, tmp_path):
    reader = Reader(monkeypatch, 2)
    os.close(durable.open_private(tmp_path / "OffCirc.dat", os.O_WRONLY | os.O_CREAT))
    assert len(reader.waited) == 2
    with pytest.raises(FileNotFoundError):
        durable.open_private(tmp_path / "nowhere" / "OffCirc.txt", os.O_WRONLY)
    assert len(reader.waited) == 2


def test_windows_itself(tmp_path):
    """The real numbers, where there are any."""
    if os.name != "nt":
        pytest.skip("only on Windows")
    from offcirc.disk.windowserror import is_held

    file = tmp_path / "OffCirc.dat"
    file.write_bytes(b"x")
    assert not is_held(file)
    with file.open("rb"):
        assert is_held(file)
        with pytest.raises(StorageError) as raised:
            durable.replace(file, b"y")
    assert raised.value.fault is Fault.BUSY
    durable.replace(file, b"y")
    with pytest.raises(StorageError) as folder, errors.wording(tmp_path):
        tmp_path.open("rb")
    assert folder.value.fault is Fault.NOT_A_FILE
