"""The log of our own mistakes: it has a limit, and holds no values."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from offcirc.disk import errorlog


def test_a_mistake_that_repeats_does_not_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errorlog, "LIMIT", 2000)
    for number in range(300):
        log = errorlog.append(tmp_path, f"mistake {number}\n")
    assert log.read_text().endswith("mistake 299\n")
    files = sorted(path.name for path in log.parent.iterdir())
    assert files == ["errors.log", "errors.old.log"]
    assert all(path.stat().st_size <= 2000 for path in log.parent.iterdir())
    errorlog.append(tmp_path, "x" * 5000)
    assert log.stat().st_size == 2000
    if sys.platform != "win32":
        assert {path.stat().st_mode & 0o077 for path in log.parent.iterdir()} == {0}


def test_only_places_and_the_kind_of_error_are_kept() -> None:
    try:
        raise KeyError("9921000000164")
    except KeyError as error:
        kept = errorlog.entry(error, "offcirc")
    assert "KeyError" in kept
    assert "test_errorlog.py" in kept
    assert "9921000000164" not in kept
