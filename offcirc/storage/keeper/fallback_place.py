"""The journal in a fallback place: made when it is needed, let go when all of it is home."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from offcirc.core.transaction import Transaction
from offcirc.disk import durable
from offcirc.disk.database import transaction
from offcirc.disk.errors import Fault, NewerSchemaError, NotPendingError, StorageError, wording
from offcirc.disk.place import is_damaged, is_there
from offcirc.storage.dat.findings import RepairFinding
from offcirc.storage.journal.journal import JOURNAL_NAME, Journal
from offcirc.storage.journal.recent import RefusedRows
from offcirc.storage.journal.rows import Row, RowNote, Where
from offcirc.storage.journal.sessions import ProgramRun
from offcirc.storage.keeper.bring_back import Reunion, bring_home
from offcirc.storage.keeper.main_place import BROKEN, Home
from offcirc.storage.stamps import stamp

_PREFIX = "offcirc-"
_OWNER_NAME = "stands-for.json"
_BESIDE = "-beside"
"""Ending of the place that is used instead of one in which a later version has been."""

_T = TypeVar("_T")


def default_fallback() -> Path:
    """Where work goes on when the settings name no place: in the user's own data folder."""
    import platformdirs  # noqa: PLC0415 - 6 ms, not needed when the folder is named

    data = platformdirs.user_data_dir("OffCirc", appauthor=False, roaming=False)
    return Path(data) / "fallback"


class FallbackPlace:
    """The fallback place of one data folder.

    Attributes:
        folder: where its journal is, or would be.
        data_folder: the data folder it stands in for.
        run: this run of the program.
        journal: the journal, while it is open.
        strays: whether something is, or may be, waiting there to be brought home.
        doubt: what it refused.
        findings: what was found about its journal.
        stands_for: name of the journal it stands in for; empty while that is not known.
    """

    def __init__(self, folder: Path, data_folder: Path, run: ProgramRun) -> None:
        """Prepare; nothing is read or made yet.

        Args:
            folder: where its journal is, or would be.
            data_folder: the data folder it stands in for.
            run: this run of the program.
        """
        self.folder = folder
        self.data_folder = data_folder
        self.run = run
        self.journal: Journal | None = None
        self.strays = False
        self.doubt = RefusedRows()
        self.findings: list[RepairFinding] = []
        self.stands_for = ""
        self._unsure = False
        """Whether copies that could not be kept may be there and not on the disk."""
        self._told: set[str] = set()
        """Ids of the rows that are known to be home."""

    @classmethod
    def of(cls, fallback: Path | None, data_folder: Path, run: ProgramRun) -> FallbackPlace:
        """The fallback place of a data folder.

        Args:
            fallback: the folder that holds the fallback places; the default one if not given.
            data_folder: the data folder.
            run: this run of the program.
        """
        place = (fallback or default_fallback()) / _place_name(data_folder)
        return cls(Path(os.path.abspath(place)), data_folder, run)  # noqa: PTH100 - not resolve()

    def orphans(self) -> list[FallbackPlace]:
        """The places beside this one whose data folder has no journal any more.

        Its disk died, or the settings name another folder now: what waits there has no other home
        than the present one. And another place of this folder, used while this one could not be.
        """
        found = []
        with suppress(OSError):
            for file in sorted(self.folder.parent.glob(f"{_PREFIX}*/{_OWNER_NAME}")):
                told = _read_owner(file)
                if file.parent == self.folder or told.get("computer") != platform.node():
                    continue
                data_folder = Path(told.get("data_folder", ""))
                waits = is_there(file.with_name(JOURNAL_NAME))
                ours = data_folder == self.data_folder
                if waits and (ours or not is_there(data_folder / JOURNAL_NAME)):
                    found.append(FallbackPlace(file.parent, data_folder, self.run))
                    found[-1].strays = True
        return found

    def look(self) -> None:
        """Look whether there may be something to bring home."""
        self.strays = self.strays or is_there(self.folder / JOURNAL_NAME)

    def open(self) -> Journal:
        """The journal, opened or made if need be.

        Raises:
            LockedError: another OffCirc is at work there.
            StorageError: the place cannot be used.
        """
        if self.journal is None:
            try:
                journal = self._open()
            except NewerSchemaError:
                self.folder = self.folder.with_name(f"{self.folder.name}{_BESIDE}")
                journal = self._open()
            try:
                self.doubt.settle(journal, None)
                self._sign()
            except BaseException:
                with suppress(StorageError):
                    journal.close()
                raise
            self.journal = journal
        return self.journal

    def _open(self) -> Journal:
        """The journal as it is, or begun anew with what can be read of a damaged one."""
        path = self.folder / JOURNAL_NAME
        try:
            if is_damaged(path, used=is_there(self.folder / _OWNER_NAME)):
                raise StorageError(Fault.DAMAGED, path)
            return Journal.open(self.folder, run=self.run, where=Where.FALLBACK)
        except StorageError as error:
            if error.fault not in BROKEN or error.path != path:
                raise
            from offcirc.storage.keeper.salvage import salvage  # noqa: PLC0415 - hardly ever needed

            finding = salvage(path, clock=self.run.clock)
            if finding is None:
                raise
            self.findings.append(finding)
        return Journal.open(self.folder, run=self.run, where=Where.FALLBACK)

    def _sign(self) -> None:
        """Say whose place it is, once, and for which journal."""
        path = self.folder / _OWNER_NAME
        told = _read_owner(path)
        if not told or self.stands_for not in {"", told.get("journal")}:
            told = {"computer": platform.node(), "data_folder": str(self.data_folder)}
            told |= {"journal": self.stands_for}
            durable.replace(path, json.dumps(told).encode())

    def stood_for(self) -> str:
        """Name of the journal it stood in for when it was last used; empty if not known."""
        return _read_owner(self.folder / _OWNER_NAME).get("journal", "")

    def close(self) -> None:
        """Let it go. Does nothing the second time."""
        journal, self.journal = self.journal, None
        if journal is not None:
            with suppress(StorageError):
                journal.close()

    def keep(self, record: Transaction, how: RowNote) -> Row:
        """Record a transaction.

        Raises:
            StorageError: it is not recorded.
        """
        try:
            row = self.doubt.keep_in(self.open(), record, how)
        except StorageError:
            self.doubt.add(record)
            self.close()
            raise
        self.strays = True
        return row

    def shelter(self, rows: list[Row]) -> dict[str, int]:
        """Keep copies of rows of the other journal, all or none; their numbers here, by id.

        Raises:
            StorageError: they are not kept.
        """
        journal = self.open()
        if self._unsure:
            journal.secure()
        kept = journal.rows.named((row.transaction.id for row in rows), voided=True)
        missing = [row for row in rows if row.transaction.id not in kept]
        self._unsure = bool(missing)
        if missing:
            with wording(journal.path), transaction(journal.database):
                for row in missing:
                    kept[row.transaction.id] = journal.insert_row(row)
            journal.refresh()
        self._unsure = False
        self.strays = True
        return kept

    def void(self, seq: int) -> None:
        """Delete a pending row of this journal.

        Raises:
            StorageError: it is not deleted.
        """
        with self.at_work() as journal:
            journal.void(seq)

    @contextmanager
    def at_work(self) -> Iterator[Journal]:
        """The journal; one that fails is let go, and opened from scratch the next time.

        Raises:
            StorageError: what was to be written is not.
        """
        try:
            yield self.open()
        except NotPendingError:
            raise
        except StorageError:
            self.close()
            raise

    def void_at_home(self, home: Home, row: Row) -> None:
        """Note that a row of the journal out of reach is deleted.

        Raises:
            StorageError: it is not noted.
        """
        with self.at_work() as journal:
            journal.away.void(home.journal_id, row.seq, row.transaction.id, stamp(self.run.clock()))
        self.strays = True
        home.deleted_meanwhile.add(row.seq)

    def bring_home(self, home: Home) -> Reunion:
        """Give the journal at home what waits here, and let this one go.

        Never fails: when one of the two cannot be used, that one is given up until later.
        """
        if home.journal is None or not self.strays:
            return Reunion()
        try:
            journal = self.open()
            if journal.away.is_empty():
                reunion = Reunion()
            else:
                home.journal.secure()  # what is there already must be there for good
                reunion = bring_home(home.journal, journal)
            self.strays = not journal.away.is_empty()
        except StorageError as error:
            if error.path == home.path:
                home.lose(error)
            else:
                self.close()
            return Reunion()
        new = [each for each in reunion.moved if each[0].transaction.id not in self._told]
        self._told |= {before.transaction.id for before, _ in new}
        reunion = replace(reunion, moved=tuple(new))
        home.recent.note(after for _, after in new)
        home.recent.note(reunion.deleted)
        self.close()
        return reunion

    def ask(self, question: Callable[[Journal], list[_T]]) -> list[_T]:
        """Ask the journal, if it is open; nothing is known otherwise."""
        if self.journal is not None:
            try:
                return question(self.journal)
            except StorageError:
                self.close()
        return []


def _place_name(data_folder: Path) -> str:
    """A name that only this data folder of this computer has: a stick may serve many desks."""
    place = f"{os.path.normcase(data_folder)}\0{platform.node()}"
    return f"{_PREFIX}{hashlib.sha256(place.encode()).hexdigest()[:12]}"


def _read_owner(path: Path) -> dict[str, str]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in told.items()} if isinstance(told, dict) else {}
