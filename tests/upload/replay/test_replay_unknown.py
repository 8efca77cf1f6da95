"""Lines whose answer was lost: looked up, settled, or unknown, never sent at a guess."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from servers import double as wrong
from servers.double import LOGIN, PASSWORD, Double
from upload.kit import Clock, back, dat, loan, loans
from upload.replay_kit import Limited, OpenDouble, items, limited, states, upload

from offcirc.servers.errors import NoAnswerError
from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Answer, Event, Outcome
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base.progress import Progress
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.report.report import JobStatus
from offcirc.upload.run import (
    list_jobs,
)


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
