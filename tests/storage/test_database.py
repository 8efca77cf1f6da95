"""A database: opened by several at once, kept from all but SQLite, judged before it is touched."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path, PureWindowsPath

import pytest
from helpers import raw

from offcirc.cli.files.check import opened
from offcirc.cli.frame.exits import Stop
from offcirc.disk.database import _uri, is_sound, reading
from offcirc.disk.errors import Fault, NewerSchemaError, StorageError
from offcirc.practice import state
from offcirc.storage.journal.journal import Journal
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.schema import LEDGER
from offcirc.upload.alma.almareport import read_alma_report
from offcirc.upload.base.errors import NotAlmaReportError, UploadError
from offcirc.upload.followup.slips import read_patrons
from offcirc.upload.lines.datread import open_dat

AT_ONCE = 8


def test_a_new_ledger_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """The uploader's window reads it from several threads as soon as it opens."""
    for round_ in range(6):
        path = tmp_path / str(round_) / "ledger.db"
        path.parent.mkdir()
        together = threading.Barrier(AT_ONCE)

        def open_it(path: Path = path, together: threading.Barrier = together) -> int:
            together.wait()
            with Ledger(path) as ledger:
                return len(ledger.uploads())

        with ThreadPoolExecutor(AT_ONCE) as threads:
            found = [threads.submit(open_it) for _ in range(AT_ONCE)]
            assert [each.result() for each in found] == [0] * AT_ONCE


ELSEWHERE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("SELECT * FROM sqlite_master").fetchall()
database.close()
"""
"""What ``offcirc jobs`` does, or a look from a shell: open, read, close."""


def _look_from_elsewhere(path: Path) -> None:
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(path)], check=True)


def _history(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.uploads()


def _check_file(path: Path) -> None:
    with suppress(UploadError):
        open_dat(path, path.name)[0].close()
    with suppress(NotAlmaReportError):
        read_alma_report(path)
    with suppress(UploadError):
        read_patrons(path)
    with suppress(Stop), opened(path):
        pass


def _read(path: Path) -> None:
    with reading(path) as database:
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    with reading(path, still=True):
        pass
    with suppress(StorageError):
        is_sound(path, LEDGER)


def _by_a_link(path: Path) -> None:
    link = path.parent / "a link.dat"
    link.symlink_to(path)
    _check_file(link)


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX does a closing drop locks")
@pytest.mark.parametrize("kind", ["ledger", "journal", "practice"])
@pytest.mark.parametrize("beside", [_history, _check_file, _read, _by_a_link])
def test_nothing_done_beside_it_takes_the_log_from_a_writer(
    tmp_path: Path, kind: str, beside: Callable[[Path], None]
) -> None:
    """What somebody else in this process does, then another program that closes as if last."""
    path = tmp_path / f"{kind}.db"
    with ExitStack() as stack:
        if kind == "ledger":
            database = stack.enter_context(Ledger(path)).database.conn
        elif kind == "journal":
            database = stack.enter_context(Journal.open(tmp_path)).database.conn
        else:
            database = state.connect(path)
            stack.callback(database.close)
            database.execute("CREATE TABLE facts (name)")
        log = Path(f"{path}-wal")
        before = log.stat().st_ino
        with suppress(StorageError):  # a journal is no ledger, and is left alone
            beside(path)
        _look_from_elsewhere(path)
        assert log.exists()
        assert log.stat().st_ino == before
        database.execute("CREATE TABLE more (number)")
        assert log.stat().st_size > 0


@pytest.mark.skipif(os.name == "nt", reason="modes of files are only on POSIX")
def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with Ledger(tmp_path / "ledger.db") as ledger:
            ledger.uploads()
            modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    finally:
        os.umask(old)
    assert modes == dict.fromkeys(("ledger.db", "ledger.db-wal", "ledger.db-shm"), 0o600)


@pytest.mark.parametrize("content", [b"hello", b"x" * 5000, b"SQLite format 3\0" + b"x" * 4000])
def test_what_is_no_database_is_not_touched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(StorageError) as caught:
        Ledger(path)
    assert caught.value.fault is Fault.NOT_OURS
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_database_of_a_newer_version_and_its_log_are_not_touched(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    here.mkdir()
    with Ledger(there / "ledger.db") as ledger:
        ledger.database.execute("PRAGMA user_version = 99")
        ledger.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ledger.database.execute("CREATE TABLE tomorrow (number)")
        for name in ("ledger.db", "ledger.db-wal"):  # as a power cut leaves them
            (here / name).write_bytes(raw(there / name))
    before = {each.name: each.read_bytes() for each in here.iterdir()}
    with pytest.raises(NewerSchemaError):
        Ledger(here / "ledger.db")
    assert {each.name: each.read_bytes() for each in here.iterdir()} == before


def test_a_share_is_no_host_to_sqlite() -> None:
    assert _uri(PureWindowsPath(r"\\server\share\a b.db")) == "file:////server/share/a%20b.db"
    assert _uri(PureWindowsPath(r"C:\data\ledger.db")) == "file:///C:/data/ledger.db"
