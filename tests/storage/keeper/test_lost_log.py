"""A journal whose log is deleted while it is open: SQLite goes on writing into what is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from storage.keeper_kit import break_home, items, scan_all

from offcirc.storage.journal.journal import Journal
from offcirc.storage.journal.rows import Where

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX")


def as_after_a_power_cut(folder: Path) -> Path:
    """What is on the disk at this moment; copied by another process, as SQLite wants it."""
    copy = folder.with_name("copy")
    subprocess.run(["cp", "-r", folder, copy], check=True)
    return copy


@pytest.mark.parametrize("noticed", ["scan", "delete", "round"])
def test_what_is_shown_outlives_the_log_of_the_journal(day, noticed):
    """It is noticed, and begun anew at once."""
    rows = scan_all(day, 2)
    day.keeper.folder.joinpath("journal.db-wal").unlink()
    if noticed == "scan":
        assert day.scan().where is Where.MAIN
    elif noticed == "delete":
        day.keeper.void(rows[0])
    else:
        day.keeper.tend()
    kept = {"scan": ["01", "02", "03"], "delete": ["02"], "round": ["01", "02"]}[noticed]
    assert day.keeper.standing.fault is None
    with Journal.open(as_after_a_power_cut(day.keeper.folder)) as journal:
        assert items(journal.pending()) == kept


def test_what_a_lost_log_held_goes_to_the_fallback_place_when_it_cannot_be_rescued(day):
    scan_all(day, 2)
    day.keeper.folder.joinpath("journal.db-wal").unlink()
    break_home(day)
    assert day.scan().where is Where.FALLBACK
    with Journal.open(as_after_a_power_cut(day.keeper.fallback)) as journal:
        assert items(journal.pending()) == ["01", "02", "03"]
