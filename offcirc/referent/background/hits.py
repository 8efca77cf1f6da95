"""What a search of all past uploads has found, as the window shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from offcirc.core.transaction import Operation
from offcirc.referent.kit.cells import Tone


@dataclass(frozen=True, slots=True)
class HitRow:
    """A line of a past upload.

    Attributes:
        at: when it happened; ``None`` when that cannot be read.
        operation: loan or return; ``None`` when that cannot be read.
        item: the item barcode.
        patron: the borrower's identifier.
        state: what became of it, in a word or two.
        tone: the colour of that.
        place: where it comes from and went to, in a sentence.
        story: all that happened to it, one sentence each.
        job: the number of its upload.
    """

    at: datetime | None
    operation: Operation | None
    item: str
    patron: str
    state: str
    tone: Tone
    place: str
    story: tuple[str, ...]
    job: int


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search has found.

    Attributes:
        rows: the lines, newest first.
        more: there are older ones.
        anywhere: nothing begins with what was looked for; these hold it somewhere.
    """

    rows: tuple[HitRow, ...]
    more: bool = False
    anywhere: bool = False


def tone_of(state: str) -> Tone:
    """The colour of what became of a line; ``state`` as the ledger keeps it."""
    tones = {"recorded": Tone.GOOD, "skipped": Tone.PLAIN, "rejected": Tone.BAD}
    return tones.get(state, Tone.LOOK)
