"""Asking the library system itself, where it writes no report: what it knows, what has arrived.

Before files are written, which items and readers it knows; after somebody has carried them there,
whether each line is in the system. What it says is not believed beyond what it shows: of an item
that came and went within a file, only the end of the story can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from offcirc.core.answers import Note, Reason
from offcirc.core.transaction import Operation
from offcirc.disk.errors import LockedError
from offcirc.servers.files.target import Known
from offcirc.servers.protocol import Dated, ItemFound, PatronFound, Server
from offcirc.servers.settling import has
from offcirc.storage.ledger import handovers
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineFacts, LineRow, LineState, Settled
from offcirc.upload.base import reasons
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.handover.handedfile import complete_if_answered, handed_file
from offcirc.upload.handover.handovererrors import NoLookingBackError, NothingThereError
from offcirc.upload.lines.plan import Plan
from offcirc.upload.report.history import report_of
from offcirc.upload.report.report import JobReport

_AT_ONCE = 50
_Found = TypeVar("_Found")


def prove(plan: Plan, server: Server) -> Known:
    """Which items and readers of these lines the library system knows, and who has which.

    Args:
        plan: the lines.
        server: one that can look up, signed in.

    Raises:
        ServerError: it cannot be asked; then nothing is proven.
        PlanError: a file cannot be read any more.
    """
    lines = [line for line in plan.lines() if line.state is LineState.PLANNED]
    items = _ask(server.look_up_items, [line.item for line in lines])
    patrons = _ask(server.look_up_patrons, [line.patron for line in lines if line.patron])
    return Known(
        frozenset(barcode for barcode, one in items.items() if one.found),
        frozenset(card for card, one in patrons.items() if one.found),
        frozenset(_there(lines, items, patrons)),
    )


def _there(
    lines: Sequence[LineFacts], items: Mapping[str, ItemFound], patrons: Mapping[str, PatronFound]
) -> Iterator[tuple[str, str]]:
    """Items and readers of loans that are in the system before anything of them is written."""
    for line in lines:
        item, patron = items[line.item], patrons.get(line.patron)
        if item.on_loan and patron is not None and has(patron, item):
            yield line.item, line.patron


def look_back(ledger: Ledger, job: int, server: Server) -> JobReport:
    """Look up what has become of the lines of a file that was carried to the library system.

    Args:
        ledger: where it is kept.
        job: the number of the file's upload.
        server: one that can look up, signed in.

    Raises:
        NoLookingBackError: the job is of another kind, or no line of it waits.
        NothingThereError: no line is there; all go on waiting.
        ServerError: it cannot be asked.
        LedgerBusyError: another upload from the same ledger is under way.
        StorageError: the ledger cannot be read or written.
    """
    try:
        with ledger.exclusive():
            upload = ledger.upload(job)
            file = handed_file(ledger, job)
            if upload is None or file is None or not file.waiting or file.target.reports:
                raise NoLookingBackError(str(job))
            lines = [line for _number, line in handovers.lines_of(ledger, upload)]
            settled = _compared(lines, server, dated=file.target.abilities.keeps_dates)
            if not _arrived(lines, settled):
                raise NothingThereError(file.path.name)
            ledger.settle(settled)
            complete_if_answered(ledger, job)
            return report_of(ledger, upload, busy=False)
    except LockedError as error:
        raise LedgerBusyError(str(ledger.path.parent)) from error


def _arrived(lines: Sequence[LineRow], settled: Sequence[Settled]) -> bool:
    """Whether the file seems to have been uploaded.

    A return says little: the item may have stood on its shelf all the while.
    """
    waited = {
        line.id: Operation(line.operation).lends
        for line in lines
        if line.state is LineState.HANDED_OVER
    }
    there = {
        waited[one.line]
        for one in settled
        if one.state is LineState.RECORDED or one.reason == reasons.NOT_SHOWN
    }
    return True in there or (bool(there) and True not in waited.values())


def _compared(
    lines: Sequence[LineRow], server: Server, *, dated: frozenset[Dated]
) -> list[Settled]:
    """What becomes of the lines that wait."""
    last = {line.item: line.id for line in lines}
    asked = [line for line in lines if line.state is LineState.HANDED_OVER]
    items = _ask(server.look_up_items, [line.item for line in asked])
    unsaid = [
        line.patron
        for line in asked
        if Operation(line.operation).lends and items[line.item].on_loan is not False
    ]
    patrons = _ask(server.look_up_patrons, unsaid)
    return [
        _settled(line, items[line.item], patrons.get(line.patron), dated)
        if last[line.item] == line.id
        else Settled(line.id, LineState.UNKNOWN, reasons.OVERTAKEN)
        for line in asked
    ]


def _settled(
    line: LineRow, item: ItemFound, patron: PatronFound | None, dated: frozenset[Dated]
) -> Settled:
    if not item.found:
        return Settled(line.id, LineState.REJECTED, Reason.ITEM_UNKNOWN)
    loan = Operation(line.operation).lends
    unkept = () if (Dated.LOANS if loan else Dated.RETURNS) in dated else (Note.DATE_NOT_KEPT,)
    if loan and item.on_loan is not False:
        return _lent(line, item, patron, unkept)
    if item.on_loan is None:
        return Settled(line.id, LineState.UNKNOWN, reasons.NOT_SHOWN)
    if item.on_loan is loan:
        return Settled(line.id, LineState.RECORDED, notes=unkept)
    if not loan and item.lent_at is not None and _later(item.lent_at, line):
        # It may have come back, and gone out again since.
        return Settled(line.id, LineState.UNKNOWN, reasons.NOT_SHOWN)
    return Settled(line.id, LineState.REJECTED, reasons.NOT_THERE)


def _lent(
    line: LineRow, item: ItemFound, patron: PatronFound | None, unkept: tuple[Note, ...]
) -> Settled:
    """What became of a loan whose item is not in the library, or nobody says so."""
    names = {name.casefold() for name in (line.patron, *(patron.known_as if patron else ()))}
    if item.patron:
        has = item.patron.casefold() in names
    elif patron is not None and patron.items is not None:
        has = line.item.casefold() in {one.casefold() for one in patron.items}
    else:
        return Settled(line.id, LineState.UNKNOWN, reasons.NOT_SHOWN)
    if has:
        due = item.due_at.isoformat() if item.due_at is not None else ""
        return Settled(line.id, LineState.RECORDED, due_at=due, notes=unkept)
    if item.on_loan:
        return Settled(line.id, LineState.REJECTED, Reason.ON_LOAN_TO_ANOTHER)
    return Settled(line.id, LineState.REJECTED, reasons.NOT_THERE)


def _later(at: datetime, line: LineRow) -> bool:
    local = at.astimezone().replace(tzinfo=None) if at.tzinfo is not None else at
    return local > datetime.fromisoformat(line.minute)


def _ask(
    look_up: Callable[[Sequence[str]], list[_Found]], wanted: Sequence[str]
) -> dict[str, _Found]:
    """What a server says of each, asked once."""
    once = list(dict.fromkeys(wanted))
    found: dict[str, _Found] = {}
    for start in range(0, len(once), _AT_ONCE):
        part = once[start : start + _AT_ONCE]
        found |= zip(part, look_up(part), strict=True)
    return found
