"""What a practice server keeps on disk: one SQLite database that begins as a copy of a library.

A library folder is read once. From then on the database is the truth, policy included, so that a
restart goes on exactly where the server was, and changing the folder never changes the past.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from offcirc.core.rules.policy import Policy
from offcirc.disk import durable
from offcirc.disk.access import make_closed
from offcirc.i18n import _
from offcirc.practice import accounts, fill, lookups, names, upgrade
from offcirc.practice.errors import StateError
from offcirc.practice.library import library, policy
from offcirc.practice.library.library import Folder

DATABASE = "practice.db"
LOCK = "practice.lock"
COMING = "coming-"
"""Begins the name of a folder in which another library is prepared."""


@dataclass(frozen=True, slots=True)
class OpenLibrary:
    """An open practice library.

    Attributes:
        database: the file.
        identity: names this very state; a fresh copy of the same library has another one.
        policy: the policy it began with.
    """

    database: Path
    identity: str
    policy: Policy


def folder_for(data_root: Path, library_folder: Path | None) -> Path:
    """Where a library's state lives when no data folder is given for it.

    The name holds a part of the content's digest: two libraries never mix, and one that has been
    edited starts afresh.

    Raises:
        LibraryError: the library folder cannot be read.
    """
    label, digest = library.fingerprint(library_folder or library.sample())
    return data_root / "practice" / f"{label}-{digest[:12]}"


@contextlib.contextmanager
def opened(data_dir: Path, library_folder: Path | None) -> Iterator[OpenLibrary]:
    """Hold a data folder for one practice server, filling it from the library if it is new.

    Raises:
        LibraryError: the library folder cannot be used.
        StateError: the data folder cannot be written, is in use, or holds another library.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - the server's alone

    source = library_folder or library.sample()
    digest = library.fingerprint(source)[1]
    lock = FileLock(data_dir / LOCK, timeout=0, mode=0o600)
    try:
        _make_private(data_dir)
        lock.acquire()
    except Timeout:
        raise StateError(
            _("Another practice server is running on the data folder '{folder}'.").format(
                folder=data_dir
            )
        ) from None
    except OSError as error:
        raise _unusable(data_dir, error) from None
    try:
        for left in data_dir.glob(f"{COMING}*"):  # the power failed while one was
            shutil.rmtree(left, ignore_errors=True)
        try:
            state = _open(data_dir, source, digest)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(data_dir, error) from error
        yield state
    finally:
        lock.release()


def identity(connection: sqlite3.Connection) -> str:
    """The name of this very state of a library."""
    row = connection.execute("SELECT value FROM facts WHERE name = 'identity'").fetchone()
    return str(row["value"])


def known_passwords(database: Path) -> list[str]:
    """Logins whose password is one of the sample's: they are printed in the manual."""
    known = {account.password for account in library.read(library.sample()).accounts}
    with contextlib.closing(connect(database)) as connection:
        return accounts.with_passwords(connection, known)


def connect(database: Path) -> sqlite3.Connection:
    """A connection that keeps what it commits, whatever happens to the power.

    Transactions are begun and ended by hand; rows answer to their columns' names.
    """
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.create_function("plain", 1, lookups.plain, deterministic=True)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _open(data_dir: Path, source: Path, digest: str) -> OpenLibrary:
    database = data_dir / DATABASE
    if not database.exists():
        _build(database, library.read(source))
    facts = _facts(database)
    if int(facts["schema"]) > upgrade.SCHEMA:
        raise StateError(
            _("'{file}' was written by a newer version of this program.").format(file=database)
        )
    if facts["digest"] != digest:
        raise StateError(
            _(
                "The data folder '{data}' already holds the practice library '{label}', and the "
                "library folder '{folder}' is another one or has changed since. Give another "
                "data folder, or move '{database}' away to begin again."
            ).format(data=data_dir, label=facts["label"], folder=source, database=DATABASE)
        )
    with contextlib.closing(connect(database)) as connection:
        upgrade_tables(connection)
    return OpenLibrary(database, facts["identity"], policy.parse(facts["policy"]))


def _facts(database: Path) -> dict[str, str]:
    """What the database says of itself.

    Raises:
        StateError: it is no practice library's database.
    """
    try:
        with contextlib.closing(connect(database)) as connection:
            return dict(connection.execute("SELECT name, value FROM facts").fetchall())
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error):
            raise
        raise StateError(
            _("'{file}' is not the database of a practice server.").format(file=database)
        ) from None


def upgrade_tables(connection: sqlite3.Connection) -> None:
    """Make what a database of an earlier version does not have."""
    names.make_table(connection)
    upgrade.upgrade(connection)


def build(database: Path, library_folder: Path | None) -> None:
    """Make a library's database where there is none.

    Raises:
        LibraryError: the library folder cannot be used.
        StateError: it cannot be written.
    """
    folder = library.read(library_folder or library.sample())
    try:
        _build(database, folder)
    except (OSError, sqlite3.Error) as error:
        raise _unusable(database.parent, error) from error


def _build(database: Path, folder: Folder) -> None:
    """Fill a new database under another name, so that a half-filled one is never taken for it."""
    draft = database.with_name(database.name + ".new")
    for leftover in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm"), Path(f"{draft}-journal")):
        leftover.unlink(missing_ok=True)
    # Created here so that it is its owner's alone from the first byte.
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    fill.fill(draft, folder)
    with draft.open("rb+") as stream:
        os.fsync(stream.fileno())
    draft.replace(database)
    durable.flush_folder(database.parent)


def _make_private(data_dir: Path) -> None:
    """Make the folder and those above it, for their owner alone; what is there keeps its rights."""
    for folder in (*reversed(data_dir.parents), data_dir):
        # The mode of mkdir(parents=True) would hold for the last folder alone.
        if not folder.is_dir():
            make_closed(folder)


def _unusable(data_dir: Path, error: Exception) -> StateError:
    reason = getattr(error, "strerror", None) or str(error)
    return StateError(
        _("The data folder '{folder}' cannot be used: {reason}.").format(
            folder=data_dir, reason=reason
        )
    )
