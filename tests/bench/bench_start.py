"""From the start of the desk to its first painted window, against the barest Qt window."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from helpers.xserver import PROGRAMS, XServer
from measuring import SCRATCH, TOP, Row, compared

STARTS = 15

DESK = "import sys; from offcirc.desk.main import main; sys.exit(main(sys.argv[1:]))"
# The least that is a window with something to read in it.
BARE = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

def painted():
    print("first-paint", flush=True)
    QApplication.quit()

class Label(QLabel):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, painted)

app = QApplication([])
window = QMainWindow()
window.setCentralWidget(Label("Offline Circulation"))
window.resize(900, 600)
window.show()
app.exec()
"""


def run() -> list[Row]:
    """Starts of the desk in turn with starts of the barest window, with and without a display."""
    folder = SCRATCH / "start"
    shutil.rmtree(folder, ignore_errors=True)
    rows = [_compare("start to first paint, in memory", folder / "offscreen", "offscreen", {})]
    if all(map(shutil.which, PROGRAMS)):
        (folder / "x").mkdir(parents=True)
        with XServer(folder / "x") as server:
            x = {"DISPLAY": server.display}
            rows.append(_compare("start to first paint, X server", folder / "xcb", "xcb", x))
    return rows


def _compare(what: str, folder: Path, platform: str, more: dict[str, str]) -> Row:
    folder.mkdir(parents=True)
    ours = {
        "QT_QPA_PLATFORM": platform,
        "OFFCIRC_BENCH_FIRST_PAINT": "1",
        "XDG_CONFIG_HOME": str(folder),
    }
    environment = os.environ | ours | more
    # Both windows start from cached byte code, as an installed program does.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    desk = [sys.executable, "-c", DESK, "--data-dir", str(folder / "data")]
    bare = [sys.executable, "-c", BARE]
    # The first of each warms the disk's cache and compiles what Python compiles once.
    _start(desk, environment)
    _start(bare, environment)
    pairs = [(_start(desk, environment), _start(bare, environment)) for _ in range(STARTS)]
    samples, floor = zip(*pairs, strict=True)
    return compared(what, samples, "ms", floor, "PySide6 window with a label", at_most=1.6)


def _start(command: list[str], environment: dict[str, str]) -> float:
    """Milliseconds from the start of a program to its word that the window is painted."""
    began = time.perf_counter_ns()
    with subprocess.Popen(
        command, cwd=TOP, env=environment, stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            for line in program.stdout:
                if line.strip() == "first-paint":
                    return (time.perf_counter_ns() - began) / 1e6
            raise RuntimeError(f"ended before its window was painted: {program.wait()}")
        finally:
            if program.poll() is None:
                try:
                    program.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    program.kill()
