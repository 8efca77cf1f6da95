r"""Patterns of barcodes: the regular part of regular expressions, safe to run on every scan.

Administrators write the patterns, the desk runs them on whatever a scanner sends. A backtracking
matcher can be made to hang by an innocent looking ``(\d+)+``; the matcher here reads each
character once, whatever the pattern, so there is nothing to refuse for being slow. The same
automaton answers a question that a matcher cannot: is there a text that two patterns both accept?

The notation is Python's: characters, ``.``, ``[A-Z]``, ``[^...]``, ``\d \w \s`` (ASCII, as
barcodes are) and their opposites, groups, ``|``, ``* + ? {n} {n,m}``. A pattern always matches
the whole text; a leading ``^`` and a trailing ``$`` are allowed and change nothing. What is not
regular (look-ahead, back-references, flags inside the pattern) is refused by name.
"""

from __future__ import annotations

from itertools import pairwise

from offcirc.core.barcodes.patternsyntax import Parser, PatternError, PatternFault

_STATES_LIMIT = 2000
_PAIRS_LIMIT = 5000


class UndecidedError(Exception):
    """Two patterns are too big to be compared."""


class _State:
    """Where the reading of a text stands: what may come next, and whether it may end here."""

    __slots__ = ("ahead", "complete", "moves")

    def __init__(self, ahead: frozenset[int], complete: bool) -> None:
        self.ahead = ahead
        self.complete = complete
        self.moves: dict[str, _State | None] = {}


class Pattern:
    """A pattern ready to be used.

    Attributes:
        text: the pattern as it was written.
    """

    __slots__ = ("_follow", "_last", "_places", "_start", "_states", "text")

    def __init__(self, text: str) -> None:
        """Read a pattern.

        Raises:
            PatternError: it cannot be used; the error says why and where.
        """
        parser = Parser(text)
        try:
            part = parser.parse()
        except RecursionError as error:
            raise PatternError(PatternFault.TOO_BIG, text, 1) from error
        self.text = text
        self._places = parser.places
        self._follow = [frozenset(places) for places in parser.follow]
        self._last = part.last
        self._start = _State(part.first, part.empty)
        self._states: dict[frozenset[int], _State] = {}

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def matches(self, text: str) -> bool:
        """Whether the whole of ``text`` fits. Takes time proportional to its length."""
        state: _State | None = self._start
        for character in text:
            state = self._next(state, character)  # type: ignore[arg-type]
            if state is None:
                return False
        return state is not None and state.complete

    def ends(self, text: str, start: int = 0) -> list[int]:
        """Every position where a piece of ``text`` that begins at ``start`` and fits can end."""
        found = [start] if self._start.complete else []
        state: _State | None = self._start
        for position in range(start, len(text)):
            state = self._next(state, text[position])  # type: ignore[arg-type]
            if state is None:
                break
            if state.complete:
                found.append(position + 1)
        return found

    def _next(self, state: _State, character: str) -> _State | None:
        try:
            return state.moves[character]
        except KeyError:
            return self._explore(state, character)

    def _explore(self, state: _State, character: str) -> _State | None:
        code = ord(character)
        here = frozenset(
            place
            for place in state.ahead
            if any(low <= code <= high for low, high in self._places[place])
        )
        following = self._state(here) if here else None
        if len(state.moves) < 256:
            state.moves[character] = following
        return following

    def _state(self, here: frozenset[int]) -> _State:
        state = self._states.get(here)
        if state is None:
            if len(self._states) >= _STATES_LIMIT:
                # Memory stays bounded whatever is scanned; what is needed is found again.
                self._states.clear()
                self._start.moves.clear()
            ahead = frozenset().union(*(self._follow[place] for place in here))
            state = self._states[here] = _State(ahead, bool(here & self._last))
        return state

    def _borders(self) -> set[int]:
        return {
            border for place in self._places for low, high in place for border in (low, high + 1)
        }


def common(one: Pattern, two: Pattern) -> str | None:
    """The shortest text, not empty, that both patterns accept; ``None`` when there is none.

    Only printable ASCII is considered: OffCirc.dat can hold nothing else.

    Raises:
        UndecidedError: the patterns are too big to be compared.
    """
    alphabet = _representatives(one._borders() | two._borders())
    level = [(one._start, two._start, "")]
    seen = {(one._start.ahead, two._start.ahead)}
    while level:
        deeper = []
        for left, right, text in level:
            for character in alphabet:
                after_left, after_right = one._next(left, character), two._next(right, character)
                if after_left is None or after_right is None:
                    continue
                if after_left.complete and after_right.complete:
                    return text + character
                # What may follow decides the rest, so states that agree in it are one.
                pair = (after_left.ahead, after_right.ahead)
                if pair not in seen:
                    seen.add(pair)
                    deeper.append((after_left, after_right, text + character))
        if len(seen) > _PAIRS_LIMIT:
            raise UndecidedError
        level = deeper
    return None


def _representatives(borders: set[int]) -> list[str]:
    """One printable character for each stretch that no pattern tells apart, digits first."""
    cuts = sorted({0x20, *(border for border in borders if 0x20 < border < 0x7F), 0x7F})
    chosen = []
    for low, high in pairwise(cuts):
        stretch = [chr(code) for code in range(low, high)]
        chosen.append(min(stretch, key=_plainness))
    return sorted(chosen, key=_plainness)


def _plainness(character: str) -> tuple[bool, bool, bool, str]:
    return (not character.isdigit(), not character.isupper(), not character.islower(), character)
