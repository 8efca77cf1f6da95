"""Who may read what the program has written: as each system tells it."""

from __future__ import annotations

import sys
from pathlib import Path

from offcirc.disk import access


def is_closed(path: Path, folder: Path | None = None) -> bool:
    """Whether only its owner may read a file or folder.

    Args:
        path: it.
        folder: for Windows, where a file has the rights of the folder that was made for it and
            closed: that folder, if not the one it is in.
    """
    if sys.platform == "win32":
        return access.others(folder or (path if path.is_dir() else path.parent)) == ()
    return path.stat().st_mode & 0o077 == 0


def is_private(path: Path) -> bool:
    """The same of a file put where somebody wanted: on Windows it has the rights of that folder."""
    return sys.platform == "win32" or is_closed(path)
