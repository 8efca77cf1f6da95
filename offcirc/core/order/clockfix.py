"""What to add to the times of lines that a desk recorded while its clock was wrong.

When the clock of a desk's PC is moved while the program runs, the desk notes by how much; and it
keeps with each line how long after the program's start it was recorded, by a clock that nobody can
set. So the times of one run of the program are all known by either clock, the one before the jump
or the one after it. Whoever sets a clock sets it right, as a rule: the one after is believed,
unless the referent knows better.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple


class Trust(StrEnum):
    """Which clock of a desk is believed when it was moved."""

    AFTER = "after"
    """As it was after the last jump."""
    BEFORE = "before"
    """As it was before the first jump."""
    NEITHER = "neither"
    """Nothing is corrected by what the desk has noted."""


class Jump(NamedTuple):
    """The clock was moved.

    Attributes:
        session: in which run of the program.
        elapsed: true milliseconds from that run's start.
        before: what the clock would have said, in milliseconds since any fixed moment.
        after: what it said.
    """

    session: int
    elapsed: int
    before: int
    after: int


class ClockReading(NamedTuple):
    """What the clocks said when a line was recorded.

    Attributes:
        number: the line's.
        at: the PC's clock, in milliseconds since the same moment.
        elapsed: true milliseconds from the start of the run; ``None`` when not known.
        session: the run; ``None`` when not known.
    """

    number: int
    at: int
    elapsed: int | None
    session: int | None


class ClockCorrection(NamedTuple):
    """What is to be added to the times of lines that follow each other.

    Attributes:
        first: the first line's number, from 1.
        last: the last one's.
        seconds: to be added, to the millisecond.
    """

    first: int
    last: int
    seconds: float


def corrections(
    readings: Iterable[ClockReading], jumps: Iterable[Jump], trust: Trust = Trust.AFTER
) -> Iterator[ClockCorrection]:
    """What to add to the times of which lines; nothing for the lines left out.

    Args:
        readings: of the lines in their order; lines about which nothing is known may be missing.
        jumps: of all runs, in any order.
        trust: which clock is believed.
    """
    by_session: dict[int, list[Jump]] = {}
    if trust is not Trust.NEITHER:
        for jump in sorted(jumps, key=lambda jump: jump.elapsed):
            by_session.setdefault(jump.session, []).append(jump)
    first = last = 0
    stretch: tuple[int, int] | None = None
    seconds = 0.0
    for number, at, elapsed, session in readings:
        known = by_session.get(session) if session is not None else None
        if known is None or elapsed is None:
            here = None
        else:
            passed = bisect_right(known, elapsed, key=lambda jump: jump.elapsed)
            right = len(known) if trust is Trust.AFTER else 0
            here = None if passed == right else (known[0].session, passed)
        if stretch is not None and (here != stretch or number != last + 1):
            yield ClockCorrection(first, last, seconds)
            stretch = None
        if here is None or known is None or elapsed is None:
            continue
        if stretch is None:
            stretch, first = here, number
        last = number
        seconds = (_true(known, elapsed, trust) - at) / 1000
    if stretch is not None:
        yield ClockCorrection(first, last, seconds)


def _true(jumps: list[Jump], elapsed: int, trust: Trust) -> int:
    """What the clock that is believed would have said."""
    if trust is Trust.AFTER:
        return jumps[-1].after - (jumps[-1].elapsed - elapsed)
    return jumps[0].before + (elapsed - jumps[0].elapsed)
