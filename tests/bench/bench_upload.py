"""How fast an upload is, with a server whose every answer takes 20 ms longer than it must."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from measuring import SCRATCH, TOP, Row
from upload import bigday
from upload.machines import Machine, machine

from offcirc import resources
from offcirc.servers.practice import BATCH_SIZE, PracticeServer
from offcirc.servers.protocol import Event
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.lines.events import event_of
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.run import run_upload

FAR = 20
"""Milliseconds."""
BIG, SMALL, BARE = 10_000, 500, 1_000
READERS = 2_500
SAMPLE = resources.path("practice/toulouse")
ALMA_SECONDS = 27
"""What Alma's own report says of the 57 lines of the sample."""


def run() -> list[Row]:
    """Single lines, batches, the engine alone, and the sample."""
    folder = SCRATCH / "upload"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    days = Days(folder)
    library = bigday.library(folder / "library", 90_000, READERS)
    with machine(library, folder / "far", FAR) as server:
        rows = [*_batches(server, days), *_side_by_side(server, days)]
    with machine(library, folder / "near") as server:
        rows.append(_engine(server, days))
    return [*rows, *_sample(folder)]


class Days:
    """Files of days that do not disturb each other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._first = 0
        self._number = 0

    def make(self, lines: int) -> tuple[Path, Path]:
        """A file of so many lines, and where its ledger may be."""
        self._number += 1
        name = self._folder / f"day-{self._number}"
        items = lines * 6 // 5
        file = bigday.day(name / "OffCirc.dat", lines, items, READERS, first=self._first)
        self._first += items
        return file, name / "ledger.db"


@contextmanager
def signed_in(server: Machine, batch_size: int) -> Iterator[PracticeServer]:
    with PracticeServer(server.url, batch_size=batch_size) as adapter:
        adapter.sign_in("referent", "bac-a-sable-1")
        yield adapter


def seconds(adapter: PracticeServer, days: Days, lines: int, width: int | None = None) -> float:
    """How long an upload takes, from the call to the report; everything has to be recorded."""
    file, ledger_path = days.make(lines)
    with Ledger(ledger_path) as ledger:
        began = time.perf_counter()
        report = run_upload([file], adapter, ledger, desk="BUC_PRET", who="bench", width=width)
        took = time.perf_counter() - began
    assert report.recorded == lines, report
    return took


def _batches(server: Machine, days: Days) -> list[Row]:
    with signed_in(server, BATCH_SIZE) as adapter:
        seconds(adapter, days, SMALL)
        small = [seconds(adapter, days, SMALL) for _round in range(9)]
        big = [seconds(adapter, days, BIG) for _round in range(3)]
        bare = [_bare(adapter, days.make(SMALL)[0], SMALL) for _round in range(9)]
    return [
        Row(f"upload of {SMALL} lines at {FAR} ms", statistics.median(small), "s", at_most=0.19),
        Row("… the same in one bare request, nothing kept here", statistics.median(bare), "s"),
        Row(f"upload of {BIG:,} lines at {FAR} ms", statistics.median(big), "s", at_most=4),
    ]


def _side_by_side(server: Machine, days: Days) -> list[Row]:
    with signed_in(server, 1) as adapter:
        wide = seconds(adapter, days, BIG, width=8)
        narrow = seconds(adapter, days, BIG, width=1)
    what = f"{BIG:,} lines at {FAR} ms, each in a request of its own"
    return [
        Row(f"{what}, one after the other", narrow / BIG * 1000, "ms/line"),
        Row(f"{what}, 8 side by side", wide / BIG * 1000, "ms/line"),
        Row("… how many times as fast", narrow / wide, "×", at_least=6),
    ]


def _engine(server: Machine, days: Days) -> Row:
    """What planning, ledger and engine add to the bare requests, line by line."""
    with signed_in(server, 1) as adapter:
        seconds(adapter, days, BARE, width=1)
        added = []
        for _round in range(5):
            whole = seconds(adapter, days, BARE, width=1)
            file, _ledger = days.make(BARE)
            added.append((whole - _bare(adapter, file)) / BARE * 1000)
    return Row("what the engine adds to a line", statistics.median(added), "ms", at_most=2)


def _bare(adapter: PracticeServer, file: Path, size: int = 1) -> float:
    """How long the mere requests take, so many lines in each."""
    plan = make_plan([file])
    events: Sequence[Event] = [event_of(line, plan.files) for line in plan.lines()]
    job = adapter.open_job("BUC_PRET", ["x"]).id
    began = time.perf_counter()
    for start in range(0, len(events), size):
        adapter.submit(job, events[start : start + size])
    return time.perf_counter() - began


def _sample(folder: Path) -> list[Row]:
    called: list[float] = []
    typed: list[float] = []
    for number in range(5):
        data = folder / f"sample-{number}"
        with machine(SAMPLE, data / "server") as server:
            with signed_in(server, BATCH_SIZE) as adapter, Ledger(data / "a" / "l.db") as ledger:
                began = time.perf_counter()
                report = run_upload(
                    [SAMPLE / "OffCirc.dat"], adapter, ledger, desk="BUC_PRET", who="bench"
                )
                called.append(time.perf_counter() - began)
            assert (report.records, report.exceptions) == (57, 9)
        with machine(SAMPLE, data / "again") as server:
            typed.append(_typed(server, data))
    return [
        Row(
            "the sample's 57 lines on this machine, from the call to the report",
            statistics.median(called),
            "s",
            floor=ALMA_SECONDS,
            floor_name="Alma",
        ),
        Row(
            "… from the command typed to the report printed",
            statistics.median(typed),
            "s",
            floor=ALMA_SECONDS,
            floor_name="Alma",
        ),
    ]


def _typed(server: Machine, data: Path) -> float:
    command = [sys.executable, "-m", "offcirc", "upload", SAMPLE / "OffCirc.dat"]
    where = ["--server", server.url, "--desk", "BUC_PRET", "--user", "referent"]
    began = time.perf_counter()
    ran = subprocess.run(
        [*map(str, command), *where, "--data-dir", str(data / "b")],
        cwd=TOP,
        capture_output=True,
        env={**_environment(), "OFFCIRC_PASSWORD": "bac-a-sable-1"},
        check=False,
    )
    took = time.perf_counter() - began
    assert ran.returncode == 1, ran.stderr
    return took


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
