"""A real browser without a window, spoken to through pipes: pages used as a person uses them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import bootstrap
import pytest

from helpers.waiting import wait_until

_BECOME = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); "
    "os.execv(sys.argv[3], sys.argv[3:])"
)
_KEYS = {"Tab": 9, "Enter": 13, " ": 32}


class Chromium:
    """One tab of a headless Chromium. Use as a context manager."""

    def __init__(self, home: Path) -> None:
        found = bootstrap.chromium()
        if sys.platform == "win32" or not found:
            wanting = bootstrap.has_chromium_package()
            pytest.skip(
                "needs chromium" if wanting else "only on systems whose packages have Chromium"
            )
        import fcntl

        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        # Chromium reads commands from 3 and answers on 4, whatever numbers are free here.
        ends = [fcntl.fcntl(each, fcntl.F_DUPFD, 20) for each in (theirs_in, theirs_out)]
        for each in (theirs_in, theirs_out):
            os.close(each)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]
        options += ["--no-first-run", "--disable-background-networking", "--disable-sync"]
        options += ["--disable-component-update", f"--user-data-dir={home}", "--lang=en"]
        options.append("about:blank")
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BECOME, *map(str, ends), found, *options],
            pass_fds=ends,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for each in ends:
            os.close(each)
        self._in, self._out = os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb")
        self._number = 0
        self._session = ""

    def __enter__(self) -> Chromium:
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        found = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = found["sessionId"]
        # Else a page beside another browser's has no focus, and shows none.
        self._call("Emulation.setFocusEmulationEnabled", enabled=True)
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        self._in.close()
        self._out.close()

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            asked["sessionId"] = self._session
        self._out.write(json.dumps(asked).encode() + b"\0")
        self._out.flush()
        while True:
            told = json.loads(self._message())
            if told.get("id") == self._number:
                return dict(told.get("result", {}))

    def _message(self) -> bytes:
        found = bytearray()
        while (sign := self._in.read(1)) != b"\0":
            assert sign, "Chromium has ended"
            found += sign
        return bytes(found)

    def ask(self, script: str) -> Any:
        """What a script comes to; ``None`` while a page is on its way."""
        told = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        return told.get("result", {}).get("value")

    def go(self, address: str) -> None:
        """Open a page."""
        self.ask("window.before = true")
        self._call("Page.navigate", url=address)
        self._arrive()

    def _arrive(self) -> None:
        there = "!window.before && document.readyState == 'complete'"
        wait_until(lambda: self.ask(there), timeout=60, what="the page")

    def write(self, where: str, text: str) -> None:
        """Put the cursor into a field, by its selector, and write."""
        self.ask(f"document.querySelector({where!r}).focus()")
        assert self.ask(f"document.activeElement.matches({where!r})"), f"no field {where}"
        self.put(text)

    def put(self, text: str) -> None:
        """Write where the cursor is."""
        self._call("Input.insertText", text=text)

    def press(self, key: str, *, leads: bool = False) -> None:
        """Press a key; ``leads`` waits for the page that comes of it."""
        if leads:
            self.ask("window.before = true")
        code = _KEYS[key]
        text = {"Enter": "\r", " ": " "}.get(key, "")
        facts = {"key": key, "windowsVirtualKeyCode": code}
        self._call("Input.dispatchKeyEvent", type="keyDown", text=text, **facts)
        self._call("Input.dispatchKeyEvent", type="keyUp", **facts)
        if leads:
            self._arrive()

    def click(self, where: str) -> None:
        """Click a link or button that leads to a page."""
        self.ask("window.before = true")
        assert self.ask(f"!!document.querySelector({where!r})"), f"no {where}"
        self.ask(f"document.querySelector({where!r}).click()")
        self._arrive()

    @property
    def text(self) -> str:
        """What the page says."""
        return str(self.ask("document.body.innerText"))
