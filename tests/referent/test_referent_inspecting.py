"""What the check step is told: findings of files read and checked together."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from helpers import TOP

from offcirc.core.barcodes import ANY
from offcirc.referent.inspecting import Wish, inspect

SAMPLES = TOP / "resources" / "practice" / "toulouse" / "two-desks"


def codes(tmp_path: Path, now: datetime, hours: str = "") -> list[str]:
    folder = tmp_path / "files"
    shutil.copytree(SAMPLES, folder)
    wish = Wish(paths=(folder,), data_dir=tmp_path, rules=ANY, now=now, hours=hours)
    inspection = inspect(wish, lambda _scan: None, lambda: False)
    return [row.code for row in inspection.rows]


def test_a_clock_wrong_all_day_is_one_finding_for_each_file(tmp_path: Path) -> None:
    assert codes(tmp_path, datetime(2026, 11, 25)) == ["clock-wrong", "clock-wrong"]


def test_on_the_day_itself_there_is_nothing_to_find(tmp_path: Path) -> None:
    assert codes(tmp_path, datetime(2018, 3, 7)) == []


def test_what_happened_while_the_library_was_closed_is_found(tmp_path: Path) -> None:
    found = codes(tmp_path, datetime(2018, 3, 7), hours="tue 11:00-20:00")
    assert set(found) == {"closed"}
