"""Whether item and borrower of a line are what they should be.

By the library's barcode rules where there are any; else by what the other lines say: an identifier
that is a reader in most lines is no item in this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from offcirc.core.barcodes import ANY, Kind, Outcome, RuleSet, Stars, judge
from offcirc.core.barcodes import Code as RuleCode
from offcirc.core.checks import Act, Code, Severity

_REMEMBERED = 1 << 16

Found = tuple[Code, Severity, Act, str]
"""What was found: code, how grave, what to do, more about it."""

_CODES = {
    (Kind.ITEM, RuleCode.CHECK_DIGIT): Code.ITEM_CHECK_DIGIT,
    (Kind.PATRON, RuleCode.CHECK_DIGIT): Code.READER_CHECK_DIGIT,
    (Kind.ITEM, RuleCode.NO_RULE): Code.ITEM_FORM,
    (Kind.PATRON, RuleCode.NO_RULE): Code.READER_FORM,
    (Kind.ITEM, RuleCode.ISBN): Code.ISBN,
    (Kind.PATRON, RuleCode.ISBN): Code.READER_FORM,
}


class Roles:
    """Counts how often each identifier is an item and how often a reader.

    Identifiers are known by the 64 bits of their hash.
    """

    def __init__(self) -> None:
        self._items: dict[int, int] = {}
        self._readers: dict[int, int] = {}
        self._both: dict[int, tuple[int, int]] = {}

    def count(self, item: str, patron: str) -> None:
        """A line of a file; ``patron`` is empty for a return."""
        name = hash(item)
        self._items[name] = self._items.get(name, 0) + 1
        if patron:
            name = hash(patron)
            self._readers[name] = self._readers.get(name, 0) + 1

    def finish(self) -> None:
        """All lines were counted: keep only what is both."""
        items, readers = self._items, self._readers
        few, many = (items, readers) if len(items) < len(readers) else (readers, items)
        self._both = {name: (items[name], readers[name]) for name in few if name in many}
        self._items, self._readers = {}, {}

    def __bool__(self) -> bool:
        """Whether any identifier is both."""
        return bool(self._both)

    def leaning(self, text: str) -> int:
        """How sure it is what an identifier is that is both.

        Returns:
            More than 0: rather a reader; less: rather an item; 0 when nothing speaks for either.
        """
        item, reader = self._both.get(hash(text), (0, 0))
        return reader - item

    def is_both(self, text: str) -> bool:
        """Whether an identifier is an item in some line and a reader in another."""
        return hash(text) in self._both


class Barcodes:
    """Judges the identifiers of lines."""

    def __init__(self, rules: RuleSet = ANY, roles: Roles | None = None) -> None:
        self._roles = roles if roles else None
        self._ruled = bool(rules.rules)
        self._judged = lru_cache(_REMEMBERED)(_judge(rules))

    def __bool__(self) -> bool:
        """Whether there is anything to judge by."""
        return self._ruled or self._roles is not None

    def look(self, item: str, patron: str) -> Iterator[Found]:
        """What there is to say of a line; ``patron`` is empty for a return."""
        item_there = patron_there = False
        if self._ruled:
            item_there, item_found = self._judged(Kind.ITEM, item)
            yield from item_found if not item_there else ()
            if patron:
                patron_there, patron_found = self._judged(Kind.PATRON, patron)
                yield from patron_found if not patron_there else ()
        roles = self._roles
        if roles is not None:
            item_there = item_there or roles.leaning(item) > 0
            patron_there = patron_there or (bool(patron) and roles.leaning(patron) < 0)
            if patron and roles.is_both(item) and roles.is_both(patron):
                swapped = roles.leaning(item) >= 0 >= roles.leaning(patron)
                item_there = patron_there = item_there or patron_there or swapped
        if item_there and patron_there:
            yield Code.SWAPPED, Severity.WARNING, Act.SWAP, ""
        elif item_there:
            yield Code.READER_AS_ITEM, Severity.WARNING, Act.CORRECT, ""
        elif patron_there:
            yield Code.ITEM_AS_READER, Severity.WARNING, Act.CORRECT, ""


class _judge:  # noqa: N801 - a function with rules
    """Whether an identifier belongs in the other field, and what else there is to say of it."""

    def __init__(self, rules: RuleSet) -> None:
        # A line says what was recorded: stars in it are a fault to be shown.
        self._rules = replace(rules, stars=Stars.KEEP)

    def __call__(self, kind: Kind, text: str) -> tuple[bool, tuple[Found, ...]]:
        verdict = judge(text, self._rules).verdict(kind)
        if verdict.outcome is Outcome.OTHER_FIELD:
            return True, ()
        found = tuple(
            (_CODES[kind, finding.code], Severity.WARNING, Act.CORRECT, finding.expected)
            for finding in verdict.findings
        )
        return False, found
