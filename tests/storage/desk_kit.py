"""A desk of this room: a journal and an OffCirc.dat that can be crashed and reopened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Transaction, record_now
from offcirc.disk import durable
from offcirc.storage.dat.datwriter import DatWriter, Saved
from offcirc.storage.journal.journal import Journal
from offcirc.storage.journal.saves import SaveBook

PARIS = timezone(timedelta(hours=1))
MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=PARIS)


class CrashError(BaseException):
    """The moment at which the power goes; nothing in the program may catch it."""


class Desk:
    """One data folder, its journal and its OffCirc.dat.

    Attributes:
        now: the desk's clock; each transaction moves it on by some seconds.
        lines: the line of each transaction recorded so far, by its number.
    """

    def __init__(self, folder: Path, dat: Path | None = None) -> None:
        self.folder = folder
        self.now = MORNING
        self.lines: dict[int, bytes] = {}
        self._dat = dat
        self.open()

    def open(self) -> None:
        self.journal = Journal.open(self.folder, clock=lambda: self.now.astimezone(UTC))
        self.writer = DatWriter(self.journal, self._dat)
        self.path = self.writer.path

    def close(self) -> None:
        self.journal.close()

    def reopen(self) -> None:
        self.close()
        self.open()

    def transaction(self, item: str, *, loan: bool = True) -> Transaction:
        self.now += timedelta(seconds=7)
        operation = Operation.LOAN if loan else Operation.RETURN
        return record_now(self.now, operation, item, "9921000000164")

    def scan(self, count: int = 1) -> list[int]:
        """Record transactions, every third a return."""
        numbers = []
        for _ in range(count):
            number = len(self.lines) + 1
            record = self.transaction(f"3700003{number:04}", loan=number % 3 != 0)
            seq = self.journal.append(record)
            self.lines[seq] = encode(record.record)
            numbers.append(seq)
        return numbers

    def stated(self, *numbers: int) -> bytes:
        """The lines of these transactions; of all when none is named."""
        return b"".join(self.lines[number] for number in numbers or self.lines)

    def pending(self) -> list[int]:
        return [row.seq for row in self.journal.pending()]

    def codes(self) -> list[str]:
        """What comparing the file with the journal finds now."""
        return [finding.code.value for finding in self.writer.repair().findings]

    def torn_files(self) -> list[Path]:
        return sorted(self.path.parent.glob("*.torn"))

    def crash_while_saving(self, monkeypatch: pytest.MonkeyPatch, written: int | None) -> None:
        """Lose the power during a save, then start again; nothing is repaired yet.

        Args:
            monkeypatch: of the test.
            written: how many bytes had reached the file; ``None``: all of them and flushed, but
                the journal had not been told.
        """

        def interrupted_write(fd: int, data: bytes) -> int:
            real_write(fd, data[:written])
            raise CrashError

        def interrupted_finish(*_: object) -> None:
            raise CrashError

        real_write = durable.write
        with monkeypatch.context() as patch:
            if written is None:
                patch.setattr(SaveBook, "finish", interrupted_finish)
            else:
                patch.setattr(durable, "write", interrupted_write)
            with pytest.raises(CrashError):
                self.writer.save()
        self.reopen()

    def save(self) -> Saved:
        return self.writer.save()
