"""How many items a reader may hold: by group, library, material type and exception.

Loans recorded offline pass every limit: the book has left the building. It is said all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from offcirc.core.rules.policy import ANY, Limit


@dataclass(frozen=True, slots=True)
class HeldItem:
    """What of an item counts."""

    library: str
    material: str
    exception: str = ""

    def counts_for(self, limit: Limit) -> bool:
        """Whether a limit is about it."""
        return (
            limit.library in (ANY, self.library)
            and limit.material in (ANY, self.material)
            and limit.exception in (ANY, self.exception)
        )


def passed(
    limits: Iterable[Limit], group: str, held: Iterable[HeldItem], new: HeldItem
) -> tuple[Limit, ...]:
    """The limits that a reader passes by taking one more item.

    Args:
        limits: the library's.
        group: the reader's.
        held: what the reader has.
        new: what is lent now.
    """
    items = [*held, new]
    return tuple(
        limit
        for limit in limits
        if limit.group in (ANY, group)
        and new.counts_for(limit)
        and sum(item.counts_for(limit) for item in items) > limit.most
    )
