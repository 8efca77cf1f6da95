"""A person at an installed desk of a wine PC: starts it, types scans, pulls the plug."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
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

    def __init__(self, pc: WinePC, program: str | tuple[str, ...], file: Path) -> None:
        self._pc = pc
        self._words = (program,) if isinstance(program, str) else program
        self._name = self._words[0].rpartition("\\")[2]
        self._shown = pc.drive / _SHOWN
        self.file = file
        self._process: subprocess.Popen[bytes] | None = None

    def open(self, *, again: bool = False) -> bool:
        """Start the program and take the keyboard; whether its window came.

        Args:
            again: what was shown before counts on.
        """
        if not again:
            self._shown.unlink(missing_ok=True)
        trace = {"OFFCIRC_TRACE_SHOWN": f"C:\\{_SHOWN}", "OFFCIRC_LANG": "en"}
        self._process = self._pc.start(*self._words, env=trace)
        if not self._wait(lambda: bool(self._window())):
            return False
        # There first, listening a moment later: its first paint is over when it stands still.
        time.sleep(3)
        self._xdotool("windowfocus", "--sync", self._window())
        return True

    def scan(self, *items: str) -> bool:
        """Type loans to the reader, as a scanner does; whether each was acknowledged."""
        before = len(self.shown())
        self._xdotool("key", "alt+b", "type", "--delay", "2", f"{READER}\r")
        for item in items:
            self._xdotool("type", "--delay", "2", f"{item}\r")
        return self._wait(lambda: len(self.shown()) == before + len(items))

    def save(self) -> None:
        """Save To File."""
        self._xdotool("key", "ctrl+s")

    def typing(self, items: Sequence[str]) -> subprocess.Popen[bytes]:
        """Begin to type loans, one after the other, a save after every seventh."""
        words = ["key", "alt+b", "type", "--args", "1", "--delay", "1", f"{READER}\r"]
        for number, item in enumerate(items, 1):
            words += ["type", "--args", "1", "--delay", "1", f"{item}\r"]
            words += ["key", "ctrl+s"] if number % 7 == 0 else []
        return subprocess.Popen(["xdotool", *words], env=self._pc.environment())

    def let_go(self) -> None:
        """No key is held down any more, whoever was killed while pressing it."""
        self._xdotool("keyup", "ctrl", "keyup", "alt", "keyup", "shift", "keyup", "s")

    def shown(self) -> list[str]:
        """The ids of the rows that were shown, in their order."""
        return self._shown.read_text("utf-8").split() if self._shown.exists() else []

    def more_than(self, number: int) -> bool:
        """Whether more rows than that were shown."""
        return len(self.shown()) > number

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
        self._pc.wine("taskkill", *words, "/IM", self._name)
        if self._process is not None:
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._pc.wine("taskkill", "/F", "/IM", self._name)
                self._process.wait(timeout=30)
            self._process = None

    def _window(self) -> str:
        said = self._xdotool("search", "--onlyvisible", "--class", self._name)
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
