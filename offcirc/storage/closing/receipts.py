"""A receipt: the referent's word to a desk that lines of its file have been uploaded.

It lies beside the copy in the collection folder, or beside OffCirc.dat itself, as
``<name>.closed.json``. The desk that the file belongs to reads it, puts its own file away and
starts a clean one. It names no item and no reader.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from offcirc import words
from offcirc.disk import durable
from offcirc.disk.errors import wording
from offcirc.i18n import _, ngettext
from offcirc.storage.stamps import moment, stamp

FORMAT = 1
SUFFIX = ".closed.json"
_LARGEST = 1 << 20


class ReceiptError(ValueError):
    """It is no receipt, is damaged, or is of a later format."""


class Order(StrEnum):
    """What the desk is to do."""

    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was uploaded of a file, and by whom.

    Attributes:
        order: close the file, or take it back.
        name: the file's name, as the referent had it.
        size: length in bytes of the uploaded part, from the file's beginning.
        sha256: of that part, in hex.
        lines: how many lines it has.
        kept: numbers, from 1, of its lines that were not dealt with and stay in the desk's file.
        job: the number of the upload in the referent's ledger.
        process_id: the server's name for it.
        server: the server's address.
        desk: the circulation desk's code.
        who: who uploaded.
        uploaded: when, aware, UTC.
        closed_by: who closed it.
        closed: when, aware, UTC.
        journal: the name of the journal that the file was written from; empty when not known.
        number: the file's number in that journal; 0 when not known.
    """

    order: Order
    name: str
    size: int
    sha256: str
    lines: int
    kept: tuple[int, ...]
    job: int
    process_id: str
    server: str
    desk: str
    who: str
    uploaded: datetime
    closed_by: str
    closed: datetime
    journal: str = ""
    number: int = 0

    def reopened(self, who: str, at: datetime) -> Receipt:
        """The word that takes this one back."""
        return replace(self, order=Order.REOPEN, closed_by=who, closed=at)


def receipt_path(path: Path) -> Path:
    """Where the receipt for a file lies."""
    return path.with_name(path.stem + SUFFIX)


def write_receipt(path: Path, receipt: Receipt) -> None:
    """Write a receipt, whole or not at all.

    Raises:
        StorageError: it could not be written.
    """
    durable.replace(path, render(receipt))
    durable.share(path)


def read_receipt(path: Path) -> Receipt | None:
    """The receipt there; ``None`` if there is none.

    Raises:
        ReceiptError: what is there is none.
        StorageError: it cannot be read.
    """
    with wording(path):
        try:
            with path.open("rb") as stream:
                data = stream.read(_LARGEST)
        except FileNotFoundError:
            return None
    return parse(data)


def describe_receipt(receipt: Receipt) -> str:
    """What a desk says once it has done what the referent said."""
    if receipt.order is Order.REOPEN:
        return _("{who} has taken the closing back: the lines are in OffCirc.dat again.").format(
            who=receipt.closed_by
        )
    return ngettext(
        "{lines} line was uploaded on {when} by {who}. A clean file begins.",
        "{lines} lines were uploaded on {when} by {who}. A clean file begins.",
        receipt.lines,
    ).format(
        lines=receipt.lines,
        when=words.when(receipt.uploaded.astimezone().replace(tzinfo=None)),
        who=receipt.who,
    )


def render(receipt: Receipt) -> bytes:
    """A receipt as JSON."""
    told: dict[str, Any] = {
        "format": FORMAT,
        "order": receipt.order.value,
        "file": receipt.name,
        "bytes": receipt.size,
        "sha256": receipt.sha256,
        "lines": receipt.lines,
        "kept": list(receipt.kept),
        "job": receipt.job,
        "process_id": receipt.process_id,
        "server": receipt.server,
        "circulation_desk": receipt.desk,
        "who": receipt.who,
        "uploaded": stamp(receipt.uploaded),
        "closed_by": receipt.closed_by,
        "closed": stamp(receipt.closed),
        "journal": receipt.journal,
        "number": receipt.number,
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def parse(data: bytes) -> Receipt:
    """Read a receipt.

    Raises:
        ReceiptError: it is none, is damaged, or is of a later format.
    """
    try:
        told = json.loads(data)
        if told["format"] != FORMAT:
            raise ReceiptError("format")
        return Receipt(
            order=Order(told["order"]),
            name=str(told["file"]),
            size=int(told["bytes"]),
            sha256=str(told["sha256"]),
            lines=int(told["lines"]),
            kept=tuple(int(number) for number in told["kept"]),
            job=int(told["job"]),
            process_id=str(told["process_id"]),
            server=str(told["server"]),
            desk=str(told["circulation_desk"]),
            who=str(told["who"]),
            uploaded=moment(told["uploaded"]),
            closed_by=str(told["closed_by"]),
            closed=moment(told["closed"]),
            journal=str(told["journal"]),
            number=int(told["number"]),
        )
    except ReceiptError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise ReceiptError(str(error)) from error
