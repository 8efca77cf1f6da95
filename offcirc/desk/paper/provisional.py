"""A provisional card for a reader who has none yet: to print, cut out and hand over."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPdfWriter

from offcirc import words
from offcirc.desk.paper import cardsheet, pdfpage
from offcirc.desk.paper.pdfpage import Paper
from offcirc.i18n import _


def provisional_card(number: str, library: str, day: date, paper: Paper) -> bytes:
    """The card as a PDF, in the active language; no name stands on it.

    Args:
        number: the provisional card.
        library: the library's name; may be empty.
        day: the day on which it is handed out.
        paper: the paper.
    """

    def page(painter: QPainter, _writer: QPdfWriter) -> None:
        width = paper.size.toSize().width()
        box = QRectF((width - cardsheet.CARD[0]) / 2, 2500, *cardsheet.CARD)
        cardsheet.outline(painter, box)
        painter.setPen(Qt.GlobalColor.black)
        room = QRectF(box.left() + 500, box.top() + 400, box.width() - 1000, 700)
        pdfpage.line(painter, _("Provisional card"), room, 560, QFont.Weight.DemiBold)
        told = " · ".join(filter(None, (library, words.day(day))))
        below = QRectF(room.left(), room.bottom() + 60, room.width(), 480)
        pdfpage.line(painter, told, below, 370)
        cardsheet.barcode(painter, number, QPointF(box.center().x(), box.top() + 1900))
        foot = QRectF(room.left(), box.top() + 4650, room.width(), 480)
        pdfpage.line(painter, _("Valid until you have a card of your own."), foot, 330)

    return pdfpage.pdf(paper, _("Provisional card"), page)
