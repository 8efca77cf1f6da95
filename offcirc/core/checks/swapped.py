"""Whether item and borrower of a line are what they should be.

By the library's barcode rules where they can tell; else by what the other lines of the day say: how
often an identifier is an item and how often a reader, and whether it looks like the day's items or
like its readers. Where items and readers share one range of numbers nothing can be told, and
nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from offcirc.core.barcodes.rules import ANY, BarcodeKind, BarcodeOutcome, RuleSet, Stars, judge
from offcirc.core.barcodes.rules import BarcodeCode as RuleCode
from offcirc.core.checks.verdicts import Act, Code, Severity

_REMEMBERED = 1 << 16
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

Found = tuple[Code, Severity, Act, str]
"""What was found: code, how grave, what to do, more about it."""

_CODES = {
    (BarcodeKind.ITEM, RuleCode.CHECK_DIGIT): Code.ITEM_CHECK_DIGIT,
    (BarcodeKind.PATRON, RuleCode.CHECK_DIGIT): Code.PATRON_CHECK_DIGIT,
    (BarcodeKind.ITEM, RuleCode.NO_RULE): Code.ITEM_FORM,
    (BarcodeKind.PATRON, RuleCode.NO_RULE): Code.PATRON_FORM,
    (BarcodeKind.ITEM, RuleCode.ISBN): Code.ISBN,
    (BarcodeKind.PATRON, RuleCode.ISBN): Code.PATRON_FORM,
}


Shape = tuple[int, str]
"""What an identifier looks like: its length, and how it begins."""

_CLEARLY = 8
"""So many times as frequent among readers as among items is what looks like a reader."""
_MANY = 8
"""So many others of one shape make two digits at the beginning more than a coincidence."""
_SURE = 3
"""Against so many others that look like it, how often it is used does not count; so often used as
one thing more than as the other, it is that where nothing else can tell."""
_TOO_FEW = -1


class Roles:
    """Counts how often each identifier is an item and how often a reader.

    Identifiers are known by the 64 bits of their hash.
    """

    def __init__(self) -> None:
        self._items: dict[int, int] = {}
        self._patrons: dict[int, int] = {}
        self._texts: dict[int, str] = {}
        self._shapes: tuple[Counter[Shape], Counter[Shape]] = (Counter(), Counter())
        self._leaning: dict[int, int] = {}

    def count(self, item: str, patron: str) -> None:
        """A line of a file; ``patron`` is empty for a return."""
        self.count_all([(item, patron)])

    def count_all(self, lines: Iterable[tuple[str, str]]) -> None:
        """Items and patrons of lines."""
        items, patrons = self._items, self._patrons
        for item, patron in lines:
            name = hash(item)
            if name in items:
                items[name] += 1
            else:
                self._count(item, items, patrons, 0)
            if patron:
                name = hash(patron)
                if name in patrons:
                    patrons[name] += 1
                else:
                    self._count(patron, patrons, items, 1)

    def _count(self, text: str, here: dict[int, int], there: dict[int, int], role: int) -> None:
        """An identifier that is met for the first time in a role."""
        name = hash(text)
        here[name] = 1
        if name in there:
            # Both, so it says nothing about what either of them looks like.
            self._texts[name] = text
            self._shapes[1 - role][_shape(text)] -= 1
        else:
            self._shapes[role][_shape(text)] += 1

    def finish(self) -> None:
        """All lines were counted: judge what is both, and forget the rest."""
        looks = _Looks(*self._shapes)
        both = [
            (name, text, self._items[name], self._patrons[name])
            for name, text in self._texts.items()
        ]
        for _name, text, item, patron in both:
            if item >= 2 * patron or patron >= 2 * item:
                looks.add(text, patron > item, 1)
        for name, text, item, patron in both:
            mostly = item >= 2 * patron or patron >= 2 * item
            if mostly:
                looks.add(text, patron > item, -1)
            self._leaning[name] = _weighed(patron - item, *looks.of(text))
            if mostly:
                looks.add(text, patron > item, 1)
        self._items, self._patrons, self._texts = {}, {}, {}

    def __bool__(self) -> bool:
        """Whether any identifier is both."""
        return bool(self._leaning)

    def leaning(self, text: str) -> int:
        """How sure it is what an identifier is that is both.

        Returns:
            More than 0: rather a reader; less: rather an item; 0 when nothing speaks for either.
        """
        return self._leaning.get(hash(text), 0)


class _Looks:
    """What the day's items look like, and what its readers."""

    def __init__(self, items: Counter[Shape], patrons: Counter[Shape]) -> None:
        self._fine = (+items, +patrons)
        self._coarse: tuple[Counter[Shape], Counter[Shape]] = (Counter(), Counter())
        for fine, coarse in zip(self._fine, self._coarse, strict=True):
            for shape, times in fine.items():
                coarse[_coarser(shape)] += times
        self._totals = [sum(fine.values()) for fine in self._fine]

    def add(self, text: str, patron: bool, times: int) -> None:
        """Count an identifier, or take it out."""
        shape = _shape(text)
        self._fine[patron][shape] += times
        self._coarse[patron][_coarser(shape)] += times
        self._totals[patron] += times

    def of(self, text: str) -> tuple[int | None, int]:
        """What an identifier looks like, and by how many others.

        Returns:
            1 for a reader, -1 for an item, 0 when nothing looks like it, ``None`` when both do, or
            when the others are :data:`_TOO_FEW` to tell.
        """
        shape = _shape(text)
        coarse = _coarser(shape)
        looks, others = self._one(self._coarse, coarse)
        if looks is None and sum(counts[coarse] for counts in self._coarse) >= 2 * _MANY:
            finer, alike = self._one(self._fine, shape)
            if alike >= _MANY and self._parted(coarse):
                return finer, alike
        return looks, others

    def _one(
        self, counts: tuple[Counter[Shape], Counter[Shape]], shape: Shape
    ) -> tuple[int | None, int]:
        items, patrons = counts[0][shape], counts[1][shape]
        if not items and not patrons:
            return 0, 0
        all_items, all_patrons = self._totals
        if not all_items or not all_patrons:
            return None, _TOO_FEW
        # Shares compared without dividing.
        if patrons * all_items >= _CLEARLY * items * all_patrons:
            return 1, patrons
        if items * all_patrons >= _CLEARLY * patrons * all_items:
            return -1, items
        return None, 0

    def _parted(self, coarse: Shape) -> bool:
        """Whether how they begin parts the items and readers of one shape."""
        shapes = [s for s in self._fine[0] | self._fine[1] if _coarser(s) == coarse]
        mixed = sum(min(counts[shape] for counts in self._fine) for shape in shapes)
        return mixed * _CLEARLY <= sum(counts[coarse] for counts in self._coarse)


def _weighed(use: int, looks: int | None, others: int) -> int:
    """How an identifier leans by what it is used as, and by what it looks like."""
    if looks is None:
        return use if others == _TOO_FEW and abs(use) >= _SURE else 0
    if looks == 0 or use * looks > 0:
        return use or looks
    return looks if use == 0 or others >= _SURE else 0


def _shape(text: str) -> Shape:
    if text.isdigit():
        return len(text), text[:2]
    return len(text), text[: len(text) - len(text.lstrip(_LETTERS))] or text[:2]


def _coarser(shape: Shape) -> Shape:
    """The same for all that are digits alone, however they begin."""
    length, begin = shape
    return length, "" if begin.isdigit() else begin


class Barcodes:
    """Judges the identifiers of lines."""

    def __init__(self, rules: RuleSet = ANY, roles: Roles | None = None) -> None:
        self._roles = roles if roles else None
        self._ruled = bool(rules.rules)
        self._judged = lru_cache(_REMEMBERED)(_judge(rules))

    def _judge(self, kind: BarcodeKind, text: str) -> tuple[bool, tuple[Found, ...], bool]:
        return self._judged(kind, text) if self._ruled else (False, (), False)

    def __bool__(self) -> bool:
        """Whether there is anything to judge by."""
        return self._ruled or self._roles is not None

    def look(self, item: str, patron: str) -> Iterator[Found]:
        """What there is to say of a line; ``patron`` is empty for a return."""
        item_there, item_found, item_here = self._judge(BarcodeKind.ITEM, item)
        yield from item_found
        patron_there, patron_here = False, True
        if patron:
            patron_there, patron_found, patron_here = self._judge(BarcodeKind.PATRON, patron)
            yield from patron_found
        roles = self._roles
        if roles is not None:
            item_there = item_there or (not item_here and roles.leaning(item) > 0)
            patron_there = patron_there or (not patron_here and roles.leaning(patron) < 0)
        if item_there and patron_there:
            yield Code.SWAPPED, Severity.WARNING, Act.SWAP, ""
        elif item_there:
            yield Code.PATRON_AS_ITEM, Severity.WARNING, Act.CORRECT, ""
        elif patron_there:
            yield Code.ITEM_AS_PATRON, Severity.WARNING, Act.CORRECT, ""


class _judge:  # noqa: N801 - a function with rules
    """What rules say: it belongs in the other field; what else; it belongs nowhere but here."""

    def __init__(self, rules: RuleSet) -> None:
        # A line says what was recorded: stars in it are a fault to be shown.
        self._rules = replace(rules, stars=Stars.KEEP)

    def __call__(self, kind: BarcodeKind, text: str) -> tuple[bool, tuple[Found, ...], bool]:
        judgement = judge(text, self._rules)
        verdict = judgement.verdict(kind)
        if verdict.outcome is BarcodeOutcome.OTHER_FIELD:
            return True, (), False
        found = tuple(
            (_CODES[kind, finding.code], Severity.WARNING, Act.CORRECT, finding.expected)
            for finding in verdict.findings
        )
        return False, found, judgement.verdict(kind.other).outcome is BarcodeOutcome.OTHER_FIELD
