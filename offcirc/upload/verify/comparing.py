"""Whether an item is in the system as it should be."""

from __future__ import annotations

from datetime import datetime, timedelta

from offcirc.core.answers import Note
from offcirc.servers.protocol import ItemFound, PatronFound
from offcirc.upload.report.opinion import DifferenceKind
from offcirc.upload.verify.expected import Expected, moment

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
