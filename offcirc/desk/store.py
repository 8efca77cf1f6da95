"""The desk's door to what is kept on disk: journal and OffCirc.dat.

Importing this module costs nothing; the storage modules behind it (60 ms) are imported when the
window has been painted and :meth:`DeskStore.open` is called.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.core.transaction import Transaction

if TYPE_CHECKING:
    from offcirc.storage.datwriter import DatWriter
    from offcirc.storage.errors import StorageError
    from offcirc.storage.findings import Finding
    from offcirc.storage.journal import Journal, Row

DAT_NAME = "OffCirc.dat"


class NotKeptError(Exception):
    """The disk did not take it, or did not give it.

    Attributes:
        why: for the person at the desk: what happened, what to do next.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class InUseError(Exception):
    """Another program is at work on this data folder.

    Attributes:
        why: which one, worded.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Opening:
    """What was found when the data folder was opened.

    Attributes:
        rows: today's rows and all that are not in the file yet, in the order they were recorded.
        back: how many of them are not in the file yet.
        notices: what the check of OffCirc.dat found, worded.
        last_save: when the file was last written, in the PC's local time.
    """

    rows: list[Row]
    back: int
    notices: tuple[str, ...]
    last_save: datetime | None


class DeskStore:
    """Journal and OffCirc.dat of one data folder.

    Attributes:
        folder: the data folder.
        file: the OffCirc.dat that *Save To File* writes.
    """

    def __init__(self, folder: Path, file: Path | None = None) -> None:
        self.folder = folder
        self.file = file or folder / DAT_NAME
        self._journal: Journal | None = None
        self._writer: DatWriter | None = None

    @property
    def is_open(self) -> bool:
        """Whether transactions can be recorded."""
        return self._journal is not None

    def open(self, now: datetime) -> Opening:
        """Open or create the journal, compare OffCirc.dat with it, repair.

        Args:
            now: the moment, aware, in the PC's own time zone; its date is "today".

        Raises:
            InUseError: another program has the folder.
            NotKeptError: the folder or the journal cannot be used.
        """
        from offcirc.storage.errors import LockedError, StorageError, describe

        try:
            return self._open(now)
        except LockedError as error:
            raise InUseError(describe(error)) from error
        except StorageError as error:
            self.close()
            raise NotKeptError(describe(error)) from error

    def _open(self, now: datetime) -> Opening:
        from offcirc.storage.datwriter import DatWriter
        from offcirc.storage.journal import Journal

        journal = Journal.open(self.folder)
        self._journal = journal
        self._writer = DatWriter(journal, self.file)
        notices = self._repair(self._writer)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        pending = journal.pending()
        rows = {row.seq: row for row in (*pending, *journal.rows_since(midnight))}
        last = journal.saves.last()
        return Opening(
            rows=[rows[seq] for seq in sorted(rows)],
            back=len(pending),
            notices=notices,
            last_save=None if last is None else _local(last.at),
        )

    @staticmethod
    def _repair(writer: DatWriter) -> tuple[str, ...]:
        """Check the file; one that cannot be read stops nobody from recording."""
        from offcirc.storage.errors import StorageError, describe

        try:
            return tuple(_worded(finding) for finding in writer.repair().findings)
        except StorageError as error:
            return (describe(error),)

    def append(self, transaction: Transaction) -> Row:
        """Keep a transaction; it is on the disk when this returns.

        Raises:
            NotKeptError: it is not.
        """
        from offcirc.storage.errors import StorageError
        from offcirc.storage.journal import Row, State

        assert self._journal is not None
        try:
            seq = self._journal.append(transaction)
        except StorageError as error:
            raise _not_kept(error) from error
        return Row(seq, transaction, State.PENDING)

    def void(self, row: Row) -> Row:
        """Delete a pending row; gives it back as deleted.

        Raises:
            NotKeptError: it is not deleted.
        """
        from offcirc.storage.errors import StorageError
        from offcirc.storage.journal import State

        assert self._journal is not None
        try:
            self._journal.void(row.seq)
        except StorageError as error:
            raise _not_kept(error) from error
        return replace(row, state=State.VOIDED)

    def save(self) -> tuple[int, tuple[str, ...]]:
        """Write all pending rows to OffCirc.dat; they are on the disk when this returns.

        Returns:
            How many rows were written, and what there is to say about the file, worded.

        Raises:
            NotKeptError: they are not in the file; the journal still has them.
        """
        from offcirc.storage.errors import StorageError

        assert self._writer is not None
        try:
            done = self._writer.save()
        except StorageError as error:
            raise _not_kept(error) from error
        return done.rows, tuple(_worded(finding) for finding in done.findings)

    def close(self) -> None:
        """Let the folder go. Does nothing when it is not open."""
        journal, self._journal, self._writer = self._journal, None, None
        if journal is None:
            return
        from offcirc.storage.errors import StorageError

        with suppress(StorageError):  # everything is on the disk; nothing is left to be done
            journal.close()


def _not_kept(error: StorageError) -> NotKeptError:
    from offcirc.storage.errors import describe

    return NotKeptError(describe(error))


def _local(moment: datetime) -> datetime:
    """A moment as the PC's clock shows it."""
    return moment.astimezone().replace(tzinfo=None)


def _worded(finding: Finding) -> str:
    """The sentence about a finding, with file names instead of full paths: the band is short."""
    from offcirc.storage.findings import describe_finding

    short = {
        name: Path(str(value)).name if name in {"path", "kept"} else value
        for name, value in finding.args.items()
    }
    return describe_finding(replace(finding, args=short))
