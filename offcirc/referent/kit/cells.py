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
)
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import CHOSEN, INK, LINE, SKY, SLATE, ReferentLook

Index = QModelIndex | QPersistentModelIndex


class DataRole(IntEnum):
    """What the models tell besides what Qt asks for."""

    MARK = Qt.ItemDataRole.UserRole + 1
    """The words in the coloured mark before the text; empty for none."""
    TONE = Qt.ItemDataRole.UserRole + 2
    """The colour of the mark, a :class:`Tone`."""
    HEADING = Qt.ItemDataRole.UserRole + 3
    """The :class:`Heading` that the whole row is; ``None`` for an ordinary row."""
    FAINT = Qt.ItemDataRole.UserRole + 4
    """How many characters at the beginning and at the end of a text are the same in every row."""
    SIGN = Qt.ItemDataRole.UserRole + 5
    """A sign in front of the text, in its colour: an arrow."""


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
    """Draws a cell: ground of the row, coloured mark, sign, text.

    Attributes:
        middle: the columns whose texts are shortened in the middle.
    """

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.middle: frozenset[int] = frozenset()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as mark, sign and text."""
        if index.data(DataRole.HEADING) is not None:
            return QSize(0, self.row_height())  # it runs through all columns
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        mark = str(index.data(DataRole.MARK) or "")
        font = index.data(Qt.ItemDataRole.FontRole) or self._look.text
        width = QFontMetricsF(font).horizontalAdvance(text) + self._mark_width(mark)
        width += self._sign_width(index)
        return QSize(round(width + self._look.em * 1.1), self.row_height())

    def row_height(self) -> int:
        """The height of every row."""
        return round(self._look.em * 1.556)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        heading = index.data(DataRole.HEADING)
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
        self._draw_words(painter, box, index, chosen=chosen)
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

    def _draw_words(self, painter: QPainter, box: QRectF, index: Index, *, chosen: bool) -> None:
        em = self._look.em
        font = index.data(Qt.ItemDataRole.FontRole) or self._look.text
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        ink = colour if isinstance(colour, QColor) else INK
        mark = str(index.data(DataRole.MARK) or "")
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        align = index.data(Qt.ItemDataRole.TextAlignmentRole)
        room = box.adjusted(em * 0.5, 0, -em * 0.5, 0)
        if mark:
            indent = self._mark_width(mark)
            height = QFontMetricsF(self._look.text).height()
            place = QRectF(room.left(), 0, min(indent - em * 0.35, room.width()), height)
            place.moveTop(box.center().y() - height / 2)
            self._draw_mark(painter, place, mark, index, chosen=chosen)
            room.setLeft(room.left() + indent)
        painter.setFont(self._look.text)
        painter.setPen(ink)
        if (sign := self._sign_width(index)) and room.width() > sign:
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, str(index.data(DataRole.SIGN)))
            room.setLeft(room.left() + sign)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        if align is not None and int(align) & int(Qt.AlignmentFlag.AlignRight):
            painter.drawText(room, int(align), text)
        elif room.width() > 0:
            middle = index.column() in self.middle
            shown = shortened(text, metrics, room.width(), middle=middle)
            faint = index.data(DataRole.FAINT)
            if faint:
                self._draw_faint(painter, room, shown, faint)
            else:
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)

    def _draw_faint(
        self, painter: QPainter, room: QRectF, text: str, faint: tuple[int, int]
    ) -> None:
        """What is the same in every row is faint, what differs is not."""
        first, last = min(faint[0], len(text)), max(len(text) - faint[1], 0)
        metrics, left = QFontMetricsF(painter.font()), room.left()
        for part, ink in (
            (text[:first], SLATE),
            (text[first : max(last, first)], INK),
            (text[max(last, first) :], SLATE),
        ):
            painter.setPen(ink)
            place = QRectF(left, room.top(), max(room.right() - left, 0), room.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, part)
            left += metrics.horizontalAdvance(part)

    def _draw_mark(
        self, painter: QPainter, box: QRectF, mark: str, index: Index, *, chosen: bool
    ) -> None:
        ground, ink = _TONES[Tone(index.data(DataRole.TONE) or Tone.PLAIN)]
        light = ground.lightness() > 128
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#ffffff") if chosen and light else ground)
        painter.drawRoundedRect(
            box.adjusted(0, 1, 0, -1), self._look.em * 0.22, self._look.em * 0.22
        )
        painter.setPen(ink)
        painter.setFont(self._look.small_strong)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark)

    def _sign_width(self, index: Index) -> float:
        return self._look.em * 1.25 if index.data(DataRole.SIGN) else 0.0

    def _mark_width(self, mark: str) -> float:
        if not mark:
            return 0.0
        words = QFontMetricsF(self._look.small_strong).horizontalAdvance(mark)
        return words + self._look.em * 1.2


END_KEPT = 8
"""Characters at the end of an identifier that stay, where it is shortened in the middle."""


def shortened(text: str, metrics: QFontMetricsF, width: float, *, middle: bool = False) -> str:
    """A text with an ellipsis where it is too long: at its end, or in its middle.

    In the middle the end is kept: identifiers and files of one library begin alike.
    """
    if metrics.horizontalAdvance(text) <= width:
        return text
    if not middle:
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
    fit = len(text)
    while fit > 1 and metrics.horizontalAdvance(_joined(text, fit)) > width:
        fit -= 1 + fit // 16
    while fit < len(text) - 1 and metrics.horizontalAdvance(_joined(text, fit + 1)) <= width:
        fit += 1
    return _joined(text, fit)


def _joined(text: str, fit: int) -> str:
    """A text shortened to so many characters beside the ellipsis."""
    end = min(max(fit // 2, END_KEPT), fit)
    return text[: fit - end] + "…" + text[len(text) - end :]


def breakable(text: str, most: int = 30) -> str:
    """A text whose words all have room in a panel: what is longer is shortened in its middle."""
    words = text.split(" ")
    return " ".join(word if len(word) <= most else _joined(word, most) for word in words)
