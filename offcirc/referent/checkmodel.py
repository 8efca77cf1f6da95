"""What was found in the lines before they are sent, as a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from PySide6.QtGui import QColor, QFont

from offcirc import words
from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.referent.cells import Tone
from offcirc.referent.listing import Listing
from offcirc.referent.look import ROSE, Look

RAW_SHOWN = 120
"""Characters of a line that are shown: enough to recognise it."""


class Weight(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


_TONES = {Weight.ERROR: Tone.BAD, Weight.WARNING: Tone.LOOK, Weight.NOTE: Tone.PLAIN}
_ORDER = {Weight.ERROR: 0, Weight.WARNING: 1, Weight.NOTE: 2}


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A finding.

    Attributes:
        weight: how much it matters.
        name: what it is, in two or three words.
        text: what it is, in a sentence.
        act: what is best done about it, in words; empty for nothing.
        file: the file's name.
        line: the line's number there; 0 when the whole file is meant.
        last: the number of the last of several lines of which the same is to be said.
        at: when; ``None`` when that cannot be read.
        operation: loan or return; ``None`` when that cannot be read.
        item: the item barcode.
        patron: the borrower's identifier.
        raw: the line as it stands in the file.
    """

    weight: Weight
    name: str
    text: str
    act: str = ""
    file: str = ""
    line: int = 0
    last: int = 0
    at: datetime | None = None
    operation: Operation | None = None
    item: str = ""
    patron: str = ""
    raw: str = ""

    @property
    def place(self) -> str:
        """The line's number, or first and last of several."""
        if not self.line:
            return ""
        return f"{self.line}–{self.last}" if self.last > self.line else str(self.line)


class CheckModel(Listing[CheckRow]):
    """The findings asked for, in the order asked for."""

    WHAT, FILE, LINE, TIME, OPERATION, ITEM, PATRON = range(7)
    numbers = (LINE,)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._code_font: QFont = look.code

    def counts(self) -> Counter[Weight]:
        """How many findings of each weight there are."""
        return Counter(row.weight for row in self.things)

    def set_weight(self, weight: Weight | None) -> None:
        """List only findings that matter so much; ``None`` for all."""
        self.want(None if weight is None else lambda row: row.weight is weight)

    def key(self, thing: CheckRow, column: int) -> Any:
        """Numbers and times by what they are, findings by how much they matter."""
        if column == self.LINE:
            return thing.line, thing.file
        if column == self.TIME:
            return thing.at or datetime.min, thing.file, thing.line  # noqa: DTZ901 - no zone
        text = self.cell(thing, column)
        if column == self.WHAT:
            text = f"{_ORDER[thing.weight]} {thing.name}"
        return text.casefold(), thing.file, thing.line

    def search_text(self, thing: CheckRow) -> str:
        """Cells, mark, and the line as it stands in the file."""
        return f"{super().search_text(thing)} {thing.raw}"

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("What is wrong"),
            _("File"),
            _("Line"),
            _("Time"),
            _("Operation"),
            _("Item"),
            _("Borrower"),
        )

    def cell(self, thing: CheckRow, column: int) -> str:
        """What is said of a finding in a column."""
        if column == self.TIME:
            return words.when(thing.at) if thing.at is not None else ""
        if column == self.OPERATION:
            return words.operation(thing.operation) if thing.operation is not None else ""
        plain = {
            self.WHAT: thing.text,
            self.FILE: thing.file,
            self.LINE: thing.place,
            self.ITEM: thing.item,
            self.PATRON: thing.patron,
        }
        return plain[column]

    def cell_mark(self, thing: CheckRow, column: int) -> tuple[str, Tone] | None:
        """What it is, in the colour of how much it matters."""
        return (thing.name, _TONES[thing.weight]) if column == self.WHAT else None

    def font(self, column: int) -> QFont | None:
        """Barcodes in letters of equal width."""
        return self._code_font if column in (self.ITEM, self.PATRON) else None

    def thing_ground(self, thing: CheckRow) -> QColor | None:
        """Reddish for a line that cannot be sent."""
        return ROSE if thing.weight is Weight.ERROR else None
