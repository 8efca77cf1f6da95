"""Room on the disk: how much there is, and a little kept back for the worst moment."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from offcirc.disk import durable
from offcirc.disk.errors import StorageError

LOW = 200 << 20
"""Free bytes below which somebody should make room; a year of a busy desk is some ten megabytes."""

TIGHT = 256 << 10
"""Free bytes below which a disk that was full is full still: what is begun there fails again."""

RESERVE_NAME = "journal.reserve"
RESERVE_SIZE = 1 << 20
"""Bytes kept back: room for some thousand transactions."""

_PLENTY = 16 * RESERVE_SIZE


def free_bytes(folder: Path) -> int | None:
    """How much this account may still write there; ``None`` when it cannot be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


class Reserve:
    """A file that takes up room until the disk is full, and is removed then.

    So a disk that fills up, by whatever program, does not stop the desk in the middle of a
    reader's pile: there is room for the rest of the day, and time to say so.

    Attributes:
        path: the file.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / RESERVE_NAME

    @property
    def kept(self) -> bool:
        """Whether there is something to give up."""
        try:
            return self.path.stat().st_size > 0
        except OSError:
            return False

    def keep(self) -> None:
        """Take the room, unless it is taken already or there is too little; never fails."""
        if self.kept or (free_bytes(self.path.parent) or 0) < _PLENTY:
            return
        try:
            # Random, lest a disk that compresses keeps nothing back.
            durable.replace(self.path, os.urandom(RESERVE_SIZE))
        except StorageError:
            return  # it is an extra; the journal itself will say what is wrong with the disk

    def give_up(self) -> bool:
        """Free the room.

        Returns:
            Whether there was any.
        """
        if not self.kept:
            return False
        try:
            self.path.unlink()
        except OSError:
            return False
        return True
