"""The clocks that are asked, and what is said when they disagree."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from offcirc import i18n
from offcirc.core.clockwatch import ClockFault, ClockTrouble, ClockWatch, Tick
from offcirc.disk import clocks
from offcirc.disk.clocks import describe_clock, since_boot

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    if hasattr(time, "tzset"):
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
        yield
        monkeypatch.undo()
        time.tzset()
    else:
        yield


def trouble(fault: ClockFault, **ahead: float) -> ClockTrouble:
    return ClockTrouble(fault, NOW, NOW - timedelta(**ahead))


def test_time_since_boot_never_goes_back():
    asked = [since_boot() for _ in range(100)]
    assert asked == sorted(asked)


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_on_linux_sleep_is_counted():
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= since_boot() <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_on_windows_the_monotonic_clock_counts_it_by_itself(monkeypatch):
    monkeypatch.setattr(clocks.sys, "platform", "win32")
    before = time.monotonic()
    assert before <= since_boot() <= time.monotonic()


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX")
def test_on_macos_there_is_another_clock(monkeypatch):
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    assert before <= since_boot() <= time.clock_gettime(time.CLOCK_MONOTONIC)


def test_the_clocks_of_this_pc_agree_with_each_other():
    watch = ClockWatch(datetime(2020, 1, 1, tzinfo=UTC))

    def tick():
        return Tick(datetime.now(UTC), time.monotonic(), since_boot())

    watch.look(tick())
    assert ClockFault.JUMPED not in [found.fault for found in watch.look(tick())]


def test_what_is_said_of_a_clock():
    assert describe_clock(trouble(ClockFault.EARLIER_THAN_LAST, hours=-2)) == (
        "This PC’s clock says 2026-11-22 08:30, but the last transaction was recorded at 2026-11-22"
        " 10:30. Please set the clock right; recording goes on meanwhile."
    )
    assert "which cannot be" in describe_clock(trouble(ClockFault.BEFORE_BUILD, days=-9))
    forward = describe_clock(trouble(ClockFault.JUMPED, minutes=180))
    assert "forward by 180 minutes, to 2026-11-22 08:30" in forward
    assert "back by 3 minutes" in describe_clock(trouble(ClockFault.JUMPED, minutes=-3))
    assert "back by 1 minute," in describe_clock(trouble(ClockFault.JUMPED, seconds=-70))


@pytest.mark.parametrize("fault", list(ClockFault))
@pytest.mark.parametrize("minutes", [-70, -1, 1, 70])
def test_it_is_said_in_french_too(fault, minutes):
    found = trouble(fault, minutes=minutes)
    english = describe_clock(found)
    i18n.activate("fr")
    assert describe_clock(found) != english
    assert "{" not in describe_clock(found)
