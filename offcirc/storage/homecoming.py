"""Bringing the rows home that a journal in a fallback place kept while ours could not be written.

Exactly once, whatever happens in between: what arrives is written together with the note of where
it came from, in one transaction of the journal that takes it. Only then does the other journal note
that its rows have left; a crash before that note is put right by the first one. A row that is in
both because a flush failed and yet the disk kept it is known by its id.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import sqlite_utils

from offcirc.storage.database import transaction
from offcirc.storage.errors import StorageError, wording
from offcirc.storage.jumps import ClockJump
from offcirc.storage.rows import Row, State, Where
from offcirc.storage.stamps import stamp

if TYPE_CHECKING:
    from offcirc.storage.journal import Journal


@dataclass(frozen=True, slots=True)
class Reunion:
    """What was brought home.

    Attributes:
        moved: each row as it was in the fallback place and as it is at home, in order; also when
            it had been brought there by an attempt of which that was not known.
        deleted: rows at home that were deleted while it was out of reach, as they are now.
        too_late: ids of rows deleted meanwhile that are, or may be, in OffCirc.dat.
    """

    moved: tuple[tuple[Row, Row], ...] = ()
    deleted: tuple[Row, ...] = ()
    too_late: tuple[str, ...] = ()

    def __add__(self, other: Reunion) -> Reunion:
        """One after the other."""
        return Reunion(
            self.moved + other.moved, self.deleted + other.deleted, self.too_late + other.too_late
        )

    def __bool__(self) -> bool:
        return bool(self.moved or self.deleted or self.too_late)


@dataclass(frozen=True, slots=True)
class _OutsideVoid:
    entry: int
    at: str
    journal: str
    seq: int
    id: str


@dataclass(frozen=True, slots=True)
class _Marks:
    """Up to where everything has been brought home: row, deletion, jump."""

    row: int = 0
    void: int = 0
    jump: int = 0

    def after(self, rows: list[Row], voids: list[_OutsideVoid], jumps: list[ClockJump]) -> _Marks:
        """The marks once these have been brought home too."""
        return _Marks(
            rows[-1].seq if rows else self.row,
            voids[-1].entry if voids else self.void,
            jumps[-1].jump if jumps else self.jump,
        )


class AwayBook:
    """The tables of a journal in a fallback place that concern the journal it stands in for.

    Every method raises :class:`~offcirc.storage.errors.StorageError` when the disk does not let it.
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

    def marks(self) -> _Marks:
        """Up to where everything has been brought home."""
        with wording(self._path):
            found = self._database.execute(
                "SELECT last_seq, last_void, last_jump FROM homes ORDER BY home DESC LIMIT 1"
            ).fetchone()
        return _Marks() if found is None else _Marks(*found)

    def voids_after(self, entry: int) -> list[_OutsideVoid]:
        """The deletions that have not been brought home."""
        with wording(self._path):
            found = self._database.execute(
                "SELECT entry, at_utc, journal, seq, id FROM outside_voids WHERE entry > ?"
                " ORDER BY entry",
                (entry,),
            ).fetchall()
        return [_OutsideVoid(*each) for each in found]

    def void_times(self) -> dict[int, str]:
        """When each deleted row of this journal was deleted, stamped."""
        with wording(self._path):
            return dict(self._database.execute("SELECT seq, at_utc FROM voids").fetchall())

    def leave(self, at: str, journal: str, marks: _Marks) -> None:
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


def bring_home(home: Journal, away: Journal) -> Reunion:
    """Copy to ``home``, in order, what ``away`` kept for it.

    Raises:
        StorageError: it is not known whether anything was brought home; the call may be made again.
    """
    return _Homecoming(home, away).run()


class _Homecoming:
    def __init__(self, home: Journal, away: Journal) -> None:
        self._home = home
        self._away = away
        self._seqs: dict[int, int] = {}
        self._moved: list[tuple[Row, Row]] = []
        self._deleted: list[Row] = []
        self._too_late: list[str] = []

    def run(self) -> Reunion:
        before = self._away.away.marks()
        rows = self._away.rows.between(before.row + 1)
        voids = self._away.away.voids_after(before.void)
        jumps = [jump for jump in self._away.clock_jumps() if jump.jump > before.jump]
        if not (rows or voids or jumps):
            return Reunion()
        times = self._away.away.void_times()
        with wording(self._home.path), transaction(self._home.database):
            known = self._known("row")
            (last,) = self._home.database.execute(
                "SELECT coalesce(max(seq), 0) FROM transactions"
            ).fetchone()
            self._seqs[0] = last
            wanted = [row.transaction.id for row in rows if row.seq not in known]
            present = self._home.rows.named(wanted)
            gone = [row.transaction.id for row in rows if row.seq in times]
            present |= self._home.rows.named(gone, voided=True)
            for row in rows:
                seq = known.get(row.seq, present.get(row.transaction.id))
                self._bring(row, seq, row.seq in known, times.get(row.seq))
            self._bring_voids(voids)
            self._bring_jumps(jumps, last)
        self._home.refresh()
        # When it cannot be noted there, all of this is looked at again, and known.
        with suppress(StorageError):
            now = stamp(self._home.clock())
            self._away.away.leave(now, self._home.id, before.after(rows, voids, jumps))
        return Reunion(tuple(self._moved), tuple(self._deleted), tuple(self._too_late))

    def _bring(self, row: Row, seq: int | None, is_known: bool, voided_at: str | None) -> None:
        arrived = None
        if seq is None:
            seq = self._home.insert_row(row)
            arrived = replace(row, seq=seq, state=State.PENDING, where=Where.MAIN)
        if not is_known:
            self._note("row", row.seq, seq)
        self._seqs[row.seq] = seq
        if voided_at is not None:
            arrived = self._void(seq, voided_at)
            if arrived.state is not State.VOIDED:
                self._too_late.append(row.transaction.id)
        self._moved.append((row, arrived or self._row(seq)))

    def _bring_voids(self, voids: list[_OutsideVoid]) -> None:
        seen = self._known("void")
        for void in voids:
            seq = self._place_of(void)
            if void.entry in seen or seq is None:
                continue
            gone = self._void(seq, void.at)
            if gone.state is State.VOIDED:
                self._deleted.append(gone)
            else:
                self._too_late.append(void.id)
            self._note("void", void.entry, seq)

    def _bring_jumps(self, jumps: list[ClockJump], newest: int) -> None:
        seen = self._known("jump")
        for jump in jumps:
            if jump.jump not in seen:
                number = self._home.sessions.add(jump.session)
                after = self._seqs.get(jump.last_seq, newest)
                ours = self._home.jumps.add(replace(jump, last_seq=after), number)
                self._note("jump", jump.jump, ours)

    def _place_of(self, void: _OutsideVoid) -> int | None:
        """The row it deletes; in a journal that was begun anew meanwhile, by its id."""
        if void.journal == self._home.id:
            return void.seq
        return self._home.rows.named([void.id]).get(void.id)

    def _void(self, seq: int, at: str) -> Row:
        """Delete a row unless it is saved or deleted already; the row as it is then."""
        if self._home.is_deletable(seq):
            self._home.database.execute("INSERT INTO voids VALUES (?, ?)", (seq, at))
        return self._row(seq)

    def _row(self, seq: int) -> Row:
        (row,) = self._home.rows.between(seq, seq)
        return row

    def _known(self, kind: str) -> dict[int, int]:
        """What has been brought here from that journal before."""
        return dict(
            self._home.database.execute(
                "SELECT theirs, ours FROM imports WHERE journal = ? AND kind = ?",
                (self._away.id, kind),
            ).fetchall()
        )

    def _note(self, kind: str, theirs: int, ours: int) -> None:
        self._home.database.execute(
            "INSERT INTO imports VALUES (NULL, ?, ?, ?, ?, ?)",
            (stamp(self._home.clock()), self._away.id, kind, theirs, ours),
        )
