"""Noticing that the machine has been asleep: a laptop closed in the middle of an upload.

The clock by which answers are waited for stands still meanwhile, so a connection that has been
dead for hours would still be waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable

SLEPT_SECONDS = 20.0
"""A shorter gap says nothing: the machine may have been busy."""


def outside_clock() -> float:
    """Seconds, ever rising, that go on while the machine sleeps."""
    # Linux's monotonic clock stands still then; those of macOS and Windows do not.
    clock = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class Wake:
    """Tells once after each sleep that there has been one. To be asked all the time."""

    def __init__(self, clock: Callable[[], float] = outside_clock) -> None:
        self._clock = clock
        self._last = clock()

    def slept(self) -> bool:
        """Whether the machine has been asleep since the last time this was asked."""
        now = self._clock()
        before, self._last = self._last, now
        return now - before >= SLEPT_SECONDS
