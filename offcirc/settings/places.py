"""Where the program keeps its data on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PORTABLE = ("portable", "portable.txt")
"""Files that make a bundle keep its data beside itself; Windows likes to add an ending."""

PRACTICE_NAME = "practice.toml"
"""In a data folder: settings that make the desk of that folder one that plays."""

VARIABLE = "OFFCIRC_DATA_DIR"
"""Environment variable that names the data folder when no option does."""


def data_dir(override: str | os.PathLike[str] | None = None) -> Path:
    """The data folder, made if it is missing, readable by its owner only.

    It holds readers' identifiers, so a folder made here gets mode 0700, on Windows rights of its
    own. One that exists keeps those its owner gave it, except that others' access is taken away
    where we own it (on Windows the doctor says whom they let in).

    Args:
        override: the ``--data-dir`` of the command line; it wins over ``OFFCIRC_DATA_DIR``,
            which wins over the platform's own place for a user's program data.

    Raises:
        OSError: the folder cannot be made, or something else has its name.
    """
    wanted = override or os.environ.get(VARIABLE)
    folder = Path(wanted).expanduser() if wanted else default_data_dir()
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow a mapped drive
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        _close_to_others(folder)
    elif is_new:
        from offcirc.disk import access  # noqa: PLC0415 - once for each folder

        access.close_to_others(folder)
    return folder


def wanted_data_dir(override: str | os.PathLike[str] | None = None) -> Path | None:
    """The data folder that :func:`data_dir` would make, not made; ``None`` if it has no path."""
    wanted = override or os.environ.get(VARIABLE)
    try:
        folder = Path(wanted).expanduser() if wanted else default_data_dir()
    except RuntimeError:  # a home folder that is not known
        return None
    return Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow a mapped drive


def default_data_dir() -> Path:
    """The platform's own place for this user's program data; not made.

    A bundle beside whose programs somebody has put a file called ``portable`` keeps its data in a
    folder ``data`` there: on a stick, or on a PC where nothing may be installed.
    """
    if getattr(sys, "frozen", False):
        beside = Path(sys.executable).parent
        if any((beside / name).exists() for name in PORTABLE):
            return beside / "data"
    import platformdirs  # noqa: PLC0415 - 6 ms, not needed when the folder is named

    return Path(platformdirs.user_data_dir("OffCirc", appauthor=False, roaming=False))


def _close_to_others(folder: Path) -> None:
    status = folder.stat()
    if status.st_uid == os.getuid() and status.st_mode & 0o077 and not status.st_mode & 0o1000:
        folder.chmod(status.st_mode & 0o7700)
