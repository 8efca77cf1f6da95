"""The tables: equal rows that scroll fast, columns that fit the window, words when empty."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from offcirc.referent.kit.cells import DataRole, MarkDelegate
from offcirc.referent.kit.look import BLUE, SLATE, ReferentLook
from offcirc.referent.kit.parts import set_property

WIDEST, WIDEST_WORDS = 14, 26
"""Line heights that a column of codes and one of words take at most: both can be endless."""
LEAST_ROWS = 5
"""Rows that a table shows at least; where that is too much, the page scrolls."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the columns of a table share its width, so that it never scrolls sideways.

    Attributes:
        stretch: the column that takes what the others leave.
        least: line heights down to which columns may be narrowed; the others never are.
        middle: the columns whose texts are shortened in the middle: their ends tell them apart.
        drop: the columns that go, one after the other, where there is no room even so.
    """

    stretch: int
    least: Mapping[int, float] = field(default_factory=dict)
    middle: frozenset[int] = frozenset()
    drop: tuple[int, ...] = ()


_TOGGLES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class RowTable(QTableView):
    """A table to read and choose rows in; nothing in it can be changed by a key.

    Attributes:
        delegate: draws the cells.

    Signals:
        toggled: a group is to be opened or closed; the row of its heading.
    """

    toggled = Signal(int)

    def __init__(self, look: ReferentLook, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._empty = ""
        self._drop = False
        self._shape: Shape | None = None
        self._left_out: frozenset[int] = frozenset()
        self.setAccessibleName(name)
        self.setFont(look.text)
        self.delegate = MarkDelegate(look, self)
        self.setItemDelegate(self.delegate)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there, so that nothing jumps when there are more rows than room.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        # Whole rows only: a row cut in two is read wrong.
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setFont(look.small_strong)
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setMinimumSectionSize(look.px(2))
        # Widths are taken from this many rows beyond those in sight: all of them would take long.
        head.setResizeContentsPrecision(100)
        head.setFixedHeight(look.px(1.67))
        self.row_height = self.delegate.row_height()
        # Smaller than the style's own minimum is not needed; equal rows scroll fast.
        self.verticalHeader().setMinimumSectionSize(self.row_height)
        self.verticalHeader().setDefaultSectionSize(self.row_height)
        self.setMinimumHeight(self.height_of(LEAST_ROWS))

    def height_of(self, rows: int) -> int:
        """The height of heading and rows."""
        return self.horizontalHeader().height() + rows * self.row_height

    def selectRow(self, row: int) -> None:
        """Choose one row and no other, whatever keys are held just now."""
        flag = QItemSelectionModel.SelectionFlag
        index = self.model().index(row, 0)
        self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
        self.scrollTo(index)

    def step(self, by: int) -> None:
        """Go on to the next thing, or back to the one before; headings are passed over."""
        row, count = self.currentIndex().row() + by, self.model().rowCount()
        while 0 <= row < count:
            if self.model().index(row, 0).data(DataRole.HEADING) is None:
                self.selectRow(row)
                return
            row += by

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the frame around it that the keys go here."""
        super().focusInEvent(event)
        self._mark_frame(focused=True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """They do no more."""
        super().focusOutEvent(event)
        self._mark_frame(focused=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open and close groups with the arrows, Enter or the space bar."""
        index = self.currentIndex()
        heading = index.data(DataRole.HEADING) if index.isValid() else None
        if heading is not None:
            key = event.key()
            turned = {Qt.Key.Key_Left: False, Qt.Key.Key_Right: True}.get(Qt.Key(key))
            if turned is None and key in _TOGGLES:
                turned = not heading.opened
            if turned is not None:
                if turned is not heading.opened:
                    self.toggled.emit(index.row())
                return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open and close a group with a click on its heading."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.data(DataRole.HEADING) is not None:
            self.toggled.emit(index.row())

    def _mark_frame(self, *, focused: bool) -> None:
        frame = self.parentWidget()
        if frame is not None:
            set_property(frame, "focused", focused)

    def list_groups(self, model: QAbstractItemModel, toggle: Callable[[int], None]) -> None:
        """Show a listing: several rows can be chosen, columns sorted, groups opened and closed."""
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.toggled.connect(toggle)

    def set_empty_text(self, text: str, *, drop: bool = False) -> None:
        """What to say in place of rows, and whether things can be dropped here."""
        self._empty = text
        self._drop = drop
        self.viewport().update()

    def shape(self, shape: Shape) -> None:
        """Say how the columns share the width."""
        self._shape = shape
        self.delegate.middle = shape.middle
        self.fit()

    def leave_out(self, columns: Collection[int]) -> None:
        """Leave out columns that have nothing to tell."""
        self._left_out = frozenset(columns)
        self.fit()

    def fit(self) -> None:
        """Give every column its width: all of them together are as wide as the table."""
        model, shape = self.model(), self._shape
        if model is None or shape is None:
            return
        shown = [column for column in range(model.columnCount()) if column not in self._left_out]
        wanted = {column: self._wanted(column, shape) for column in shown}
        least = {column: self._least(column, shape, width) for column, width in wanted.items()}
        room = self.viewport().width()
        for column in shape.drop:
            if sum(least.values()) > room:
                least.pop(column, None)
        for column in range(model.columnCount()):
            self.setColumnHidden(column, column not in least)
        for column, width in _shared(wanted, least, room, shape.stretch).items():
            self.setColumnWidth(column, width)

    def _title(self, column: int) -> float:
        title = str(self.model().headerData(column, Qt.Orientation.Horizontal) or "")
        arrow = 0.6 if self.isSortingEnabled() else 0.0
        metrics = QFontMetricsF(self._look.small_strong)
        return metrics.horizontalAdvance(title) + self._look.em * (1.1 + arrow)

    def _wanted(self, column: int, shape: Shape) -> int:
        """The width that a column takes where there is room."""
        codes = column in shape.middle and column != shape.stretch
        widest = WIDEST if codes else WIDEST_WORDS
        hint = min(self.sizeHintForColumn(column), self._look.px(widest))
        return round(max(hint, self._title(column), self._look.em * shape.least.get(column, 0)))

    def _least(self, column: int, shape: Shape, wanted: int) -> int:
        """The width below which a column does not go."""
        least = shape.least.get(column)
        if least is None:
            return wanted
        return min(wanted, round(max(self._title(column), self._look.em * least)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the columns as wide as the room there is."""
        super().resizeEvent(event)
        self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The table, or the words that stand in for it."""
        super().paintEvent(event)
        model = self.model()
        if not self._empty or (model is not None and model.rowCount()):
            return
        painter = QPainter(self.viewport())
        painter.setFont(self._look.text)
        painter.setPen(SLATE)
        box = QRectF(self.viewport().rect())
        roomy = box.height() > self._look.em * 9
        if self._drop:
            self._draw_tray(painter, box, arrow=roomy)
        if self._drop and roomy:
            box.translate(0, self._look.em * 2.6)
        margin = self._look.em * 2
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box.adjusted(margin, 0, -margin, 0), int(flags), self._empty)

    def _draw_tray(self, painter: QPainter, box: QRectF, *, arrow: bool) -> None:
        """A dashed frame, and an arrow into a tray: things can be dropped here."""
        em = self._look.em
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor("#a9bbdb"), max(em * 0.09, 1.5), Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(box.adjusted(em, em, -em, -em), em * 0.6, em * 0.6)
        if not arrow:
            painter.restore()
            return
        pen = QPen(BLUE, em * 0.16)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        middle = box.center() - QPointF(0, em * 0.6)

        def at(x: float, y: float) -> QPointF:
            return middle + QPointF(x * em, y * em)

        painter.drawPolyline(QPolygonF([at(0, -1.6), at(0, 0.3)]))
        painter.drawPolyline(QPolygonF([at(-0.7, -0.4), at(0, 0.3), at(0.7, -0.4)]))
        painter.drawPolyline(QPolygonF([at(-1.4, 0.2), at(-1.4, 1.0), at(1.4, 1.0), at(1.4, 0.2)]))
        painter.restore()


def _shared(
    wanted: Mapping[int, int], least: Mapping[int, int], room: int, stretch: int
) -> dict[int, int]:
    """What each column gets: its least, then what it wants as far as that goes; all of the room.

    The stretched one is served first, and takes what is left at the end.
    """
    widths = dict(least)
    if stretch not in widths:
        stretch = next(iter(widths))  # it was dropped
    spare = room - sum(widths.values())
    if spare < 0:
        # Not even that fits: the stretched one gives, as far as it can; then all of them alike.
        given = min(-spare, widths[stretch] // 3)
        widths[stretch] -= given
        total = sum(widths.values())
        if total > room:
            widths = {column: width * room // total for column, width in widths.items()}
            widths[stretch] += room - sum(widths.values())
        return widths
    for column in sorted(widths, key=lambda one: one != stretch):
        more = min(wanted[column] - widths[column], spare)
        widths[column] += more
        spare -= more
    widths[stretch] += spare
    return widths
