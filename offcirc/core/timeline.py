"""The records of several desks in one order: the order in which things happened, as far as known.

A desk's file tells minutes, and its own order. What the merge promises:

- lines of one file never change their order, even where that desk's clock went back;
- otherwise the earlier line comes first;
- within one minute, across desks, nothing tells which came first. A return comes before a loan
  then, and a loan waits while another desk still has a return of the same item in that minute:
  an item handed from desk to desk was returned before it was lent again;
- what remains equal is ordered by content, so that the result depends neither on the order in
  which the files are given nor on what they are called.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from offcirc.core.transaction import Operation, Record

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DeskRecords(Generic[T]):
    """One desk's part.

    Attributes:
        records: each record of the desk's file in its order, with whatever belongs to it.
        digest: of the file's content; the last tie rule. Two desks of equal digest have equal
            records.
        offset: seconds to add to the desk's times, when its clock was wrong.
    """

    records: Iterable[tuple[Record, T]]
    digest: bytes = b""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A record in the one order.

    Attributes:
        desk: the index of its desk among those given.
        at: when it happened, the desk's offset applied; naive local time.
        record: the record as its file states it.
        extra: what came with it.
    """

    desk: int
    at: datetime
    record: Record
    extra: T


def merge(desks: Sequence[DeskRecords[T]]) -> Iterator[Placed[T]]:
    """All records of all desks in one order, read only as far as needed.

    Only the lines of one minute are held in memory at a time.
    """
    if len(desks) == 1:
        # Its own order is the only one.
        yield from _placed(0, desks[0])
        return
    streams = [_Stream(index, desk) for index, desk in enumerate(desks)]
    heap = [(stream.at, stream.index) for stream in streams if stream.at is not None]
    heapq.heapify(heap)
    while heap:
        now = heap[0][0]
        group = []
        while heap and heap[0][0] == now:
            group.append(streams[heapq.heappop(heap)[1]])
        runs = [_Run(stream.take(now), stream.tie, stream.index) for stream in group]
        yield from _interleave(runs)
        for stream in group:
            if stream.at is not None:
                heapq.heappush(heap, (stream.at, stream.index))


def _placed(index: int, desk: DeskRecords[T]) -> Iterator[Placed[T]]:
    offset = timedelta(seconds=desk.offset)
    for record, extra in desk.records:
        yield Placed(index, _shift(record.at, offset), record, extra)


def _shift(at: datetime, offset: timedelta) -> datetime:
    if not offset:
        return at
    try:
        return at + offset
    except OverflowError:
        return at


class _Stream(Generic[T]):
    """A desk's records with a look at the next one."""

    def __init__(self, index: int, desk: DeskRecords[T]) -> None:
        self.index = index
        self.tie = (desk.digest, desk.offset)
        self._rest = _placed(index, desk)
        self._next = next(self._rest, None)

    @property
    def at(self) -> datetime | None:
        """The time of the next record; ``None`` at the end."""
        return None if self._next is None else self._next.at

    def take(self, at: datetime) -> deque[Placed[T]]:
        """The records up to the next one of another time."""
        taken: deque[Placed[T]] = deque()
        while self._next is not None and self._next.at == at:
            taken.append(self._next)
            self._next = next(self._rest, None)
        return taken


@dataclass(slots=True)
class _Run(Generic[T]):
    """One desk's records of one minute."""

    records: deque[Placed[T]]
    tie: tuple[bytes, int]
    index: int
    returns: Counter[str] | None = None

    def count_returns(self) -> Counter[str]:
        """How often each item is still to be returned here."""
        self.returns = Counter(
            placed.record.item
            for placed in self.records
            if placed.record.operation is Operation.RETURN
        )
        return self.returns


def _interleave(runs: list[_Run[T]]) -> Iterator[Placed[T]]:
    if len(runs) == 1:
        yield from runs[0].records
        return
    waiting: Counter[str] = Counter()
    for run in runs:
        waiting.update(run.count_returns())
    while runs:
        run = min(runs, key=lambda candidate: _rank(candidate, waiting))
        placed = run.records.popleft()
        if placed.record.operation is Operation.RETURN:
            waiting[placed.record.item] -= 1
            assert run.returns is not None
            run.returns[placed.record.item] -= 1
        if not run.records:
            runs.remove(run)
        yield placed


def _rank(run: _Run[T], waiting: Counter[str]) -> tuple[int, str, str, tuple[bytes, int], int]:
    """The smallest goes first. The index decides only between equal files."""
    record = run.records[0].record
    if record.operation is Operation.RETURN:
        kind = 0
    else:
        assert run.returns is not None
        elsewhere = waiting[record.item] - run.returns[record.item]
        kind = 2 if elsewhere else 1
    return kind, record.item, record.patron, run.tie, run.index
