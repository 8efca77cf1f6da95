"""How long to wait before trying again, and when to give up. The clock is passed in."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SLICE = 0.2
"""Seconds between two looks at whether the waiting has been cancelled."""


class CancelledError(Exception):
    """Someone has cancelled the upload."""


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Patience:
    """When to try again.

    Attributes:
        tries: how often in a row something is tried that certainly did nothing, or whose result
            is settled by looking back, before the upload stops.
        first: seconds before the second try; each wait after that is twice as long.
        longest: seconds no wait of our own exceeds.
        longest_asked: seconds no wait that the server asks for exceeds.
        quiet: seconds after which a server has either done what it was sent, or never will,
            where it can neither be asked nor knows keys.
        sleep: waits.
        clock: seconds, ever rising.
        jitter: a number from 0 to 1; two uploaders that failed together must not return together.
    """

    tries: int = 9
    first: float = 0.5
    longest: float = 30.0
    longest_asked: float = 600.0
    quiet: float = 60.0
    sleep: Callable[[float], None] = sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = field(default=random.random)

    def seconds(self, failures: int, asked: float | None = None) -> float:
        """How long to wait after so many failures in a row (at least 1).

        Args:
            failures: how many.
            asked: what the server asks for; it is waited out in full, up to the limit.
        """
        own: float = min(self.longest, self.first * 2.0 ** (failures - 1))
        own *= 0.5 + self.jitter() / 2
        return own if asked is None else max(own, min(asked, self.longest_asked))
