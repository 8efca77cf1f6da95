"""What a server said of the items and readers of an upload's refused lines: titles and names.

Asked once, at the end of an upload, and kept beside its lines; names of readers until they are
forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from offcirc.disk.database import transaction
from offcirc.disk.errors import wording
from offcirc.storage.ledger.ledger import Ledger


class LookupKind(StrEnum):
    """What was asked about."""

    ITEM = "item"
    PATRON = "reader"


class LookedUp(NamedTuple):
    """What a server said.

    Attributes:
        kind: item or reader.
        code: the item barcode or the reader's identifier.
        found: whether the server knows it.
        label: the item's title or the reader's name; may be empty.
        detail: the item's library or the reader's group; may be empty.
    """

    kind: LookupKind
    code: str
    found: bool
    label: str = ""
    detail: str = ""


def keep(ledger: Ledger, upload: int, found: Iterable[LookedUp]) -> None:
    """Keep answers about an upload's items and readers; a later one takes an earlier one's place.

    Raises:
        StorageError: the ledger cannot be written.
    """
    with wording(ledger.path), transaction(ledger.database):
        ledger.database.conn.executemany(
            "INSERT OR REPLACE INTO looked_up VALUES (?, ?, ?, ?, ?, ?)",
            ((upload, *one) for one in found),
        )


def known(ledger: Ledger, upload: int) -> Mapping[tuple[LookupKind, str], LookedUp]:
    """What is kept about an upload's items and readers, by kind and code.

    Raises:
        StorageError: the ledger cannot be read.
    """
    with wording(ledger.path):
        rows = ledger.database.execute(
            "SELECT kind, code, found, label, detail FROM looked_up WHERE upload = ?", (upload,)
        ).fetchall()
    answers = (LookedUp(LookupKind(row[0]), row[1], bool(row[2]), row[3], row[4]) for row in rows)
    return {(answer.kind, answer.code): answer for answer in answers}


def forget_patrons(ledger: Ledger, uploads: Iterable[int]) -> int:
    """Remove what was said of the readers of these uploads; what was said of items stays.

    Returns:
        how many answers were removed.

    Raises:
        StorageError: the ledger cannot be written.
    """
    removed = 0
    with wording(ledger.path), transaction(ledger.database):
        for upload in uploads:
            removed += ledger.database.execute(
                "DELETE FROM looked_up WHERE upload = ? AND kind = ?", (upload, LookupKind.PATRON)
            ).rowcount
    return removed
