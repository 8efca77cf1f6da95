"""``offcirc-uploader`` as a process of its own, on a real X server where it opens windows."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from helpers import TOP, wait_until
from PySide6.QtCore import QTimer

from offcirc import __version__
from offcirc.referent import main as uploader

PROGRAM = [sys.executable, "-m", "offcirc.referent.main"]
SAMPLE = TOP / "resources/practice/toulouse/OffCirc.dat"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=os.environ | environment,
        cwd=TOP,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_version():
    done = run("--version")
    assert (done.returncode, done.stdout.split()) == (0, ["offcirc-uploader", __version__])


def test_help_is_in_the_language_asked_for():
    assert "Uploads the OffCirc.dat files" in run("--help").stdout
    assert "Télécharge vers le serveur" in run("--help", "--lang", "fr").stdout


def test_help_is_wholly_in_french_and_in_utf_8_wherever_it_goes():
    told = subprocess.run(
        [*PROGRAM, "--lang", "fr", "--help"],
        env=os.environ | {"PYTHONIOENCODING": "cp1252", "LC_ALL": "C"},
        cwd=TOP,
        capture_output=True,
        timeout=60,
        check=True,
    ).stdout.decode("utf-8")
    assert told.startswith("utilisation")
    assert not [word for word in ("usage:", "options:\n", "show ", "positional") if word in told]


def without_screen() -> dict[str, str]:
    screens = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    return {name: value for name, value in os.environ.items() if name not in screens}


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems that can be without a screen")
def test_a_data_folder_that_cannot_be_where_there_is_no_screen(tmp_path):
    taken = tmp_path / "file"
    taken.touch()
    done = subprocess.run(
        [*PROGRAM, "--data-dir", str(taken)],
        env=without_screen(),
        cwd=TOP,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert str(taken) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_cannot_be_is_told_in_a_window(tmp_path, monkeypatch, qapp):
    """From a menu there is no terminal; a windowed program of Windows has no stderr at all."""
    taken = tmp_path / "file"
    taken.touch()
    boxes = []

    def look():
        box = qapp.activeModalWidget()
        if box is None:
            QTimer.singleShot(20, look)
            return
        boxes.append((box.windowTitle(), box.text()))
        box.accept()

    monkeypatch.setattr(sys, "stderr", None)
    QTimer.singleShot(0, look)
    assert uploader.main(["--lang", "en", "--data-dir", str(taken)]) == 2
    [(title, text)] = boxes
    assert "OffCirc" in title
    assert text.startswith(f"The data folder cannot be used. {taken}: something else has this name")


@contextmanager
def started(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([*PROGRAM, *arguments], env=environment, cwd=TOP)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.xvfb
@pytest.mark.parametrize(
    ("language", "title", "keys"),
    [
        ("en", "OffCirc — Upload", ("alt+c", "alt+u", "alt+s", "alt+v", "alt+d", "alt+w")),
        ("fr", "OffCirc — Téléchargement", ("alt+c", "alt+t", "alt+s", "alt+v", "alt+b", "alt+g")),
    ],
)
def test_the_whole_job_by_keyboard_alone(x_server, server, tmp_path, language, title, keys):
    go_on, to_upload, to_server, upload, to_desk, put_away = keys
    data = tmp_path / "data"
    file = tmp_path / "OffCirc.dat"
    file.write_bytes(SAMPLE.read_bytes())
    with started(
        x_server.environment(), "--lang", language, "--data-dir", str(data), str(file)
    ) as process:
        x_server.window(title)
        pressed = _Keys(x_server)
        wait_until(
            lambda: _try_sign_in(pressed, data, (go_on, to_upload, to_server), server),
            timeout=60,
            what="the sign-in",
        )
        wait_until(lambda: _try_upload(pressed, data, to_desk, upload), what="the upload")
        wait_until(lambda: _recorded(data) == 48, what="48 recorded lines")
        # On to the work list, where the first task is ticked off; then the file is put away.
        wait_until(lambda: _tick(pressed, data), what="a task ticked off")
        wait_until(lambda: _put_away(pressed, data, go_on, put_away), what="the archive")
        assert not file.exists()
        assert process.poll() is None
        x_server.key("alt+F4")
        assert process.wait(timeout=30) == 0
    assert stat.S_IMODE((data / "uploader.json").stat().st_mode) == 0o600
    assert b"bac-a-sable" not in (data / "uploader.json").read_bytes()


class _Keys:
    """Presses keys once the window has had the time to take the one before."""

    def __init__(self, x_server) -> None:
        self._x_server = x_server

    def __call__(self, *keys: str) -> None:
        self._x_server.xdotool("key", "--delay", "60", *keys)

    def type(self, text: str) -> None:
        self._x_server.xdotool("type", "--delay", "5", text)


def _try_sign_in(pressed: _Keys, data: Path, way: tuple[str, ...], server: str) -> bool:
    """From Collect over Check to Upload; once more if the file had not been read by then."""
    pressed("alt+1", *way, "ctrl+a")
    for text, key in ((server, "Tab"), ("referent", "Tab"), ("bac-a-sable-1", "Return")):
        pressed.type(text)
        pressed(key)
    with suppress(AssertionError):
        # Signed in once the server and the user name are remembered.
        return wait_until(lambda: _holds(data / "uploader.json", "referent"), timeout=5)
    return False


def _try_upload(pressed: _Keys, data: Path, to_desk: str, upload: str) -> bool:
    pressed(to_desk, "Home", upload)
    return _recorded(data) > 0


def _tick(pressed: _Keys, data: Path) -> bool:
    # Alt+5 is the step of the work list; the space bar ticks off what is chosen there.
    pressed("alt+5", "Down", "space")
    return _counted(data, "SELECT count(*) FROM followups") > 0


def _put_away(pressed: _Keys, data: Path, go_on: str, put_away: str) -> bool:
    pressed(go_on, put_away)
    return any((data / "archive").glob("*/archive.json"))


def _holds(path: Path, text: str) -> bool:
    return path.exists() and text in path.read_text()


def _recorded(data: Path) -> int:
    return _counted(data, "SELECT count(*) FROM lines WHERE state = 'recorded'")


def _counted(data: Path, question: str) -> int:
    path = data / "ledger.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as ledger:
        try:
            return int(ledger.execute(question).fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # not made yet, or being written
