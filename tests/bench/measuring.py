"""What the benchmarks share: samples, their summary, and the row of the table they end in."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[2]
SCRATCH = TOP / "bench-output"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        what: what was measured.
        value: the median, or the one figure there is, in ``unit``.
        unit: such as ``ms``, ``MB``, ``lines/s``.
        p99: the 99th percentile in ``unit``, where there are samples enough to tell.
        floor: what the same machine needed for the bare minimum, measured in the same run.
        floor_name: what that minimum is.
        at_most: the aim for the ratio to the floor; where there is no floor, for the value.
        at_least: the aim for the value, where more is better.
    """

    what: str
    value: float
    unit: str
    p99: float | None = None
    floor: float | None = None
    floor_name: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the floor."""
        return self.value / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; ``None`` without an aim."""
        if self.at_least is not None:
            return self.value >= self.at_least
        if self.at_most is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.at_most

    def facts(self) -> dict[str, Any]:
        """The row for a JSON file."""
        return asdict(self) | {"ratio": self.ratio, "met": self.met}


def compared(
    what: str,
    samples: Sequence[float],
    unit: str,
    floor: Sequence[float],
    floor_name: str,
    at_most: float | None = None,
) -> Row:
    """A row from the samples of a thing and of its floor, both in ``unit``."""
    return Row(
        what=what,
        value=statistics.median(samples),
        unit=unit,
        p99=p99(samples),
        floor=statistics.median(floor),
        floor_name=floor_name,
        at_most=at_most,
    )


def p99(samples: Sequence[float]) -> float | None:
    """The 99th percentile; ``None`` of fewer than a hundred samples."""
    if len(samples) < 100:
        return None
    return statistics.quantiles(samples, n=100)[98]


def milliseconds(action: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter_ns()
    action()
    return (time.perf_counter_ns() - start) / 1e6


class BareAppend:
    """The least that makes 50 bytes durable: append them to an open file, flush it to the disk."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __call__(self) -> None:
        os.write(self._file, b"x" * 49 + b"\n")
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def in_turn(rounds: int, actions: Sequence[Callable[[int], object]]) -> list[list[float]]:
    """Milliseconds of each action, round after round, each round starting with the next action.

    Whatever else the machine does meanwhile then falls on all of them alike, and none profits
    from its place.
    """
    samples: list[list[float]] = [[] for _ in actions]
    for number in range(rounds):
        for step in range(len(actions)):
            which = (number + step) % len(actions)
            samples[which].append(milliseconds(lambda: actions[which](number)))  # noqa: B023
    return samples


# For a Python of its own: the most memory that process ever held, in MB. Linux's getrusage counts
# what the process that started it held at that moment, so the kernel's own mark is read there.
PEAK_MEMORY = """
def peak_memory():
    import re, sys
    try:
        with open("/proc/self/status") as status:
            return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read())[1]) * 1024 / 1e6
    except OSError:
        import resource
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak * (1 if sys.platform == "darwin" else 1024) / 1e6
"""
