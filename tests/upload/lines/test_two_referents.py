"""Two referents, two PCs, one file at the same time: each line is recorded once."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from upload import bigday

from offcirc.practice import state
from offcirc.practice.web import serve
from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.report.report import JobReport, JobStatus
from offcirc.upload.run import run_upload

LINES = 60


@pytest.mark.parametrize("offset", [0, 2520], ids=["same-clock", "one-puts-the-clock-right"])
@pytest.mark.promise("at-most-once")
def test_each_line_is_recorded_once(tmp_path: Path, offset: int) -> None:
    library = bigday.library(tmp_path / "library", 30, 12)
    file = bigday.day(tmp_path / "OffCirc.dat", LINES, 30, 12)
    together = threading.Barrier(2, timeout=20)

    def referent(name: str, seconds: int) -> JobReport:
        with (
            PracticeServer(url, batch_size=4, width=3) as server,
            Ledger(tmp_path / name / "ledger.db") as ledger,
        ):
            server.sign_in("referent", "bac-a-sable-1")
            plan = make_plan([file], offsets={file.name: seconds})
            together.wait()
            return run_upload([], server, ledger, desk="BUC_PRET", who=name, plan=plan)

    with (
        serve.running(library, tmp_path / "server", now=datetime(2018, 3, 7, 9, 0)) as url,
        ThreadPoolExecutor(2) as pool,
    ):
        one = pool.submit(referent, "one", 0)
        other = pool.submit(referent, "other", offset)
        reports = [one.result(), other.result()]
    assert {report.status for report in reports} == {JobStatus.COMPLETED}
    refused = {report.rejected for report in reports}
    # Where their clocks differ, a line may come after the next one of its item: it is refused,
    # and both are told so.
    assert refused == {0} if not offset else len(refused) == 1
    assert sum(report.recorded for report in reports) + min(refused) == LINES
    for report in reports:
        assert (report.recorded + report.skipped + report.rejected, report.left) == (LINES, 0)
    with closing(sqlite3.connect(tmp_path / "server" / state.DATABASE)) as connection:
        events = Counter(connection.execute("SELECT key, event FROM events"))
        out = connection.execute("SELECT count(*) FROM loans WHERE returned_at IS NULL")
        assert set(events.values()) == {1}
        if not offset:
            assert (len(events), out.fetchone()[0]) == (LINES, still_out(file))


def test_a_clock_put_right_afterwards_records_nothing_again(tmp_path: Path) -> None:
    library = bigday.library(tmp_path / "library", 30, 12)
    file = bigday.day(tmp_path / "OffCirc.dat", LINES, 30, 12)
    with serve.running(library, tmp_path / "server", now=datetime(2018, 3, 7, 9, 0)) as url:
        for name, seconds, came in (("one", 0, (LINES, 0)), ("other", 2520, (0, LINES))):
            with (
                PracticeServer(url) as server,
                Ledger(tmp_path / name / "ledger.db") as ledger,
            ):
                server.sign_in("referent", "bac-a-sable-1")
                plan = make_plan([file], offsets={file.name: seconds})
                report = run_upload([], server, ledger, desk="BUC_PRET", who=name, plan=plan)
            assert (report.recorded, report.skipped) == came


def still_out(file: Path) -> int:
    """How many items are on loan in the end, as the file tells it."""
    last = {line[13:93]: line[12:13] for line in file.read_bytes().splitlines()}
    return sum(flag == b"L" for flag in last.values())
