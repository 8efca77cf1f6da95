"""Snapshots of a practice library, going back to one or to the first day: while nobody serves it.

A library that has gone back is another one for whoever uploads: what was recorded since is not
there any more. So it gets a new identity, by which ledgers know it.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

from offcirc.i18n import _
from offcirc.practice import state
from offcirc.practice.errors import StateError

_FOLDER = "snapshots"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")


def names(data_dir: Path) -> list[str]:
    """The snapshots there are."""
    return sorted(path.stem for path in (data_dir / _FOLDER).glob("*.db"))


def snapshot(data_dir: Path, source: Path | None, name: str) -> None:
    """Keep the library as it is now.

    Raises:
        StateError: the name is none or taken, or it cannot be written or is in use.
    """
    file = _file(data_dir, name)
    with state.opened(data_dir, source) as kept:
        if file.exists():
            raise StateError(_("There is a snapshot “{name}” already.").format(name=name))
        file.parent.mkdir(mode=0o700, exist_ok=True)
        draft = file.with_name(file.name + ".new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        with _both(kept.database, draft) as (library, copy):
            library.backup(copy)
        draft.replace(file)


def restore(data_dir: Path, source: Path | None, name: str) -> None:
    """Go back to a snapshot.

    Raises:
        StateError: there is none of this name, or the data folder is in use.
    """
    file = _file(data_dir, name)
    if not file.exists():
        raise StateError(
            _("There is no snapshot “{name}”. There are: {names}.").format(
                name=name, names=", ".join(names(data_dir)) or "–"
            )
        )
    with (
        state.opened(data_dir, source) as kept,
        _both(file, kept.database) as (before, library),
    ):
        before.backup(library)
        library.execute("UPDATE facts SET value = ? WHERE name = 'identity'", (str(uuid.uuid4()),))


def reset(data_dir: Path, source: Path | None) -> None:
    """Begin again with the library folder; snapshots stay.

    Raises:
        LibraryError: the library folder cannot be used.
        StateError: the data folder is in use.
    """
    with state.opened(data_dir, source) as kept:
        state.build(kept.database, source)


def _file(data_dir: Path, name: str) -> Path:
    if _NAME.fullmatch(name) is None:
        raise StateError(
            _("A snapshot’s name has letters, digits, blanks, points and dashes; at most 64.")
        )
    return data_dir / _FOLDER / f"{name}.db"


@contextlib.contextmanager
def _both(one: Path, other: Path) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    with (
        contextlib.closing(state.connect(one)) as first,
        contextlib.closing(state.connect(other)) as second,
    ):
        try:
            yield first, second
        except (OSError, sqlite3.Error) as error:
            raise StateError(
                _("The snapshot cannot be written or read: {reason}.").format(reason=error)
            ) from None
