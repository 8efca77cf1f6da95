"""Patterns of barcodes: they agree with Python's own, never hang, and can be compared."""

import re
import warnings
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from offcirc.core.barcodes.patterns import Pattern, common
from offcirc.core.barcodes.patternsyntax import PLACES_LIMIT, PatternError, PatternFault

ALPHABET = "ab01-. é\n"
texts = st.text(ALPHABET, max_size=8)

ATOMS = r"a b 0 1 é - . \d \D \w \W \s \S \. \- \x61 \n { }"
SETS = r"[ab] [^a0] [a-z0-9] [\d-] [^\s] []a] [a-]"
atoms = st.sampled_from(f"{ATOMS} {SETS}".split())
counts = st.sampled_from(["", "*", "+", "?", "{2}", "{0}", "{1,3}", "{,2}", "{2,}", "*?", "{0,0}"])


def _grow(inner):
    piece = st.one_of(inner.map("({})".format), inner.map("(?:{})".format))
    return st.one_of(
        st.builds("{}{}".format, piece, counts),
        st.builds("{}{}".format, inner, inner),
        st.builds("{}|{}".format, inner, inner),
    )


patterns = st.recursive(st.builds("{}{}".format, atoms, counts), _grow, max_leaves=6)


def _python(pattern):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(pattern, re.ASCII)


@given(patterns, texts)
def test_agrees_with_python(pattern, text):
    assert Pattern(pattern).matches(text) == bool(_python(pattern).fullmatch(text))


@given(patterns, texts, st.integers(0, 8))
def test_ends_are_those_python_finds(pattern, text, start):
    assume(start <= len(text))
    python = _python(pattern)
    expected = [end for end in range(start, len(text) + 1) if python.fullmatch(text[start:end])]
    assert Pattern(pattern).ends(text, start) == expected


@given(st.text("ab(|)*+?{}2,[]^$-\\d", max_size=12))
def test_what_is_accepted_python_accepts_too(pattern):
    fault = None
    try:
        ours = Pattern(pattern)
    except PatternError as error:
        fault = error
    if fault:
        assert 1 <= fault.position <= max(len(pattern), 1)
        assert fault.piece in pattern
        return
    python = _python(pattern)
    for text in ("", "a", "ab", "2", "-", "a2"):
        assert ours.matches(text) == bool(python.fullmatch(text)), text


@given(patterns, patterns)
def test_a_common_text_is_accepted_by_both_and_none_means_none(one, two):
    shared = common(Pattern(one), Pattern(two))
    if shared is not None:
        assert _python(one).fullmatch(shared)
        assert _python(two).fullmatch(shared)


SHORT = ["".join(letters) for size in (1, 2, 3) for letters in product("ab0-", repeat=size)]


@given(patterns, patterns)
def test_a_text_that_both_accept_is_not_overlooked(one, two):
    left, right = _python(one), _python(two)
    both = next((t for t in SHORT if left.fullmatch(t) and right.fullmatch(t)), None)
    if both is not None:
        shared = common(Pattern(one), Pattern(two))
        assert shared is not None
        assert len(shared) <= len(both)


def test_patterns_that_share_nothing():
    assert common(Pattern(r"3\d{13}"), Pattern(r"2\d{13}")) is None
    assert common(Pattern("é+"), Pattern(".+")) is None, "nothing that OffCirc.dat can hold"


def test_the_common_text_is_the_shortest_and_plain():
    def shortest(text):
        return common(Pattern(text), Pattern(text))

    assert common(Pattern(r"[A-Z]{0,5}\d{6,11}"), Pattern(r"\d{9,14}")) == "000000000"
    assert shortest(r"[A-Z]\d{2}|x*") == "x"
    assert shortest(r"[^0-9]{3}") == "AAA"
    assert shortest("") is None


@pytest.mark.parametrize(
    "pattern", [r"(\d+)+x", r"(\d*)*\d*\d*\d*x", r"(a|a)*b", r"(.*)(.*)(.*)(.*)x", r"(\d|\d\d)*x"]
)
def test_patterns_that_would_hang_a_backtracking_matcher(pattern):
    found = Pattern(pattern)
    for _ in range(50):
        assert not found.matches("1" * 255)
        assert not found.matches("a" * 255)


def test_memory_stays_bounded_whatever_is_scanned():
    # This pattern has 2 to the power of 16 states, all of which a patient scanner could visit.
    found = Pattern("[01]*1[01]{15}")
    for number in range(3000):
        text = f"{number * 9973 % 65536:016b}{number:020b}"
        assert found.matches(text) == (text[-16] == "1")
    assert len(found._states) <= 2000


@pytest.mark.parametrize(
    ("pattern", "fault", "piece", "position"),
    [
        ("(12", PatternFault.SYNTAX, "(12", 1),
        ("12)", PatternFault.SYNTAX, ")", 3),
        ("3[0-9", PatternFault.SYNTAX, "[0-9", 2),
        ("*3", PatternFault.SYNTAX, "*", 1),
        ("3**", PatternFault.SYNTAX, "**", 2),
        ("3{2}{3}", PatternFault.SYNTAX, "{2}{", 2),
        ("3{5,2}", PatternFault.SYNTAX, "{5,2}", 2),
        ("[9-0]", PatternFault.SYNTAX, "9-0", 2),
        (r"[\d-z]", PatternFault.SYNTAX, r"\d-z", 2),
        ("3\\", PatternFault.SYNTAX, "\\", 2),
        (r"(?=2)\d+", PatternFault.UNSUPPORTED, "(?=", 1),
        (r"(?!2)\d+", PatternFault.UNSUPPORTED, "(?!", 1),
        (r"(?i)abc", PatternFault.UNSUPPORTED, "(?i", 1),
        (r"(\d)\1", PatternFault.UNSUPPORTED, r"\1", 5),
        (r"\bA", PatternFault.UNSUPPORTED, r"\b", 1),
        ("3$3", PatternFault.UNSUPPORTED, "$", 2),
        ("3^3", PatternFault.UNSUPPORTED, "^", 2),
        ("3++", PatternFault.UNSUPPORTED, "++", 2),
        ("3{9999}", PatternFault.TOO_BIG, "{9999}", 2),
    ],
)
def test_what_cannot_be_used_is_named(pattern, fault, piece, position):
    with pytest.raises(PatternError) as caught:
        Pattern(pattern)
    assert (caught.value.fault, caught.value.piece, caught.value.position) == (
        fault,
        piece,
        position,
    )


@pytest.mark.parametrize(
    "pattern", ["((3{90}){90}){90}", "(((){900}){900}){900}", "(" * 5000 + ")" * 5000, "3?" * 3000]
)
def test_patterns_too_big_are_refused_before_they_cost_anything(pattern):
    with pytest.raises(PatternError) as caught:
        Pattern(pattern)
    assert caught.value.fault is PatternFault.TOO_BIG


def test_the_whole_text_must_match_anchors_or_not():
    for pattern in (r"3\d", r"^3\d$", r"^3\d", r"3\d$"):
        assert Pattern(pattern).matches("31")
        assert not Pattern(pattern).matches("31\n")
        assert not Pattern(pattern).matches("131")
    assert not Pattern(r"\d").matches("٣"), "digits are those of barcodes"


def test_the_largest_pattern_allowed_works():
    assert Pattern(rf"\d{{{PLACES_LIMIT}}}").matches("7" * PLACES_LIMIT)
