"""Reading desks' files: what a file is, its digest, its lines with their keys."""

from __future__ import annotations

import hashlib
import io
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from offcirc import words
from offcirc.core.dat import datfile
from offcirc.core.dat.datfile import Entry
from offcirc.core.dat.datline import Doubt
from offcirc.core.fingerprint import KeyMaker, content_of
from offcirc.core.transaction import made
from offcirc.disk import durable
from offcirc.disk.reasons import why
from offcirc.i18n import _
from offcirc.storage.copies.linetimes import LineTimes
from offcirc.upload.base.errors import NotOffCircError, UnreadableFileError

CHUNK = 1 << 18
HEAD = 1 << 16
"""Bytes that tell what a file is."""


class Keyed(NamedTuple):
    """A line that is not blank, and its key; ``plain``: what its file alone tells of that."""

    entry: Entry
    key: bytes
    plain: bytes


class Hashing:
    """A stream that knows the digest of what has been read from it, and of its beginning.

    Attributes:
        size: how many bytes have been read.
        prefix: the digest of the first ``prefix_size`` bytes; empty until they have been read.
    """

    def __init__(
        self,
        stream: datfile.ByteStream,
        *,
        chunk: int = CHUNK,
        prefix_size: int = -1,
        read: Callable[[int], None] = lambda size: None,
    ) -> None:
        """Prepare.

        Args:
            stream: the file.
            chunk: read no more than this at once.
            prefix_size: how long the beginning is.
            read: told how many bytes were read each time; may raise to stop.
        """
        self.size = 0
        self.prefix = hashlib.sha256().hexdigest() if prefix_size == 0 else ""
        self._stream = stream
        self._digest = hashlib.sha256()
        self._chunk = chunk
        self._prefix_size = prefix_size
        self._read = read

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        data = self._stream.read(min(size, self._chunk))
        cut = self._prefix_size - self.size
        if 0 < cut <= len(data):
            self._digest.update(data[:cut])
            self.prefix = self._digest.hexdigest()
            self._digest.update(data[cut:])
        else:
            self._digest.update(data)
        self.size += len(data)
        self._read(len(data))
        return data

    def hexdigest(self) -> str:
        """The digest of what has been read, in hex."""
        return self._digest.hexdigest()


def open_dat(path: Path, name: str) -> tuple[BinaryIO, bytes]:
    """Open an OffCirc.dat: the file at its beginning, and its first bytes.

    Args:
        path: where it is.
        name: what to call it.

    Raises:
        UnreadableFileError: it cannot be opened or read.
        NotOffCircError: it is something else.
    """
    with reading(name):
        try:
            mode = path.stat().st_mode
        except ValueError as error:  # a character that no path holds
            raise UnreadableFileError(name, str(error)) from error
        if not stat.S_ISREG(mode):
            # Opening a pipe would wait for ever.
            raise UnreadableFileError(name, _("it is not a file but a folder or a device."))
        if durable.is_database(path):
            raise NotOffCircError(name, words.not_this_file(datfile.NotThisFile.BINARY))
        stream = path.open("rb")
        try:
            head = stream.read(HEAD)
            other = datfile.sniff(head)
            if other is not None:
                raise NotOffCircError(name, words.not_this_file(other))
            stream.seek(0)
        except BaseException:
            stream.close()
            raise
    return stream, head


class Reopened:
    """A file that is opened anew for each piece: hundreds can be read side by side.

    A system lets a program have some hundred files open, some systems only two or three.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        with self._path.open("rb", buffering=0) as stream:
            stream.seek(self._at)
            data = stream.read(size)
        self._at += len(data)
        return data


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Word what keeps a file from being read.

    Raises:
        UnreadableFileError: that.
    """
    try:
        yield
    except OSError as error:
        raise UnreadableFileError(name, why(error)) from error


def keyed(
    stream: datfile.ByteStream, now: datetime, times: LineTimes | None = None
) -> Iterator[Keyed]:
    """Every line that is not blank, with its key.

    Args:
        stream: the file.
        now: local time without zone: what is future, what very old.
        times: what is told of its lines beside it.
    """
    maker = KeyMaker()
    key_of = maker.key
    for entry in datfile.read(stream, now):
        record = entry.record
        if record is None:
            key = plain = maker.raw_key(entry.raw)
        else:
            key = plain = key_of(record)
            if times is not None and (own := times.own(entry.number, record.at)):
                key = content_of(plain) + own
            if entry.doubts and times is not None and entry.number in times.stated:
                # What lay in the book drop was scanned after what happened later.
                doubts = tuple(one for one in entry.doubts if one is not Doubt.BACKWARDS)
                entry = entry._replace(doubts=doubts)  # noqa: PLW2901
        yield made(Keyed, (entry, key, plain))


def mark_of(head: bytes, times: LineTimes | None, *, whole: bool) -> bytes:
    """The key of the first line that can be read in a file's first bytes; empty if none can.

    Args:
        head: the first bytes.
        times: what is told of its lines beside it.
        whole: whether that is the whole file; else its last line may go on.
    """
    if not whole:
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]
    lines = keyed(io.BytesIO(head), datetime.max, times)  # noqa: DTZ901
    return next((line.key for line in lines if line.entry.record is not None), b"")


def exact_of(times: LineTimes | None, entry: Entry) -> datetime | None:
    """When a line was recorded by its desk's clock, to the millisecond, if that is known."""
    if times is None or entry.record is None:
        return None
    return times.at(entry.number, entry.record.at)
