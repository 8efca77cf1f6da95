"""Transactions that were refused and may have got there nevertheless."""

from __future__ import annotations

from offcirc.core.transaction import Transaction
from offcirc.storage.journal.journal import Journal
from offcirc.storage.journal.rows import Row, RowNote


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
