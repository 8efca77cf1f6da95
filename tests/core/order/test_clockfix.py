"""Times of a desk whose clock was moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from offcirc.core.order.clockfix import ClockCorrection, ClockReading, Jump, Trust, corrections

HOUR = 3_600_000


def fixes(
    readings: list[ClockReading], jumps: list[Jump], trust: Trust = Trust.AFTER
) -> list[tuple]:
    return [tuple(one) for one in corrections(readings, jumps, trust)]


def test_lines_before_the_jump_are_moved_to_the_clock_after_it() -> None:
    readings = [
        ClockReading(1, 0, 0, 0),
        ClockReading(2, 60_000, 60_000, 0),
        ClockReading(3, 2 * HOUR, HOUR, 0),
    ]
    jumps = [Jump(0, 120_000, 120_000, 120_000 + HOUR)]
    assert fixes(readings, jumps) == [(1, 2, 3600.0)]
    assert fixes(readings, jumps, Trust.BEFORE) == [(3, 3, -3600.0)]
    assert fixes(readings, jumps, Trust.NEITHER) == []


def test_other_runs_and_lines_of_which_nothing_is_known_stay() -> None:
    jumps = [Jump(1, 1000, 1000, 61_000)]
    readings = [
        *(ClockReading(1, 0, 0, 0), ClockReading(2, 0, None, None), ClockReading(3, 5, 0, 1)),
        *(ClockReading(4, 6, None, 1), ClockReading(5, 7, 2, 1), ClockReading(7, 9, 4, 1)),
    ]
    assert fixes(readings, jumps) == [
        (3, 3, 59.995),
        (5, 5, 59.995),
        (7, 7, 59.995),
    ]


def test_of_two_jumps_each_stretch_gets_its_own_correction() -> None:
    readings = [
        ClockReading(1, 0, 0, 0),
        ClockReading(2, 20_000, 10_000, 0),
        ClockReading(3, 15_000, 20_000, 0),
    ]
    jumps = [Jump(0, 15_000, 25_000, 10_000), Jump(0, 5_000, 5_000, 15_000)]
    assert fixes(readings, jumps) == [(1, 1, -5.0), (2, 2, -15.0)]


steps = st.lists(st.tuples(st.integers(1, 10**6), st.integers(-(10**7), 10**7)), max_size=6)


@given(steps, st.sampled_from([Trust.AFTER, Trust.BEFORE]))
def test_corrected_times_run_as_the_true_ones_did(
    moves: list[tuple[int, int]], trust: Trust
) -> None:
    """However often the clock is moved, the corrected lines are as far apart as they were."""
    true = wrong = 0
    readings, jumps = [ClockReading(1, 0, 0, 0)], []
    for pause, move in moves:
        true += pause
        jumps.append(Jump(0, true, true + wrong, true + wrong + move))
        wrong += move
        true += 1
        readings.append(ClockReading(len(readings) + 1, true + wrong, true, 0))
    known = list(corrections(readings, jumps, trust))
    corrected = []
    for number, at, *_rest in readings:
        fix = next(
            (one for one in known if one.first <= number <= one.last), ClockCorrection(0, 0, 0)
        )
        corrected.append(at + round(fix.seconds * 1000))
    right = wrong if trust is Trust.AFTER else 0
    assert corrected == [
        elapsed + right for _n, _at, elapsed, _s in readings if elapsed is not None
    ]
