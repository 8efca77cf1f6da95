"""OffCirc.knowledge, written: hashes, tables, the digest over all of it."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from offcirc.core.rules.policy import Policy
from offcirc.disk import durable
from offcirc.disk.database import begin_still
from offcirc.disk.errors import wording
from offcirc.knowledge import layout, policycode
from offcirc.knowledge.keys import KnowledgeKey
from offcirc.knowledge.known import ItemFlag, KnowledgeLevel, PatronFlag, bits
from offcirc.knowledge.records import ItemRecord, PatronList, PatronRecord

_AT_ONCE = 200
"""Cards that are hashed in one go."""
_LIFE = timedelta(days=14)
"""Of whom the account ends within it, there is something to say while the file lives."""

Tell = Callable[[int, int], None]
"""Hears how many cards of how many are hashed."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a file.

    Attributes:
        level: how much of the rest.
        policy: the library's rules, or ``None``.
        patrons: all readers.
        items: all items; gone through once.
        patrons_as_of: when the library system said this of readers, aware; ``None``: it did not.
        items_as_of: the same of items; asked once they have been gone through.
        made: now, aware.
    """

    library: str
    level: KnowledgeLevel
    policy: Policy | None
    patrons: PatronList
    items: Iterable[ItemRecord]
    patrons_as_of: datetime | None
    items_as_of: Callable[[], datetime | None]
    made: datetime


def write(path: Path, contents: Contents, key: KnowledgeKey, tell: Tell) -> None:
    """Write a file, and at level 4 the one with the names, under a name nobody reads yet.

    Raises:
        StorageError: it cannot be written; nothing is left of it.
    """
    names = path.with_name(path.name + layout.NAMES_SUFFIX)
    try:
        with wording(path):
            blank = secrets.token_hex(32)
            _fill(path, contents, key, blank, tell)
            _seal(path, key, blank)
            if contents.level >= KnowledgeLevel.NAMES:
                _fill_names(names, contents, key, blank)
                _seal(names, key, blank)
    except BaseException:
        for each in (path, names):
            with suppress(OSError):
                each.unlink(missing_ok=True)
        raise


def _seal(path: Path, key: KnowledgeKey, blank: str) -> None:
    layout.fill_in(path, blank, layout.seal(path, key, blank))
    fd = os.open(path, os.O_RDWR)
    try:
        durable.flush(fd)
    finally:
        os.close(fd)


def _begin(path: Path, tables: Iterable[str]) -> sqlite3.Connection:
    connection = begin_still(path)
    connection.execute(f"PRAGMA application_id = {layout.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {layout.VERSION}")
    connection.execute("BEGIN")
    for statement in tables:
        connection.execute(statement)
    return connection


def _fill(path: Path, contents: Contents, key: KnowledgeKey, blank: str, tell: Tell) -> None:
    connection = _begin(path, layout.TABLES)
    try:
        patrons = _patrons(connection, contents, key, tell)
        items = _items(connection, contents, key)
        meta = {
            "library": contents.library,
            "made": contents.made.isoformat(timespec="seconds"),
            "level": str(int(contents.level)),
            "key_id": key.id,
            "digest": blank,
            "patrons": str(patrons),
            "items": str(items),
            "patrons_as_of": _stamp(contents.patrons_as_of),
            "items_as_of": _stamp(contents.items_as_of()),
            "policy": policycode.dump(contents.policy) if contents.policy else "",
        }
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        connection.execute("COMMIT")
    finally:
        connection.close()


def _stamp(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds")


def _patrons(
    connection: sqlite3.Connection, contents: Contents, key: KnowledgeKey, tell: Tell
) -> int:
    groups: dict[str, int] = {}
    rows = []
    for number, patron in _numbered(contents, key, tell):
        group = groups.setdefault(patron.group, len(groups))
        until, expires = map(layout.day_number, (patron.suspended_until, patron.expires_on))
        rows.append((number, bits(patron.flags, PatronFlag), group, until, expires))
    rows.sort()
    # Sorted, so that pages are full; of two cards with one hash the later one stands.
    connection.executemany("INSERT OR REPLACE INTO patrons VALUES (?, ?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO groups (name, id) VALUES (?, ?)", groups.items())
    return len(rows)


def _numbered(
    contents: Contents, key: KnowledgeKey, tell: Tell
) -> Iterator[tuple[int, PatronRecord]]:
    """Each card of each reader who belongs into the file, hashed on every processor there is."""
    by = (contents.made + _LIFE).date()
    patrons = [
        (card, patron)
        for card, patron in contents.patrons
        if contents.level > KnowledgeLevel.SAYABLE or patron.is_sayable(by)
    ]
    parts = [patrons[start : start + _AT_ONCE] for start in range(0, len(patrons), _AT_ONCE)]

    def work(part: list[tuple[str, PatronRecord]]) -> list[int]:
        return [key.patron(card) for card, _patron in part]

    done = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for part, numbers in zip(parts, pool.map(work, parts), strict=True):
            yield from zip(numbers, (patron for _card, patron in part), strict=True)
            done += len(part)
            tell(done, len(patrons))


def _items(connection: sqlite3.Connection, contents: Contents, key: KnowledgeKey) -> int:
    classes: dict[tuple[str, str, str], int] = {}
    found: dict[int, int] = {}
    texts: dict[str, dict[int, str]] = {"notes": {}, "titles": {}}
    exceptions = contents.policy.exceptions if contents.policy else {}
    for item in contents.items:
        number = key.item(item.barcode)
        place = (item.library, item.location, item.exception)
        known = exceptions.get(item.exception)
        excluded = item.excluded or (known is not None and known.excluded)
        told = {ItemFlag.EXCLUDED: excluded, ItemFlag.REQUESTED: item.requested}
        told[ItemFlag.NOTE] = bool(item.note)
        flags = bits((flag for flag, holds in told.items() if holds), ItemFlag)
        # One number for both: a million pairs would take twice the memory.
        before = found.get(number, 0) & _FLAGS
        found[number] = classes.setdefault(place, len(classes)) << len(ItemFlag) | flags | before
        if item.note:
            texts["notes"][number] = item.note
        if item.title and contents.level >= KnowledgeLevel.TITLES:
            texts["titles"][number] = item.title
    rows = (
        (number, each & _FLAGS, each >> len(ItemFlag)) for number, each in sorted(found.items())
    )
    connection.executemany("INSERT INTO items VALUES (?, ?, ?)", rows)
    connection.executemany(
        "INSERT INTO classes VALUES (?, ?, ?, ?)",
        ((number, *place) for place, number in classes.items()),
    )
    for table, said in texts.items():
        connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", sorted(said.items()))  # noqa: S608
    return len(found)


_FLAGS = (1 << len(ItemFlag)) - 1


def _fill_names(path: Path, contents: Contents, key: KnowledgeKey, blank: str) -> None:
    connection = _begin(path, layout.NAMES_TABLES)
    try:
        rows: list[tuple[Any, ...]] = [
            (number, patron.name)
            for number, patron in _numbered(contents, key, lambda done, total: None)
            if patron.name
        ]
        connection.executemany("INSERT OR REPLACE INTO names VALUES (?, ?)", sorted(rows))
        connection.execute("INSERT INTO meta VALUES ('digest', ?)", (blank,))
        connection.execute("COMMIT")
    finally:
        connection.close()
