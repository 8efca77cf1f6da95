"""What became of a line whose answer was lost, by what the system had before and has now.

A loan sent again may be a second renewal, so nothing is sent again that may have been done. This
is for systems that are asked without a history, as over SIP2: where the same picture can have two
causes the line stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

from offcirc.servers.protocol import Answer, Event, ItemFound, Outcome, PatronFound, Server

_UNSURE = Answer(Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Before:
    """What was known just before a line was sent.

    Attributes:
        mine: whether the loan's reader had it already; ``None``: nobody could say.
    """

    item: ItemFound
    mine: bool | None = False


def seen(server: Server, event: Event) -> Before:
    """What is known of a line's item before the line is sent."""
    [item] = server.look_up_items([event.item])
    if not event.operation.lends or item.on_loan is False:
        return Before(item)
    [patron] = server.look_up_patrons([event.patron])
    return Before(item, has(patron, item))


def settle(
    event: Event, before: Before | None, now: ItemFound, patron: PatronFound | None
) -> Answer | None:
    """What became of a line; ``None``: it was not done.

    Args:
        event: the line.
        before: what was known before it was sent; ``None``: another run of the program sent it.
        now: the item now.
        patron: the reader of a loan, now.
    """
    if not event.operation.lends and now.found:
        return _returned(before, now)
    if not now.found or patron is None or not patron.found:
        return None  # refused, and will be again
    mine = has(patron, now)
    if mine is False:
        # Sent by another run, long ago perhaps: it may have been lent, and come back since.
        return None if before is not None else _UNSURE
    if before is None or mine is None or before.mine is None:
        return _UNSURE
    renewed = now.due_at is not None and now.due_at != before.item.due_at
    if not before.mine or renewed:
        return Answer(Outcome.RECORDED, due_at=now.due_at)
    return _UNSURE


def _returned(before: Before | None, now: ItemFound) -> Answer | None:
    if now.on_loan:
        return None
    if before is None or now.on_loan is None or before.item.on_loan is None:
        return _UNSURE
    # What was not on loan before can be returned again: that changes nothing.
    return Answer(Outcome.RECORDED) if before.item.on_loan else None


def has(patron: PatronFound, item: ItemFound) -> bool | None:
    """Whether a reader has an item; ``None``: the system does not list what readers have."""
    if item.patron:
        names = {name.casefold() for name in (patron.identifier, *patron.known_as)}
        return item.patron.casefold() in names
    codes = {code.strip().casefold() for code in patron.items or ()}
    if item.barcode.strip().casefold() in codes:
        return True
    return None if patron.items is None else False
