"""Every write and every flush of a day fails once, in every way, and nothing acknowledged is lost.

After the fault the desk goes on as it would in real life, and starts again the next morning on a
healthy disk. Then OffCirc.dat holds each acknowledged transaction once, in order, and whole lines.
"""

from __future__ import annotations

import os

import pytest
from storage.desk_kit import CrashError
from storage.faulty import FaultyDisk, Kind
from storage.fire_kit import Day, broken_day, check_next_morning, leave_strays

FULL = os.environ.get("OFFCIRC_PROVE") == "1"
SOME = 1 if FULL else 4
"""Each n-th place is tried; all of them with OFFCIRC_PROVE."""


def count(part: str = "") -> int:
    with broken_day(part) as (day, disk):
        day.live()
        check_next_morning(day)
        assert not day.refused
        return disk.count


@pytest.mark.prove
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-good"])
@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.KEPT])
def test_each_write_and_flush_at_home_fails_and_nothing_is_refused_or_lost(kind, for_good):
    places = count("home")
    assert places > 60
    for number in range(1, places + 1, SOME):
        with broken_day("home") as (day, disk):
            disk.fail_at, disk.kind, disk.for_good = number, kind, for_good
            day.live()
            disk.heal()
            check_next_morning(day)
            assert disk.misused == [], f"a handle that had failed was used again ({number})"
            assert not day.refused, f"the fallback place would have taken it ({number})"


@pytest.mark.prove
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-good"])
@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.KEPT])
def test_both_places_fail_and_what_was_acknowledged_is_there(kind, for_good):
    for number in range(1, count() + 1, SOME):
        with broken_day("") as (day, disk):
            disk.fail_at, disk.kind, disk.for_good = number, kind, for_good
            day.live()
            disk.heal()
            check_next_morning(day)
            assert disk.misused == []
            if not for_good:
                assert not day.refused


@pytest.mark.prove
@pytest.mark.parametrize("kind", [Kind.CRASH, Kind.CRASH_AFTER])
@pytest.mark.parametrize("strays", [False, True], ids=["new", "strays"])
def test_the_power_goes_at_each_write_and_flush(kind, strays):
    """Also while the rows of the fallback place are being brought home."""

    def evening(day: Day, disk: FaultyDisk) -> None:
        if strays:
            leave_strays(day, disk)
        disk.count = 0

    with broken_day("") as (day, disk):
        evening(day, disk)
        day.live()
        check_next_morning(day)
        places = disk.count
    for number in range(1, places + 1, SOME):
        with broken_day("") as (day, disk):
            evening(day, disk)
            disk.fail_at, disk.kind, disk.for_good = number, kind, False
            try:
                day.live()
            except CrashError:
                day.close()
            disk.heal()
            day.live()
            check_next_morning(day)


@pytest.mark.parametrize("part", ["home", ""])
def test_the_fault_finds_its_place(part):
    """The tests above would be worth nothing if the n-th write were not the one that fails."""
    with broken_day(part) as (day, disk):
        day.live()
    names = {line.split()[-1] for line in disk.seen}
    assert {"journal.db", "OffCirc.dat"} <= names
    assert any(line.startswith("INSERT INTO transactions") for line in disk.seen)
    assert any(line.startswith("flush OffCirc.dat") for line in disk.seen)
