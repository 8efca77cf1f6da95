"""The tables: equal rows that scroll fast, columns that fit the window, words when empty."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
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

from offcirc.referent.cells import MarkDelegate, Role
from offcirc.referent.look import BLUE, SLATE, Look

WIDEST = 14
"""Line heights that a column takes at most: names of files can be longer than a window."""
_TOGGLES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Table(QTableView):
    """A table to read and choose rows in; nothing in it can be changed by a key.

    Attributes:
        delegate: draws the cells.

    Signals:
        toggled: a group is to be opened or closed; the row of its heading.
    """

    toggled = Signal(int)

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._empty = ""
        self._drop = False
        self._stretched = -1
        self._least = 0
        self._rows_in_sight = 1
        self._most_lines = 1
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
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setFont(look.small_strong)
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setMinimumSectionSize(look.px(2))
        # Widths are taken from this many rows beyond those in sight: all of them would take long.
        head.setResizeContentsPrecision(100)
        self.set_lines(1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open and close groups with the arrows, Enter or the space bar."""
        index = self.currentIndex()
        heading = index.data(Role.HEADING) if index.isValid() else None
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
        if index.isValid() and index.data(Role.HEADING) is not None:
            self.toggled.emit(index.row())

    def set_lines(self, lines: int) -> None:
        """Give every row room for this many lines of text."""
        self.delegate.lines = lines
        height = self.delegate.row_height()
        # Smaller than the style's own minimum is not needed; equal rows scroll fast.
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)

    def set_empty_text(self, text: str, *, drop: bool = False) -> None:
        """What to say in place of rows, and whether things can be dropped here."""
        self._empty = text
        self._drop = drop
        self.viewport().update()

    def stretch(
        self, column: int, *, most_lines: int = 1, least: int = 11, rows_in_sight: int = 1
    ) -> None:
        """Let one column take the room that the others leave.

        Args:
            column: the column.
            most_lines: how many lines its text may take when it does not fit on one.
            least: its least width, in line heights.
            rows_in_sight: do so only if this many rows, or all, can still be seen at once.
        """
        self._stretched = column
        self._least = least
        self._rows_in_sight = rows_in_sight
        self._most_lines = most_lines
        self.fit()

    def fit(self) -> None:
        """Make every column as wide as its contents, and the stretched one as wide as it can be.

        It never gets narrower than its heading and a few words.
        """
        model, stretched = self.model(), self._stretched
        if model is None or stretched < 0:
            return
        metrics = QFontMetricsF(self._look.small_strong)
        room = self.viewport().width()
        for column in range(model.columnCount()):
            if self.isColumnHidden(column):
                continue
            title = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
            arrow = 0.8 if self.isSortingEnabled() else 0.0
            width = metrics.horizontalAdvance(title) + self._look.em * (1.1 + arrow)
            if column == stretched:
                least = max(round(width), self._look.px(self._least))
                continue
            hint = min(self.sizeHintForColumn(column), self._look.px(WIDEST))
            width = max(width, hint)
            self.setColumnWidth(column, round(width))
            room -= round(width)
        self.setColumnWidth(stretched, max(room, least))
        if self._most_lines > 1:
            lines = self._lines_needed()
            if lines != self.delegate.lines:
                self.set_lines(lines)

    def _lines_needed(self) -> int:
        """How many lines the longest text in sight takes in the stretched column."""
        needed = self.sizeHintForColumn(self._stretched)
        width = self.columnWidth(self._stretched)
        if needed <= width or not self._has_height():
            return 1
        # Lines end at a blank, some way before the column does.
        lines = 2
        while lines < self._most_lines and needed * 1.15 > lines * width:
            lines += 1
        return lines

    def _has_height(self) -> bool:
        """Whether rows of several lines leave enough rows in sight."""
        height = self.delegate.row_height(self._most_lines)
        rows = min(self.model().rowCount(), self._rows_in_sight)
        return rows * height <= self.viewport().height()

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
