"""The desk as its parts see it: no part knows the window, and no role holds what no part needs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import offcirc.desk
from offcirc.desk.desk import DeskHost, WholeDesk

HOME = Path(offcirc.desk.__file__).parent
WINDOW = "offcirc.desk.program.window"
KNOW_IT = {"assembly.py", "start.py", "player.py", "smoke.py", "rehearsal.py", "window.py"}
"""What makes the window, opens it, or plays on it as a person does."""

_USE = re.compile(r"(?<![\w.])(?:self\._desk|desk)\.(\w+)")


def _parts() -> Iterator[Path]:
    return (path for path in HOME.rglob("*.py") if path.name not in KNOW_IT)


def _members(role: type) -> set[str]:
    return {name for name in vars(role) if not name.startswith("_")}


def _takes(path: Path) -> set[str]:
    """The roles that a module's functions are given."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    given = (each for each in nodes if isinstance(each, ast.arg) and each.arg == "desk")
    return {each.annotation.id for each in given if isinstance(each.annotation, ast.Name)}


def _imports(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {each.module or "" for each in nodes if isinstance(each, ast.ImportFrom)}


def test_no_part_knows_the_window_not_even_by_its_type() -> None:
    assert [path.name for path in _parts() if WINDOW in _imports(path)] == []


def test_whoever_takes_a_desk_says_in_which_role() -> None:
    took = {path.name: roles for path in _parts() if (roles := _takes(path) - {"str"})}
    assert len(took) >= 15
    assert set().union(*took.values()) == {"DeskHost", "WholeDesk"}


def test_the_whole_desk_is_taken_only_where_a_part_of_it_is_needed() -> None:
    more = _members(WholeDesk)
    for path in _parts():
        if "WholeDesk" in _takes(path):
            assert more & set(_USE.findall(path.read_text(encoding="utf-8"))), path.name


def test_every_member_of_a_role_is_needed_by_somebody() -> None:
    used = {name for path in _parts() for name in _USE.findall(path.read_text(encoding="utf-8"))}
    assert (_members(DeskHost) | _members(WholeDesk)) - used == set()
