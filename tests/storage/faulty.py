"""A disk that fails at the n-th write or flush, and says which handles it failed on.

Files fail below :mod:`offcirc.disk.durable`, databases at the statement: *refused* ones do
nothing, *kept* ones reach the disk and yet report an error, as a failed flush may.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from storage.desk_kit import CrashError

from offcirc.disk import durable

WRITES = ("INSERT", "COMMIT", "BEGIN", "CREATE", "ALTER", "PRAGMA wal_checkpoint")


class Kind(StrEnum):
    REFUSED = "refused"
    KEPT = "kept"
    CRASH = "crash"
    CRASH_AFTER = "crash-after"


class FaultyDisk:
    """Everything below one folder.

    Attributes:
        count: writes and flushes so far.
        fail_at: the number of the one that fails; 0: none.
        for_good: whether all the following ones fail too, until :meth:`heal`.
        kind: how.
        misused: what was written over a handle that had failed before.
        seen: what was written, for a look.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self.fail_at = 0
        self.for_good = False
        self.kind = Kind.REFUSED
        self.misused: list[str] = []
        self.seen: list[str] = []
        self._paths: dict[int, Path] = {}

    def heal(self) -> None:
        self.fail_at = 0

    def is_due(self, path: Path | None, what: str) -> bool:
        if path is None or not path.is_relative_to(self.folder):
            return False
        self.count += 1
        self.seen.append(f"{what} {path.name}")
        if not self.fail_at:
            return False
        return self.count >= self.fail_at if self.for_good else self.count == self.fail_at

    def install(self, patch: pytest.MonkeyPatch) -> None:
        disk = self
        real_open, real_write, real_flush = durable.open_private, durable.write, durable.flush

        def open_private(path: Path, flags: int) -> int:
            fd = real_open(path, flags)
            disk._paths[fd] = Path(path)
            return fd

        def write(fd: int, data: bytes) -> int:
            if disk.is_due(disk._paths.get(fd), "write"):
                if disk.kind is Kind.CRASH:
                    os.write(fd, data[: len(data) // 2])
                    raise CrashError
                if disk.kind is Kind.CRASH_AFTER:
                    os.write(fd, data)
                    raise CrashError
                if disk.kind is Kind.KEPT:
                    return os.write(fd, data[: len(data) // 2])
                raise OSError(errno.ENOSPC, "No space left on device")
            return real_write(fd, data)

        def flush(fd: int) -> None:
            path = disk._paths.get(fd)
            if path is not None and not os.path.samestat(os.fstat(fd), _stat(path)):
                path = None  # the number belongs to another file now
            if disk.is_due(path, "flush"):
                if disk.kind in {Kind.CRASH, Kind.CRASH_AFTER}:
                    raise CrashError
                raise OSError(errno.EIO, "Input/output error")
            real_flush(fd)

        patch.setattr(durable, "open_private", open_private)
        patch.setattr(durable, "write", write)
        patch.setattr(durable, "flush", flush)
        real_connect = sqlite3.connect

        def connect(path: str | Path, **options: object) -> sqlite3.Connection:
            made: FaultyConnection = real_connect(path, factory=FaultyConnection, **options)
            made.disk, made.path = disk, _place(path)
            return made

        patch.setattr(sqlite3, "connect", connect)


class FaultyConnection(sqlite3.Connection):
    disk: FaultyDisk
    path: Path
    failed = False

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        if not sql.startswith(WRITES):
            return super().execute(sql, *values)
        if self.failed:
            self.disk.misused.append(sql)
        if not self.disk.is_due(self.path, sql.split("(", 1)[0][:30]):
            return super().execute(sql, *values)
        kind = self.disk.kind
        if kind in {Kind.KEPT, Kind.CRASH_AFTER}:
            super().execute(sql, *values)
        if kind in {Kind.CRASH, Kind.CRASH_AFTER}:
            raise CrashError
        self.failed = True
        error = sqlite3.OperationalError("disk I/O error")
        full = kind is Kind.REFUSED
        error.sqlite_errorcode = sqlite3.SQLITE_FULL if full else sqlite3.SQLITE_IOERR_FSYNC
        raise error


def _place(path: str | Path) -> Path:
    """Where a database lies that is named by an address: Windows' ones have a drive in them."""
    text = str(path)
    return Path(url2pathname(urlsplit(text).path) if text.startswith("file:") else text)


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError:
        return Path(os.devnull).stat()


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory, where there is such a disk: what fails here fails by our own hand."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def count_of(day: Callable[[FaultyDisk], object]) -> int:
    """How many writes and flushes a day takes when nothing fails."""
    with quick_folder() as folder, pytest.MonkeyPatch.context() as patch:
        disk = FaultyDisk(folder)
        disk.install(patch)
        day(disk)
        return disk.count
