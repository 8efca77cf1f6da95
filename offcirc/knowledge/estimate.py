"""Until when a loan lasts, as far as it is known offline: by the rule book, never a guess."""

from __future__ import annotations

from datetime import date, datetime

from offcirc.core.rules import lending
from offcirc.core.rules.lending import Due
from offcirc.core.rules.policy import Policy
from offcirc.knowledge.known import KnownItem, KnownPatron


def due(
    policy: Policy | None, item: KnownItem | None, patron: KnownPatron | None, at: datetime
) -> Due | None:
    """The due date of a loan made now, with its steps; ``None`` where group or class is unknown.

    Args:
        policy: the library's rules.
        item: what is known of the item.
        patron: what is known of the reader.
        at: when it is lent: aware, or naive as the library's own time.
    """
    if policy is None or item is None or patron is None or not patron.group:
        return None
    owner = policy.libraries.get(item.library)
    if owner is None or (item.exception and item.exception not in policy.exceptions):
        return None
    terms = policy.terms(item.location, patron.group, item.exception)
    if terms is None:
        return None
    zone = policy.timezone
    moment = at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
    return lending.loan_due(moment, terms, owner, patron.expires_on or date.max, moment)
