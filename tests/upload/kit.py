"""Files, clocks and servers for the tests of uploading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Record
from offcirc.upload.base.patience import Patience

START = datetime(2018, 1, 15, 9, 0)


def loan(minutes: int, item: str, patron: str = "P1") -> Record:
    return Record(START + timedelta(minutes=minutes), Operation.LOAN, item, patron)


def back(minutes: int, item: str) -> Record:
    return Record(START + timedelta(minutes=minutes), Operation.RETURN, item)


def dat(path: Path, *lines: Record | bytes) -> Path:
    """Write an OffCirc.dat; raw bytes are written as they are, with a line end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"".join(line + b"\r\n" if isinstance(line, bytes) else encode(line) for line in lines)
    )
    return path


def loans(path: Path, count: int, *, start: int = 0) -> Path:
    """A file of loans of items I0, I1, …, one a minute."""
    return dat(path, *(loan(number, f"I{number}") for number in range(start, start + count)))


@dataclass
class Clock:
    """Time that passes only while somebody waits.

    Attributes:
        now: seconds since the beginning.
        waits: what every wait came to, in whole waits.
        while_waiting: called at each slice of a wait.
    """

    now: float = 0.0
    slices: list[float] = field(default_factory=list)
    while_waiting: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.slices.append(seconds)
        self.now += seconds
        self.while_waiting()

    def patience(self, tries: int = 6) -> Patience:
        return Patience(tries=tries, sleep=self.sleep, clock=lambda: self.now, jitter=lambda: 1.0)
