"""The program on a real X server, typed at by xdotool as a scanner types."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from helpers import TOP, wait_until
from helpers.xserver import XServer

from offcirc.core.dat import datline
from offcirc.core.transaction import Operation, record_now
from offcirc.desk.program import start as program
from offcirc.desk.program.single import MARKER_NAME
from offcirc.desk.scan.gate import FRONT_SECONDS
from offcirc.disk.lock import DataLock
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal, RowState

pytestmark = pytest.mark.xvfb

READER = "9921000000164"
TITLE = "^Offline Circulation$"
Start = Callable[..., "Desk"]


class Desk:
    """The program on the X server.

    Attributes:
        process: it.
        folder: its data folder.
    """

    def __init__(self, x: XServer, folder: Path, *words: str, **environment: str) -> None:
        self._x = x
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "offcirc.desk.main", "--data-dir", str(folder), *words],
            cwd=TOP,
            env=x.environment() | {"OFFCIRC_LANG": "en"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def ready(self) -> Desk:
        """Wait until the window is in front and its journal open."""
        wait_until(self._is_open, what="the desk")
        self._x.window(TITLE)
        return self

    def _is_open(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()
        return (self.folder / MARKER_NAME).exists()

    def saved(self) -> int:
        """Rows in OffCirc.dat."""
        path = self.folder / "OffCirc.dat"
        return path.read_bytes().count(b"\r\n") if path.exists() else 0

    def end(self) -> int:
        """Close by a signal and wait."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """The exit code, once it has ended."""
        _, error = self.process.communicate(timeout=30)
        assert "Traceback" not in error, error
        return self.process.returncode


@pytest.fixture
def start(x_server: XServer, tmp_path: Path) -> Iterator[Start]:
    """Starts desks; ends what is still running."""
    running: list[Desk] = []

    def begin(*words: str, folder: Path = tmp_path / "desk", **environment: str) -> Desk:
        running.append(Desk(x_server, folder, *words, **environment))
        return running[-1]

    yield begin
    for desk in running:
        if desk.process.poll() is None:
            desk.process.kill()
        desk.process.communicate()


def rows(folder: Path) -> list[tuple[str, str, str]]:
    """What the journal holds: operation, item, patron, in order."""
    with Journal.open(folder) as journal:
        return [
            (row.transaction.operation.value, row.transaction.item, row.transaction.patron)
            for row in journal.rows_between(1, 10**9)
        ]


def file_lines(path: Path) -> list[tuple[str, str, str]]:
    """What OffCirc.dat says, every line being whole."""
    lines = path.read_bytes().split(b"\r\n")
    assert lines.pop() == b"", "the last line is whole"
    said = []
    for line in lines:
        decoded = datline.decode(line)
        assert decoded.record is not None
        assert not decoded.doubts
        assert datline.encode(decoded.record) == line + b"\r\n", "byte by byte as it is written"
        said.append((decoded.record.operation.value, decoded.record.item, decoded.record.patron))
    return said


@pytest.mark.parametrize("end", ["\r", "\t"], ids=["enter", "tab"])
def test_two_hundred_loans_at_a_millisecond_a_key(
    x_server: XServer, start: Start, end: str
) -> None:
    """None lost, none doubled, none out of order; the file byte by byte."""
    desk = start().ready()
    loans = [(f"99{number // 4:08}", f"37{number:09}") for number in range(200)]
    typed: list[str] = []
    for number, (reader, item) in enumerate(loans):
        if number % 4 == 0:
            typed += [
                "key",
                "--delay",
                "1",
                "alt+b",
                "type",
                "--args",
                "1",
                "--delay",
                "1",
                reader + end,
            ]
        typed += ["type", "--args", "1", "--delay", "1", item + end]
    x_server.xdotool(*typed, "key", "ctrl+s")
    wait_until(lambda: desk.saved() == 200, what="200 lines in the file")
    assert desk.end() == 0
    expected = [("L", item, reader) for reader, item in loans]
    assert rows(desk.folder) == expected
    assert file_lines(desk.folder / "OffCirc.dat") == expected


def test_a_scanner_may_start_before_the_journal_is_open(
    x_server: XServer, start: Start, tmp_path: Path
) -> None:
    """Typed as soon as the window is in front, while thousands of rows are still being read."""
    folder = tmp_path / "desk"
    now = datetime.now().astimezone()
    with Journal.open(folder) as journal:
        for number in range(3000):
            journal.append(record_now(now, Operation.RETURN, f"OLD{number}"))
    desk = start()
    x_server.window(TITLE)
    early = not (folder / MARKER_NAME).exists()
    x_server.type(f"{READER}\rB1\rB2\r")
    wait_until((folder / MARKER_NAME).exists, what="the desk")
    x_server.type("B3\r")
    x_server.key("ctrl+s")
    wait_until(lambda: desk.saved() == 3003, what="every row in the file")
    assert desk.end() == 0
    assert rows(folder)[3000:] == [("L", item, READER) for item in ("B1", "B2", "B3")]
    assert early, "the journal was open before anything was typed: the test tested nothing"


def test_returns_by_their_shortcut_and_loans_again(x_server: XServer, start: Start) -> None:
    desk = start().ready()
    x_server.key("ctrl+alt+r")
    x_server.type("d293004279\r")
    x_server.key("ctrl+alt+l")
    x_server.type(f"{READER}\r37000034179\r")
    x_server.key("ctrl+s")
    wait_until(lambda: desk.saved() == 2, what="two lines in the file")
    assert desk.end() == 0
    assert rows(desk.folder) == [("R", "d293004279", ""), ("L", "37000034179", READER)]


@pytest.mark.parametrize("keys", [["alt+F4"], ["alt+o"]], ids=["alt-f4", "close"])
def test_leaving_with_pending_rows_loses_none(
    x_server: XServer, start: Start, keys: list[str]
) -> None:
    desk = start().ready()
    x_server.type(f"{READER}\rB1\rB2\r")
    x_server.key(*keys)
    assert desk.wait() == 0
    assert file_lines(desk.folder / "OffCirc.dat") == [("L", "B1", READER), ("L", "B2", READER)]


@pytest.mark.promise("scan-wherever-the-cursor-is")
def test_scanning_goes_on_with_the_manual_in_front(x_server: XServer, start: Start) -> None:
    desk = start().ready()
    x_server.type(f"{READER}\r")
    x_server.key("F1")
    x_server.window("manual")
    x_server.type("37000034179\r37000034180\r", delay_ms=10)
    x_server.key("ctrl+s")
    wait_until(lambda: desk.saved() == 2, what="two lines in the file")
    assert desk.end() == 0
    assert [row[1] for row in rows(desk.folder)] == ["37000034179", "37000034180"]


def test_a_second_start_brings_the_first_window_back(x_server: XServer, start: Start) -> None:
    desk = start().ready()
    blind = subprocess.Popen(
        [sys.executable, "-c", HIDING], env=x_server.environment(), stdout=subprocess.PIPE
    )
    try:
        x_server.window("hiding the desk")
        assert start().wait() == program.ALREADY_OPEN
        # What comes in the very moment began in another window, as far as the desk can tell.
        came = time.monotonic()
        wait_until(lambda: time.monotonic() - came > 4 * FRONT_SECONDS, what="a hand")
        x_server.type(f"{READER}\rB1\r")
        x_server.key("ctrl+s")
        wait_until(lambda: desk.saved() == 1, what="the line typed into the first window")
    finally:
        blind.kill()
        blind.communicate()
    assert desk.end() == 0


HIDING = """
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
window = QWidget()
window.setWindowTitle("hiding the desk")
window.resize(1200, 900)
window.show()
app.exec()
"""


def test_a_folder_in_use_by_something_without_a_window_is_said(
    x_server: XServer, start: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    lock = DataLock(folder)
    try:
        desk = start()
        wait_until(
            lambda: x_server._try("search", "--onlyvisible", "--name", TITLE), what="the message"
        )

        # The message replaces the window; Enter reads it.
        def answered() -> bool:
            x_server.key("Return")
            return desk.process.poll() is not None

        wait_until(answered, what="the end of the program")
        out, error = desk.process.communicate()
        assert desk.process.returncode == program.ALREADY_OPEN
        assert "already open" in error
        assert out == ""
    finally:
        lock.release()


@pytest.mark.prove
@pytest.mark.promise("no-shown-scan-lost")
def test_kill_9_at_any_moment_loses_nothing_that_was_shown(
    x_server: XServer, start: Start, tmp_path: Path
) -> None:
    """Scans are typed and saved now and then; the window is killed; again, on the same folder."""
    rounds = 50 if os.environ.get("OFFCIRC_PROVE") == "1" else 3
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    folder, trace = tmp_path / "desk", tmp_path / "shown"
    shown_before = 0
    for number in range(rounds):
        desk = start(OFFCIRC_TRACE_SHOWN=str(trace)).ready()
        typing = subprocess.Popen(
            ["xdotool", *_typing(number)], env=x_server.environment(), stdout=subprocess.DEVNULL
        )
        wait_until(partial(_more_than, trace, shown_before), what="the first scan of this round")
        time.sleep(chance.random() * 0.8)
        desk.process.kill()
        typing.kill()
        typing.wait()
        x_server.let_go()
        desk.process.communicate()
        _check(folder, _shown(trace), f"round {number} of seed {seed}")
        shown_before = len(_shown(trace))
    assert shown_before > rounds


def _typing(number: int) -> list[str]:
    commands = ["type", "--args", "1", "--delay", "1", f"99{number:08}\r"]
    for batch in range(40):
        items = "".join(f"R{number:02}B{batch:02}I{item}\r" for item in range(3))
        commands += ["type", "--args", "1", "--delay", "1", items, "key", "--delay", "1", "ctrl+s"]
    return commands


def _shown(trace: Path) -> list[str]:
    if not trace.exists():
        return []
    names = trace.read_text().split("\n")
    return names[:-1]


def _more_than(trace: Path, number: int) -> bool:
    return len(_shown(trace)) > number


def _check(folder: Path, shown: list[str], when: str) -> None:
    """Everything shown is in the journal, and in the file after the next save, once each."""
    with Journal.open(folder) as journal:
        writer = DatWriter(journal)
        writer.repair()
        writer.save()
        kept = journal.rows_between(1, 10**9)
    assert {row.state for row in kept} == {RowState.SAVED}
    names = [row.transaction.id for row in kept]
    assert [name for name in names if name in set(shown)] == shown, when
    assert len(names) - len(shown) <= _UNSHOWN_PER_ROUND * (int(when.split()[1]) + 1), when
    expected = [
        (row.transaction.operation.value, row.transaction.item, row.transaction.patron)
        for row in kept
    ]
    assert file_lines(folder / "OffCirc.dat") == expected, when


_UNSHOWN_PER_ROUND = 1
"""The row being recorded when the kill came may be on the disk already."""
