"""What a drill knows to be true: the lines of each desk, and the work that they leave."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from offcirc.disk import durable
from offcirc.i18n import _


class DrillError(Exception):
    """Something outside the program; the message is a sentence for a librarian."""


DRILLS = "drills"
"""The folder, in a data folder, of the folders of drills."""
FILE = "truth.json"


class ActKind(StrEnum):
    """What is to be done by hand after the upload."""

    ITEM_UNKNOWN = "item-unknown"
    """A note on the reader who has an item that no catalogue knows."""
    PATRON_UNKNOWN = "reader-unknown"
    """A note on each item lent to a reader whom nobody knows, or his registration validated."""
    DUE_DATE = "due-date"
    """Another due date for a loan that should not have been."""
    SECOND_SCAN = "second-scan"
    """A requested item scanned once more, for the hold shelf."""


@dataclass(frozen=True, slots=True)
class DrillDesk:
    """A desk of a drill; ``clock`` is how many minutes its clock is ahead."""

    letter: str
    circulation_desk: str
    library: str
    clock: int = 0


@dataclass(frozen=True, slots=True)
class DrillLine:
    """A loan or return that the script asks for.

    Attributes:
        desk: the desk's letter.
        part: which part of the drill it belongs to, from 1; desks begin a part together.
        operation: ``L`` or ``R``.
        item: its barcode.
        patron: the reader's card; empty on a return.
        box: it comes out of the book drop, as of the last closing.
        status: what becomes of it at the server: ``recorded``, or the code of its refusal.
    """

    desk: str
    part: int
    operation: str
    item: str
    patron: str = ""
    box: bool = False
    status: str = "recorded"


@dataclass(frozen=True, slots=True)
class DrillAct:
    """Something to be done by hand; ``patron`` is a card, ``items`` are barcodes."""

    kind: ActKind
    items: tuple[str, ...] = ()
    patron: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """A drill: ``labels`` has the names of readers and titles of items by their barcode."""

    drill: str
    seed: int
    desks: tuple[DrillDesk, ...]
    lines: tuple[DrillLine, ...]
    acts: tuple[DrillAct, ...]
    labels: dict[str, str]
    since: str = ""


def write(folder: Path, truth: Truth) -> None:
    """Keep it, for its owner alone.

    Raises:
        StorageError: it cannot be written.
    """
    text = json.dumps(asdict(truth), ensure_ascii=False, indent=1)
    durable.replace(folder / FILE, text.encode())


def read(folder: Path) -> Truth:
    """The truth of the drill in a folder.

    Raises:
        DrillError: there is none, or it cannot be read.
    """
    try:
        told = json.loads((folder / FILE).read_bytes())
        return Truth(
            told["drill"],
            told["seed"],
            tuple(DrillDesk(**each) for each in told["desks"]),
            tuple(DrillLine(**each) for each in told["lines"]),
            tuple(
                DrillAct(ActKind(each["kind"]), tuple(each["items"]), each["patron"])
                for each in told["acts"]
            ),
            told["labels"],
            told["since"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise DrillError(
            _("There is no drill in {folder}, or its truth cannot be read.").format(folder=folder)
        ) from None
