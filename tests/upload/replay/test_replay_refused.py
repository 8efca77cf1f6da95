"""Lines, rights and jobs that a server refuses: one stops nobody, all stop the upload."""

from __future__ import annotations

from pathlib import Path

import pytest
from servers import double as wrong
from servers.double import Double
from upload.kit import Clock, loans
from upload.replay_kit import items, limited, states, upload

from offcirc.servers.errors import NotAllowedError, UnknownDeskError
from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.report.report import JobStatus
from offcirc.upload.run import (
    list_jobs,
    run_upload,
)


def test_one_line_that_breaks_the_server_does_not_hold_up_the_others(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    double.poison = {"I4"}
    report = upload([loans(tmp_path / "a.dat", 8)], server, ledger)
    assert states(report) == (7, 1, 0, 0, 0, 0)
    [line] = report.lines
    assert (line.line, line.reason, line.message) == (5, "server-failed", "Oops.")
    assert double.order == [item for item in items(8) if item != "I4"]


@pytest.mark.parametrize(("failures", "after"), [(2, [3]), (3, [1, 1, 1])])
def test_lines_are_sent_three_times_together_before_they_are_set_apart(
    server: PracticeServer,
    ledger: Ledger,
    double: Double,
    tmp_path: Path,
    failures: int,
    after: list[int],
) -> None:
    double.misbehave("/transactions", *[wrong.error_500] * failures)
    assert states(upload([loans(tmp_path / "a.dat", 3)], server, ledger)) == (3, 0, 0, 0, 0, 0)
    assert double.batches == after


def test_a_server_that_breaks_on_everything_rejects_nothing(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 8)]
    double.always("/transactions", wrong.error_500)
    report = upload(files, server, ledger)
    assert report.status is JobStatus.STOPPED
    assert states(report) == (0, 0, 0, 0, 0, 8)
    double.always("/transactions", None)
    assert states(upload(files, server, ledger, resume=True)) == (8, 0, 0, 0, 0, 0)
    assert double.order == items(8)


def pedantic(*refused: str) -> wrong.Misbehaviour:
    """A server that will not look at some items."""

    def answer(exchange: wrong.Exchange) -> None:
        if any(one["item"] in refused for one in exchange.body["transactions"]):
            wrong.refuse(422, "key-reused")(exchange)
        else:
            wrong.honest(exchange)

    return answer


def test_a_line_that_the_server_will_not_even_look_at(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    double.always("/transactions", pedantic("I1"))
    report = upload([loans(tmp_path / "a.dat", 4)], server, ledger)
    assert states(report) == (3, 1, 0, 0, 0, 0)
    assert [(line.line, line.reason, line.message) for line in report.lines] == [
        (2, "request-refused", "No: key-reused.")
    ]
    assert double.order == ["I0", "I2", "I3"]


@pytest.mark.parametrize("count", [2, 3])
def test_three_single_lines_refused_in_a_row_are_the_servers_fault(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path, count: int
) -> None:
    double.always("/transactions", wrong.refuse(400, "bad-request"))
    report = upload([loans(tmp_path / "a.dat", count)], server, ledger)
    assert states(report) == ((0, 2, 0, 0, 0, 0) if count == 2 else (0, 0, 0, 0, 0, 3))
    assert report.status is (JobStatus.COMPLETED if count == 2 else JobStatus.STOPPED)


def test_lines_refused_with_others_recorded_between_are_at_fault_themselves(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    double.always("/transactions", pedantic("I1", "I3", "I5", "I7"))
    with limited(double, batch_size=1, width=1) as server:
        report = upload([loans(tmp_path / "a.dat", 8)], server, ledger)
    assert states(report) == (4, 4, 0, 0, 0, 0)
    assert double.order == ["I0", "I2", "I4", "I6"]


def test_a_server_that_refuses_everything_stops_the_upload(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    double.always("/transactions", wrong.refuse(400, "bad-request"))
    report = upload([loans(tmp_path / "a.dat", 8)], server, ledger)
    assert report.status is JobStatus.STOPPED
    assert "No: bad-request." in report.problem
    assert states(report) == (0, 0, 0, 0, 0, 8)


def test_rights_that_are_withdrawn_stop_the_upload(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    double.misbehave("/transactions", wrong.honest, wrong.refuse(403, "desk-not-allowed"))
    report = upload([loans(tmp_path / "a.dat", 8)], server, ledger)
    assert report.status is JobStatus.STOPPED
    assert states(report) == (3, 0, 0, 0, 0, 5)


def test_a_job_that_the_server_has_forgotten_is_opened_again(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    def forget(exchange: wrong.Exchange) -> None:
        double.forget_jobs()
        wrong.honest(exchange)

    double.misbehave("/transactions", wrong.honest, forget)
    clock = Clock()
    report = upload([loans(tmp_path / "a.dat", 5)], server, ledger, clock)
    assert states(report) == (5, 0, 0, 0, 0, 0)
    assert clock.now == 0.0, "once is no reason to wait"
    assert double.order == items(5)


def test_a_job_that_the_server_has_closed_is_opened_again(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    double.misbehave("/transactions", wrong.honest, wrong.refuse(409, "job-finished"))
    report = upload([loans(tmp_path / "a.dat", 5)], server, ledger)
    assert states(report) == (5, 0, 0, 0, 0, 0)
    assert report.process_id == "1001"
    assert double.order == items(5)


@pytest.mark.parametrize("status", [404, 409])
def test_a_server_that_closes_every_job_is_not_asked_for_ever(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path, status: int
) -> None:
    def closed(exchange: wrong.Exchange) -> None:
        # Whoever goes on for ever is let through in the end, and then found out.
        if len(opened()) > 20:
            wrong.honest(exchange)
        else:
            wrong.refuse(status, "no-such-job")(exchange)

    def opened() -> list[str]:
        return [path for _method, path, _body in double.requests if path.endswith("/jobs")]

    clock = Clock()
    double.always("/transactions", closed)
    report = upload([loans(tmp_path / "a.dat", 5)], server, ledger, clock)
    assert report.status is JobStatus.STOPPED
    assert states(report) == (0, 0, 0, 0, 0, 5)
    assert clock.now == pytest.approx(0.5 + 1 + 2 + 4 + 8)
    double.always("/transactions", None)
    assert states(upload([tmp_path / "a.dat"], server, ledger, resume=True))[0] == 5


def test_an_upload_that_may_not_begin_leaves_no_trace(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 2)]
    with pytest.raises(UnknownDeskError):
        run_upload(files, server, ledger, desk="NOWHERE", who="x")
    double.misbehave("/jobs", wrong.refuse(403, "limited-role"))
    with pytest.raises(NotAllowedError):
        upload(files, server, ledger)
    assert list_jobs(ledger) == []
