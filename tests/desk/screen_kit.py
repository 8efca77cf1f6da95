"""A desk on a real X server that can be asked how it looks, and a scanner that presses keys."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from helpers import TOP, wait_until
from helpers.xserver import XServer

from offcirc.desk.program.single import MARKER_NAME

TITLE = "^Offline Circulation"
PATIENCE = 30.0

# Where a PC keyboard has its keys, by X's numbers: what a scanner presses that believes in an
# American keyboard, whatever the PC believes.
_ROWS = ((10, "1234567890-="), (24, "qwertyuiop[]"), (38, "asdfghjkl;'"), (52, "zxcvbnm,./"))
_SHIFTED = dict(zip('!@#$%^&*()_+{}:"<>?', "1234567890-=[];',./", strict=True))
_KEYS = {sign: first + n for first, signs in _ROWS for n, sign in enumerate(signs)} | {
    " ": 65,
    "\r": 36,
    "\t": 23,
    "`": 49,
    "\\": 51,
}
_SHIFT = 50


class AskedDesk:
    """The program on the X server, with a line to it.

    Attributes:
        folder: its data folder.
    """

    def __init__(self, x: XServer, folder: Path, *words: str, **environment: str) -> None:
        self.x = x
        self.folder = folder
        self._rest = b""
        program = str(Path(__file__).with_name("asked_desk.py"))
        self._process = subprocess.Popen(
            [sys.executable, program, "--data-dir", str(folder), *words],
            cwd=TOP,
            env=x.environment() | {"OFFCIRC_LANG": "en", "PYTHONPATH": str(TOP)} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def ready(self, title: str = TITLE) -> AskedDesk:
        """Wait until the window is in front and its journal open."""
        wait_until(self._is_open, what="the desk")
        self.x.window(title)
        return self

    def _is_open(self) -> bool:
        assert self._process.poll() is None, self._process.communicate()
        return (self.folder / MARKER_NAME).exists()

    def ask(self, *words: object) -> Any:
        """Ask something and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(map(str, words)).encode() + b"\n")
        self._process.stdin.flush()
        reading, until = self._process.stdout.fileno(), time.monotonic() + PATIENCE
        while b"\n" not in self._rest:
            able, _, _ = select.select([reading], [], [], max(until - time.monotonic(), 0))
            assert able, f"no answer to {words}"
            came = os.read(reading, 65_536)
            assert came, self._process.communicate()
            self._rest += came
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    @property
    def state(self) -> dict[str, Any]:
        """What it shows."""
        answer: dict[str, Any] = self.ask("state")
        return answer

    def wait_for(self, **wanted: object) -> dict[str, Any]:
        """Wait until it shows this."""
        seen: list[dict[str, Any]] = []

        def shown() -> bool:
            seen[:] = [self.state]
            return all(seen[0][name] == value for name, value in wanted.items())

        try:
            wait_until(shown, what=f"{wanted}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows {seen}") from error
        return seen[0]

    def end(self) -> int:
        """Close by a signal and wait; the exit code."""
        self._process.send_signal(signal.SIGTERM)
        _out, error = self._process.communicate(timeout=PATIENCE)
        assert b"Traceback" not in error, error.decode()
        return self._process.returncode

    def kill(self) -> None:
        """End it if it is still there."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


def press_keys(x: XServer, text: str, *, delay_ms: int = 2) -> None:
    """Press the keys of an American keyboard, by their place: what arrives is the PC's affair."""
    commands: list[str] = []
    for character in text:
        small = _SHIFTED.get(character, character.lower())
        code = str(_KEYS[small])
        if small != character:
            commands += ["keydown", str(_SHIFT), "key", "--delay", str(delay_ms), code]
            commands += ["keyup", str(_SHIFT)]
        else:
            commands += ["key", "--delay", str(delay_ms), code]
    x.xdotool(*commands, timeout=600)
