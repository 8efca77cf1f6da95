"""What the lines of all desks in their one order say about each other.

Of each item only its last line is remembered, in a few numbers, so that a million lines of a
million items are no trouble. An item is known by the 64 bits of its hash: two of a million items
share them once in ten million runs.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Protocol

from offcirc.core.checks.verdicts import Act, Code, Finding, Severity
from offcirc.core.fingerprint import CONTENT, LONGEST, content_of
from offcirc.core.transaction import Operation

NEAR = 10
"""Minutes within which a return and a loan at two desks may be the wrong way round when a clock is
a little wrong."""
COPIED_LINES = 5
COPIED_SHARE = 0.5
"""From so many common lines, and this share of the smaller file, a file is taken for a copy."""
WRONG_SHARE = 0.5
"""From this share of lines in the future or very old, the clock is taken to have been wrong."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times are without zone
_HALF = 1 << 32
_NO_IDENTITY = bytes(LONGEST - CONTENT)
_LENDS = frozenset(each.value for each in Operation if each.lends)


class AcrossLine(Protocol):
    """A line in the one order, as a plan has it."""

    @property
    def file(self) -> int:
        """The index of its file."""

    @property
    def number(self) -> int:
        """Its number there."""

    @property
    def minute(self) -> str:
        """When, naive local time in ISO form, the desk's clock corrected."""

    @property
    def operation(self) -> str:
        """A value of :class:`~offcirc.core.transaction.Operation`."""

    @property
    def item(self) -> str:
        """The item barcode."""

    @property
    def patron(self) -> str:
        """The patron identifier."""

    @property
    def key(self) -> bytes:
        """Its key."""

    @property
    def twin(self) -> int:
        """The index of the file that holds this line too; -1 if none does."""

    @property
    def reason(self) -> str:
        """Why it is not sent; of a twin, whether it is that very line or one just like it."""


class _Last(NamedTuple):
    """The last line of an item; ``was_idle``: a return, though it was not on loan then."""

    file: int
    number: int
    minutes: int
    is_loan: bool
    was_idle: bool
    patron: int
    key: bytes


class Across:
    """Looks at the lines of a plan that will be sent, one after the other."""

    def __init__(
        self,
        lines_of_file: Sequence[int],
        marks: Sequence[bytes],
        is_free: Callable[[str], bool] = lambda item: False,
    ) -> None:
        """Begin.

        Args:
            lines_of_file: how many lines each file has, to tell a copy from a coincidence.
            marks: the key by which each file is known.
            is_free: whether an item is known not to have been on loan before all this.
        """
        self._lines_of_file = lines_of_file
        self._marks = marks
        self._is_free = is_free
        self._numbers: dict[int, int] = {}
        self._places = array("q")
        self._times = array("i")
        self._patrons = array("q")
        self._keys = bytearray()
        self._common: Counter[tuple[int, int]] = Counter()
        self._odd_times: Counter[int] = Counter()
        self._odd_time_of: dict[int, str] = {}

    def see(self, line: AcrossLine) -> Sequence[Finding]:
        """The next line that will be sent, or is there already; what there is to say of it."""
        name = hash(line.item)
        number = self._numbers.get(name)
        if line.twin >= 0:
            # It will not be sent: the item's last line stays the one before.
            self._common[line.twin, line.file] += 1
            return (self._twin(line, self._last(number) if number is not None else None),)
        is_loan = line.operation in _LENDS
        minutes = _minutes(line.minute)
        patron = hash(line.patron) if is_loan else 0
        place = line.file * _HALF + line.number
        key = line.key.ljust(LONGEST, b"\0")
        if number is None:
            # Returned although it was not on loan: the loan may come later by mistake.
            was_idle = not is_loan and self._is_free(line.item)
            self._numbers[name] = len(self._times)
            self._places.append(place)
            self._times.append(minutes * 4 + was_idle * 2 + is_loan)
            self._patrons.append(patron)
            self._keys += key
            if not was_idle:
                return ()
            return (Finding(Code.NOT_ON_LOAN, Severity.NOTE, line.file, line.number, line.key),)
        was_loan = self._times[number] & 1
        # Nothing is to be said of the return of what was lent.
        last = self._last(number) if is_loan or not was_loan else None
        self._places[number] = place
        self._times[number] = minutes * 4 + (not is_loan and not was_loan) * 2 + is_loan
        self._patrons[number] = patron
        self._keys[number * LONGEST : (number + 1) * LONGEST] = key
        return () if last is None else tuple(_compared(line, last, minutes, patron, is_loan))

    def _twin(self, line: AcrossLine, last: _Last | None) -> Finding:
        """A line that stands in another file too, or seems to."""
        same = last is not None and content_of(last.key) == content_of(line.key)
        at, key = (last.number, last.key) if last is not None and same else (0, line.key)
        sure = line.reason != Code.ALIKE
        return Finding(
            Code.SAME_LINE if sure else Code.ALIKE,
            Severity.NOTE if sure else Severity.WARNING,
            *(line.file, line.number, line.key, line.twin, at, key),
            act=Act.NONE if sure else Act.LOOK,
        )

    def odd_time(self, file: int, code: str) -> None:
        """A line of a file is in the future or very old."""
        self._odd_times[file] += 1
        self._odd_time_of[file] = code

    def about_files(self) -> Iterator[Finding]:
        """What there is to say of whole files, when all lines have been seen."""
        for (file, other), common in sorted(self._common.items()):
            smaller = min(self._lines_of_file[file], self._lines_of_file[other])
            if common >= COPIED_LINES and common >= COPIED_SHARE * smaller:
                yield Finding(
                    *(Code.DESK_COPIED, Severity.WARNING, other, 0, self._marks[other]),
                    other_file=file,
                    other_key=self._marks[file],
                    detail=str(common),
                    act=Act.LOOK,
                )
        for file, odd in sorted(self._odd_times.items()):
            if odd > 1 and odd >= WRONG_SHARE * self._lines_of_file[file]:
                yield Finding(
                    *(Code.CLOCK_WRONG, Severity.WARNING, file, 0, self._marks[file]),
                    detail=self._odd_time_of[file],
                    act=Act.CLOCK,
                )

    def _last(self, number: int) -> _Last:
        file, line = divmod(self._places[number], _HALF)
        minutes, flags = divmod(self._times[number], 4)
        key = bytes(self._keys[number * LONGEST : (number + 1) * LONGEST])
        key = key.removesuffix(_NO_IDENTITY)
        patron = self._patrons[number]
        return _Last(file, line, minutes, bool(flags & 1), bool(flags & 2), patron, key)


def _compared(
    line: AcrossLine, last: _Last, minutes: int, patron: int, is_loan: bool
) -> Iterator[Finding]:
    """What a line says together with the one before it about the same item."""
    same_minute = minutes == last.minutes and line.file == last.file
    if is_loan and last.is_loan:
        if patron != last.patron:
            yield _found(Code.LENT_TWICE, Severity.WARNING, line, last, Act.LOOK)
        elif same_minute:
            yield _found(Code.SCANNED_TWICE, Severity.NOTE, line, last, Act.DROP)
        else:
            yield _found(Code.LENT_AGAIN, Severity.NOTE, line, last)
    elif not is_loan:
        if same_minute:
            yield _found(Code.SCANNED_TWICE, Severity.NOTE, line, last, Act.DROP)
        else:
            yield _found(Code.RETURNED_TWICE, Severity.NOTE, line, last)
    elif last.was_idle and line.file != last.file and 0 <= minutes - last.minutes <= NEAR:
        yield _found(Code.RETURNED_FIRST, Severity.WARNING, line, last, Act.CLOCK)


def _found(
    code: Code, severity: Severity, line: AcrossLine, last: _Last, act: Act = Act.NONE
) -> Finding:
    return Finding(
        *(code, severity, line.file, line.number, line.key),
        *(last.file, last.number, last.key),
        act=act,
    )


@lru_cache(1024)
def _minutes(minute: str) -> int:
    """Minutes since some moment; many lines share one."""
    since = datetime.fromisoformat(minute) - _EPOCH
    return since.days * 1440 + since.seconds // 60
