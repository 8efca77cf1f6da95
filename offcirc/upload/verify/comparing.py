"""What should be true of the items of an upload, and whether the system has it so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from offcirc.core.answers import Note
from offcirc.core.transaction import OPERATIONS
from offcirc.servers.protocol import ItemFound, PatronFound
from offcirc.storage.ledger.ledgerrows import LineRow, LineState
from offcirc.upload.base import reasons
from offcirc.upload.report.opinion import DifferenceKind

_MINUTE = timedelta(minutes=1)
"""Files tell minutes, systems seconds or minutes."""


class NotToldError(Exception):
    """The system does not say enough to compare."""


def needs_patron(wanted: Expected, item: ItemFound) -> bool:
    """Whether the reader has to be looked up, too, to tell who has the item."""
    if not wanted.on_loan or not item.found or item.on_loan is False:
        return False
    return not _named(item, wanted.line.patron)


def compare(wanted: Expected, item: ItemFound, patron: PatronFound | None) -> DifferenceKind | None:
    """In what an item differs; ``None`` when it is as it should be.

    Raises:
        NotToldError: the system does not say enough.
    """
    if not item.found:
        return DifferenceKind.ITEM_GONE
    if not wanted.on_loan:
        return _returned(wanted, item)
    if item.on_loan is False:
        return DifferenceKind.NOT_ON_LOAN
    if not _holds(item, wanted.line.patron, patron):
        return DifferenceKind.OTHER_PATRON
    if not _lent_then(wanted, item):
        return DifferenceKind.OTHER_TIME
    return None if _due_then(wanted, item) else DifferenceKind.OTHER_DUE


def local(at: datetime | None) -> datetime | None:
    """A moment in the library's time, which is that of this PC, without its zone."""
    return at.astimezone().replace(tzinfo=None) if at is not None and at.tzinfo else at


def _returned(wanted: Expected, item: ItemFound) -> DifferenceKind | None:
    if item.on_loan is None:
        raise NotToldError
    lent_at = local(item.lent_at)
    if not item.on_loan or (lent_at is not None and lent_at > moment(wanted.line)):
        return None  # back, or lent again since
    return DifferenceKind.STILL_ON_LOAN


def _named(item: ItemFound, patron: str) -> bool:
    return item.patron.casefold() == patron.casefold()


def _holds(item: ItemFound, wanted: str, patron: PatronFound | None) -> bool:
    """Whether the reader has the item: readers go by several identifiers.

    Raises:
        NotToldError: the system says neither who has it nor what the reader has.
    """
    if _named(item, wanted):
        return True
    if patron is not None and patron.found and item.patron:
        return item.patron.casefold() in {name.casefold() for name in patron.known_as}
    if patron is not None and patron.found and patron.items is not None:
        return item.barcode.casefold() in {code.casefold() for code in patron.items}
    if item.patron:
        return False
    raise NotToldError


def _lent_then(wanted: Expected, item: ItemFound) -> bool:
    told = [at for at in (local(item.lent_at), local(item.renewed_at)) if at is not None]
    if not told or Note.DATE_NOT_KEPT in wanted.line.notes:
        return True
    if any(abs(at - time) < _MINUTE for at in told for time in wanted.times):
        return True
    return wanted.renewed and told[0] < wanted.times[0]


def _due_then(wanted: Expected, item: ItemFound) -> bool:
    """Whether the due date is the one that was given with the answer, if one was."""
    if not wanted.line.due_at or item.due_at is None:
        return True
    given = datetime.fromisoformat(wanted.line.due_at)
    one, other = local(given), local(item.due_at)
    return one is not None and other is not None and abs(one - other) < _MINUTE


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
