"""Which line of the file each row of Alma's report is about.

A row names a line and a barcode. The barcode is sure; the number may count from 0 or from 1, and
blank lines or not, which all rows together tell. One barcode may stand in many lines: then the
number decides, and if it is wrong, the nearest line that no other row has.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from offcirc.core.answers import Reason
from offcirc.core.transaction import Operation
from offcirc.servers.almawords import reason
from offcirc.upload.alma.almarows import AlmaRow, spoilt

_HERE = frozenset(each.value for each in Operation if not each.lends)


class FileLine(NamedTuple):
    """A line of the file that Alma has read; blank ones are not given.

    Attributes:
        number: its number in the file, from 1.
        operation: ``L`` or ``R``; empty when it cannot be read.
        item: the item barcode.
        patron: the patron identifier.
    """

    number: int
    operation: str
    item: str
    patron: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows and lines put together.

    Attributes:
        messages: by place among the lines given, what Alma says of each.
        unplaced: rows that are about no line of this file.
        base: the number that Alma gives to the first line.
        told: the rows themselves tell it.
        sure: whatever the base, the rows belong to the same lines.
        agreeing: rows whose barcode stands in the very line that their number names.
        unsure: places of rows without a number whose barcode stands in several lines.
    """

    messages: Mapping[int, tuple[str, ...]]
    unplaced: tuple[AlmaRow, ...]
    base: int
    told: bool
    sure: bool
    agreeing: int
    unsure: frozenset[int] = frozenset()


def join(lines: Sequence[FileLine], rows: Sequence[AlmaRow], usual: int | None = None) -> Joined:
    """Put the rows of a report and the lines of its file together.

    Args:
        lines: the lines of the file, in its order.
        rows: the rows of the report.
        usual: from what number Alma counted the last time, if known; decides where nothing else
            does.
    """
    index = _Index(lines)
    wanted = [index.candidates(row) for row in rows]
    tries = []
    for counting in _countings(lines, usual):
        targets = [counting.place(row.number) for row in rows]
        agreeing = sum(_has(places, target) for places, target in zip(wanted, targets, strict=True))
        within = sum(target is not None for target in targets)
        tries.append(((agreeing, within), counting.base, targets))
    score = max(one[0] for one in tries)
    best = [one for one in tries if one[0] == score]
    results = [_assign(rows, wanted, targets) for _score, _base, targets in best]
    messages, unplaced, unsure = results[0]
    return Joined(
        messages,
        unplaced,
        base=best[0][1],
        told=bool(rows) and len({base for _score, base, _targets in best}) == 1,
        sure=all(other[0] == messages for other in results),
        agreeing=score[0],
        unsure=unsure,
    )


class _Counting:
    """One way in which Alma may number the lines."""

    def __init__(self, numbers: Sequence[int], base: int) -> None:
        self.base = base
        self._places = {number + base - 1: place for place, number in enumerate(numbers)}

    def place(self, number: int | None) -> int | None:
        """Which line a number names."""
        return None if number is None else self._places.get(number)


def _countings(lines: Sequence[FileLine], usual: int | None) -> list[_Counting]:
    """Every way of counting, the likeliest first."""
    bases = (0, 1) if usual == 0 else (1, 0)
    numbers = [line.number for line in lines]
    ordinals = list(range(1, len(lines) + 1))
    ways = [numbers] if numbers == ordinals else [numbers, ordinals]
    return [_Counting(way, base) for way in ways for base in bases]


class _Index:
    """Finds the lines that a barcode or identifier stands in; each list is in order."""

    def __init__(self, lines: Sequence[FileLine]) -> None:
        self._lines = lines
        self._items: dict[str, list[int]] = {}
        self._patrons: dict[str, list[int]] = {}
        for place, line in enumerate(lines):
            if line.item:
                self._items.setdefault(line.item, []).append(place)
            if line.patron:
                self._patrons.setdefault(line.patron, []).append(place)
        self._folded: tuple[dict[str, list[int]], dict[str, list[int]]] | None = None

    def candidates(self, row: AlmaRow) -> list[int] | None:
        """The lines a row may be about; ``None`` when it names no barcode: any."""
        code = row.code
        if not code:
            # Not one of the messages we know: is a word of it a barcode of the file?
            named = {word for word in row.message.split() if word in self._items}
            return self._items[named.pop()] if len(named) == 1 else None
        why = reason(row.message)
        found = self._standing(code, patron_first=why is Reason.PATRON_UNKNOWN)
        if row.number is None and len(found) > 1 and spoilt(code):
            return []  # it may be any of them
        if why is Reason.NOT_ON_LOAN:
            returns = [place for place in found if self._lines[place].operation in _HERE]
            return returns or found
        return found

    def _standing(self, code: str, *, patron_first: bool) -> list[int]:
        order = (self._patrons, self._items) if patron_first else (self._items, self._patrons)
        for known in order:
            if code in known:
                return known[code]
        if (shortened := spoilt(code)) is not None:
            return _rounded(order, shortened)
        if self._folded is None:
            self._folded = (_folded(self._items), _folded(self._patrons))
        items, patrons = self._folded
        folded = code.casefold()
        for known in (patrons, items) if patron_first else (items, patrons):
            if folded in known:
                return known[folded]
        return []


def _folded(known: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """The same, whatever the capitals."""
    folded: dict[str, list[int]] = {}
    for code, places in known.items():
        folded[code.casefold()] = sorted(folded.get(code.casefold(), []) + places)
    return folded


def _rounded(order: Sequence[Mapping[str, list[int]]], shortened: re.Match[str]) -> list[int]:
    """The lines with a barcode that a spreadsheet would show as this."""
    first, more, power = shortened[1], shortened[2] or "", int(shortened[3])
    for known in order:
        places = {
            place
            for code, places in known.items()
            if code.isdigit()
            and len(code.lstrip("0")) == power + 1
            and f"{int(code):.{len(more)}e}".startswith(f"{first}.{more}".rstrip(".") + "e")
            for place in places
        }
        if places:
            return sorted(places)
    return []


def _has(places: Sequence[int] | None, target: int | None) -> bool:
    if places is None or target is None:
        return False
    at = bisect_left(places, target)
    return at < len(places) and places[at] == target


def _assign(
    rows: Sequence[AlmaRow], wanted: Sequence[list[int] | None], targets: Sequence[int | None]
) -> tuple[dict[int, tuple[str, ...]], tuple[AlmaRow, ...], frozenset[int]]:
    """Give each row its line, those first that barcode and number agree on."""
    placed: dict[int, int] = {}
    later = []
    for row, (places, target) in enumerate(zip(wanted, targets, strict=True)):
        if target is not None and (places is None or _has(places, target)):
            placed[row] = target
        elif places:
            later.append(row)
    taken = set(placed.values())
    several = {row for row in later if targets[row] is None and len(wanted[row] or []) > 1}
    for row in later:
        places, target = wanted[row] or [], targets[row]
        placed[row] = _nearest(places, target, taken)
        taken.add(placed[row])
    messages: dict[int, list[str]] = {}
    for row in sorted(placed):
        said = messages.setdefault(placed[row], [])
        if rows[row].message not in said:
            said.append(rows[row].message)
    unplaced = tuple(row for number, row in enumerate(rows) if number not in placed)
    unsure = frozenset(placed[row] for row in several)
    return {place: tuple(said) for place, said in sorted(messages.items())}, unplaced, unsure


def _nearest(places: Sequence[int], target: int | None, taken: Iterable[int]) -> int:
    """The nearest free line, or the first free one for a row without a number."""
    free = [place for place in places if place not in taken] or list(places)
    return free[0] if target is None else min(free, key=lambda place: abs(place - target))
