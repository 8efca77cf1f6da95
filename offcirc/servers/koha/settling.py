"""What became of a line whose answer was lost, by what Koha's loans say now, or another server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from offcirc.core.answers import Reason
from offcirc.servers import settling
from offcirc.servers.protocol import Answer, Event, Outcome, Server
from offcirc.servers.settling import Before


def look_back(
    server: Server,
    events: Sequence[Event],
    before: Mapping[str, Before],
    fresh: Callable[[Event], bool],
) -> list[Answer | None]:
    """What became of events, by what another server can look up; ``None``: not recorded.

    It has no history: a line that is not there may have been recorded and undone since. So only
    what was sent a few minutes ago is taken for absent.

    Args:
        server: looks up.
        events: what was sent.
        before: what was known before they were sent, by their keys.
        fresh: whether an event was sent a few minutes ago.
    """
    items = server.look_up_items([event.item for event in events])
    cards = [event.patron for event in events if event.patron]
    patrons = dict(zip(cards, server.look_up_patrons(cards), strict=True)) if cards else {}
    return [
        found if found is not None or fresh(event) else _UNSURE
        for event, item in zip(events, items, strict=True)
        for found in (
            settling.settle(event, before.get(event.key), item, patrons.get(event.patron)),
        )
    ]


_UNSURE = Answer(Outcome.UNKNOWN)
_LATER = Answer(Outcome.REJECTED, reason=Reason.LATER_ACTION)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A loan as Koha keeps it; all times naive, local.

    Attributes:
        patron: Koha's own number of the reader, 0 when history was made anonymous.
        item: Koha's own number of the item.
        lent_at: when it was lent.
        renewed_at: when it was last renewed, if it was.
        returned_at: when it ended; ``None`` while it lasts.
        due_at: when it is due.
    """

    patron: int
    item: int
    lent_at: datetime
    renewed_at: datetime | None = None
    returned_at: datetime | None = None
    due_at: datetime | None = None


def settle(
    event: Event, patron: int, current: Checkout | None, past: Sequence[Checkout]
) -> Answer | None:
    """What became of a line; ``None``: it was certainly not recorded, and may be sent.

    A loan sent twice is a renewal in Koha, and a return sent late ends a newer loan: where the
    loans tell neither, the answer is that nobody knows.

    Args:
        event: the line.
        patron: Koha's own number of its reader, 0 on a return.
        current: the loan that the item is out on now.
        past: the ended loans of the item.
    """
    if not event.operation.lends:
        return _settle_return(event.at, current, past)
    own = [loan for loan in (current, *past) if loan is not None and loan.patron in (patron, 0)]
    for loan in own:
        if _same(loan.lent_at, event.at) or _same(loan.renewed_at, event.at):
            if _same(loan.returned_at, event.at):
                return _UNSURE  # lent twice within the moment that is known: which one is it?
            return Answer(Outcome.RECORDED, due_at=loan.due_at)
        if _only_day(loan.renewed_at, event.at):
            return _UNSURE
    return _not_there(event.at, current, past)


def _not_there(at: datetime, current: Checkout | None, past: Sequence[Checkout]) -> Answer | None:
    """What becomes of a loan that is none of those there are."""
    if current is not None:
        if current.lent_at > at:
            return _LATER
        return _UNSURE if current.renewed_at is not None and current.renewed_at > at else None
    ended = [loan.returned_at for loan in past if loan.returned_at is not None]
    return _LATER if any(end > at for end in ended) else None


def _settle_return(
    at: datetime, current: Checkout | None, past: Sequence[Checkout]
) -> Answer | None:
    if any(_same(loan.returned_at, at) for loan in past):
        lent_then = current is not None and _same(current.lent_at, at)
        return _UNSURE if lent_then else Answer(Outcome.RECORDED)
    if current is not None and current.lent_at > at:
        return _LATER
    # On loan since before: not done. Not on loan: Koha does nothing with it and says so.
    return None


def _same(one: datetime | None, other: datetime) -> bool:
    """Koha keeps seconds."""
    return one is not None and abs(one - other.replace(microsecond=0)) < _SECOND


def _only_day(renewed: datetime | None, at: datetime) -> bool:
    """Older versions keep no more than the day of a renewal."""
    return renewed is not None and renewed.time() == time() and renewed.date() == at.date()
