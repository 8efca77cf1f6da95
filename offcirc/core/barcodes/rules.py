"""Barcode rules: what a scanned or typed text may be, an item, a reader's card, or neither.

A library lists patterns for its items and for its readers' cards. Every scan is judged by both
lists, whatever field it came to: the mistake of the desk is the card in the item field. A list
without rules accepts anything, and what no rule proves wrong is never refused; the library may
ask for more (``on_fail``, ``unmatched``, ``isbn``).

Texts longer than :data:`LENGTH_LIMIT` fit no rule: OffCirc.dat cannot hold them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from offcirc.core.barcodes.checkdigits import Check, compute, verify
from offcirc.core.barcodes.patterns import Pattern
from offcirc.core.barcodes.symbology import (
    DEFAULT_STRIP,
    Strip,
    is_isbn,
    split_aim,
    strip,
    unstarred,
)
from offcirc.core.registration import PREFIX, is_provisional
from offcirc.core.transaction import PATRON_LIMIT

LENGTH_LIMIT = PATRON_LIMIT
"""Longest text that a rule is tried on."""

PIECES_LIMIT = 8
"""Most barcodes that are told apart in a text in which several scans ran together."""


class BarcodeKind(StrEnum):
    """What a barcode stands for; also the two lists of rules, and the two fields of the desk."""

    ITEM = "item"
    PATRON = "patron"

    @property
    def other(self) -> BarcodeKind:
        """The other one."""
        return BarcodeKind.PATRON if self is BarcodeKind.ITEM else BarcodeKind.ITEM


class OnFail(StrEnum):
    """How seriously something is taken."""

    OFF = "off"
    """Nothing is said."""

    WARN = "warn"
    """It is recorded, and the staff are told."""

    REFUSE = "refuse"
    """It is not recorded."""


class Stars(StrEnum):
    """What becomes of the stars that some scanners send around a Code 39 barcode."""

    STRIP = "strip"
    """They are taken off: they are no part of its number."""

    KEEP = "keep"
    """They are recorded."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One form of barcode that a library uses.

    Attributes:
        kind: what barcodes of this form stand for.
        pattern: their form; the whole text, once stripped, must match.
        check: their check digit.
        on_fail: what a wrong check digit means.
        strip: what is taken off before anything else.
        name: what the library calls them; may be empty.
    """

    kind: BarcodeKind
    pattern: str
    check: Check = Check.NONE
    on_fail: OnFail = OnFail.WARN
    strip: frozenset[Strip] = DEFAULT_STRIP
    name: str = ""
    form: Pattern = field(init=False, repr=False, compare=False)
    """The pattern ready to be used."""

    def __post_init__(self) -> None:
        """Read the pattern.

        Raises:
            PatternError: it cannot be used.
        """
        object.__setattr__(self, "form", Pattern(self.pattern))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The barcode rules of a library.

    Attributes:
        items: forms of item barcodes; none means that anything may be one.
        patrons: forms of readers' cards; none means that anything may be one.
        unmatched: what it means that a field has rules and none of either list fits.
        isbn: what it means that the ISBN on a book's cover came instead of its barcode.
        stars: what becomes of the stars around a Code 39 barcode.
    """

    items: tuple[Rule, ...] = ()
    patrons: tuple[Rule, ...] = ()
    unmatched: OnFail = OnFail.WARN
    isbn: OnFail = OnFail.WARN
    stars: Stars = Stars.STRIP

    def of(self, kind: BarcodeKind) -> tuple[Rule, ...]:
        """The rules for items or for readers' cards."""
        return self.items if kind is BarcodeKind.ITEM else self.patrons

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All the rules."""
        return self.items + self.patrons


_PROVISIONAL = Rule(BarcodeKind.PATRON, PREFIX + ".*")
"""Cards of ours for readers who have none yet; whatever the library's own look like."""

ANY = RuleSet()
"""No rules: anything may be an item or a card."""


class BarcodeCode(StrEnum):
    """What there is to say about a barcode."""

    CHECK_DIGIT = "check-digit"
    """The check digit is wrong: a misread or a slip of the keyboard."""

    NO_RULE = "no-rule"
    """It has the form of neither an item barcode nor a reader's card."""

    ISBN = "isbn"
    """It is the ISBN printed on the cover, not the library's barcode."""


@dataclass(frozen=True, slots=True)
class BarcodeFinding:
    """Something to say about a barcode in a field.

    Attributes:
        kind: what the barcode was taken for.
        refuse: whether it must not be recorded for that.
        expected: the check digit that would be right; only with
            :attr:`BarcodeCode.CHECK_DIGIT`, and empty when none would.
    """

    code: BarcodeCode
    kind: BarcodeKind
    refuse: bool = False
    expected: str = ""


class BarcodeOutcome(StrEnum):
    """Whether a barcode may be used in the field it came to."""

    ACCEPT = "accept"
    """It may; the findings, if any, are warnings."""

    OTHER_FIELD = "other-field"
    """It belongs in the other field: a card in the item field, an item in the borrower field."""

    REFUSE = "refuse"
    """It may not; the findings say why."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a barcode that came to a field.

    Attributes:
        outcome: whether it may be used there.
        kind: what it stands for: the field's own kind, or the other one.
        text: the barcode as it is to be recorded.
        findings: what there is to say.
    """

    outcome: BarcodeOutcome
    kind: BarcodeKind
    text: str
    findings: tuple[BarcodeFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that a text has the form of.

    Attributes:
        text: the text as the rule reads it, stripped.
        right: whether the check digit is right; also when there is none.
    """

    rule: Rule
    text: str
    right: bool

    @property
    def refused(self) -> bool:
        """Whether the library wants the wrong check digit refused."""
        return not self.right and self.rule.on_fail is OnFail.REFUSE

    @property
    def accepted(self) -> bool:
        """Whether nothing at all speaks against it."""
        return self.right or self.rule.on_fail is OnFail.OFF

    def findings(self) -> tuple[BarcodeFinding, ...]:
        """What there is to say about the check digit."""
        if self.accepted:
            return ()
        try:
            expected = compute(self.rule.check, self.text[:-1])
        except ValueError:
            expected = ""
        return (BarcodeFinding(BarcodeCode.CHECK_DIGIT, self.rule.kind, self.refused, expected),)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A text before both lists of rules.

    Attributes:
        raw: the text as it came.
        text: the text without AIM identifier and blanks around it.
        symbology: the AIM identifier without its bracket (``C1``), when there was one.
        item: the best rule for items that fits.
        patron: the best rule for readers' cards that fits.
        isbn: whether it is the ISBN of a book's cover.
        rules: what it was judged by.
    """

    raw: str
    text: str
    symbology: str
    item: Match | None
    patron: Match | None
    isbn: bool
    rules: RuleSet = field(repr=False)

    @property
    def kinds(self) -> frozenset[BarcodeKind]:
        """What it may stand for by an explicit rule; empty when none fits."""
        return frozenset(match.rule.kind for match in (self.item, self.patron) if match)

    def match(self, kind: BarcodeKind) -> Match | None:
        """The best rule of a kind that fits."""
        return self.item if kind is BarcodeKind.ITEM else self.patron

    def verdict(self, kind: BarcodeKind) -> Verdict:
        """What to do with it when it came to the field for items, or for readers.

        When both lists have a rule that fits, the field decides: the rules cannot tell. A rule
        that fits is stronger than a list without rules.
        """
        own, other = self.match(kind), self.match(kind.other)
        if own and (not own.refused or other is None or not other.accepted):
            outcome = BarcodeOutcome.REFUSE if own.refused else BarcodeOutcome.ACCEPT
            return Verdict(outcome, kind, own.text, own.findings() + self._cover())
        if other and not self._doubtful(other):
            outcome = BarcodeOutcome.REFUSE if other.refused else BarcodeOutcome.OTHER_FIELD
            return Verdict(outcome, kind.other, other.text, other.findings())
        return self._unmatched(kind, other)

    def _doubtful(self, match: Match) -> bool:
        """Whether an ISBN passes for a card because both have thirteen digits."""
        named = self.isbn and self.item is None and self.rules.isbn is not OnFail.OFF
        return named and match.rule.kind is BarcodeKind.PATRON

    def _cover(self) -> tuple[BarcodeFinding, ...]:
        """The notice that a card which a rule accepts may be the ISBN of a book all the same."""
        if self.patron and self._doubtful(self.patron):
            return (BarcodeFinding(BarcodeCode.ISBN, BarcodeKind.PATRON),)
        return ()

    def _unmatched(self, kind: BarcodeKind, other: Match | None) -> Verdict:
        """The verdict when no rule of this kind fits, nor one of the other that is to be believed.

        With item rules that do not fit and a card's rule that does, it is an ISBN or a card, but
        no item: that is refused, since nothing better can be done with it.
        """
        listed = bool(self.rules.of(kind))
        concern = self.rules.unmatched if listed else OnFail.OFF
        code = BarcodeCode.NO_RULE
        if self.isbn and self.rules.isbn is not OnFail.OFF:
            code = BarcodeCode.ISBN
            if concern is not OnFail.REFUSE:
                concern = OnFail.REFUSE if listed and other else self.rules.isbn
        if concern is OnFail.OFF:
            return Verdict(BarcodeOutcome.ACCEPT, kind, self.text)
        refuse = concern is OnFail.REFUSE
        outcome = BarcodeOutcome.REFUSE if refuse else BarcodeOutcome.ACCEPT
        return Verdict(outcome, kind, self.text, (BarcodeFinding(code, kind, refuse),))


def judge(text: str, rules: RuleSet = ANY, symbology: str = "") -> Judgement:
    """Try both lists of rules on a text.

    Args:
        text: the text, freed from the control characters around it.
        rules: the library's rules.
        symbology: the AIM identifier that the decoder took off, if it did (``C1``).
    """
    raw = text
    text = _without_stars(text, rules)
    named, rest = split_aim(text)
    stripped: dict[frozenset[Strip], str] = {}
    fits = len(text) <= LENGTH_LIMIT
    plain = rest.strip()
    symbology = symbology or named
    if plain.startswith(PREFIX) and is_provisional(plain):
        card = Match(_PROVISIONAL, plain, right=True)
        return Judgement(raw, plain, symbology, None, card, False, rules)
    return Judgement(
        raw=raw,
        text=plain,
        symbology=symbology,
        item=_best(text, rules.items, stripped) if fits else None,
        patron=_best(text, rules.patrons, stripped) if fits else None,
        isbn=is_isbn(plain, symbology),
        rules=rules,
    )


def accepted(text: str, rules: RuleSet) -> tuple[Rule, ...]:
    """Every rule that a text has the form of and that has nothing to say against it."""
    if len(text) > LENGTH_LIMIT:
        return ()
    text = _without_stars(text, rules)
    stripped: dict[frozenset[Strip], str] = {}
    matches = (_match(text, rule, stripped) for rule in rules.rules)
    return tuple(match.rule for match in matches if match and match.accepted)


def _without_stars(text: str, rules: RuleSet) -> str:
    if "*" not in text or rules.stars is Stars.KEEP:
        return text
    bare = split_aim(text)[1]
    return text.removesuffix(bare) + unstarred(bare.strip())


def split(text: str, rules: RuleSet) -> tuple[str, ...] | None:
    """The barcodes in a text in which several scans ran together for want of a suffix.

    Only when it can be proven: no rule has the form of the whole, and there is exactly one way to
    cut it into pieces that rules accept, check digits included.

    Returns:
        The pieces in order, two at least; ``None`` when nothing is proven.
    """
    length = len(text)
    if not (rules.rules and 2 <= length <= LENGTH_LIMIT):
        return None
    if any(rule.form.matches(text) for rule in rules.rules):
        return None
    # ways[n]: the ways to cut the first n characters; two are as bad as many.
    ways: list[list[tuple[int, ...]]] = [[] for _ in range(length + 1)]
    ways[0] = [()]
    for start in range(length):
        if not ways[start]:
            continue
        for end in {end for rule in rules.rules for end in _ends(text, start, rule)}:
            for cuts in ways[start]:
                if len(ways[end]) < 2:
                    ways[end].append((*cuts, end))
    if len(ways[length]) != 1 or len(ways[length][0]) > PIECES_LIMIT:
        return None
    cuts = ways[length][0]
    return tuple(text[a:b] for a, b in zip((0, *cuts), cuts, strict=False))


def _ends(text: str, start: int, rule: Rule) -> list[int]:
    """Where a piece that begins at ``start`` and that the rule accepts can end."""
    ends = [end for end in rule.form.ends(text, start) if end > start]
    if rule.on_fail is OnFail.OFF or rule.check is Check.NONE:
        return ends
    return [end for end in ends if verify(rule.check, text[start:end])]


def _best(
    text: str, rules: tuple[Rule, ...], stripped: dict[frozenset[Strip], str]
) -> Match | None:
    """The first rule with nothing to say against the text, or else the mildest."""
    best = None
    for rule in rules:
        match = _match(text, rule, stripped)
        if match is None:
            continue
        if match.accepted:
            return match
        if best is None or (best.refused and not match.refused):
            best = match
    return best


def _match(text: str, rule: Rule, stripped: dict[frozenset[Strip], str]) -> Match | None:
    bare = stripped.get(rule.strip)
    if bare is None:
        bare = stripped[rule.strip] = strip(text, rule.strip)
    if not rule.form.matches(bare):
        return None
    return Match(rule, bare, verify(rule.check, bare))
