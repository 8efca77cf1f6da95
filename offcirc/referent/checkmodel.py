"""What was found in the lines before they are sent, as a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont

from offcirc import words
from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.referent.look import ROSE, Look
from offcirc.referent.rows import RowsModel
from offcirc.referent.table import Tone

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


class CheckModel(RowsModel[CheckRow]):
    """The findings asked for, in the order asked for."""

    WHAT, FILE, LINE, TIME, OPERATION, ITEM, PATRON = range(7)
    numbers = (LINE,)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._code: QFont = look.code
        self._all: tuple[CheckRow, ...] = ()
        self._texts: list[str] = []
        self._weight: Weight | None = None
        self._words: tuple[str, ...] = ()
        self._column = -1
        self._descending = False

    @property
    def everything(self) -> tuple[CheckRow, ...]:
        """All findings, whatever is listed."""
        return self._all

    def counts(self) -> Counter[Weight]:
        """How many findings of each weight there are."""
        return Counter(row.weight for row in self._all)

    def show_findings(self, rows: tuple[CheckRow, ...]) -> None:
        """Take these findings instead; filter and order stay."""
        self._all = rows
        self._texts = []
        self._apply()

    def set_weight(self, weight: Weight | None) -> None:
        """List only findings that matter so much; ``None`` for all."""
        if weight != self._weight:
            self._weight = weight
            self._apply()

    def set_words(self, text: str) -> None:
        """List only findings that hold every word of a text, in any column."""
        self._words = tuple(text.casefold().split())
        self._apply()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the findings in order of a column."""
        self._column = column
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._apply()

    def _apply(self) -> None:
        rows = [row for row in self._matching() if self._weight in (None, row.weight)]
        if self._column >= 0:
            rows.sort(key=self._key, reverse=self._descending)
        self.show_rows(rows)

    def _matching(self) -> list[CheckRow]:
        if not self._words:
            return list(self._all)
        if not self._texts:
            self._texts = [
                " ".join((row.name, row.text, row.file, row.item, row.patron, row.raw)).casefold()
                for row in self._all
            ]
        pairs = zip(self._all, self._texts, strict=True)
        return [row for row, text in pairs if all(word in text for word in self._words)]

    def _key(self, row: CheckRow) -> tuple[object, ...]:
        if self._column == self.LINE:
            return row.line, row.file
        if self._column == self.TIME:
            return row.at or datetime.min, row.file, row.line  # noqa: DTZ901 - no zone
        texts = {
            self.WHAT: f"{_ORDER[row.weight]} {row.name}",
            self.FILE: row.file,
            self.OPERATION: row.operation.value if row.operation is not None else "",
            self.ITEM: row.item,
            self.PATRON: row.patron,
        }
        return texts[self._column].casefold(), row.file, row.line

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

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        found = self._rows[row]
        if column == self.TIME:
            return words.when(found.at) if found.at is not None else ""
        if column == self.OPERATION:
            return words.operation(found.operation) if found.operation is not None else ""
        plain = {
            self.WHAT: found.text,
            self.FILE: found.file,
            self.LINE: found.place,
            self.ITEM: found.item,
            self.PATRON: found.patron,
        }
        return plain[column]

    def mark(self, row: int, column: int) -> tuple[str, Tone] | None:
        """What it is, in the colour of how much it matters."""
        if column != self.WHAT:
            return None
        found = self._rows[row]
        return found.name, _TONES[found.weight]

    def font(self, column: int) -> QFont | None:
        """Barcodes in letters of equal width."""
        return self._code if column in (self.ITEM, self.PATRON) else None

    def ground(self, row: int) -> QColor | None:
        """Reddish for a line that cannot be sent."""
        return ROSE if self._rows[row].weight is Weight.ERROR else None
