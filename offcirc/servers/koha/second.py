"""What became of lines whose answers were lost, by what another server beside Koha can look up.

It has no history: a line that is not there may have been recorded and undone since. So only what
was sent a few minutes ago is taken for absent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from offcirc.servers.protocol import Answer, Event, ItemFound, Outcome, PatronFound, Server

_UNSURE = Answer(Outcome.UNKNOWN)


def look_back(
    server: Server, events: Sequence[Event], fresh: Callable[[Event], bool]
) -> list[Answer | None]:
    """What became of events; ``None``: not recorded.

    Args:
        server: looks up.
        events: what was sent.
        fresh: whether an event was sent a few minutes ago.
    """
    items = server.look_up_items([event.item for event in events])
    cards = [event.patron for event in events if event.patron]
    patrons = dict(zip(cards, server.look_up_patrons(cards), strict=True)) if cards else {}
    return [
        found if found is not None or fresh(event) else _UNSURE
        for event, item in zip(events, items, strict=True)
        for found in (_settle(event, item, patrons.get(event.patron)),)
    ]


def _settle(event: Event, item: ItemFound, patron: PatronFound | None) -> Answer | None:
    if not item.found or (patron is not None and not patron.found):
        return None
    if item.on_loan is None:
        return _UNSURE
    if not event.operation.lends or patron is None:
        return None  # a return of what is back already does nothing
    if not item.on_loan:
        return None
    if holds(item, patron):
        return Answer(Outcome.RECORDED, due_at=item.due_at)
    return _UNSURE


def holds(item: ItemFound, patron: PatronFound) -> bool:
    """Whether a reader has an item, by what is known of both."""
    names = {name.casefold() for name in (patron.identifier, *patron.known_as)}
    if item.patron:
        return item.patron.casefold() in names
    return item.barcode.casefold() in {code.casefold() for code in patron.items or ()}
