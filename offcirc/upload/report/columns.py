"""The columns of a report's lines: one list for every table a program or a spreadsheet reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from offcirc import words as core_words
from offcirc.i18n import N_, _
from offcirc.upload.report import words
from offcirc.upload.report.report import ReportLine

Value = str | int | datetime | None


class CellKind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    LONG = "long"
    """Text of a sentence and more."""
    CODE = "code"
    """Barcodes and identifiers: text, even where they are all digits."""
    NUMBER = "number"
    MOMENT = "moment"
    """Naive local time."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        code: its name for programs.
        name: its title in English, to be worded by :meth:`title`.
        kind: what its cells hold.
        value: the cell of a line; empty text or ``None`` when there is nothing to say.
    """

    code: str
    name: str
    kind: CellKind
    value: Callable[[ReportLine], Value]

    def title(self) -> str:
        """Its title in the active language."""
        return _(self.name)

    def text(self, line: ReportLine) -> str:
        """The cell of a line as text."""
        value = self.value(line)
        if isinstance(value, datetime):
            return words.moment(line)
        return "" if value is None else str(value)


COLUMNS = (
    Column("file", N_("File"), CellKind.TEXT, lambda line: line.file),
    Column("line", N_("Line"), CellKind.NUMBER, lambda line: line.line),
    Column("status", N_("Status"), CellKind.TEXT, lambda line: words.line_status(line.status)),
    Column("time", N_("Time"), CellKind.MOMENT, lambda line: line.exact or line.at),
    Column("desk", N_("Desk"), CellKind.TEXT, words.origin),
    Column(
        "operation",
        N_("Operation"),
        CellKind.TEXT,
        lambda line: core_words.operation(line.operation) if line.operation else "",
    ),
    Column("item", N_("Item barcode"), CellKind.CODE, lambda line: line.item),
    Column("title", N_("Title"), CellKind.TEXT, lambda line: line.title),
    Column("patron", N_("Borrower"), CellKind.CODE, lambda line: line.patron),
    Column("reader", N_("Borrower’s name"), CellKind.TEXT, lambda line: line.reader),
    Column("message", N_("Error Message"), CellKind.LONG, lambda line: line.message),
    Column("reason", N_("Reason"), CellKind.TEXT, words.mark),
    Column("why", N_("Explanation"), CellKind.LONG, words.why),
    Column("advice", N_("What to do"), CellKind.LONG, words.what_to_do),
    Column("decision", N_("Decision"), CellKind.LONG, lambda line: words.decision(line.decision)),
    Column("raw", N_("Line of the file"), CellKind.CODE, lambda line: line.raw),
)
