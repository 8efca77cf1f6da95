"""Bringing the rows home that a journal in a fallback place kept while ours could not be written.

Exactly once, whatever happens in between: what arrives is written together with the note of where
it came from, in one transaction of the journal that takes it. Only then does the other journal note
that its rows have left; a crash before that note is put right by the first one. A row that is in
both because a flush failed and yet the disk kept it is known by its id.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offcirc.disk.database import transaction
from offcirc.disk.errors import StorageError, wording
from offcirc.storage.journal.away_book import OutsideVoid
from offcirc.storage.journal.jumps import ClockJump
from offcirc.storage.journal.rows import Row, RowState, Where
from offcirc.storage.stamps import stamp

if TYPE_CHECKING:
    from offcirc.storage.journal.journal import Journal


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
            arrived = replace(row, seq=seq, state=RowState.PENDING, where=Where.MAIN)
        if not is_known:
            self._note("row", row.seq, seq)
        self._seqs[row.seq] = seq
        if voided_at is not None:
            arrived = self._void(seq, voided_at)
            if arrived.state is not RowState.VOIDED:
                self._too_late.append(row.transaction.id)
        self._moved.append((row, arrived or self._row(seq)))

    def _bring_voids(self, voids: list[OutsideVoid]) -> None:
        seen = self._known("void")
        for void in voids:
            seq = self._place_of(void)
            if void.entry in seen or seq is None:
                continue
            gone = self._void(seq, void.at)
            if gone.state is RowState.VOIDED:
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

    def _place_of(self, void: OutsideVoid) -> int | None:
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
