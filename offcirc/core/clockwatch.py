"""Whether the PC's clock can be believed: judged from what its clocks say, never asked here.

A PC without a network, or with an empty battery on its board, may start the day in another year; a
clock set right in the middle of the day jumps. Times in OffCirc.dat are the PC's, so the staff are
told at once and the jump is noted for whoever corrects the times afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TOLERANCE = timedelta(minutes=2)
"""How far the clock may move against the true time before that is a jump."""

GRACE = timedelta(minutes=1)
"""How far the clock may be behind the last transaction: OffCirc.dat keeps minutes, and setting
itself by the network moves a clock by seconds."""

LIFETIME = timedelta(days=3653)
"""How long after its making a program is hardly still in use."""

_DRIFT = 1.0
"""Seconds between two looks that are drift, not a jump, and are never added up."""


class ClockFault(StrEnum):
    """What is wrong with the clock."""

    EARLIER_THAN_LAST = "earlier-than-last"
    """It is behind the last transaction: it was set back, or was ahead before."""

    BEFORE_BUILD = "before-build"
    """It is earlier than the making of this very program."""

    FAR_AHEAD = "far-ahead"
    """It is so much later than the making of this program that it can hardly be right."""

    JUMPED = "jumped"
    """It was moved while the program ran."""


@dataclass(frozen=True, slots=True)
class Tick:
    """What the clocks say at one moment.

    Attributes:
        wall: the PC's clock, aware.
        monotonic: seconds of a clock that nobody can set; on Linux it stands still while the PC
            sleeps (suspend and hibernation).
        boottime: the same with sleep counted (``CLOCK_BOOTTIME``), where there is such a clock. It
            decides then: after an hour of sleep the wall clock is an hour later, and rightly so.
    """

    wall: datetime
    monotonic: float
    boottime: float | None = None


@dataclass(frozen=True, slots=True)
class ClockTrouble:
    """One thing that is wrong with the clock.

    Attributes:
        wall: what the clock says now, aware.
        reference: what it should not be earlier than (the last transaction, the build); what it
            would say had it not been moved, for a jump. Aware.
    """

    fault: ClockFault
    wall: datetime
    reference: datetime

    @property
    def seconds(self) -> float:
        """How far the clock is ahead of the reference; negative: behind."""
        return (self.wall - self.reference).total_seconds()


class ClockWatch:
    """Compares each look at the clocks with the ones before.

    Give it a look every few seconds and before each transaction, and tell it each transaction.
    """

    def __init__(
        self,
        build: datetime,
        last: datetime | None = None,
        *,
        tolerance: timedelta = TOLERANCE,
    ) -> None:
        """Begin watching.

        Args:
            build: when this program was made, aware; no clock that is right is earlier.
            last: the time of the last transaction in the journal, aware; ``None`` if there is none.
            tolerance: how far the clock may be moved before that is a jump.
        """
        self._build = build
        self._last = last
        self._tolerance = tolerance.total_seconds()
        self._anchor: Tick | None = None
        self._is_late = False

    def recorded(self, at: datetime) -> None:
        """A transaction was recorded with this time, aware."""
        self._last = at if self._last is None else max(self._last, at)

    def accept(self) -> None:
        """The staff say that the clock is right now, and was ahead before."""
        self._last = None
        self._is_late = True

    def look(self, tick: Tick) -> tuple[ClockTrouble, ...]:
        """Judge the clock.

        A jump is told by the first look after it and only by that; what is wrong with the time
        itself, by every look until it is right. Many small moves in one direction are a jump once
        they exceed the tolerance together.

        Returns:
            What is wrong, the most recent event first; nothing when all is well.
        """
        found = []
        if (expected := self._jumped(tick)) is not None:
            found.append(ClockTrouble(ClockFault.JUMPED, tick.wall, expected))
        if tick.wall < self._build:
            found.append(ClockTrouble(ClockFault.BEFORE_BUILD, tick.wall, self._build))
        elif tick.wall > self._build + LIFETIME and not self._is_late:
            found.append(ClockTrouble(ClockFault.FAR_AHEAD, tick.wall, self._build))
        if self._last is not None and tick.wall < self._last - GRACE:
            found.append(ClockTrouble(ClockFault.EARLIER_THAN_LAST, tick.wall, self._last))
        return tuple(found)

    def _jumped(self, tick: Tick) -> datetime | None:
        """What the clock would say had it not been moved, if it was."""
        anchor = self._anchor
        if anchor is None:
            self._anchor = tick
            return None
        expected = anchor.wall + timedelta(seconds=_true_seconds(anchor, tick))
        moved = abs((tick.wall - expected).total_seconds())
        if _DRIFT < moved <= self._tolerance:
            return None  # kept in mind: the anchor stays
        self._anchor = tick
        return expected if moved > self._tolerance else None


def _true_seconds(before: Tick, after: Tick) -> float:
    if before.boottime is not None and after.boottime is not None:
        return after.boottime - before.boottime
    return after.monotonic - before.monotonic
