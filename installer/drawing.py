"""The rooms of the package and who imports whom, measured: ``python installer/drawing.py``.

A room stands above all that it imports, inside every room as in the whole. With ``--check`` nothing
is written, and the exit code says whether the README is true.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import grimp

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- drawing: begin -->\n", "<!-- drawing: end -->\n"
DRAWN = ("", "core", "storage", "upload", "practice", "desk", "referent", "cli")
"""The rooms whose inside is drawn; the first is the whole house."""


def drawing() -> str:
    """The layers of the house, and of the rooms that have rooms inside, the upper first."""
    graph = grimp.build_graph("offcirc", exclude_type_checking_imports=True, cache_dir=None)
    edges = [
        (upper.split("."), lower.split("."))
        for upper in graph.modules
        for lower in graph.find_modules_directly_imported_by(upper)
    ]
    lines = ["```"]
    for room in DRAWN:
        inside = ["offcirc", room] if room else ["offcirc"]
        depth = len(inside)
        below: defaultdict[str, set[str]] = defaultdict(set)
        for upper, lower in edges:
            ours = upper[:depth] == lower[:depth] == inside
            if ours and min(len(upper), len(lower)) > depth and upper[depth] != lower[depth]:
                below[upper[depth]].add(lower[depth])
        lines += [f"{'/'.join(inside)}/", *(f"    {' · '.join(row)}" for row in _layers(below)), ""]
    return "\n".join([*lines[:-1], "```", ""])


def _layers(below: dict[str, set[str]]) -> list[list[str]]:
    @cache
    def height(name: str) -> int:
        return 1 + max((height(each) for each in below.get(name, ())), default=-1)

    rows: defaultdict[int, list[str]] = defaultdict(list)
    for name in sorted({*below, *(each for some in below.values() for each in some)}):
        if not name.startswith("__"):
            rows[height(name)].append(name)
    return [rows[level] for level in sorted(rows, reverse=True)]


def main(arguments: list[str]) -> int:
    """Draw, or check what is drawn."""
    text = README.read_text(encoding="utf-8")
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    new = f"{before}{BEGIN}{drawing()}{END}{after}"
    if "--check" not in arguments:
        README.write_text(new, encoding="utf-8")
        return 0
    return int(new != text)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
