"""Pace, progress, and noticing a sleep: arithmetic with a clock that is passed in."""

from __future__ import annotations

import pytest
from upload.kit import Clock

from offcirc.servers.errors import ServerError, TryLaterError, UnreachableError
from offcirc.storage.ledger.ledgerrows import LineState
from offcirc.upload.base.patience import Patience
from offcirc.upload.base.progress import LEAST, RECENT, Phase, Progress, ProgressTally
from offcirc.upload.replay.pace import SLEPT_SECONDS, UploadPace, Wake


def test_requests_that_were_under_way_together_fail_once() -> None:
    clock = Clock()
    pace = UploadPace(clock.patience(tries=3), 8)
    went = pace.round
    for _lane in range(8):
        pace.failed(UnreachableError("x"), went)
    assert pace.seconds == pytest.approx(0.5)
    assert pace.allowed == 1
    clock.now += 0.5
    assert (pace.seconds, pace.problem) == (0.0, None)
    pace.failed(UnreachableError("x"), pace.round)
    assert pace.seconds == pytest.approx(1.0)
    last = UnreachableError("x")
    with pytest.raises(ServerError) as caught:
        pace.failed(last, pace.round)
    assert caught.value is last


def test_success_makes_it_careful_and_then_fast_again() -> None:
    clock = Clock()
    pace = UploadPace(clock.patience(tries=2), 4)
    old = pace.round
    pace.failed(TryLaterError("x"), old)
    assert pace.allowed == 2
    # What left before the trouble says nothing about how it is now.
    pace.succeeded(old)
    assert pace.allowed == 2
    for _answer in range(5):
        pace.succeeded(pace.round)
    assert pace.allowed == 4
    # After a success, the count begins anew.
    pace.failed(TryLaterError("x"), pace.round)


def test_the_longest_wait_that_any_lane_was_asked_for_holds() -> None:
    clock = Clock()
    pace = UploadPace(clock.patience(), 8)
    went = pace.round
    pace.failed(TryLaterError("x", retry_after=3), went)
    pace.failed(TryLaterError("x", retry_after=90), went)
    pace.failed(TryLaterError("x", retry_after=7), went)
    assert pace.seconds == pytest.approx(90)


def test_waits_grow_up_to_a_limit_and_are_never_the_same_for_two() -> None:
    patience = Patience(jitter=lambda: 1.0)
    assert [patience.seconds(n) for n in (1, 2, 3, 7, 20)] == [0.5, 1, 2, 30, 30]
    assert Patience(jitter=lambda: 0.0).seconds(2) == 0.5
    assert patience.seconds(1, asked=5) == 5
    assert patience.seconds(1, asked=1e6) == patience.longest_asked


def tally(clock: Clock) -> tuple[ProgressTally, list[Progress]]:
    told: list[Progress] = []
    made = ProgressTally(told.append, lambda: clock.now)
    made.start({LineState.PLANNED: 100, LineState.HELD: 5})
    return made, told


def test_the_rate_is_that_of_the_last_seconds() -> None:
    clock = Clock()
    made, _told = tally(clock)
    assert made.progress().rate == 0.0
    assert made.progress().seconds_left is None
    for _second in range(20):
        clock.now += 1
        made.move(LineState.PLANNED, LineState.RECORDED, 1)
        made.progress()
    assert made.progress().rate == pytest.approx(1.0)
    assert made.progress().seconds_left == pytest.approx(80)
    # It becomes faster: what was long ago does not count.
    for _second in range(int(RECENT) + 1):
        clock.now += 1
        made.move(LineState.PLANNED, LineState.RECORDED, 5)
        made.progress()
    assert made.progress().rate == pytest.approx(5.0)
    assert made.progress().seconds_left == pytest.approx(5)


def test_what_was_done_before_is_nobodys_pace() -> None:
    clock = Clock()
    made, _told = tally(clock)
    made.progress()
    clock.now += LEAST
    assert made.progress().rate == 0.0
    made.move(LineState.PLANNED, LineState.REJECTED, 2)
    progress = made.progress()
    assert (progress.done, progress.left, progress.exceptions) == (7, 98, 7)


def test_a_pause_is_nobodys_slowness() -> None:
    clock = Clock()
    made, told = tally(clock)
    made.phase(Phase.SENDING)
    clock.now += 2
    made.move(LineState.PLANNED, LineState.RECORDED, 20)
    made.tell(now=True)
    made.phase(Phase.PAUSED)
    clock.now += 3600
    made.phase(Phase.SENDING)
    clock.now += 2
    made.move(LineState.PLANNED, LineState.RECORDED, 20)
    assert made.progress().rate == pytest.approx(10)
    assert [progress.phase for progress in told][-2:] == [Phase.PAUSED, Phase.SENDING]


def test_while_it_waits_it_says_why_and_how_long() -> None:
    clock = Clock()
    made, told = tally(clock)
    made.phase(Phase.WAITING, 12.5, "The server is busy.")
    assert (told[-1].wait_seconds, told[-1].problem) == (12.5, "The server is busy.")
    made.phase(Phase.SENDING)
    assert (told[-1].wait_seconds, told[-1].problem) == (0.0, "")


def test_a_sleep_is_told_once() -> None:
    clock = Clock()
    wake = Wake(lambda: clock.now)
    clock.now += SLEPT_SECONDS - 1
    assert not wake.slept()
    clock.now += SLEPT_SECONDS
    assert wake.slept()
    assert not wake.slept()
