"""Whether a place that had failed can be written again: asked where nobody waits for the answer."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from offcirc.disk import durable
from offcirc.disk.errors import StorageError

_CONTENT = b"OffCirc looks whether it can write here.\n"


def can_write(folder: Path) -> bool:
    """Whether something can be written there durably now; nothing is left of it.

    A drive that is dying or a share that is gone may take its time to answer: not for a window's
    own thread.

    Args:
        folder: the folder; it is not made when it is missing.
    """
    probe = folder / f".probe-{os.getpid()}"
    with suppress(OSError):
        probe.unlink(missing_ok=True)
    try:
        durable.create(probe, _CONTENT)
    except StorageError:
        return False
    with suppress(OSError):
        probe.unlink(missing_ok=True)
    return True
