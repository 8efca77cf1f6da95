"""The journal's bookkeeping of *Save To File*: what was to be written where, and what came of it.

A save is noted before the file is touched and ended after the file is on the disk, so after a crash
the file alone tells whether the rows of an unfinished save are in it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PureWindowsPath
from typing import Any

import sqlite_utils

from offcirc.disk.database import transaction
from offcirc.disk.errors import wording
from offcirc.storage.stamps import stamp

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


class FileEvent(StrEnum):
    """Why the length and SHA-256 of an OffCirc.dat were noted."""

    NEW = "new"
    FOUND = "found"
    SAVED = "saved"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class FileState:
    """An OffCirc.dat as it was last known.

    Attributes:
        file: its number; a file that took the place of one moved away has another.
        size: its length in bytes.
        sha256: of its content, in hex.
    """

    file: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Save:
    """Rows that were about to be added to an OffCirc.dat.

    Attributes:
        save: its number.
        file: the file's number.
        path: the file's place, as given to :meth:`SaveBook.begin`.
        at: when it was begun, aware, UTC.
        offset: the file's length before.
        length: how many bytes were to be added.
        sha256: of these bytes, in hex.
        first_seq: the first row.
        last_seq: the last row; those between that are voided are not part of it.
        rows: how many rows.
    """

    save: int
    file: int
    path: str
    at: datetime
    offset: int
    length: int
    sha256: str
    first_seq: int
    last_seq: int
    rows: int


def place_name(folder: Path, path: Path) -> str:
    """The place of an OffCirc.dat as the journal of a data folder knows it.

    It is relative when it is in that folder, so that the folder can be moved.
    """
    inside = path.is_relative_to(folder)
    return os.path.normcase(path.relative_to(folder) if inside else path)


def same_place(name: str, other: str) -> bool:
    """Whether two names of :func:`place_name` mean one file.

    Windows writes them in its own way, ``offcirc.dat``. Those in the data folder are the same
    wherever that folder is opened: copied to another system, or read there over a share.
    """
    if name == other:
        return True
    one, two = PureWindowsPath(name), PureWindowsPath(other)  # which knows both marks and no case
    return one == two and not one.root


_LAST_DONE = """
    SELECT * FROM placed_saves
    WHERE save = (SELECT max(save) FROM save_ends WHERE outcome = 'done')
"""
_UNFINISHED = """
    SELECT * FROM placed_saves AS s
    WHERE s.save = (SELECT max(save) FROM saves)
    AND NOT EXISTS (SELECT 1 FROM save_ends AS e WHERE e.save = s.save)
"""
_DONE_BEFORE = """
    SELECT * FROM placed_saves AS s
    WHERE s.file = ? AND s.offset <= ?
    AND EXISTS (SELECT 1 FROM save_ends AS e WHERE e.save = s.save AND e.outcome = 'done')
    ORDER BY s.save DESC LIMIT 1
"""

_DONE_IN = """
    SELECT s.*, e.last_seq FROM placed_saves AS s
    JOIN save_ends AS e ON e.save = s.save AND e.outcome = 'done'
    WHERE s.file = ? ORDER BY s.save
"""


class SaveBook:
    """The tables of the journal that concern OffCirc.dat.

    Every method raises :class:`~offcirc.disk.errors.StorageError` when the disk does not let it.
    """

    def __init__(
        self, database: sqlite_utils.Database, path: Path, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._path = path
        self._clock = clock

    def saved_up_to(self) -> int:
        """The number of the last saved row; every later one is pending or voided."""
        with wording(self._path):
            found = self._database.execute(
                "SELECT last_seq FROM save_ends WHERE outcome = 'done' ORDER BY save DESC LIMIT 1"
            ).fetchone()
        return 0 if found is None else int(found[0])

    def last(self) -> Save | None:
        """The newest save that is done; for a status line."""
        with wording(self._path):
            found = self._database.execute(_LAST_DONE).fetchone()
        return None if found is None else _save(found)

    def unfinished(self) -> Save | None:
        """The save of which it is not known whether it reached the file; there is at most one."""
        with wording(self._path):
            found = self._database.execute(_UNFINISHED).fetchone()
        return None if found is None else _save(found)

    def begin(
        self,
        file: FileState | None,
        path: str,
        data: bytes,
        seqs: list[int],
    ) -> Save:
        """Note durably what is about to be added to a file.

        Args:
            file: the file as it is now; ``None`` starts a new one at ``path``.
            path: the file's place.
            data: the bytes that will be added.
            seqs: the rows they state, in order.
        """
        with wording(self._path), transaction(self._database):
            if file is None:
                file = self._start(path, FileEvent.NEW, 0, EMPTY_SHA256)
            cursor = self._database.execute(
                "INSERT INTO saves VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    file.file,
                    stamp(self._clock()),
                    file.size,
                    len(data),
                    hashlib.sha256(data).hexdigest(),
                    seqs[0],
                    seqs[-1],
                    len(seqs),
                ),
            )
            number = cursor.lastrowid or 0
            found = self._database.execute(
                "SELECT * FROM placed_saves WHERE save = ?", (number,)
            ).fetchone()
        return _save(found)

    def finish(self, save: Save, size: int, sha256: str, last_seq: int | None = None) -> FileState:
        """Note that rows of a save are durably in the file, which makes them saved.

        Args:
            save: the unfinished save.
            size: the file's length now.
            sha256: of its content, in hex.
            last_seq: the last row that is in it; all when not given.
        """
        last = save.last_seq if last_seq is None else last_seq
        with wording(self._path), transaction(self._database):
            self._end(save, "done", last)
            return self._note(save.file, FileEvent.SAVED, size, sha256)

    def abandon(self, save: Save) -> None:
        """Note that nothing of a save is in the file: its rows are pending as before."""
        with wording(self._path):
            self._end(save, "abandoned", save.first_seq - 1)

    def state(self, path: str) -> FileState | None:
        """The file at a place as last known; ``None`` if there was none or it is done with."""
        newest = self.newest_file(path)
        return None if newest is None else self.state_of(newest)

    def state_of(self, file: int) -> FileState | None:
        """A file as it was last known; ``None`` if it is done with."""
        with wording(self._path):
            kind, size, sha256 = self._database.execute(
                "SELECT kind, size, sha256 FROM file_states WHERE file = ?"
                " ORDER BY entry DESC LIMIT 1",
                (file,),
            ).fetchone()
        return None if kind == FileEvent.GONE else FileState(file, size, sha256)

    def found(self, path: str, size: int, sha256: str) -> FileState:
        """Note a file with content that this journal did not write."""
        with wording(self._path), transaction(self._database):
            return self._start(path, FileEvent.FOUND, size, sha256)

    def changed(self, file: int, size: int, sha256: str) -> FileState:
        """Note that somebody changed a file, and how it is now."""
        with wording(self._path):
            return self._note(file, FileEvent.CHANGED, size, sha256)

    def gone(self, file: int) -> None:
        """Note that a file was moved, deleted or emptied: it is done with."""
        with wording(self._path):
            self._note(file, FileEvent.GONE, 0, EMPTY_SHA256)

    def newest_file(self, path: str) -> int | None:
        """The number of the newest file at a place, done with or not."""
        with wording(self._path):
            known = self._database.execute("SELECT file, path FROM files ORDER BY file DESC")
            return next((int(n) for n, name in known.fetchall() if same_place(name, path)), None)

    def done_before(self, file: int, size: int) -> Save | None:
        """The newest save done to a file that was added at or before ``size`` bytes."""
        with wording(self._path):
            found = self._database.execute(_DONE_BEFORE, (file, size)).fetchone()
        return None if found is None else _save(found)

    def done_ranges(self, file: int, first_save: int = 0) -> list[tuple[int, int]]:
        """The rows, first and last, of each save done to a file, in order.

        Args:
            file: the file's number.
            first_save: leave out the saves before this one.
        """
        with wording(self._path):
            return self._database.execute(
                "SELECT s.first_seq, e.last_seq FROM saves AS s"
                " JOIN save_ends AS e ON e.save = s.save AND e.outcome = 'done'"
                " WHERE s.file = ? AND s.save >= ? ORDER BY s.save",
                (file, first_save),
            ).fetchall()

    def done_after(self, file: int, save: int) -> list[tuple[int, int, int]]:
        """The saves done to a file after ``save``, in order: number, first and last row."""
        with wording(self._path):
            return self._database.execute(
                "SELECT s.save, s.first_seq, e.last_seq FROM saves AS s"
                " JOIN save_ends AS e ON e.save = s.save AND e.outcome = 'done'"
                " WHERE s.file = ? AND s.save > ? ORDER BY s.save",
                (file, save),
            ).fetchall()

    def stated_from(self, path: str) -> int:
        """The first row in the present file at a place; 0 when there is no such row or file."""
        newest = self.newest_file(path)
        if newest is None or self.state_of(newest) is None:
            return 0
        return min((first for first, _last in self.done_ranges(newest)), default=0)

    def is_closing(self) -> bool:
        """Whether the closing of a file was begun and not ended."""
        with wording(self._path):
            found = self._database.execute(
                "SELECT EXISTS (SELECT 1 FROM closings AS c WHERE NOT EXISTS"
                " (SELECT 1 FROM closing_ends AS e WHERE e.closing = c.closing))"
            ).fetchone()
        return bool(found[0])

    def placed(self, file: int) -> list[tuple[Save, int]]:
        """The saves done to a file, in order, each with the last row that is in it."""
        with wording(self._path):
            found = self._database.execute(_DONE_IN, (file,)).fetchall()
        return [(_save(values), last) for *values, last in found]

    def start(self, path: str, kind: FileEvent, size: int, sha256: str) -> FileState:
        """Note a file that took the place of another; inside the caller's transaction."""
        return self._start(path, kind, size, sha256)

    def note_gone(self, file: int) -> None:
        """As :meth:`gone`, inside the caller's transaction."""
        self._note(file, FileEvent.GONE, 0, EMPTY_SHA256)

    def note_done(
        self, file: FileState, offset: int, data: bytes, rows: tuple[int, int, int]
    ) -> None:
        """Note rows that are in a file that took the place of another, inside a transaction.

        Args:
            file: the file.
            offset: where their lines begin in it.
            data: their lines.
            rows: the first one, the last one, and how many there are.
        """
        now = stamp(self._clock())
        number = self._database.execute(
            "INSERT INTO saves VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
            (file.file, now, offset, len(data), hashlib.sha256(data).hexdigest(), *rows),
        ).lastrowid
        self._database.execute(
            "INSERT INTO save_ends VALUES (?, ?, 'done', ?)", (number, now, rows[1])
        )

    def note_content(self, file: int, content: bytes) -> None:
        """Note what is in a file now, inside a transaction."""
        sha256 = hashlib.sha256(content).hexdigest()
        self._note(file, FileEvent.SAVED, len(content), sha256)

    def _start(self, path: str, kind: FileEvent, size: int, sha256: str) -> FileState:
        cursor = self._database.execute(
            "INSERT INTO files VALUES (NULL, ?, ?)", (path, stamp(self._clock()))
        )
        return self._note(cursor.lastrowid or 0, kind, size, sha256)

    def _note(self, file: int, kind: FileEvent, size: int, sha256: str) -> FileState:
        self._database.execute(
            "INSERT INTO file_states VALUES (NULL, ?, ?, ?, ?, ?)",
            (file, stamp(self._clock()), kind.value, size, sha256),
        )
        return FileState(file, size, sha256)

    def _end(self, save: Save, outcome: str, last_seq: int) -> None:
        self._database.execute(
            "INSERT INTO save_ends VALUES (?, ?, ?, ?)",
            (save.save, stamp(self._clock()), outcome, last_seq),
        )


def _save(values: tuple[Any, ...]) -> Save:
    number, file, path, at, *rest = values
    return Save(number, file, path, datetime.fromisoformat(at), *rest)
