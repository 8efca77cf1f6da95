"""Our own bugs: written down without anybody's identifiers, told once, survived."""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

LOG_NAME = "desk.log"
CRASH_NAME = "desk-crash.log"
LARGEST = 1_000_000
"""Bytes of log after which it is started anew, the old one kept beside it."""


class FaultLog:
    """The log of one data folder.

    What an exception says may contain what was scanned, so only its kind and the places in the
    program it went through are written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "logs"
        self._crash: IO[bytes] | None = None
        self._told: set[tuple[str, ...]] = set()
        self._tell: Callable[[], None] = lambda: None

    @property
    def path(self) -> Path:
        """The log."""
        return self._folder / LOG_NAME

    def install(self, tell: Callable[[], None]) -> None:
        """Catch what nobody caught, and have the interpreter write down its own death.

        Args:
            tell: called once for each place that fails; shows it to the person at the desk.
        """
        self._tell = tell
        sys.excepthook = self.caught
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._crash = self._open(CRASH_NAME)
        except OSError:
            return  # a full or read-only disk; the window says so when something is recorded
        faulthandler.enable(self._crash)

    def uninstall(self) -> None:
        """Give the hooks back."""
        sys.excepthook = sys.__excepthook__
        if self._crash is not None:
            faulthandler.disable()
            self._crash.close()
            self._crash = None

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
        self._write(kind.__name__, places)
        known = (kind.__name__, *places)
        if known not in self._told:
            self._told.add(known)
            self._tell()

    def _write(self, kind: str, places: tuple[str, ...]) -> None:
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        lines = [f"{at} {kind}", *(f"    {place}" for place in places)]
        try:
            with self._open(LOG_NAME) as log:
                log.write(("\n".join(lines) + "\n").encode("utf-8", "replace"))
        except OSError:
            sys.stderr.write("\n".join(lines) + "\n")

    def _open(self, name: str) -> IO[bytes]:
        path = self._folder / name
        if path.exists() and path.stat().st_size > LARGEST:
            path.replace(path.with_suffix(".old.log"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        return os.fdopen(os.open(path, flags, 0o600), "ab", buffering=0)
