"""The pictures on the control cards, drawn as lines and shapes so that they print at any size."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from offcirc.core.barcodes.controlcards import Card

SIDE = 100.0
"""Pictures are drawn in a square of this size and scaled from there."""

_STROKE = 7.5


def draw(painter: QPainter, card: Card, box: QRectF, ink: QColor, ground: QColor) -> None:
    """Draw a card's picture.

    Args:
        painter: where to.
        card: whose picture.
        box: the square it fills.
        ink: its colour.
        ground: the colour it stands on, for what is cut out of it.
    """
    painter.save()
    painter.translate(box.topLeft())
    painter.scale(box.width() / SIDE, box.height() / SIDE)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(ink))
    _DRAWN[card](painter, ink, ground)
    painter.restore()


def _pen(ink: QColor, width: float = _STROKE) -> QPen:
    pen = QPen(ink, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _line(painter: QPainter, *places: tuple[float, float]) -> None:
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in places]))


def _book(painter: QPainter, left: float) -> None:
    """A closed book standing upright, with its spine and the edge of its pages."""
    cover = QPainterPath(QPointF(left + 44, 72))
    cover.lineTo(left + 44, 12)
    cover.lineTo(left + 9, 12)
    cover.quadTo(left, 12, left, 21)
    cover.lineTo(left, 80)
    cover.quadTo(left, 72, left + 9, 72)
    cover.lineTo(left + 44, 72)
    painter.drawPath(cover)
    foot = QPainterPath(QPointF(left, 80))
    foot.quadTo(left, 88, left + 9, 88)
    foot.lineTo(left + 44, 88)
    foot.lineTo(left + 44, 72)
    painter.drawPath(foot)


def _loan(painter: QPainter, _ink: QColor, _ground: QColor) -> None:
    _book(painter, 6)
    _line(painter, (62, 46), (94, 46))
    _line(painter, (80, 31), (95, 46), (80, 61))


def _return(painter: QPainter, _ink: QColor, _ground: QColor) -> None:
    _book(painter, 50)
    _line(painter, (6, 46), (38, 46))
    _line(painter, (24, 31), (39, 46), (24, 61))


def _renewal(painter: QPainter, _ink: QColor, _ground: QColor) -> None:
    """A book, and the arrow that goes round."""
    _book(painter, 6)
    painter.drawArc(QRectF(60, 30, 34, 34), 60 * 16, 290 * 16)
    _line(painter, (88, 20), (90, 34), (76, 37))


def _in_house(painter: QPainter, _ink: QColor, _ground: QColor) -> None:
    """An open book on a table."""
    for way in (-1, 1):
        page = QPainterPath(QPointF(50, 66))
        page.quadTo(50 + way * 16, 56, 50 + way * 38, 60)
        page.lineTo(50 + way * 38, 18)
        page.quadTo(50 + way * 16, 14, 50, 24)
        painter.drawPath(page)
    _line(painter, (50, 24), (50, 66))
    _line(painter, (6, 84), (94, 84))


def _drop(painter: QPainter, _ink: QColor, _ground: QColor) -> None:
    """A box with a slit, and what falls in."""
    _line(painter, (30, 50), (14, 50), (14, 90), (86, 90), (86, 50), (70, 50))
    _line(painter, (50, 8), (50, 62))
    _line(painter, (34, 47), (50, 63), (66, 47))


def _pile(painter: QPainter, _ink: QColor, _ground: QColor) -> None:
    """Three books lying on each other."""
    for top, left in ((14, 22), (40, 10), (66, 16)):
        painter.drawRoundedRect(QRectF(left, top, 68, 20), 4, 4)


def _save(painter: QPainter, _ink: QColor, _ground: QColor) -> None:
    disk = QPainterPath(QPointF(12, 19))
    disk.quadTo(12, 12, 19, 12)
    disk.lineTo(70, 12)
    disk.lineTo(88, 30)
    disk.lineTo(88, 81)
    disk.quadTo(88, 88, 81, 88)
    disk.lineTo(19, 88)
    disk.quadTo(12, 88, 12, 81)
    disk.closeSubpath()
    painter.drawPath(disk)
    _line(painter, (32, 13), (32, 34), (62, 34), (62, 13))
    _line(painter, (29, 87), (29, 56), (71, 56), (71, 87))


def _clear(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    """A reader, and the arrow that calls the next one."""
    painter.drawEllipse(QPointF(36, 32), 18, 18)
    shoulders = QPainterPath(QPointF(6, 86))
    shoulders.cubicTo(6, 56, 66, 56, 66, 86)
    painter.drawPath(shoulders)
    painter.setPen(_pen(ink, _STROKE))
    _line(painter, (74, 34), (89, 50), (74, 66))


def _undo(painter: QPainter, _ink: QColor, _ground: QColor) -> None:
    bow = QPainterPath(QPointF(14, 38))
    bow.lineTo(58, 38)
    bow.arcTo(QRectF(36, 38, 46, 46), 90, -180)
    bow.lineTo(34, 84)
    painter.drawPath(bow)
    _line(painter, (33, 18), (13, 38), (33, 58))


def _help(painter: QPainter, ink: QColor, _ground: QColor) -> None:
    painter.drawEllipse(QRectF(10, 10, 80, 80))
    hook = QPainterPath(QPointF(37, 41))
    hook.cubicTo(37, 22, 64, 22, 64, 40)
    hook.cubicTo(64, 52, 50, 50, 50, 62)
    painter.drawPath(hook)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(50, 75), 5, 5)


def _test(painter: QPainter, ink: QColor, ground: QColor) -> None:
    """A barcode and the ray that reads it."""
    painter.setPen(Qt.PenStyle.NoPen)
    for x, width in ((14, 8), (28, 4), (38, 12), (56, 4), (66, 5), (78, 9)):
        painter.fillRect(QRectF(x, 14, width, 72), ink)
    painter.fillRect(QRectF(0, 42, SIDE, 16), ground)
    painter.setPen(_pen(ink, 6))
    _line(painter, (4, 50), (96, 50))


_DRAWN: dict[Card, Callable[[QPainter, QColor, QColor], None]] = {
    Card.LOAN: _loan,
    Card.RETURN: _return,
    Card.RENEWAL: _renewal,
    Card.IN_HOUSE: _in_house,
    Card.DROP: _drop,
    Card.PILE: _pile,
    Card.SAVE: _save,
    Card.CLEAR: _clear,
    Card.UNDO: _undo,
    Card.HELP: _help,
    Card.TEST: _test,
}
