"""Whether the PC's clock can be believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.clockwatch import ClockFault, ClockWatch, Tick

BUILD = datetime(2026, 3, 1, tzinfo=UTC)
START = datetime(2026, 11, 22, 8, tzinfo=UTC)


class Pc:
    """A PC whose clocks can be moved."""

    def __init__(self, *, boottime: bool = True) -> None:
        self.wall = START
        self.monotonic = 500.0
        self.boottime = 500.0 if boottime else None

    def wait(self, seconds: float) -> Tick:
        self.wall += timedelta(seconds=seconds)
        self.monotonic += seconds
        if self.boottime is not None:
            self.boottime += seconds
        return self.tick()

    def sleep(self, seconds: float) -> Tick:
        """As Linux does in suspend and hibernation."""
        self.wall += timedelta(seconds=seconds)
        if self.boottime is not None:
            self.boottime += seconds
        return self.tick()

    def move(self, **by: float) -> Tick:
        self.wall += timedelta(**by)
        return self.tick()

    def tick(self) -> Tick:
        return Tick(self.wall, self.monotonic, self.boottime)


def codes(found):
    return [trouble.fault for trouble in found]


@pytest.fixture
def pc():
    return Pc()


@pytest.fixture
def watch(pc):
    watch = ClockWatch(BUILD)
    assert watch.look(pc.tick()) == ()
    return watch


def test_a_clock_that_is_right_is_left_in_peace(pc, watch):
    for seconds in (0.001, 5, 5, 3600, 86400):
        assert watch.look(pc.wait(seconds)) == ()


@pytest.mark.parametrize("by", [timedelta(hours=3), timedelta(minutes=-3), timedelta(days=-400)])
def test_a_jump_is_told_once_with_its_size(pc, watch, by):
    pc.wait(5)
    (trouble,) = [
        found
        for found in watch.look(pc.move(seconds=by.total_seconds()))
        if found.fault is ClockFault.JUMPED
    ]
    assert trouble.seconds == by.total_seconds()
    assert trouble.wall == pc.wall
    assert trouble.reference == pc.wall - by
    assert ClockFault.JUMPED not in codes(watch.look(pc.wait(5)))


def test_a_small_step_is_no_jump_and_many_of_them_are(pc, watch):
    assert watch.look(pc.move(seconds=119)) == ()
    found = watch.look(pc.move(seconds=2))
    assert codes(found) == [ClockFault.JUMPED]
    assert found[0].seconds == 121
    assert watch.look(pc.wait(60)) == ()


def test_drift_never_adds_up_to_a_jump(pc, watch):
    for _ in range(1000):
        pc.wait(5)
        assert watch.look(pc.move(milliseconds=300)) == ()


def test_the_tolerance_can_be_set(pc):
    watch = ClockWatch(BUILD, tolerance=timedelta(minutes=10))
    watch.look(pc.tick())
    assert watch.look(pc.move(minutes=10)) == ()
    assert codes(watch.look(pc.move(seconds=1))) == [ClockFault.JUMPED]


def test_sleep_is_no_jump_when_a_clock_counted_it(pc, watch):
    assert watch.look(pc.sleep(3 * 3600)) == ()
    assert watch.look(pc.wait(5)) == ()


def test_a_clock_set_while_the_pc_slept_is_a_jump(pc, watch):
    pc.sleep(3600)
    found = watch.look(pc.move(hours=-2))
    assert codes(found) == [ClockFault.JUMPED]
    assert found[0].seconds == -7200


def test_without_a_clock_that_counts_it_sleep_cannot_be_told_from_a_jump():
    pc = Pc(boottime=False)
    watch = ClockWatch(BUILD)
    watch.look(pc.tick())
    assert codes(watch.look(pc.sleep(3600))) == [ClockFault.JUMPED]


def test_before_the_build_is_told_until_it_is_right(pc):
    watch = ClockWatch(BUILD)
    pc.wall = datetime(2000, 1, 1, tzinfo=UTC)
    for _ in range(3):
        assert codes(watch.look(pc.wait(5))) == [ClockFault.BEFORE_BUILD]
    pc.wall = BUILD
    assert codes(watch.look(pc.tick())) == [ClockFault.JUMPED]
    assert watch.look(pc.wait(1)) == ()


def test_earlier_than_the_last_transaction(pc):
    watch = ClockWatch(BUILD, last=START + timedelta(hours=1))
    for _ in range(2):
        (trouble,) = watch.look(pc.wait(5))
        assert trouble.fault is ClockFault.EARLIER_THAN_LAST
        assert trouble.reference == START + timedelta(hours=1)
        assert trouble.seconds < 0
    pc.wait(3600)
    assert watch.look(pc.tick()) == ()


def test_a_transaction_recorded_meanwhile_does_not_hide_it(pc):
    watch = ClockWatch(BUILD, last=START + timedelta(hours=1))
    watch.recorded(pc.wall)
    assert codes(watch.look(pc.wait(5))) == [ClockFault.EARLIER_THAN_LAST]


def test_the_staff_may_say_that_the_clock_is_right_now(pc):
    watch = ClockWatch(BUILD, last=START + timedelta(days=1))
    assert watch.look(pc.tick())
    watch.accept()
    assert watch.look(pc.wait(5)) == ()
    watch.recorded(pc.wall)
    assert codes(watch.look(pc.move(seconds=-61))) == [ClockFault.EARLIER_THAN_LAST]


def test_seconds_behind_the_last_transaction_are_nothing(pc):
    """A PC that sets its clock by the network moves it by seconds; OffCirc.dat keeps minutes."""
    watch = ClockWatch(BUILD, last=START)
    assert watch.look(pc.move(seconds=-59)) == ()


@given(
    st.lists(
        st.tuples(
            st.floats(0.1, 600),
            st.one_of(st.just(0.0), st.floats(-7200, 7200)),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_whatever_happens_the_told_jumps_account_for_the_clock(steps):
    """After any day, the clock is where true time and the told jumps put it, within the tolerance
    and the drift that is allowed at each look."""
    pc = Pc()
    watch = ClockWatch(datetime(1970, 1, 1, tzinfo=UTC))
    watch.look(pc.tick())
    told = 0.0
    for true, moved in steps:
        pc.wait(true)
        found = watch.look(pc.move(seconds=moved))
        told += sum(trouble.seconds for trouble in found if trouble.fault is ClockFault.JUMPED)
    true_wall = START + timedelta(seconds=pc.monotonic - 500)
    rest = (pc.wall - true_wall).total_seconds() - told
    assert abs(rest) <= 120 + len(steps) + 0.001


def test_a_clock_far_ahead_is_said_until_somebody_says_that_it_is_right():
    watch = ClockWatch(BUILD)
    late = Tick(BUILD + timedelta(days=20 * 366), 1.0)
    assert [trouble.fault for trouble in watch.look(late)] == [ClockFault.FAR_AHEAD]
    assert [trouble.fault for trouble in watch.look(late)] == [ClockFault.FAR_AHEAD]
    watch.accept()
    assert watch.look(late) == ()


def test_a_program_may_be_used_for_years():
    assert ClockWatch(BUILD).look(Tick(BUILD + timedelta(days=9 * 366), 1.0)) == ()
