"""What a journal in a fallback place notes about the journal it stands in for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlite_utils

from offcirc.disk.errors import wording
from offcirc.storage.journal.jumps import ClockJump
from offcirc.storage.journal.rows import Row

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class OutsideVoid:
    """A row of the journal out of reach that was deleted meanwhile."""

    entry: int
    at: str
    journal: str
    seq: int
    id: str


@dataclass(frozen=True, slots=True)
class HomeMarks:
    """Up to where everything has been brought home: row, deletion, jump."""

    row: int = 0
    void: int = 0
    jump: int = 0

    def after(self, rows: list[Row], voids: list[OutsideVoid], jumps: list[ClockJump]) -> HomeMarks:
        """The marks once these have been brought home too."""
        return HomeMarks(
            rows[-1].seq if rows else self.row,
            voids[-1].entry if voids else self.void,
            jumps[-1].jump if jumps else self.jump,
        )


class AwayBook:
    """The tables of a journal in a fallback place that concern the journal it stands in for.

    Every method raises :class:`~offcirc.disk.errors.StorageError` when the disk does not let it.
    """

    def __init__(self, database: sqlite_utils.Database, path: Path) -> None:
        self._database = database
        self._path = path

    def void(self, journal: str, seq: int, name: str, at: str) -> None:
        """Note that a row of the journal out of reach is deleted.

        Args:
            journal: that journal's name.
            seq: the row.
            name: its id.
            at: the moment, stamped.
        """
        with wording(self._path):
            self._database.execute(
                "INSERT INTO outside_voids VALUES (NULL, ?, ?, ?, ?)", (at, journal, seq, name)
            )

    def marks(self) -> HomeMarks:
        """Up to where everything has been brought home."""
        with wording(self._path):
            found = self._database.execute(
                "SELECT last_seq, last_void, last_jump FROM homes ORDER BY home DESC LIMIT 1"
            ).fetchone()
        return HomeMarks() if found is None else HomeMarks(*found)

    def voids_after(self, entry: int) -> list[OutsideVoid]:
        """The deletions that have not been brought home."""
        with wording(self._path):
            found = self._database.execute(
                "SELECT entry, at_utc, journal, seq, id FROM outside_voids WHERE entry > ?"
                " ORDER BY entry",
                (entry,),
            ).fetchall()
        return [OutsideVoid(*each) for each in found]

    def void_times(self) -> dict[int, str]:
        """When each deleted row of this journal was deleted, stamped."""
        with wording(self._path):
            return dict(self._database.execute("SELECT seq, at_utc FROM voids").fetchall())

    def leave(self, at: str, journal: str, marks: HomeMarks) -> None:
        """Note that everything up to the marks is in another journal now."""
        with wording(self._path):
            self._database.execute(
                "INSERT INTO homes VALUES (NULL, ?, ?, ?, ?, ?)",
                (at, journal, marks.row, marks.void, marks.jump),
            )

    def is_empty(self) -> bool:
        """Whether there is nothing to bring home."""
        marks = self.marks()
        with wording(self._path):
            (found,) = self._database.execute(
                "SELECT EXISTS (SELECT 1 FROM transactions WHERE seq > ?)"
                " OR EXISTS (SELECT 1 FROM outside_voids WHERE entry > ?)"
                " OR EXISTS (SELECT 1 FROM clock_jumps WHERE jump > ?)",
                (marks.row, marks.void, marks.jump),
            ).fetchone()
        return not found
