"""Opening an SQLite file of ours: durable, private, of a known layout.

The layout number is ``user_version``; ``application_id`` tells our files from everybody else's.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlite_utils

from offcirc.storage import durable
from offcirc.storage.errors import Fault, NewerSchemaError, StorageError, wording

_MAGIC = b"SQLite format 3\x00"
_HEADER = 100
_VERSION_AT = 60
_APPLICATION_AT = 68


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
        os.close(durable.open_private(path, os.O_RDWR | os.O_CREAT))
        connection = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE)
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
        # Not through open_database(): closing any other handle on the file would take away the
        # locks that its owner in this very process holds on it (fcntl).
        query = "mode=ro&immutable=1" if still else "mode=ro"
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{query}", uri=True, isolation_level=None, timeout=2
        )
        try:
            connection.execute("BEGIN")
            yield sqlite_utils.Database(connection, execute_plugins=False)
        finally:
            connection.close()


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


def _check_header(path: Path, schema: Schema) -> None:
    """Look at the file itself first, because even asking SQLite may move its write-ahead log."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER)
    except FileNotFoundError:
        return
    except IsADirectoryError:
        raise StorageError(Fault.NOT_A_FILE, path) from None
    if not head:
        return
    if len(head) < _HEADER or not head.startswith(_MAGIC):
        raise StorageError(Fault.NOT_OURS, path)
    version = int.from_bytes(head[_VERSION_AT : _VERSION_AT + 4], "big")
    application_id = int.from_bytes(head[_APPLICATION_AT : _APPLICATION_AT + 4], "big")
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
