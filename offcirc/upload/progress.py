"""How far an upload has come, told now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from offcirc.storage.ledgerrows import State

EVERY = 0.1
"""Seconds between two progress reports of one phase."""


class Phase(StrEnum):
    """What the upload is doing."""

    READING = "reading"
    SENDING = "sending"
    WAITING = "waiting"
    """The server asked for patience, or does not answer; it will be tried again."""
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
        unknown: sent without an answer.
        held: damaged, never sent.
        skipped: recorded by an earlier upload.
    """

    phase: Phase
    done: int
    total: int
    recorded: int = 0
    rejected: int = 0
    unknown: int = 0
    held: int = 0
    skipped: int = 0


class Tally:
    """Counts lines by state and tells whoever wants to know."""

    def __init__(self, tell: Callable[[Progress], None] | None) -> None:
        self._tell = tell
        self._phase = Phase.READING
        self._counts = dict.fromkeys(State, 0)
        self._told = -EVERY

    def start(self, counts: Mapping[State, int]) -> None:
        """Begin with these counts."""
        self._counts.update(counts)

    def move(self, before: State, after: State, lines: int = 1) -> None:
        """Lines have come from one state into another."""
        self._counts[before] -= lines
        self._counts[after] += lines

    def phase(self, phase: Phase) -> None:
        """The upload does something else now."""
        if phase is not self._phase:
            self._phase = phase
            self.tell(now=True)

    def tell(self, *, now: bool = False) -> None:
        """Tell, if the last time was long enough ago or it must be now."""
        if self._tell is None:
            return
        moment = time.monotonic()
        if now or moment - self._told >= EVERY:
            self._told = moment
            self._tell(self.progress())

    def progress(self) -> Progress:
        """How far it has come."""
        counts = self._counts
        total = sum(counts.values())
        return Progress(
            self._phase,
            total - counts[State.PLANNED] - counts[State.SENDING],
            total,
            counts[State.RECORDED],
            counts[State.REJECTED],
            counts[State.UNKNOWN],
            counts[State.HELD],
            counts[State.SKIPPED],
        )
