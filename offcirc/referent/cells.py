"""How the cells of the tables look: a coloured mark in front of a text, headings of groups."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPen,
    QPolygonF,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from offcirc.referent.figures import number
from offcirc.referent.look import CHOSEN, INK, LINE, SKY, SLATE, Look

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What the models tell besides what Qt asks for."""

    MARK = Qt.ItemDataRole.UserRole + 1
    """The words in the coloured mark before the text; empty for none."""
    TONE = Qt.ItemDataRole.UserRole + 2
    """The colour of the mark, a :class:`Tone`."""
    HEADING = Qt.ItemDataRole.UserRole + 3
    """The :class:`Heading` that the whole row is; ``None`` for an ordinary row."""


class Tone(StrEnum):
    """The colours of the marks; their words say the same."""

    GOOD = "good"
    BAD = "bad"
    LOOK = "look"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Heading:
    """A row above the rows of a group; it opens and closes the group.

    Attributes:
        code: what the group is about; no two groups of a table have the same.
        name: what it is called.
        detail: what else there is to say on the same line.
        advice: what to do about all rows of the group; may be empty.
        count: how many rows it has.
        tone: how much they matter.
        opened: whether they are shown.
    """

    code: str
    name: str
    detail: str = ""
    advice: str = ""
    count: int = 0
    tone: Tone = Tone.PLAIN
    opened: bool = True


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
        if index.data(Role.HEADING) is not None:
            return QSize(0, self.row_height())  # it runs through all columns
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
        heading = index.data(Role.HEADING)
        if isinstance(heading, Heading):
            self._draw_heading(painter, option, index, heading)
            return
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

    def _draw_heading(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, heading: Heading
    ) -> None:
        """Draw a cell's part of a text that runs through the whole row."""
        em, box = self._look.em, QRectF(option.rect)
        table = option.widget
        head = table.horizontalHeader() if isinstance(table, QTableView) else None
        left = box.left() - (head.sectionPosition(index.column()) if head is not None else 0)
        row = QRectF(left, box.top(), head.length() if head is not None else box.width(), 0)
        row.setHeight(box.height())
        painter.save()
        painter.setClipRect(box)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(box, CHOSEN if chosen else SKY)
        painter.setPen(QPen(LINE, 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_arrow(painter, QPointF(row.left() + em * 0.9, row.center().y()), heading.opened)
        ground, ink = _TONES[heading.tone]
        count = number(heading.count)
        width = QFontMetricsF(self._look.small_strong).horizontalAdvance(count) + em * 0.9
        badge = QRectF(row.left() + em * 1.6, row.center().y() - em * 0.5, width, em)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(badge, em * 0.5, em * 0.5)
        painter.setPen(ink)
        painter.setFont(self._look.small_strong)
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, count)
        self._draw_name(painter, row.adjusted(width + em * 2.1, 0, -em * 0.4, 0), heading)
        painter.restore()

    def _draw_arrow(self, painter: QPainter, at: QPointF, opened: bool) -> None:
        size = self._look.em * 0.24
        points = (
            ((-1.2, -0.6), (0, 0.7), (1.2, -0.6))
            if opened
            else ((-0.6, -1.2), (0.7, 0), (-0.6, 1.2))
        )
        pen = QPen(SLATE, size * 0.55)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF([at + QPointF(x * size, y * size) for x, y in points]))

    def _draw_name(self, painter: QPainter, room: QRectF, heading: Heading) -> None:
        painter.setFont(self._look.strong)
        painter.setPen(INK)
        metrics = QFontMetricsF(self._look.strong)
        name = metrics.elidedText(heading.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
        used = metrics.horizontalAdvance(name) + self._look.em * 0.7
        rest = room.adjusted(used, 0, 0, 0)
        if heading.detail and rest.width() > self._look.em * 3:
            metrics = QFontMetricsF(self._look.text)
            shown = metrics.elidedText(heading.detail, Qt.TextElideMode.ElideRight, rest.width())
            painter.setFont(self._look.text)
            painter.setPen(SLATE)
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, shown)

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
        for place_of, line in enumerate(lines):
            left = room.left() + (indent if place_of == 0 else 0)
            place = QRectF(left, top + place_of * height, room.right() - left, height)
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
