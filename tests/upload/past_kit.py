"""Past uploads, as the ledger keeps them, for the tests of what comes after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from upload.kit import dat

from offcirc.core.transaction import Record
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState, Settled, UploadRow
from offcirc.upload.lines.decided import decided
from offcirc.upload.lines.plan import make_plan

NO_READER = "User not found. Barcode: {patron}"
NO_ITEM = "Item not found. Barcode: {item}"
NOT_ON_LOAN = "Return item failed, item was not on loan. Barcode: {item}"
LATER = "A later action on this item happened. Barcode: {item}"


class End(NamedTuple):
    """What became of a line; the message may name ``{item}`` and ``{patron}``."""

    state: LineState
    reason: str = ""
    message: str = ""
    notes: tuple[str, ...] = ()
    due_at: str = ""


FINE = End(LineState.RECORDED)
NOBODY = End(LineState.REJECTED, "patron-unknown", NO_READER)
NOTHING = End(LineState.REJECTED, "item-unknown", NO_ITEM)
HARMLESS = End(LineState.REJECTED, "not-on-loan", NOT_ON_LOAN)
TOO_LATE = End(LineState.REJECTED, "later-action", LATER)
OPEN = End(LineState.UNKNOWN, "no-answer")


@dataclass(frozen=True)
class Told:
    """A line of a file and what became of it."""

    line: Record | bytes
    end: End = FINE


def past(
    ledger: Ledger,
    path: Path,
    *told: Told,
    server: str = "library-1",
    desk: str = "BUC_PRET",
    status: str = "completed",
) -> UploadRow:
    """An upload of a file with these lines, in their order, that came to this."""
    dat(path, *(each.line for each in told))
    return uploaded(ledger, [path], [each.end for each in told], server, desk, status)


def uploaded(
    ledger: Ledger,
    paths: Sequence[Path],
    ends: Sequence[End],
    server: str = "library-1",
    desk: str = "BUC_PRET",
    status: str = "completed",
) -> UploadRow:
    """An upload of files as they are, whose lines came to this in the order of the upload."""
    plan = make_plan(paths, decisions=decided(ledger))
    number = ledger.begin(
        server=server,
        url="https://library.example",
        desk=desk,
        who="Camille",
        process_id=f"27{len(ledger.uploads()):014}",
        name="Loans",
        files=plan.files,
        lines=plan.lines(),
    )
    upload = ledger.upload(number)
    rows = ledger.lines(upload, *LineState)
    outcomes = []
    for row, end in zip(rows, ends, strict=False):
        if row.state is LineState.PLANNED and end.state is not LineState.PLANNED:
            message = end.message.format(item=row.item, patron=row.patron)
            outcomes.append(
                Settled(row.id, end.state, end.reason, message, False, end.due_at, end.notes)
            )
    ledger.mark([one.line for one in outcomes], LineState.SENDING)
    ledger.settle(outcomes)
    if status:
        ledger.end_run(number, status)
    return upload
