"""The practice library at its largest: its pages beside an empty one, a long job by hand."""

from __future__ import annotations

import re
import shutil
import statistics
import time
from collections.abc import Callable
from datetime import date

from measuring import SCRATCH, Row, milliseconds
from practice.conftest import Browser

from offcirc.practice.library import generate
from offcirc.practice.web.serve import running

READERS, JOBS, TIMES = 50_000, 300, 25
SHORT, LONG = 2_000, 20_000


def run() -> list[Row]:
    """50,000 readers, 100,000 items."""
    folder = SCRATCH / "practice"
    shutil.rmtree(folder, ignore_errors=True)
    made = generate.make(READERS, 1, today=date(2026, 11, 27))
    generate.write(folder / "library", made)
    items = [item.barcode for item in made.items]
    patrons = [patron.barcode for patron in made.patrons]
    with running(folder / "library", folder / "data") as url:
        browser = Browser(url)
        browser.sign_in("referent", "BUC_PRET")
        floor = _median(lambda: browser.http.get("/sign-in"))
        for number in range(JOBS):
            _upload(browser, f"{number}.dat", [_line(items[number], patrons[number])])
        reader = browser.reader(patrons[7])
        pages = {
            "jobs": "/jobs",
            "a reader": reader,
            "an item": str(browser.post("/items", what=items[7]).headers["location"]),
        }
        rows = [_row(browser, name, path, floor) for name, path in pages.items()]
        short = _job(browser, "short.dat", items, patrons, SHORT)
        long = _job(browser, "long.dat", items, patrons, LONG)
    rate = LONG / long
    grown = (long / LONG) / (short / SHORT)
    return [
        *rows,
        Row(f"job by hand, {LONG:,} lines", rate, "lines/s"),
        Row(f"a line of it, beside one of {SHORT:,}", grown, "×", at_most=1.5),
    ]


def _median(action: Callable[[], object]) -> float:
    """Milliseconds."""
    return statistics.median(milliseconds(action) for _time in range(TIMES))


def _row(browser: Browser, name: str, path: str, floor: float) -> Row:
    return Row(
        f"page of {name}, 100,000 items",
        _median(lambda: browser.get(path)),
        "ms",
        floor=floor,
        floor_name="an empty page",
    )


def _line(item: str, patron: str, minute: int = 0) -> str:
    return f"20261127{9 + minute // 60 % 9:02}{minute % 60:02}L{item:<80}{patron}\r\n"


def _upload(browser: Browser, name: str, lines: list[str]) -> None:
    answer = browser.upload(name, "".join(lines).encode())
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    while re.search(r'http-equiv="refresh"', browser.get(path)):
        time.sleep(0.05)


def _job(browser: Browser, name: str, items: list[str], patrons: list[str], count: int) -> float:
    lines = [_line(items[-at], patrons[-at % 4_000], at % 500) for at in range(1, count + 1)]
    begun = time.perf_counter()
    _upload(browser, name, lines)
    return time.perf_counter() - begun
