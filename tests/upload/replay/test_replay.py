"""The replay engine: each line once, in order, whatever the server and the network do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import double as wrong
from servers.double import LOGIN, PASSWORD, Double, running_double
from upload.kit import Clock, back, dat, loan, loans

from offcirc.servers.errors import NoAnswerError, NotAllowedError, UnknownDeskError
from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Abilities, Answer, Event, Outcome
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base.control import Control
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.report.report import JobReport, JobStatus, LineStatus
from offcirc.upload.run import (
    Phase,
    Progress,
    list_jobs,
    load_report,
    preview_upload,
    run_upload,
)

OpenDouble = Callable[..., PracticeServer]


def upload(
    files: Sequence[Path], server: Any, ledger: Ledger, clock: Clock | None = None, **more: Any
) -> JobReport:
    patience = (clock or Clock()).patience()
    return run_upload(
        list(files), server, ledger, desk="D1", who="Référent", patience=patience, **more
    )


def preview(files: Sequence[Path], server: Any, ledger: Ledger) -> JobReport:
    return preview_upload(list(files), server, ledger, desk="D1", who="Référent").report


class Hand(Control):
    """Somebody who cancels once something is so."""

    def __init__(self, is_so: Callable[[], bool]) -> None:
        super().__init__()
        self._is_so = is_so

    @property
    def cancelled(self) -> bool:
        return self._is_so()


def states(report: JobReport) -> tuple[int, int, int, int, int, int]:
    return (
        report.recorded,
        report.rejected,
        report.unknown,
        report.held,
        report.skipped,
        report.left,
    )


def items(count: int) -> list[str]:
    return [f"I{number}" for number in range(count)]


class Limited(PracticeServer):
    """A library system that can do less."""

    limits: dict[str, Any]

    @property
    def abilities(self) -> Abilities:
        return replace(super().abilities, **self.limits)


def limited(double: Double, **limits: Any) -> Limited:
    server = Limited(double.url, answer_seconds=0.4)
    server.limits = {"batch_size": 3, **limits}
    server.sign_in(LOGIN, PASSWORD)
    return server


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
        wrong.cut_before,
        wrong.cut_after,
        wrong.reset_after,
        wrong.cut_in_the_answer,
        wrong.truncated_json,
        wrong.one_answer_missing,
        wrong.answers_in_another_order,
        wrong.html,
        wrong.html_after,
        wrong.redirect,
        wrong.error_500,
        wrong.error_500_after,
        wrong.error_502_html,
        wrong.hang,
        wrong.hang_after,
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


def test_the_same_file_again_records_nothing_and_tells_the_exceptions_again(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    lines = [loan(0, "A"), loan(1, "UNKNOWN1"), back(2, "A"), b"rubbish!"]
    upload([dat(tmp_path / "a.dat", *lines)], server, ledger)
    again = upload([dat(tmp_path / "renamed.dat", *lines)], server, ledger)
    assert states(again) == (0, 1, 0, 1, 2, 0)
    assert again.exceptions == 2
    assert again.status is JobStatus.COMPLETED
    assert double.order == ["A", "UNKNOWN1", "A"]
    rejected = next(line for line in again.lines if line.status is LineStatus.REJECTED)
    assert rejected.replayed
    assert rejected.message == "Item not found. Barcode: UNKNOWN1"


def test_the_same_file_from_another_pc_records_nothing(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    lines = [loan(0, "A"), loan(1, "UNKNOWN1"), back(2, "A")]
    upload([dat(tmp_path / "a.dat", *lines)], server, ledger)
    with Ledger(tmp_path / "other" / "ledger.db") as other:
        again = upload([dat(tmp_path / "b.dat", *lines)], server, other)
        assert states(again) == (0, 1, 0, 0, 2, 0)
        third = upload([dat(tmp_path / "c.dat", *lines)], server, other)
        assert states(third) == (0, 1, 0, 0, 2, 0)
    assert set(double.applied.values()) == {1}


def test_a_file_that_grew_sends_its_new_lines_only(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    upload([loans(tmp_path / "a.dat", 4)], server, ledger)
    report = upload([loans(tmp_path / "a.dat", 6)], server, ledger)
    assert states(report) == (2, 0, 0, 0, 4, 0)
    assert double.order == items(6)
    assert double.batches == [3, 1, 2]


def test_a_server_that_was_set_back_gets_everything_again(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 4)]
    upload(files, server, ledger)
    double._answers.clear()
    assert states(upload(files, server, ledger)) == (4, 0, 0, 0, 0, 0)
    assert set(double.applied.values()) == {2}


def test_another_library_at_the_same_address_is_another_server(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 4)]
    for library in ("one", "two"):
        double.identity = library
        double._answers.clear()
        with limited(double, look_back=False) as server:
            assert upload(files, server, ledger).recorded == 4


def test_without_looking_back_the_ledger_remembers(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 4)]
    with limited(double, look_back=False, idempotent_keys=False) as server:
        upload(files, server, ledger)
        assert states(upload(files, server, ledger)) == (0, 0, 0, 0, 4, 0)
    assert double.batches == [3, 1]


def test_a_server_without_keys_is_not_asked_before_it_had_time_to_finish(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 3)]
    with limited(double, idempotent_keys=False) as server:
        number, clock = run_half(files, server, ledger), Clock()
        asked: list[float] = []
        honest = server.look_back

        def look_back(events: Sequence[Event]) -> list[Answer | None]:
            asked.append(clock.now)
            return honest(events)

        server.look_back = look_back  # type: ignore[method-assign]
        report = upload(files, server, ledger, clock, resume=True)
    assert (report.id, report.recorded) == (number, 3)
    assert min(asked) >= clock.patience().quiet


def run_half(files: list[Path], server: Limited, ledger: Ledger) -> int:
    """An upload whose uploader dies with all its lines under way; its number."""
    plan = make_plan(files)
    number = ledger.begin(
        server=server.identity,
        url=server.url,
        desk="D1",
        who="",
        process_id="1000",
        name="",
        files=plan.files,
        lines=plan.lines(),
    )
    row = ledger.upload(number)
    assert row is not None
    ledger.mark(range(row.first_line, row.last_line + 1), LineState.SENDING)
    return number


def test_a_lost_line_is_not_sent_once_a_later_one_about_its_item_was(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [dat(tmp_path / "a.dat", loan(0, "A"), back(5, "A"))]
    with limited(double, batch_size=1, look_back=False, idempotent_keys=False) as server:
        double.misbehave("/transactions", wrong.cut_before)
        assert states(upload(files, server, ledger)) == (1, 0, 1, 0, 0, 0)
        server.limits = {**server.limits, "look_back": True}
        upload(files, server, ledger)
    # Lent only now, the item would be out though it came back.
    assert len(double.order) == 1


@pytest.mark.parametrize("how", [wrong.cut_before, wrong.cut_after, wrong.error_500])
def test_a_server_that_cannot_look_back_leaves_lost_lines_unknown_for_ever(
    ledger: Ledger, double: Double, tmp_path: Path, how: wrong.Misbehaviour
) -> None:
    files = [loans(tmp_path / "a.dat", 7)]
    double.misbehave("/transactions", wrong.honest, how)
    with limited(double, look_back=False, idempotent_keys=False) as server:
        told: list[Progress] = []
        report = upload(files, server, ledger, progress=told.append)
        assert states(report) == (4, 0, 3, 0, 0, 0)
        assert (told[-1].recorded, told[-1].unknown) == (4, 3)
        assert report.status is JobStatus.COMPLETED
        assert [line.line for line in report.lines] == [4, 5, 6]
        assert {line.reason for line in report.lines} == {"no-answer"}
        sent = len(double.requests)
        again = upload(files, server, ledger)
        assert states(again) == (0, 0, 3, 0, 4, 0)
    assert not any(path.endswith("/transactions") for _m, path, _b in double.requests[sent:])


@pytest.mark.parametrize("how", [wrong.cut_before, wrong.cut_after])
def test_a_server_that_knows_keys_settles_lost_lines_when_they_come_again(
    ledger: Ledger, double: Double, tmp_path: Path, how: wrong.Misbehaviour
) -> None:
    double.misbehave("/transactions", wrong.honest, how)
    with limited(double, look_back=False) as server:
        report = upload([loans(tmp_path / "a.dat", 7)], server, ledger)
    assert states(report) == (7, 0, 0, 0, 0, 0)
    assert double.order == items(7)


def test_looking_back_is_tried_again(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    double.misbehave("/transactions", wrong.cut_after)
    double.misbehave("/lookup/keys", wrong.busy(""), wrong.cut_before, wrong.html, wrong.error_500)
    report = upload([loans(tmp_path / "a.dat", 3)], server, ledger)
    assert states(report) == (3, 0, 0, 0, 0, 0)
    assert double.order == items(3)


def test_lines_wait_as_unknown_until_looking_back_works(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 3)]
    double.misbehave("/transactions", wrong.cut_after)
    double.always("/lookup/keys", wrong.html)
    report = upload(files, server, ledger)
    assert report.status is JobStatus.STOPPED
    assert states(report) == (0, 0, 3, 0, 0, 0)
    double.always("/lookup/keys", None)
    assert states(upload(files, server, ledger, resume=True)) == (3, 0, 0, 0, 0, 0)
    assert double.order == items(3)


def test_a_new_upload_settles_what_an_abandoned_one_left_unknown(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    double.misbehave("/transactions", wrong.cut_after)
    double.always("/lookup/keys", wrong.html)
    upload([loans(tmp_path / "a.dat", 3)], server, ledger)
    double.always("/lookup/keys", None)
    report = upload([loans(tmp_path / "a.dat", 4)], server, ledger, resume=True)
    assert states(report) == (1, 0, 0, 0, 3, 0)
    assert double.order == items(4)


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


def test_a_whole_batch_without_answer_is_looked_up(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    class Silent(PracticeServer):
        silent = 1

        def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
            answers = super().submit(job, events)
            if self.silent:
                self.silent -= 1
                raise NoAnswerError(self.url)
            return answers

    with Silent(double.url, batch_size=3) as server:
        server.sign_in(LOGIN, PASSWORD)
        report = upload([loans(tmp_path / "a.dat", 5)], server, ledger)
    assert states(report) == (5, 0, 0, 0, 0, 0)
    assert double.order == items(5)


def test_what_even_the_server_does_not_know_is_unknown(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    class Forgetful(PracticeServer):
        def look_back(self, events: Sequence[Event]) -> list[Answer | None]:
            return [Answer(Outcome.UNKNOWN) for _event in events]

    double.misbehave("/transactions", wrong.cut_after)
    with Forgetful(double.url, batch_size=3) as server:
        server.sign_in(LOGIN, PASSWORD)
        report = upload([loans(tmp_path / "a.dat", 5)], server, ledger)
    assert states(report) == (2, 0, 3, 0, 0, 0)
    assert double.order == items(5)


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


def test_a_killed_upload_is_settled_by_resuming(
    open_double: OpenDouble, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    class Killed(BaseException):
        pass

    class Dying(PracticeServer):
        def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
            answers = super().submit(job, events)
            if events[0].line > 3:
                raise Killed
            return answers

    files = [loans(tmp_path / "a.dat", 8)]
    with Dying(double.url, batch_size=3) as dying:
        dying.sign_in(LOGIN, PASSWORD)
        with pytest.raises(Killed):
            upload(files, dying, ledger)
    [job] = list_jobs(ledger)
    assert job.status is JobStatus.STOPPED
    assert "cut off" in job.problem
    assert states(job) == (3, 0, 3, 0, 0, 2)
    report = upload(files, open_double(), ledger, resume=True)
    assert states(report) == (8, 0, 0, 0, 0, 0)
    assert double.order == items(8)


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


def test_resuming_what_is_complete_is_an_upload_like_any_other(
    server: PracticeServer, ledger: Ledger, tmp_path: Path
) -> None:
    files = [loans(tmp_path / "a.dat", 3)]
    first = upload(files, server, ledger, resume=True)
    second = upload(files, server, ledger, resume=True)
    assert (first.id, first.recorded) == (1, 3)
    assert (second.id, second.recorded, second.skipped) == (2, 0, 3)


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


def test_a_dry_run_keeps_nothing_anywhere(
    server: PracticeServer, ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A"), loan(1, "UNKNOWN1"), b"rubbish!")
    b = dat(tmp_path / "b.dat", b"", loan(0, "A"))
    report = preview([a, b], server, ledger)
    assert report.dry_run
    assert states(report) == (1, 1, 0, 1, 1, 0)
    assert (report.records, report.exceptions) == (4, 2)
    assert [file.records for file in report.files] == [3, 1]
    assert not double.applied
    assert list_jobs(ledger) == []


def test_a_dry_run_asks_about_all_lines_of_an_item_together(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    lines = [loan(n, f"I{n % 4}") for n in range(8)]
    with limited(double, dry_run_size=5) as server:
        report = preview([dat(tmp_path / "a.dat", *lines)], server, ledger)
    assert report.recorded == 8
    asked = [
        [one["item"] for one in body["transactions"]]
        for _method, path, body in double.requests
        if path.endswith("/dry-run")
    ]
    assert asked == [["I0", "I1", "I0", "I1"], ["I2", "I3", "I2", "I3"]]


def test_past_uploads_are_found_by_number_and_by_process_id(
    server: PracticeServer, ledger: Ledger, tmp_path: Path
) -> None:
    report = upload([dat(tmp_path / "a.dat", loan(0, "UNKNOWN1"))], server, ledger)
    assert load_report(ledger, 1) == load_report(ledger, "1000") == report
    [row] = list_jobs(ledger)
    assert row == replace(report, lines=())


FAULTS = [
    wrong.honest,
    wrong.cut_before,
    wrong.cut_after,
    wrong.truncated_json,
    wrong.error_500,
    wrong.error_500_after,
    wrong.busy("1"),
    wrong.html_after,
    wrong.refuse(401, "session-expired"),
]


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(FAULTS), max_size=12),
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
