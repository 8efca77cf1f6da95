"""Whether a file is there, as far as can be told without opening it."""

from __future__ import annotations

from pathlib import Path


def is_damaged(path: Path, *, used: bool) -> bool:
    """Whether a journal is damaged in a way that would make SQLite take it for a new one.

    Args:
        path: the journal.
        used: whether something shows that it has held rows.
    """
    if is_there(path.with_name(f"{path.name}.damaged")):
        return True  # it is being dealt with
    log = path.with_name(f"{path.name}-wal")
    return _size(path) == 0 and (used or bool(_size(log)))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def is_there(path: Path) -> bool:
    """Whether there is a file, as far as can be told."""
    try:
        return path.exists()
    except OSError:
        return False
