"""The journal: every loan and return of this desk, on the disk before anything says so.

It is the truth; OffCirc.dat is written from it and can be written again from it. Use it from the
thread that opened it.

**States of a row.** ::

    scan ──commit and flush──► pending ──save, noted before and after──► saved
                                  │                                        │ file gone or changed
                                  ├──Delete──► voided ──Ctrl+Z──► a new    ▼
                                  │            row that refers to it    missing ──made again──►
                                  └──kept in a fallback place, brought home──► moved

A row is a fact and never changes; what becomes of it stands in tables of its own, each only added
to. ``missing`` is not kept at all: it is what comparing with the file says now.

**Why three parts.** :mod:`~offcirc.storage.journal.journal` keeps rows, whatever OffCirc.dat does.
:mod:`~offcirc.storage.dat.datwriter` brings pending rows into the file exactly once: it notes what
it is about to append, appends in one write and one flush, notes that it is done; a note without its
end is settled by looking at the file, never by appending again. The
:mod:`~offcirc.storage.keeper.keeper` answers for the day when this place fails: the same id goes
into a second journal elsewhere, and comes home in order, once.

**What must never happen.** A row on the screen that is on no disk. A retry on a handle whose flush
failed: the system may show what is not there. A line in OffCirc.dat twice, or half. A fact removed;
only readers' identifiers are, of rows uploaded and closed long ago.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import sqlite_utils

from offcirc.core.identity import DeskIdentity
from offcirc.core.opened import Opened
from offcirc.core.transaction import Transaction
from offcirc.disk import durable
from offcirc.disk.clocks import since_boot
from offcirc.disk.database import open_database, transaction
from offcirc.disk.errors import Fault, NotPendingError, StorageError, wording
from offcirc.disk.lock import DataLock
from offcirc.storage.journal.away_book import AwayBook
from offcirc.storage.journal.jumps import ClockJump, JumpBook
from offcirc.storage.journal.layout import JOURNAL
from offcirc.storage.journal.rows import Row, RowBook, RowNote, RowState, Where
from offcirc.storage.journal.saves import SaveBook
from offcirc.storage.journal.sessions import ProgramRun, SessionBook
from offcirc.storage.stamps import stamp, utc_now

__all__ = ["JOURNAL_NAME", "Journal", "Row", "RowState", "Where"]

JOURNAL_NAME = "journal.db"

_SHORT_LOG = 32
"""Pages of the write-ahead log after which it is emptied, where room is short."""

_LOG_ROOM = 4 << 20
"""Bytes: the log is copied into the database and begun anew after a thousand pages."""

_INSERT = (
    "INSERT INTO transactions (id, at_utc, utc_offset, operation, item, patron, raw, source,"
    " session, elapsed_ms, repaired, act, stated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _wash(log: Path) -> None:
    """Have what the log was lengthened with written now: not when the first scan waits for it.

    Nothing depends on it, so it is no flush of :mod:`offcirc.disk.durable`.
    """
    with suppress(OSError):
        fd = os.open(log, os.O_RDWR)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _day(record: Transaction) -> str:
    return stamp(record.at)[:10]


class Journal(Opened):
    """The journal of one data folder. Open it with :meth:`open`.

    Every method that reads or writes raises :class:`~offcirc.disk.errors.StorageError` when the
    disk does not let it; nothing has been recorded then, and the call may be made again.

    Attributes:
        folder: the data folder.
        path: the database.
        id: the journal's own name.
        saves: what was written to which OffCirc.dat; for the one that writes it.
        rows, sessions, jumps, away, database: for this room only.
        clock: tells the time, aware; transactions bring their own.
        run: this run of the program; give it another one when the desk's identity changes.
    """

    def __init__(
        self, lock: DataLock, database: sqlite_utils.Database, run: ProgramRun, where: Where
    ) -> None:
        self.folder = lock.folder
        self.path = lock.folder / JOURNAL_NAME
        self.run = run
        self.clock = run.clock
        self.sessions = SessionBook(database, self.path)
        self.saves = SaveBook(database, self.path, run.clock)
        self.rows = RowBook(database, self.path, self.saves, self.sessions, where)
        self.id = str(database.execute("SELECT id FROM about").fetchone()[0])
        self.jumps = JumpBook(database, self.path, self.sessions)
        self.away = AwayBook(database, self.path)
        self._database = database
        self._lock = lock
        self._day = self._last_day()
        self._session: tuple[str, int] = ("", 0)
        self._log = self.path.with_name(f"{JOURNAL_NAME}-wal")
        self._inodes = (self.path.stat().st_ino, self._log.stat().st_ino)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        clock: Callable[[], datetime] | None = None,
        identity: DeskIdentity | None = None,
        monotonic: Callable[[], float] = since_boot,
        run: ProgramRun | None = None,
        where: Where = Where.MAIN,
    ) -> Journal:
        """Open the journal of a data folder, making both if need be, and lock the folder.

        Args:
            folder: the data folder, on a local disk.
            clock: what tells the time of deletions and saves, aware; the system clock if not given.
            identity: at which desk; kept with every row.
            monotonic: seconds since some moment, never set, sleep of the PC included.
            run: this run of the program, when it writes in several journals; the three arguments
                before are its own then.
            where: what rows say of their place.

        Raises:
            LockedError: another OffCirc is at work there.
            NewerSchemaError: a later version wrote the journal. It is not touched.
            StorageError: the folder or the journal cannot be used.
        """
        folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow links
        durable.data_folder(folder)
        lock = DataLock(folder)
        try:
            database = open_database(folder / JOURNAL_NAME, JOURNAL)
            try:
                with wording(folder / JOURNAL_NAME):
                    run = run or ProgramRun(identity, clock or utc_now, monotonic)
                    return cls(lock, database, run, where)
            except BaseException:
                database.conn.close()
                raise
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Close the journal and free the folder. Does nothing the second time."""
        try:
            with wording(self.path):
                self._database.conn.close()
        finally:
            self._lock.release()

    def append(self, record: Transaction) -> int:
        """Record a loan or return; it is on the disk when this returns.

        Returns:
            Its number, greater than all before.

        Raises:
            StorageError: it is not recorded.
        """
        return self.keep(record).seq

    def keep(self, record: Transaction, how: RowNote | None = None) -> Row:
        """Record a loan or return, as :meth:`append` does, and return it in its place.

        Args:
            record: the transaction.
            how: what is noted with it.

        Raises:
            StorageError: it is not recorded.
        """
        how = how or RowNote()
        again, session = how.again, self.run.session
        elapsed = self.run.elapsed_ms() if again is None else again.elapsed_ms

        def row(seq: int) -> Row:
            return Row(
                seq,
                record,
                RowState.PENDING,
                session if again is None else again.session,
                elapsed,
                how.repaired,
                self.rows.where,
                how.odd,
                "" if again is None else again.transaction.id,
                "" if again is None else again.told,
            )

        day = _day(record)
        with wording(self.path):
            self._check_there()
            usual = again is None and not how.odd
            if usual and day == self._day and self._session[0] == session.id:
                return row(self._insert(record, self._session[1], elapsed, how.repaired))
            with transaction(self._database):
                number = self.sessions.add(session)
                seq = self.insert_row(row(0))
            self._session = (session.id, number)
            self._day = day
        return row(seq)

    def void(self, seq: int) -> None:
        """Delete a pending row: it stays in the journal and never gets into OffCirc.dat.

        Args:
            seq: the row's number.

        Raises:
            NotPendingError: it is saved or deleted already, unknown, or in a save of which it is
                not known whether it reached the file.
            StorageError: it is not deleted.
        """
        self.check()
        with wording(self.path), transaction(self._database):
            if not self.is_deletable(seq):
                raise NotPendingError(self.path, seq)
            at = stamp(self.clock())
            self._database.execute("INSERT INTO voids VALUES (?, ?)", (seq, at))

    def pending(self) -> list[Row]:
        """The rows that are not in OffCirc.dat yet, in order."""
        return self.rows.pending()

    def rows_since(self, moment: datetime) -> list[Row]:
        """The rows recorded at or after a moment, in order, whatever has become of them.

        Args:
            moment: aware.
        """
        return self.rows.since(moment)

    def rows_between(self, first: int, last: int) -> list[Row]:
        """The rows numbered ``first`` to ``last``, both included, in order, deleted ones too."""
        return self.rows.between(first, last)

    def note_jump(self, before: datetime, after: datetime) -> ClockJump:
        """Note that the PC's clock was moved while the program ran; on the disk afterwards.

        Args:
            before: what it would say now had it not been moved, aware.
            after: what it says now, aware.

        Raises:
            StorageError: it is not noted.
        """
        with wording(self.path), transaction(self._database):
            number = self.sessions.add(self.run.session)
            elapsed = self.run.elapsed_ms()
            return self.jumps.note(self.run.session, number, before, after, elapsed)

    def clock_jumps(self) -> list[ClockJump]:
        """The jumps of the PC's clock, in order."""
        return self.jumps.all()

    def is_deletable(self, seq: int) -> bool:
        """Whether a row is pending and surely not in OffCirc.dat."""
        if self.is_in_doubt(seq):
            return False
        with wording(self.path):
            known = self._database.execute(
                "SELECT 1 FROM transactions WHERE seq = ? AND seq > ?"
                " AND seq NOT IN (SELECT seq FROM voids WHERE seq = ?)",
                (seq, self.rows.settled_up_to(), seq),
            ).fetchone()
        return known is not None

    def is_in_doubt(self, seq: int) -> bool:
        """Whether a row is in a save of which it is not known whether it reached the file."""
        unfinished = self.saves.unfinished()
        return unfinished is not None and self.saves.saved_up_to() < seq <= unfinished.last_seq

    def secure(self) -> None:
        """Write and flush again what a failed flush may have left in memory only.

        A system forgets, once it has reported it, that a page did not reach the disk, and goes on
        showing it; copying the write-ahead log into the database writes all of it afresh.

        Raises:
            StorageError: it is not sure to be on the disk.
        """
        with wording(self.path):
            busy, *_ = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StorageError(Fault.BUSY, self.path)

    def make_log_room(self) -> None:
        """Make the write-ahead log as long as it may become, on a disk that has room.

        Each transaction is then written over what is there already, and its flush need not wait
        until the file system has noted that the file has grown: that takes nearly as long again.
        What is written here is never committed, and so never read.

        Raises:
            StorageError: the disk did not take it.
        """
        execute = self._database.execute
        with wording(self.path):
            # With next to no memory, the pages go to the log before the end of the transaction.
            execute("PRAGMA cache_size = 10")
            execute("BEGIN IMMEDIATE")
            try:
                execute("CREATE TABLE room (filler BLOB)")
                execute("INSERT INTO room VALUES (zeroblob(?))", (_LOG_ROOM,))
            except BaseException:
                if self._database.conn.in_transaction:
                    execute("ROLLBACK")
                raise
            execute("ROLLBACK")
            execute("PRAGMA cache_size = -2000")
        log = self.path.with_name(f"{self.path.name}-wal")
        threading.Thread(target=_wash, args=(log,), name="offcirc-log", daemon=True).start()

    def save_room(self) -> None:
        """Keep the write-ahead log short, on a disk that is nearly full."""
        with wording(self.path):
            self._database.execute(f"PRAGMA wal_autocheckpoint = {_SHORT_LOG}")

    @property
    def database(self) -> sqlite_utils.Database:
        """The database, for one that brings rows home."""
        return self._database

    def refresh(self) -> None:
        """Look again at what is remembered of the database, after rows were brought home."""
        with wording(self.path):
            self._day = self._last_day()

    def insert_row(self, row: Row) -> int:
        """Add a row of another journal with all that is noted of it; its number here.

        Inside the caller's database transaction.
        """
        session = None if row.session is None else self.sessions.add(row.session)
        seq = self._insert(row.transaction, session, row.elapsed_ms, row.repaired)
        for kind, about in row.remarks:
            if kind == "told":
                self._tell(seq, about)
                continue
            self._database.execute(
                "INSERT INTO remarks VALUES (NULL, ?, ?, ?, ?)",
                (seq, stamp(self.clock()), kind, about),
            )
        day = _day(row.transaction)
        if day != self._last_day():
            self._database.execute("INSERT INTO days VALUES (?, ?)", (seq, day))
        return seq

    def tell(self, told: Iterable[tuple[int, str]]) -> None:
        """Note what the desk was told of rows after they were recorded: number and codes.

        Raises:
            StorageError: nothing of it is noted.
        """
        with wording(self.path), transaction(self._database):
            for seq, about in told:
                self._tell(seq, about)

    def _tell(self, seq: int, about: str) -> None:
        values = (seq, stamp(self.clock()), about)
        self._database.execute("INSERT INTO told VALUES (NULL, ?, ?, ?)", values)

    def _insert(
        self, record: Transaction, session: int | None, elapsed: int | None, repaired: str
    ) -> int:
        values = (
            record.id,
            stamp(record.at),
            record.utc_offset,
            record.operation.letter,
            record.item,
            record.patron,
            record.raw,
            record.source.value,
            session,
            elapsed,
            repaired,
            record.act,
            record.stated_minute,
        )
        return self._database.execute(_INSERT, values).lastrowid or 0

    def check(self) -> None:
        """See whether database and log are still there.

        Raises:
            StorageError: the database is gone (``VANISHED``). Or its log is: ``DELETED`` when what
                it held is in the database now, ``VANISHED`` when that could not be done.
        """
        with wording(self.path):
            self._check_there()

    def _check_there(self) -> None:
        # SQLite would go on writing into a file that was deleted or replaced behind its back.
        if os.stat(self.path).st_ino != self._inodes[0]:  # noqa: PTH116 - on the path of every scan
            raise StorageError(Fault.VANISHED, self.path)
        try:
            if os.stat(self._log).st_ino == self._inodes[1]:  # noqa: PTH116
                return
        except FileNotFoundError:
            pass
        try:
            self.secure()  # what the log holds can be read as long as it is open
        except StorageError as error:
            raise StorageError(Fault.VANISHED, self._log, error) from error
        raise StorageError(Fault.DELETED, self._log)

    def _last_day(self) -> str:
        found = self._database.execute("SELECT day FROM days ORDER BY first_seq DESC LIMIT 1")
        last = found.fetchone()
        return "" if last is None else str(last[0])
