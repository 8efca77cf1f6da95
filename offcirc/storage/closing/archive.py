"""The archive: what was uploaded, put away for good, one folder for each closing.

A folder is made under another name, flushed, read back and compared, and only then given its own
name: an archive folder is always complete. Nothing in it is overwritten. It holds ``archive.json``
with what it is and the SHA-256 of everything beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError, wording

ARCHIVE_NAME = "archive"
INDEX_NAME = "archive.json"
FORMAT = 1
_PARTIAL = ".partial"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in an archive folder.

    Attributes:
        name: its name there.
        size: its length in bytes.
        sha256: of its content, in hex.
    """

    name: str
    size: int
    sha256: str


class Draft:
    """A folder being filled; :meth:`finish` gives it its name, :meth:`discard` takes it away."""

    def __init__(self, folder: Path, name: str) -> None:
        """Begin a folder; what an interrupted attempt left of it is taken away first.

        Args:
            folder: the data folder.
            name: the name of the new folder in its archive; see :func:`free_name`.

        Raises:
            StorageError: it cannot be made.
        """
        self.final = folder / ARCHIVE_NAME / name
        self._place = self.final.with_name(f".{name}{_PARTIAL}")
        self._kept: dict[str, Kept] = {}
        self.discard()
        durable.private_folder(self._place)

    def add(self, name: str, pieces: bytes | Iterable[bytes]) -> Kept:
        """Add a file and read it back.

        Raises:
            StorageError: it could not be written, or does not read back as it was written.
        """
        path = self._place / name
        sha256, size = hashlib.sha256(), 0
        with wording(path):
            fd = durable.open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            try:
                for piece in (pieces,) if isinstance(pieces, bytes) else pieces:
                    rest = memoryview(piece)
                    while rest:
                        taken = durable.write(fd, bytes(rest[:_CHUNK]))
                        if not taken:
                            raise StorageError(Fault.SHORT_WRITE, path)
                        sha256.update(rest[:taken])
                        size += taken
                        rest = rest[taken:]
                durable.flush(fd)
            finally:
                os.close(fd)
        kept = Kept(name, size, sha256.hexdigest())
        if look(path) != (kept.size, kept.sha256):
            raise StorageError(Fault.BROKEN_DISK, path)
        self._kept[name] = kept
        return kept

    def finish(self, facts: dict[str, Any]) -> Path:
        """Write what the folder is, and give it its name.

        Raises:
            StorageError: it could not be finished, or its name is taken.
        """
        self.add(INDEX_NAME, index_text(facts, self._kept.values()))
        with wording(self.final):
            durable.flush_folder(self._place)
            if self.final.exists():
                raise StorageError(Fault.EXISTS, self.final)
            self._place.rename(self.final)
            durable.flush_folder(self.final.parent)
        return self.final

    def discard(self) -> None:
        """Take away what there is of it."""
        with wording(self._place), suppress(FileNotFoundError):
            shutil.rmtree(self._place)


def free_name(folder: Path, wanted: str, ending: str = "") -> str:
    """``wanted``, or with a number after it, so that nothing in the archive has this name yet."""
    name, number = wanted + ending, 1
    while (folder / ARCHIVE_NAME / name).exists():
        number += 1
        name = f"{wanted}-{number}{ending}"
    return name


def plain_name(text: str) -> str:
    """A name that every file system takes, made of a file's own."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[-80:] or "OffCirc.dat"


def read_index(folder: Path) -> dict[str, Any]:
    """What an archive folder is; empty when it cannot be told."""
    try:
        told = json.loads((folder / INDEX_NAME).read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) and told.get("format") == FORMAT else {}


def index_text(facts: dict[str, Any], kept: Iterable[Kept]) -> bytes:
    """The text of ``archive.json``."""
    contents = {each.name: {"bytes": each.size, "sha256": each.sha256} for each in kept}
    told = {"format": FORMAT, **facts, "contents": contents}
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def look(path: Path) -> tuple[int, str]:
    """Length and SHA-256 of a file, in hex.

    Raises:
        StorageError: it cannot be read.
    """
    sha256, size = hashlib.sha256(), 0
    for piece in pieces(path):
        sha256.update(piece)
        size += len(piece)
    return size, sha256.hexdigest()


def pieces(path: Path) -> Iterator[bytes]:
    """A file, one piece after the other.

    Raises:
        StorageError: it cannot be read.
    """
    with wording(path), path.open("rb", buffering=0) as stream:
        while piece := stream.read(_CHUNK):
            yield piece


def discard_partial(folder: Path, name: str) -> None:
    """Take away what an interrupted attempt left of an archive folder.

    Raises:
        StorageError: it cannot be.
    """
    place = folder / ARCHIVE_NAME / f".{name}{_PARTIAL}"
    with wording(place):
        if place.exists():
            shutil.rmtree(place)
