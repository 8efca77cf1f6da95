"""The desk's door to what is kept on disk: journal, fallback place and OffCirc.dat.

Importing this module costs next to nothing; the storage modules behind it (60 ms) are imported when
the window has been painted and :meth:`DeskStore.open` is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import Transaction

if TYPE_CHECKING:
    from offcirc.storage.closing.receipts import Receipt
    from offcirc.storage.dat.findings import RepairFinding
    from offcirc.storage.journal.rows import Row
    from offcirc.storage.keeper.keeper import Keeper
    from offcirc.storage.keeper.standing import Standing, Tended

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


class Opening(NamedTuple):
    """What was found when the data folder was opened.

    Attributes:
        rows: today's rows and all that are not in the file yet, in the order they were recorded.
        back: how many of them are not in the file yet.
        notices: what the check of OffCirc.dat found, worded.
        well: what was brought home, worded.
        last_save: when the file was last written, in the PC's local time.
        away: why work begins in the fallback place, worded; empty when it does not.
        grave: what was found about the journal, worded: somebody must have seen it.
    """

    rows: list[Row]
    back: int
    notices: tuple[str, ...]
    last_save: datetime | None
    well: tuple[str, ...] = ()
    away: str = ""
    grave: tuple[str, ...] = ()


class News(NamedTuple):
    """What happened by itself.

    Attributes:
        rows: rows that are in another place or state now.
        saved: whether every row of the journal is in the file now.
        anew: whether rows can be seen that could not before: the list is to be read again.
        told: what there is to say, worded.
        found: what was found about OffCirc.dat, worded.
        grave: what was found about the journal, worded: somebody must have seen it.
    """

    rows: tuple[Row, ...] = ()
    saved: bool = False
    anew: bool = False
    told: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    grave: tuple[str, ...] = ()


class DeskStore:
    """Journal and OffCirc.dat of one data folder, and the place where work goes on without them.

    Attributes:
        folder: the data folder.
        file: the OffCirc.dat that *Save To File* writes.
        fallback: the folder of the fallback places; ``None`` for the user's own data folder.
            Heeded when the store is opened.
    """

    def __init__(
        self, folder: Path, file: Path | None = None, fallback: Path | None = None
    ) -> None:
        self.folder = folder
        self.file = file or folder / DAT_NAME
        self.fallback = fallback
        self._identity = DeskIdentity()
        self._keeper: Keeper | None = None

    @property
    def is_open(self) -> bool:
        """Whether transactions can be recorded."""
        return self._keeper is not None

    @property
    def keeper(self) -> Keeper:
        """What keeps the rows.

        Raises:
            NotKeptError: the store is not open.
        """
        if self._keeper is None:
            raise NotKeptError("")
        return self._keeper

    @property
    def place(self) -> Path:
        """The folder in which rows are kept just now."""
        keeper = self._keeper
        if keeper is None or keeper.standing.fault is None:
            return self.folder
        return keeper.fallback

    @property
    def standing(self) -> Standing | None:
        """How things stand; ``None`` while the store is not open."""
        return None if self._keeper is None else self._keeper.standing

    @property
    def unkept(self) -> int:
        """Rows still to be saved that are on no disk: journal and stand-in are both lost."""
        standing = self.standing
        return 0 if standing is None else standing.unkept

    def open(self, now: datetime) -> Opening:
        """Open or create the journal, bring home what waits elsewhere, look at OffCirc.dat.

        Args:
            now: the moment, aware, in the PC's own time zone; its date is "today".

        Raises:
            InUseError: another program has the folder.
            NotKeptError: neither the folder nor the fallback place can be used.
        """
        from offcirc.disk.errors import LockedError, StorageError, describe
        from offcirc.storage.keeper.keeper import Keeper

        try:
            self._keeper = Keeper.open(
                self.folder,
                file=self.file,
                fallback=self.fallback,
                identity=self._identity,
            )
            self._keeper.hurry()
            return self._opening(self._keeper, now)
        except LockedError as error:
            raise InUseError(describe(error)) from error
        except StorageError as error:
            self.close()
            raise NotKeptError(describe(error)) from error

    def _opening(self, keeper: Keeper, now: datetime) -> Opening:
        from offcirc.disk.errors import describe
        from offcirc.storage.keeper.standing import describe_tended

        news = keeper.news()
        rows = self.rows_to_show(now)
        told = [_worded(finding) for finding in news.findings if not finding.of_journal]
        standing = keeper.standing
        if standing.save_fault is not None:
            told.append(describe(standing.save_fault))
        return Opening(
            rows=rows,
            back=sum(row.state == "pending" for row in rows),
            notices=tuple(told),
            last_save=self.last_save(),
            well=describe_tended(news),
            away="" if standing.fault is None else describe(standing.fault),
            grave=tuple(_worded(finding) for finding in news.findings if finding.of_journal),
        )

    def rows_to_show(self, now: datetime) -> list[Row]:
        """Today's rows and all that are not in the file yet, in order."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.keeper.rows_to_show(midnight)

    def last_save(self) -> datetime | None:
        """When the file was last written, in the PC's local time."""
        last = self.keeper.last_save()
        return None if last is None else _local(last.at)

    def identify(self, identity: DeskIdentity) -> None:
        """Whose desk it is, from the next transaction on."""
        if identity == self._identity:
            return
        self._identity = identity
        if self._keeper is not None:
            self._keeper.identify(identity)

    def append(self, transaction: Transaction, repaired: str = "", odd: str = "") -> Row:
        """Keep a transaction; it is on a disk when this returns, and the row says where.

        Args:
            transaction: the loan or return.
            repaired: code of the repair by which its barcode was won; empty if there was none.
            odd: codes of what is doubtful about it, with blanks between; empty if nothing is.

        Raises:
            NotKeptError: it is kept nowhere.
        """
        from offcirc.disk.errors import StorageError, describe
        from offcirc.storage.journal.rows import RowNote

        try:
            return self.keeper.append(transaction, RowNote(repaired, odd))
        except StorageError as error:
            raise NotKeptError(describe(error)) from error

    def restore(self, row: Row) -> Row:
        """Bring a deleted row back, by a new one that refers to it.

        Raises:
            NotKeptError: it is not brought back.
        """
        with _kept():
            return self.keeper.restore(row)

    def void(self, row: Row) -> Row:
        """Delete a pending row; gives it back as deleted.

        Raises:
            NotKeptError: it is not deleted.
        """
        with _kept():
            return self.keeper.void(row)

    def save(self) -> tuple[int, tuple[str, ...]]:
        """Write all pending rows to OffCirc.dat; they are on the disk when this returns.

        Returns:
            How many rows were written, and what there is to say about the file, worded.

        Raises:
            NotKeptError: they are not in the file; they are kept, and saved later by themselves.
        """
        with _kept():
            done = self.keeper.save()
        return done.rows, tuple(_worded(finding) for finding in done.findings)

    def make_again(self) -> tuple[int, Path | None]:
        """Write rows that are in no OffCirc.dat any more again: how many, and where.

        Raises:
            NotKeptError: they could not be written.
        """
        with _kept():
            return self.keeper.make_again()

    def settle_missing(self) -> None:
        """The staff say that what is missing in OffCirc.dat was uploaded, or is right so."""
        from offcirc.disk.errors import StorageError

        with suppress(StorageError):  # it is asked again then
            self.keeper.settle_missing()

    def obey(self, receipt: Receipt) -> str:
        """Do what the referent says of OffCirc.dat: close it once it is uploaded, or take it back.

        Returns:
            What there is to say, worded; empty when it is said of another file.

        Raises:
            NotKeptError: it could not be done; no line is lost, and it may be tried again.
        """
        from offcirc.storage.closing.deskclosing import NotThisFileError
        from offcirc.storage.closing.receipts import describe_receipt

        with _kept():
            try:
                self.keeper.obey(receipt)
            except NotThisFileError:
                return ""
        return describe_receipt(receipt)

    def forget(self, after: timedelta) -> None:
        """Erase the readers of files that were closed so long ago.

        Raises:
            NotKeptError: they could not be erased; the next time goes on.
        """
        from offcirc.storage.erasing import FLOOR
        from offcirc.storage.stamps import utc_now

        with _kept():
            self.keeper.erase(before=utc_now() - max(after, timedelta(days=FLOOR)))

    def tend(self, *, at_once: bool = False) -> News:
        """Do what is due: go back home, save what was to be saved. Never fails.

        Args:
            at_once: whether to try even when the last attempt has just failed.
        """
        keeper = self.keeper
        return _news(keeper.reunite() if at_once else keeper.tend())

    def news(self) -> News:
        """What has happened by itself meanwhile, without doing anything."""
        return _news(self.keeper.news())

    def last_at(self) -> datetime | None:
        """The time of the newest transaction, aware; to compare the PC's clock with."""
        return None if self._keeper is None else self._keeper.last_at()

    def note_jump(self, before: datetime, after: datetime) -> None:
        """Note that the PC's clock was moved, as far as something can be noted.

        Args:
            before: what it would say had it not been moved, aware.
            after: what it says, aware.
        """
        if self._keeper is not None:
            self._keeper.note_jump(before, after)

    def close(self) -> None:
        """Let the folder go. Does nothing when it is not open."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        from offcirc.disk.errors import StorageError

        with suppress(StorageError):  # everything is on the disk; nothing is left to be done
            keeper.close()


def _news(tended: Tended) -> News:
    from offcirc.storage.keeper.standing import describe_tended

    if not tended:
        return _NO_NEWS
    reunion = tended.reunion
    return News(
        rows=(
            *tended.restated,
            *(after for _before, after in reunion.moved),
            *reunion.deleted,
        ),
        saved=tended.saved is not None,
        anew=tended.back,
        told=describe_tended(tended),
        found=tuple(_worded(each) for each in tended.findings if not each.of_journal),
        grave=tuple(_worded(each) for each in tended.findings if each.of_journal),
    )


_NO_NEWS = News()


@contextmanager
def _kept() -> Iterator[None]:
    """Say what the disk did not take, or did not give, as the desk says it."""
    from offcirc.disk.errors import StorageError, describe

    try:
        yield
    except StorageError as error:
        raise NotKeptError(describe(error)) from error


def _local(moment: datetime) -> datetime:
    """A moment as the PC's clock shows it."""
    return moment.astimezone().replace(tzinfo=None)


def _worded(finding: RepairFinding) -> str:
    """The sentence about a finding, with file names instead of full paths: the band is short."""
    from offcirc.storage.dat.findings import describe_finding

    short = {
        name: Path(str(value)).name if name in {"path", "kept"} else value
        for name, value in finding.args.items()
    }
    return describe_finding(replace(finding, args=short))
