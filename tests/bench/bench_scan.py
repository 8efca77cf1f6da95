"""From the end of a scan to its row: on the disk, and then on the screen."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from helpers.xserver import PROGRAMS, XServer
from measuring import SCRATCH, TOP, Row, compared

HERE = Path(__file__).resolve().parent
BARE = "append and flush of 50 bytes"
WINDOW = "a bare Qt window with the same fields and table"


def run() -> list[Row]:
    """Scans of an empty morning and after 50,000 rows, in memory and on a real X server."""
    folder = SCRATCH / "scan"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "x").mkdir(parents=True)
    offscreen = {"QT_QPA_PLATFORM": "offscreen"}
    _typed, floor, kept, first, bare = _scan(folder / "morning", 0, offscreen)
    rows = [
        compared("scan to durable and in the list", kept, "ms", floor, BARE, at_most=3),
        compared("… and painted, in memory", first, "ms", bare, WINDOW, at_most=0.7),
    ]
    if all(map(shutil.which, PROGRAMS)):
        with XServer(folder / "x") as server:
            x = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": server.display}
            _typed, _floor, _kept, shown, bare = _scan(folder / "morning-x", 0, x)
        rows.append(compared("… and painted, X server", shown, "ms", bare, WINDOW, at_most=0.7))
    typed, _floor, _kept, late, _bare = _scan(folder / "evening", 50_000, offscreen)
    rows += [
        compared("… against the first of the day", late, "ms", first, "empty list", at_most=1.2),
        Row("typing the 14 characters of a barcode", statistics.median(typed), "ms"),
    ]
    return rows


def _scan(folder: Path, rows_before: int, more: dict[str, str]) -> list[list[float]]:
    command = [sys.executable, str(HERE / "scanning.py"), str(folder), str(rows_before)]
    environment = os.environ | {"PYTHONPATH": str(TOP), "QT_LOGGING_RULES": "*=false"} | more
    done = subprocess.run(
        command, cwd=TOP, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    samples: list[list[float]] = json.loads(done.stdout)
    return samples
