"""A task of the work list: what it is about, its lines, what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from offcirc.core.transaction import Operation
from offcirc.storage.ledger.followups import Action, FollowupEvent
from offcirc.upload.followup.correcting import Correction


class TaskKind(StrEnum):
    """What a task is about, in the order in which a list shows them."""

    PATRON = "reader-unknown"
    """Nobody has this identifier: what was lent to it."""
    ITEM = "item-unknown"
    """No item has this barcode: whose loan it was."""
    CHECK = "check"
    """The answer never came: look in the library system."""
    OTHER = "other"
    """Refused for another reason: read the server's words."""
    DAMAGED = "damaged"
    """The line cannot be read."""
    DUE_DATE = "item-excluded"
    """The item may not be lent: its due date must be changed."""
    HOLD_SHELF = "hold-shelf-processing"
    """Requested: a second scan puts it on the hold shelf."""
    TRANSIT = "in-transit"
    """It belongs to another library."""
    NOT_RENEWED = "not-renewed"
    """The due date has not moved: tell the reader."""
    TOLD = "told-otherwise"
    """The desk told the reader another due date than the server has computed."""
    CLOCK = "in-future"
    """Its time is later than the server's: look at the desk's clock."""
    HARMLESS = "harmless"
    """Nothing to do; listed as done from the start."""


LETTERS = {
    TaskKind.PATRON: "R",
    TaskKind.ITEM: "I",
    TaskKind.CHECK: "C",
    TaskKind.OTHER: "O",
    TaskKind.DAMAGED: "D",
    TaskKind.DUE_DATE: "E",
    TaskKind.HOLD_SHELF: "H",
    TaskKind.TRANSIT: "T",
    TaskKind.NOT_RENEWED: "N",
    TaskKind.TOLD: "A",
    TaskKind.CLOCK: "K",
    TaskKind.HARMLESS: "X",
}
"""The first letter of a task's name; a line's number follows."""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A line that a task is about.

    Attributes:
        id: its number in the ledger.
        upload: the number of its upload.
        server: the server's identity.
        desk: the circulation desk's code.
        file: the file's name.
        number: its number there, from 1.
        at: when it happened, naive local time to the minute; ``None`` when unreadable.
        operation: loan or return; ``None`` when unreadable.
        item: the item barcode.
        patron: the reader; empty on a return.
        reason: the code of the reason; empty when it was recorded.
        message: the server's words, or ours.
        raw: the line as it stands in the file; bytes that are no ASCII are escaped.
        due_at: the due date the server gave, or ``None``.
        title: the item's title; empty when the server did not tell.
        patron_name: the reader's name; empty when it was not asked for, or the server did not tell.
        done: whether nothing is left to be done about it.
        settled: the upload that settled it, by recording the line or its correction; 0 if none.
        refused: that upload has refused its correction, which is work of its own there.
        correction: how it is to be sent again; ``None`` if it is not.
        events: what was done about it, oldest first.
    """

    id: int
    upload: int
    server: str
    desk: str
    file: str
    number: int
    at: datetime | None
    operation: Operation | None
    item: str
    patron: str
    reason: str
    message: str
    raw: str
    due_at: datetime | None
    title: str
    patron_name: str
    done: bool
    settled: int = 0
    refused: bool = False
    correction: Correction | None = None
    events: tuple[FollowupEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do about one or several lines.

    Attributes:
        id: its name: a letter for the kind, and the number of its first line.
        kind: what it is about.
        lines: the lines, in the order in which they were uploaded.
        assigned: who is to do it; empty when nobody was named.
    """

    id: str
    kind: TaskKind
    lines: tuple[TaskLine, ...]
    assigned: str = ""

    @property
    def done(self) -> bool:
        """Whether nothing is left to be done."""
        return all(line.done for line in self.lines)

    @property
    def patron(self) -> str:
        """The reader it is about; empty if it is about several or none."""
        patrons = {line.patron for line in self.lines}
        return patrons.pop() if len(patrons) == 1 else ""

    @property
    def item(self) -> str:
        """The item it is about; empty if it is about several or none."""
        items = {line.item for line in self.lines}
        return items.pop() if len(items) == 1 else ""

    @property
    def jobs(self) -> tuple[int, ...]:
        """The uploads it comes from."""
        return tuple(sorted({line.upload for line in self.lines}))

    @property
    def waiting(self) -> bool:
        """Whether corrected lines of it are still to be uploaded."""
        return any(line.correction and not line.settled and not line.done for line in self.lines)

    @property
    def events(self) -> tuple[FollowupEvent, ...]:
        """What was done about it, oldest first, each thing once."""
        found = {event.entry: event for line in self.lines for event in line.events}
        return tuple(found[entry] for entry in sorted(found))

    @property
    def notes(self) -> tuple[FollowupEvent, ...]:
        """What people noted about it, oldest first."""
        return tuple(event for event in self.events if event.action is Action.NOTED)
