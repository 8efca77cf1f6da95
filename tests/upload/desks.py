"""Desks that really record: a journal, an OffCirc.dat, a copy in the collection folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from helpers import wait_until

from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import Operation, record_now
from offcirc.storage.copies.mirror import Mirror
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal

PARIS = timezone(timedelta(hours=1))
MORNING = datetime(2018, 1, 15, 9, 0, tzinfo=PARIS)


class RealDesk:
    """One desk PC.

    Attributes:
        true: the true time, aware.
        wrong: how far the PC's clock is ahead of it, in seconds.
    """

    def __init__(self, folder: Path, name: str = "Desk 1", wrong: float = 0) -> None:
        self.folder = folder
        self.identity = DeskIdentity("BUC du Mirail", "BUC_PRET", name)
        self.true = MORNING
        self.wrong = wrong
        self.open()

    @property
    def now(self) -> datetime:
        """What the PC's clock says."""
        return self.true + timedelta(seconds=self.wrong)

    @property
    def path(self) -> Path:
        """Its OffCirc.dat."""
        return self.writer.path

    def open(self) -> None:
        """Start the program."""
        self.journal = Journal.open(
            self.folder,
            clock=lambda: self.now.astimezone(UTC),
            identity=self.identity,
            monotonic=self._seconds,
        )
        self.writer = DatWriter(self.journal)

    def _seconds(self) -> float:
        return (self.true - MORNING).total_seconds()

    def close(self) -> None:
        """End the program."""
        self.journal.close()

    def at(self, seconds: float) -> None:
        """Let it be so many seconds after nine."""
        self.true = MORNING + timedelta(seconds=seconds)

    def lend(self, item: str, patron: str = "P1", *, at: float) -> None:
        """Record a loan, so many seconds after nine."""
        self.at(at)
        self.journal.append(record_now(self.now, Operation.LOAN, item, patron))

    def take_back(self, item: str, *, at: float) -> None:
        """Record a return."""
        self.at(at)
        self.journal.append(record_now(self.now, Operation.RETURN, item))

    def set_clock(self, wrong: float) -> None:
        """Somebody sets the clock of the PC, and the program notices."""
        before = self.now
        self.wrong = wrong
        self.journal.note_jump(before, self.now)

    def save(self) -> Path:
        """Save To File."""
        self.writer.save()
        return self.path

    def mirror(self, share: Path) -> Path:
        """Copy to the collection folder; returns the copy."""
        share.mkdir(exist_ok=True)
        mirror = Mirror(
            self.folder, self.path, share, self.identity, clock=lambda: self.now, pause=0.01
        )
        mirror.start()
        try:
            wait_until(
                lambda: mirror.state.path is not None and not mirror.state.behind, what="the copy"
            )
        finally:
            assert mirror.close(20)
        assert mirror.state.path is not None
        return mirror.state.path
