"""A person at an installed desk of a wine PC: starts it, types scans, pulls the plug."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from wine_pc import WinePC

from offcirc.core.dat import datline

READER = "9921000000164"
_SHOWN = "shown.txt"
_SECONDS = 90


class DeskHand:
    """The desk of a PC, at work.

    Attributes:
        file: where its OffCirc.dat is.
    """

    def __init__(self, pc: WinePC, program: str, file: Path) -> None:
        self._pc = pc
        self._program = program
        self._shown = pc.drive / _SHOWN
        self.file = file
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> bool:
        """Start the program and take the keyboard; whether its window came."""
        self._shown.unlink(missing_ok=True)
        trace = {"OFFCIRC_TRACE_SHOWN": f"C:\\{_SHOWN}", "OFFCIRC_LANG": "en"}
        self._process = self._pc.start(self._program, env=trace)
        if not self._wait(lambda: bool(self._window())):
            return False
        # There first, listening a moment later: its first paint is over when it stands still.
        time.sleep(3)
        self._xdotool("windowfocus", "--sync", self._window())
        return True

    def scan(self, *items: str) -> bool:
        """Type loans to the reader, as a scanner does; whether each was acknowledged."""
        before = self._rows()
        self._xdotool("key", "alt+b", "type", "--delay", "2", f"{READER}\r")
        for item in items:
            self._xdotool("type", "--delay", "2", f"{item}\r")
        return self._wait(lambda: self._rows() == before + len(items))

    def kill(self) -> None:
        """The power goes: nothing is asked."""
        self._end("/F")

    def close(self) -> None:
        """The window is closed as a person closes it."""
        self._end()

    def loans(self) -> list[str]:
        """The items in OffCirc.dat, every line of it being whole, byte by byte."""
        if not self.file.exists():
            return []
        *lines, rest = self.file.read_bytes().split(b"\r\n")
        found = []
        for line in lines:
            said = datline.decode(line)
            if said.record is None or datline.encode(said.record) != line + b"\r\n":
                return [f"no line of ours: {line!r}"]
            found.append(said.record.item)
        return [*found, f"half a line: {rest!r}"] if rest else found

    def _end(self, *words: str) -> None:
        self._pc.wine("taskkill", *words, "/IM", self._program.rpartition("\\")[2])
        if self._process is not None:
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._pc.wine("taskkill", "/F", "/IM", self._program.rpartition("\\")[2])
                self._process.wait(timeout=30)
            self._process = None

    def _rows(self) -> int:
        return len(self._shown.read_text("utf-8").split()) if self._shown.exists() else 0

    def _window(self) -> str:
        name = self._program.rpartition("\\")[2]
        said = self._xdotool("search", "--onlyvisible", "--class", name)
        return said.split()[-1] if said.split() else ""

    def _xdotool(self, *words: str) -> str:
        command = ["xdotool", *words]
        done = subprocess.run(
            command,
            env=self._pc.environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout

    def _wait(self, is_so: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + _SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.3)
        return True
