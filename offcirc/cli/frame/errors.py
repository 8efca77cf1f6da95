"""From an exception to a sentence that a librarian understands."""

from __future__ import annotations

import errno
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
    shown = visible(os.fspath(name) if name is not None else str(error.filename or ""))
    text = _reason(error)
    if shown:
        return _("{name}: {reason}").format(name=shown, reason=text)
    return text


def _reason(error: OSError) -> str:  # noqa: PLR0911 - a table of sentences
    if isinstance(error, FileNotFoundError):
        return _("there is no such file. Check its name and its folder.")
    if isinstance(error, IsADirectoryError):
        return _("this is a folder. Give the OffCirc.dat files in it.")
    if isinstance(error, PermissionError):
        return _("this account may not open it. Ask the person who installed the program.")
    if isinstance(error, NotADirectoryError | FileExistsError):
        return _("something else has this name. Choose another one.")
    if error.errno == errno.ENOSPC:
        return _("the disk is full. Make room, then try again.")
    if error.errno == errno.EROFS:
        return _("this disk or folder is read-only. Choose another one.")
    if error.errno == errno.ENAMETOOLONG:
        return _("this name is too long.")
    return _("the system says: {reason}").format(reason=error.strerror or type(error).__name__)


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
