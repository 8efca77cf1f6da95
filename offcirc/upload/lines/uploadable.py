"""What can be uploaded: files in one order, or single lines that were corrected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from offcirc.storage.ledger.ledgerrows import FileFacts, LineFacts


class Uploadable(Protocol):
    """A plan, whatever it is made of."""

    @property
    def files(self) -> tuple[FileFacts, ...]:
        """The files, an index into which names a line's file."""

    def lines(self) -> Iterator[LineFacts]:
        """Every line, in the order in which they are to be sent."""
