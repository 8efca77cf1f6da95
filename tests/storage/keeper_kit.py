"""Faults of the main place and of the fallback place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from storage.faulty import Kind
from storage.fire_kit import Day, check_next_morning

from offcirc.storage.journal.rows import Row, Where
from offcirc.storage.keeper.standing import Standing

posix = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX")


def break_home(day: Day, kind: Kind = Kind.REFUSED, *, for_good: bool = True) -> None:
    day.disk.count, day.disk.fail_at = 0, 1
    day.disk.kind, day.disk.for_good = kind, for_good


def break_both(day: Day, kind: Kind = Kind.REFUSED) -> None:
    day.disk.folder = day.folder
    break_home(day, kind)


def fails_at(patch: pytest.MonkeyPatch, day: Day, statement: str) -> None:
    """Every statement of this kind fails, wherever it is."""
    patch.setattr(day.disk, "is_due", lambda path, what: what.startswith(statement))


def items(rows: list[Row]) -> list[str]:
    return [row.transaction.item[-2:] for row in rows]


def scan_all(day: Day, count: int) -> list[Row]:
    rows = [day.scan() for _ in range(count)]
    assert None not in rows
    return rows


def check_next_morning_closed(day: Day) -> None:
    day.close()
    check_next_morning(day)


def standing(**changed) -> Standing:
    values = {
        "where": Where.MAIN, "fault": None, "save_fault": None, "away": 0,
        "fallback": Path("stick"), "free": None, "reserve": True,
    }  # fmt: skip
    return Standing(**(values | changed))
