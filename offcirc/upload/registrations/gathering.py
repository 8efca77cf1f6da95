"""Taking registrations in: they lie beside the desks' files of lines, sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from offcirc.disk.errors import StorageError
from offcirc.storage.registrations import deskbook
from offcirc.storage.registrations.registry import REGISTRY_NAME, Registry
from offcirc.storage.registrations.seal import seal_of
from offcirc.storage.stamps import utc_now


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came with the desks' files.

    Attributes:
        new: how many registrations had not been known.
        unreadable: how many were sealed with another key.
        unread: files that could not be read.
    """

    new: int = 0
    unreadable: int = 0
    unread: tuple[Path, ...] = ()


def gather(files: Iterable[Path], data_dir: Path, key: str) -> Gathered:
    """Take in what lies beside these files; nothing is made where no registration ever was.

    Args:
        files: the desks' files of lines.
        data_dir: the uploader's data folder.
        key: the library's key; empty when it has none.

    Raises:
        WrongKeyError: the key is none.
        StorageError: the registry cannot be opened or written.
    """
    lines: list[bytes] = []
    unread = []
    for path in dict.fromkeys(place for file in files for place in deskbook.beside(file)):
        try:
            lines += deskbook.sealed_lines(path)
        except StorageError:
            unread.append(path)
    known = (data_dir / REGISTRY_NAME).exists()
    if not lines and not known:
        return Gathered(unread=tuple(unread))
    with Registry(data_dir, seal_of(data_dir, key)) as registry:
        new, unreadable = registry.take(lines)
        registry.erase(utc_now())
    return Gathered(new, unreadable, tuple(unread))
