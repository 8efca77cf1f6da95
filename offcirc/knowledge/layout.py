"""The tables of OffCirc.knowledge, and how days and flags stand in them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from offcirc.knowledge.keys import KnowledgeKey

NAME = "OffCirc.knowledge"
NAMES_SUFFIX = ".names"
"""At level 4, names lie in a second file beside it."""
APPLICATION_ID = 0x4F43_4B4E  # "OCKN"
VERSION = 1

# The number is the row's own: with its bytes of 7 bits each, 56 bits take 8 of them.
TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE groups (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE classes (id INTEGER PRIMARY KEY, library TEXT, location TEXT, exception TEXT)",
    (
        "CREATE TABLE patrons (number INTEGER PRIMARY KEY, flags INTEGER, grp INTEGER,"
        " suspended INTEGER, expires INTEGER)"
    ),
    "CREATE TABLE items (number INTEGER PRIMARY KEY, flags INTEGER, class INTEGER)",
    "CREATE TABLE notes (number INTEGER PRIMARY KEY, note TEXT NOT NULL)",
    "CREATE TABLE titles (number INTEGER PRIMARY KEY, title TEXT NOT NULL)",
)
NAMES_TABLES = (
    TABLES[0],
    "CREATE TABLE names (number INTEGER PRIMARY KEY, name TEXT NOT NULL)",
)

_EPOCH = date(2000, 1, 1)


def day_number(day: date | None) -> int | None:
    """A day as the file has it."""
    return None if day is None else (day - _EPOCH).days


def day_of(number: int | None) -> date | None:
    """A day from the file."""
    return None if number is None else _EPOCH + timedelta(days=number)


def seal(path: Path, key: KnowledgeKey, blank: str) -> str:
    """The digest of a file, taken with the place where it will stand holding zeros.

    Args:
        path: the file, closed.
        key: the library's key.
        blank: what stands at that place now, once in the file.

    Raises:
        ValueError: it does not stand there once.
    """
    data = path.read_bytes()
    at = _place(data, blank)
    return key.digest(data[:at] + b"0" * len(blank) + data[at + len(blank) :])


def fill_in(path: Path, blank: str, digest: str) -> None:
    """Put the digest where ``blank`` stands; both have the same length."""
    data = path.read_bytes()
    at = _place(data, blank)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(digest.encode())


def _place(data: bytes, text: str) -> int:
    if data.count(text.encode()) != 1:
        raise ValueError("not once in the file")
    return data.index(text.encode())
