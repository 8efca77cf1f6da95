"""The journal in its usual place, and OffCirc.dat: used while they work, tried again afresh."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from offcirc.core.transaction import Transaction
from offcirc.disk import space
from offcirc.disk.errors import Fault, StorageError, wording
from offcirc.disk.place import is_damaged, is_there
from offcirc.storage.dat.datwriter import DAT_NAME, DatWriter, Saved
from offcirc.storage.dat.findings import RepairFinding
from offcirc.storage.dat.missing import FateBook, Missing
from offcirc.storage.journal.journal import JOURNAL_NAME, Journal
from offcirc.storage.journal.recent import Recent, RefusedRows
from offcirc.storage.journal.rows import Row, RowNote, RowState, Where
from offcirc.storage.journal.saves import place_name
from offcirc.storage.journal.sessions import ProgramRun

if TYPE_CHECKING:
    from offcirc.storage.closing.receipts import Receipt

_END = 2**63 - 1
_FULL = {Fault.DISK_FULL, Fault.SHORT_WRITE}
BROKEN = {Fault.DAMAGED, Fault.NOT_OURS}
"""Faults of a journal that nothing but a new one puts right."""
_PASSING = {
    *_FULL,
    *(Fault.TOO_LARGE, Fault.READ_ONLY, Fault.DENIED, Fault.BUSY, Fault.LOCKED, Fault.NEWER),
}
"""Faults that leave what is in the journal where it is."""

_T = TypeVar("_T")


class Home:
    """The usual place of one desk's journal.

    Attributes:
        folder: the data folder.
        file: the OffCirc.dat.
        path: the journal's database.
        run: this run of the program.
        journal: the journal; ``None`` while it cannot be used.
        journal_id: its name; empty until it has been opened once.
        fault: why it cannot be used.
        save_fault: why the last save failed, or OffCirc.dat could not be looked at.
        recent: what is known of its rows without asking it.
        doubt: what it refused.
        reserve: room that is kept back on its disk.
        findings: what was found about OffCirc.dat when the journal was opened.
        trying: the transaction that is just being recorded.
        saving_up_to: rows up to this one may be in OffCirc.dat: something failed while they were
            being saved. 0 when that is not so.
        deleted_meanwhile: rows that were deleted while it could not be used.
        former: names of journals that were damaged, and whose rows are in the present one.
        restated: rows that are in another state than they were shown in.
        missing: rows that had been saved and are in no file.
    """

    def __init__(self, folder: Path, file: Path | None, run: ProgramRun) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow links
        self.file = Path(os.path.abspath(file or self.folder / DAT_NAME))  # noqa: PTH100
        self.path = self.folder / JOURNAL_NAME
        self.run = run
        self.journal: Journal | None = None
        self.journal_id = ""
        self.fault: StorageError | None = None
        self.save_fault: StorageError | None = None
        self.recent = Recent()
        self.doubt = RefusedRows()
        self.reserve = space.Reserve(self.folder)
        self.findings: list[RepairFinding] = []
        self.trying: Transaction | None = None
        self.saving_up_to = 0
        self.deleted_meanwhile: set[int] = set()
        self.restated: list[Row] = []
        self.missing = Missing()
        self.former: set[str] = set()
        self._writer: DatWriter | None = None
        self._device: int | None = None
        self._stated_from = 0

    @property
    def why(self) -> StorageError:
        """Why it cannot be used."""
        return self.fault or StorageError(Fault.VANISHED, self.path)

    @property
    def is_full(self) -> bool:
        """Whether it cannot be used because its disk is full."""
        return self.fault is not None and self.fault.fault in _FULL

    def open(self) -> bool:
        """Open the journal from scratch, on a full disk after making room.

        Returns:
            Whether it can be used.
        """
        try:
            self._open()
        except StorageError as error:
            self.fault = error
            full = error.fault in _FULL and self.reserve.give_up()
            if not full and not self._salvage(error):
                return False
            try:
                self._open()
            except StorageError as again:
                self.fault = again
                return False
        return True

    def _salvage(self, error: StorageError) -> bool:
        """Put a damaged journal aside and begin a new one; whether that was done."""
        if error.fault not in BROKEN or error.path != self.path:
            return False
        from offcirc.storage.keeper.salvage import salvage  # noqa: PLC0415 - hardly ever needed

        known = self.recent.all() if self.journal_id else []
        try:
            finding = salvage(self.path, self.file, known, self.run.clock)
        except StorageError as why:
            self.fault = why
            return False
        if finding is None:
            return False
        self.findings.append(finding)
        self.former.add(self.journal_id)
        self.journal_id = ""
        return True

    def make_log_room(self) -> None:
        """Make recording quicker where the disk has room; never fails."""
        if self.journal is not None and self._has_room():
            try:
                self.journal.make_log_room()
            except StorageError as error:
                self.lose(error)
                self.open()

    def _has_room(self) -> bool:
        return (space.free_bytes(self.folder) or 0) >= space.LOW

    def _open(self) -> None:
        if self.journal_id and not is_there(self.path):
            # Its drive is gone. What is left in its place must not get a new journal.
            raise self._missing()
        used = self.reserve.kept or bool(self.journal_id)
        if is_damaged(self.path, used=used):
            raise StorageError(Fault.DAMAGED, self.path)
        journal = Journal.open(self.folder, run=self.run)
        try:
            if self.journal_id:
                if journal.id != self.journal_id:
                    raise self._missing()
                journal.secure()
            if not self._has_room():
                journal.save_room()
            self.doubt.settle(journal, self.trying)
            self._void_what_was_deleted_meanwhile(journal)
            writer = DatWriter(journal, self.file)
            self._compare(writer)
            self.recent.saved(journal.saves.saved_up_to())
            self.recent.seen(journal.pending())
            save = journal.saves.unfinished()
            self._note_place(journal)
        except BaseException:
            with suppress(StorageError):
                journal.close()
            raise
        self.journal, self.journal_id, self._writer, self.fault = journal, journal.id, writer, None
        with suppress(StorageError):
            self._count_missing()
        self.saving_up_to = save.last_seq if save else 0

    def _void_what_was_deleted_meanwhile(self, journal: Journal) -> None:
        """The fallback place knows it too, but may be out of reach itself by now."""
        for seq in sorted(self.deleted_meanwhile):
            if journal.is_deletable(seq):
                journal.void(seq)
        self.deleted_meanwhile.clear()

    def _compare(self, writer: DatWriter) -> None:
        """Compare OffCirc.dat with the journal; one that cannot be read stops nobody."""
        try:
            self.findings += writer.repair().findings
        except StorageError as error:
            if error.path == self.path:
                raise
            self.save_fault = error

    def lose(self, error: StorageError) -> None:
        """Give it up because of an error, until it is opened again: at once if its log went."""
        if error.fault is Fault.VANISHED and error.path == self.path:
            error = self._missing()
            if not is_there(self.file):
                self._take_back_saved()
        self.fault = error
        with suppress(StorageError):
            self.close()
        if error.fault is Fault.DELETED and error.path != self.path:
            self.open()

    def look_at_files(self) -> None:
        """See whether journal and OffCirc.dat are as they were left, and which rows are missing."""
        self.ask(lambda journal: journal.check(), lambda: None)
        if self._writer is None or not self._writer.was_touched():
            return
        try:
            self.findings += self._writer.repair().findings
            self._count_missing()
        except StorageError as error:
            if error.path == self.path:
                self.lose(error)
            else:
                self.save_fault = error

    @property
    def was_touched(self) -> bool:
        """Whether somebody else did something to OffCirc.dat, it seems; asks a local disk."""
        writer = self._writer if self.file.parent == self.folder else None
        return writer is not None and writer.was_touched()

    @contextmanager
    def at_work(self) -> Iterator[Journal]:
        """Something is written: when the journal is at fault, it is given up.

        Raises:
            StorageError: it could not be done.
        """
        if self.journal is None or self._writer is None:
            raise self.why
        try:
            yield self.journal
        except StorageError as error:
            if error.path == self.path:
                self.lose(error)
            raise

    @property
    def _known_writer(self) -> DatWriter:
        assert self._writer is not None, "it comes and goes with the journal"
        return self._writer

    def _fates(self) -> FateBook:
        assert self.journal is not None, "asked where it is open"
        return FateBook(self.journal.database, self.path, self.file)

    def _count_missing(self) -> None:
        """Know again what is missing; rows that are now, or are not any more, are restated."""
        before = {row.seq: row for row in self.missing.rows}
        self.missing = self._fates().missing()
        now = {row.seq: row for row in self.missing.rows}
        self.restated += [r for seq, r in before.items() if seq not in now]
        self.restated += [
            replace(r, state=RowState.MISSING) for seq, r in now.items() if seq not in before
        ]

    def shown(self, rows: list[Row]) -> list[Row]:
        """Rows as they are to be shown: those missing in the file say so."""
        missing = {row.seq for row in self.missing.rows} if self.journal is not None else set()
        return [
            replace(row, state=RowState.MISSING)
            if row.seq in missing and row.where is Where.MAIN
            else row
            for row in rows
        ]

    def settle_missing(self) -> None:
        """The staff say that what is missing was uploaded, or taken out on purpose.

        Raises:
            StorageError: it could not be noted.
        """
        with self.at_work():
            self._fates().uploaded()
            self._count_missing()

    def make_again(self) -> tuple[int, Path | None]:
        """Write what is missing again; see :meth:`FateBook.make_again`.

        Raises:
            StorageError: it could not be written.
        """
        with self.at_work():
            self.findings += self._known_writer.repair().findings
            done = self._fates().make_again()
            self._known_writer.repair()
            self._count_missing()
            self._ask_place()
            return done

    def _note_place(self, journal: Journal) -> None:
        """Note on which disk the journal is, and which of its rows are in OffCirc.dat."""
        with wording(self.path):
            self._device = self.path.stat().st_dev
        self._stated_from = journal.saves.stated_from(place_name(self.folder, self.file))

    def _missing(self) -> StorageError:
        """What to say of a journal that is not there: its drive is gone, or only the file."""
        place = self.folder
        while not is_there(place) and place != place.parent:
            place = place.parent
        with suppress(OSError):
            if place.stat().st_dev == self._device:
                return StorageError(Fault.DELETED, self.path)
        return StorageError(Fault.VANISHED, self.path)

    def _take_back_saved(self) -> None:
        """OffCirc.dat is gone together with the journal: what it stated is to be saved again.

        A journal that was deleted can be read as long as it is open.
        """
        if self._stated_from and self.journal is not None:
            with suppress(StorageError):
                self.recent.seen(self.journal.rows_between(self._stated_from, _END))
            self.restated += self.recent.unsaved(self._stated_from)

    def at_risk(self) -> list[Row]:
        """Rows not in OffCirc.dat that the journal may have taken with it when it was lost."""
        if self.journal is not None or self.fault is None or self.fault.fault in _PASSING:
            return []
        return self.recent.pending()

    def close(self) -> None:
        """Let it go. Does nothing the second time."""
        journal, self.journal, self._writer = self.journal, None, None
        if journal is not None:
            journal.close()

    def keep(self, record: Transaction, how: RowNote) -> Row | None:
        """Record a transaction, on a full disk after making room.

        Returns:
            It in its place; ``None`` if it is not recorded, and the journal is given up.
        """
        # Closing a journal empties its write-ahead log, which may be room enough.
        for make_room in (_by_closing, self.reserve.give_up, _no_more):
            if self.journal is None:
                break
            try:
                row = self.doubt.keep_in(self.journal, record, how)
            except StorageError as error:
                self.doubt.add(record)
                self.lose(error)
                if self.journal is not None:
                    continue
                if error.fault not in _FULL or not make_room() or not self.open():
                    break
            else:
                self.recent.note([row])
                return row
        return None

    def save(self) -> Saved:
        """Add all pending rows to OffCirc.dat, on a full disk after giving up the reserve.

        Raises:
            StorageError: they are not in the file. When the journal was at fault, it is given up.
        """
        while self._writer is not None:
            try:
                saved = self._writer.save()
            except StorageError as error:
                self.save_fault = error
                ours = error.path == self.path
                if ours:
                    newest = self.recent.newest()
                    self.saving_up_to = newest.seq if newest else 0
                    self.lose(error)
                else:
                    self._note_unfinished()
                if error.fault not in _FULL or not self.reserve.give_up():
                    raise
                if ours:
                    self.open()
            else:
                self.save_fault = None
                self.saving_up_to = 0
                self.recent.saved(_END)
                self._ask_place()
                if saved.findings:
                    self.ask(lambda _journal: self._count_missing(), lambda: None)
                return saved
        self.save_fault = self.why
        raise self.why

    def obey(self, receipt: Receipt) -> None:
        """Do what the referent says of OffCirc.dat.

        Raises:
            NotThisFileError: it is said of another file.
            StorageError: it could not be done.
        """
        from offcirc.storage.closing.deskclosing import obey  # noqa: PLC0415 - not at every start

        with self.at_work():
            self.findings += self._known_writer.repair().findings
            obey(self._known_writer, receipt)
            self._ask_place()
            self._count_missing()

    def erase(self, *, before: datetime) -> None:
        """Erase the readers of rows that were closed before a moment, aware.

        Raises:
            StorageError: something could not be erased.
        """
        from offcirc.storage.erasing import ErasureMarks, erase_desk  # noqa: PLC0415 - not at every start

        with self.at_work() as journal:
            erase_desk(journal, ErasureMarks(), before=before, at=journal.clock())

    def _ask_place(self) -> None:
        self.ask(self._note_place, lambda: None)

    def _note_unfinished(self) -> None:
        """For when the journal cannot be asked any more."""
        save = self.ask(lambda journal: journal.saves.unfinished(), lambda: None)
        self.saving_up_to = save.last_seq if save else 0

    def is_deletable(self, seq: int) -> bool:
        """Whether, while the journal cannot be used, a row is known to be pending."""
        known = self.recent.get(seq)
        pending = known is not None and known.state is RowState.PENDING
        return pending and seq > self.saving_up_to

    def ask(self, question: Callable[[Journal], _T], otherwise: Callable[[], _T]) -> _T:
        """Ask the journal, or say what is known without it."""
        if self.journal is not None:
            try:
                return question(self.journal)
            except StorageError as error:
                self.lose(error)
        return otherwise()


def _by_closing() -> bool:
    return True


def _no_more() -> bool:
    return False
