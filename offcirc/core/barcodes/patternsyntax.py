"""How the patterns of :mod:`offcirc.core.barcodes.patterns` are written: from their text to places.

A place stands for one character of the texts that a pattern accepts. What is read is, for each
place, the characters that may stand there and the places that may come next (the construction
of Glushkov): an automaton without dead ends to go back from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

PLACES_LIMIT = 1000
"""Most characters a pattern may stand for once its repetitions are written out."""

Ranges = tuple[tuple[int, int], ...]
"""Characters as ranges of code points, both ends included, in order."""

_ANYTHING: Ranges = ((0, 0x10FFFF),)
_CLASSES: dict[str, Ranges] = {
    "d": ((0x30, 0x39),),
    "w": ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
    "s": ((0x09, 0x0D), (0x20, 0x20)),
}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_COUNT = re.compile(r"\{(?:(\d*),(\d*)|(\d+))\}", re.ASCII)
_GROUP = re.compile(r"\((?:\?:|\?P<[A-Za-z_]\w*>)?(?!\?)", re.ASCII)
_HEX = re.compile(r"x([0-9A-Fa-f]{2})")


class PatternFault(StrEnum):
    """Why a pattern cannot be used."""

    SYNTAX = "syntax"
    """It is written wrongly."""

    UNSUPPORTED = "unsupported"
    """It uses a construct that is not regular, or not known here."""

    TOO_BIG = "too-big"
    """Its repetitions stand for more than :data:`PLACES_LIMIT` characters."""


class PatternError(ValueError):
    """A pattern that cannot be used.

    Attributes:
        fault: why.
        piece: the part of the pattern that is at fault.
        position: where that part begins, counted from 1.
    """

    def __init__(self, fault: PatternFault, piece: str, position: int) -> None:
        super().__init__(f"{fault.value} at {position}: {piece}")
        self.fault = fault
        self.piece = piece
        self.position = position


@dataclass(slots=True)
class PatternPart:
    """A part of a pattern, as places (one for each character it may stand for).

    Attributes:
        empty: whether it accepts the empty text.
        first: the places a text can begin at.
        last: the places a text can end at.
    """

    empty: bool
    first: frozenset[int]
    last: frozenset[int]


_NOTHING = PatternPart(True, frozenset(), frozenset())


class Parser:
    """Recursive descent over a pattern; writes places and what may follow each.

    Attributes:
        text: the pattern.
        places: the characters that may stand at each place.
        follow: the places that may come after each place.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._at = 0
        self._work = 0
        self.places: list[Ranges] = []
        self.follow: list[set[int]] = []

    def parse(self) -> PatternPart:
        """Read the whole pattern.

        Raises:
            PatternError: it cannot be used; the error says why and where.
        """
        if self._ahead("^"):
            self._at += 1
        part = self._either()
        if self._at < len(self.text):
            raise self._wrong(PatternFault.SYNTAX)
        return part

    def _ahead(self, character: str) -> bool:
        return self.text.startswith(character, self._at)

    def _wrong(
        self, fault: PatternFault, start: int | None = None, length: int = 1
    ) -> PatternError:
        start = min(self._at if start is None else start, len(self.text))
        piece = self.text[start : max(self._at, start + length)] or self.text
        return PatternError(fault, piece, start + 1)

    def _either(self) -> PatternPart:
        part = self._sequence()
        while self._ahead("|"):
            self._at += 1
            other = self._sequence()
            part = PatternPart(
                part.empty or other.empty, part.first | other.first, part.last | other.last
            )
        return part

    def _sequence(self) -> PatternPart:
        part = _NOTHING
        while self._at < len(self.text) and self.text[self._at] not in "|)":
            if self.text[self._at] == "$" and self._at == len(self.text) - 1:
                self._at += 1
                break
            part = self._join(part, self._repeated())
        return part

    def _join(self, one: PatternPart, two: PatternPart) -> PatternPart:
        for place in one.last:
            self.follow[place] |= two.first
        return PatternPart(
            one.empty and two.empty,
            one.first | two.first if one.empty else one.first,
            two.last | one.last if two.empty else two.last,
        )

    def _repeated(self) -> PatternPart:
        start = self._at
        part = self._single()
        if (count := self._count()) is None:
            return part
        low, high = count
        end = self._at
        copies = [part]

        def copy() -> PatternPart:
            # Places are not shared between repetitions, so the piece is read once more for each.
            if copies:
                return copies.pop()
            self._at = start
            again = self._single()
            self._at = end
            return again

        tail = _NOTHING
        if high is None:
            tail = self._loop(copy())
        for _ in range(0 if high is None else high - low):
            joined = self._join(copy(), tail)
            tail = PatternPart(True, joined.first, joined.last)
        for _ in range(low):
            tail = self._join(copy(), tail)
        return tail

    def _loop(self, part: PatternPart) -> PatternPart:
        for place in part.last:
            self.follow[place] |= part.first
        return PatternPart(True, part.first, part.last)

    def _count(self) -> tuple[int, int | None] | None:
        """The repetition written at this point: at least and at most how often."""
        start = self._at
        counts: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        sign = self.text[self._at : self._at + 1]
        if sign in counts:
            self._at += 1
            found = counts[sign]
        elif sign == "{" and (match := _COUNT.match(self.text, self._at)):
            self._at = match.end()
            low, high, exact = match.groups()
            if exact is not None:
                found = (int(exact), int(exact))
            else:
                found = (int(low or 0), int(high) if high else None)
            if found[1] is not None and found[0] > found[1]:
                raise self._wrong(PatternFault.SYNTAX, start)
            if max(found[0], found[1] or 0) > PLACES_LIMIT:
                raise self._wrong(PatternFault.TOO_BIG, start)
        else:
            return None
        if self._ahead("?"):  # "as few as possible": all the same when the whole text must match
            self._at += 1
        elif self._ahead("+"):
            raise self._wrong(PatternFault.UNSUPPORTED, start, self._at + 1 - start)
        if self.text[self._at : self._at + 1] in ("*", "+", "?") or _COUNT.match(
            self.text, self._at
        ):
            raise self._wrong(PatternFault.SYNTAX, start, self._at + 1 - start)
        return found

    def _single(self) -> PatternPart:
        self._work += 1
        if self._work > 4 * PLACES_LIMIT:  # empty groups stand for nothing, but take their time
            raise PatternError(PatternFault.TOO_BIG, self.text, 1)
        character = self.text[self._at]
        if character == "(":
            return self._group()
        if character == "[":
            return self._place(self._set())
        if character in "*+?":
            raise self._wrong(PatternFault.SYNTAX)
        if character == "{" and _COUNT.match(self.text, self._at):
            raise self._wrong(PatternFault.SYNTAX)
        if character in "^$":
            raise self._wrong(PatternFault.UNSUPPORTED)
        if character == "\\":
            return self._place(self._escape())
        self._at += 1
        if character == ".":
            return self._place(_without(((0x0A, 0x0A),)))
        return self._place(((ord(character), ord(character)),))

    def _group(self) -> PatternPart:
        start = self._at
        match = _GROUP.match(self.text, self._at)
        if match is None:
            raise self._wrong(PatternFault.UNSUPPORTED, length=3)
        self._at = match.end()
        part = self._either()
        if not self._ahead(")"):
            raise self._wrong(PatternFault.SYNTAX, start)
        self._at += 1
        return part

    def _place(self, ranges: Ranges) -> PatternPart:
        if len(self.places) >= PLACES_LIMIT:
            raise PatternError(PatternFault.TOO_BIG, self.text, 1)
        place = len(self.places)
        self.places.append(ranges)
        self.follow.append(set())
        only = frozenset((place,))
        return PatternPart(False, only, only)

    def _escape(self) -> Ranges:
        start = self._at
        self._at += 1
        character = self.text[self._at : self._at + 1]
        self._at += 1
        if character.lower() in _CLASSES and character:
            ranges = _CLASSES[character.lower()]
            return _without(ranges) if character.isupper() else ranges
        if match := _HEX.match(self.text, start + 1):
            self._at = match.end()
            code = int(match[1], 16)
            return ((code, code),)
        character = _CONTROLS.get(character, character)
        if not character or (character.isascii() and character.isalnum()):
            fault = PatternFault.UNSUPPORTED if character else PatternFault.SYNTAX
            raise self._wrong(fault, start, 2)
        return ((ord(character), ord(character)),)

    def _set(self) -> Ranges:
        start = self._at
        self._at += 1
        inverted = self._ahead("^")
        self._at += inverted
        ranges: list[tuple[int, int]] = []
        first = self._at
        while not self._ahead("]") or self._at == first:
            if self._at >= len(self.text):
                raise self._wrong(PatternFault.SYNTAX, start)
            ranges.extend(self._range())
        self._at += 1
        found = _tidy(ranges)
        return _without(found) if inverted else found

    def _range(self) -> Ranges:
        start = self._at
        low = self._member()
        if not self._ahead("-") or self.text[self._at + 1 : self._at + 2] in ("]", ""):
            return low
        self._at += 1
        high = self._member()
        single = len(low) == len(high) == 1 and low[0][0] == low[0][1] and high[0][0] == high[0][1]
        if not single or low[0][0] > high[0][0]:
            raise self._wrong(PatternFault.SYNTAX, start)
        return ((low[0][0], high[0][0]),)

    def _member(self) -> Ranges:
        if self._ahead("\\"):
            return self._escape()
        character = self.text[self._at]
        self._at += 1
        return ((ord(character), ord(character)),)


def _tidy(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The ranges in order, those that touch made one."""
    tidy: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if tidy and low <= tidy[-1][1] + 1:
            tidy[-1] = (tidy[-1][0], max(high, tidy[-1][1]))
        else:
            tidy.append((low, high))
    return tuple(tidy)


def _without(ranges: Ranges) -> Ranges:
    """Every character that is not in ``ranges``."""
    left, start = [], 0
    for low, high in ranges:
        if start < low:
            left.append((start, low - 1))
        start = high + 1
    if start <= _ANYTHING[0][1]:
        left.append((start, _ANYTHING[0][1]))
    return tuple(left)
