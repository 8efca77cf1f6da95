"""What a look-up of items and readers says about lines before they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from offcirc.core.checks.swapped import Found
from offcirc.core.checks.verdicts import Act, Code, Severity


class ItemKnown(Protocol):
    """What a server knows of an item."""

    @property
    def found(self) -> bool:
        """Whether there is one."""


class PatronKnown(Protocol):
    """What a server knows of a reader."""

    @property
    def found(self) -> bool:
        """Whether there is one."""

    @property
    def blocks(self) -> Sequence[str]:
        """Why the reader may not borrow, in the server's words."""

    @property
    def expires_on(self) -> str:
        """The last day of the account, in ISO form or as the server writes it; may be empty."""


def look(
    item: str,
    patron: str,
    minute: str,
    items: Mapping[str, ItemKnown],
    patrons: Mapping[str, PatronKnown],
) -> Iterator[Found]:
    """What there is to say of a line.

    Args:
        item: its item; one that was not looked up says nothing.
        patron: its reader; empty for a return.
        minute: when, naive local time in ISO form.
        items: what was looked up, by barcode.
        patrons: the same, by identifier.
    """
    item_known = items.get(item)
    if item_known is not None and not item_known.found:
        yield Code.ITEM_UNKNOWN, Severity.WARNING, Act.CORRECT, ""
    known = patrons.get(patron) if patron else None
    if known is None:
        return
    if not known.found:
        yield Code.PATRON_UNKNOWN, Severity.WARNING, Act.CORRECT, ""
        return
    if known.blocks:
        yield Code.PATRON_BLOCKED, Severity.NOTE, Act.NONE, ", ".join(known.blocks)
    # An ISO date sorts as text; what is no ISO date is left to the server.
    expires = known.expires_on[:10]
    if len(expires) == 10 and expires[4] == expires[7] == "-" and expires < minute[:10]:
        yield Code.PATRON_EXPIRED, Severity.NOTE, Act.NONE, expires
