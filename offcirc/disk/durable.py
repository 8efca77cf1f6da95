"""Files that are on the disk when we say so, and readable by their owner only.

In a folder that gives what is made in it to its group (setgid), the group may do with a file what
it may do with the folder: so several accounts of a PC work in one data folder.

Every write and flush of this room goes through :func:`write` and :func:`flush`.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from offcirc.disk import access, windowserror
from offcirc.disk.errors import Fault, StorageError, fault_of, from_os, wording

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_GROUP_FILE = 0o060
_GROUP_FOLDER = 0o070

_DATABASES = frozenset(
    f"{name}.db{beside}"
    for name in ("journal", "ledger", "practice", "registrations")
    for beside in ("", "-wal", "-shm")
)

_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0)

# What file systems answer that cannot flush a folder; the file itself has been flushed.
_NO_FOLDER_FLUSH = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}


_WAITS = (0.01, 0.02, 0.04, 0.08, 0.15, 0.3)
"""Seconds between attempts on a file that is in use: for that long virus scanners, indexers and
programs that synchronise look at what has just been written."""

_Result = TypeVar("_Result")


class AppendError(StorageError):
    """Bytes could not be added to a file.

    Attributes:
        cut_back: the file durably has its old length again; when false, what it holds beyond that
            is not known until it is looked at.
    """

    def __init__(self, error: StorageError, *, cut_back: bool) -> None:
        super().__init__(error.fault, error.path, error.cause)
        self.cut_back = cut_back


def is_database(path: Path) -> bool:
    """Whether a file that somebody names may be a database that this very program has open.

    Only SQLite opens those; see :mod:`offcirc.disk.database`.
    """
    return not _DATABASES.isdisjoint((path.name, Path(os.path.realpath(path)).name))


def write(fd: int, data: bytes) -> int:
    """Write once; return how many bytes were taken.

    Raises:
        OSError: nothing was.
    """
    return os.write(fd, data)


def flush(fd: int) -> None:
    """Return only when what was written to ``fd`` is on the disk itself.

    On macOS ``fsync`` leaves the bytes in the drive's own cache; ``F_FULLFSYNC`` does not, but some
    file systems do not know it.

    Raises:
        OSError: it may or may not be there.
    """
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - not on Windows

        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in {errno.ENOTSUP, errno.EINVAL, errno.ENOTTY}:
                raise
        else:
            return
    os.fsync(fd)


def flush_folder(folder: Path) -> None:
    """Return only when the names in ``folder`` are on the disk (Windows does so by itself).

    Raises:
        OSError: they may or may not be there.
    """
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        flush(fd)
    except OSError as error:
        if error.errno not in _NO_FOLDER_FLUSH:
            raise
    finally:
        os.close(fd)


def patiently(act: Callable[[], _Result], path: Path) -> _Result:
    """Do something with a file, and do it again a few times when another program has it open.

    Raises:
        OSError: as the last attempt did; the first one that is not about another program.
    """
    for wait in _WAITS:
        try:
            return act()
        except OSError as error:
            # Windows says so of replacing an open file, which may have been let go by now.
            refused = getattr(error, "winerror", None) == windowserror.ACCESS_DENIED
            if not refused and fault_of(error, path) is not Fault.BUSY:
                raise
        time.sleep(wait)
    return act()


def move_over(source: Path, path: Path) -> None:
    """Give a file another one's name, whose content is gone then.

    Raises:
        OSError: it could not be done; both are as they were.
    """
    patiently(lambda: os.replace(source, path), path)  # noqa: PTH105 - the same call, named alike


def open_private(path: Path, flags: int) -> int:
    """Open a file, binary; one that is created is as private as :func:`file_mode` says.

    Args:
        path: the file.
        flags: as for :func:`os.open`.

    Raises:
        OSError: it cannot be opened.
    """
    fd = patiently(lambda: os.open(path, flags | _FLAGS, PRIVATE_FILE), path)
    if flags & os.O_CREAT and (mode := file_mode(path.parent)) != PRIVATE_FILE:
        _let(fd, mode)
    return fd


def file_mode(folder: Path) -> int:
    """The mode of a file that is made in a folder: its owner's alone, or its group's too."""
    return PRIVATE_FILE | _group_of(folder) & _GROUP_FILE


def share(path: Path) -> None:
    """Let the group of the folder in which a file lies do with the file what it may do there.

    For the collection folder: what one account leaves there is for another one. Where the group
    cannot be given the file, it stays its owner's alone; also in a folder as ``mkdir`` makes it,
    which everybody may enter and its owner alone write: nobody has chosen its group.
    """
    if os.name == "nt":
        return
    with suppress(OSError):
        folder = path.parent.stat()
        chosen = folder.st_mode & (stat.S_ISGID | stat.S_IWGRP) or not folder.st_mode & 0o007
        if chosen and folder.st_mode & _GROUP_FILE:
            if path.stat().st_gid != folder.st_gid:
                os.chown(path, -1, folder.st_gid)
            path.chmod(PRIVATE_FILE | folder.st_mode & _GROUP_FILE)


def _group_of(folder: Path) -> int:
    """What its group may do in a folder that gives what is made in it to its group."""
    with suppress(OSError):
        mode = folder.stat().st_mode
        return mode & _GROUP_FOLDER if mode & stat.S_ISGID else 0
    return 0


def _let(fd: int, mode: int) -> None:
    with suppress(OSError):  # another account's, which has seen to it
        if stat.S_IMODE(os.fstat(fd).st_mode) != mode:
            os.fchmod(fd, mode)


def data_folder(folder: Path) -> None:
    """Make a folder for readers' identifiers as :func:`private_folder` does, on Windows too.

    There a folder has the rights of the one above, unless it is given its own; all that is made in
    it later has these.

    Raises:
        StorageError: it cannot be made, or its name is taken by a file.
    """
    with wording(folder):
        is_new = not folder.exists()
    private_folder(folder)
    if is_new:
        access.close_to_others(folder)


def private_folder(folder: Path) -> None:
    """Make a folder, and those above it, that only its owner may enter. Existing ones stay as is.

    Within a folder of a group they are the group's too; on Windows they have the rights of the
    folder they are in.

    Raises:
        StorageError: it cannot be made, or its name is taken by a file.
    """
    with wording(folder):
        missing = []
        for path in (folder, *folder.parents):
            if path.exists():
                break
            missing.append(path)
        for path in reversed(missing):
            make_folder(path)
            flush_folder(path.parent)
    if not folder.is_dir():
        raise StorageError(Fault.NOT_A_FILE, folder)


def make_folder(path: Path) -> None:
    """Make one folder, as private as :func:`private_folder` does; one that is there stays as is.

    Raises:
        OSError: it cannot be made.
    """
    with suppress(FileExistsError):
        path.mkdir(PRIVATE_FOLDER)
        if group := _group_of(path.parent):
            path.chmod(stat.S_ISGID | PRIVATE_FOLDER | group)


def append(fd: int, data: bytes, size: int, path: Path) -> None:
    """Add bytes at the end of an open file in one write and one flush, or not at all.

    Args:
        fd: the file, opened for appending.
        data: the bytes.
        size: the file's present length, to which it is cut back when something fails.
        path: the file's name, for the error.

    Raises:
        AppendError: the bytes are not (or not surely) on the disk.
    """
    try:
        taken = write(fd, data)
        if taken == len(data):
            flush(fd)
            return
        error = StorageError(Fault.SHORT_WRITE, path)
    except OSError as cause:
        error = from_os(cause, path)
    raise AppendError(error, cut_back=_cut_back(fd, size, len(data))) from error.cause


def _cut_back(fd: int, size: int, added: int) -> bool:
    try:
        if os.fstat(fd).st_size > size + added:
            return False  # somebody else is writing too: not ours to cut
        cut(fd, size)
    except OSError:
        return False
    return True


def cut(fd: int, size: int) -> None:
    """Cut an open file to ``size`` bytes, durably.

    Raises:
        OSError: it may or may not be cut.
    """
    os.ftruncate(fd, size)
    flush(fd)


def create(path: Path, data: bytes) -> None:
    """Write a new file, never over an existing one, and return when it is on the disk.

    Raises:
        StorageError: it could not be written (nothing is left of it), or the name is taken.
    """
    with wording(path):
        fd = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        _fill(fd, data, path)
    except StorageError:
        _forget(path)
        raise
    with wording(path):
        flush_folder(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Give a file a new content: after a crash at any moment it holds the old or the new one.

    Raises:
        StorageError: it could not be written; the old content is still there.
    """
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        create(temporary, data)
    except StorageError as error:
        error.path = path  # the name that people know
        raise
    try:
        with wording(path):
            move_over(temporary, path)
            flush_folder(path.parent)
    except StorageError:
        _forget(temporary)
        raise


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _fill(fd: int, data: bytes, path: Path) -> None:
    try:
        with wording(path):
            rest = memoryview(data)
            while rest:
                taken = write(fd, bytes(rest))
                if taken == 0:
                    raise StorageError(Fault.SHORT_WRITE, path)
                rest = rest[taken:]
            flush(fd)
    finally:
        os.close(fd)
