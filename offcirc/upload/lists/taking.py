"""Keeping what was taken from a list: the lines as a file of the desk “paper”, the list beside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Record
from offcirc.disk import durable
from offcirc.i18n import _

FOLDER = "lists"
"""Below the data folder."""


def keep(
    data_dir: Path, name: str, original: bytes, records: Sequence[Record], library: str = ""
) -> Path:
    """Write the lines, and the list as it was; the file of lines.

    It is called as a desk's copy is (see :mod:`offcirc.upload.lines.deskguess`), so that every
    report names the desk “paper”.

    Args:
        data_dir: the uploader's data folder.
        name: what the list is called, with its ending.
        original: the list itself.
        records: what was taken, in order.
        library: whose desk it was, if one is known.

    Raises:
        StorageError: the folder or a file cannot be written.
    """
    number = 1
    while (folder := data_dir / FOLDER / str(number)).exists():
        number += 1
    durable.data_folder(folder)
    durable.create(folder / _plain(name, "list"), original)
    words = (_plain(library, ""), _plain(_("paper"), "paper"), f"list-{number}")
    path = folder / f"OffCirc_{'_'.join(words)}.dat"
    durable.create(path, b"".join(map(encode, records)))
    return path


def _plain(text: str, otherwise: str) -> str:
    """A name that every file system takes."""
    kept = re.sub(r"[^\w.()-]+", "-", text.replace("_", "-")).strip("-. ")
    return kept[:80] or otherwise
