"""Rows that had been saved, and are in no OffCirc.dat any more: was it uploaded, or lost?

A file that was moved away, deleted or emptied took its rows along; one that somebody changed may
have lost some. Unless the file was closed once its lines were uploaded, only people know what
became of it: they say that it was uploaded, or have the rows written again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import sqlite_utils

from offcirc.core.dat.datline import encode
from offcirc.disk import durable
from offcirc.disk.database import transaction
from offcirc.disk.errors import Fault, StorageError, wording
from offcirc.storage.journal.rows import Row, RowBook, RowState
from offcirc.storage.journal.saves import EMPTY_SHA256, FileEvent, SaveBook, place_name, same_place
from offcirc.storage.journal.sessions import SessionBook
from offcirc.storage.stamps import stamp, utc_now

# Files that are done with, though nobody has closed them or said what became of them.
_GONE = """
    SELECT f.file, f.path FROM files AS f
    WHERE (SELECT s.kind FROM file_states AS s WHERE s.file = f.file
           ORDER BY s.entry DESC LIMIT 1) = 'gone'
    AND NOT EXISTS (SELECT 1 FROM fates AS t WHERE t.file = f.file)
    AND NOT EXISTS (SELECT 1 FROM closings AS c WHERE c.file = f.file AND (
        SELECT e.outcome FROM closing_ends AS e WHERE e.closing = c.closing
        ORDER BY e.entry DESC LIMIT 1) IN ('done', 'undone'))
    ORDER BY f.file
"""
_CHANGED = """
    SELECT kind = 'changed' AND NOT EXISTS (
        SELECT 1 FROM fates AS t WHERE t.file = s.file AND t.at_utc >= s.at_utc)
    FROM file_states AS s WHERE s.file = ? AND s.kind <> 'saved' ORDER BY s.entry DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing.

    Attributes:
        gone: rows of files that are not there any more, in order.
        changed: rows that are not in the present file as they were saved, in order.
        files: the numbers of all these files.
        gone_files: the numbers of those that are not there.
    """

    gone: tuple[Row, ...] = ()
    changed: tuple[Row, ...] = ()
    files: tuple[int, ...] = ()
    gone_files: tuple[int, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """All of them, in order."""
        return tuple(sorted({row.seq: row for row in (*self.gone, *self.changed)}.values(), key=_n))

    def __bool__(self) -> bool:
        return bool(self.gone or self.changed)


def _n(row: Row) -> int:
    return row.seq


class FateBook:
    """What became of the rows of each OffCirc.dat, as far as a journal and its folder tell.

    Every method raises :class:`~offcirc.disk.errors.StorageError` when the disk does not let it.
    """

    def __init__(self, database: sqlite_utils.Database, path: Path, file: Path) -> None:
        """Prepare.

        Args:
            database: the journal, which may be open for reading only.
            path: its place.
            file: the OffCirc.dat.
        """
        self._database = database
        self._path = path
        self._file = file
        self._name = place_name(path.parent, file)
        self._saves = SaveBook(database, path, utc_now)
        self._rows = RowBook(database, path, self._saves, SessionBook(database, path))

    def missing(self) -> Missing:
        """Compare the files that the journal knows with what is there."""
        with wording(self._path):
            found = self._database.execute(_GONE).fetchall()
            gone = [number for number, name in found if same_place(name, self._name)]
        newest = self._saves.newest_file(self._name)
        state = None if newest is None else self._saves.state_of(newest)
        changed: list[Row] = []
        files: list[int] = []
        if state is not None and state.size:
            size = self._size()
            if not size:
                gone.append(state.file)
            elif size < state.size or self._was_changed(state.file):
                changed = _not_in(self._content(), self._of(state.file))
                files.append(state.file)
        lost = [row for number in gone for row in self._of(number)]
        return Missing(tuple(lost), tuple(changed), (*gone, *files), tuple(gone))

    def not_uploaded(self) -> list[Row]:
        """Every row not known to be uploaded, in order: of the present file, missing, pending."""
        newest = self._saves.newest_file(self._name)
        present = [] if newest is None else self._of(newest)
        if newest is not None and self._saves.state_of(newest) is None:
            present = []
        rows = (*self.missing().rows, *present, *self._rows.pending())
        return sorted({row.seq: row for row in rows}.values(), key=_n)

    def settle(self, files: tuple[int, ...], what: str) -> None:
        """Note what became of files; inside the caller's database transaction.

        Args:
            files: their numbers.
            what: ``uploaded`` or ``made-again``.
        """
        for number in files:
            self._database.execute(
                "INSERT INTO fates VALUES (NULL, ?, ?, ?)", (stamp(utc_now()), number, what)
            )

    def uploaded(self) -> None:
        """The staff say that what is missing was uploaded, or taken out on purpose."""
        files = self.missing().files
        with wording(self._path), transaction(self._database):
            self.settle(files, "uploaded")

    def make_again(self) -> tuple[int, Path | None]:
        """Write what is missing: to OffCirc.dat, or beside it when it is there.

        Returns:
            How many rows, and where; no place when nothing is missing.

        Raises:
            StorageError: they could not be written.
        """
        found = self.missing()
        rows = found.rows
        if not rows:
            return 0, None
        data = b"".join(encode(row.transaction.record) for row in rows)
        alone = not self._size() and rows[-1].seq == self._last_saved()
        path = self._file if alone else free_beside(self._file)
        if alone:
            with wording(path):
                path.unlink(missing_ok=True)  # an empty one
        durable.create(path, data)
        with wording(self._path), transaction(self._database):
            for number in found.gone_files:
                if self._saves.state_of(number) is not None:
                    self._saves.note_gone(number)
            if alone:
                anew = self._saves.start(self._name, FileEvent.NEW, 0, EMPTY_SHA256)
                self._note(anew.file, rows)
            self.settle(found.files, "made-again")
        return len(rows), path

    def _note(self, number: int, rows: tuple[Row, ...]) -> None:
        """Note which rows are in the file that was made, run by run."""
        whole = b""
        runs: list[list[Row]] = []
        for row in rows:
            between = self._rows.between(runs[-1][-1].seq + 1, row.seq - 1) if runs else []
            if runs and all(each.state is RowState.VOIDED for each in between):
                runs[-1].append(row)
            else:
                runs.append([row])
        for run in runs:
            data = b"".join(encode(row.transaction.record) for row in run)
            file = self._saves.state_of(number)
            assert file is not None
            self._saves.note_done(file, len(whole), data, (run[0].seq, run[-1].seq, len(run)))
            whole += data
        self._saves.note_content(number, whole)

    def _last_saved(self) -> int:
        """The last row that is saved and not deleted."""
        last = self._saves.saved_up_to()
        rows = self._rows.between(max(1, last - 500), last)
        return max((row.seq for row in rows if row.state is RowState.SAVED), default=0)

    def _of(self, number: int) -> list[Row]:
        rows: list[Row] = []
        for first, last in self._saves.done_ranges(number):
            rows += [r for r in self._rows.between(first, last) if r.state is not RowState.VOIDED]
        return rows

    def _was_changed(self, number: int) -> bool:
        with wording(self._path):
            found = self._database.execute(_CHANGED, (number,)).fetchone()
        return bool(found and found[0])

    def _size(self) -> int:
        """The file's length; 0 when it is not in its folder."""
        try:
            with wording(self._file):
                return self._file.stat().st_size
        except StorageError as error:
            if error.fault is Fault.VANISHED and self._file.parent.is_dir():
                return 0
            raise

    def _content(self) -> bytes:
        with wording(self._file):
            return self._file.read_bytes()


def _not_in(content: bytes, rows: list[Row]) -> list[Row]:
    lines = Counter(content.splitlines())
    missing = []
    for row in rows:
        line = encode(row.transaction.record).rstrip(b"\r\n")
        if lines[line]:
            lines[line] -= 1
        else:
            missing.append(row)
    return missing


def free_beside(path: Path) -> Path:
    """A name beside a file that nothing has yet."""
    number, wanted = 1, path.with_name(f"{path.stem}-again{path.suffix}")
    while wanted.exists():
        number += 1
        wanted = path.with_name(f"{path.stem}-again-{number}{path.suffix}")
    return wanted
