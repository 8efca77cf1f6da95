"""How many requests go side by side, and when: one answer that asks for patience slows them all."""

from __future__ import annotations

import time
from collections.abc import Callable

from offcirc.servers.errors import ServerError, TryLaterError
from offcirc.upload.base.patience import Patience


class UploadPace:
    """The pace of one upload, fast until something goes wrong, and carefully fast again after.

    Requests that were under way together and fail together count as one failure: eight lanes do
    not give up eight times as soon as one.

    Attributes:
        problem: why it waits, ``None`` while it does not.
    """

    def __init__(self, patience: Patience, width: int) -> None:
        self._patience = patience
        self._width = max(1, width)
        self._allowed = self._width
        self._failures = 0
        self._round = 0
        self._until = 0.0
        self.problem: ServerError | None = None

    @property
    def round(self) -> int:
        """The name of the time since the last failure; requests remember it when they go."""
        return self._round

    @property
    def allowed(self) -> int:
        """How many requests may be under way at once."""
        return self._allowed

    @property
    def seconds(self) -> float:
        """How long to wait before the next request goes; 0 if it may go now."""
        if self.problem is None:
            return 0.0
        left = self._until - self._patience.clock()
        if left <= 0:
            self.problem = None
        return max(0.0, left)

    def succeeded(self, went: int) -> None:
        """A request has been answered as it should; ``went`` is the round in which it left."""
        self._failures = 0
        if went == self._round and self._allowed < self._width:
            self._allowed += 1

    def failed(self, error: ServerError, went: int) -> None:
        """A request has failed in a way that is worth another try.

        Raises:
            ServerError: it was the last one; this very error.
        """
        asked = error.retry_after if isinstance(error, TryLaterError) else None
        if went == self._round:
            self._round += 1
            self._failures += 1
            if self._failures >= self._patience.tries:
                raise error
            busy = isinstance(error, TryLaterError)
            self._allowed = max(1, self._allowed // 2) if busy else 1
        elif asked is None:
            return
        wait = self._patience.seconds(max(1, self._failures), asked)
        self._until = max(self._until, self._patience.clock() + wait)
        self.problem = error


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
