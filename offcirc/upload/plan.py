"""From files to lines in one order, each with its key: what is to be sent, and what is held.

Files are read twice: once for their digest, once for their lines, never whole. A file whose
content was given before under another name is planned once.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from offcirc import words
from offcirc.core import datfile
from offcirc.core.fingerprint import KeyMaker
from offcirc.core.timeline import DeskRecords, Line, Placed, merge
from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.storage.ledgerrows import FileFacts, LineFacts, State
from offcirc.upload.errors import (
    FileChangedError,
    NoFilesError,
    NotOffCircError,
    UnreadableFileError,
)

CHUNK = 1 << 20
HEAD = 1 << 16


@dataclass(frozen=True, slots=True)
class Plan:
    """Files that can be uploaded.

    Attributes:
        files: the files, in the order given; an index into them names a line's file.
    """

    files: tuple[FileFacts, ...]

    def lines(self) -> Iterator[LineFacts]:
        """Every line that is not blank, in the order in which they are to be sent.

        A line that cannot be read has no time; it comes when its file has been read so far.

        Raises:
            UnreadableFileError: a file cannot be read any more.
            FileChangedError: a file is not what it was when the plan was made.
        """
        held: deque[LineFacts] = deque()
        with ExitStack() as stack:
            desks = [
                DeskRecords(
                    _records(index, _Hashing(stack.enter_context(_open(file))), file, held),
                    bytes.fromhex(file.sha256),
                )
                for index, file in enumerate(self.files)
                if not file.same_as
            ]
            indexes = [index for index, file in enumerate(self.files) if not file.same_as]
            for placed in merge(desks):
                while held:
                    yield held.popleft()
                yield _planned(indexes[placed.desk], placed)
            yield from held


def make_plan(paths: Sequence[Path]) -> Plan:
    """Look at the files to be uploaded: can they be read, are they OffCirc.dat files?

    Raises:
        NoFilesError: none was given.
        UnreadableFileError: one cannot be read.
        NotOffCircError: one is something else.
    """
    if not paths:
        raise NoFilesError
    files: list[FileFacts] = []
    first_of: dict[str, str] = {}
    for path, name in zip(paths, short_names(paths), strict=True):
        size, digest = _digest(path, name)
        files.append(FileFacts(name, str(path), digest, size, same_as=first_of.get(digest, "")))
        first_of.setdefault(digest, name)
    return Plan(tuple(files))


def short_names(paths: Sequence[Path]) -> list[str]:
    """Names for people: without folders, unless several files have the same name then.

    Eleven desks make eleven files called ``OffCirc.dat``; they are told apart by as many folders
    as it takes.
    """
    parts = [path.parts for path in paths]
    names = []
    for path in parts:
        others = {other for other in parts if other != path}
        length = 1
        while length < len(path) and any(other[-length:] == path[-length:] for other in others):
            length += 1
        names.append("/".join(path[-length:]))
    return names


class _Extra(NamedTuple):
    number: int
    raw: bytes
    key: bytes


class _Hashing:
    """A stream that knows the digest and the length of what has been read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._digest.update(data)
        return data

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _records(
    index: int, stream: _Hashing, file: FileFacts, held: deque[LineFacts]
) -> Iterator[Line[_Extra]]:
    maker = KeyMaker()
    # Doubts, such as a time in the future, do not keep a line from being sent.
    entries = datfile.read(stream, datetime.now())  # noqa: DTZ005 - the PC's local time is meant
    try:
        for entry in entries:
            if entry.record is None:
                held.append(_held(index, entry))
            else:
                yield Line(entry.record, _Extra(entry.number, entry.raw, maker.key(entry.record)))
    except OSError as error:
        raise UnreadableFileError(file.name, _why(error)) from error
    if stream.hexdigest() != file.sha256:
        raise FileChangedError(file.name)


def _held(index: int, entry: datfile.Entry) -> LineFacts:
    reason = entry.problem.value if entry.problem is not None else ""
    return LineFacts(index, entry.number, entry.raw, "", "", "", "", b"", State.HELD, reason)


def _planned(index: int, placed: Placed[_Extra]) -> LineFacts:
    record = placed.record
    return LineFacts(
        index,
        placed.extra.number,
        placed.extra.raw,
        placed.at.isoformat(timespec="minutes"),
        record.operation.value,
        record.item,
        record.patron if record.operation is Operation.LOAN else "",
        placed.extra.key,
        State.PLANNED,
    )


def _open(file: FileFacts) -> BinaryIO:
    try:
        return Path(file.path).open("rb")
    except OSError as error:
        raise UnreadableFileError(file.name, _why(error)) from error


def _digest(path: Path, name: str) -> tuple[int, str]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            # Opening a pipe would wait for ever.
            raise UnreadableFileError(name, _("it is not a file but a folder or a device."))
        with path.open("rb") as stream:
            other = datfile.sniff(stream.read(HEAD))
            if other is not None:
                raise NotOffCircError(name, words.not_this_file(other))
            stream.seek(0)
            digest = hashlib.sha256()
            size = 0
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(name, _why(error)) from error
    return size, digest.hexdigest()


def _why(error: OSError | ValueError) -> str:
    """Why a file cannot be read, for a librarian."""
    if isinstance(error, FileNotFoundError):
        return _("there is no such file.")
    if isinstance(error, PermissionError):
        return _("this account is not allowed to read it.")
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return str(error)
