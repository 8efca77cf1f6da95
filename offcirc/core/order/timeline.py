"""The records of several desks in one order: the order in which things happened, as far as known.

A bare OffCirc.dat tells minutes and its own order; a desk's manifest or journal tells the
thousandth of a second. So each line has a stretch of time in which it happened: a moment, or a
minute. What the merge promises:

- lines of one file never change their order, even where that desk's clock went back;
- a line whose stretch ends before another's begins comes before it;
- where the stretches overlap, across desks, nothing tells which came first. What the referent has
  chosen holds; else a return comes before a loan, and a loan waits while another desk still has a
  return of the same item then: an item handed from desk to desk was returned before it was lent
  again. Where that guess matters, it is told as an :class:`Ambiguity`;
- what remains equal is ordered by content, so that the result depends neither on the order in
  which the files are given nor on what they are called.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from offcirc.core.order.contest import Contest, Run
from offcirc.core.transaction import Record, made

T = TypeVar("T")

MINUTE = timedelta(minutes=1)
_LAST = timedelta(seconds=59, milliseconds=999)

Choices = Mapping[bytes, Collection[bytes]]
"""For the key of a line, the keys of the lines that come before it because somebody said so."""


class Line(NamedTuple, Generic[T]):
    """A line of a desk's file.

    Attributes:
        record: what it says.
        extra: whatever belongs to it.
        exact: when it was recorded by the desk's clock, naive local time to the millisecond;
            ``None`` when only the minute is known.
        seconds: what is to be added to its time, on top of the desk's offset.
        key: its name in choices; may be empty.
    """

    record: Record
    extra: T
    exact: datetime | None = None
    seconds: float = 0
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class DeskRecords(Generic[T]):
    """One desk's part.

    Attributes:
        lines: each line of the desk's file in its order.
        digest: of the file's content; the last tie rule. Two desks of equal digest have equal
            lines.
        offset: seconds to add to the desk's times, when its clock was wrong.
    """

    lines: Iterable[Line[T]]
    digest: bytes = b""
    offset: float = 0


class Placed(NamedTuple, Generic[T]):
    """A line in the one order.

    Attributes:
        desk: the index of its desk among those given.
        at: when it happened, corrected by the offset; naive local time, the beginning of the
            minute when only that is known.
        exact: whether ``at`` is the moment itself.
        record: the record as its file states it.
        extra: what came with it.
        key: its name in choices.
    """

    desk: int
    at: datetime
    exact: bool
    record: Record
    extra: T
    key: bytes

    @property
    def end(self) -> datetime:
        """The last moment at which it can have happened."""
        return self.at if self.exact else _shift(self.at, _LAST)


class Ambiguity(NamedTuple, Generic[T]):
    """Two lines of two desks about one item of which nobody knows which came first.

    Attributes:
        first: the one that was put first.
        second: the other one.
    """

    first: Placed[T]
    second: Placed[T]


def merge(
    desks: Sequence[DeskRecords[T]],
    *,
    choices: Choices | None = None,
    ambiguous: Callable[[Ambiguity[T]], None] | None = None,
) -> Iterator[Placed[T]]:
    """All lines of all desks in one order, read only as far as needed.

    Only the lines of one minute are held in memory at a time.

    Args:
        desks: each desk's part.
        choices: what somebody decided about lines of which nothing tells which came first.
        ambiguous: told each pair that needs such a decision, when its second line is reached.
    """
    if len(desks) == 1:
        # Its own order is the only one.
        yield from _placed(0, desks[0])
        return
    streams = [_Stream(index, desk) for index, desk in enumerate(desks)]
    choices = choices or {}
    watch = _Watch(ambiguous, choices) if ambiguous is not None else None
    delay = _Delay(streams, choices) if choices else None
    waiting = _Minutes(streams)
    while waiting.minutes:
        now = heapq.heappop(waiting.minutes)
        group = waiting.take(now)
        runs = [Run(stream.take(now), stream.tie, stream.index) for stream in group]
        if delay is not None:
            delay.look(runs)
        if watch is None:
            yield from runs[0].lines if len(runs) == 1 else Contest(runs, choices)
        elif len(runs) == 1:
            for placed in runs[0].lines:
                watch.see(placed, placed.at, placed.end)
                yield placed
        else:
            contest = Contest(runs, choices)
            # Lines that tell no more than this minute meet those of the same minute only.
            shared = contest.shared if contest.even and watch.alone(now, runs) else None
            if shared is not None and not shared:
                yield from contest
            for placed in contest if shared is None or shared else ():
                if shared is None or placed.record.item in shared:
                    watch.see(placed, *contest.between)
                yield placed
        if watch is not None:
            watch.end_of(now)
        for stream in group:
            waiting.add(stream)


def matters(first: Record, second: Record) -> bool:
    """Whether it makes a difference which of two lines about one item came first."""
    if first.operation is second.operation:
        return first.operation.lends and first.patron != second.patron
    return True


def _placed(index: int, desk: DeskRecords[T]) -> Iterator[Placed[T]]:
    offset = desk.offset
    for record, extra, exact, seconds, key in desk.lines:
        at = record.at if exact is None else exact
        if offset or seconds:
            at = _shift(at, timedelta(seconds=offset + seconds))
        yield made(Placed, (index, at, exact is not None, record, extra, key))


def _shift(at: datetime, offset: timedelta) -> datetime:
    try:
        return at + offset
    except OverflowError:
        return at


def _minute(placed: Placed[T]) -> datetime:
    """The minute a line is dealt with in: so none is before one that surely came earlier."""
    at = placed.at
    if at.second or at.microsecond:
        return at.replace(second=0, microsecond=0)
    return at


class _Stream(Generic[T]):
    """A desk's lines with a look at the next one.

    Attributes:
        minute: the minute of the next line; ``None`` at the end.
    """

    def __init__(self, index: int, desk: DeskRecords[T]) -> None:
        self.index = index
        self.tie = (desk.digest, desk.offset)
        self.minute: datetime | None = None
        self._rest = _placed(index, desk)
        self._next: Placed[T] | None = None
        self._put_off: deque[Placed[T]] = deque()
        self._step()

    def _step(self) -> None:
        self._next = next(self._rest, None)
        self.minute = None if self._next is None else _minute(self._next)

    def take(self, minute: datetime) -> list[Placed[T]]:
        """The lines up to the next one of another minute."""
        taken = list(self._put_off)
        self._put_off.clear()
        if taken:
            self.minute = None if self._next is None else _minute(self._next)
        placed, rest = self._next, self._rest
        while placed is not None and self.minute == minute:
            taken.append(placed)
            placed = next(rest, None)
            if placed is None or placed.at != taken[-1].at:
                self.minute = None if placed is None else _minute(placed)
        self._next = placed
        return taken

    def put_off(self, lines: Iterable[Placed[T]], until: datetime) -> None:
        """Give lines back that were taken last, to be dealt with in a later minute."""
        self._put_off.extend(lines)
        self.minute = until


class _Minutes(Generic[T]):
    """Which desks' next lines are of which minute.

    Attributes:
        minutes: each of these minutes once, a heap.
    """

    def __init__(self, streams: Iterable[_Stream[T]]) -> None:
        self.minutes: list[datetime] = []
        self._streams: dict[datetime, list[_Stream[T]]] = {}
        for stream in streams:
            self.add(stream)

    def add(self, stream: _Stream[T]) -> None:
        """A desk, unless it is at its end."""
        minute = stream.minute
        if minute is None:
            return
        there = self._streams.get(minute)
        if there is None:
            self._streams[minute] = [stream]
            heapq.heappush(self.minutes, minute)
        else:
            there.append(stream)

    def take(self, minute: datetime) -> list[_Stream[T]]:
        """The desks of a minute, in their order."""
        return sorted(self._streams.pop(minute), key=lambda stream: stream.index)


class _Delay(Generic[T]):
    """Puts lines off that must wait for one which is dealt with in the next minute.

    That can only be where an offset is no whole number of minutes.
    """

    def __init__(self, streams: Sequence[_Stream[T]], choices: Choices) -> None:
        self._streams = streams
        self._choices = choices
        self._firsts = {key for keys in choices.values() for key in keys}
        self._skewed = any(stream.tie[1] % 60 for stream in streams)
        self._met: set[bytes] = set()

    def look(self, runs: list[Run[T]]) -> None:
        """Take out of these runs what has to wait."""
        for run in runs:
            self._met.update(placed.key for placed in run.lines if placed.key in self._firsts)
        for run in list(runs):
            for place, placed in enumerate(run.lines):
                waits = set(self._choices.get(placed.key, ())) - self._met
                if waits and self._may_wait(placed):
                    # Once: it waits no longer than a minute, whatever is still to come.
                    self._met |= waits
                    until = _minute(placed) + MINUTE
                    self._streams[run.index].put_off(run.lines[place:], until)
                    del run.lines[place:]
                    break
            if not run.lines and len(runs) > 1:
                runs.remove(run)

    def _may_wait(self, placed: Placed[T]) -> bool:
        return self._skewed if placed.exact else placed.end >= _minute(placed) + MINUTE


class _Seen(NamedTuple, Generic[T]):
    """A line, and between which moments it happened."""

    placed: Placed[T]
    start: datetime
    end: datetime


class _Watch(Generic[T]):
    """Finds the pairs of lines that need a decision."""

    def __init__(self, tell: Callable[[Ambiguity[T]], None], choices: Choices) -> None:
        self._tell = tell
        self._choices = choices
        self._items: dict[str, _Seen[T]] = {}

    def see(self, placed: Placed[T], start: datetime, end: datetime) -> None:
        """The next line, and between which moments it happened."""
        record = placed.record
        seen = _Seen(placed, start, end)
        before = self._items.get(record.item)
        if (
            before is not None
            and matters(before.placed.record, record)
            and self._is_open(before, seen)
        ):
            self._tell(Ambiguity(before.placed, placed))
        self._items[record.item] = seen

    def alone(self, minute: datetime, runs: Sequence[Run[T]]) -> bool:
        """Whether lines of this minute can meet no line of another one."""
        return not self._items and all(run.lines[0].at == minute for run in runs)

    def end_of(self, minute: datetime) -> None:
        """No line of this minute comes any more; forget what cannot overlap later ones."""
        if self._items:
            over = _shift(minute, MINUTE)
            self._items = {name: seen for name, seen in self._items.items() if seen.end >= over}

    def _is_open(self, first: _Seen[T], second: _Seen[T]) -> bool:
        """Whether they are of two desks and nothing tells which came first."""
        if first.placed.desk == second.placed.desk:
            return False
        if second.start > first.end or first.start > second.end:
            return False
        one, other = first.placed.key, second.placed.key
        return one not in self._choices.get(other, ()) and other not in self._choices.get(one, ())
