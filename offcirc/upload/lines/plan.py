"""From files to lines in one order, each with its key: what is to be sent, and what is held.

Files are read twice: once for their digest, once for their lines, never whole. A file whose
content was given before under another name is planned once, and so is an earlier copy of a file.
What people decided about lines and clocks is applied here, and only here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from offcirc.core.dat import datfile
from offcirc.core.dat.datfile import Entry
from offcirc.core.fingerprint import Twins
from offcirc.core.order.clockfix import ClockCorrection, Trust
from offcirc.core.order.timeline import Ambiguity, DeskRecords, Line, Placed, merge
from offcirc.core.transaction import made
from offcirc.disk.errors import StorageError
from offcirc.storage.copies.linetimes import LineTimes, read_times
from offcirc.storage.copies.manifest import ManifestError
from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts, LineState
from offcirc.upload.base.errors import (
    FileChangedError,
    NoFilesError,
    NotOffCircError,
    UnreadableFileError,
)
from offcirc.upload.base.reasons import ALIKE, SAME_LINE
from offcirc.upload.lines.collect import look
from offcirc.upload.lines.copies import settle_copies
from offcirc.upload.lines.datread import (
    Hashing,
    Keyed,
    Reopened,
    exact_of,
    keyed,
    open_dat,
    reading,
)
from offcirc.upload.lines.decided import NOTHING, Decided, DecidedClock
from offcirc.upload.lines.source import CollectedFile, SourceState, short_names

if TYPE_CHECKING:
    from offcirc.upload.lines.kept import FileLines

__all__ = ["Extra", "Pair", "Plan", "make_plan", "short_names"]

_BUFFERS = 8 << 20
"""Bytes that all files together may have read ahead."""
_SMALLEST = 1 << 13
_HELD, _PLANNED = LineState.HELD, LineState.PLANNED
_MANY = 64
"""More files than that are not kept open all the while."""


class Extra(NamedTuple):
    """What a line brings along through the merge.

    Attributes:
        number: its number in its file, from 1.
        key: its own, by which decisions know it.
        sent_key: the key it is sent with; another one when it was corrected.
        reason: why it is not sent; empty when it is.
        decision: the decision that holds for it; 0 when there is none.
    """

    number: int
    raw: bytes
    key: bytes
    sent_key: bytes
    reason: str
    decision: int


class Pair(NamedTuple):
    """Two lines of two desks of which nothing tells which came first.

    Attributes:
        first: the line that was put first, and the index of its file.
        second: the other one.
    """

    first: Placed[Extra]
    second: Placed[Extra]


@dataclass(frozen=True, slots=True)
class Plan:
    """Files that can be uploaded.

    Attributes:
        files: the files, in the order given; an index into them names a line's file.
        sources: the same, with all that is known of them.
        offsets: what to add to each file's times, in seconds, as said for this plan.
        decided: what people decided.
        kept: by a file's index, its lines, where they are kept in memory.
        pairs: the pairs of lines that need a decision; complete once :meth:`lines` was read to
            its end, begun anew each time.
    """

    files: tuple[FileFacts, ...]
    sources: tuple[CollectedFile, ...] = ()
    offsets: tuple[float, ...] = ()
    decided: Decided = NOTHING
    kept: Mapping[int, FileLines] = field(default_factory=dict, compare=False)
    pairs: list[Pair] = field(default_factory=list, compare=False)

    def lines(self) -> Iterator[LineFacts]:
        """Every line that is not blank, in the order in which they are to be sent.

        A line that cannot be read has no time; it comes when its file has been read so far. One
        that stands in several files is skipped where it comes again.

        Raises:
            UnreadableFileError: a file cannot be read any more.
            FileChangedError: a file is not what it was when the plan was made.
        """
        held: deque[LineFacts] = deque()
        self.pairs.clear()
        indexes = [index for index, file in enumerate(self.files) if not file.same_as]
        chunk = max(_SMALLEST, _BUFFERS // max(1, len(indexes)))

        def note(pair: Ambiguity[Extra]) -> None:
            # A line that is not sent needs no place in the order.
            if not pair.first.extra.reason and not pair.second.extra.reason:
                first, second = (
                    one._replace(desk=indexes[one.desk]) for one in (pair.first, pair.second)
                )
                self.pairs.append(Pair(first, second))

        with ExitStack() as stack:
            keep = stack if len(indexes) <= _MANY else None
            desks = [_Desk(index, self, keep, chunk, held).records() for index in indexes]
            twin_of = Twins().see if len(desks) > 1 else None
            for placed in merge(desks, choices=self.decided.choices, ambiguous=note):
                while held:
                    yield held.popleft()
                line = _planned(indexes[placed.desk], placed)
                if twin_of is not None and not line.reason:
                    twin = twin_of(line.key, line.file)
                    if twin is not None:
                        reason = SAME_LINE if twin.sure else ALIKE
                        line = line._replace(state=LineState.SKIPPED, reason=reason, twin=twin.file)
                yield line
            yield from held


def make_plan(
    given: Sequence[Path] | Sequence[CollectedFile],
    *,
    offsets: Mapping[str, float] | None = None,
    decisions: Decided = NOTHING,
) -> Plan:
    """Look at the files to be uploaded: can they be read, are they OffCirc.dat files?

    Args:
        given: the files, or what collecting has found. What was collected is not looked at again:
            reading its lines notices when it has changed.
        offsets: by name or path, seconds to add to the times of a file whose PC's clock was wrong,
            on top of what the desk itself has measured and what was decided.
        decisions: what people decided, see :func:`offcirc.upload.lines.decided.decided`.

    Raises:
        NoFilesError: none was given.
        UnreadableFileError: one cannot be read.
        NotOffCircError: one is something else.
    """
    if not given:
        raise NoFilesError
    sources = _sources(given)
    offsets = offsets or {}
    by_hand = tuple(
        float(offsets.get(source.name, offsets.get(str(source.path), 0))) for source in sources
    )
    files = tuple(
        FileFacts(
            source.name,
            str(source.path.absolute()),
            source.sha256,
            source.size,
            same_as=source.same_as,
            library=source.identity.library,
            circulation_desk=source.identity.circulation_desk,
            desk_name=source.identity.desk_name,
            told_by=source.told_by,
            decided=_digest(source, seconds, decisions),
        )
        for source, seconds in zip(sources, by_hand, strict=True)
    )
    return Plan(files, sources, by_hand, decisions)


def _sources(given: Sequence[Path] | Sequence[CollectedFile]) -> tuple[CollectedFile, ...]:
    paths = [one for one in given if isinstance(one, Path)]
    if paths:
        return settle_copies(
            [look(path, name) for path, name in zip(paths, short_names(paths), strict=True)]
        )
    sources = [one for one in given if isinstance(one, CollectedFile)]
    for source in sources:
        if source.state is SourceState.NOT_OFFCIRC:
            raise NotOffCircError(source.name, source.reason)
        if source.state is SourceState.UNREADABLE:
            raise UnreadableFileError(source.name, source.reason)
    # Some of those that were collected may have been left out since.
    return settle_copies(sources)


def _digest(source: CollectedFile, seconds: float, decisions: Decided) -> str:
    """Stands for what was decided about a file, so that plans can be told apart."""
    said = ""
    if decisions and not source.same_as:
        stream, _head = open_dat(source.path, source.name)
        with stream, reading(source.name):
            lines = keyed(Hashing(stream), _now(), times_of(source))
            names = ((line.entry.number, line.key, line.plain) for line in lines)
            said = decisions.digest(names, source.mark)
    return f"{said}{seconds:+g}" if seconds else said


def keyed_lines(plan: Plan, index: int, times: LineTimes | None) -> Iterator[Keyed]:
    """Every line of a file of a plan that is not blank, with its key.

    Raises:
        UnreadableFileError: it cannot be read any more.
        FileChangedError: it is not what it was when the plan was made.
    """
    file = plan.files[index]
    stream, _head = open_dat(plan.sources[index].path, file.name)
    with stream, reading(file.name):
        hashing = Hashing(stream)
        yield from keyed(hashing, _now(), times)
        if hashing.hexdigest() != file.sha256:
            raise FileChangedError(file.name)


def glanced_lines(plan: Plan, index: int) -> Iterator[tuple[list[str], list[Entry]]]:
    """The lines of a file of a plan as :func:`~offcirc.core.dat.datfile.glanced` tells them.

    Raises:
        UnreadableFileError: it cannot be read any more.
        FileChangedError: it is not what it was when the plan was made.
    """
    file = plan.files[index]
    stream, _head = open_dat(plan.sources[index].path, file.name)
    with stream, reading(file.name):
        hashing = Hashing(stream)
        yield from datfile.glanced(hashing, _now())
        if hashing.hexdigest() != file.sha256:
            raise FileChangedError(file.name)


def times_of(source: CollectedFile) -> LineTimes | None:
    """What is told of a file's lines, unless that has gone or is about something else by now."""
    if source.times is None:
        return None
    try:
        return read_times(source.times)
    except (ManifestError, StorageError):
        return None


class _Desk:
    """One file of a plan, being read."""

    def __init__(
        self,
        index: int,
        plan: Plan,
        stack: ExitStack | None,
        chunk: int,
        held: deque[LineFacts],
    ) -> None:
        """Open it; kept open by ``stack``, or opened anew for each piece when there is none."""
        self._index = index
        self._file = plan.files[index]
        self._source = plan.sources[index]
        self._decided = plan.decided
        self._clock: DecidedClock = plan.decided.clock(self._source.mark)
        self._offset = plan.offsets[index] + self._clock.seconds
        self._held = held
        self._kept = plan.kept.get(index)
        if self._kept is not None:
            return
        stream, _head = open_dat(self._source.path, self._source.name)
        if stack is None:
            stream.close()
            self._stream = Hashing(Reopened(self._source.path), chunk=chunk)
        else:
            self._stream = Hashing(stack.enter_context(stream), chunk=chunk)

    def records(self) -> DeskRecords[Extra]:
        """Its part of the merge."""
        return DeskRecords(self._lines(), bytes.fromhex(self._file.sha256), self._offset)

    def _lines(self) -> Iterator[Line[Extra]]:
        kept = self._kept
        times = times_of(self._source) if kept is None else kept.times
        fixes = _Fixes(times, self._clock.trust)
        decided = self._decided
        plain_way = times is None and not decided.about_lines and not decided.choices
        with reading(self._file.name):
            # Doubts, such as a time in the future, do not keep a line from being sent.
            lines = keyed(self._stream, _now(), times) if kept is None else kept.keyed
            for entry, key, plain in lines:
                fate = None
                if decided.about_lines and decided.concerns(key, plain, entry.record):
                    fate = decided.fate(key, entry.record, plain, entry.number)
                record = entry.record if fate is None else fate.record
                if record is None:
                    decision = 0 if fate is None else fate.decision
                    reason = "" if fate is None else fate.reason
                    self._held.append(_held(self._index, entry, key, reason, decision))
                    continue
                if plain_way:
                    extra = made(Extra, (entry.number, entry.raw, key, key, "", 0))
                    yield made(Line, (record, extra, None, 0.0, key))
                    continue
                exact = None if times is None else exact_of(times, entry)
                # A time that somebody has put right, or the desk has stated, is right, whatever the
                # desk's clock was.
                timed = fate is not None and fate.timed
                if timed:
                    exact = None
                elif times is not None and (times.acts or times.stated):
                    record = times.meant(entry.number, record)
                    timed = entry.number in times.stated
                    exact = None if timed else exact
                if fate is None:
                    extra = Extra(entry.number, entry.raw, key, key, "", 0)
                else:
                    extra = Extra(
                        entry.number, entry.raw, key, fate.key, fate.reason, fate.decision
                    )
                seconds = fixes.at(entry.number) if exact is not None else 0.0
                if timed:
                    seconds = -self._offset
                if decided.choices:
                    key = decided.choice(key, plain, entry.number)  # noqa: PLW2901
                yield Line(record, extra, exact, seconds, key)
        if kept is None and self._stream.hexdigest() != self._file.sha256:
            raise FileChangedError(self._file.name)


class _Fixes:
    """What a desk has measured that is to be added to each line's time, line after line."""

    def __init__(self, times: LineTimes | None, trust: Trust) -> None:
        self._left = deque(times.corrections[trust] if times is not None else ())

    def at(self, number: int) -> float:
        """For a line; ask for the lines in their order."""
        while self._left and self._left[0].last < number:
            self._left.popleft()
        fix: ClockCorrection | None = self._left[0] if self._left else None
        return fix.seconds if fix is not None and fix.first <= number else 0.0


def _held(index: int, entry: Entry, key: bytes, reason: str, decision: int) -> LineFacts:
    reason = reason or (entry.problem.value if entry.problem is not None else "")
    return LineFacts(
        *(index, entry.number, entry.raw, "", "", "", "", key, LineState.HELD, reason),
        decision=decision,
    )


def _planned(index: int, placed: Placed[Extra]) -> LineFacts:
    _desk, at, exact, record, extra, _key = placed
    _at, operation, item, patron = record
    number, raw, _own, sent_key, reason, decision = extra
    state = _HELD if reason else _PLANNED
    told = at.isoformat(timespec="milliseconds") if exact else ""
    return made(
        LineFacts,
        (
            *(index, number, raw, _iso(at), operation._value_, item),
            patron if operation.lends else "",
            *(sent_key, state, reason, told, decision, -1),
        ),
    )


@lru_cache(1024)
def _iso(at: datetime) -> str:
    """Many lines share a minute."""
    return at.isoformat(timespec="minutes")


def _now() -> datetime:
    return datetime.now()  # noqa: DTZ005 - the PC's local time is meant
