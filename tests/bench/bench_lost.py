"""What the best program of its kind does twice when an answer is lost, done here in the same way.

Its figures were measured elsewhere, with a server that answers after 20 ms: a reply dropped after
processing was sent again by itself in 6 of 6 runs, and once more by hand; after reopening, or
after a kill, every row was sent again.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from helpers import wait_until
from measuring import SCRATCH, Row
from upload import bigday
from upload.chaos_proxy import ChaosProxy
from upload.machines import Machine, kill, machine, start

from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.patience import Patience
from offcirc.upload.report.report import JobReport
from offcirc.upload.run import run_upload

ROWS, LOST = 200, 100
RUNS = 3
PEER = "the best other"
BRIEF = Patience(tries=3, first=0.02)


class Script(ChaosProxy):
    """Lets everything pass but chosen requests to record lines, counted from 1."""

    def __init__(self, upstream: str, fates: dict[int, str]) -> None:
        super().__init__(upstream, 0)
        self.fates = fates
        self.dropping_from = 0
        self.sent: list[bytes] = []

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Note what is to be recorded."""
        if handler.path.endswith("/transactions"):
            self.sent.append(body)
        super().handle(handler, body)

    def _fate(self, path: str) -> str:
        if self.dropping_from and len(self.sent) >= self.dropping_from:
            return "cut-after"
        return self.fates.get(len(self.sent), "pass") if path.endswith("/transactions") else "pass"


@contextmanager
def scene(
    name: str, fates: dict[int, str] | None = None, rows: int = ROWS
) -> Iterator[tuple[Script, Machine, Path, Path]]:
    """A server behind a proxy, a file, and a folder for the ledger."""
    folder = SCRATCH / "lost" / name
    shutil.rmtree(folder, ignore_errors=True)
    library = bigday.library(folder / "library", rows, 200)
    file = bigday.day(folder / "OffCirc.dat", rows, rows, 200)
    with machine(library, folder / "server") as server:
        proxy = Script(server.url, fates or {})
        try:
            yield proxy, server, file, folder
        finally:
            proxy.close()


def upload(proxy: Script, file: Path, folder: Path, *, resume: bool = False) -> JobReport:
    """Upload line by line, as the other program does."""
    with (
        PracticeServer(proxy.url, batch_size=1, width=1) as adapter,
        Ledger(folder / "ledger.db") as ledger,
    ):
        adapter.sign_in("referent", "bac-a-sable-1")
        return run_upload(
            [file], adapter, ledger, desk="BUC_PRET", who="bench", resume=resume, patience=BRIEF
        )


def times_recorded(server: Machine) -> Counter[str]:
    """How often the server has recorded each line, by its own book of events."""
    with closing(sqlite3.connect(server.data / "practice.db")) as connection:
        rows = connection.execute("SELECT key, count(*) FROM events WHERE key <> '' GROUP BY key")
        return Counter(dict(rows))


def most(server: Machine) -> int:
    """How often the line that was recorded most often was."""
    return max(times_recorded(server).values())


def run() -> list[Row]:
    """Case by case."""
    return [
        *(_dropped(how) for how in ("cut-after", "reset-after")),
        _again_by_hand(),
        _reopened(),
        _killed(),
    ]


def _row(what: str, value: float, peer: float, unit: str, at_most: float) -> Row:
    return Row(what, value, unit, floor=peer, floor_name=PEER, at_most=at_most)


def _dropped(how: str) -> Row:
    worst = 0
    for number in range(RUNS):
        with scene(f"{how}-{number}", {LOST: how}) as (proxy, server, file, folder):
            report = upload(proxy, file, folder)
            assert (report.recorded, report.complete) == (ROWS, True)
            worst = max(worst, most(server))
    word = {"cut-after": "closed", "reset-after": "reset"}[how]
    what = f"reply {LOST} of {ROWS} lost ({word}), most often recorded, {RUNS} runs"
    return _row(what, worst, 2, "times", 0.5)


def _again_by_hand() -> Row:
    with scene("by-hand") as (proxy, server, file, folder):
        proxy.dropping_from = LOST
        assert not upload(proxy, file, folder).complete
        proxy.dropping_from = 0
        report = upload(proxy, file, folder, resume=True)
        assert (report.recorded, report.complete) == (ROWS, True)
        return _row(
            f"every reply lost from {LOST} on, then resumed", most(server), 3, "times", 0.34
        )


def _reopened() -> Row:
    with scene("reopened", rows=500) as (proxy, server, file, folder):
        upload(proxy, file, folder)
        before = len(proxy.sent)
        report = upload(proxy, file, folder)
        assert (report.skipped, most(server)) == (500, 1)
        return _row(
            "500 lines uploaded again: sent again", len(proxy.sent) - before, 500, "lines", 0
        )


def _killed() -> Row:
    with scene("killed") as (proxy, server, file, folder):
        process = start("chaos_uploader.py", proxy.url, folder, 1, 1, 20, "keys", file)
        wait_until(lambda: len(proxy.sent) >= 108, timeout=60)
        kill(process)
        report = upload(proxy, file, folder, resume=True)
        assert (report.recorded, report.complete) == (ROWS, True)
        twice = sum(count > 1 for count in times_recorded(server).values())
        return _row("killed after 108 lines, then resumed: recorded twice", twice, 108, "lines", 0)
