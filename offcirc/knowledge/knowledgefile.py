"""OffCirc.knowledge, open for looking things up: read only, by any thread, never changed in place.

Damage that shows itself while something is looked up is raised as
:class:`~offcirc.knowledge.errors.KnowledgeError`; whoever asks then goes on as if nothing were
known. Damage that does not show itself is found by :meth:`KnowledgeFile.check`, in the background.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from offcirc.core.opened import Opened
from offcirc.core.rules.policy import Policy
from offcirc.disk.database import open_still
from offcirc.disk.errors import Fault, StorageError
from offcirc.knowledge import layout, policycode
from offcirc.knowledge.errors import KnowledgeError, KnowledgeFault
from offcirc.knowledge.keys import KnowledgeKey
from offcirc.knowledge.known import (
    ItemFlag,
    KnowledgeFacts,
    KnowledgeLevel,
    KnownItem,
    KnownPatron,
    PatronFlag,
)

_PATRONS = tuple(
    frozenset(flag for place, flag in enumerate(PatronFlag) if number >> place & 1)
    for number in range(1 << len(PatronFlag))
)
_ITEMS = tuple(
    frozenset(flag for place, flag in enumerate(ItemFlag) if number >> place & 1)
    for number in range(1 << len(ItemFlag))
)
_UNREADABLE = {Fault.DAMAGED: KnowledgeFault.DAMAGED, Fault.NOT_OURS: KnowledgeFault.FOREIGN}


class KnowledgeFile(Opened):
    """A file of knowledge.

    Attributes:
        path: the file.
        facts: what it says of itself.
    """

    def __init__(self, path: Path, key: KnowledgeKey) -> None:
        """Open a file; takes a few thousandths of a second at most.

        Raises:
            KnowledgeError: it is not there, damaged, foreign, or of a newer version.
        """
        self.path = path
        self._key = key
        self._names: sqlite3.Connection | None = None
        if not path.is_file():
            raise KnowledgeError(KnowledgeFault.ABSENT, path)
        with self._reading():
            self._connection = open_still(path)
        try:
            with self._reading():
                self._meta = self._ours()
                self.facts = _facts(self._meta)
                ask = self._connection.execute
                self._groups = dict(ask("SELECT id, name FROM groups"))
                classes = ask("SELECT id, library, location, exception FROM classes")
                self._classes = {row[0]: row[1:] for row in classes}
            if self.facts.key_id != key.id:
                raise KnowledgeError(KnowledgeFault.FOREIGN, path)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close it."""
        self._connection.close()
        if self._names is not None:
            self._names.close()

    def look_up_item(self, barcode: str) -> KnownItem | None:
        """What is known of an item; ``None``: nothing.

        Raises:
            KnowledgeError: the file is damaged or has gone.
        """
        number = self._key.item(barcode)
        with self._reading():
            row = self._one("SELECT flags, class FROM items WHERE number = ?", number)
            if row is None:
                return None
            flags = _ITEMS[row[0]]
            library, location, exception = self._classes[row[1]]
            note = title = ""
            if ItemFlag.NOTE in flags:
                note = self._text("SELECT note FROM notes WHERE number = ?", number)
            if self.facts.level >= KnowledgeLevel.TITLES:
                title = self._text("SELECT title FROM titles WHERE number = ?", number)
        as_of = self.facts.items_as_of or self.facts.made
        return KnownItem(flags, library, location, exception, note, title, as_of)

    def look_up_patron(self, card: str) -> KnownPatron | None:
        """What is known of a reader; ``None``: the card is not in the file.

        Takes nearly two milliseconds, on purpose: for a background thread. What has a date is to
        be asked with :meth:`KnownPatron.on`.

        Raises:
            KnowledgeError: the file is damaged or has gone.
        """
        number = self._key.patron(card)
        with self._reading():
            row = self._one(
                "SELECT flags, grp, suspended, expires FROM patrons WHERE number = ?", number
            )
            if row is None:
                return None
            return KnownPatron(
                _PATRONS[row[0]],
                layout.day_of(row[2]),
                layout.day_of(row[3]),
                self._groups.get(row[1], ""),
                self.facts.patrons_as_of or self.facts.made,
                self._name(number),
            )

    @cached_property
    def policy(self) -> Policy | None:
        """The library's rules; ``None`` if it has not said any.

        Raises:
            KnowledgeError: the file is damaged.
        """
        text = self._meta.get("policy")
        with self._reading():
            return policycode.load(text) if text else None

    def count_blocked(self) -> int:
        """How many identifiers are those of readers who may not borrow.

        Raises:
            KnowledgeError: the file is damaged.
        """
        with self._reading():
            question = "SELECT count(*) FROM patrons WHERE flags > 0 OR suspended > 0"
            return int(self._connection.execute(question).fetchone()[0])

    def check(self) -> None:
        """Look at every byte.

        Raises:
            KnowledgeError: one of them is not as it was made.
        """
        with self._reading():
            self._check(self.path, self.facts.digest)
            names = self._open_names()
            if names is not None:
                row = names.execute("SELECT value FROM meta WHERE name = 'digest'").fetchone()
                self._check(self._names_path, str(row[0]))

    def _check(self, path: Path, digest: str) -> None:
        if not self._key.same(layout.seal(path, self._key, digest), digest):
            raise KnowledgeError(KnowledgeFault.DAMAGED, path)

    def _ours(self) -> dict[str, str]:
        ask = self._connection.execute
        if ask("PRAGMA application_id").fetchone()[0] != layout.APPLICATION_ID:
            raise KnowledgeError(KnowledgeFault.FOREIGN, self.path)
        if ask("PRAGMA user_version").fetchone()[0] > layout.VERSION:
            raise KnowledgeError(KnowledgeFault.NEWER, self.path)
        return dict(ask("SELECT name, value FROM meta"))

    def _name(self, number: int) -> str:
        names = self._open_names()
        if names is None:
            return ""
        row = names.execute("SELECT name FROM names WHERE number = ?", (number,)).fetchone()
        return str(row[0]) if row else ""

    @property
    def _names_path(self) -> Path:
        return self.path.with_name(self.path.name + layout.NAMES_SUFFIX)

    def _open_names(self) -> sqlite3.Connection | None:
        wanted = self._names is None and self.facts.level >= KnowledgeLevel.NAMES
        if wanted and self._names_path.is_file():
            self._names = open_still(self._names_path)
        return self._names

    def _one(self, question: str, number: int) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._connection.execute(question, (number,)).fetchone()
        return row

    def _text(self, question: str, number: int) -> str:
        row = self._one(question, number)
        return str(row[0]) if row else ""

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except StorageError as error:
            fault = _UNREADABLE.get(error.fault, KnowledgeFault.ABSENT)
            raise KnowledgeError(fault, self.path) from None
        except OSError:
            raise KnowledgeError(KnowledgeFault.ABSENT, self.path) from None
        except sqlite3.DatabaseError as error:
            # "not a database" and "no such table" are what a file of something else says.
            foreign = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB
            fault = KnowledgeFault.FOREIGN if foreign else KnowledgeFault.DAMAGED
            raise KnowledgeError(fault, self.path) from None
        except (LookupError, ValueError, TypeError, AttributeError):
            raise KnowledgeError(KnowledgeFault.DAMAGED, self.path) from None


def _facts(meta: dict[str, str]) -> KnowledgeFacts:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(meta[name]) if meta.get(name) else None

    return KnowledgeFacts(
        library=meta["library"],
        made=datetime.fromisoformat(meta["made"]),
        level=KnowledgeLevel(int(meta["level"])),
        key_id=meta["key_id"],
        digest=meta["digest"],
        patrons=int(meta["patrons"]),
        items=int(meta["items"]),
        patrons_as_of=moment("patrons_as_of"),
        items_as_of=moment("items_as_of"),
    )
