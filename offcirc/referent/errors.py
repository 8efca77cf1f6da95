"""From an exception to a sentence for the red band, and bugs to the log."""

from __future__ import annotations

import os
import traceback
from datetime import datetime
from pathlib import Path

from offcirc import __version__
from offcirc.i18n import _


def sentence(error: BaseException) -> str | None:
    """What to tell a librarian; ``None`` when the fault is the program's own."""
    # The rooms below word their own errors. Their classes are told by that, because to import
    # them takes longer than to draw the window.
    words = getattr(error, "words", None)
    if callable(words):
        return str(words())
    from offcirc.storage.errors import StorageError, describe

    if isinstance(error, StorageError):
        return describe(error)
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        if error.filename:
            return _("{path} cannot be used: {reason}.").format(path=error.filename, reason=reason)
        return _("The system says: {reason}.").format(reason=reason)
    return None


def keep_trace(error: BaseException, data_dir: Path) -> Path | None:
    """Write where a bug happened to the log, and return the log; never raises.

    Only the places in the code and the kind of error are kept: the values at hand may be readers'
    identifiers.
    """
    places = [
        f"  {frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    from offcirc.storage import durable

    now = datetime.now().astimezone().isoformat(timespec="seconds")
    text = "\n".join([f"{now} uploader {__version__} {type(error).__name__}", *places, ""])
    log = data_dir / "logs" / "errors.log"
    try:
        durable.make_folder(log.parent)
        fd = durable.open_private(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        with os.fdopen(fd, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError:
        return None
    return log
