"""Going on when the journal cannot be written: in a fallback place, and back home by itself.

**States.** ::

    at home ──writing or flushing fails──► away ──opened from scratch, brought home──► at home
       │                                     │
       │ only OffCirc.dat's place fails      └── neither takes it: nothing is recorded, and said
       ▼
    a save is owed ──its place is back──► at home

**Why.** A write that failed may nevertheless have reached the disk, and one whose flush failed may
be shown by the system and not be there. So after any failure nothing is tried again on the same
handle: the transaction goes, under the same id, into a second journal in another place, and only
then counts as recorded. Later the first journal is opened from scratch, made durable afresh, and
given, in order and exactly once, what the second one kept
(:mod:`offcirc.storage.keeper.bring_back`).

Two things can fail apart from each other: the journal's place, which this is about, and the place
of OffCirc.dat alone (a stick, a share): then the rows stay pending, and are saved once it is back.
A full disk is a third: a file of a megabyte is kept in the data folder and given up then, which is
room for the rest of the day (:mod:`offcirc.disk.space`).

A journal may take pending rows with it: they are copied to the fallback place from memory
(:mod:`offcirc.storage.keeper.shelter`). One that is damaged is put aside, and what can be read of
it goes into a new one (:mod:`offcirc.storage.keeper.salvage`). What waits elsewhere for a journal
that is gone for good is adopted by the one that is here.

**What must never happen.** A row in OffCirc.dat twice because it was in two places. A row back that
was deleted meanwhile. A new journal in the place of a drive that was pulled out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from offcirc.core.identity import DeskIdentity
from offcirc.core.opened import Opened
from offcirc.core.transaction import Transaction
from offcirc.disk import space
from offcirc.disk.clocks import since_boot
from offcirc.disk.errors import LockedError, NotPendingError, StorageError
from offcirc.storage.dat.datwriter import Saved
from offcirc.storage.dat.findings import Find, RepairFinding
from offcirc.storage.dat.missing import Missing
from offcirc.storage.journal.rows import Row, RowNote, RowState, Where
from offcirc.storage.journal.sessions import ProgramRun
from offcirc.storage.keeper.bring_back import Reunion
from offcirc.storage.keeper.fallback_place import FallbackPlace
from offcirc.storage.keeper.main_place import Home
from offcirc.storage.keeper.rowlook import FileWork, RowLook
from offcirc.storage.keeper.shelter import Shelter
from offcirc.storage.keeper.standing import Standing, Tended
from offcirc.storage.stamps import utc_now

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 60.0
"""Seconds between two attempts to go back home."""


class Keeper(Opened, FileWork, RowLook):
    """Journal and OffCirc.dat of one desk, and the place where work goes on without them.

    Use it from the thread that opened it. Call :meth:`tend` every few seconds.
    """

    def __init__(
        self,
        home: Home,
        away: FallbackPlace,
        run: ProgramRun,
        monotonic: Callable[[], float] = since_boot,
    ) -> None:
        """Prepare only; use :meth:`open`."""
        self._home, self._away = home, away
        self._run = run
        self._monotonic = monotonic
        self._moved: dict[str, int] = {}  # where rows brought home are now, by id
        self._owes_save = False
        self._shelter = Shelter(home, away)
        self._news = Tended()
        self._pause = FIRST_PAUSE
        self._next_try = 0.0
        self._free: int | None = None

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        file: Path | None = None,
        fallback: Path | None = None,
        identity: DeskIdentity | None = None,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = since_boot,
    ) -> Keeper:
        """Open the journal; bring home what is in the fallback place; compare OffCirc.dat.

        When the journal cannot be opened, work begins in the fallback place. What was found and
        done is told by the first :meth:`tend`.

        Args:
            folder: the data folder, on a local disk.
            file: the OffCirc.dat; in the data folder when not given.
            fallback: the folder in which the second journal is made when it is needed, best on
                another disk; in the user's own data folder when not given. Each data folder has a
                place of its own in it.
            identity: at which desk; kept with every row.
            clock: tells the time of deletions and saves, aware.
            monotonic: seconds since some moment, never set, sleep of the PC included.

        Raises:
            LockedError: another OffCirc is at work on the data folder.
            StorageError: neither place can be used.
        """
        run = ProgramRun(identity, clock, monotonic)
        home = Home(folder, file, run)
        keeper = cls(home, FallbackPlace.of(fallback, home.folder, run), run, monotonic)
        try:
            keeper._begin()
        except BaseException:
            keeper.close()
            raise
        return keeper

    def _begin(self) -> None:
        self._away.look()
        if self._home.open():
            self._bring_home()
            self._adopt()
        fault = self._home.fault
        if isinstance(fault, LockedError):
            raise fault
        if fault is not None:
            try:
                self._away.open()
            except LockedError:
                raise
            except StorageError as error:
                raise fault from error
        self._free = space.free_bytes(self.folder)

    def close(self) -> None:
        """Let both places go. Does nothing the second time."""
        self._away.close()
        self._home.close()

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self._home.folder

    @property
    def file(self) -> Path:
        """The OffCirc.dat that *Save To File* writes."""
        return self._home.file

    @property
    def fallback(self) -> Path:
        """Where the second journal is, or would be."""
        return self._away.folder

    def append(self, record: Transaction, how: RowNote | None = None) -> Row:
        """Record a loan or return; it is on a disk when this returns.

        Args:
            record: the transaction. One that could not be recorded may be given again.
            how: what is noted with it.

        Returns:
            It in its place; ``where`` says in which journal.

        Raises:
            StorageError: it is recorded nowhere; the error is that of the journal.
        """
        how = how or RowNote()
        self._home.trying = record
        try:
            if self._home.journal is None and self._away.journal is None:
                self._come_back()
            hopeful = self._home.journal is not None
            row = self._home.keep(record, how)
            if row is None:
                if hopeful:
                    self._wait()
                self._shelter.copy()
                row = self._keep_away(record, how)
        finally:
            self._home.trying = None
        self._home.doubt.discard(record)
        self._away.doubt.discard(record)
        return row

    def _keep_away(self, record: Transaction, how: RowNote) -> Row:
        try:
            return self._away.keep(record, how)
        except StorageError as error:
            raise self._home.why from error

    def restore(self, row: Row) -> Row:
        """Bring a deleted row back: by a new one that refers to it; the old one stays deleted.

        Raises:
            StorageError: it is not brought back.
        """
        record = replace(row.transaction, id=str(uuid.uuid4()))
        return self.append(record, RowNote(row.repaired, row.odd, row))

    def void(self, row: Row) -> Row:
        """Delete a pending row; gives it back as deleted.

        Args:
            row: the row, as it was last seen; it may have been brought home since.

        Raises:
            NotPendingError: it is saved or deleted already, or may be in OffCirc.dat.
            StorageError: it is not deleted.
        """
        row = self.placed(row)
        gone = replace(row, state=RowState.VOIDED)
        if row.where is Where.FALLBACK:
            self._away.void(row.seq)
            return gone
        if not self._void_home(row):
            if not self._home.is_deletable(row.seq):
                raise NotPendingError(self._home.path, row.seq)
            self._shelter.copy()
            if (copy := self._shelter.copies.get(row.transaction.id)) is not None:
                self._away.void(copy)
            self._away.void_at_home(self._home, row)
        self._home.recent.note([gone])
        return gone

    def _void_home(self, row: Row) -> bool:
        for _try in range(2):  # once more where only the log was lost, which is opened at once
            if self._home.journal is None:
                break
            try:
                self._home.journal.void(row.seq)
            except NotPendingError:
                raise
            except StorageError as error:
                self._home.lose(error)
                if self._home.journal is None:
                    self._wait()
            else:
                return True
        return False

    def tell(self, told: Iterable[tuple[Row, str]]) -> None:
        """Note what the desk was told of rows after they were recorded.

        Raises:
            StorageError: it is not noted; nothing else depends on it.
        """
        by_place: dict[Where, list[tuple[int, str]]] = {}
        for seen, about in told:
            row = self.placed(seen)
            by_place.setdefault(row.where, []).append((row.seq, about))
        for where, entries in by_place.items():
            with (self._home if where is Where.MAIN else self._away).at_work() as journal:
                journal.tell(entries)

    def placed(self, row: Row) -> Row:
        """A row where it is now: at home, if it has been brought there since it was seen."""
        seq = self._moved.get(row.transaction.id)
        if row.where is Where.MAIN or seq is None:
            return row
        return replace(row, seq=seq, where=Where.MAIN)

    def save(self) -> Saved:
        """Add all pending rows to OffCirc.dat, in order, in one write and one flush.

        Raises:
            StorageError: they are not in the file; they are kept where they are, and saved by
                :meth:`tend` once the file's place and the journal are back.
        """
        if self._home.journal is None:
            self._come_back()
        try:
            saved = self._home.save()
        except StorageError:
            self._owes_save = True
            self._wait()
            self._shelter.copy()
            raise
        self._owes_save = False
        return saved

    def note_jump(self, before: datetime, after: datetime) -> bool:
        """Note that the PC's clock was moved; whether that could be written anywhere.

        Args:
            before: what it would say had it not been moved, aware.
            after: what it says, aware.
        """
        if self._home.ask(lambda home: [home.note_jump(before, after)], list):
            return True
        try:
            self._away.open().note_jump(before, after)
        except StorageError:
            self._away.close()
            return False
        self._away.strays = True
        return True

    def identify(self, identity: DeskIdentity) -> None:
        """Whose desk it is from the next transaction on."""
        self._run = ProgramRun(identity, self._run.clock, self._monotonic)
        for place in (self._home, self._away):
            place.run = self._run
            if place.journal is not None:
                place.journal.run = self._run

    @property
    def standing(self) -> Standing:
        """How things stand."""
        away = self._away.ask(lambda journal: [journal.rows.count_pending()])
        missing = Missing() if self._home.journal is None else self._home.missing
        elsewhere = None if self._away.journal is None else Where.FALLBACK
        return Standing(
            where=elsewhere if self._home.journal is None else Where.MAIN,
            fault=self._home.fault,
            save_fault=self._home.save_fault,
            away=sum(away),
            fallback=self.fallback,
            free=self._free,
            reserve=self._home.reserve.kept,
            sheltered=self._shelter.count(kept=True),
            unkept=self._shelter.count(kept=False),
            gone=len(missing.gone),
            changed=len(missing.changed),
        )

    def tend(self) -> Tended:
        """Do what is due: look at the room on the disk, go back home, save what was to be saved.

        Never fails; quick when nothing is due.

        Returns:
            What has happened by itself since the last time.
        """
        self._free = space.free_bytes(self.folder)
        full = self._home.is_full and (self._free or 0) < space.TIGHT
        if self.is_waiting and not full and self._monotonic() >= self._next_try:
            self._next_try = self._monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            self._go_home()
        if self._home.journal is not None:
            self._home.reserve.keep()
            self._home.look_at_files()
        self._shelter.copy()
        return self._tell()

    def reunite(self) -> Tended:
        """Try at once to use the journal again, opened from scratch, and bring home what is away.

        Never fails: what is in the way is in :attr:`standing`.

        Returns:
            What has happened by itself since the last time.
        """
        self._away.look()
        self._go_home()
        self._adopt()
        self._shelter.copy()
        return self._tell()

    @property
    def is_waiting(self) -> bool:
        """Whether something is to be done as soon as it can be: to go home, to save."""
        due = self._away.strays or self._owes_save or self._home.was_touched
        return self._home.journal is None or due

    def hurry(self) -> None:
        """Do what makes recording quicker and takes a few milliseconds itself; never fails."""
        self._home.make_log_room()

    def find_place(self) -> None:
        """See to it that the next transaction has a place, as far as there is one; never fails."""
        if self._home.journal is None and self._away.journal is None:
            with suppress(StorageError):
                self._away.open()
                self._away.strays = True
        self._shelter.copy()

    def news(self) -> Tended:
        """What has happened by itself since the last time, without doing anything."""
        return self._tell()

    def _go_home(self) -> None:
        if self._home.journal is None:
            self._come_back()
        else:
            self._bring_home()
        if self._home.journal is not None and self._owes_save:
            with suppress(StorageError):
                self._news = replace(self._news, saved=self.save())

    def _come_back(self) -> None:
        if self._home.open():
            self._news = replace(self._news, back=True)
            self._bring_home()

    def _adopt(self) -> None:
        """Take what waits for a journal that is gone for good: its drive died, or was renamed."""
        if self._home.journal is not None:
            for orphan in self._away.orphans():
                self._hear(orphan.bring_home(self._home))
                self._home.findings += orphan.findings
                orphan.close()

    def _bring_home(self) -> None:
        stood_for = self._away.stood_for() if self._away.strays else ""
        reunion = self._away.bring_home(self._home)
        if reunion.moved and stood_for not in {"", self._home.journal_id, *self._home.former}:
            anew = RepairFinding(Find.BEGUN_ANEW, {"path": str(self._home.path)})
            self._home.findings.insert(0, anew)
        self._hear(reunion)
        if self._home.journal is not None and not self._away.strays:
            self._shelter.forget()

    def _hear(self, reunion: Reunion) -> None:
        self._moved |= {before.transaction.id: after.seq for before, after in reunion.moved}
        back, reunion = self._shelter.told_apart(reunion)
        self._news = replace(self._news, restated=(*self._news.restated, *back))
        self._news = replace(self._news, reunion=self._news.reunion + reunion)

    def _wait(self) -> None:
        """Let some time pass before going home is tried: it has just failed."""
        self._pause = FIRST_PAUSE
        self._next_try = self._monotonic() + FIRST_PAUSE

    def _tell(self) -> Tended:
        news, self._news = self._news, Tended()
        findings = (*self._home.findings, *self._away.findings)
        self._home.findings, self._away.findings = [], []
        again, self._home.restated = tuple(self._home.restated), []
        return replace(news, findings=findings, restated=(*again, *news.restated))
