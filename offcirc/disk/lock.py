"""One program at a time on a data folder.

The lock is the operating system's own, taken through ``filelock`` because it hides the difference
between ``flock`` and ``LockFileEx``: one whose owner was killed is free at once, and no time-out or
left-over file can block a desk. On Windows a locked file cannot be read by others, so who holds the
folder is told by a second file beside it.
"""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from offcirc.disk import durable
from offcirc.disk.errors import LockedError, Owner, wording

LOCK_NAME = "journal.lock"
OWNER_NAME = "journal.owner"


class DataLock:
    """The right to write in a data folder; held from construction until :meth:`release`.

    Attributes:
        folder: the data folder.
    """

    def __init__(self, folder: Path) -> None:
        """Take the lock, without waiting.

        Raises:
            LockedError: another program (or another journal of this one) holds it.
            StorageError: the lock file cannot be written.
        """
        self.folder = folder
        self._lock = FileLock(
            folder / LOCK_NAME, timeout=0, mode=durable.file_mode(folder), thread_local=False
        )
        with wording(folder / LOCK_NAME):
            try:
                self._lock.acquire()
            except Timeout:
                raise LockedError(folder, read_owner(folder)) from None
        try:
            self._sign()
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let the next program in. Does nothing the second time."""
        self._lock.release()

    def _sign(self) -> None:
        owner = {
            "pid": os.getpid(),
            "host": platform.node(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        # No flush to disk: after a power cut nobody holds the folder any more.
        path = self.folder / OWNER_NAME
        with wording(path):
            fd = durable.open_private(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            try:
                durable.write(fd, json.dumps(owner).encode())
            finally:
                os.close(fd)


def read_owner(folder: Path) -> Owner:
    """Who holds the folder, as far as can be told; never fails."""
    try:
        told = json.loads((folder / OWNER_NAME).read_bytes())
        since = datetime.fromisoformat(told["since"])
        return Owner(int(told["pid"]), str(told["host"]), since)
    except (OSError, ValueError, KeyError, TypeError):
        return Owner()
