"""Copies of OffCirc.dat, with manifests, in the folder from which the referent collects them.

A copy is named after library, desk and computer, so that the files of many desks lie side by side.
It is replaced as a whole, the file before its manifest, and read back before that. The copy of a
file that was begun anew meanwhile is set aside, never overwritten.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from offcirc.core.identity import DeskIdentity
from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError, wording
from offcirc.storage.closing.receipts import Receipt, ReceiptError, read_receipt, receipt_path
from offcirc.storage.copies import manifest
from offcirc.storage.copies.manifest import Head, ManifestError

_CHUNK = 1 << 18
_LONGEST = 40


def copy_name(identity: DeskIdentity, computer: str) -> str:
    """The name of a desk's copy without its ending: plain letters and digits, no blanks."""
    parts = ["OffCirc", identity.library, identity.desk, computer]
    return "_".join(plain for part in parts if (plain := _plain(part)))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", letters).strip("-")[:_LONGEST].strip("-")


class Collection:
    """The collection folder as one desk sees it.

    Attributes:
        folder: it must exist; a share or a stick that is gone has none.
    """

    def __init__(self, folder: Path, name: str, go_on: Callable[[], None]) -> None:
        """Prepare.

        Args:
            folder: the folder.
            name: the copies' name without its ending.
            go_on: called before each piece that is read or written; may raise to stop.
        """
        self.folder = folder
        self._name = name
        self._go_on = go_on

    def check(self) -> None:
        """Check that the folder is there, and remove what an interrupted copy left.

        Raises:
            StorageError: it is not, or cannot be read.
        """
        with wording(self.folder):
            if not self.folder.is_dir():
                raise StorageError(Fault.VANISHED, self.folder)
            left = list(self.folder.glob(f".{self._name}*.tmp"))
        for path in left:
            with suppress(OSError):
                path.unlink()

    def place(self, journal: str, number: int, is_ours: Callable[[Path], bool]) -> Path:
        """Where the copy of a file belongs, with whatever must not be overwritten out of the way.

        Args:
            journal: the name of the journal that the file is written from.
            number: the file's number in it.
            is_ours: whether a copy without manifest is an earlier state of the file.

        Raises:
            StorageError: the folder cannot be used.
        """
        for name in (self._name, f"{self._name}_{journal[:6]}"):
            path = self.folder / f"{name}.dat"
            with wording(path):
                if not path.exists():
                    return path
                head = _head_of(path)
                if head is None and is_ours(path):
                    return path
                if head is not None and head.journal != journal:
                    continue  # of another desk with the same names
                if head is None or head.number != number:
                    self._set_aside(path)
                return path
        raise StorageError(Fault.EXISTS, self.folder / f"{self._name}.dat")

    def receipt(self, journal: str) -> tuple[Path, Receipt] | None:
        """The referent's word about this desk's file, and where it lies; ``None`` if there is none.

        Args:
            journal: the name of the journal that the file is written from.

        Raises:
            StorageError: it cannot be read.
        """
        for name in (self._name, f"{self._name}_{journal[:6]}"):
            path = receipt_path(self.folder / f"{name}.dat")
            self._go_on()
            with suppress(ReceiptError):
                found = read_receipt(path)
                if found is not None and found.journal == journal:
                    return path, found
        return None

    def write(
        self, path: Path, pieces: Iterable[bytes], expected: tuple[int, str] | None = None
    ) -> None:
        """Replace a file by what ``pieces`` hold, durably, and only after reading it back.

        Args:
            path: the file.
            pieces: its new content.
            expected: length and SHA-256 that this must have, in hex.

        Raises:
            StorageError: it could not be written, or is not what was expected; the old content is
                still there.
        """
        with self._temporary(path) as temporary:
            sha256, size = hashlib.sha256(), 0
            fd = durable.open_private(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            try:
                for piece in pieces:
                    rest = memoryview(piece)
                    while rest:
                        self._go_on()
                        part = bytes(rest[:_CHUNK])
                        taken = durable.write(fd, part)
                        if taken == 0:
                            raise StorageError(Fault.SHORT_WRITE, path)
                        sha256.update(part[:taken])
                        size += taken
                        rest = rest[taken:]
                durable.flush(fd)
                _forget_cached(fd)
            finally:
                os.close(fd)
            written = (size, sha256.hexdigest())
            if expected is not None and written != expected:
                raise StorageError(Fault.BUSY, path)  # it changed while it was read
            if self.look(temporary) != written:
                raise StorageError(Fault.BROKEN_DISK, path)
            durable.share(temporary)
            durable.move_over(temporary, path)
            durable.flush_folder(path.parent)

    def look(self, path: Path, size: int | None = None) -> tuple[int, str]:
        """Length and SHA-256 of a file, or of its first bytes.

        Raises:
            StorageError: it cannot be read.
        """
        sha256, seen = hashlib.sha256(), 0
        for piece in self.pieces(path, size):
            sha256.update(piece)
            seen += len(piece)
        return seen, sha256.hexdigest()

    def pieces(self, path: Path, size: int | None = None) -> Iterator[bytes]:
        """A file, or its first bytes, one piece after the other.

        Raises:
            StorageError: it cannot be read.
        """
        with wording(path), path.open("rb", buffering=0) as file:
            rest = os.fstat(file.fileno()).st_size if size is None else size
            while rest > 0:
                self._go_on()
                piece = file.read(min(_CHUNK, rest))
                if not piece:
                    return
                rest -= len(piece)
                yield piece

    @contextmanager
    def _temporary(self, path: Path) -> Iterator[Path]:
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
        try:
            with wording(path):
                yield temporary
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise

    def _set_aside(self, path: Path) -> None:
        at = datetime.fromtimestamp(path.stat().st_mtime).astimezone().strftime("%Y%m%d-%H%M%S")
        kept, number = path.with_name(f"{path.stem}.{at}.dat"), 1
        while kept.exists():
            number += 1
            kept = path.with_name(f"{path.stem}.{at}-{number}.dat")
        told = manifest_path(path)
        if told.exists():
            told.rename(manifest_path(kept))
        path.rename(kept)
        durable.flush_folder(path.parent)


def manifest_path(path: Path) -> Path:
    """The manifest that goes with a copy."""
    return path.with_name(path.stem + manifest.SUFFIX)


def _head_of(path: Path) -> Head | None:
    """What the manifest of a copy says; ``None`` if there is none that can be read."""
    try:
        with manifest_path(path).open("rb") as file:
            return manifest.read_head(file)
    except (FileNotFoundError, ManifestError):
        return None


def _forget_cached(fd: int) -> None:
    """Have the disk itself read when the file is read back, where the system can be asked to."""
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
