"""The lines of a report as a table: Alma's two columns first, then what the file knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont

from offcirc import words
from offcirc.i18n import _
from offcirc.referent import refusal
from offcirc.referent.look import ROSE, Look
from offcirc.referent.rows import RowsModel
from offcirc.referent.table import Tone
from offcirc.upload.report import LineStatus, ReportLine

_NEVER = datetime.min  # noqa: DTZ901 - the files' times have no zone


class Show(StrEnum):
    """Which lines of a report are listed."""

    EXCEPTIONS = "exceptions"
    NOTES = "notes"
    EARLIER = "earlier"
    ALL = "all"


_STATUSES = {
    Show.EXCEPTIONS: (LineStatus.REJECTED, LineStatus.UNKNOWN, LineStatus.HELD),
    Show.NOTES: (LineStatus.RECORDED,),
    Show.EARLIER: (LineStatus.SKIPPED,),
    Show.ALL: tuple(LineStatus),
}


def counts(lines: Iterable[ReportLine]) -> dict[Show, int]:
    """How many lines each choice lists."""
    found = Counter(line.status for line in lines)
    return {show: sum(found[status] for status in _STATUSES[show]) for show in Show}


class ReportModel(RowsModel[ReportLine]):
    """The lines of one report that are not plainly fine: those asked for, in the order asked for.

    Filtered and sorted here and not by a proxy of Qt's, which would call back for every comparison
    and stand still for seconds on a report of thousands of lines.
    """

    LINE, MESSAGE, TIME, OPERATION, ITEM, BORROWER, FILE = range(7)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._code: QFont = look.code
        self._lines: tuple[ReportLine, ...] = ()
        self._texts: list[str] = []
        self._show = Show.EXCEPTIONS
        self._words: tuple[str, ...] = ()
        self._column = self.LINE
        self._descending = False

    def show_lines(self, lines: tuple[ReportLine, ...], show: Show = Show.EXCEPTIONS) -> None:
        """Take these lines instead: no filter, in the order of their numbers."""
        self._lines = lines
        self._texts = []
        self._words = ()
        self._show = show
        self._column, self._descending = self.LINE, False
        self._apply()

    def set_show(self, show: Show) -> None:
        """List only these lines."""
        if show is not self._show:
            self._show = show
            self._apply()

    def set_words(self, text: str) -> None:
        """List only lines that hold every word of a text, in any column."""
        self._words = tuple(text.casefold().split())
        self._apply()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the lines in order of a column; equal ones stay in the order of file and line."""
        self._column = column
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._apply()

    def row_of(self, line: ReportLine | None) -> int:
        """The row of a line; -1 when it is not listed."""
        return next((row for row, listed in enumerate(self._rows) if listed is line), -1)

    def _apply(self) -> None:
        statuses = _STATUSES[self._show]
        chosen = [line for line in self._matching() if line.status in statuses]
        chosen.sort(key=self._key, reverse=self._descending)
        self.show_rows(chosen)

    def _matching(self) -> Iterable[ReportLine]:
        if not self._words:
            return self._lines
        if not self._texts:
            self._texts = [self._search_text(line) for line in self._lines]
        pairs = zip(self._lines, self._texts, strict=True)
        return (line for line, text in pairs if all(word in text for word in self._words))

    def _search_text(self, line: ReportLine) -> str:
        cells = [self._cell(line, column) for column in range(len(self.titles()))]
        return " ".join([refusal.mark(line), *cells]).casefold()

    def _key(self, line: ReportLine) -> tuple[object, ...]:
        if self._column == self.LINE:
            return line.line, line.file
        if self._column == self.TIME:
            return line.at or _NEVER, line.file, line.line
        text = self._cell(line, self._column)
        if self._column == self.MESSAGE:
            text = f"{refusal.mark(line)} {text}"
        return text.casefold(), line.file, line.line

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("Line"),
            _("Error Message"),
            _("Time"),
            _("Operation"),
            _("Item"),
            _("Borrower"),
            _("File"),
        )

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        return self._cell(self._rows[row], column)

    def _cell(self, line: ReportLine, column: int) -> str:
        if column == self.MESSAGE:
            return refusal.message(line)
        if column == self.TIME:
            return words.when(line.at) if line.at is not None else ""
        if column == self.OPERATION:
            return words.operation(line.operation) if line.operation is not None else ""
        plain = {
            self.LINE: str(line.line),
            self.ITEM: line.item,
            self.BORROWER: line.patron,
            self.FILE: line.file,
        }
        return plain[column]

    def mark(self, row: int, column: int) -> tuple[str, Tone] | None:
        """The reason in two or three words."""
        if column != self.MESSAGE:
            return None
        line = self._rows[row]
        return refusal.mark(line), refusal.tone(line)

    def font(self, column: int) -> QFont | None:
        """Barcodes in letters of equal width."""
        return self._code if column in (self.ITEM, self.BORROWER) else None

    def ground(self, row: int) -> QColor | None:
        """Reddish for a line that asks for something to be done."""
        return ROSE if refusal.tone(self._rows[row]) is Tone.BAD else None
