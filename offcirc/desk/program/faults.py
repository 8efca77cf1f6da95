"""Our own bugs: written down without anybody's identifiers, told once, survived."""

from __future__ import annotations

import faulthandler
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

from offcirc.disk import durable

LOG_NAME = "desk.log"
CRASH_NAME = "desk-crash.log"
LARGEST = 1_000_000
"""Bytes of log after which it is started anew, the old one kept beside it."""

FULLY = 5
"""Times that one fault is written down each time; after that the 10th, 20th, 40th, … time only."""

QUIET = 30.0
"""Seconds between two tellings of faults, lest they cover what is said about scans."""


class FaultLog:
    """The log of one data folder.

    What an exception says may contain what was scanned, so only its kind and the places in the
    program it went through are written.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare; nothing is written yet.

        Args:
            folder: the data folder.
            clock: seconds of a steady clock.
        """
        self._folder = folder / "logs"
        self._clock = clock
        self._crash: IO[bytes] | None = None
        self._times: Counter[tuple[str, ...]] = Counter()
        self._told_at: float | None = None
        self._tell: Callable[[], None] = lambda: None

    @property
    def path(self) -> Path:
        """The log."""
        return self._folder / LOG_NAME

    def install(self, tell: Callable[[], None]) -> bool:
        """Catch what nobody caught, and have the interpreter write down its own death.

        Args:
            tell: called once for each place that fails, but not all the time; shows it to the
                person at the desk.

        Returns:
            Whether the program died the last time it ran; told once. How it did is in the log.
        """
        self._tell = tell
        sys.excepthook = self.caught
        return self._begin()

    def move(self, folder: Path) -> None:
        """Write elsewhere from now on, and let the place before go: its drive may be pulled out.

        Args:
            folder: the folder in which work goes on.
        """
        if self._folder != folder / "logs":
            self._end()
            self._folder = folder / "logs"
            self._begin()

    def died_in(self, folder: Path) -> bool:
        """Whether the program died while it worked in another folder; told once, in this log."""
        try:
            return folder / "logs" != self._folder and self._keep_last_words(folder / "logs")
        except OSError:
            return False

    def _begin(self) -> bool:
        died = False
        try:
            durable.make_folder(self._folder)
            died = self._keep_last_words(self._folder)
            self._crash = self._open(CRASH_NAME)
        except OSError:
            return died  # a full or read-only disk; the window says so when something is recorded
        faulthandler.enable(self._crash)
        return died

    def _end(self) -> None:
        if self._crash is not None:
            faulthandler.disable()
            self._crash.close()
            self._crash = None

    def _keep_last_words(self, folder: Path) -> bool:
        """Move what the interpreter wrote when it died into the log; whether it did."""
        crash = folder / CRASH_NAME
        try:
            words = crash.read_bytes()[-LARGEST:]
        except FileNotFoundError:
            return False
        if not words.strip():
            return False
        at = (
            datetime.fromtimestamp(crash.stat().st_mtime).astimezone().isoformat(timespec="seconds")
        )
        with self._open(LOG_NAME) as log:
            log.write(f"{at} the program broke down:\n".encode() + words.rstrip() + b"\n")
        os.truncate(crash, 0)
        return True

    def uninstall(self) -> None:
        """Give the hooks back."""
        sys.excepthook = sys.__excepthook__
        self._end()

    def caught(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        """Write an exception down and tell it, unless it was told before."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        import traceback

        places = tuple(
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(trace)
        )
        known = (kind.__name__, *places)
        self._times[known] += 1
        times = self._times[known]
        if _is_written(times):
            self._write(kind.__name__ if times == 1 else f"{kind.__name__} ({times})", places)
        if times == 1 and not self._told_lately():
            self._tell()

    def _told_lately(self) -> bool:
        now, before = self._clock(), self._told_at
        if before is not None and now - before < QUIET:
            return True
        self._told_at = now
        return False

    def _write(self, kind: str, places: tuple[str, ...]) -> None:
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        lines = [f"{at} {kind}", *(f"    {place}" for place in places)]
        try:
            with self._open(LOG_NAME) as log:
                log.write(("\n".join(lines) + "\n").encode("utf-8", "replace"))
        except OSError:
            with suppress(OSError, AttributeError):  # there may be no terminal either
                sys.stderr.write("\n".join(lines) + "\n")

    def _open(self, name: str) -> IO[bytes]:
        path = self._folder / name
        if path.exists() and path.stat().st_size > LARGEST:
            path.replace(path.with_suffix(".old.log"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        return os.fdopen(durable.open_private(path, flags), "ab", buffering=0)


def _is_written(times: int) -> bool:
    """Whether the n-th time that one fault is met is written down."""
    if times <= FULLY:
        return True
    tens, rest = divmod(times, 10)
    return not rest and tens & (tens - 1) == 0
