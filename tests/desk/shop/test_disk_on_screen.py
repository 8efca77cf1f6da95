"""A disk of one megabyte fills up under the real program, which is killed: nothing is lost."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from desk.test_real_screen import READER, Desk, Start, file_lines, rows, start
from helpers import wait_until
from helpers.xserver import XServer

pytestmark = pytest.mark.xvfb

__all__ = ["start"]


def fill(disk: Path) -> Path:
    """Another program takes all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 512)
    return filler


def away(spare: Path) -> bool:
    """Whether something was recorded in the fallback place."""
    return any(path.stat().st_size for path in spare.glob("*/journal.db-wal"))


def test_a_disk_fills_up_in_mid_day_and_the_program_is_killed(
    x_server: XServer, start: Start, small_disk: Path, tmp_path: Path
) -> None:
    spare, trace = tmp_path / "spare", tmp_path / "shown"
    more = {"OFFCIRC_FALLBACK": str(spare), "OFFCIRC_TRACE_SHOWN": str(trace)}
    folder = small_disk / "data"
    scanned: list[str] = []

    def scan(*items: str) -> None:
        scanned.extend(items)
        x_server.type("".join(f"{item}\r" for item in items))
        wait_until(lambda: len(trace.read_text().split()) == len(scanned), what="the rows")

    desk: Desk = start(folder=folder, **more).ready()
    x_server.type(f"{READER}\r")
    wait_until(trace.exists, what="the trace")
    scan("B1", "B2")
    filler = fill(small_disk)
    while not away(spare):
        scan(*(f"C{len(scanned):05}{number}" for number in range(10)))
    scan("D1", "D2")
    desk.process.kill()
    desk.process.wait()

    filler.unlink()
    again = start(folder=folder, **more)
    wait_until(lambda: not away(spare), what="everything at home")
    again.ready()
    x_server.type(f"{READER}\r")
    scan("E1")
    assert again.end() == 0
    expected = [("L", item, READER) for item in scanned]
    assert rows(folder) == expected
    assert file_lines(folder / "OffCirc.dat") == expected


def test_a_drive_that_is_unmounted_gets_its_rows_when_it_is_back(
    x_server: XServer, start: Start, small_disk: Path, tmp_path: Path
) -> None:
    spare, trace = tmp_path / "spare", tmp_path / "shown"
    kept = tmp_path / "kept"
    kept.mkdir()
    folder = small_disk / "data"
    desk: Desk = start(
        folder=folder, OFFCIRC_FALLBACK=str(spare), OFFCIRC_TRACE_SHOWN=str(trace)
    ).ready()
    x_server.type(f"{READER}\rB1\rB2\r")
    wait_until(lambda: trace.exists() and len(trace.read_text().split()) == 2, what="the rows")
    subprocess.run(["mount", "--bind", str(small_disk), str(kept)], check=True)
    try:
        subprocess.run(["umount", "-l", str(small_disk)], check=True)
        x_server.type("B3\rB4\r")
        wait_until(lambda: len(trace.read_text().split()) == 4, what="the rows elsewhere")
        assert list(small_disk.iterdir()) == [], "nothing is made where the drive was"
        subprocess.run(["mount", "--bind", str(kept), str(small_disk)], check=True)
        wait_until(lambda: not away(spare), 60, what="everything at home")
    finally:
        subprocess.run(["umount", "-l", str(kept)], check=True)
    assert desk.end() == 0
    expected = [("L", item, READER) for item in ("B1", "B2", "B3", "B4")]
    assert rows(folder) == expected
    assert file_lines(folder / "OffCirc.dat") == expected
