"""Lines of one minute from several desks: which goes first.

The rules are those of :mod:`offcirc.core.order.timeline`. Each next line costs the logarithm of the
number of desks, so that two hundred desks are merged about as fast as two.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from offcirc.core.transaction import Operation

if TYPE_CHECKING:
    from offcirc.core.order.timeline import Placed

T = TypeVar("T")

_RETURN, _LOAN, _WAITING, _BLOCKED = range(4)


class Run(Generic[T]):
    """One desk's lines of one minute.

    Attributes:
        lines: the lines, in the desk's order.
        tie: what orders lines of which all else is equal.
        index: the desk's.
        place: which of the lines is next.
        version: goes up whenever the next line's rank may have changed.
        admitted: whether no other desk's line surely comes before the next one.
    """

    __slots__ = ("admitted", "ends", "index", "lines", "place", "starts", "tie", "version")

    def __init__(self, lines: list[Placed[T]], tie: tuple[bytes, float], index: int) -> None:
        self.lines = lines
        self.tie = tie
        self.index = index
        self.place = 0
        self.version = 0
        self.admitted = False
        self.starts: list[datetime] = []
        self.ends: list[datetime] = []

    @property
    def next(self) -> Placed[T]:
        """The next line."""
        return self.lines[self.place]

    def bound(self) -> None:
        """Find out between which moments each line happened, given those around it.

        A line cannot have happened before the one above it nor after the one below, so both
        bounds rise through the run; where the desk's clock went back, its order decides.
        """
        start = self.lines[0].at
        for placed in self.lines:
            start = max(start, placed.at)
            self.starts.append(start)
        end = self.lines[-1].end
        for placed, start in zip(reversed(self.lines), reversed(self.starts), strict=True):
            end = max(min(end, placed.end), start)
            self.ends.append(end)
        self.ends.reverse()


class Contest(Generic[T]):
    """The lines of several runs in one order; iterate it once.

    Attributes:
        between: the moments between which the last line given out has happened.
        even: all lines just say the same minute, so none of them is surely before another.
        shared: the items that more than one desk has.
    """

    def __init__(self, runs: list[Run[T]], choices: Mapping[bytes, Collection[bytes]]) -> None:
        first = runs[0].lines[0]
        self.between = (first.at, first.end)
        self._runs = {run.index: run for run in runs}
        # Nearly all minutes hold no line that somebody has decided about.
        self._choices = choices and {
            placed.key: choices[placed.key]
            for run in runs
            for placed in run.lines
            if placed.key in choices
        }
        self.even = len({placed.at for run in runs for placed in run.lines}) == 1 and not any(
            placed.exact for run in runs for placed in run.lines
        )
        if not self.even:
            for run in runs:
                run.bound()
        self.shared = _shared(runs)
        self._returns: dict[str, list[tuple[int, datetime]]] = {}
        self._waiting: dict[str, list[Run[T]]] = {}
        self._unmet: set[bytes] = set()
        self._blocked: dict[bytes, list[Run[T]]] = {}
        for run in runs:
            self._note(run)
        self._heap: list[tuple[int, str, str, tuple[bytes, float], int, int]] = []
        self._first_ends: list[tuple[datetime, int, int]] = []
        self._later: list[tuple[datetime, int]] = []

    def __iter__(self) -> Iterator[Placed[T]]:
        return self._waited() if self._choices or self._returns or not self.even else self._plain()

    def _plain(self) -> Iterator[Placed[T]]:
        """The usual case: no line has to wait for one of another desk."""
        heap = [(*_rank(run.lines[0]), run.tie, run.index, run) for run in self._runs.values()]
        heapq.heapify(heap)
        while heap:
            *_, tie, index, run = heap[0]
            lines, place = run.lines, run.place
            yield lines[place]
            run.place = place = place + 1
            if place < len(lines):
                heapq.heapreplace(heap, (*_rank(lines[place]), tie, index, run))
            else:
                heapq.heappop(heap)

    def _waited(self) -> Iterator[Placed[T]]:
        for run in self._runs.values():
            self._enter(run)
        left = sum(len(run.lines) for run in self._runs.values())
        for _ in range(left):
            run = self._best()
            placed = run.next
            self._leave(run, placed)
            yield placed

    def _note(self, run: Run[T]) -> None:
        """What others have to wait for."""
        for place, placed in enumerate(run.lines):
            if placed.record.operation is Operation.RETURN and placed.record.item in self.shared:
                start = placed.at if self.even else run.starts[place]
                self._returns.setdefault(placed.record.item, []).append((run.index, start))
            if self._choices and placed.key:
                self._unmet.add(placed.key)

    def _enter(self, run: Run[T]) -> None:
        """The next line of a run joins in."""
        run.version += 1
        if self.even:
            self._admit(run)
            return
        run.admitted = False
        heapq.heappush(self._first_ends, (run.ends[run.place], run.index, run.place))
        heapq.heappush(self._later, (run.starts[run.place], run.index))

    def _admit(self, run: Run[T]) -> None:
        run.admitted = True
        record = run.next.record
        entry = (self._kind(run), record.item, record.patron, run.tie, run.index, run.version)
        heapq.heappush(self._heap, entry)

    def _best(self) -> Run[T]:
        """The run whose next line goes first. What is settled by time is admitted one by one."""
        if not self.even:
            ends = self._first_ends
            while ends[0][2] != self._runs[ends[0][1]].place:
                heapq.heappop(ends)
            while self._later and self._later[0][0] <= ends[0][0]:
                self._admit(self._runs[heapq.heappop(self._later)[1]])
        while True:
            *_rank, index, version = heapq.heappop(self._heap)
            run = self._runs[index]
            if run.version == version:
                return run

    def _leave(self, run: Run[T], placed: Placed[T]) -> None:
        """A line goes; the next one of its run joins in, and those that waited for it move up."""
        place = run.place
        if not self.even:
            self.between = (run.starts[place], run.ends[place])
        run.place += 1
        run.version += 1
        run.admitted = False
        record = placed.record
        released: list[Run[T]] = []
        if record.operation is Operation.RETURN and record.item in self.shared:
            start = placed.at if self.even else run.starts[place]
            self._returns[record.item].remove((run.index, start))
            released += self._waiting.pop(record.item, ())
        if self._choices:
            self._unmet.discard(placed.key)
            released += self._blocked.pop(placed.key, ())
        for other in released:
            if other.admitted:
                other.version += 1
                self._admit(other)
        if run.place < len(run.lines):
            self._enter(run)

    def _kind(self, run: Run[T]) -> int:
        placed = run.next
        if self._choices:
            for key in self._choices.get(placed.key, ()):
                if key in self._unmet:
                    self._blocked.setdefault(key, []).append(run)
                    return _BLOCKED
        record = placed.record
        if record.operation is Operation.RETURN:
            return _RETURN
        if record.item not in self.shared:
            return _LOAN
        end = None if self.even else run.ends[run.place]
        for index, start in self._returns.get(record.item, ()):
            if index != run.index and (end is None or start <= end):
                self._waiting.setdefault(record.item, []).append(run)
                return _WAITING
        return _LOAN


def _rank(placed: Placed[T]) -> tuple[int, str, str]:
    record = placed.record
    kind = _RETURN if record.operation is Operation.RETURN else _LOAN
    return kind, record.item, record.patron


def _shared(runs: list[Run[T]]) -> set[str]:
    """The items that more than one desk has."""
    owners: dict[str, int] = {}
    shared = set()
    for run in runs:
        for placed in run.lines:
            item = placed.record.item
            if owners.setdefault(item, run.index) != run.index:
                shared.add(item)
    return shared
