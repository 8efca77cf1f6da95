"""How far an upload has come, told now and then."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from offcirc.storage.ledger.ledgerrows import LineState

EVERY = 0.1
"""Seconds between two progress reports of one phase."""
RECENT = 10.0
"""Seconds that the rate looks back: long enough not to dance, short enough to be true now."""
LEAST = 1.0
"""Seconds before there is a rate at all."""
_SAMPLE = 0.25


class Phase(StrEnum):
    """What the upload is doing."""

    READING = "reading"
    SENDING = "sending"
    WAITING = "waiting"
    """The server asked for patience, or does not answer; it will be tried again."""
    PAUSED = "paused"
    """Somebody wants it to stand still."""
    FINISHING = "finishing"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload has come.

    Attributes:
        phase: what it is doing.
        done: lines dealt with, in whatever way.
        total: lines in all; 0 while still reading.
        recorded: recorded by this upload.
        rejected: the server says no.
        unknown: sent without an answer, and nobody can be asked.
        held: damaged, never sent.
        skipped: recorded by an earlier upload.
        rate: lines dealt with per second, lately; 0 while that is not known.
        seconds_left: how long the rest takes at that rate; ``None`` while that is not known.
        wait_seconds: while waiting, how long until the next try.
        problem: while waiting, why, in words for a librarian.
    """

    phase: Phase
    done: int
    total: int
    recorded: int = 0
    rejected: int = 0
    unknown: int = 0
    held: int = 0
    skipped: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    wait_seconds: float = 0.0
    problem: str = ""

    @property
    def left(self) -> int:
        """Lines still to be dealt with."""
        return self.total - self.done

    @property
    def exceptions(self) -> int:
        """Lines that leave something to do: rejected, unknown, held."""
        return self.rejected + self.unknown + self.held


class ProgressTally:
    """Counts lines by state and tells whoever wants to know.

    Args:
        tell: called with how far it is.
        clock: seconds, ever rising.
    """

    def __init__(
        self,
        tell: Callable[[Progress], None] | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._phase = Phase.READING
        self._counts = dict.fromkeys(LineState, 0)
        self._told = -EVERY
        self._samples: deque[tuple[float, int]] = deque()
        self._wait_seconds = 0.0
        self._problem = ""

    def start(self, counts: Mapping[LineState, int]) -> None:
        """Begin with these counts."""
        self._counts.update(counts)
        self._samples.clear()

    def move(self, before: LineState, after: LineState, lines: int = 1) -> None:
        """Lines have come from one state into another."""
        self._counts[before] -= lines
        self._counts[after] += lines

    def phase(self, phase: Phase, wait_seconds: float = 0.0, problem: str = "") -> None:
        """The upload does something else now, or still the same.

        Args:
            phase: what.
            wait_seconds: while waiting, how long until the next try.
            problem: while waiting, why.
        """
        self._wait_seconds, self._problem = wait_seconds, problem
        if phase is not self._phase:
            if Phase.PAUSED in (phase, self._phase):
                # A pause is nobody's slowness.
                self._samples.clear()
            self._phase = phase
            self.tell(now=True)

    def tell(self, *, now: bool = False) -> None:
        """Tell, if the last time was long enough ago or it must be now."""
        if self._tell is None:
            return
        moment = self._clock()
        if now or moment - self._told >= EVERY:
            self._told = moment
            self._tell(self.progress())

    def progress(self) -> Progress:
        """How far it has come."""
        counts = self._counts
        total = sum(counts.values())
        done = total - counts[LineState.PLANNED] - counts[LineState.SENDING]
        rate = self._rate(done) if total else 0.0
        return Progress(
            self._phase,
            done,
            total,
            counts[LineState.RECORDED],
            counts[LineState.REJECTED],
            counts[LineState.UNKNOWN],
            counts[LineState.HELD],
            counts[LineState.SKIPPED],
            rate,
            (total - done) / rate if rate else None,
            self._wait_seconds,
            self._problem,
        )

    def _rate(self, done: int) -> float:
        """Lines per second over the last seconds."""
        samples, moment = self._samples, self._clock()
        if not samples or moment - samples[-1][0] >= _SAMPLE:
            samples.append((moment, done))
        # The oldest one kept is the last that is no younger than the window.
        while len(samples) > 1 and samples[1][0] <= moment - RECENT:
            samples.popleft()
        passed = moment - samples[0][0]
        return (done - samples[0][1]) / passed if passed >= LEAST else 0.0
