"""How a row of the list is painted: large, quiet, with a sign beside every word that matters.

A row is painted once, into a picture, and the picture is drawn wherever the row stands: a new row
moves all others down, and painting them anew would cost more than recording it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from math import ceil, cos, sin
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF

from offcirc.core.told import parse_told
from offcirc.core.transaction import Operation
from offcirc.desk.face.look import Look

if TYPE_CHECKING:
    from offcirc.storage.journal.journal import Row

_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_KEPT = 120
"""Pictures kept; more than any screen shows."""


class ListColumn(IntEnum):
    """The columns of the list, in order."""

    TIME = 0
    ITEM = 1
    OPERATION = 2
    PATRON = 3
    DUE = 4
    STATE = 5


_RING = [(5.4 * cos(turn / 8), 5.4 * sin(turn / 8)) for turn in range(-1, 41)]
_ARROWS: dict[Operation, tuple[list[tuple[float, float]], ...]] = {
    Operation.LOAN: ([(-6, 0), (5.4, 0)], [(1.4, -4.2), (5.8, 0), (1.4, 4.2)]),
    Operation.RETURN: ([(6, 0), (-5.4, 0)], [(-1.4, -4.2), (-5.8, 0), (-1.4, 4.2)]),
    Operation.IN_HOUSE: (
        [(0, -6), (0, 3.4)],
        [(-4.2, -0.6), (0, 3.8), (4.2, -0.6)],
        [(-6, 6.4), (6, 6.4)],
    ),
    Operation.RENEWAL: (_RING, [(-2.2, -6.2), (2.4, -4.9), (-0.9, -1.2)]),
}
"""The strokes of each operation's sign, in twentieths of a line."""

_WORDS = (ListColumn.OPERATION, ListColumn.STATE)


@dataclass(frozen=True, slots=True)
class Frame:
    """The room rows are painted in.

    Attributes:
        edges: left edge and width of each column.
        width: of the whole row.
        height: of a row.
        ratio: device pixels per pixel.
    """

    edges: tuple[tuple[int, int], ...]
    width: int
    height: int
    ratio: float


class RowPainter:
    """Paints rows and keeps their pictures until something about them changes."""

    def __init__(self, look: Look, say: Callable[[Row, int], str]) -> None:
        """Prepare fonts and pens.

        Args:
            look: type and sizes.
            say: tells what a cell says.
        """
        self._look = look
        self._say = say
        self._pad = look.em * 0.5
        self._sign = look.em * 1.15
        self._fonts = {
            ListColumn.TIME: look.text,
            ListColumn.ITEM: look.cell,
            ListColumn.OPERATION: look.text,
            ListColumn.PATRON: look.cell,
            ListColumn.DUE: look.text,
            ListColumn.STATE: look.text,
        }
        self._struck = {column: _strike(font) for column, font in self._fonts.items()}
        self._metrics = {column: QFontMetricsF(font) for column, font in self._fonts.items()}
        colours = look.colours
        self._line = QPen(QColor(colours.line), 1)
        self._paper = QColor(colours.paper)
        self._dot = QColor(colours.dot)
        self._tick = QColor(colours.tick)
        self._void = QColor(colours.voided)
        self._inks = {
            "pending": QColor(colours.ink),
            "saved": QColor(colours.saved),
        }
        self._lent, self._back = QColor(colours.loan), QColor(colours.returned)
        self._pictures: dict[tuple[str, str, str], QPixmap] = {}
        self._words: dict[tuple[ListColumn, Operation, str], QPixmap] = {}
        self._frame: Frame | None = None

    def width_for(self, column: ListColumn, texts: Iterable[str]) -> int:
        """How wide a column must be to show any of these texts whole."""
        sign = self._sign if column in _WORDS else 0
        widest = max(self._metrics[column].horizontalAdvance(text) for text in texts)
        return round(widest + sign + 2 * self._pad + 4)

    def forget(self) -> None:
        """Paint everything anew: another day has begun."""
        self._pictures.clear()
        self._words.clear()

    def picture(self, row: Row, frame: Frame) -> QPixmap:
        """The row's picture, for the room it has."""
        if frame is not self._frame:
            self._frame = frame
            self.forget()
        key = (row.transaction.id, row.state.value, row.told)
        picture = self._pictures.get(key)
        if picture is None:
            if len(self._pictures) >= _KEPT:
                self._pictures.clear()
            picture = self._pictures[key] = self._paint(row, frame)
        return picture

    def _paint(self, row: Row, frame: Frame) -> QPixmap:
        picture = self._blank(frame.width, frame)
        with QPainter(picture) as painter:
            for column in ListColumn:
                left, width = frame.edges[column]
                if not width:
                    continue
                if column in _WORDS:
                    painter.drawPixmap(left, 0, self._word(row, column, width, frame))
                else:
                    box = self._box(left, width, frame)
                    told = bool(parse_told(row.told).what)
                    if column is ListColumn.ITEM and (row.odd or told):
                        (self._flag if row.odd else self._call)(painter, box)
                        box.setLeft(box.left() + self._sign)
                    self._text(painter, row, column, box)
            below = frame.height - 0.5
            painter.setPen(self._line)
            painter.drawLine(QPointF(0, below), QPointF(frame.width, below))
        return picture

    def _word(self, row: Row, column: ListColumn, width: int, frame: Frame) -> QPixmap:
        """Operation or state with its sign: one of a handful of pictures, so kept."""
        key = (column, row.transaction.operation, row.state.value)
        kept = self._words.get(key)
        if kept is None:
            kept = self._words[key] = self._blank(width, frame)
            box = self._box(0, width, frame)
            with QPainter(kept) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                if column is ListColumn.OPERATION:
                    self._arrow(painter, box, row, self._ink(row, column))
                else:
                    self._mark(painter, box, row)
                box.setLeft(box.left() + self._sign)
                self._text(painter, row, column, box)
        return kept

    def _text(self, painter: QPainter, row: Row, column: ListColumn, box: QRectF) -> None:
        text = self._say(row, column)
        metrics = self._metrics[column]
        if metrics.horizontalAdvance(text) > box.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, box.width())
        struck = row.state == "voided" and column is not ListColumn.STATE
        painter.setFont((self._struck if struck else self._fonts)[column])
        painter.setPen(self._ink(row, column))
        painter.drawText(box, _MIDDLE, text)

    def _blank(self, width: int, frame: Frame) -> QPixmap:
        picture = QPixmap(ceil(width * frame.ratio), ceil(frame.height * frame.ratio))
        picture.setDevicePixelRatio(frame.ratio)
        picture.fill(self._paper)
        return picture

    def _ink(self, row: Row, column: ListColumn) -> QColor:
        if row.state == "voided":
            return self._void
        if column is ListColumn.OPERATION:
            return self._lent if row.transaction.operation.lends else self._back
        return self._inks["saved" if row.state == "saved" else "pending"]

    def _box(self, left: int, width: int, frame: Frame) -> QRectF:
        return QRectF(left + self._pad, 0, width - self._pad * 1.4, frame.height)

    def _arrow(self, painter: QPainter, box: QRectF, row: Row, ink: QColor) -> None:
        """Out of the library, back into it, down onto its tables, round again."""
        unit = self._look.em / 20
        painter.save()
        painter.translate(box.left() + 7 * unit, box.center().y())
        painter.scale(unit, unit)
        painter.setPen(_round_pen(ink, 1.9))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for stroke in _ARROWS[row.transaction.operation]:
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in stroke]))
        painter.restore()

    def _flag(self, painter: QPainter, box: QRectF) -> None:
        """A small flag: it was doubtful when it was recorded."""
        unit = self._look.em / 20
        left, middle = box.left() + 3 * unit, box.center().y()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(_round_pen(self._inks["pending"], unit * 1.6))
        painter.drawLine(QPointF(left, middle - 6 * unit), QPointF(left, middle + 6 * unit))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._dot)
        points = ((0.8, -6), (9, -2.5), (0.8, 1))
        cloth = [QPointF(left + x * unit, middle + y * unit) for x, y in points]
        painter.drawPolygon(QPolygonF(cloth))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _call(self, painter: QPainter, box: QRectF) -> None:
        """An exclamation mark: the desk was told something of it."""
        unit = self._look.em / 20
        centre = QPointF(box.left() + 5 * unit, box.center().y())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(_round_pen(self._dot, unit * 2.6))
        painter.drawLine(centre + QPointF(0, -5 * unit), centre + QPointF(0, unit))
        painter.drawPoint(centre + QPointF(0, 5 * unit))

    def _mark(self, painter: QPainter, box: QRectF, row: Row) -> None:
        """A dot while it waits, a tick in the file, a mark out of it, a cross when deleted."""
        unit = self._look.em / 20
        centre = QPointF(box.left() + 7 * unit, box.center().y())

        def at(x: float, y: float) -> QPointF:
            return QPointF(centre.x() + x * unit, centre.y() + y * unit)

        if row.state == "pending":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._dot)
            painter.drawEllipse(centre, 3.6 * unit, 3.6 * unit)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        elif row.state == "saved":
            painter.setPen(_round_pen(self._tick, unit * 2.2))
            painter.drawPolyline(QPolygonF([at(-5, 0.4), at(-1.6, 4), at(5, -4)]))
        elif row.state == "missing":
            self._call(painter, QRectF(box.left() + 2 * unit, box.top(), 0, box.height()))
        else:
            painter.setPen(_round_pen(self._void, unit * 1.8))
            painter.drawLine(at(-3.6, -3.6), at(3.6, 3.6))
            painter.drawLine(at(3.6, -3.6), at(-3.6, 3.6))


class RowMarks:
    """How the chosen row and the newest one are told from the others, over their pictures.

    Attributes:
        paper: what rows are painted on.
    """

    def __init__(self, look: Look) -> None:
        colours = look.colours
        self.paper = QColor(colours.paper)
        self._contrast = colours.contrast
        self._newest = QColor(colours.newest)
        self._chosen = QColor(colours.chosen)
        self._bar = QColor(colours.bar)
        self._wide = look.px(0.2)

    def chosen(self, painter: QPainter, top: int, frame: Frame) -> None:
        """Mark the chosen row."""
        if self._contrast:
            self._outline(painter, top, frame, self._chosen)
            painter.fillRect(0, top, 2 * self._wide, frame.height - 1, self._bar)
            return
        # Multiplied: the paper takes the colour, the writing stays as dark as it is.
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        painter.fillRect(0, top, frame.width, frame.height - 1, self._chosen)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.fillRect(0, top, self._wide, frame.height - 1, self._bar)

    def newest(self, painter: QPainter, top: int, frame: Frame) -> None:
        """Mark the newest row."""
        if self._contrast:
            painter.fillRect(0, top, self._wide, frame.height - 1, self._newest)
        else:
            painter.fillRect(0, top, frame.width, frame.height - 1, self._newest)

    def _outline(self, painter: QPainter, top: int, frame: Frame, colour: QColor) -> None:
        thick = self._wide
        for box in (
            (0, top, frame.width, thick),
            (0, top + frame.height - 1 - thick, frame.width, thick),
            (frame.width - thick, top, thick, frame.height - 1),
        ):
            painter.fillRect(*box, colour)


def _round_pen(ink: QColor, width: float) -> QPen:
    pen = QPen(ink, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _strike(font: QFont) -> QFont:
    struck = QFont(font)
    struck.setStrikeOut(True)
    return struck
