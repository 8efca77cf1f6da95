"""Lines of one minute from several desks: which goes first.

The rules are those of :mod:`offcirc.core.order.timeline`. Runs whose lines say no more than this
minute are sorted at once; only those in which a line may have to wait for another desk's, or of
which more is known, are played line by line: each costs the logarithm of their number.

**States of a run's next line.** ::

    entered ──no other run's next line surely ended before it began──► admitted ──best──► given out

Admitted lines are ranked: a return, a loan, a loan that waits (another run still has a return of
its item that can have come first), a line blocked by one that somebody has put before it. When what
it waited for has been given out, it is admitted anew with its new rank, and the entry of the old
one is worth nothing (``version``). Equal ranks go by item, patron, then content of the file.

**Why it always ends.** Waiting and blocked are ranks, not obstacles: when nothing better is
admitted, the best of those goes. So two desks that wait for each other, or choices that go round in
a circle or against a desk's own order, cost a guess and never a line.

**What must never happen.** Two lines of one run that change places. A line given out before another
that surely came earlier, whatever was chosen. A result that depends on the order of the desks.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

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
        moments = {placed.at for run in runs for placed in run.lines}
        exact = [placed.exact for run in runs for placed in run.lines]
        self.even = len(moments) == 1 and not any(exact)
        if not self.even:
            for run in runs:
                run.bound()
        self.shared = _shared(runs)
        self._returns: dict[str, list[tuple[int, datetime]]] = {}
        self._waiting: dict[str, list[Run[T]]] = {}
        self._unmet: set[bytes] = set()
        self._blocked: dict[bytes, list[Run[T]]] = {}
        self._rank: tuple[int, str, str, tuple[bytes, float], int] = (0, "", "", (b"", 0), 0)
        if self.shared or self._choices:
            for run in runs:
                self._note(run)
        self._heap: list[tuple[int, str, str, tuple[bytes, float], int, int]] = []
        self._first_ends: list[tuple[datetime, int, int]] = []
        self._later: list[tuple[datetime, int]] = []

    def __iter__(self) -> Iterator[Placed[T]]:
        return self._waited() if self._choices or not self.even else self._sorted()

    def _sorted(self) -> Iterator[Placed[T]]:
        """The usual case: all say the same minute, and nobody has decided anything."""
        calm = list(self._runs.values())
        if self._returns:
            self._runs = {
                run.index: run
                for run in calm
                if any(placed.record.item in self._returns for placed in run.lines)
            }
            calm = [run for run in calm if run.index not in self._runs]
        calm.sort(key=lambda run: (run.tie, run.index))
        lines, ranks, owners = _ranked(calm)
        order = iter(sorted(range(len(lines)), key=ranks.__getitem__))
        if self._returns:
            one = next(order, None)
            for placed in self._waited():
                kind, item, patron, *owner = self._rank
                before = [f"{kind}{item}\0{patron}", *owner]
                while one is not None and [ranks[one], *owners[one]] < before:
                    yield lines[one]
                    one = next(order, None)
                yield placed
            if one is not None:
                yield lines[one]
        for one in order:
            yield lines[one]

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
        shared = self.shared
        for place, placed in enumerate(run.lines):
            record = placed.record
            if record.item in shared and not record.operation.lends:
                start = placed.at if self.even else run.starts[place]
                self._returns.setdefault(record.item, []).append((run.index, start))
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
            kind, item, patron, tie, index, version = heapq.heappop(self._heap)
            run = self._runs[index]
            if run.version == version:
                self._rank = (kind, item, patron, tie, index)
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
        if not record.operation.lends and record.item in self.shared:
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
        if not record.operation.lends:
            return _RETURN
        if record.item not in self.shared:
            return _LOAN
        end = None if self.even else run.ends[run.place]
        for index, start in self._returns.get(record.item, ()):
            if index != run.index and (end is None or start <= end):
                self._waiting.setdefault(record.item, []).append(run)
                return _WAITING
        return _LOAN


def _ranked(
    runs: list[Run[T]],
) -> tuple[list[Placed[T]], list[str], list[tuple[tuple[bytes, float], int]]]:
    """All lines of runs; by what each is sorted; whose it is.

    A line goes after the highest of those above it in its run, and at once after it: by that it is
    sorted. No sign of a barcode comes before the one that ends it here.
    """
    lines: list[Placed[T]] = []
    ranks: list[str] = []
    owners: list[tuple[tuple[bytes, float], int]] = []
    for run in runs:
        highest = ""
        lines += run.lines
        owners += [(run.tie, run.index)] * len(run.lines)
        for placed in run.lines:
            _at, operation, item, patron = placed.record
            kind = _LOAN if operation.lends else _RETURN
            rank = f"{kind}{item}\0{patron}"
            highest = max(highest, rank)
            ranks.append(highest)
    return lines, ranks, owners


def _shared(runs: list[Run[T]]) -> set[str]:
    """The items that more than one desk has."""
    known: set[str] = set()
    shared: set[str] = set()
    for run in runs:
        own = {placed.record.item for placed in run.lines}
        shared |= known & own
        known |= own
    return shared
