"""Snapshots of a practice library, going back to one or to the first day, another in its place.

A library that has gone back is another one for whoever uploads: what was recorded since is not
there any more. So it gets a new identity, by which ledgers know it. All of it is prepared beside
the database and comes into its place in one transaction, whether somebody serves it or not.
"""

from __future__ import annotations

import contextlib
import io
import re
import sqlite3
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path

from offcirc.disk import durable
from offcirc.i18n import _
from offcirc.practice import state
from offcirc.practice.errors import LibraryError, StateError
from offcirc.practice.library import export
from offcirc.practice.library.library import FILES

_FOLDER = "snapshots"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")
_LARGEST_LIBRARY = 256 * 1024 * 1024
"""Bytes of an unpacked library: half a million readers with their items have half of it."""


def names(data_dir: Path) -> list[str]:
    """The snapshots there are."""
    return sorted(path.stem for path in (data_dir / _FOLDER).glob("*.db"))


def snapshot(connection: sqlite3.Connection, data_dir: Path, name: str) -> None:
    """Keep the library as it is now.

    Args:
        connection: to the library, outside a transaction.
        data_dir: where its snapshots are.
        name: of the snapshot.

    Raises:
        StateError: the name is none or taken, or it cannot be written.
    """
    file = _file(data_dir, name)
    if file.exists():
        raise StateError(_("There is a snapshot “{name}” already.").format(name=name))
    with _wording():
        file.parent.mkdir(mode=0o700, exist_ok=True)
        draft = file.with_name(file.name + ".new")
        _copy(connection, draft)
        draft.replace(file)
        durable.flush_folder(file.parent)


@contextlib.contextmanager
def snapshot_of(data_dir: Path, name: str) -> Iterator[Path]:
    """A library to go back to, for :func:`put`.

    Raises:
        StateError: there is none of this name, or it cannot be read.
    """
    file = _file(data_dir, name)
    if not file.exists():
        raise StateError(
            _("There is no snapshot “{name}”. There are: {names}.").format(
                name=name, names=", ".join(names(data_dir)) or "–"
            )
        )
    with _workplace(data_dir) as folder, contextlib.closing(state.connect(file)) as before:
        _copy(before, folder / state.DATABASE)
        yield folder / state.DATABASE


@contextlib.contextmanager
def first_day(data_dir: Path, source: Path | None) -> Iterator[Path]:
    """The library as its folder has it, for :func:`put`.

    Raises:
        LibraryError: the folder cannot be used.
        StateError: it cannot be written.
    """
    with _workplace(data_dir) as folder:
        state.build(folder / state.DATABASE, source)
        yield folder / state.DATABASE


@contextlib.contextmanager
def packed(data_dir: Path, content: bytes) -> Iterator[Path]:
    """The library in a ZIP file, for :func:`put`.

    Raises:
        LibraryError: it is none; a sentence names the file and the line.
        StateError: it cannot be written.
    """
    with _workplace(data_dir) as folder:
        _unpack(content, folder / "library")
        state.build(folder / state.DATABASE, folder / "library")
        yield folder / state.DATABASE


def pack(connection: sqlite3.Connection, data_dir: Path, zone: tzinfo) -> bytes:
    """The library as a ZIP file of its folder.

    Raises:
        LibraryError: it cannot be written.
    """
    content = io.BytesIO()
    with _workplace(data_dir) as folder:
        export.write(connection, folder / "library", zone)
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in FILES:
                archive.write(folder / "library" / name, f"library/{name}")
    return content.getvalue()


def put(connection: sqlite3.Connection, draft: Path) -> None:
    """Put a library in the place of the one that is open: whole, or not at all.

    It stays the one that the data folder was begun with, so that the server starts with the same
    words as before.

    Args:
        connection: to the one that is open, outside a transaction.
        draft: the other one's database, which is changed.

    Raises:
        StateError: it cannot be read or written.
    """
    facts = dict(connection.execute("SELECT name, value FROM facts").fetchall())
    kept = {"identity": str(uuid.uuid4()), "digest": facts["digest"], "label": facts["label"]}
    with _wording(), contextlib.closing(state.connect(draft)) as other:
        state.upgrade_tables(other)
        other.executemany(
            "UPDATE facts SET value = ? WHERE name = ?",
            [(value, name) for name, value in kept.items()],
        )
        other.backup(connection)


def _file(data_dir: Path, name: str) -> Path:
    if _NAME.fullmatch(name) is None:
        raise StateError(
            _("A snapshot’s name has letters, digits, blanks, points and dashes; at most 64.")
        )
    return data_dir / _FOLDER / f"{name}.db"


def _copy(library: sqlite3.Connection, file: Path) -> None:
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    with contextlib.closing(state.connect(file)) as copy:
        library.backup(copy)


@contextlib.contextmanager
def _workplace(data_dir: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, for its owner alone."""
    with _wording(), tempfile.TemporaryDirectory(prefix=state.COMING, dir=data_dir) as folder:
        yield Path(folder)


@contextlib.contextmanager
def _wording() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StateError(
            _("The library cannot be written or read: {reason}.").format(reason=error)
        ) from None


def _unpack(content: bytes, folder: Path) -> None:
    """The six files, wherever they lie in the archive; nothing else of it is looked at."""
    folder.mkdir(mode=0o700)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            left = _LARGEST_LIBRARY
            for each in archive.infolist():
                name = each.filename.rpartition("/")[2]
                if name in FILES:
                    with archive.open(each) as stream:
                        data = stream.read(left + 1)
                    left -= len(data)
                    if left < 0:
                        raise LibraryError(_("This library is too large."))
                    (folder / name).write_bytes(data)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        raise LibraryError(
            _("This is no ZIP file, or a damaged one. Pack the library’s folder and choose that.")
        ) from None
