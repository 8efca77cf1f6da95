"""What should now be true of each item of an upload, by the lines that were recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from offcirc.core.answers import Note
from offcirc.core.transaction import OPERATIONS
from offcirc.storage.ledger.ledgerrows import LineRow, LineState
from offcirc.upload.base import reasons

_SKIPPED_FOR = (reasons.ALREADY_RECORDED, reasons.SAME_LINE, reasons.ALIKE)


@dataclass(frozen=True, slots=True)
class Expected:
    """What should be true of an item.

    Attributes:
        line: the last line about it.
        own: the last line about it in the upload itself, which the report tells of.
        times: when it was lent to its reader, renewals included, oldest first; naive local time.
        renewed: the first of these was a renewal: the loan is older.
    """

    line: LineRow
    own: LineRow
    times: tuple[datetime, ...] = ()
    renewed: bool = False

    @property
    def on_loan(self) -> bool:
        """Whether somebody should have it."""
        return OPERATIONS[self.line.operation].lends


def expected(lines: Iterable[LineRow], others: Iterable[LineRow]) -> dict[str, Expected]:
    """What should be true of each item, by barcode, in the order of their last lines.

    Args:
        lines: those of the upload, in the order in which they were sent: later lines win.
        others: those of other uploads to the same server, in the order of time: what happened
            after the upload's own last line about an item wins over it.
    """
    chains: dict[str, list[LineRow]] = {}
    own: dict[str, LineRow] = {}
    for line in lines:
        if counts(line):
            own[line.item] = line
            _add(chains, line)
    for line in others:
        known = own.get(line.item)
        if known is not None and counts(line) and moment(line) > moment(known):
            _add(chains, line)
    found = {item: _expected(chain, own[item]) for item, chain in chains.items()}
    return dict(sorted(found.items(), key=lambda pair: pair[1].own.id))


def counts(line: LineRow) -> bool:
    """Whether what a line says should be in the system: it was recorded, or may have been."""
    if line.state is LineState.SKIPPED:
        return line.reason in _SKIPPED_FOR
    return line.state in (LineState.RECORDED, LineState.UNKNOWN, LineState.SENDING)


def moment(line: LineRow) -> datetime:
    """When a line happened."""
    return datetime.fromisoformat(line.exact or line.minute)


def _add(chains: dict[str, list[LineRow]], line: LineRow) -> None:
    """Put a line behind those of its item, which it makes void unless it renews them."""
    chain = chains.setdefault(line.item, [])
    if chain and (not line.patron or chain[-1].patron != line.patron):
        chain.clear()
    chain.append(line)


def _expected(chain: list[LineRow], own: LineRow) -> Expected:
    last = chain[-1]
    times = tuple(map(moment, chain)) if last.patron else ()
    return Expected(last, own, times, renewed=Note.RENEWAL in chain[0].notes)
