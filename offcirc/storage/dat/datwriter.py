"""*Save To File*: the pending rows of the journal, added to OffCirc.dat exactly once.

A save is *begun* in the journal before the first byte, with all that it is about to write; then one
write and one flush; then it is *done*. Cut back after a failure, it is *abandoned*. One that is
neither was interrupted, and is settled by what the file holds before anything else is added
(:meth:`DatRepair.settle`). The file is read again only if it is not as it was left.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError, wording
from offcirc.storage.dat.datrepair import READ_WRITE, DatRepair, KnownDat, line_break, lines_of
from offcirc.storage.dat.datstate import open_dat, signature
from offcirc.storage.dat.findings import FileRepair, RepairFinding
from offcirc.storage.journal.journal import Journal, Row

DAT_NAME = "OffCirc.dat"

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did.

    Attributes:
        rows: how many rows it added to the file; with none the file was not touched.
        path: the file.
        at: when, aware.
        findings: what was found when the file was compared with the journal before; see
            :func:`offcirc.storage.dat.findings.describe_finding`.
    """

    rows: int
    path: Path
    at: datetime
    findings: tuple[RepairFinding, ...] = ()


class DatWriter:
    """Writes the OffCirc.dat of one journal.

    Attributes:
        path: the file.
        journal: where the rows are.
    """

    def __init__(self, journal: Journal, path: Path | None = None) -> None:
        """Prepare to write; nothing is read or written yet.

        Args:
            journal: where the rows are.
            path: the file; ``OffCirc.dat`` in the data folder when not given. Its folder must
                exist.
        """
        self.path = Path(os.path.abspath(path or journal.folder / DAT_NAME))  # noqa: PTH100 - resolve() would follow links
        self.journal = journal
        self._repair = DatRepair(journal, self.path)
        self._known: KnownDat | None = None

    def repair(self) -> FileRepair:
        """Compare the whole file with the journal and mend what a crash left; call it at start.

        Returns:
            What was found. Rows of an interrupted save are either in the file and saved now, or
            pending.

        Raises:
            StorageError: the file cannot be read or mended. Nothing is lost: pending rows stay
                pending, and every save tries again.
        """
        self._known = None
        if self.journal.saves.is_closing():
            from offcirc.storage.closing.deskclosing import settle  # noqa: PLC0415 - hardly ever needed

            settle(self.journal, self.path)
        self._check()
        return FileRepair(self._drain())

    def was_touched(self) -> bool:
        """Whether somebody else seems to have done something to the file since the last look."""
        return self._known is not None and not self._unchanged(self._known)

    def forget(self) -> None:
        """The file was replaced by ourselves: look at it afresh before anything is added to it."""
        self._known = None

    def save(self) -> Saved:
        """Add all pending rows to the file, in order, in one write and one flush.

        Returns:
            How many there were, and what was found about the file meanwhile.

        Raises:
            StorageError: they could not be added; they are still pending, and the file holds whole
                lines only, as before.
        """
        for _attempt in range(_ATTEMPTS):
            known = self._check()
            rows = self.journal.pending()
            if not rows or self._write(known, rows):
                return Saved(len(rows), self.path, self.journal.clock(), self._drain())
            self._known = None
        raise StorageError(Fault.BUSY, self.path)

    def _check(self) -> KnownDat:
        """The file as it is now, looked at closely only when it may have changed."""
        unfinished = self.journal.saves.unfinished()
        if unfinished is not None:
            self._known = None
            self._repair.settle(unfinished)
        if self._known is None or not self._unchanged(self._known):
            self._known = self._repair.compare()
        return self._known

    def _unchanged(self, known: KnownDat) -> bool:
        try:
            return signature(self.path.stat()) == known.signature
        except FileNotFoundError:
            return known.signature is None
        except OSError:
            return False

    def _write(self, known: KnownDat, rows: list[Row]) -> bool:
        """Add rows to the file.

        Returns:
            Whether it was done; if not, the file is not the one that was looked at any more.
        """
        with wording(self.path):
            fd = open_dat(self.path, READ_WRITE | os.O_CREAT)
            assert fd is not None
            try:
                return self._write_in(fd, known, rows)
            finally:
                os.close(fd)

    def _write_in(self, fd: int, known: KnownDat, rows: list[Row]) -> bool:
        status = os.fstat(fd)
        if known.signature is None:
            if status.st_size:
                return False
        elif signature(status) != known.signature:
            return False
        data = line_break(known.last) + lines_of(rows)
        saves = self.journal.saves
        save = saves.begin(known.state, self._repair.name, data, [row.seq for row in rows])
        self._known = None
        try:
            durable.append(fd, data, save.offset, self.path)
        except durable.AppendError as error:
            if error.cut_back:
                with suppress(StorageError):  # it stays unfinished, to be settled next time
                    saves.abandon(save)
            raise
        if known.signature is None:
            durable.flush_folder(self.path.parent)
        status = os.fstat(fd)
        if status.st_nlink == 0 and not self._is_at_path(status):
            saves.abandon(save)  # deleted in the meantime: nobody will ever read it
            return False
        whole = known.whole.copy()
        whole.update(data)
        state = saves.finish(save, save.offset + len(data), whole.hexdigest())
        self._known = KnownDat(state, whole, data[-1:], signature(status))
        return True

    def _is_at_path(self, status: os.stat_result) -> bool:
        try:
            return os.path.samestat(status, self.path.stat())
        except OSError:
            return False

    def _drain(self) -> tuple[RepairFinding, ...]:
        findings = tuple(self._repair.findings)
        self._repair.findings.clear()
        return findings
