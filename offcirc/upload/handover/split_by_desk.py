"""In which files, and in which order, the lines of several circulation desks go to Alma.

Alma takes a file for one circulation desk at a time, and applies what happened to an item in the
order in which it comes: a return after the next loan is refused. An item that went from desk to
desk and back therefore needs two files of the first desk, one before and one after that of the
other. The fewest files that keep every item's order are wanted. The order of a reader's loans does
not matter: Alma takes offline loans whatever a reader has borrowed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import NamedTuple

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


def parts(happenings: Sequence[Happening]) -> list[DeskPart]:
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
