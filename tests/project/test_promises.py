"""What the README and the manuals promise is kept by a test that names it.

``<!-- promise: name -->`` stands before a promise, ``@pytest.mark.promise("name")`` on the tests
that would fail if it were broken.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest
from helpers import TOP, project_files
from helpers.pages import PAGES, README, SOURCES, manual

from offcirc import i18n

MARK = re.compile(r"<!-- promise: ([a-z]+(?:-[a-z]+)*) -->")
LAW = re.compile(r"^\d\. \*\*(?:.+\n(?: {3}.+\n)*)", re.MULTILINE)


def promised(path: Path) -> list[str]:
    return MARK.findall(path.read_text(encoding="utf-8"))


def kept() -> dict[str, set[str]]:
    """The tests that say which promises they keep, read without running anything."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in project_files():
        if not (path.match("test_*.py") and path.is_relative_to(TOP / "tests")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.promise":
                    for name in mark.args:
                        found[ast.literal_eval(name)].add(f"{path.name}::{node.name}")
    return found


def test_every_promise_is_kept_by_a_test_and_every_kept_one_is_promised():
    tests = kept()
    names = {name for path in SOURCES for name in promised(path)}
    assert len(names) > 40
    assert sorted(names - set(tests)) == [], "promised, and no test says that it keeps it"
    assert sorted(set(tests) - names) == [], "kept, and nowhere promised"


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_promise_the_same(page: str):
    first, *others = (promised(manual(page, language)) for language in i18n.LANGUAGES)
    assert first
    assert all(sorted(other) == sorted(first) for other in others)


def test_each_law_of_the_readme_is_a_promise():
    laws = LAW.findall(README.read_text(encoding="utf-8"))
    assert len(laws) == 8
    assert [law for law in laws if not MARK.search(law)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.parent.name + "-" + path.stem)
def test_no_mark_is_misspelt(path: Path):
    text = path.read_text(encoding="utf-8")
    assert text.count("promise:") == len(MARK.findall(text))
