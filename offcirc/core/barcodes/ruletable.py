r"""Barcode rules as a library writes them in its settings, and whether they make sense together.

The table, as TOML gives it::

    unmatched = "warn"             # a text that no rule fits: off, warn or refuse
    isbn = "warn"                  # the ISBN on the cover scanned as an item: off, warn or refuse
    stars = "strip"                # the stars around a Code 39 barcode: strip or keep

    [[item]]
    pattern = '3\d{13}'             # see offcirc.core.barcodes.patterns
    check = "luhn-ltr"             # see offcirc.core.barcodes.checkdigits
    on_fail = "warn"               # a wrong check digit: off, warn or refuse
    strip = ["AIM", "space"]       # and "codabar"; also as one text, "AIM,space"
    name = "Main library"          # for messages

    [[patron]]
    pattern = '2\d{13}'

Only ``pattern`` must be there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TypeVar

from offcirc.core.barcodes.checkdigits import Check
from offcirc.core.barcodes.patterns import Pattern, UndecidedError, common
from offcirc.core.barcodes.patternsyntax import PatternError, PatternFault
from offcirc.core.barcodes.rules import ANY, BarcodeKind, OnFail, Rule, RuleSet
from offcirc.core.barcodes.symbology import DEFAULT_STRIP, Strip
from offcirc.core.transaction import ITEM_WIDTH, PATRON_LIMIT

_SET_KEYS = ("item", "patron", "unmatched", "isbn", "stars")
_RULE_KEYS = ("pattern", "check", "on_fail", "strip", "name")

_Choice = TypeVar("_Choice", bound=StrEnum)


class Mistake(StrEnum):
    """What is wrong with a table of barcode rules."""

    UNKNOWN_KEY = "unknown-key"
    NOT_RULES = "not-rules"
    """``item`` or ``patron`` is not a list of tables (``[[item]]``)."""

    NO_PATTERN = "no-pattern"
    NOT_TEXT = "not-text"
    WRONG_CHOICE = "wrong-choice"
    """The value is none of :attr:`RuleComplaint.choices`."""

    BAD_PATTERN = "bad-pattern"
    """The complaint's ``fault``, ``value`` and ``position`` say why."""


@dataclass(frozen=True, slots=True)
class RuleComplaint:
    """One mistake in a table of barcode rules.

    Attributes:
        mistake: what is wrong.
        key: the key that is at fault.
        kind: the list of the rule at fault; ``None`` when it is about no single rule.
        number: which rule of that list, from 1; 0 when it is about no single rule.
        name: what the library calls that rule, if it has a name.
        value: what was found; of a pattern, the piece at fault.
        choices: what it could be.
        suggestion: the key or value that may have been meant.
        fault: why a pattern cannot be used.
        position: where in the pattern, from 1.
    """

    mistake: Mistake
    key: str
    kind: BarcodeKind | None = None
    number: int = 0
    name: str = ""
    value: str = ""
    choices: tuple[str, ...] = ()
    suggestion: str = ""
    fault: PatternFault | None = None
    position: int = 0


class RulesError(ValueError):
    """A table of barcode rules that cannot be used.

    Attributes:
        complaints: everything that is wrong with it, at least one.
    """

    def __init__(self, complaints: Sequence[RuleComplaint]) -> None:
        super().__init__(f"{len(complaints)} mistakes in the barcode rules")
        self.complaints = tuple(complaints)


def parse(table: Mapping[str, object], base: RuleSet = ANY) -> RuleSet:
    """Read a table of barcode rules.

    Args:
        table: the table, as TOML gives it.
        base: what holds where the table says nothing; a list in the table replaces the whole
            list.

    Raises:
        RulesError: with every mistake found, not only the first.
    """
    reader = _Reader()
    found = base
    for key in table:
        if key not in _SET_KEYS:
            reader.unknown(key, _SET_KEYS)
    if "item" in table:
        found = replace(found, items=reader.rules(BarcodeKind.ITEM, table["item"]))
    if "patron" in table:
        found = replace(found, patrons=reader.rules(BarcodeKind.PATRON, table["patron"]))
    found = replace(
        found,
        unmatched=reader.choice(table, "unmatched", found.unmatched),
        isbn=reader.choice(table, "isbn", found.isbn),
        stars=reader.choice(table, "stars", found.stars),
    )
    if reader.complaints:
        raise RulesError(reader.complaints)
    return found


class _Reader:
    """Reads values and collects what is wrong with them, with the rule they are in."""

    def __init__(self) -> None:
        self.complaints: list[RuleComplaint] = []
        self.kind: BarcodeKind | None = None
        self.number = 0
        self.name = ""

    def complain(self, mistake: Mistake, key: str, **details: object) -> None:
        self.complaints.append(
            RuleComplaint(mistake, key, self.kind, self.number, self.name, **details)  # type: ignore[arg-type]
        )

    def unknown(self, key: str, known: Sequence[str]) -> None:
        self.complain(Mistake.UNKNOWN_KEY, key, suggestion=_closest(key, known))

    def rules(self, kind: BarcodeKind, value: object) -> tuple[Rule, ...]:
        if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
            self.complain(Mistake.NOT_RULES, kind.value)
            return ()
        found = []
        for number, entry in enumerate(value, 1):
            name = entry.get("name", "")
            self.kind, self.number = kind, number
            self.name = name if isinstance(name, str) else ""
            rule = self._rule(kind, entry)
            if rule:
                found.append(rule)
        self.kind, self.number, self.name = None, 0, ""
        return tuple(found)

    def _rule(self, kind: BarcodeKind, table: Mapping[str, object]) -> Rule | None:
        for key in table:
            if key not in _RULE_KEYS:
                self.unknown(key, _RULE_KEYS)
        self._text(table, "name")
        check = self.choice(table, "check", Check.NONE)
        on_fail = self.choice(table, "on_fail", OnFail.WARN)
        strip = self._strip(table)
        if "pattern" not in table:
            self.complain(Mistake.NO_PATTERN, "pattern")
            return None
        pattern = self._text(table, "pattern")
        if pattern is None:
            return None
        try:
            return Rule(kind, pattern, check, on_fail, strip, self.name)
        except PatternError as error:
            self.complain(
                Mistake.BAD_PATTERN,
                "pattern",
                value=error.piece,
                fault=error.fault,
                position=error.position,
            )
            return None

    def _text(self, table: Mapping[str, object], key: str) -> str | None:
        value = table.get(key, "")
        if isinstance(value, str):
            return value
        self.complain(Mistake.NOT_TEXT, key, value=str(value))
        return None

    def choice(self, table: Mapping[str, object], key: str, default: _Choice) -> _Choice:
        return self._member(type(default), key, table[key]) or default if key in table else default

    def _member(self, choices: type[_Choice], key: str, value: object) -> _Choice | None:
        wanted = str(value).strip().lower()
        for choice in choices:
            if choice.value.lower() == wanted and isinstance(value, str):
                return choice
        names = tuple(choice.value for choice in choices)
        self.complain(
            Mistake.WRONG_CHOICE,
            key,
            value=str(value),
            choices=names,
            suggestion=_closest(wanted, names),
        )
        return None

    def _strip(self, table: Mapping[str, object]) -> frozenset[Strip]:
        if "strip" not in table:
            return DEFAULT_STRIP
        value = table["strip"]
        if isinstance(value, str):
            value = [part for part in value.split(",") if part.strip()]
        if not isinstance(value, list):
            value = [value]
        members = (self._member(Strip, "strip", entry) for entry in value)
        return frozenset(member for member in members if member)


def _closest(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only when something is wrong

    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return close[0] if close else ""


class Concern(StrEnum):
    """What is odd about rules that can each be used."""

    OVERLAP = "overlap"
    """An item rule and a card rule both fit :attr:`Oddity.example`: a card in the item field
    cannot be noticed when it has that form."""

    ONE_SIDED = "one-sided"
    """Only one kind has rules: whatever fits them is never taken for the other kind."""

    FITS_ISBN = "fits-isbn"
    """The rule fits ISBNs such as :attr:`Oddity.example`: one scanned from the cover cannot be
    noticed."""

    CHECK_NEVER_RIGHT = "check-never-right"
    """The rule's check digit cannot be computed over anything the pattern fits."""

    NOT_RECORDABLE = "not-recordable"
    """Nothing the pattern fits can be written to OffCirc.dat."""

    UNDECIDED = "undecided"
    """The patterns are too big to be compared."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something odd about a library's barcode rules.

    Attributes:
        rules: the rules it is about, in the order item, card.
        kind: the kind it is about, when it is about a whole list.
        example: a text, as short as possible, that shows it.
    """

    concern: Concern
    rules: tuple[Rule, ...] = ()
    kind: BarcodeKind | None = None
    example: str = ""


def consistency(rules: RuleSet) -> tuple[Oddity, ...]:
    """Whether a library's rules make sense together.

    Forms are compared exactly, by what the patterns accept once stripped, up to a size where
    that is too much work (then :attr:`Concern.UNDECIDED`). Check digits are not considered: two
    rules told apart by nothing but their check digits overlap, since one misread in ten has the
    other's.
    """
    found = []
    if bool(rules.items) != bool(rules.patrons):
        found.append(
            Oddity(Concern.ONE_SIDED, kind=BarcodeKind.ITEM if rules.items else BarcodeKind.PATRON)
        )
    for rule in rules.rules:
        try:
            found.extend(_own_oddities(rule))
        except UndecidedError:
            found.append(Oddity(Concern.UNDECIDED, (rule,)))
    for item in rules.items:
        for patron in rules.patrons:
            try:
                shared = common(item.form, patron.form)
            except UndecidedError:
                found.append(Oddity(Concern.UNDECIDED, (item, patron)))
                continue
            if shared is not None:
                found.append(Oddity(Concern.OVERLAP, (item, patron), example=shared))
    return tuple(found)


def _own_oddities(rule: Rule) -> list[Oddity]:
    if common(rule.form, _recordable(rule.kind)) is None:
        return [Oddity(Concern.NOT_RECORDABLE, (rule,))]
    found = []
    isbn = common(rule.form, _form(r"97[89]\d{10}"))
    # With their own check digit, or warned about as ISBN, numbers of 13 digits are meant so.
    if isbn is not None and rule.check is not Check.EAN13:
        found.append(Oddity(Concern.FITS_ISBN, (rule,), example=isbn))
    if common(rule.form, _checkable(rule.check)) is None:
        found.append(Oddity(Concern.CHECK_NEVER_RIGHT, (rule,)))
    return found


def _recordable(kind: BarcodeKind) -> Pattern:
    """What OffCirc.dat can hold."""
    if kind is BarcodeKind.ITEM:
        return _form(rf"[!-~]{{1,{ITEM_WIDTH}}}")
    return _form(rf"[!-~]([ -~]{{0,{PATRON_LIMIT - 2}}}[!-~])?")


def _checkable(check: Check) -> Pattern:
    """What a check digit can be computed over."""
    if check is Check.NONE:
        return _form("[ -~]+")
    if check is Check.MOD43:
        return _form("[0-9A-Z. $/+%-]{2,}")
    if check is Check.MOD11:
        return _form(r"\d+[\dX]")
    return _form(r"\d{13}" if check is Check.EAN13 else r"\d{2,}")


@cache
def _form(pattern: str) -> Pattern:
    return Pattern(pattern)
