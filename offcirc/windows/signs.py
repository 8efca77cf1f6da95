"""The signs beside a message: its kind is never told by colour alone."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

_DISC = 46
"""Opacity, of 255, of the disc a sign stands on."""


class Sign(Enum):
    """What is drawn."""

    TICK = auto()
    CROSS = auto()
    EXCLAMATION = auto()
    INFORMATION = auto()
    BARCODE = auto()
    ASIDE = auto()
    LIST = auto()
    STOP = auto()
    """A bar, as on the sign of a street that nobody may enter."""


def draw_disc(painter: QPainter, box: QRectF, ink: QColor) -> None:
    """Draw the disc a sign stands on, a breath of its colour, into a square."""
    disc = QColor(ink)
    disc.setAlpha(_DISC)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(disc)
    painter.drawEllipse(box)


def draw_sign(painter: QPainter, sign: Sign, box: QRectF, ink: QColor) -> None:
    """Draw a sign into the middle of a square."""
    centre, unit = box.center(), box.width() / 20
    pen = QPen(ink, unit * 2.1)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)

    def at(x: float, y: float) -> QPointF:
        return QPointF(centre.x() + x * unit, centre.y() + y * unit)

    if sign is Sign.TICK:
        painter.drawPolyline(QPolygonF([at(-4.6, 0.4), at(-1.4, 3.6), at(4.8, -3.6)]))
    elif sign is Sign.CROSS:
        painter.drawPolyline(QPolygonF([at(-3.6, -3.6), at(3.6, 3.6)]))
        painter.drawPolyline(QPolygonF([at(3.6, -3.6), at(-3.6, 3.6)]))
    elif sign is Sign.EXCLAMATION:
        painter.drawPolyline(QPolygonF([at(0, -5), at(0, 1.2)]))
        painter.drawPoint(at(0, 4.9))
    elif sign is Sign.INFORMATION:
        painter.drawPoint(at(0, -4.9))
        painter.drawPolyline(QPolygonF([at(0, -1.2), at(0, 5)]))
    elif sign is Sign.ASIDE:
        painter.drawPolyline(QPolygonF([at(0, -5.4), at(0, 1.6)]))
        painter.drawPolyline(QPolygonF([at(-3.2, -1.4), at(0, 1.8), at(3.2, -1.4)]))
        painter.drawPolyline(QPolygonF([at(-4.8, 5), at(4.8, 5)]))
    elif sign is Sign.LIST:
        for y in (-4, 0, 4):
            painter.drawPoint(at(-4.6, y))
            painter.drawPolyline(QPolygonF([at(-1.2, y), at(4.8, y)]))
    elif sign is Sign.STOP:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(QRectF(at(-6, -1.9), at(6, 1.9)), unit * 0.6, unit * 0.6)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        for x, width in ((-5.2, 1.6), (-2.7, 0.8), (-0.9, 2.0), (2.1, 0.8), (3.8, 1.4)):
            painter.drawRect(QRectF(at(x, -4.6), at(x + width, 4.6)))
