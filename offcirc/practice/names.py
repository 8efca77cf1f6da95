"""By which keys clients call the transactions: one may go by several names.

A client that knows a line's own identity says so in its key; one that has but a bare OffCirc.dat
cannot. Which transaction a key stands for is :func:`offcirc.core.fingerprint.same_as`'s to say;
what was found once holds for ever, so that no transaction stands for two of another client's.
"""

from __future__ import annotations

import re
import sqlite3

from offcirc.core.fingerprint import CONTENT, has_identity, same_as

_KEY = re.compile(r"[0-9a-f]{64}(?:[0-9a-f]{32})?", re.ASCII)
_AFTER = "g"
"""Comes after every hexadecimal digit."""


def make_table(connection: sqlite3.Connection) -> None:
    """Make the table if it is not there: databases of earlier versions have none."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS names (name TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID"
    )


def find(connection: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """The transaction that a key stands for; notes the key as its name.

    Args:
        connection: inside a transaction.
        key: as the client sent it.
    """
    row = _of(connection, key)
    if row is not None:
        return row
    named = connection.execute("SELECT key FROM names WHERE name = ?", (key,)).fetchone()
    if named is not None:
        return _of(connection, named["key"])
    same = _same(connection, key)
    if same is None:
        return None
    connection.execute("INSERT INTO names (name, key) VALUES (?, ?)", (key, same))
    return _of(connection, same)


def _of(connection: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM transactions WHERE key = ?", (key,)
    ).fetchone()
    return row


def _same(connection: sqlite3.Connection, key: str) -> str | None:
    if _KEY.fullmatch(key) is None:
        return None
    first = key[: 2 * CONTENT]
    between = (first, first + _AFTER)
    known = [
        bytes.fromhex(row["key"])
        for row in connection.execute(
            "SELECT key FROM transactions WHERE key >= ? AND key < ?", between
        )
        if _KEY.fullmatch(row["key"])
    ]
    if not known:
        return None
    taken = [
        bytes.fromhex(row["key"])
        for row in connection.execute(
            "SELECT name, key FROM names WHERE name >= ? AND name < ?", between
        )
        if has_identity(bytes.fromhex(row["name"]))
    ]
    same = same_as(bytes.fromhex(key), known, taken)
    return None if same is None else same.hex()
