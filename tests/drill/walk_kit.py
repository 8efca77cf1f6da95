"""A drill as people walk through it: the printed commands, keys at the desks, a real browser."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from helpers import TOP, wait_until
from helpers.chromium import Chromium
from helpers.xserver import XServer

from offcirc.desk.program.single import MARKER_NAME
from offcirc.drill import scoring
from offcirc.drill import truth as truths
from offcirc.drill.truth import DrillLine

PASSWORD = "bac-a-sable-1"
_LOAN, _RETURN, _BOX, _CARD = "ctrl+alt+l", "ctrl+alt+r", "ctrl+alt+b", "alt+b"


class Walk:
    """A drill that was begun by its command.

    Attributes:
        folder: of the drill.
        truth: what is true of it.
    """

    def __init__(self, x: XServer, data: Path, name: str) -> None:
        self._x = x
        self._environment = x.environment() | {
            "OFFCIRC_LANG": "en",
            "OFFCIRC_PASSWORD": PASSWORD,
            "PYTHONPATH": str(TOP),
        }
        begun = self.run("drill", "start", name, "--data-dir", data, "--format", "json", code=0)
        self.folder = Path(begun["folder"])
        self.truth = truths.read(self.folder)
        self._printed = [shlex.split(each)[1:] for each in begun["commands"]]
        self._desks: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, *words: object, code: int) -> Any:
        """Run a command; what it said, read if it is JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "offcirc", *map(str, words)],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done
        self.noted = done.stderr
        return json.loads(done.stdout) if "json" in words else done.stdout

    def _start(self, words: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "offcirc", *words],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @contextmanager
    def desks(self) -> Iterator[None]:
        """Every desk of the drill, open at once; then closed as a session's end closes them."""
        commands = [each for each in self._printed if each[0] == "desk"]
        try:
            for desk, words in zip(self.truth.desks, commands, strict=True):
                self._desks[desk.letter] = self._start(words)
            for desk in self.truth.desks:
                marker = self.folder / scoring.DESKS / desk.letter / MARKER_NAME
                wait_until(marker.exists, timeout=60, what=f"desk {desk.letter}")
                self._x.window(f"PRACTICE.* · {desk.letter}$")
            yield
            for desk in self._desks.values():
                desk.send_signal(signal.SIGTERM)
                _out, error = desk.communicate(timeout=60)
                assert desk.returncode == 0, error
        finally:
            for desk in self._desks.values():
                if desk.poll() is None:
                    desk.kill()
                    desk.communicate()

    def type(self, slip: Callable[[DrillLine], str] = lambda line: "") -> None:
        """Scan what the script says, part after part, and save.

        Args:
            slip: what goes wrong with a line: ``no-card``, ``forgotten`` or nothing.
        """
        typed = dict.fromkeys((desk.letter for desk in self.truth.desks), 0)
        by_part = sorted(self.truth.lines, key=lambda line: (line.part, line.desk))
        for (_part, letter), own in groupby(by_part, lambda line: (line.part, line.desk)):
            self._x.window(f"PRACTICE.* · {letter}$")
            for what, lines in groupby(own, lambda each: (each.operation, each.patron, each.box)):
                found = [line for line in lines if slip(line) != "forgotten"]
                typed[letter] += len(found)
                self._scan(*what, found, card=not any(slip(line) == "no-card" for line in found))
            self._x.key("ctrl+s")
            file = self.folder / scoring.DESKS / letter / "OffCirc.dat"
            wait_until(
                lambda file=file, wanted=typed[letter]: (
                    file.exists() and file.read_bytes().count(b"\r\n") == wanted
                ),
                timeout=60,
                what=f"{typed[letter]} lines of desk {letter}",
            )

    def _scan(
        self, operation: str, patron: str, box: bool, lines: list[DrillLine], *, card: bool
    ) -> None:
        if operation == "L":
            self._x.key(_LOAN)
            if card:
                self._x.key(_CARD)
                self._x.type(f"{patron}\r")
        else:
            self._x.key(_BOX if box else _RETURN)
        for line in lines:
            self._x.type(f"{line.item}\r")

    @contextmanager
    def server(self) -> Iterator[str]:
        """The practice server, on a free port; its address."""
        process = self._start([*self._printed[0], "--port", "0"])
        try:
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            assert line.startswith("listening on "), line
            yield line.removeprefix("listening on ").strip()
        finally:
            process.terminate()
            _out, error = process.communicate(timeout=60)
            assert b"Traceback" not in error, error

    @property
    def referent(self) -> Path:
        """The data folder of the uploader, as it was printed."""
        words = self._printed[-1]
        return Path(words[words.index("--data-dir") + 1])

    def put_clocks_right(self) -> None:
        """Decide that the times of the desks whose clock is wrong are moved."""
        for desk in self.truth.desks:
            if desk.clock:
                file = self.folder / scoring.DESKS / desk.letter / "OffCirc.dat"
                words = ("decide", "clock", file, f"{-60 * desk.clock}")
                self.run(*words, "--data-dir", self.referent, code=0)

    def upload(self, url: str, *letters: str) -> None:
        """Upload by the printed command: all desks, or those named."""
        words: list[object] = [*self._printed[-1]]
        words[words.index("--server") + 1] = url
        if letters:
            words[1:2] = [self.folder / scoring.DESKS / letter for letter in letters]
        self.run(*words, code=1)

    def look(self, url: str, code: int) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
        """What is left to be done, and on which pages."""
        where = ("--server", url, "--user", "referent", "--data-dir", self.referent)
        told = self.run("followup", "--look", "--format", "json", *where, code=code)
        pages = re.findall(r"^(\w\d+): (http.*)$", self.noted, re.MULTILINE)
        return told["tasks"], {name: found.split() for name, found in pages}

    def score(self, code: int) -> dict[str, Any]:
        """The score; its findings by their code in ``found``."""
        told = self.run("drill", "score", "--drill", self.folder, "--format", "json", code=code)
        marks = [*told["desks"].values(), told["upload"], told["followup"]]
        told["found"] = {each["code"]: each for mark in marks for each in mark["findings"]}
        return dict(told)


@contextmanager
def browsing(home: Path, url: str) -> Iterator[Chromium]:
    """A browser, signed in at the circulation desk."""
    home.mkdir(parents=True)
    with Chromium(home) as browser:
        browser.go(f"{url}/sign-in?lang=en")
        browser.write("#login", "referent")
        browser.write("#password", PASSWORD)
        browser.press("Enter", leads=True)
        browser.ask("document.querySelector('input[value=BUC_PRET]').focus()")
        browser.press(" ")
        browser.press("Enter", leads=True)
        yield browser


def do(browser: Chromium, url: str, task: dict[str, Any], pages: list[str]) -> None:
    """Do in the browser what a task asks for, beginning at the pages that it names."""
    if task["kind"] in {"reader-unknown", "item-unknown"}:
        for page in pages:
            browser.go(page)
            browser.write("#text", task["lines"][0]["note"] or "Has an item nobody knows")
            browser.click("form[action$='/note'] button.primary")
    elif task["kind"] == "item-excluded":
        browser.go(pages[0])
        browser.click("main a[href^='/readers/']")
        title = browser.ask("document.querySelector('h1').innerText")
        assert title
        item = task["lines"][0]["item"]
        box = f"[...document.querySelectorAll('tr')].find(r => r.innerText.includes('{item}'))"
        browser.ask(f"{box}.querySelector('input').checked = true")
        day = date.today() + timedelta(days=9)
        browser.ask(f"document.querySelector('#day').value = '{day}'")
        browser.click("button[formaction$='/due']")
    elif task["kind"] == "hold-shelf-processing":
        browser.go(f"{url}/scan")
        browser.write("#item", task["lines"][0]["item"])
        browser.press("Enter", leads=True)
    assert "Done:" in browser.text, browser.text
