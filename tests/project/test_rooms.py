"""The house: how full a room may be, what its sign says, and that a name means one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict

import drawing
import systems
from helpers import TOP, project_files

MOST_MODULES = 15
"""So many modules a folder holds before a newcomer gets lost in it."""

TWICE = {
    # Each window has its own kind of the same thing, and neither knows the other.
}
"""Public class names that stand for several things, each with its reason."""


def modules():
    return [
        path
        for path in project_files()
        if path.suffix == ".py" and path.is_relative_to(TOP / "offcirc")
    ]


def test_no_room_holds_more_than_can_be_overlooked():
    rooms = defaultdict(list)
    for path in modules():
        if path.name != "__init__.py":
            rooms[path.parent.relative_to(TOP).as_posix()].append(path.stem)
    assert {room: len(held) for room, held in rooms.items() if len(held) > MOST_MODULES} == {}


def test_a_public_class_name_means_one_thing():
    places = defaultdict(list)
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.relative_to(TOP).as_posix())
    twice = {name: at for name, at in places.items() if len(at) > 1}
    assert {name: at for name, at in twice.items() if name not in TWICE} == {}
    assert set(TWICE) <= set(twice), "no longer needed"


def test_the_drawing_in_the_readme_is_what_is_measured():
    assert drawing.main(["--check"]) == 0, "run: python installer/drawing.py"


def test_the_table_of_systems_is_what_the_adapters_say():
    assert systems.main(["--check"]) == 0, "run: python installer/systems.py"


def test_every_room_says_what_belongs_there_and_what_does_not():
    silent = []
    for path in modules():
        if path.name == "__init__.py" and path.parent != TOP / "offcirc":
            sign = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            if "Here:" not in sign or "Not here:" not in sign:
                silent.append(path.relative_to(TOP).as_posix())
    assert silent == []


def test_tests_stand_in_folders_named_after_the_rooms() -> None:
    """A room's tests are found where the room is; what needs the whole room stands at its top."""
    rooms = {path.name for path in (TOP / "offcirc").iterdir() if path.is_dir()}
    folders = {
        path.parent.relative_to(TOP / "tests")
        for path in (TOP / "tests").glob("*/*/test_*.py")
        if path.parts[-3] in rooms
    }
    assert folders
    assert not [str(each) for each in folders if not (TOP / "offcirc" / each).is_dir()]


READERS_OF_DATA = {
    "offcirc/cli/frame/processes.py",
    "offcirc/core/barcodes/ruletable.py",
    "offcirc/core/dat/datline.py",
    "offcirc/referent/registrations/controller.py",
    "offcirc/scanning/serial.py",
    "offcirc/upload/alma/almacells.py",
    "offcirc/upload/alma/almafacts.py",
    "offcirc/upload/alma/almarows.py",
    "offcirc/upload/lists/understanding.py",
    "offcirc/knowledge/sources/tables.py",
}
"""Where a reader reads: a file, a cell, a port. Everywhere else whoever borrows is a patron."""


def test_whoever_borrows_is_a_patron_in_all_of_the_code():
    """Names that code gives; texts for people say reader, and ``format`` fills those in."""
    found = set()
    for path in modules():
        place = path.relative_to(TOP).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                    pass
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    pass
                case _:
                    continue
            if {"reader", "readers", "borrower", "borrowers"} & set(_words(name)):
                found.add(f"{place}: {name}")
    assert {one for one in found if one.partition(":")[0] not in READERS_OF_DATA} == set()


def _words(name: str) -> list[str]:
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_")
