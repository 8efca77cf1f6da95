"""Why a file or folder cannot be used, as the second half of a sentence that has named it."""

from __future__ import annotations

from pathlib import Path

from offcirc.disk.errors import Fault, Lost, fault_of, lost
from offcirc.i18n import _


def why(error: OSError, path: Path | None = None) -> str:
    """What the system's error means and what to do, ending in a full stop.

    Args:
        error: what the system said, just now.
        path: the file or folder; the error's own when not given.
    """
    path = path or Path(about(error))
    fault = fault_of(error, path)
    if fault is Fault.VANISHED and (lost_by := lost(error)) is not Lost.NAME:
        return {
            Lost.DRIVE: _("its drive is not connected. Plug it in again, then try again."),
            Lost.SHARE: _("its network folder does not answer. Look at the network."),
        }[lost_by]
    if isinstance(error, NotADirectoryError):
        fault = Fault.EXISTS
    told = _sentences().get(fault)
    if told is None:
        reason = error.strerror or str(error) or type(error).__name__
        return _("the system says: {reason}").format(reason=reason)
    return told


def about(error: OSError) -> str:
    """The file or folder that an error is about; of one that replaces another, that other."""
    return str(error.filename2 or error.filename or "")


def _sentences() -> dict[Fault, str]:
    return {
        Fault.VANISHED: _("there is no such file. Check its name and its folder."),
        Fault.NOT_A_FILE: _("this is a folder. Give a file in it."),
        Fault.DENIED: _("this account may not open it. Ask the person who installed the program."),
        Fault.NAME_TOO_LONG: _("this name is too long."),
        Fault.BUSY: _("another program has it open. Close it there, then try again."),
        Fault.EXISTS: _("something else has this name. Choose another one."),
        Fault.DISK_FULL: _("the disk is full. Make room, then try again."),
        Fault.READ_ONLY: _("this disk or folder is read-only. Choose another one."),
        Fault.BROKEN_DISK: _("its disk reports an error. Choose another one, and have it checked."),
    }
