"""From an exception to a sentence for the red band, and bugs to the log."""

from __future__ import annotations

from pathlib import Path


def sentence(error: BaseException) -> str | None:
    """What to tell a librarian; ``None`` when the fault is the program's own."""
    # The rooms below word their own errors. Their classes are told by that, because to import
    # them takes longer than to draw the window.
    words = getattr(error, "words", None)
    if callable(words):
        return str(words())
    from offcirc.disk.errors import StorageError, describe

    if isinstance(error, StorageError):
        return describe(error)
    if isinstance(error, OSError):
        from offcirc.disk.reasons import about, why

        name = f"{about(error)}: " if about(error) else ""
        return f"{name}{why(error)}"
    return None


def keep_trace(error: BaseException, data_dir: Path) -> Path | None:
    """Write where a bug happened to the log, and return the log; never raises."""
    from offcirc.disk import durable, errorlog

    try:
        durable.make_folder(data_dir / "logs")  # of a group, where the data folder is
        return errorlog.append(data_dir, errorlog.entry(error, "uploader"))
    except OSError:
        return None
