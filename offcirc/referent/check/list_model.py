"""The rows of a list as a table: its cells as they are, and what each row was read as."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont

from offcirc import words
from offcirc.i18n import _
from offcirc.referent.kit.cells import Tone
from offcirc.referent.kit.look import ROSE, ReferentLook, operation_sign
from offcirc.referent.kit.rows import RowsModel
from offcirc.upload.lists.reading import ListSheet
from offcirc.upload.lists.understanding import ListLine, Understanding

SHOWN = 6
"""Columns of a list that are shown; those beyond hold no barcodes that anybody would look for."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a list, and what became of it.

    Attributes:
        number: its number, from 1.
        lines: what was made of it.
    """

    number: int
    cells: tuple[str, ...]
    lines: tuple[ListLine, ...]

    @property
    def problem(self) -> ListLine | None:
        """Why it, or a part of it, is not taken."""
        return next((line for line in self.lines if line.problem is not None), None)


class ListRowsModel(RowsModel[ShownRow]):
    """A list, blank rows left out."""

    numbers = (0,)

    def __init__(self, look: ReferentLook) -> None:
        super().__init__()
        self._look = look
        self._width = 1

    @property
    def last(self) -> int:
        """The column that tells what a row was read as."""
        return self._width + 1

    def show_list(self, sheet: ListSheet | None, found: Understanding) -> None:
        """Show this list instead."""
        rows = sheet.rows if sheet is not None else []
        lines: dict[int, list[ListLine]] = {}
        for line in found.lines:
            lines.setdefault(line.row, []).append(line)
        self._width = min(max((len(row) for row in rows), default=1), SHOWN)
        self.show_rows(
            [
                ShownRow(number, tuple(row), tuple(lines.get(number, ())))
                for number, row in enumerate(rows, start=1)
                if any(row)
            ]
        )

    def titles(self) -> tuple[str, ...]:
        """Letters, as a spreadsheet has them."""
        letters = [chr(ord("A") + at) for at in range(self._width)]
        return (_("Row"), *letters, _("Read as"))

    def text(self, row: int, column: int) -> str:
        """A cell, or what the row was read as."""
        thing = self._rows[row]
        if column == 0:
            return str(thing.number)
        if column <= self._width:
            return thing.cells[column - 1] if column <= len(thing.cells) else ""
        return self._read_as(thing)

    def _read_as(self, thing: ShownRow) -> str:
        if thing.problem is not None:
            return thing.problem.text
        taken = [line.record for line in thing.lines if line.record is not None]
        if taken:
            name = words.operation(taken[0].operation)
            return name if len(taken) == 1 else f"{name} × {len(taken)}"
        twice = next((line.twice for line in thing.lines if line.twice), 0)
        return _("like row {row}").format(row=twice) if twice else ""

    def mark(self, row: int, column: int) -> tuple[str, Tone] | None:
        """What asks for a look."""
        thing = self._rows[row]
        if column != self.last:
            return None
        if thing.problem is not None:
            return _("to be corrected"), Tone.BAD
        if any(line.twice for line in thing.lines):
            return _("twice"), Tone.PLAIN
        return None

    def sign(self, row: int, column: int) -> str:
        """The arrow of a loan or return."""
        taken = [line.record for line in self._rows[row].lines if line.record is not None]
        return operation_sign(taken[0].operation) if taken and column == self.last else ""

    def ground(self, row: int) -> QColor | None:
        """Rows that are not taken stand out."""
        return QColor(ROSE) if self._rows[row].problem is not None else None

    def font(self, column: int) -> QFont | None:
        """Barcodes in a type that tells 0 from O."""
        return self._look.code if 0 < column <= self._width else None
