"""The replay engine: each line once, in order, whatever the server and the network do."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import double as wrong
from servers.double import LOGIN, PASSWORD, Double, running_double
from upload.kit import Clock, dat, loan, loans
from upload.replay_kit import items, states, upload

from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Answer, Event, Outcome
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.report.report import JobStatus, LineStatus
from offcirc.upload.run import (
    Phase,
    Progress,
)


def test_every_line_is_recorded_in_order(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    report = upload([loans(tmp_path / "a.dat", 10)], server, ledger)
    assert states(report) == (10, 0, 0, 0, 0, 0)
    assert report.status is JobStatus.COMPLETED
    assert double.order == items(10)
    assert double.batches == [3, 3, 3, 1]
    assert report.process_id == "1000"
    assert report.lines == ()
    assert double.requests[-1][1].endswith("/jobs/1000/finish")


def test_lines_that_are_rejected_held_or_twice_there(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A"), loan(1, "UNKNOWN1"), b"rubbish!")
    b = dat(tmp_path / "b.dat", loan(0, "A"), loan(2, "B"))
    report = upload([a, b], server, ledger)
    assert states(report) == (2, 1, 0, 1, 1, 0)
    assert report.exceptions == 2
    told = {(line.file, line.line): (line.status, line.reason) for line in report.lines}
    twin = ("b.dat", 1) if ("b.dat", 1) in told else ("a.dat", 1)
    assert told == {
        twin: (LineStatus.SKIPPED, "alike"),
        ("a.dat", 2): (LineStatus.REJECTED, "item-unknown"),
        ("a.dat", 3): (LineStatus.HELD, "too-short"),
    }
    assert double.order == ["A", "UNKNOWN1", "B"]


def test_an_upload_of_nothing_is_complete(
    server: PracticeServer, ledger: Ledger, tmp_path: Path
) -> None:
    report = upload([dat(tmp_path / "a.dat")], server, ledger)
    assert (report.records, report.status) == (0, JobStatus.COMPLETED)


@pytest.mark.parametrize(
    "how",
    [
        *wrong.UNANSWERED,
        wrong.error_500,
        wrong.error_500_after,
        wrong.error_502_html,
        wrong.busy(),
        wrong.refuse(401, "session-expired"),
    ],
)
def test_whatever_becomes_of_a_request_each_line_is_recorded_once(
    server: PracticeServer,
    ledger: Ledger,
    double: Double,
    tmp_path: Path,
    how: wrong.Misbehaviour,
) -> None:
    double.misbehave("/transactions", wrong.honest, how)
    report = upload([loans(tmp_path / "a.dat", 8)], server, ledger)
    assert states(report) == (8, 0, 0, 0, 0, 0)
    assert report.status is JobStatus.COMPLETED
    assert double.order == items(8)
    assert set(double.applied.values()) == {1}


@pytest.mark.promise("at-most-once")
def test_the_ledger_says_sending_before_the_server_sees_a_line(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    seen: list[list[str]] = []

    def look(exchange: wrong.Exchange) -> None:
        connection = sqlite3.connect(ledger.path)
        seen.append([row[0] for row in connection.execute("SELECT state FROM lines")])
        connection.close()
        wrong.honest(exchange)

    double.always("/transactions", look)
    upload([loans(tmp_path / "a.dat", 5)], server, ledger)
    assert seen == [
        ["sending"] * 3 + ["planned"] * 2,
        ["recorded"] * 3 + ["sending"] * 2,
    ]


class Moody(PracticeServer):
    """Answers single lines of a batch with "try later"."""

    refused = 0

    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        if self.refused < 2:
            self.refused += 1
            later = Answer(Outcome.TRY_LATER, retry_after=50)
            return [*super().submit(job, events[:1]), *[later] * (len(events) - 1)]
        return super().submit(job, events)


def test_lines_of_a_batch_that_are_to_come_later_come_later_in_order(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    clock = Clock()
    with Moody(double.url, batch_size=4) as server:
        server.sign_in(LOGIN, PASSWORD)
        report = upload([loans(tmp_path / "a.dat", 6)], server, ledger, clock)
    assert report.recorded == 6
    assert double.order == items(6)
    assert clock.now == pytest.approx(100)


def test_one_upload_at_a_time_from_one_ledger(
    server: PracticeServer, ledger: Ledger, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 3)]
    with Ledger(ledger.path) as other, other.exclusive(), pytest.raises(LedgerBusyError):
        upload(files, server, ledger)
    assert upload(files, server, ledger).recorded == 3


def test_progress_rises_to_the_end(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    told: list[Progress] = []
    path = dat(tmp_path / "a.dat", loan(0, "A"), loan(1, "UNKNOWN1"), loan(2, "B"), b"rubbish!")
    double.misbehave("/transactions", wrong.busy("3"), wrong.cut_after)
    upload([path], server, ledger, progress=told.append)
    assert told[0].phase is Phase.READING
    phases = [progress.phase for progress in told]
    assert phases.index(Phase.SENDING) < phases.index(Phase.WAITING)
    assert phases[-1] is Phase.FINISHING
    sending = [progress.done for progress in told if progress.phase is not Phase.READING]
    assert sending == sorted(sending)
    last = told[-1]
    assert (last.done, last.total, last.recorded, last.rejected, last.held) == (4, 4, 2, 1, 1)
    assert (last.unknown, last.skipped) == (0, 0)


def test_each_answer_is_told_while_others_are_still_to_come(
    server: PracticeServer,
    ledger: Ledger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("offcirc.upload.base.progress.EVERY", 0.0)
    told: list[Progress] = []
    upload([loans(tmp_path / "a.dat", 10)], server, ledger, progress=told.append)
    assert {progress.done for progress in told} == {0, 3, 6, 9, 10}


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(wrong.BAD_LUCK), max_size=12),
    st.lists(st.sampled_from([wrong.honest, wrong.cut_before, wrong.html]), max_size=6),
    st.integers(1, 4),
)
@pytest.mark.promise("at-most-once")
def test_no_run_of_bad_luck_records_a_line_twice_or_loses_one(
    tmp_path_factory: pytest.TempPathFactory,
    faults: list[wrong.Misbehaviour],
    look_back_faults: list[wrong.Misbehaviour],
    batch_size: int,
) -> None:
    folder = tmp_path_factory.mktemp("luck")
    files = [loans(folder / "a.dat", 6)]
    with (
        running_double() as double,
        PracticeServer(double.url, batch_size=batch_size, answer_seconds=0.4) as server,
        Ledger(folder / "ledger.db") as ledger,
    ):
        server.sign_in(LOGIN, PASSWORD)
        double.misbehave("/transactions", *faults)
        double.misbehave("/lookup/keys", *look_back_faults)
        report = upload(files, server, ledger)
        while not report.complete:
            report = upload(files, server, ledger, resume=True)
        counts = ledger.counts(ledger.uploads()[0])
    # A line on which the server broke down three times is at fault itself, and said to be.
    refused = {line.line for line in report.lines if line.reason == "server-failed"}
    assert double.order == [item for n, item in enumerate(items(6), 1) if n not in refused]
    assert set(double.applied.values()) <= {1}
    assert states(report) == (6 - len(refused), len(refused), 0, 0, 0, 0)
    assert counts[LineState.RECORDED] == 6 - len(refused)
