"""Desks with a name, and reports as Alma writes them, for the tests of handing over."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
from upload.kit import dat

from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import Operation, Record
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.copies.manifest import Head, LineBook

PRINTED = """\
Process ID 2744228060004116   Name Prêts - Télécharger les transactions hors-ligne
Started on 17/01/2018 17:32:47 CET   Finished on 17/01/2018 17:33:14 CET   Total run time 27 Seconds
Status Completed Successfully   Records processed 57   Records with exceptions 9
Line 18  Item not found. Barcode: TOTO31400
Line 19  Return item failed, item was not on loan. Barcode: OTOLO104602
Line 38  Return item failed, item was not on loan. Barcode: d293004279
Line 39  Return item failed, item was not on loan. Barcode: OTOLO104602
"""
"""The report that the users' manuals print."""


def desk_file(path: Path, identity: DeskIdentity, *lines: Record | bytes) -> Path:
    """An OffCirc.dat with the manifest that tells whose it is."""
    dat(path, *lines)
    data = path.read_bytes()
    book = LineBook(1)
    with path.open("rb") as stream:
        book.read(stream, len(data), iter(()))
    head = Head(
        identity=identity,
        computer="PC",
        version="1",
        written=datetime(2018, 1, 15, 18, tzinfo=UTC),
        name=path.name,
        journal="0" * 32,
        number=1,
        lines=book.count,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        first=None,
        last=None,
    )
    manifest_path(path).write_bytes(b"".join(book.pieces(head, ())))
    return path


def refusal(record: Record) -> str:
    """One of the messages that Alma may have for a line."""
    if record.operation is Operation.RETURN:
        return f"Return item failed, item was not on loan. Barcode: {record.item}"
    if len(record.item) % 2:
        return f"User not found. Barcode: {record.patron}"
    return f"Item not found. Barcode: {record.item}"


def report_text(
    rows: Sequence[tuple[int, str]],
    records: int,
    *,
    exceptions: int | None = None,
    process: str = "2744228060004116",
    status: str = "Completed Successfully",
) -> str:
    """A report as the manuals print one."""
    counted = len(rows) if exceptions is None else exceptions
    return (
        f"Process ID {process}   Name Loans - Upload offline transactions\n"
        "Started on 17/01/2018 17:32:47 CET   Finished on 17/01/2018 17:33:14 CET   "
        "Total run time 27 Seconds\n"
        f"Status {status}   Records processed {records}   Records with exceptions {counted}\n"
        + "".join(f"Line {number}  {message}\n" for number, message in rows)
    )


def workbook(*rows: Sequence[object]) -> bytes:
    """An Excel workbook of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
