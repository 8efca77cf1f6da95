"""The program as a process: started twice, ended by signals, asked for help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from helpers import TOP, ask_to_end, wait_until, with_window
from PySide6.QtWidgets import QApplication, QLineEdit

from offcirc import __version__
from offcirc.core.transaction import Operation, record_now
from offcirc.desk.program import options, player
from offcirc.desk.program import start as program
from offcirc.desk.program.single import MARKER_NAME
from offcirc.storage.journal.journal import Journal

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the program on a screen in memory; ends what is still running."""
    running: list[subprocess.Popen[str]] = []

    def begin(*words: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "offcirc.desk.main", *words],
            cwd=TOP,
            env=with_window(os.environ) | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code and output, once it has ended by itself."""
    out, error = process.communicate(timeout=30)
    return process.returncode, out, error


def pend(folder: Path, *items: str) -> None:
    """Returns in the journal that are not in the file yet."""
    with Journal.open(folder) as journal:
        for item in items:
            now = datetime.now().astimezone()
            journal.append(record_now(now, Operation.RETURN, item))


def opened(folder: Path) -> bool:
    """Whether a window is up and listens."""
    return (folder / MARKER_NAME).exists()


def test_version_and_help_need_no_screen(start: Start) -> None:
    code, out, _ = ended(start("--version", QT_QPA_PLATFORM=""))
    assert (code, out) == (0, f"OffCirc {__version__}\n")
    code, out, _ = ended(start("--help", QT_QPA_PLATFORM=""))
    assert code == 0
    assert "--data-dir FOLDER" in out
    code, out, _ = ended(start("--lang", "fr", "--help", QT_QPA_PLATFORM=""))
    assert "--data-dir DOSSIER" in out


@pytest.mark.parametrize(
    "words", [["--data-dir"], ["--lang", "de"], ["--fast"], ["--file", "--lang", "fr"], ["more"]]
)
def test_words_not_understood_are_said_and_end_with_2(start: Start, words: list[str]) -> None:
    code, _, error = ended(start(*words))
    assert code == 2
    assert error.startswith(("usage: offcirc-desk", "utilisation\xa0: offcirc-desk"))
    assert "Traceback" not in error


def test_the_plain_words_are_read_as_the_thorough_reader_reads_them(tmp_path: Path) -> None:
    for words in (
        [],
        ["--data-dir", "a", "--file", "b.dat"],
        ["--data-dir=a", "--lang=fr"],
        ["--lang", "en", "--file=x y"],
    ):
        plain = options.read(words)
        parsed = options.make_parser().parse_args(words)
        assert (plain.data_dir, plain.file) == (parsed.data_dir, parsed.file), words


def test_without_a_screen_it_says_so(start: Start) -> None:
    if sys.platform in ("win32", "darwin"):
        pytest.skip("only on systems whose screen may be missing")
    code, _, error = ended(start(QT_QPA_PLATFORM=""))
    assert code == program.NO_SCREEN
    assert "no screen" in error


def test_the_first_paint_is_announced_for_the_stop_watch(start: Start, tmp_path: Path) -> None:
    process = start("--data-dir", str(tmp_path), OFFCIRC_BENCH_FIRST_PAINT="1")
    code, out, _ = ended(process)
    assert (code, out) == (0, "first-paint\n")


def test_a_signal_saves_and_closes(start: Start, tmp_path: Path) -> None:
    pend(tmp_path, "B1", "B2")
    process = start("--data-dir", str(tmp_path))
    wait_until(lambda: opened(tmp_path), what="the window")
    ask_to_end(process)
    code, out, error = ended(process)
    assert (code, out) == (0, "")
    assert "Traceback" not in error
    assert (tmp_path / "OffCirc.dat").read_bytes().count(b"\r\n") == 2
    assert not opened(tmp_path)


def test_the_file_named_on_the_command_line_is_the_one_saved(start: Start, tmp_path: Path) -> None:
    pend(tmp_path / "data", "B1")
    (tmp_path / "stick").mkdir()
    file = tmp_path / "stick" / "desk2.dat"
    process = start("--data-dir", str(tmp_path / "data"), "--file", str(file))
    wait_until(lambda: opened(tmp_path / "data"), what="the window")
    ask_to_end(process)
    assert ended(process)[0] == 0
    assert file.read_bytes().count(b"\r\n") == 1


def test_a_second_start_calls_the_first_and_ends(start: Start, tmp_path: Path) -> None:
    first = start("--data-dir", str(tmp_path))
    wait_until(lambda: opened(tmp_path), what="the window")
    assert ended(start("--data-dir", str(tmp_path)))[0] == program.ALREADY_OPEN
    assert first.poll() is None
    other = tmp_path / "other desk"
    second = start("--data-dir", str(other))
    wait_until(lambda: opened(other), what="a window on another folder")
    for process in (first, second):
        ask_to_end(process)
        assert ended(process)[0] == 0


def test_what_a_killed_window_left_stops_nobody(start: Start, tmp_path: Path) -> None:
    killed = start("--data-dir", str(tmp_path))
    wait_until(lambda: opened(tmp_path), what="the window")
    killed.kill()
    killed.wait()
    assert opened(tmp_path), "its marker is still there"
    pend(tmp_path, "B1")
    again = start("--data-dir", str(tmp_path))
    trace = tmp_path / "journal.owner"
    wait_until(lambda: str(again.pid) in trace.read_text(), what="the folder's new owner")
    wait_until(lambda: ended_or_listens(again, tmp_path), what="the window")
    ask_to_end(again)
    assert ended(again)[0] == 0
    assert (tmp_path / "OffCirc.dat").read_bytes().count(b"\r\n") == 1


def ended_or_listens(process: subprocess.Popen[str], folder: Path) -> bool:
    """Whether a later start would find this window."""
    from offcirc.desk.program.single import raise_first

    assert process.poll() is None
    # Where no sign of it can be left, only Windows has none to look for.
    return raise_first(folder, surely=sys.platform == "win32")


def test_without_its_data_folder_it_starts_in_the_fallback_place(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "no folder").write_text("in the way")
    folder = tmp_path / "no folder" / "data"
    fallback = tmp_path / "spare"
    process = start("--data-dir", str(folder), OFFCIRC_FALLBACK=str(fallback))
    wait_until(lambda: list(fallback.glob("*/journal.owner")), what="the fallback place")
    wait_until(lambda: ended_or_listens(process, folder), what="the window")
    second = start("--data-dir", str(folder), OFFCIRC_FALLBACK=str(fallback))
    assert ended(second)[0] == program.ALREADY_OPEN
    ask_to_end(process)
    code, _, error = ended(process)
    assert (code, "Traceback" in error) == (0, False)


def test_a_crash_is_told_at_the_next_start(start: Start, tmp_path: Path) -> None:
    first = start("--data-dir", str(tmp_path))
    wait_until(lambda: opened(tmp_path), what="the window")
    if sys.platform == "win32":
        pytest.skip("only on systems whose programs can be told to abort")
    first.send_signal(signal.SIGABRT)
    ended(first)
    crash = tmp_path / "logs" / "desk-crash.log"
    assert "Aborted" in crash.read_text()
    second = start("--data-dir", str(tmp_path))
    log = tmp_path / "logs" / "desk.log"
    wait_until(lambda: log.exists() and "Aborted" in log.read_text(), what="the last words")
    wait_until(lambda: ended_or_listens(second, tmp_path), what="the window")
    ask_to_end(second)
    assert ended(second)[0] == 0
    assert crash.read_text() == ""


def test_a_played_scan_is_a_scanners_however_busy_the_pc(qtbot):
    class Field(QLineEdit):
        def keyPressEvent(self, event):  # noqa: N802 - Qt's
            stamps.append(event.timestamp())
            super().keyPressEvent(event)

    stamps: list[int] = []
    field = Field()
    qtbot.addWidget(field)
    field.show()
    field.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field)
    player.scan("UBX84850911")
    assert field.text() == "UBX84850911"
    assert [after - before for before, after in pairwise(stamps)] == [2] * 11
