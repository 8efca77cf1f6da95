"""The files on the disk: named after library, desk and days, whole, never overwritten."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError, wording
from offcirc.upload.handover.handoverparts import FilePart


def names_of(parts: Sequence[FilePart], folder: Path) -> list[str]:
    """A name for each file that nothing in the folder has."""
    names: list[str] = []
    for part in parts:
        days = sorted({line.minute[:10] for line in part.lines})
        words_ = ["OffCirc", plain(part.library), plain(part.desk), days[0]]
        if days[-1] != days[0]:
            words_.append(days[-1])
        wanted = folder / ("_".join(word for word in words_ if word) + part.suffix)
        names.append(
            next(path.name for path in free(wanted) if path.name not in names and not path.exists())
        )
    return names


def plain(text: str) -> str:
    """A name in plain letters, digits, ``-`` and ``_``."""
    text = text.replace("’", "-").replace("'", "-")
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", letters).strip("-_")[:40].strip("-_")


def write(path: Path, content: bytes, folder: Path) -> Path:
    """Write a file whole, never over another one; returns where it is.

    Raises:
        StorageError: it cannot be written.
    """
    if not path.parent.is_dir():
        path = folder / path.name
    _sweep(path)
    for candidate in free(path):
        with wording(candidate):
            if not candidate.exists():
                durable.replace(candidate, content)
                return candidate
            if candidate.read_bytes() == content:
                return candidate
    raise StorageError(Fault.EXISTS, path)


def _sweep(path: Path) -> None:
    """Remove what a write that was cut off has left."""
    with wording(path.parent):
        left = [one for one in path.parent.iterdir() if one.name.startswith(f"{path.name}.")]
    for one in left:
        if re.fullmatch(re.escape(path.name) + r"\.[0-9a-f]{32}\.tmp", one.name):
            with suppress(OSError):
                one.unlink()


def free(path: Path) -> Iterator[Path]:
    """A name, and others for when it is taken."""
    yield path
    for number in range(2, 1000):
        yield path.with_name(f"{path.stem}_{number}{path.suffix}")
