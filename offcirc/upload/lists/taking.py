"""Keeping what was taken from a list: the lines as a file of the desk “paper”, the list beside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, timedelta
from io import BytesIO
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from offcirc import __version__
from offcirc.core.dat.datline import encode
from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import WRITTEN, Record, Source, Transaction
from offcirc.disk import durable
from offcirc.i18n import _
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.copies.manifest import Head, LineBook
from offcirc.storage.journal.rows import Row, RowState
from offcirc.storage.stamps import utc_now

FOLDER = "lists"
"""Below the data folder."""


def keep(
    data_dir: Path, name: str, original: bytes, records: Sequence[Record], library: str = ""
) -> Path:
    """Write the lines, and the list as it was; the file of lines.

    It is called as a desk's copy is (see :mod:`offcirc.upload.lines.copies`), so that every
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
    write(path, records, library)
    return path


def write(path: Path, records: Sequence[Record], library: str = "") -> None:
    """Write lines as an OffCirc.dat, and beside it what it has no letter for.

    A renewal stands there as a loan and in-house use as a return; the manifest says which of the
    lines they are. It names no other line, so that those are known by what they say, whatever list
    they come from.

    Raises:
        StorageError: a file cannot be written, or is there already.
    """
    data = b"".join(map(encode, records))
    durable.create(path, data)
    meant = [record for record in records if record.operation not in WRITTEN]
    if not meant:
        return
    book = LineBook()
    book.read(BytesIO(data), len(data), iter([_row(record) for record in meant]))
    head = Head(
        *(DeskIdentity(library, "", _("paper")), "", __version__, utc_now(), path.name, "", 0),
        *(book.count, len(data), book.sha256, None, None),
    )
    durable.create(manifest_path(path), b"".join(book.pieces(head, ())))


def _row(record: Record) -> Row:
    """A line as a desk would have kept it; the same one has the same name in whatever list."""
    local = record.at.astimezone()
    offset = local.utcoffset() or timedelta()
    name = str(uuid5(NAMESPACE_OID, f"{record.operation} {encode(record)!r}"))
    transaction = Transaction(
        id=name,
        at=local.astimezone(UTC),
        utc_offset=offset // timedelta(minutes=1),
        operation=record.operation,
        item=record.item,
        patron=record.patron,
        raw="",
        source=Source.TYPED,
        stated=record.at,
    )
    return Row(0, transaction, RowState.SAVED)


def _plain(text: str, otherwise: str) -> str:
    """A name that every file system takes."""
    kept = re.sub(r"[^\w.()-]+", "-", text.replace("_", "-")).strip("-. ")
    return kept[:80] or otherwise
