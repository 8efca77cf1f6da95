"""What can go wrong with files and databases, as codes and as sentences.

Nothing here holds a barcode or a reader's identifier, so every error may be logged as it is.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from offcirc.disk import windowserror
from offcirc.i18n import _


class Fault(StrEnum):
    """Why a file or a database could not be used."""

    DISK_FULL = "disk-full"
    SHORT_WRITE = "short-write"
    TOO_LARGE = "too-large"
    NAME_TOO_LONG = "name-too-long"
    READ_ONLY = "read-only"
    DENIED = "denied"
    VANISHED = "vanished"
    DELETED = "deleted"
    """It was there a moment ago, and the disk that held it still is."""
    BROKEN_DISK = "broken-disk"
    BUSY = "busy"
    LOCKED = "locked"
    NOT_A_FILE = "not-a-file"
    EXISTS = "exists"
    NEWER = "newer"
    NOT_OURS = "not-ours"
    DAMAGED = "damaged"
    NOT_PENDING = "not-pending"
    OTHER = "other"


class StorageError(Exception):
    """The world did not let us read or write; work can go on once it does.

    Attributes:
        fault: why, as a code.
        path: the file or folder concerned.
        cause: the operating system's or SQLite's own error, if there was one.
        lost: where it vanished: a name, its drive, its network folder.
    """

    def __init__(self, fault: Fault, path: Path, cause: Exception | None = None) -> None:
        super().__init__(f"{fault.value}: {path}")
        self.fault = fault
        self.path = path
        self.cause = cause
        self.lost = Lost.NAME


class Owner(NamedTuple):
    """Who holds a data folder.

    Attributes:
        pid: the process, 0 when unknown.
        host: the computer's name, empty when unknown.
        since: when it took the folder, aware, UTC; ``None`` when unknown.
    """

    pid: int = 0
    host: str = ""
    since: datetime | None = None


class LockedError(StorageError):
    """Another OffCirc is at work on this data folder.

    Attributes:
        owner: what is known of it.
    """

    def __init__(self, folder: Path, owner: Owner) -> None:
        super().__init__(Fault.LOCKED, folder)
        self.owner = owner


class NewerSchemaError(StorageError):
    """A database was written by a later version of OffCirc; it was not touched.

    Attributes:
        found: the layout number in the file.
        known: the newest layout number this version knows.
    """

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(Fault.NEWER, path)
        self.found = found
        self.known = known


class NotPendingError(StorageError):
    """A row cannot be deleted because it is saved, being saved, deleted already, or unknown.

    Attributes:
        seq: the row.
    """

    def __init__(self, path: Path, seq: int) -> None:
        super().__init__(Fault.NOT_PENDING, path)
        self.seq = seq


_NO_ROOM = 128 << 10
"""Free bytes with which SQLite cannot work: its log, and the index of that, take some."""


def _known(*names: str) -> frozenset[int]:
    """Error numbers by their names, as far as this system has them."""
    return frozenset(getattr(errno, name) for name in names if hasattr(errno, name))


_NO_DRIVE = _known("ENODEV", "ENXIO", "ENOMEDIUM")
_NO_SHARE = _known(
    *("ESTALE", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENETRESET"),
    *(
        "ECONNABORTED",
        "ECONNRESET",
        "ECONNREFUSED",
        "ETIMEDOUT",
        "ESHUTDOWN",
        "EREMOTEIO",
    ),
)

_BY_ERRNO = {
    **dict.fromkeys(_NO_DRIVE | _NO_SHARE, Fault.VANISHED),
    **dict.fromkeys(_known("ENOSPC", "EDQUOT"), Fault.DISK_FULL),
    **dict.fromkeys(_known("EBUSY", "EAGAIN", "ETXTBSY"), Fault.BUSY),
    errno.EFBIG: Fault.TOO_LARGE,
    errno.ENAMETOOLONG: Fault.NAME_TOO_LONG,
    errno.EROFS: Fault.READ_ONLY,
    errno.EACCES: Fault.DENIED,
    errno.EPERM: Fault.DENIED,
    errno.ENOENT: Fault.VANISHED,
    errno.ENOTDIR: Fault.VANISHED,
    errno.EIO: Fault.BROKEN_DISK,
    errno.EISDIR: Fault.NOT_A_FILE,
    errno.EEXIST: Fault.EXISTS,
}

# Windows error numbers, whose errno would say something less exact.
_WIN_NO_DRIVE = frozenset((15, 20, 21, 433, 1006, 1110, 1112, 1167))
"""No such drive, drive not ready, medium changed or missing, device not connected."""
_WIN_NO_SHARE = frozenset(
    (51, 53, 54, 55, 59, 64, 67, 121, 240, 1203, 1222, 1225, 1231, 1232, 1236, 2250)
)
"""Path or name not found on the network, network busy, name deleted, timed out, unreachable."""

_WIN_NO_NAME = (2, 3)
_WIN_PATH = 248
"""Characters of a path that Windows takes for a folder whatever it was told."""

_BY_WINERROR = {
    **dict.fromkeys(_WIN_NO_DRIVE | _WIN_NO_SHARE, Fault.VANISHED),
    19: Fault.READ_ONLY,  # write-protected medium
    23: Fault.BROKEN_DISK,  # cyclic redundancy check
    27: Fault.BROKEN_DISK,  # sector not found
    29: Fault.BROKEN_DISK,  # write fault
    30: Fault.BROKEN_DISK,  # read fault
    32: Fault.BUSY,  # sharing violation
    33: Fault.BUSY,  # lock violation
    39: Fault.DISK_FULL,  # handle disk full
    65: Fault.DENIED,  # network access denied
    112: Fault.DISK_FULL,
    123: Fault.VANISHED,  # no name that could be one, such as a pattern
    170: Fault.BUSY,
    206: Fault.NAME_TOO_LONG,
    303: Fault.BUSY,  # somebody has it open who has been told to let it go
    1117: Fault.BROKEN_DISK,  # input/output error
    1224: Fault.BUSY,  # a program works in it as in memory
    1295: Fault.DISK_FULL,  # quota
    1392: Fault.BROKEN_DISK,  # corrupted
}

# Primary result codes of SQLite (https://www.sqlite.org/rescode.html).
_BY_SQLITE = {
    3: Fault.DENIED,
    5: Fault.BUSY,
    6: Fault.BUSY,
    8: Fault.READ_ONLY,
    10: Fault.BROKEN_DISK,
    11: Fault.DAMAGED,
    13: Fault.DISK_FULL,
    14: Fault.VANISHED,
    22: Fault.TOO_LARGE,
    26: Fault.NOT_OURS,
}


class Lost(StrEnum):
    """What it is that cannot be found any more."""

    NAME = "name"
    DRIVE = "drive"
    """A stick that was pulled out, a disk that is not connected."""
    SHARE = "share"
    """A folder on the network."""


def lost(cause: Exception | None) -> Lost:
    """What cannot be found, of an error that means :attr:`Fault.VANISHED`."""
    if not isinstance(cause, OSError):
        return Lost.NAME
    number = windowserror.number(cause)
    if number in _WIN_NO_DRIVE or cause.errno in _NO_DRIVE:
        return Lost.DRIVE
    if number in _WIN_NO_SHARE or cause.errno in _NO_SHARE:
        return Lost.SHARE
    return Lost.NAME


def fault_of(error: OSError, path: Path) -> Fault:
    """What an operating system error means that has just come of work on ``path``."""
    number = windowserror.number(error)
    fault = _BY_WINERROR.get(number)
    if fault is None and number == windowserror.ACCESS_DENIED:
        if getattr(error, "winerror", None) is None and path.is_dir():
            fault = Fault.NOT_A_FILE  # it was opened as a file
        elif windowserror.is_held(path):
            fault = Fault.BUSY  # what replacing an open file is called there
    if number in _WIN_NO_NAME and len(str(path.absolute())) >= _WIN_PATH:
        fault = Fault.NAME_TOO_LONG  # where Windows was not told to take longer ones
    return fault or _BY_ERRNO.get(error.errno or 0, Fault.OTHER)


def from_os(error: OSError, path: Path) -> StorageError:
    """The :class:`StorageError` that tells what an operating system error on ``path`` means."""
    found = StorageError(fault_of(error, path), path, error)
    if found.fault is Fault.VANISHED:
        found.lost = lost(error)
    return found


def from_sqlite(error: sqlite3.Error, path: Path) -> StorageError:
    """The :class:`StorageError` that tells what an SQLite error on ``path`` means."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    fault = _BY_SQLITE.get(code, Fault.OTHER)
    if fault is Fault.BROKEN_DISK and _has_no_room(path):
        fault = Fault.DISK_FULL  # SQLite says so of files beside the database too
    if fault is Fault.BROKEN_DISK and not _is_there(path.parent):
        fault = Fault.VANISHED
    elif fault in (Fault.VANISHED, Fault.DENIED) and windowserror.is_held(path):
        fault = Fault.BUSY
    elif fault is Fault.VANISHED and path.parent.is_dir():
        fault = Fault.DENIED  # the folder is there, the file just cannot be opened in it
    return StorageError(fault, path, error)


def _is_there(folder: Path) -> bool:
    """Whether a folder can be looked at, where it may have gone with its drive or share."""
    try:
        return folder.is_dir()
    except OSError:
        return False


def _has_no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NO_ROOM
    except OSError:
        return False


@contextmanager
def wording(path: Path) -> Iterator[None]:
    """Turn operating system and SQLite errors about ``path`` into :class:`StorageError`.

    Errors of SQL itself (:class:`sqlite3.IntegrityError`, :class:`sqlite3.ProgrammingError`) are
    ours, not the world's, and pass through.
    """
    try:
        yield
    except OSError as error:
        raise from_os(error, path) from error
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 1) & 0xFF == sqlite3.SQLITE_ERROR:
            raise
        raise from_sqlite(error, path) from error


def describe(error: StorageError) -> str:
    """One or two sentences for the person at the desk: what happened, what to do next."""
    if isinstance(error, LockedError):
        return _describe_owner(error)
    if isinstance(error, NewerSchemaError):
        return _(
            "{path} was written by a newer version of OffCirc (layout {found}; this version knows "
            "{known}). Nothing was changed. Please use the newer version."
        ).format(path=error.path, found=error.found, known=error.known)
    told = _sentences()[error.fault]
    if error.fault is Fault.VANISHED and error.lost is not Lost.NAME:
        told = _sentences_of_lost()[error.lost]
    return told.format(path=error.path, reason=_reason(error))


def _describe_owner(error: LockedError) -> str:
    owner = error.owner
    if not owner.pid or owner.since is None:
        return _("OffCirc is already open on the folder {path}.").format(path=error.path)
    return _(
        "OffCirc is already open on the folder {path}: program {pid} on {host}, since {since}."
    ).format(
        path=error.path,
        pid=owner.pid,
        host=owner.host,
        since=owner.since.astimezone().strftime("%Y-%m-%d %H:%M"),
    )


def _sentences() -> dict[Fault, str]:
    return {
        Fault.DISK_FULL: _("The disk that holds {path} is full. Free some space, then try again."),
        Fault.SHORT_WRITE: _(
            "Only a part could be written to {path}, so it was taken back. The disk is probably "
            "full: free some space, then try again."
        ),
        Fault.TOO_LARGE: _("{path} has become too large for its disk. Choose another place."),
        Fault.NAME_TOO_LONG: _(
            "{path} is a longer name than this system takes. Choose a folder with a shorter path."
        ),
        Fault.READ_ONLY: _(
            "{path} cannot be written: its disk or folder is read-only. Remove the write "
            "protection or choose another place."
        ),
        Fault.DENIED: _(
            "This account is not allowed to write {path}. Choose another place, or ask whoever "
            "looks after this PC."
        ),
        Fault.VANISHED: _(
            "{path} cannot be reached. If it is on a stick or a network drive, connect it again, "
            "then try again."
        ),
        Fault.DELETED: _(
            "{path} has been deleted, moved or replaced. If it was moved, put it back; otherwise "
            "close this window and open it again: a new one is begun then."
        ),
        Fault.BROKEN_DISK: _(
            "The disk reported an error on {path}. Please choose a place on another disk and "
            "have this one checked."
        ),
        Fault.BUSY: _("{path} is in use by another program. Close it there, then try again."),
        Fault.LOCKED: _("OffCirc is already open on the folder {path}."),
        Fault.NOT_A_FILE: _("{path} is not an ordinary file. Choose another place."),
        Fault.EXISTS: _(
            "{path} is already there and will not be overwritten. Choose another name."
        ),
        Fault.NEWER: _("{path} was written by a newer version of OffCirc. Nothing was changed."),
        Fault.NOT_OURS: _(
            "{path} is not a file of OffCirc. Nothing was changed. Move it away or choose another "
            "folder."
        ),
        Fault.DAMAGED: _(
            "{path} is damaged. Nothing was deleted. Keep a copy of the folder, and work in "
            "another one meanwhile."
        ),
        Fault.NOT_PENDING: _("Only a row that is not saved yet can be deleted."),
        Fault.OTHER: _("{path} cannot be used: {reason}."),
    }


def _sentences_of_lost() -> dict[Lost, str]:
    return {
        Lost.DRIVE: _(
            "{path} is on a drive that is not connected any more. Plug it in again, then try again."
        ),
        Lost.SHARE: _(
            "{path} is on the network, and the network folder does not answer. Look at the network "
            "or ask whoever looks after it, then try again."
        ),
    }


def _reason(error: StorageError) -> str:
    cause = error.cause
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) if cause is not None else error.fault.value
