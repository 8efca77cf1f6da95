"""In which files, and in which order, the lines of several circulation desks go to Alma.

Alma takes a file for one circulation desk at a time, and applies what happened to an item in the
order in which it comes: a return after the next loan is refused. An item that went from desk to
desk and back therefore needs two files of the first desk, one before and one after that of the
other. The fewest files that keep every item's order are wanted. The order of a reader's loans does
not matter: Alma takes offline loans whatever a reader has borrowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

MOST_TRIED = 6
"""Desks of which every order is tried."""


class Happening(NamedTuple):
    """A loan or return as far as it matters here."""

    desk: str
    item: str


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one file.

    Attributes:
        desk: the circulation desk.
        places: which of the happenings, in their order.
    """

    desk: str
    places: tuple[int, ...]


def parts(happenings: Sequence[Happening]) -> list[Part]:
    """The files to write, in the order in which they are to go up.

    Args:
        happenings: every loan and return, in the order in which they happened.
    """
    desks = list(dict.fromkeys(one.desk for one in happenings))
    best = min(_orders(desks, happenings), key=lambda order: _files(order, happenings))
    files: dict[tuple[int, int], list[int]] = {}
    for place, at in enumerate(_rounds(best, happenings)):
        files.setdefault(at, []).append(place)
    return [Part(best[rank], tuple(files[turn, rank])) for turn, rank in sorted(files)]


def _orders(desks: Sequence[str], happenings: Sequence[Happening]) -> Iterator[tuple[str, ...]]:
    """Orders of the desks worth trying; the one in which they began comes first."""
    if len(desks) <= MOST_TRIED:
        yield from permutations(desks)
        return
    yield tuple(desks)
    before = dict.fromkeys(desks, 0)
    last: dict[str, str] = {}
    for desk, item in happenings:
        earlier = last.get(item, desk)
        if earlier != desk:
            before[earlier] += 1
            before[desk] -= 1
        last[item] = desk
    yield tuple(sorted(desks, key=lambda desk: -before[desk]))


def _files(order: Sequence[str], happenings: Sequence[Happening]) -> int:
    return len(set(_rounds(order, happenings)))


def _rounds(order: Sequence[str], happenings: Sequence[Happening]) -> Iterator[tuple[int, int]]:
    """For each happening its turn, from 0, and its desk's rank in the order."""
    ranks: Mapping[str, int] = {desk: rank for rank, desk in enumerate(order)}
    last: dict[str, tuple[int, int]] = {}
    for desk, item in happenings:
        rank = ranks[desk]
        turn, earlier = last.get(item, (0, -1))
        at = (turn + (rank < earlier), rank)
        last[item] = at
        yield at
