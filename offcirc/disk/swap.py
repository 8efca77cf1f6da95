"""Leaving in a file's place what is to stay of it, though another program may be writing into it.

A file that is compared first and replaced after loses what somebody adds in between. So it is moved
aside first and looked at only then: whoever opens it from now on begins a new file, to which the
rest is added, and who had it open is waited for. What was interrupted is gone on with by doing it
again: until all is done, the old content lies whole beside the file.
"""

from __future__ import annotations

import errno
import os
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError, wording

PATIENCE = 2.0
"""Seconds to wait for a program that has the file open for writing."""


def aside_of(path: Path) -> Path:
    """Where a file lies while it is being replaced."""
    path = _real(path)
    return path.with_name(f".{path.name}.closing")


def content_of(path: Path) -> bytes:
    """What a file holds, also in the midst of an interrupted replacement; empty if it is not there.

    Raises:
        StorageError: it cannot be read.
    """
    with wording(path):
        for place in (aside_of(path), path):
            with suppress(FileNotFoundError):
                return place.read_bytes()
    return b""


def replace(path: Path, rest: Callable[[bytes], bytes | None]) -> bytes | None:
    """Replace a file by what is to stay of it; remove it when nothing is.

    Args:
        path: the file.
        rest: tells what is to stay of a content; ``None`` when this is not the content that was
            expected: the file is put back as it is.

    Returns:
        The content that was replaced; ``None`` when none was.

    Raises:
        StorageError: it could not be done, or another program does not let go of the file. Nothing
            is lost, and the same call goes on.
    """
    path, aside = _real(path), aside_of(path)
    with wording(path):
        if not aside.exists():
            try:
                path.rename(aside)
            except FileNotFoundError:
                return None
            durable.flush_folder(path.parent)
        with aside.open("rb", buffering=0) as stream:
            if not _is_let_go(stream):
                put_back(path)
                raise StorageError(Fault.BUSY, path)
            data = stream.read()
            stays = rest(data)
            if stays is None:
                stream.close()  # on Windows no open file can be given a name
                put_back(path)
                return None
            if stays and not (path.exists() and stays in path.read_bytes()):
                add(path, stays)
            if os.name == "nt":  # where an open file cannot be removed, nor be written into
                stream.close()
                aside.unlink()
            else:
                data += _added_since(stream, path)
                aside.unlink()
                data += _added_since(stream, path)
        durable.flush_folder(path.parent)
    return data


def check_let_go(path: Path) -> None:
    """Check that nobody has a file open for writing, before anything is begun.

    Raises:
        StorageError: somebody has.
    """
    with wording(path), path.open("rb", buffering=0) as stream:
        if not _is_let_go(stream):
            raise StorageError(Fault.BUSY, path)


def put_back(path: Path) -> None:
    """Give a file that was moved aside its name again; beside it, when a new one has that.

    Raises:
        OSError: it could not be done.
    """
    path, aside, number = _real(path), aside_of(path), 1
    wanted = path
    while not _name(aside, wanted):
        if number == 1 and aside.read_bytes() in path.read_bytes():
            aside.unlink()  # the new one has it all
            break
        number += 1
        wanted = path.with_name(f"{path.stem}-{number}{path.suffix}")
    durable.flush_folder(path.parent)


def _real(path: Path) -> Path:
    """The file itself: of a link, what is replaced would stay where it is."""
    return Path(os.path.realpath(path))


def _is_let_go(stream: BinaryIO) -> bool:
    """Wait until nobody has a file open for writing; also true where that cannot be told."""
    if sys.platform != "linux":
        return True
    import fcntl  # noqa: PLC0415 - not on Windows

    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except OSError as error:
            if error.errno != errno.EAGAIN:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        else:
            return True


def _added_since(stream: BinaryIO, path: Path) -> bytes:
    """Add to a file what was written, since the last look, into the one that lies aside."""
    more = stream.read()
    if more:
        add(path, more)
    return more


def add(path: Path, data: bytes) -> None:
    """Begin a file with these lines, or add them to what somebody has begun meanwhile.

    Raises:
        StorageError, OSError: it could not be done.
    """
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    durable.create(draft, data)
    if _name(draft, path):
        return
    draft.unlink()
    size = path.stat().st_size
    fd = durable.open_private(path, os.O_RDWR | os.O_APPEND)
    try:
        ends = size == 0
        if not ends:  # a new line is added at the end wherever this reads
            os.lseek(fd, size - 1, os.SEEK_SET)
            ends = os.read(fd, 1) == b"\n"
        durable.append(fd, data if ends else b"\r\n" + data, size, path)
    finally:
        os.close(fd)


def _name(source: Path, path: Path) -> bool:
    """Give a file another name, never over another file; whether the name was free."""
    if os.name == "nt":
        with suppress(FileExistsError):
            source.rename(path)
            return True
        return False
    try:
        os.link(source, path)
    except FileExistsError:
        return False
    except OSError:  # not every file system has links
        if path.exists():
            return False
        source.rename(path)
        return True
    source.unlink()
    return True
