"""Reading an OffCirc.dat to compare it with what the journal says, in constant memory."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

CHUNK = 1 << 20
"""Bytes read at a time."""


class Signature(NamedTuple):
    """What of a file changes, in all likelihood, when its content does."""

    device: int
    inode: int
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it is.

    Attributes:
        size: its length in bytes.
        whole: running SHA-256 of its content.
        head: running SHA-256 of its first bytes up to the boundary asked for; ``None`` if it is
            shorter than that.
        last: its last byte; empty if it has none.
        signature: to tell cheaply, later, whether it is still the same.
    """

    size: int
    whole: Hash
    head: Hash | None
    last: bytes
    signature: Signature

    def starts_with(self, sha256: str) -> bool:
        """Whether the bytes up to the boundary are those with this SHA-256, in hex."""
        return self.head is not None and self.head.hexdigest() == sha256


def open_dat(path: Path, flags: int) -> int | None:
    """Open an OffCirc.dat.

    Returns:
        The file, or ``None`` if there is none in its folder.

    Raises:
        StorageError: its folder is not there, or it is no ordinary file.
        OSError: it cannot be opened.
    """
    try:
        # A pipe of that name must not make the desk wait.
        fd = durable.open_private(path, flags | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        if path.parent.is_dir():
            return None
        raise
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise StorageError(Fault.NOT_A_FILE, path)
    return fd


def signature(status: os.stat_result) -> Signature:
    """The signature of a file whose status was asked for."""
    return Signature(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def look(fd: int, boundary: int) -> Seen:
    """Read a whole file once.

    Args:
        fd: the file.
        boundary: where :attr:`Seen.head` ends.

    Raises:
        OSError: it cannot be read.
    """
    status = os.fstat(fd)
    whole = hashlib.sha256()
    head: Hash | None = None
    size = 0
    last = b""
    os.lseek(fd, 0, os.SEEK_SET)
    while True:
        if size == boundary:
            head = whole.copy()
        wanted = CHUNK if size >= boundary else min(CHUNK, boundary - size)
        chunk = os.read(fd, wanted)
        if not chunk:
            return Seen(size, whole, head, last, signature(status))
        whole.update(chunk)
        size += len(chunk)
        last = chunk[-1:]


def read_at(fd: int, offset: int, length: int) -> bytes:
    """Up to ``length`` bytes from ``offset``; fewer at the end of the file."""
    os.lseek(fd, offset, os.SEEK_SET)
    parts = []
    while length > 0 and (chunk := os.read(fd, min(CHUNK, length))):
        parts.append(chunk)
        length -= len(chunk)
    return b"".join(parts)


def is_torn(fd: int, offset: int, meant: bytes) -> bool:
    """Whether the file, from ``offset`` on, is what a power cut leaves of writing ``meant`` there.

    A write that did not finish may have left a beginning of it, or the full length with zeros
    wherever a block had not reached the disk.
    """
    os.lseek(fd, offset, os.SEEK_SET)
    at = 0
    while chunk := os.read(fd, CHUNK):
        part = meant[at : at + len(chunk)]
        if chunk != part and not all(
            byte in {0, right}
            for byte, right in zip(chunk, part.ljust(len(chunk), b"\0"), strict=True)
        ):
            return False
        at += len(chunk)
    return True
