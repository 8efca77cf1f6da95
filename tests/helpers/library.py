"""The sample library as a practice server finds it after its first start."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from offcirc.practice import state


def begin_library(folder: Path) -> Path:
    """A new data folder with the sample library in it: hashing its passwords each time is slow.

    As with a library that has been read anew, its identity is like no other's.
    """
    folder.mkdir(mode=0o700)
    database = folder / state.DATABASE
    database.touch(mode=0o600)
    database.write_bytes(_filled())
    with closing(sqlite3.connect(database)) as connection, connection:
        identity = ("identity", str(uuid.uuid4()))
        found = connection.execute("UPDATE facts SET value = ?2 WHERE name = ?1", identity)
        assert found.rowcount == 1
    return folder


@cache
def _filled() -> bytes:
    with TemporaryDirectory() as folder, state.opened(Path(folder), None) as kept:
        return kept.database.read_bytes()
