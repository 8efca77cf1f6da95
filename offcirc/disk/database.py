"""Opening an SQLite file of ours: durable, private, of a known layout.

The layout number is ``user_version``; ``application_id`` tells our files from everybody else's.

Nobody opens a database but through SQLite, not even to look at its header: on POSIX, closing *any*
descriptor of a file takes away every lock that the process holds on it. The next program that
closes the database then believes to be the last one, and removes the log that is being written.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import quote

import sqlite_utils

from offcirc.disk import durable
from offcirc.disk.errors import Fault, NewerSchemaError, StorageError, wording


@dataclass(frozen=True, slots=True)
class Schema:
    """The layout of a database through its versions.

    Attributes:
        application_id: the number that marks our files of this kind.
        steps: ``steps[n]`` holds the statements that turn layout ``n`` into layout ``n + 1``; an
            empty file is layout 0. A step that has been released is never edited.
    """

    application_id: int
    steps: tuple[tuple[str, ...], ...]

    @property
    def version(self) -> int:
        """The newest layout number."""
        return len(self.steps)


def open_database(path: Path, schema: Schema) -> sqlite_utils.Database:
    """Open or create a database; bring an older layout up to date in one transaction.

    Each statement outside :func:`transaction` is its own transaction, and on the disk when it
    returns (write-ahead log, ``synchronous=FULL``).

    Raises:
        NewerSchemaError: a later version wrote it. It is not touched.
        StorageError: it is no database of ours, or cannot be opened or written.
    """
    with wording(path):
        _check_header(path, schema)
        connection = _connect(path)
        try:
            database = sqlite_utils.Database(connection, execute_plugins=False)
            _prepare(database, path, schema)
            durable.flush_folder(path.parent)
        except BaseException:
            connection.close()
            raise
    return database


@contextmanager
def reading(path: Path, *, still: bool = False) -> Iterator[sqlite_utils.Database]:
    """A database that somebody has open, as it is at one moment, for another thread to read.

    Args:
        path: the database.
        still: nobody has it open. It can then lie where nothing can be written, and SQLite leaves
            no files beside it.

    Raises:
        StorageError: it cannot be read.
    """
    with wording(path):
        connection = _connect(path, "mode=ro&immutable=1" if still else "mode=ro")
        try:
            connection.execute("BEGIN")
            yield sqlite_utils.Database(connection, execute_plugins=False)
        finally:
            connection.close()


def open_still(path: Path) -> sqlite3.Connection:
    """A database that nobody writes any more, to be read for long and by any thread.

    Raises:
        StorageError: it cannot be opened.
    """
    with wording(path):
        where = f"{_uri(path.absolute())}?mode=ro&immutable=1"
        return sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False)


def begin_still(path: Path) -> sqlite3.Connection:
    """A new database of which nothing is needed unless it is finished: written without a log.

    Raises:
        StorageError: it cannot be made, or its name is taken.
    """
    with wording(path):
        os.close(durable.open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        connection = _connect_as(path, "mode=rw")
        connection.execute("PRAGMA journal_mode = off")
        connection.execute("PRAGMA synchronous = off")
        return connection


@contextmanager
def transaction(database: sqlite_utils.Database) -> Iterator[None]:
    """Make several statements one: all of them on the disk afterwards, or none.

    Within another one, they are part of that.
    """
    if database.conn.in_transaction:
        yield
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.conn.in_transaction:
            database.execute("ROLLBACK")
        raise


def append_only(table: str, key: str) -> tuple[str, ...]:
    """The triggers that make SQLite refuse every change of a row once it is there.

    Args:
        table: the table.
        key: its integer primary key; ``INSERT OR REPLACE`` would otherwise get round the others.
    """
    known = f"EXISTS (SELECT 1 FROM {table} AS known WHERE known.{key} = NEW.{key})"  # noqa: S608
    changes = {"update": "UPDATE", "delete": "DELETE", "replace": "INSERT"}
    return tuple(
        f"CREATE TRIGGER {table}_no_{name} BEFORE {change} ON {table}"
        f" {f'WHEN {known}' if change == 'INSERT' else ''}"
        f" BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
        for name, change in changes.items()
    )


def is_sound(path: Path, schema: Schema) -> bool:
    """Whether a database is one of ours and whole; somebody may have it open.

    Raises:
        NewerSchemaError: a later version wrote it.
        StorageError: it cannot be read.
    """
    with reading(path) as database:
        application_id = _number(database, "PRAGMA application_id")
        version = _number(database, "PRAGMA user_version")
        if application_id == schema.application_id and version > schema.version:
            raise NewerSchemaError(path, version, schema.version)
        whole = database.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        return whole and application_id == schema.application_id


def _connect(path: Path, query: str = "") -> sqlite3.Connection:
    """A connection; without a query, a database that is not there is made, private from birth."""
    if query or path.exists() or os.name == "nt":
        return _connect_as(path, query or "mode=rwc")
    pattern = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    os.close(durable.open_private(pattern, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    try:
        return _connect_as(path, f"modeof={quote(str(pattern.absolute()))}")
    finally:
        pattern.unlink()


def _connect_as(path: Path, query: str) -> sqlite3.Connection:
    where = f"{_uri(path.absolute())}?{query}"
    return sqlite3.connect(where, uri=True, isolation_level=None, timeout=_PATIENCE)


def _uri(path: PurePath) -> str:
    where = path.as_uri()
    # A share is no host to SQLite.
    return where.replace("file:", "file://", 1) if path.drive.startswith("\\\\") else where


def _check_header(path: Path, schema: Schema) -> None:
    """Look at the file itself first: being asked as usual, SQLite may move its write-ahead log."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise StorageError(Fault.NOT_A_FILE, path)
    if not os.access(path, os.R_OK | os.W_OK):  # SQLite would open it for reading only
        fixed = hasattr(os, "statvfs") and os.statvfs(path).f_flag & os.ST_RDONLY
        raise OSError(errno.EROFS if fixed else errno.EACCES, "cannot be written")
    try:
        with reading(path, still=True) as database:
            version = _number(database, "PRAGMA user_version")
            application_id = _number(database, "PRAGMA application_id")
    except StorageError as error:
        if error.fault is Fault.DAMAGED:
            return  # its log may hold what it lacks
        raise
    if application_id not in {0, schema.application_id}:
        raise StorageError(Fault.NOT_OURS, path)
    if application_id == schema.application_id and version > schema.version:
        raise NewerSchemaError(path, version, schema.version)


_PATIENCE = 2.0
"""Seconds to wait for somebody else who is writing."""

# In one statement: somebody else may be making the tables just now.
_STANDING = """
    SELECT v.user_version, a.application_id, (SELECT count(*) FROM sqlite_master)
    FROM pragma_user_version AS v, pragma_application_id AS a
"""


def _prepare(database: sqlite_utils.Database, path: Path, schema: Schema) -> None:
    version, application_id, tables = database.execute(_STANDING).fetchone()
    if application_id != schema.application_id and (application_id or version or tables):
        raise StorageError(Fault.NOT_OURS, path)
    if version > schema.version:
        raise NewerSchemaError(path, version, schema.version)
    _write_ahead(database)
    database.execute("PRAGMA synchronous = full")
    if sys.platform == "darwin":
        database.execute("PRAGMA fullfsync = on")
        database.execute("PRAGMA checkpoint_fullfsync = on")
    if version == schema.version:
        return
    with transaction(database):
        # Somebody else may have made the tables while this one waited for its turn.
        version = _number(database, "PRAGMA user_version")
        for step in schema.steps[version:]:
            for statement in step:
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {schema.application_id}")
        database.execute(f"PRAGMA user_version = {schema.version}")


def _write_ahead(database: sqlite_utils.Database) -> None:
    """Have a log written ahead; while others do the same, SQLite refuses and does not wait."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            database.execute("PRAGMA journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _number(database: sqlite_utils.Database, question: str) -> int:
    return int(database.execute(question).fetchone()[0])
