"""Which lines go to a library system in which file and in which order, and which stay behind.

Alma takes a file for one circulation desk at a time, and applies what happened to an item in the
order in which it comes: a return after the next loan is refused. An item that went from desk to
desk and back therefore needs two files of the first desk, one before and one after that of the
other. The fewest files that keep every item's order are wanted (:func:`desk_parts`). The order of
a reader's loans does not matter: Alma takes offline loans whatever a reader has borrowed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, permutations
from typing import NamedTuple

from offcirc.core.answers import Reason
from offcirc.core.dat.datline import encode
from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import NotRecordableError, Operation, Record
from offcirc.servers.files.target import FileTarget, Known
from offcirc.servers.protocol import Event
from offcirc.storage.copies.linetimes import ToldBy
from offcirc.storage.ledger import handovers
from offcirc.storage.ledger.alike import Found
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts, LineRow, LineState
from offcirc.upload.base import reasons
from offcirc.upload.handover.handovererrors import NoDeskError
from offcirc.upload.lines.events import event_of
from offcirc.upload.lines.plan import Plan

_ANSWERED = (Reason.NOT_ON_LOAN, Reason.LATER_ACTION)
"""Refusals after which the system has nothing more to say of a line."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file to be written.

    Attributes:
        desk: the circulation desk.
        library: the library's name; may be empty.
        lines: the lines of the file, in its order.
        left_out: lines of the desk that are in none of its files; they are told of in the first.
        content: the file.
        suffix: what its name ends in.
    """

    desk: str
    library: str
    lines: tuple[LineFacts, ...]
    left_out: tuple[LineFacts, ...]
    content: bytes
    suffix: str


def parts_of(
    plan: Plan,
    ledger: Ledger,
    target: FileTarget,
    *,
    desk: str,
    again: bool,
    known: Known | None = None,
) -> list[FilePart]:
    """The files to write; the lines left out are with the first file of their desk.

    A desk of which no line can be handed over has a part without lines if some are held back.
    """
    told = [identity_of(file) for file in plan.files]
    if target.by_desk:
        desks = [identity.circulation_desk or desk for identity in told]
    else:
        desks = [desk for _file in told]
    lines = _judged(plan, ledger, target, again=again, known=known)
    nobodys = {line.file for line in lines if not desks[line.file]}
    if nobodys and target.by_desk:
        raise NoDeskError(", ".join(plan.files[file].name for file in sorted(nobodys)))
    to_write = [line for line in lines if line.state is LineState.PLANNED]
    left_out: dict[str, list[LineFacts]] = {}
    for line in lines:
        if line.state is not LineState.PLANNED:
            left_out.setdefault(desks[line.file], []).append(line)
    libraries = _libraries(told, desks)
    parts = []
    happenings = [Happening(desks[line.file], line.item) for line in to_write]
    for part in desk_parts(happenings):
        chosen = [to_write[place] for place in part.places]
        events = [event_of(line, plan.files) for line in chosen]
        line_of = {id(event): line for event, line in zip(events, chosen, strict=True)}
        for file in target.write(events, known)[0]:
            rest = tuple(left_out.pop(part.desk, ()))
            held = tuple(line_of[id(event)] for event in file.events)
            of = libraries[part.desk]
            parts.append(FilePart(part.desk, of, held, rest, file.content, target.suffix))
    parts += [
        FilePart(code, libraries[code], (), tuple(rest), b"", target.suffix)
        for code, rest in left_out.items()
        if any(line.state is not LineState.SKIPPED for line in rest)
    ]
    return parts


def _judged(
    plan: Plan, ledger: Ledger, target: FileTarget, *, again: bool, known: Known | None
) -> list[LineFacts]:
    """The lines, with those skipped, refused or held that no file is to hold."""
    lines = list(plan.lines())
    keys = [line.key for line in lines if line.state is LineState.PLANNED]
    earlier = {} if again else handovers.known(ledger, target.identity, keys)
    events: dict[int, Event] = {}
    for place, line in enumerate(lines):
        if line.state is not LineState.PLANNED:
            continue
        if reason := _earlier(earlier, line.key):
            lines[place] = line._replace(state=LineState.SKIPPED, reason=reason)
        elif problem := _unwritable(line):
            lines[place] = line._replace(state=LineState.HELD, reason=problem)
        elif target.proves and (unknown := _unknown(line, known or Known())):
            lines[place] = line._replace(state=LineState.REJECTED, reason=unknown)
        else:
            events[place] = event_of(line, plan.files)
    unfit = {id(one.event): one.why for one in target.write(list(events.values()), known)[1]}
    for place, event in events.items():
        if id(event) in unfit:
            held = lines[place]._replace(state=LineState.HELD, reason=unfit[id(event)].value)
            lines[place] = held
    return lines


def _unknown(line: LineFacts, known: Known) -> str:
    """What of a line the library system does not know; empty if it knows all."""
    if line.item not in known.items:
        return Reason.ITEM_UNKNOWN
    loan = Operation(line.operation).lends
    return Reason.PATRON_UNKNOWN if loan and line.patron not in known.patrons else ""


def _earlier(known: Mapping[bytes, Found], key: bytes) -> str:
    """Why a line is not handed over once more; empty if it is."""
    if key not in known:
        return ""
    (state, reason), sure = known[key]
    if state is LineState.REJECTED and reason not in _ANSWERED:
        # Refused for want of its item or reader: there may be one by now.
        return ""
    if not sure:
        return reasons.ALIKE
    return reasons.ALREADY_RECORDED if state is LineState.RECORDED else reasons.ALREADY_HANDED_OVER


def _unwritable(line: LineFacts) -> str:
    """Why no file can state a line; empty if one can."""
    try:
        encode(record_of(line))
    except NotRecordableError as error:
        return error.problem.value
    return ""


def record_of(line: LineFacts | LineRow) -> Record:
    """The loan or return that a line states."""
    return Record(
        datetime.fromisoformat(line.minute), Operation(line.operation), line.item, line.patron
    )


def identity_of(file: FileFacts) -> DeskIdentity:
    """Whose desk a file comes from; empty when only its name gives it away.

    A guess would do for people who look at a list, not for choosing a circulation desk.
    """
    if file.told_by not in (ToldBy.MANIFEST, ToldBy.JOURNAL):
        return DeskIdentity()
    return DeskIdentity(file.library, file.circulation_desk, file.desk_name)


def _libraries(told: Sequence[DeskIdentity], desks: Sequence[str]) -> dict[str, str]:
    """The library's name that most files of each desk give."""
    names: dict[str, Counter[str]] = {}
    for identity, desk in zip(told, desks, strict=True):
        counted = names.setdefault(desk, Counter())
        if identity.library:
            counted[identity.library] += 1
    return {desk: next(iter(dict(of.most_common(1))), "") for desk, of in names.items()}


MOST_TRIED = 6
"""Desks of which every order is tried."""


class Happening(NamedTuple):
    """A loan or return as far as it matters here."""

    desk: str
    item: str


@dataclass(frozen=True, slots=True)
class DeskPart:
    """The lines of one file.

    Attributes:
        desk: the circulation desk.
        places: which of the happenings, in their order.
    """

    desk: str
    places: tuple[int, ...]


def desk_parts(happenings: Sequence[Happening]) -> list[DeskPart]:
    """The files to write, in the order in which they are to go up.

    Args:
        happenings: every loan and return, in the order in which they happened.
    """
    desks = list(dict.fromkeys(one.desk for one in happenings))
    ways = _ways(happenings)
    best = min(_orders(desks, ways), key=lambda order: _files(order, ways))
    ranks = {desk: rank for rank, desk in enumerate(best)}
    files: dict[tuple[int, int], list[int]] = {}
    last: dict[str, tuple[int, int]] = {}
    for place, (desk, item) in enumerate(happenings):
        at = last[item] = _next(last.get(item), ranks[desk])
        files.setdefault(at, []).append(place)
    return [DeskPart(best[rank], tuple(files[turn, rank])) for turn, rank in sorted(files)]


class _Ways(NamedTuple):
    """From which desk to which the items went.

    The order of the desks matters to items met at several of them only, and to those that went
    the same way alike.

    Attributes:
        first: the desks at which items were met first: they have a file in the first turn.
        several: the ways of items met at several desks, and how many went each.
    """

    first: frozenset[str]
    several: Counter[tuple[str, ...]]


def _ways(happenings: Iterable[Happening]) -> _Ways:
    ways: dict[str, tuple[str, ...]] = {}
    for desk, item in happenings:
        way = ways.get(item, ())
        if way[-1:] != (desk,):
            ways[item] = (*way, desk)
    first = frozenset(way[0] for way in ways.values())
    return _Ways(first, Counter(way for way in ways.values() if len(way) > 1))


def _orders(desks: Sequence[str], ways: _Ways) -> Iterator[tuple[str, ...]]:
    """Orders of the desks worth trying; the one in which they began comes first."""
    if len(desks) <= MOST_TRIED:
        yield from permutations(desks)
        return
    yield tuple(desks)
    before = dict.fromkeys(desks, 0)
    for way, items in ways.several.items():
        for earlier, later in pairwise(way):
            before[earlier] += items
            before[later] -= items
    yield tuple(sorted(desks, key=lambda desk: -before[desk]))


def _files(order: Sequence[str], ways: _Ways) -> int:
    """How many files there are."""
    ranks = {desk: rank for rank, desk in enumerate(order)}
    files = {(0, ranks[desk]) for desk in ways.first}
    for way in ways.several:
        at: tuple[int, int] | None = None
        for desk in way:
            at = _next(at, ranks[desk])
            files.add(at)
    return len(files)


def _next(earlier: tuple[int, int] | None, rank: int) -> tuple[int, int]:
    """The turn, from 0, and the desk's rank of what follows on the same item."""
    turn, before = earlier or (0, -1)
    return turn + (rank < before), rank
