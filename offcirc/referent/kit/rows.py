"""What the tables of this window have in common as models: to be read, never to be edited."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from offcirc.referent.kit.cells import DataRole, Heading, Index, Tone

T = TypeVar("T")

_NO_PARENT = QModelIndex()
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class RowsModel(QAbstractTableModel, Generic[T]):
    """A list of things, one a row; what differs between the tables is in the methods below.

    Attributes:
        numbers: the columns that hold numbers, aligned to the right.
    """

    numbers: tuple[int, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[T] = []

    def titles(self) -> tuple[str, ...]:
        """The columns' names in the active language."""
        raise NotImplementedError

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        raise NotImplementedError

    def mark(self, row: int, column: int) -> tuple[str, Tone] | None:
        """The coloured mark in front of a cell's text."""
        return None

    def tip(self, row: int, column: int) -> str:
        """What a cell says when the pointer rests on it."""
        return self.text(row, column)

    def font(self, column: int) -> QFont | None:
        """The type of a column, when it is not the usual."""
        return None

    def ink(self, row: int, column: int) -> QColor | None:
        """The colour of a cell's text, when it is not the usual."""
        return None

    def sign(self, row: int, column: int) -> str:
        """A sign in front of a cell's text."""
        return ""

    def faint(self, row: int, column: int) -> tuple[int, int] | None:
        """How much of a cell's text is the same in every row: at its beginning, at its end."""
        return None

    def ground(self, row: int) -> QColor | None:
        """The colour behind a row, when it is not white."""
        return None

    def heading(self, row: int) -> Heading | None:
        """What a row is that stands above a group; ``None`` for an ordinary one."""
        return None

    def row(self, number: int) -> T:
        """The thing of a row."""
        return self._rows[number]

    def show_rows(self, rows: list[T] | tuple[T, ...]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """How many things there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """How much is told of each."""
        return 0 if parent.isValid() else len(self.titles())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The columns' names."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return self.titles()[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        asked = _ASPECTS.get(role)
        return asked(self, row, column) if asked is not None else None

    def _alignment(self, column: int) -> int:
        return _RIGHT if column in self.numbers else _LEFT

    def _mark_text(self, row: int, column: int) -> str | None:
        mark = self.mark(row, column)
        return mark[0] if mark is not None else None

    def _mark_tone(self, row: int, column: int) -> Tone | None:
        mark = self.mark(row, column)
        return mark[1] if mark is not None else None

    def _spoken(self, row: int, column: int) -> str:
        mark = self.mark(row, column)
        text = self.text(row, column)
        return text if mark is None else f"{mark[0]}. {text}"


_ASPECTS: dict[int, Any] = {
    DataRole.MARK: RowsModel._mark_text,
    DataRole.TONE: RowsModel._mark_tone,
    DataRole.FAINT: lambda model, row, column: model.faint(row, column),
    DataRole.SIGN: lambda model, row, column: model.sign(row, column),
    Qt.ItemDataRole.ForegroundRole: lambda model, row, column: model.ink(row, column),
    DataRole.HEADING: lambda model, row, column: model.heading(row),
    Qt.ItemDataRole.ToolTipRole: lambda model, row, column: model.tip(row, column),
    Qt.ItemDataRole.FontRole: lambda model, row, column: model.font(column),
    Qt.ItemDataRole.BackgroundRole: lambda model, row, column: model.ground(row),
    Qt.ItemDataRole.TextAlignmentRole: lambda model, row, column: model._alignment(column),
    Qt.ItemDataRole.AccessibleTextRole: lambda model, row, column: model._spoken(row, column),
}
