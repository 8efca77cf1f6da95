"""The log of the program's own mistakes: where in the code they happened, and nothing else."""

from __future__ import annotations

import os
import traceback
from datetime import datetime
from pathlib import Path

from offcirc import __version__

NAME = "errors.log"
LIMIT = 1 << 20
"""Bytes after which the log is put aside, once: a mistake that repeats does not fill the disk."""


def entry(error: BaseException, program: str) -> str:
    """What is kept of a mistake.

    Only the places in the code and the kind of error: the values at hand may be readers'
    identifiers.
    """
    places = [
        f"  {frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return "\n".join([f"{now} {program} {__version__} {type(error).__name__}", *places, ""])


def append(data_dir: Path, text: str) -> Path:
    """Add an entry to the log of a data folder; returns the log.

    Raises:
        OSError: it cannot be written.
    """
    log = data_dir / "logs" / NAME
    log.parent.mkdir(mode=0o700, exist_ok=True)
    if log.exists() and log.stat().st_size + len(text) > LIMIT:
        log.replace(log.with_suffix(".old.log"))
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text[:LIMIT])
    return log
