"""How the tables look: rows with room, a coloured mark in front of a text, words when empty."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from offcirc.referent.look import BLUE, CHOSEN, INK, LINE, SLATE, Look

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What the models tell besides what Qt asks for."""

    MARK = Qt.ItemDataRole.UserRole + 1
    """The words in the coloured mark before the text; empty for none."""
    TONE = Qt.ItemDataRole.UserRole + 2
    """The colour of the mark, a :class:`Tone`."""


class Tone(StrEnum):
    """The colours of the marks; their words say the same."""

    GOOD = "good"
    BAD = "bad"
    LOOK = "look"
    PLAIN = "plain"


_TONES = {
    Tone.GOOD: (QColor("#dcf1e3"), QColor("#0d5c2d")),
    Tone.BAD: (QColor("#a81c2b"), QColor("#ffffff")),
    Tone.LOOK: (QColor("#8a5a00"), QColor("#ffffff")),
    Tone.PLAIN: (QColor("#dfe7f4"), QColor("#2c4370")),
}


class MarkDelegate(QStyledItemDelegate):
    """Draws a cell: ground of the row, coloured mark, text on as many lines as there is room for.

    Attributes:
        lines: how many lines of text a row has room for.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.lines = 1

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as mark and text on one line, as high as the row's lines."""
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        mark = str(index.data(Role.MARK) or "")
        font = index.data(Qt.ItemDataRole.FontRole) or self._look.text
        width = QFontMetricsF(font).horizontalAdvance(text) + self._mark_width(mark)
        return QSize(round(width + self._look.em * 1.1), self.row_height())

    def row_height(self, lines: int = 0) -> int:
        """The height of every row, or of one with this many lines of text."""
        return round(self._look.em * ((lines or self.lines) + 0.75))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        painter.save()
        state = QStyle.StateFlag
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        chosen = bool(option.state & state.State_Selected)
        box = QRectF(option.rect)
        if chosen:
            painter.fillRect(box, CHOSEN)
        elif isinstance(ground, QColor):
            painter.fillRect(box, ground)
        painter.setPen(QPen(LINE, 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        self._draw_words(painter, box, index)
        painter.restore()

    def _draw_words(self, painter: QPainter, box: QRectF, index: Index) -> None:
        em = self._look.em
        font = index.data(Qt.ItemDataRole.FontRole) or self._look.text
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        mark = str(index.data(Role.MARK) or "")
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        align = index.data(Qt.ItemDataRole.TextAlignmentRole)
        room = box.adjusted(em * 0.5, 0, -em * 0.5, 0)
        painter.setFont(font)
        painter.setPen(colour if isinstance(colour, QColor) else INK)
        if align is not None and int(align) & int(Qt.AlignmentFlag.AlignRight):
            painter.drawText(room, int(align), text)
            return
        indent = self._mark_width(mark)
        lines = _wrapped(text, font, indent, room.width(), self.lines)
        height = QFontMetricsF(font).height()
        count = max(len(lines), 1)
        top = box.top() + (box.height() - count * height) / 2
        if mark:
            self._draw_mark(
                painter, QRectF(room.left(), top, indent - em * 0.35, height), mark, index
            )
            painter.setFont(font)
            painter.setPen(colour if isinstance(colour, QColor) else INK)
        for number, line in enumerate(lines):
            left = room.left() + (indent if number == 0 else 0)
            place = QRectF(left, top + number * height, room.right() - left, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, line)

    def _draw_mark(self, painter: QPainter, box: QRectF, mark: str, index: Index) -> None:
        ground, ink = _TONES[Tone(index.data(Role.TONE) or Tone.PLAIN)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(
            box.adjusted(0, 1, 0, -1), self._look.em * 0.22, self._look.em * 0.22
        )
        painter.setPen(ink)
        painter.setFont(self._look.small_strong)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark)

    def _mark_width(self, mark: str) -> float:
        if not mark:
            return 0.0
        words = QFontMetricsF(self._look.small_strong).horizontalAdvance(mark)
        return words + self._look.em * 1.2


def _wrapped(text: str, font: object, indent: float, width: float, limit: int) -> list[str]:
    """A text broken at its blanks into at most ``limit`` lines, the last one shortened if need be.

    The first line begins after ``indent``.
    """
    metrics = QFontMetricsF(font)  # type: ignore[call-overload]
    shorten = Qt.TextElideMode.ElideRight
    if limit == 1 or metrics.horizontalAdvance(text) + indent <= width:
        return [metrics.elidedText(text, shorten, max(width - indent, 0))]
    layout = QTextLayout(text, font)  # type: ignore[call-overload]
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[str] = []
    layout.beginLayout()
    while len(lines) < limit:
        line = layout.createLine()
        if not line.isValid():
            break
        room = max(width - (indent if not lines else 0), 1)
        line.setLineWidth(room)
        start = line.textStart()
        part = text[start : start + line.textLength()]
        if len(lines) == limit - 1:
            part = metrics.elidedText(text[start:], shorten, room)
        lines.append(part.rstrip())
    layout.endLayout()
    return lines


class Table(QTableView):
    """A table to read and choose rows in; nothing in it can be changed by a key.

    Attributes:
        delegate: draws the cells.
    """

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
            width = max(width, self.sizeHintForColumn(column))
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
        if self._drop:
            self._draw_tray(painter, box)
            box.translate(0, self._look.em * 2.6)
        margin = self._look.em * 2
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box.adjusted(margin, 0, -margin, 0), int(flags), self._empty)

    def _draw_tray(self, painter: QPainter, box: QRectF) -> None:
        """A dashed frame, and an arrow into a tray: things can be dropped here."""
        em = self._look.em
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor("#a9bbdb"), max(em * 0.09, 1.5), Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(box.adjusted(em, em, -em, -em), em * 0.6, em * 0.6)
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
