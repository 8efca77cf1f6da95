"""The sheet of control cards: a PDF to print, cut up and keep at the desk.

Barcodes (Code 128, ISO/IEC 15417), pictures and letters are all drawn as shapes at their true
size: every printer prints them sharp, and no printer's scaling is counted on. Lengths are in
hundredths of a millimetre.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPdfWriter, QPen

from offcirc import words
from offcirc.core.barcodes.controlcards import TEST_TEXT, Card
from offcirc.desk.paper import cardpictures, pdfpage
from offcirc.desk.paper.pdfpage import Paper
from offcirc.i18n import _, pgettext
from offcirc.windows import face

__all__ = ["Paper", "code", "draw", "modules", "sheet", "wording"]

MODULE = 36
"""The thinnest bar, 0.36 mm: read by every scanner, from a hand's breadth to an arm's length."""

QUIET = 10 * MODULE
"""White on both sides of the bars, the least that ISO/IEC 15417 allows."""

BAR_HEIGHT = 1750

CARD = (8560, 5400)
"""A card is as large as a reader's card (ISO/IEC 7810 ID-1), so that it fits the same pouches."""

TEST_HEIGHT = 4300
_GAP = 600
_HEAD = 2300
_AFTER_HEAD = 500
_BEFORE_TEST = 800
_INSET = 250
"""How far print stays inside the cutting line: nobody cuts to a tenth of a millimetre."""

_INK = QColor("#000000")
_LINE = QColor("#b4bccb")
_WHITE = QColor("#ffffff")
_BLUE = QColor("#0b3d91")


_ORDER = (Card.LOAN, Card.RETURN, Card.SAVE, Card.CLEAR, Card.UNDO, Card.HELP)
_SELDOM = (Card.RENEWAL, Card.IN_HOUSE, Card.DROP, Card.PILE)
"""On a sheet of their own: not every desk needs them."""
_COLOURS = {
    Card.LOAN: QColor("#0b4fb3"),
    Card.RETURN: QColor("#0d6b62"),
    Card.RENEWAL: QColor("#0b4fb3"),
    Card.IN_HOUSE: QColor("#0d6b62"),
    Card.DROP: QColor("#8a5a00"),
    Card.PILE: QColor("#53328f"),
    Card.SAVE: QColor("#8a5a00"),
    Card.CLEAR: QColor("#53328f"),
    Card.UNDO: QColor("#a81c2b"),
    Card.HELP: QColor("#3b4a63"),
    Card.TEST: QColor("#06245c"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """What stands on a card.

    Attributes:
        title: the order, as the desk's own button says it.
        hint: what the desk then does.
    """

    title: str
    hint: str


def code(card: Card) -> str:
    """What the barcode of a card holds."""
    return TEST_TEXT if card is Card.TEST else card.value


def wording(card: Card) -> Wording:
    """The words on a card in the active language."""
    words = {
        Card.LOAN: (pgettext("card", "Loan"), _("The next scans are loans.")),
        Card.RETURN: (pgettext("card", "Return"), _("The next scans are returns.")),
        Card.RENEWAL: (pgettext("card", "Renewal"), _("The next scans are renewals.")),
        Card.IN_HOUSE: (pgettext("card", "In-house use"), _("The next scans were read here.")),
        Card.DROP: (pgettext("card", "Book drop"), _("Returns of the last closing time: on, off.")),
        Card.PILE: (pgettext("card", "Pile check"), _("How many are in the hand?")),
        Card.SAVE: (pgettext("card", "Save To File"), _("Writes what is pending to OffCirc.dat.")),
        Card.CLEAR: (pgettext("card", "Clear"), _("This reader is served: the next one.")),
        Card.UNDO: (pgettext("card", "Undo"), _("Takes back the last loan or return.")),
        Card.HELP: (pgettext("card", "Help"), _("Opens the manual.")),
        Card.TEST: (
            pgettext("card", "Scanner test"),
            _("Shows how the scanner is set, and what to change."),
        ),
    }
    return Wording(*words[card])


def modules(text: str) -> str:
    """The bars and gaps of a Code 128, a ``1`` for every module of black; no quiet zone."""
    from barcode.codex import Code128

    (bars,) = Code128(text).build()
    return str(bars)


def sheet(paper: Paper) -> bytes:
    """The sheet as a PDF, in the active language."""

    def page(painter: QPainter, writer: QPdfWriter) -> None:
        draw(painter, paper)
        writer.newPage()
        draw(painter, paper, seldom=True)

    return pdfpage.pdf(paper, _("OffCirc control cards"), page)


def draw(painter: QPainter, paper: Paper, *, seldom: bool = False) -> None:
    """Draw the sheet, or the one with the cards that are seldom used, where the painter stands."""
    size = paper.size.toSize()
    sheet = _Sheet(painter, size.width(), size.height())
    if seldom:
        sheet.draw(_SELDOM)
    else:
        sheet.draw(_ORDER, test=True)


class _Sheet:
    """One page being drawn."""

    def __init__(self, painter: QPainter, width: int, height: int) -> None:
        self._painter = painter
        block = _HEAD + _AFTER_HEAD + 3 * CARD[1] + 2 * _GAP + _BEFORE_TEST + TEST_HEIGHT
        self._wide = 2 * CARD[0] + _GAP
        self._left = (width - self._wide) // 2
        self._top = (height - block) * 45 // 100

    def draw(self, cards: Sequence[Card], *, test: bool = False) -> None:
        """Heading, cards, and the test card where it is wanted."""
        self._heading(QRectF(self._left, self._top, self._wide, _HEAD))
        first = self._top + _HEAD + _AFTER_HEAD
        for number, card in enumerate(cards):
            row, column = divmod(number, 2)
            x = self._left + column * (CARD[0] + _GAP)
            y = first + row * (CARD[1] + _GAP)
            self._card(card, QRectF(x, y, *CARD))
        y = first + 3 * CARD[1] + 2 * _GAP + _BEFORE_TEST
        if test:
            self._test(QRectF(self._left, y, self._wide, TEST_HEIGHT))

    def _heading(self, box: QRectF) -> None:
        painter = self._painter
        painter.setPen(_BLUE)
        title = QRectF(box.left(), box.top(), box.width(), 950)
        pdfpage.line(painter, _("Control cards of the desk"), title, 780, QFont.Weight.DemiBold)
        painter.setPen(_INK)
        rest = QRectF(box.left(), box.top() + 1080, box.width(), box.height() - 1080)
        pdfpage.paragraph(
            self._painter,
            _(
                "Scan a card and the desk does what it says: no mouse, no keyboard. Print at"
                " actual size (100%), cut along the marks, keep the cards beside the scanner."
            ),
            rest,
            410,
        )

    def _card(self, card: Card, box: QRectF) -> None:
        outline(self._painter, box)
        colour, words = _COLOURS[card], wording(card)
        band = QRectF(
            box.left() + _INSET, box.top() + _INSET, box.width() - 2 * _INSET, 2350 - _INSET
        )
        pdfpage.panel(self._painter, band, colour)
        side = 1500
        picture = QRectF(band.left() + 350, band.center().y() - side / 2, side, side)
        cardpictures.draw(self._painter, card, picture, _WHITE, colour)
        left = picture.right() + 420
        room = QRectF(left, band.top() + 260, band.right() - left - 300, 980)
        self._painter.setPen(_WHITE)
        pdfpage.line(self._painter, words.title, room, 880, QFont.Weight.DemiBold)
        below = QRectF(left, room.bottom() + 60, room.width(), 480)
        pdfpage.line(self._painter, words.hint, below, 370)
        barcode(self._painter, code(card), QPointF(box.center().x(), box.top() + 2660))

    def _test(self, box: QRectF) -> None:
        outline(self._painter, box)
        words = wording(Card.TEST)
        band = QRectF(box.left() + _INSET, box.top() + _INSET, 5100, box.height() - 2 * _INSET)
        colour = _COLOURS[Card.TEST]
        pdfpage.panel(self._painter, band, colour)
        picture = QRectF(band.left() + 350, band.top() + 350, 1300, 1300)
        cardpictures.draw(self._painter, Card.TEST, picture, _WHITE, colour)
        self._painter.setPen(_WHITE)
        room = band.width() - 700
        pdfpage.line(
            self._painter,
            words.title,
            QRectF(band.left() + 350, band.top() + 1750, room, 640),
            560,
            QFont.Weight.DemiBold,
        )
        foot = QRectF(band.left() + 350, band.top() + 2450, room, 1200)
        pdfpage.paragraph(self._painter, words.hint, foot, 370)
        centre = (band.right() + box.right() - _INSET) / 2
        barcode(self._painter, code(Card.TEST), QPointF(centre, box.top() + 960))


def barcode(painter: QPainter, text: str, middle: QPointF) -> None:
    """Bars with their quiet zones, centred below a point; what they say beneath."""
    bars = modules(text)
    width = len(bars) * MODULE
    left = round(middle.x() - width / 2)
    top = round(middle.y())
    painter.setPen(Qt.PenStyle.NoPen)
    start = 0
    while start < len(bars):
        end = start
        while end < len(bars) and bars[end] == bars[start]:
            end += 1
        if bars[start] == "1":
            bar = QRectF(left + start * MODULE, top, (end - start) * MODULE, BAR_HEIGHT)
            painter.fillRect(bar, _INK)
        start = end
    painter.setPen(_INK)
    painter.setFont(pdfpage.font(face.CODE_FAMILY, 330))
    beneath = QRectF(left - QUIET, top + BAR_HEIGHT + 130, width + 2 * QUIET, 460)
    painter.drawText(beneath, Qt.AlignmentFlag.AlignCenter, text)


def outline(painter: QPainter, box: QRectF) -> None:
    """A card's edge, and marks for the paper cutter outside its corners."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_LINE, 10))
    painter.drawRect(box)
    painter.setPen(QPen(_INK, 10))
    for x, outwards in ((box.left(), -1), (box.right(), 1)):
        for y, upwards in ((box.top(), -1), (box.bottom(), 1)):
            painter.drawLine(QPointF(x + 80 * outwards, y), QPointF(x + 260 * outwards, y))
            painter.drawLine(QPointF(x, y + 80 * upwards), QPointF(x, y + 260 * upwards))


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
        box = QRectF((width - CARD[0]) / 2, 2500, *CARD)
        outline(painter, box)
        painter.setPen(Qt.GlobalColor.black)
        room = QRectF(box.left() + 500, box.top() + 400, box.width() - 1000, 700)
        pdfpage.line(painter, _("Provisional card"), room, 560, QFont.Weight.DemiBold)
        told = " · ".join(filter(None, (library, words.day(day))))
        below = QRectF(room.left(), room.bottom() + 60, room.width(), 480)
        pdfpage.line(painter, told, below, 370)
        barcode(painter, number, QPointF(box.center().x(), box.top() + 1900))
        foot = QRectF(room.left(), box.top() + 4650, room.width(), 480)
        pdfpage.line(painter, _("Valid until you have a card of your own."), foot, 330)

    return pdfpage.pdf(paper, _("Provisional card"), page)
