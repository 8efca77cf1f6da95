"""Measure, each figure beside a floor measured in the same run: ``make bench``.

``python tests/bench/run.py`` runs every ``bench_*.py`` beside it; ``run.py journal start`` some of
them. The table goes to the screen, the figures also to ``bench-output/figures.json``.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import shutil
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]

from measuring import SCRATCH, Row  # noqa: E402 - found through the line above

HEADINGS = ("", "median", "p99", "floor", "ratio", "aim", "")


def main(wanted: list[str]) -> int:
    """Run the benchmarks; 1 when one could not be run. A missed aim is shown, not an error."""
    known = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(known)}")
        return 2
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir()
    rows: list[Row] = []
    broken = 0
    for name in wanted or known:
        print(f"measuring: {name} ...", flush=True)
        try:
            rows += importlib.import_module(f"bench_{name}").run()
        except Exception:
            broken += 1
            traceback.print_exc()
    print(f"\n{machine()}\n\n{table(rows)}")
    figures = {"machine": machine(), "rows": [row.facts() for row in rows]}
    (SCRATCH / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 1 if broken else 0


def table(rows: list[Row]) -> str:
    """The rows as text, columns aligned."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    lines = []
    for line in cells:
        first, *rest = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        lines.append("  ".join([first, *rest]).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    floor = "" if row.floor is None else f"{_figure(row.floor)} {row.unit} ({row.floor_name})"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} ×"
    aim = ""
    if row.at_least is not None:
        aim = f"≥ {_figure(row.at_least)}"
    elif row.at_most is not None:
        aim = f"≤ {_figure(row.at_most)}" + ("" if row.ratio is None else " ×")
    met = {None: "", True: "met", False: "MISSED"}[row.met]
    p99 = "" if row.p99 is None else f"{_figure(row.p99)} {row.unit}"
    return (row.what, f"{_figure(row.value)} {row.unit}", p99, floor, ratio, aim, met)


def _figure(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def machine() -> str:
    """What the figures hold for."""
    return (
        f"{platform.system()} {platform.release()}, {os.cpu_count()} processors,"
        f" Python {platform.python_version()}"
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
