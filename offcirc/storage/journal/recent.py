"""What is known of a journal's rows without asking it: those it has, and those it refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from offcirc.core.transaction import Transaction
from offcirc.storage.journal.journal import Journal
from offcirc.storage.journal.rows import Row, RowNote, RowState


class Recent:
    """The pending rows of a journal and those of the present run, by their number."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}

    def note(self, rows: Iterable[Row]) -> None:
        """Rows as they are now."""
        for row in rows:
            self._rows[row.seq] = row

    def seen(self, rows: Iterable[Row]) -> None:
        """Rows as the journal shows them, which may not have heard of a deletion yet."""
        for row in rows:
            known = self._rows.get(row.seq)
            if known is None or known.state is not RowState.VOIDED:
                self._rows[row.seq] = row

    def saved(self, last: int) -> None:
        """All pending rows up to this one are in OffCirc.dat now."""
        for row in self.pending():
            if row.seq <= last:
                self._rows[row.seq] = replace(row, state=RowState.SAVED)

    def all(self) -> list[Row]:
        """All that is known, in order."""
        return self._in_order()

    def unsaved(self, first: int) -> list[Row]:
        """Take back that the rows from this one on are in OffCirc.dat; those it was known of."""
        back = [
            replace(row, state=RowState.PENDING)
            for row in self._in_order()
            if row.seq >= first and row.state is RowState.SAVED
        ]
        self.note(back)
        return back

    def get(self, seq: int) -> Row | None:
        """One row."""
        return self._rows.get(seq)

    def pending(self) -> list[Row]:
        """The rows that are not in OffCirc.dat yet, in order."""
        return [row for row in self._in_order() if row.state is RowState.PENDING]

    def since(self, at: datetime) -> list[Row]:
        """The rows recorded at or after a moment, aware, in order, as far as they are known."""
        return [row for row in self._in_order() if row.transaction.at >= at]

    def newest(self) -> Row | None:
        """The newest row that is known."""
        return self._rows[max(self._rows)] if self._rows else None

    def _in_order(self) -> list[Row]:
        return [self._rows[seq] for seq in sorted(self._rows)]


class RefusedRows:
    """What one journal refused during this run.

    A commit whose flush failed may be in the journal when it is opened again. The same transaction
    given again is then not written twice; one that the staff were told is not recorded is deleted.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def add(self, record: Transaction) -> None:
        """It was refused."""
        self._ids.add(record.id)

    def discard(self, record: Transaction) -> None:
        """It is recorded, here or elsewhere: what there is of it may stay."""
        self._ids.discard(record.id)

    def keep_in(self, journal: Journal, record: Transaction, how: RowNote) -> Row:
        """Record it, unless it is there already.

        Raises:
            StorageError: it is not recorded, as far as can be told.
        """
        if record.id in self._ids:
            seq = journal.rows.named([record.id]).get(record.id)
            if seq is not None:
                return journal.rows_between(seq, seq)[0]
        return journal.keep(record, how)

    def settle(self, journal: Journal, trying: Transaction | None) -> None:
        """Delete what was refused and got there, but for the one that is being tried again.

        Raises:
            StorageError: it could not be deleted; to be called again.
        """
        wanted = self._ids - ({trying.id} if trying else set())
        for seq in journal.rows.named(wanted).values():
            if journal.is_deletable(seq):
                journal.void(seq)
        self._ids -= wanted
