"""What became of lines whose answers were lost, by what another server beside Koha can look up.

It has no history: a line that is not there may have been recorded and undone since. So only what
was sent a few minutes ago is taken for absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from offcirc.servers.protocol import Answer, Event, Outcome, Server
from offcirc.servers.settling import Before, settle

_UNSURE = Answer(Outcome.UNKNOWN)


def look_back(
    server: Server,
    events: Sequence[Event],
    before: Mapping[str, Before],
    fresh: Callable[[Event], bool],
) -> list[Answer | None]:
    """What became of events; ``None``: not recorded.

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
        for found in (settle(event, before.get(event.key), item, patrons.get(event.patron)),)
    ]
