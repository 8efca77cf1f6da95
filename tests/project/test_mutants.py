"""What breaks the hearts of the program, to see whether a test notices, breaks what it says."""

from __future__ import annotations

import ast

import pytest
from hearts import HEARTS
from helpers import TOP
from mutants import equivalents, mutants


def test_every_heart_and_every_test_that_watches_over_it_is_there():
    named = {*HEARTS, *(test for tests in HEARTS.values() for test in tests)}
    files = {path.partition("::")[0] for path in named}
    assert [path for path in sorted(files) if not (TOP / path).is_file()] == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("a <= b < 3", ["a < b < 3", "a <= b <= 3", "4"]),
        ("a and not b", ["a or not b", "not not b"]),
        ("x = a + 'text'", ["a - 'text'"]),
        ("if a:\n    b()", ["if not a:\n    b()", "None"]),
        ("x = True", ["False"]),
        ("'''Words.'''", []),
        ("@dataclass(frozen=True)\nclass A:\n    b: int = 1", ["2"]),
    ],
)
def test_each_change_is_one_change(code: str, changes: list[str]):
    found = list(mutants(code))
    assert sorted(mutant.after for mutant in found) == sorted(changes)
    texts = {ast.unparse(mutant.tree) for mutant in found}
    assert len(texts | {ast.unparse(ast.parse(code))}) == len(changes) + 1


@pytest.mark.parametrize(("name", "known"), equivalents().items())
def test_what_is_known_to_change_nothing_is_a_change_of_todays_code(
    name: str, known: dict[tuple[str, str], str]
):
    source = (TOP / name).read_text(encoding="utf-8")
    assert name in HEARTS
    assert set(known) - {mutant.known_as for mutant in mutants(source)} == set()
    assert all(known.values()), "each with its reason"
