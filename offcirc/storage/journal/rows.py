"""Transactions in their place in a journal, and how they are read from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlite_utils

from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import Operation, Source, Transaction
from offcirc.disk.errors import wording
from offcirc.storage.journal.saves import SaveBook
from offcirc.storage.journal.sessions import RecordedSession, SessionBook
from offcirc.storage.stamps import moment, stamp

_ROWS = """
    SELECT t.seq, t.id, t.at_utc, t.utc_offset, t.operation, t.item, t.patron, t.raw, t.source,
           t.session, t.elapsed_ms, t.repaired, v.seq IS NOT NULL, {more}
    FROM transactions AS t LEFT JOIN voids AS v ON v.seq = t.seq
"""
_RUNS = """
    SELECT d.first_seq,
           (SELECT min(n.first_seq) FROM days AS n WHERE n.first_seq > d.first_seq)
    FROM days AS d WHERE d.day >= ? ORDER BY d.first_seq
"""
_END = 2**63 - 1


# An older journal that is only read has no such columns, and no such table.
_COLUMNS = "PRAGMA table_info(transactions)"
_REMARKS = """
    SELECT r.seq, r.kind, r.about FROM remarks AS r
    WHERE r.seq IN (SELECT t.seq FROM transactions AS t LEFT JOIN voids AS v ON v.seq = t.seq
                    {which})
"""
_TOLD = _REMARKS.replace("r.kind", "'told'").replace("FROM remarks", "FROM told")
_TABLES = "SELECT name FROM sqlite_master WHERE name IN ('remarks', 'told')"


class RowState(StrEnum):
    """What has become of a row."""

    PENDING = "pending"
    SAVED = "saved"
    VOIDED = "voided"
    MOVED = "moved"
    """It was brought home from a fallback place: another journal answers for it."""
    MISSING = "missing"
    """It was saved, but the file is not there, or not as it was; of rows as they are shown only."""


class Where(StrEnum):
    """Which journal of a desk keeps a row."""

    MAIN = "main"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction in its place.

    Attributes:
        seq: its number; rows of one journal happened in this order, whatever the clock said.
        transaction: the loan or return.
        state: not in OffCirc.dat yet, in it, or deleted before it got there.
        session: the run of the program that recorded it; ``None`` for rows older than sessions.
        elapsed_ms: the true milliseconds from the start of that run until then, by a clock that
            nobody can set; ``None`` for rows older than sessions.
        repaired: code of the repair by which the barcode was won from what arrived (a scanner set
            for another keyboard layout); empty if there was none.
        where: which journal keeps it; ``seq`` counts in that one.
        odd: codes of what was doubtful about it when it was recorded, with blanks between; empty
            if nothing was.
        restores: the id of the deleted row that it brings back; empty if it is none such.
        told: what the desk was told of it afterwards, see :mod:`offcirc.core.told`.
    """

    seq: int
    transaction: Transaction
    state: RowState
    session: RecordedSession | None = None
    elapsed_ms: int | None = None
    repaired: str = ""
    where: Where = Where.MAIN
    odd: str = ""
    restores: str = ""
    told: str = ""

    @property
    def remarks(self) -> tuple[tuple[str, str], ...]:
        """What the journal notes of it besides: kind, and what about."""
        told = (("odd", self.odd), ("restores", self.restores), ("told", self.told))
        return tuple(each for each in told if each[1])

    @property
    def identity(self) -> DeskIdentity:
        """At which desk it was recorded."""
        return DeskIdentity() if self.session is None else self.session.identity

    @property
    def elapsed(self) -> timedelta | None:
        """The true time from the start of the run until then."""
        return None if self.elapsed_ms is None else timedelta(milliseconds=self.elapsed_ms)


@dataclass(frozen=True, slots=True)
class RowNote:
    """What is noted with a transaction when it is recorded.

    Attributes:
        repaired: code of the repair by which its barcode was won; empty if there was none.
        odd: codes of what is doubtful about it, with blanks between; empty if nothing is.
        again: the deleted row that it brings back; it has happened when that one did.
    """

    repaired: str = ""
    odd: str = ""
    again: Row | None = None


def joined(home: list[Row], away: list[Row]) -> list[Row]:
    """Rows of both places; one that is in both, because a failed write got there, only once."""
    if not away:
        return home
    known = {row.transaction.id for row in home}
    return [*home, *(row for row in away if row.transaction.id not in known)]


class RowBook:
    """Reads the rows of one journal.

    Every method raises :class:`~offcirc.disk.errors.StorageError` when the disk does not let it.

    Attributes:
        where: what the rows say of their place.
    """

    def __init__(
        self,
        database: sqlite_utils.Database,
        path: Path,
        saves: SaveBook,
        sessions: SessionBook,
        where: Where = Where.MAIN,
    ) -> None:
        self.where = where
        self._database = database
        self._path = path
        self._saves = saves
        self._sessions = sessions
        self._beside: tuple[str, ...] | None = None
        columns = {name for _number, name, *_rest in database.execute(_COLUMNS)}
        self._rows = _ROWS.format(more="t.act, t.stated" if "stated" in columns else "'', ''")

    def moved_up_to(self) -> int:
        """The last row that another journal answers for; 0 if there is none."""
        with wording(self._path):
            found = self._database.execute(
                "SELECT last_seq FROM homes ORDER BY home DESC LIMIT 1"
            ).fetchone()
        return 0 if found is None else int(found[0])

    def settled_up_to(self) -> int:
        """The last row that is saved or moved; every later one is pending or voided."""
        return max(self._saves.saved_up_to(), self.moved_up_to())

    def pending(self) -> list[Row]:
        """The rows that are not in OffCirc.dat yet, in order."""
        return self._read("WHERE t.seq > ? AND v.seq IS NULL", (self.settled_up_to(),))

    def count_pending(self) -> int:
        """How many there are."""
        with wording(self._path):
            found = self._database.execute(
                "SELECT count(*) FROM transactions AS t WHERE t.seq > ?"
                " AND NOT EXISTS (SELECT 1 FROM voids AS v WHERE v.seq = t.seq)",
                (self.settled_up_to(),),
            )
            return int(found.fetchone()[0])

    def since(self, at: datetime) -> list[Row]:
        """The rows recorded at or after a moment, aware, in order, whatever became of them."""
        since = stamp(at)
        rows: list[Row] = []
        with wording(self._path):
            runs = self._database.execute(_RUNS, (since[:10],)).fetchall()
        for first, after in runs:
            end = _END if after is None else after
            rows += self._read(
                "WHERE t.seq >= ? AND t.seq < ? AND t.at_utc >= ?", (first, end, since)
            )
        return rows

    def between(self, first: int, last: int = _END) -> list[Row]:
        """The rows numbered ``first`` to ``last``, both included, in order, deleted ones too."""
        return self._read("WHERE t.seq BETWEEN ? AND ?", (first, last))

    def named(self, names: Iterable[str], *, voided: bool = False) -> dict[str, int]:
        """The numbers of the rows that have these ids and are not voided.

        Looks at every row there is: an index would cost every scan a page.

        Args:
            names: the ids.
            voided: whether to look at voided rows too.
        """
        wanted = set(names)
        if not wanted:
            return {}
        with wording(self._path):
            found = self._database.execute(
                "SELECT t.id, t.seq FROM transactions AS t"
                " WHERE ? OR NOT EXISTS (SELECT 1 FROM voids AS v WHERE v.seq = t.seq)",
                (voided,),
            )
            return {name: seq for name, seq in found if name in wanted}

    def last(self) -> Row | None:
        """The newest row, deleted or not."""
        rows = self._read("WHERE t.seq = (SELECT max(seq) FROM transactions)", ())
        return rows[0] if rows else None

    def _read(self, which: str, values: tuple[Any, ...]) -> list[Row]:
        saved, moved = self._saves.saved_up_to(), self.moved_up_to()
        with wording(self._path):
            found = self._database.execute(f"{self._rows} {which} ORDER BY t.seq", values)
            rows = [self._row(each, saved, moved) for each in found]
            remarks = self._remarks(which, values) if rows else {}
        return [replace(row, **remarks[row.seq]) if row.seq in remarks else row for row in rows]

    def _remarks(self, which: str, values: tuple[Any, ...]) -> dict[int, dict[str, Any]]:
        if self._beside is None:
            there = {name for (name,) in self._database.execute(_TABLES)}
            both = (("remarks", _REMARKS), ("told", _TOLD))
            self._beside = tuple(question for table, question in both if table in there)
        told: dict[int, dict[str, Any]] = {}
        for question in self._beside:
            for seq, kind, about in self._database.execute(question.format(which=which), values):
                told.setdefault(seq, {})[kind] = about
        return told

    def _row(self, values: tuple[Any, ...], saved: int, moved: int) -> Row:
        seq, name, at, offset, operation, item, patron, raw, source, session, *rest = values
        elapsed, repaired, voided, act, stated = rest
        if voided:
            state = RowState.VOIDED
        elif seq <= moved:
            state = RowState.MOVED
        else:
            state = RowState.SAVED if seq <= saved else RowState.PENDING
        record = Transaction(
            id=name,
            at=moment(at),
            utc_offset=offset,
            operation=Operation(act or operation),
            item=item,
            patron=patron,
            raw=raw,
            source=Source(source),
            stated=datetime.fromisoformat(stated) if stated else None,
        )
        return Row(seq, record, state, self._sessions.get(session), elapsed, repaired, self.where)
