"""Requests side by side: what may go together does, what may not waits, and nobody goes twice."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from helpers import wait_until
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from servers import double as wrong
from servers.double import LOGIN, PASSWORD, Double, running_double
from upload.kit import Clock, back, dat, loan

from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Abilities, Answer, Event
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base.control import Control
from offcirc.upload.replay import feeder, replay
from offcirc.upload.replay.line_states import LineStates
from offcirc.upload.replay.pace import Wake
from offcirc.upload.replay.workers import Lanes
from offcirc.upload.report.report import JobReport, JobStatus
from offcirc.upload.run import Phase, Progress, run_upload


class Able(PracticeServer):
    """A practice server that can do what a test says.

    Attributes:
        hung_up: how often the uploader broke its connections.
    """

    limits: dict[str, Any]
    hung_up = 0

    def hang_up(self) -> None:
        self.hung_up += 1
        super().hang_up()

    @property
    def abilities(self) -> Abilities:
        return replace(super().abilities, **self.limits)


def able(double: Double, *, answer_seconds: float = 0.4, **limits: Any) -> Able:
    server = Able(double.url, answer_seconds=answer_seconds)
    server.limits = {"batch_size": 1, "width": 4, **limits}
    server.sign_in(LOGIN, PASSWORD)
    return server


def upload(
    file: Path, server: Any, ledger: Ledger, clock: Clock | None = None, **more: Any
) -> JobReport:
    return run_upload(
        [file],
        server,
        ledger,
        desk="D1",
        who="Référent",
        patience=(clock or Clock()).patience(),
        **more,
    )


def strangers(path: Path, count: int) -> Path:
    """Loans that have nothing to do with each other."""
    return dat(path, *(loan(n, f"I{n}", f"P{n}") for n in range(count)))


def meeting(parties: int) -> wrong.Misbehaviour:
    """An honest answer once so many requests are there at the same time."""
    barrier = threading.Barrier(parties, timeout=20)

    def meet(exchange: wrong.Exchange) -> None:
        barrier.wait()
        wrong.honest(exchange)

    return meet


def counting(double: Double, where: str = "/transactions") -> list[int]:
    """Has the double count how many requests it works on at once; answers when all are there."""
    most = [0]
    now: list[int] = []
    lock = threading.Lock()

    def count(exchange: wrong.Exchange) -> None:
        with lock:
            now.append(1)
            most[0] = max(most[0], len(now))
        # Long enough for another request to come, if one does.
        threading.Event().wait(0.005)
        with lock:
            now.pop()
        wrong.honest(exchange)

    double.always(where, count)
    return most


def test_lines_that_share_nothing_are_under_way_together(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    double.always("/transactions", meeting(4))
    with able(double) as server:
        report = upload(strangers(tmp_path / "a.dat", 12), server, ledger)
    assert (report.recorded, report.status) == (12, JobStatus.COMPLETED)


def test_batches_are_under_way_together(ledger: Ledger, double: Double, tmp_path: Path) -> None:
    double.always("/transactions", meeting(3))
    with able(double, batch_size=5, width=3) as server:
        report = upload(strangers(tmp_path / "a.dat", 15), server, ledger)
    assert report.recorded == 15
    assert double.batches == [5, 5, 5]


def test_it_sleeps_until_an_answer_comes_and_leaves_no_thread(
    ledger: Ledger, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    usual = Lanes.collect

    def collect(lanes: Lanes[Any], seconds: float) -> list[Any]:
        waits.append(seconds)
        return usual(lanes, seconds)

    monkeypatch.setattr(Lanes, "collect", collect)
    double.always("/transactions", meeting(1))
    with able(double) as server:
        assert upload(strangers(tmp_path / "a.dat", 6), server, ledger, width=4).recorded == 6
    assert waits.count(0.0) <= len(double.requests), "no answer is waited for in a circle"
    wait_until(lambda: not [one for one in threading.enumerate() if one.name.startswith("upload-")])


def test_few_lines_go_in_one_turn_so_that_the_first_need_not_wait(
    ledger: Ledger, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[int] = []
    usual = Ledger.advance

    def advance(ledger: Ledger, outcomes: Any, going: Any) -> None:
        turns.append(len(going))
        usual(ledger, outcomes, going)

    monkeypatch.setattr(replay, "TURN", 5)
    monkeypatch.setattr(Ledger, "advance", advance)
    with able(double, width=12) as server:
        assert upload(strangers(tmp_path / "a.dat", 12), server, ledger).recorded == 12
    assert max(turns) == 5


def test_the_width_given_goes_before_the_servers_own(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    most = counting(double)
    with able(double) as server:
        report = upload(strangers(tmp_path / "a.dat", 12), server, ledger, width=1)
    assert report.recorded == 12
    assert most == [1]


def test_lines_of_one_reader_or_one_item_never_travel_together(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    most = counting(double)
    one_reader = [loan(n, f"I{n}") for n in range(4)]
    one_item = [line for n in range(4) for line in (loan(9, "I0", f"P{n}"), back(9, "I0"))]
    with able(double) as server:
        report = upload(dat(tmp_path / "a.dat", *one_reader, *one_item), server, ledger)
    assert report.recorded == 12
    assert most == [1]
    assert double.order == ["I0", "I1", "I2", "I3"] + ["I0"] * 8


def test_one_busy_answer_slows_every_lane(ledger: Ledger, double: Double, tmp_path: Path) -> None:
    clock = Clock()
    moments: list[float] = []

    def note(exchange: wrong.Exchange) -> None:
        moments.append(clock.now)
        wrong.honest(exchange)

    double.misbehave("/transactions", wrong.busy("120"))
    double.always("/transactions", note)
    with able(double) as server:
        report = upload(strangers(tmp_path / "a.dat", 40), server, ledger, clock)
    assert report.recorded == 40
    # What was under way already came through.
    assert sum(moment < 120 for moment in moments) <= 12
    assert clock.now == pytest.approx(120)


def test_lanes_that_fail_together_fail_once(ledger: Ledger, double: Double, tmp_path: Path) -> None:
    clock = Clock()
    double.always("/transactions", wrong.busy(""))
    with able(double) as server:
        report = upload(strangers(tmp_path / "a.dat", 20), server, ledger, clock)
    assert report.status is JobStatus.STOPPED
    assert clock.now == pytest.approx(0.5 + 1 + 2 + 4 + 8)
    assert (report.left, report.unknown) == (20, 0)


def test_a_session_that_expires_is_renewed_once_for_all(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    forgotten = threading.Event()

    def forget(exchange: wrong.Exchange) -> None:
        if not forgotten.is_set():
            forgotten.set()
            double.forget_sessions()
            wrong.refuse(401, "session-expired")(exchange)
        else:
            wrong.honest(exchange)

    double.misbehave("/transactions", wrong.honest, wrong.honest, forget)
    with able(double) as server:
        report = upload(strangers(tmp_path / "a.dat", 20), server, ledger)
    assert report.recorded == 20
    assert double.sign_ins == 2


def test_a_job_that_is_forgotten_is_opened_again_once_for_all(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    def forget(exchange: wrong.Exchange) -> None:
        double.forget_jobs()
        wrong.honest(exchange)

    double.misbehave("/transactions", wrong.honest, wrong.honest, forget)
    with able(double) as server:
        report = upload(strangers(tmp_path / "a.dat", 20), server, ledger)
    assert report.recorded == 20
    assert set(double.applied.values()) == {1}
    assert sum(path.endswith("/jobs") for _method, path, _body in double.requests) == 2


def test_a_line_that_breaks_the_server_is_found_among_many(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    double.poison = {"I7", "I21"}
    with able(double, batch_size=10) as server:
        report = upload(strangers(tmp_path / "a.dat", 40), server, ledger)
    assert (report.recorded, report.rejected, report.status) == (38, 2, JobStatus.COMPLETED)
    assert {line.item for line in report.lines} == {"I7", "I21"}
    assert set(double.applied.values()) == {1}


# -- a hand on it --------------------------------------------------------------------------------


def test_paused_it_stands_still_and_then_goes_on(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    control = Control()
    paused = threading.Event()
    told: list[Progress] = []

    def watch(progress: Progress) -> None:
        told.append(progress)
        if progress.phase is Phase.SENDING and not paused.is_set():
            control.pause()
        if progress.phase is Phase.PAUSED:
            paused.set()

    def go_on() -> None:
        wait_until(paused.is_set)
        # Whatever was under way is answered, nothing new has come.
        seen.append(len(double.batches))
        control.resume()

    seen: list[int] = []
    other = threading.Thread(target=go_on)
    other.start()
    with able(double) as server:
        report = upload(
            strangers(tmp_path / "a.dat", 30), server, ledger, control=control, progress=watch
        )
    other.join()
    assert report.recorded == 30
    assert seen[0] <= 4
    phases = [progress.phase for progress in told]
    assert Phase.SENDING in phases[phases.index(Phase.PAUSED) :]


def test_a_paused_upload_can_be_cancelled(ledger: Ledger, double: Double, tmp_path: Path) -> None:
    control = Control()
    control.pause()

    def watch(progress: Progress) -> None:
        if progress.phase is Phase.PAUSED:
            control.cancel()

    with able(double) as server:
        report = upload(
            strangers(tmp_path / "a.dat", 5), server, ledger, control=control, progress=watch
        )
    assert (report.status, report.left) == (JobStatus.CANCELLED, 5)
    assert double.batches == []


def test_cancelled_it_does_not_wait_long_for_a_server_that_hangs(
    ledger: Ledger, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "CANCEL_SECONDS", 0.05)
    control = Control()

    def hang(exchange: wrong.Exchange) -> None:
        exchange.process()
        control.cancel()
        exchange.hang()

    double.misbehave("/transactions", hang)
    file = strangers(tmp_path / "a.dat", 3)
    with able(double, answer_seconds=3600, width=1) as server:
        report = upload(file, server, ledger, control=control)
        assert (report.status, report.unknown, report.left) == (JobStatus.CANCELLED, 1, 2)
        # Its connection was broken, and what was to come of it was still taken in.
        assert server.hung_up == 1
        assert ledger.counts(ledger.uploads()[0])[LineState.UNKNOWN] == 1
        assert upload(file, server, ledger, resume=True).recorded == 3
    assert set(double.applied.values()) == {1}


def test_cancelled_it_takes_in_the_answers_that_are_still_to_come(
    ledger: Ledger, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = Control()
    both = threading.Barrier(2, timeout=20)
    looked = threading.Event()
    usual = LineStates.outcomes

    def outcomes(states: LineStates) -> Any:
        if control.cancelled:
            looked.set()
        return usual(states)

    class Late(Able):
        def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
            answers = super().submit(job, events)
            both.wait()
            if events[0].line == 1:
                control.cancel()
            else:
                assert looked.wait(20)
            return answers

    monkeypatch.setattr(LineStates, "outcomes", outcomes)
    server = Late(double.url, answer_seconds=20)
    server.limits = {"batch_size": 1, "width": 2}
    with server:
        server.sign_in(LOGIN, PASSWORD)
        report = upload(strangers(tmp_path / "a.dat", 4), server, ledger, control=control)
        assert (report.status, report.recorded, report.left) == (JobStatus.CANCELLED, 2, 2)
        assert server.hung_up == 0


def test_cancelled_it_ends_even_where_hanging_up_breaks_nothing(
    ledger: Ledger, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "CANCEL_SECONDS", 0.05)
    control = Control()

    class Deaf(Able):
        def hang_up(self) -> None:
            self.hung_up += 1
            if self.hung_up > 1:
                # Whoever goes on for ever is let go in the end, and then found out.
                double.stopping.set()

    def hang(exchange: wrong.Exchange) -> None:
        control.cancel()
        exchange.hang()

    double.misbehave("/transactions", hang)
    server = Deaf(double.url, answer_seconds=3600)
    server.limits = {"batch_size": 1, "width": 1}
    with server:
        server.sign_in(LOGIN, PASSWORD)
        report = upload(strangers(tmp_path / "a.dat", 3), server, ledger, control=control)
        assert (report.status, report.unknown, report.left) == (JobStatus.CANCELLED, 1, 2)
        assert server.hung_up == 1
        PracticeServer.hang_up(server)


def test_a_laptop_closed_in_mid_upload_does_not_wait_for_dead_connections(
    ledger: Ledger, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep = threading.Event()

    def suspended(exchange: wrong.Exchange) -> None:
        exchange.process()
        asleep.set()
        exchange.hang()

    monkeypatch.setattr(replay, "Wake", partial(Wake, lambda: 7200.0 if asleep.is_set() else 0.0))
    double.misbehave("/transactions", wrong.honest, suspended)
    # Long enough for a slow machine; who waits for it has not noticed the sleep.
    with able(double, answer_seconds=20, width=1) as server:
        report = upload(strangers(tmp_path / "a.dat", 4), server, ledger)
        assert server.hung_up == 1
    assert (report.recorded, report.status) == (4, JobStatus.COMPLETED)
    assert set(double.applied.values()) == {1}


# -- lines of which nobody can say what became ---------------------------------------------------


def moments_of(double: Double, clock: Clock) -> dict[str, float]:
    found: dict[str, float] = {}

    def note(exchange: wrong.Exchange) -> None:
        for one in exchange.body["transactions"]:
            found[one["operation"] + one["item"]] = clock.now
        wrong.honest(exchange)

    double.always("/transactions", note)
    return found


def test_what_follows_a_line_lost_for_good_goes_last_and_late(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    clock = Clock()
    moments = moments_of(double, clock)
    double.misbehave("/transactions", wrong.cut_after)
    file = dat(
        tmp_path / "a.dat", loan(0, "I0", "P0"), back(1, "I0"), loan(2, "I1", "P1"), back(3, "I1")
    )
    with able(double, look_back=False, idempotent_keys=False, width=1) as server:
        report = upload(file, server, ledger, clock)
    assert (report.recorded, report.unknown, report.status) == (3, 1, JobStatus.COMPLETED)
    assert moments["LI1"] < 60
    assert moments["RI1"] < 60
    assert moments["RI0"] >= 60
    assert set(double.applied.values()) == {1}


def test_nobody_waits_for_a_line_lost_for_good_that_nothing_follows(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    clock = Clock()
    double.misbehave("/transactions", wrong.cut_after)
    with able(double, look_back=False, idempotent_keys=False, width=1) as server:
        report = upload(strangers(tmp_path / "a.dat", 4), server, ledger, clock)
    assert (report.recorded, report.unknown) == (3, 1)
    assert clock.now < 60


def test_a_server_without_keys_is_looked_at_when_it_must_be_done(
    ledger: Ledger, double: Double, tmp_path: Path
) -> None:
    clock = Clock()
    looked: list[float] = []

    def note(exchange: wrong.Exchange) -> None:
        looked.append(clock.now)
        wrong.honest(exchange)

    double.always("/lookup/keys", note)
    double.misbehave("/transactions", wrong.cut_after)
    with able(double, idempotent_keys=False, width=1) as server:
        report = upload(strangers(tmp_path / "a.dat", 3), server, ledger, clock)
    assert (report.recorded, report.unknown) == (3, 0)
    assert looked == [pytest.approx(60)]


# -- whatever happens ----------------------------------------------------------------------------

FAULTS = [*wrong.BAD_LUCK, wrong.refuse(404, "unknown-job")]


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=15),
    st.lists(st.sampled_from(FAULTS), max_size=12),
    st.lists(st.sampled_from([wrong.honest, wrong.cut_before, wrong.html]), max_size=6),
    st.integers(1, 3),
    st.integers(2, 6),
)
@pytest.mark.promise("order-of-the-day")
def test_no_run_of_bad_luck_changes_the_order_of_an_item_or_a_reader(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[int, int]],
    faults: list[wrong.Misbehaviour],
    look_back_faults: list[wrong.Misbehaviour],
    size: int,
    width: int,
) -> None:
    folder = tmp_path_factory.mktemp("luck")
    records = [
        loan(n, f"I{item}", f"P{patron}") if patron else back(n, f"I{item}")
        for n, (item, patron) in enumerate(lines)
    ]
    file = dat(folder / "a.dat", *records)
    applied: list[dict[str, Any]] = []
    with running_double() as double, Ledger(folder / "ledger.db") as ledger:
        listen(double, applied.append)
        with able(double, batch_size=size, width=width) as server:
            double.misbehave("/transactions", *faults)
            double.misbehave("/lookup/keys", *look_back_faults)
            report = upload(file, server, ledger)
            while not report.complete:
                report = upload(file, server, ledger, resume=True)
    # A line on which the server broke down three times is at fault itself, and said to be.
    assert report.recorded + report.rejected == report.records == len(lines)
    assert {line.reason for line in report.lines} <= {"server-failed"}
    assert all(count == 1 for count in double.applied.values())
    assert len(double.applied) == report.recorded
    for subject in ("item", "patron"):
        order: dict[str, list[str]] = defaultdict(list)
        for one in applied:
            if one.get(subject):
                order[one[subject]].append(one["at"])
        assert all(times == sorted(times) for times in order.values())


def listen(double: Double, hear: Callable[[dict[str, Any]], object]) -> None:
    """Hear of each transaction as it is applied."""
    apply = double._apply

    def heard(transaction: Any) -> dict[str, Any]:
        if transaction["key"] not in double._answers:
            hear(transaction)
        return apply(transaction)

    double._apply = heard  # type: ignore[method-assign]


def test_a_reader_who_borrows_more_than_is_read_ahead_holds_nobody_up(
    ledger: Ledger, double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "LOOKAHEAD", 4)
    monkeypatch.setattr(feeder, "CHUNK", 3)
    lines = [loan(n, f"I{n}") for n in range(12)] + [loan(n, f"J{n}", f"P{n}") for n in range(12)]
    with able(double) as server:
        report = upload(dat(tmp_path / "a.dat", *lines), server, ledger)
    assert (report.recorded, report.status) == (24, JobStatus.COMPLETED)
    assert [item for item in double.order if item.startswith("I")] == [f"I{n}" for n in range(12)]
