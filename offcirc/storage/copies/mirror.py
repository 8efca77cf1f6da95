"""Copies OffCirc.dat to the collection folder after each save, in the background.

One thread does all of it: it reads the journal through a connection of its own, and OffCirc.dat up
to the length that the journal knows. The desk only wakes it; however slow or dead a share is, the
desk never waits for it. What cannot be done is a state, tried again by itself.
"""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import offcirc
from offcirc.core.identity import DeskIdentity
from offcirc.disk.database import reading
from offcirc.disk.errors import StorageError, wording
from offcirc.storage.closing.closingrows import DeskClosing, DeskClosingOutcome, read_closings
from offcirc.storage.closing.receipts import Order, Receipt
from offcirc.storage.copies.collection import Collection, copy_name, manifest_path
from offcirc.storage.copies.manifest import Head, LineBook
from offcirc.storage.journal.journal import JOURNAL_NAME
from offcirc.storage.journal.jumps import ClockJump, JumpBook
from offcirc.storage.journal.rows import Row, RowBook
from offcirc.storage.journal.saves import FileState, SaveBook, place_name
from offcirc.storage.journal.sessions import SessionBook
from offcirc.storage.registrations import deskbook
from offcirc.storage.stamps import moment, utc_now

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0
"""Seconds before a copy that failed is tried again."""

CHECK_PAUSE = 300.0
"""Seconds after which a copy that is there is looked at again."""

_SOME_ROWS = 500


@dataclass(frozen=True, slots=True)
class MirrorState:
    """How things stand with the copy.

    Attributes:
        folder: the collection folder.
        path: the copy; ``None`` while there has been none in this run.
        lines: how many lines it has.
        at: when it was last known to be complete, aware, UTC; ``None`` if not in this run.
        error: why the last attempt failed; ``None`` when it did not.
        behind: whether OffCirc.dat may have lines that the copy has not.
        receipt: the referent's word about the present file that the desk has still to follow.
    """

    folder: Path
    path: Path | None = None
    lines: int = 0
    at: datetime | None = None
    error: StorageError | None = None
    behind: bool = True
    receipt: Receipt | None = None

    def age(self, now: datetime) -> timedelta | None:
        """How long ago the copy was complete; ``None`` if it has not been in this run."""
        return None if self.at is None else max(timedelta(), now - self.at)


class _StoppedError(Exception):
    """There is no time left."""


class Mirror:
    """The worker; begins with :meth:`start`, ends with :meth:`close`."""

    def __init__(
        self,
        data_folder: Path,
        file: Path,
        folder: Path,
        identity: DeskIdentity,
        *,
        changed: Callable[[MirrorState], None] = lambda state: None,
        clock: Callable[[], datetime] = utc_now,
        pause: float = FIRST_PAUSE,
    ) -> None:
        """Prepare; nothing is read or written yet.

        Args:
            data_folder: the folder of the journal.
            file: the OffCirc.dat.
            folder: the collection folder; never made, so that a stick that is not there is noticed.
            identity: the desk.
            changed: told every new state, from the worker's thread.
            clock: tells the time, aware.
            pause: seconds before a copy that failed is tried again; doubled each time.
        """
        self._journal = data_folder.absolute() / JOURNAL_NAME
        self._file = file.absolute()
        self._identity = identity
        self._changed = changed
        self._clock = clock
        self._first_pause = pause
        self._collection = Collection(
            folder.absolute(), copy_name(identity, platform.node()), self._go_on
        )
        self._state = MirrorState(self._collection.folder)
        self._lines = LineBook()
        self._copied: tuple[str, FileState] | None = None
        self._registrations: tuple[Path, list[bytes]] | None = None
        self._wanted = threading.Condition()
        self._is_wanted = True
        self._closing = False
        self._deadline: float | None = None
        self._thread = threading.Thread(target=self._run, name="offcirc-mirror", daemon=True)

    @property
    def state(self) -> MirrorState:
        """How things stand."""
        with self._wanted:
            return replace(self._state, behind=self._state.behind or self._is_wanted)

    def start(self) -> None:
        """Begin, with a first copy."""
        self._thread.start()

    def wake(self) -> None:
        """OffCirc.dat may have grown: copy it. Never waits."""
        with self._wanted:
            self._is_wanted = True
            self._wanted.notify()

    def close(self, timeout: float = 5.0) -> bool:
        """End, after a last attempt when something is still to be copied.

        Args:
            timeout: seconds at most that this takes, but for a share that keeps the system itself
                waiting.

        Returns:
            Whether the worker has ended; if not, it ends as soon as the system lets it.
        """
        with self._wanted:
            self._closing = True
            if self._deadline is None:
                self._deadline = time.monotonic() + timeout
            self._wanted.notify()
        if self._thread.is_alive():
            self._thread.join(timeout + 0.5)
        return not self._thread.is_alive()

    def _go_on(self) -> None:
        deadline = self._deadline
        if deadline is not None and time.monotonic() > deadline:
            raise _StoppedError

    def _run(self) -> None:
        pause = self._first_pause
        while (last := self._next(pause)) is not None:
            failed_before = self._state.error is not None
            try:
                self._copy()
            except StorageError as error:
                pause = min(pause * 2, LONGEST_PAUSE) if failed_before else self._first_pause
                self._say(replace(self._state, error=error))
            except _StoppedError:
                return
            if last:
                return

    def _next(self, pause: float) -> bool | None:
        """Wait until there is something to do.

        Returns:
            Whether it is the last time; ``None`` when there is nothing to do any more.
        """
        failed = self._state.error is not None
        with self._wanted:
            if not self._is_wanted and not self._closing:
                self._wanted.wait(pause if failed else CHECK_PAUSE)
            last, wanted, self._is_wanted = self._closing, self._is_wanted, False
            told = self._state.behind or not wanted
            self._state = replace(self._state, behind=self._state.behind or wanted)
        if last and not wanted and not failed:
            return None
        if not told:
            self._changed(self._state)
        return last

    def _say(self, state: MirrorState) -> None:
        with self._wanted:
            self._state = state
        self._changed(state)

    def _copy(self) -> None:
        """Copy the file and its manifest, unless both are there as they should be."""
        now = self._clock()
        self._collection.check()
        journal, known, closed = self._read_journal()
        receipt = self._receipt(journal, known, closed)
        with self._wanted:
            self._state = replace(self._state, receipt=receipt)
        if receipt is not None and known is not None and known.size == receipt.size:
            # All of it is uploaded: what the referent has taken away is not brought back.
            self._say(replace(self._state, error=None))
            return
        if known is None:
            self._say(replace(self._state, error=None, behind=False))
            return
        path = self._state.path
        if self._copied == (journal, known) and path is not None and self._is_there(path):
            self._say(replace(self._state, error=None, behind=False, at=now))
            return
        jumps = self._read_lines(known)
        path = self._collection.place(journal, known.file, self._is_earlier)
        self._copy_registrations(path)
        whole = (self._lines.size, self._lines.sha256)
        self._collection.write(path, self._collection.pieces(self._file, whole[0]), whole)
        head = self._head(journal, path, now)
        self._collection.write(manifest_path(path), self._lines.pieces(head, jumps))
        self._copied = (journal, known)
        self._say(
            replace(self._state, path=path, lines=head.lines, at=now, error=None, behind=False)
        )

    def _copy_registrations(self, path: Path) -> None:
        """Copy what the desk wrote down of readers without a card, before the loans to them."""
        lines = deskbook.sealed_lines(self._journal.parent / deskbook.NAME)
        if lines and (path, lines) != self._registrations:
            told = path.with_suffix(deskbook.ENDING)
            self._collection.write(told, [line + b"\n" for line in lines])
            self._registrations = path, lines

    def _read_journal(self) -> tuple[str, FileState | None, list[DeskClosing]]:
        """The journal's name, what it knows of the file, and which files it has closed."""
        with reading(self._journal) as database:
            (name,) = database.execute("SELECT id FROM about").fetchone()
            saves = SaveBook(database, self._journal, self._clock)
            known = saves.state(place_name(self._journal.parent, self._file))
            return str(name), known, read_closings(database, self._journal)

    def _receipt(
        self, journal: str, known: FileState | None, closed: list[DeskClosing]
    ) -> Receipt | None:
        """What the referent wants done with the file; a word that was followed is taken away."""
        found = self._collection.receipt(journal)
        if found is None:
            return None
        path, receipt = found
        before = next((one for one in closed if one.is_of(receipt)), None)
        outcome = None if before is None else before.outcome
        if receipt.order is Order.REOPEN:
            if outcome is DeskClosingOutcome.DONE:
                return receipt
        elif outcome is not DeskClosingOutcome.DONE:
            if known is None or known.size < receipt.size:
                return None  # of a file that is no more
            begun = self._collection.look(self._file, receipt.size)
            return receipt if begun == (receipt.size, receipt.sha256) else None
        with wording(path):
            path.unlink(missing_ok=True)
        return None

    def _read_lines(self, known: FileState) -> list[ClockJump]:
        """Look at the lines that are new in the file, or at all when it did not only grow."""
        size, sha256 = self._collection.look(self._file, self._lines.size)
        only_grew = (size, sha256) == (self._lines.size, self._lines.sha256)
        lines = self._lines
        if lines.number != known.file or not only_grew or not lines.ends_whole:
            lines = LineBook(known.file)
        self._lines = LineBook()  # what is interrupted is begun anew
        with reading(self._journal) as database:
            saves = SaveBook(database, self._journal, self._clock)
            sessions = SessionBook(database, self._journal)
            rows = RowBook(database, self._journal, saves, sessions)
            with wording(self._file), self._file.open("rb") as stream:
                lines.read(stream, known.size, self._rows(lines, saves, rows))
            jumps = JumpBook(database, self._journal, sessions).all()
        self._lines = lines
        return jumps

    def _rows(self, lines: LineBook, saves: SaveBook, rows: RowBook) -> Iterator[Row]:
        """The rows of the saves that have not been heard of yet, some at a time."""
        for save, first, last in saves.done_after(lines.number, lines.last_save):
            for start in range(first, last + 1, _SOME_ROWS):
                self._go_on()
                yield from rows.between(start, min(start + _SOME_ROWS - 1, last))
            lines.last_save = save

    def _head(self, journal: str, path: Path, now: datetime) -> Head:
        lines = self._lines
        return Head(
            identity=self._identity,
            computer=platform.node(),
            version=offcirc.__version__,
            written=now,
            name=path.name,
            journal=journal,
            number=lines.number,
            lines=lines.count,
            size=lines.size,
            sha256=lines.sha256,
            first=moment(lines.first) if lines.first else None,
            last=moment(lines.last) if lines.last else None,
        )

    def _is_there(self, path: Path) -> bool:
        with suppress(OSError):
            same = path.stat().st_size == self._lines.size
            return same and manifest_path(path).exists()
        return False

    def _is_earlier(self, path: Path) -> bool:
        """Whether a copy without manifest is what the file began with."""
        size, sha256 = self._collection.look(path)
        return self._collection.look(self._file, size) == (size, sha256)
