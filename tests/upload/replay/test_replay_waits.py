"""A server that is busy or goes away, a person who cancels: the upload waits, ends, goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from servers import double as wrong
from servers.double import LOGIN, PASSWORD, Double
from upload.kit import Clock, loans
from upload.replay_kit import OpenDouble, items, states, upload

from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Answer, Event
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.control import Control
from offcirc.upload.report.report import JobStatus
from offcirc.upload.run import (
    list_jobs,
)


class Hand(Control):
    """Somebody who cancels once something is so."""

    def __init__(self, is_so: Callable[[], bool]) -> None:
        super().__init__()
        self._is_so = is_so

    @property
    def cancelled(self) -> bool:
        return self._is_so()


def test_a_busy_server_is_given_the_time_it_asks_for(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    clock = Clock()
    double.misbehave("/transactions", wrong.busy("120"), wrong.busy("30"))
    report = upload([loans(tmp_path / "a.dat", 3)], server, ledger, clock)
    assert report.recorded == 3
    assert clock.now == pytest.approx(150)


def test_a_server_that_asks_for_an_hour_is_asked_again_sooner(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    clock = Clock()
    double.misbehave("/transactions", wrong.busy("3600"))
    assert upload([loans(tmp_path / "a.dat", 3)], server, ledger, clock).recorded == 3
    assert clock.now == pytest.approx(600)


def test_waits_grow_and_end(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    clock = Clock()
    double.always("/transactions", wrong.busy(""))
    report = upload([loans(tmp_path / "a.dat", 3)], server, ledger, clock)
    assert report.status is JobStatus.STOPPED
    assert "busy" in report.problem
    assert clock.now == pytest.approx(0.5 + 1 + 2 + 4 + 8)
    assert states(report) == (0, 0, 0, 0, 0, 3)


@pytest.mark.promise("faults-stop-nobody")
def test_a_server_that_goes_away_stops_the_upload_and_resuming_ends_it(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 8)]

    def last_word(exchange: wrong.Exchange) -> None:
        exchange.process()
        double.stop()
        exchange.cut()

    double.misbehave("/transactions", wrong.honest, last_word)
    report = upload(files, server, ledger)
    assert report.status is JobStatus.STOPPED
    assert "does not answer" in report.problem
    assert states(report) == (3, 0, 3, 0, 0, 2)
    assert not report.complete

    double.start()
    resumed = upload(files, server, ledger, resume=True)
    assert resumed.id == report.id
    assert states(resumed) == (8, 0, 0, 0, 0, 0)
    assert resumed.status is JobStatus.COMPLETED
    assert resumed.problem == ""
    assert double.order == items(8)


def test_a_server_that_comes_back_in_time_is_not_even_noticed(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    clock = Clock()

    def restart(exchange: wrong.Exchange) -> None:
        double.stop()
        double.forget_sessions()
        clock.while_waiting = come_back
        exchange.cut()

    def come_back() -> None:
        if clock.now > 2:
            clock.while_waiting = lambda: None
            double.start()

    double.misbehave("/transactions", wrong.honest, restart)
    report = upload([loans(tmp_path / "a.dat", 8)], server, ledger, clock)
    assert report.status is JobStatus.COMPLETED
    assert double.order == items(8)
    assert double.sign_ins == 2


def test_cancelling_ends_between_two_requests_and_can_be_resumed(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 8)]
    report = upload(files, server, ledger, control=Hand(lambda: len(double.batches) == 2))
    assert report.status is JobStatus.CANCELLED
    assert states(report) == (6, 0, 0, 0, 0, 2)
    assert states(upload(files, server, ledger, resume=True)) == (8, 0, 0, 0, 0, 0)
    assert double.order == items(8)


def test_cancelling_does_not_wait_for_a_busy_server(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    clock = Clock()
    double.always("/transactions", wrong.busy("600"))
    report = upload(
        [loans(tmp_path / "a.dat", 3)], server, ledger, clock, control=Hand(lambda: clock.now > 1)
    )
    assert report.status is JobStatus.CANCELLED
    assert clock.now < 2


@pytest.mark.parametrize(
    ("where", "how"),
    [
        ("/finish", (wrong.refuse(404, "unknown-job"),)),
        ("/finish", (wrong.cut_before, wrong.busy(""), wrong.error_500)),
        ("/jobs", (wrong.honest, wrong.busy(""), wrong.cut_before)),
    ],
)
def test_a_job_is_opened_and_finished_as_patiently_as_lines_are_sent(
    server: PracticeServer,
    ledger: Ledger,
    double: Double,
    tmp_path: Path,
    where: str,
    how: Sequence[wrong.Misbehaviour],
) -> None:
    double.misbehave("/transactions", wrong.refuse(404, "unknown-job"))
    double.misbehave(where, *how)
    report = upload([loans(tmp_path / "a.dat", 5)], server, ledger)
    assert report.status is JobStatus.COMPLETED
    assert states(report) == (5, 0, 0, 0, 0, 0)


def test_ctrl_c_is_a_cancelled_upload(
    open_double: OpenDouble, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    class Interrupted(PracticeServer):
        def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
            super().submit(job, events)
            raise KeyboardInterrupt

    files = [loans(tmp_path / "a.dat", 4)]
    with Interrupted(double.url, batch_size=3) as server:
        server.sign_in(LOGIN, PASSWORD)
        with pytest.raises(KeyboardInterrupt):
            upload(files, server, ledger)
    [job] = list_jobs(ledger)
    assert job.status is JobStatus.CANCELLED
    assert states(job) == (0, 0, 3, 0, 0, 1)
    assert states(upload(files, open_double(), ledger, resume=True)) == (4, 0, 0, 0, 0, 0)
    assert double.order == items(4)
