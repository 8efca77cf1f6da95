"""From an exception to a sentence that a librarian understands."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from offcirc.cli.frame.exits import Stop
from offcirc.cli.frame.output import visible
from offcirc.i18n import _


def sentence(error: BaseException) -> str | None:
    """What to tell a librarian; ``None`` when the fault is the program's own."""
    if isinstance(error, Stop):
        return error.sentence
    if isinstance(error, OSError):
        return unusable(error)
    return _of_room(error)


def _of_room(error: BaseException) -> str | None:
    """The sentence of an error that another room has worded.

    Its class is named by its module, because importing the rooms here would make every command
    as slow to start as the slowest.
    """
    rooms = {kind.__module__ for kind in type(error).__mro__}
    if "offcirc.disk.errors" in rooms:
        from offcirc.disk.errors import StorageError, describe

        return describe(error) if isinstance(error, StorageError) else None
    if rooms & {
        "offcirc.upload.base.errors",
        "offcirc.servers.errors",
        "offcirc.knowledge.errors",
    }:
        return str(getattr(error, "words", str)())
    if "offcirc.practice.errors" in rooms:
        return str(error)
    return None


def unusable(error: OSError, name: str | os.PathLike[str] | None = None) -> str:
    """Why a file or folder cannot be used, and what to do.

    Args:
        error: what the system said.
        name: the file or folder, as the person gave it; the error's own when not given.
    """
    from offcirc.disk.reasons import about, why

    shown = visible(os.fspath(name) if name is not None else about(error))
    text = why(error, Path(name) if name is not None else None)
    if shown:
        return _("{name}: {reason}").format(name=shown, reason=text)
    return text


def keep_trace(error: BaseException, folder: Path | None) -> str:
    """Write where a bug happened to the log, and say where the log is; never raises.

    Args:
        error: the bug.
        folder: the data folder asked for, or ``None`` for the usual one.
    """
    from offcirc.disk import errorlog

    text = errorlog.entry(error, "offcirc")
    try:
        from offcirc.disk import durable
        from offcirc.settings.places import data_dir

        place = data_dir(folder)
        durable.make_folder(place / "logs")  # of a group, where the data folder is
        return str(errorlog.append(place, text))
    except OSError:
        sys.stderr.write(text)
        return ""
