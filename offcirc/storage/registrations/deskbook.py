"""The desk's file of registrations: sealed, a line each, only ever added to.

It lies beside OffCirc.dat and travels with it. Old ones are left out when the file is written
anew (:func:`forget`), a day at the earliest after the uploader can have had them.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from offcirc.core.registration import Registration
from offcirc.disk import durable
from offcirc.disk.errors import StorageError, wording
from offcirc.storage.registrations.seal import Seal, SealError

NAME = "registrations.sealed"
ENDING = ".registrations"
"""Of the copy that lies beside a desk's OffCirc.dat in the collection folder."""
MOST = 1 << 20
"""Bytes of a file that are read: a thousand registrations have half of it."""


def add(data_dir: Path, seal: Seal, registration: Registration) -> None:
    """Add one; it is on the disk when this returns.

    Raises:
        StorageError: it is not.
    """
    path = data_dir / NAME
    line = seal.close(registration) + b"\n"
    with wording(path):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        fd = durable.open_private(path, flags)
        try:
            durable.append(fd, line, os.fstat(fd).st_size, path)
        finally:
            os.close(fd)
        durable.flush_folder(data_dir)


def sealed_lines(path: Path) -> list[bytes]:
    """What a file holds, still sealed; nothing when there is none. A torn end is left out.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        with wording(path), path.open("rb") as stream:
            data = stream.read(MOST)
    except StorageError as error:
        if isinstance(error.cause, FileNotFoundError):
            return []
        raise
    return [line for line in data.split(b"\n")[:-1] if line]


def forget(data_dir: Path, seal: Seal, now: datetime, days: int) -> int:
    """Leave out what is older than so many days; what cannot be opened goes too. How many went.

    Raises:
        StorageError: the file cannot be written.
    """
    path = data_dir / NAME
    lines = sealed_lines(path)
    kept = [line for line in lines if _newer(seal, line, now - timedelta(days=days))]
    if len(kept) != len(lines):
        durable.replace(path, b"".join(line + b"\n" for line in kept))
    return len(lines) - len(kept)


def _newer(seal: Seal, line: bytes, since: datetime) -> bool:
    try:
        return seal.open(line).at >= since
    except SealError:
        return False


def beside(file: Path) -> tuple[Path, ...]:
    """Where the registrations of a desk's OffCirc.dat may lie."""
    return file.with_suffix(ENDING), file.with_name(NAME)
