"""The sheet of control cards: a PDF to print, cut up and keep at the desk.

Barcodes (Code 128, ISO/IEC 15417), pictures and letters are all drawn as shapes at their true
size: every printer prints them sharp, and no printer's scaling is counted on. Lengths are in
hundredths of a millimetre.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
)

from offcirc import __version__
from offcirc.core.controlcards import TEST_TEXT, Card
from offcirc.desk import cardpictures
from offcirc.i18n import _, pgettext
from offcirc.windows import face

UNITS_AN_INCH = 2540
"""The PDF's resolution: one unit is a hundredth of a millimetre."""

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


class Paper(StrEnum):
    """The paper of the sheet; the values are those of the command line."""

    A4 = "a4"
    LETTER = "letter"


_SIZES = {
    Paper.A4: (QPageSize.PageSizeId.A4, 21_000, 29_700),
    Paper.LETTER: (QPageSize.PageSizeId.Letter, 21_590, 27_940),
}

_ORDER = (Card.LOAN, Card.RETURN, Card.SAVE, Card.CLEAR, Card.UNDO, Card.HELP)
_COLOURS = {
    Card.LOAN: QColor("#0b4fb3"),
    Card.RETURN: QColor("#0d6b62"),
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
    application = _application()
    size, width, height = _SIZES[paper]
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(UNITS_AN_INCH)
    writer.setTitle(_("OffCirc control cards"))
    writer.setCreator(f"OffCirc {__version__}")
    writer.setPageLayout(
        QPageLayout(QPageSize(size), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))
    )
    with QPainter(writer) as painter:
        _Sheet(painter, width, height).draw()
    buffer.close()
    del application
    return bytes(content.data())


def _application() -> QGuiApplication:
    """Fonts need an application; on Linux, one that needs no screen."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    platform = ["-platform", "offscreen"] if sys.platform.startswith("linux") else []
    application = QGuiApplication(["offcirc", *platform])
    face.load_fonts()
    return application


class _Sheet:
    """One page being drawn."""

    def __init__(self, painter: QPainter, width: int, height: int) -> None:
        self._painter = painter
        block = _HEAD + _AFTER_HEAD + 3 * CARD[1] + 2 * _GAP + _BEFORE_TEST + TEST_HEIGHT
        self._wide = 2 * CARD[0] + _GAP
        self._left = (width - self._wide) // 2
        self._top = (height - block) * 45 // 100

    def draw(self) -> None:
        """Heading, six cards, test card."""
        self._heading(QRectF(self._left, self._top, self._wide, _HEAD))
        first = self._top + _HEAD + _AFTER_HEAD
        for number, card in enumerate(_ORDER):
            row, column = divmod(number, 2)
            x = self._left + column * (CARD[0] + _GAP)
            y = first + row * (CARD[1] + _GAP)
            self._card(card, QRectF(x, y, *CARD))
        y = first + 3 * CARD[1] + 2 * _GAP + _BEFORE_TEST
        self._test(QRectF(self._left, y, self._wide, TEST_HEIGHT))

    def _heading(self, box: QRectF) -> None:
        painter = self._painter
        painter.setPen(_BLUE)
        title = QRectF(box.left(), box.top(), box.width(), 950)
        self._text(_("Control cards of the desk"), title, 780, QFont.Weight.DemiBold)
        painter.setPen(_INK)
        rest = QRectF(box.left(), box.top() + 1080, box.width(), box.height() - 1080)
        self._paragraph(
            _(
                "Scan a card and the desk does what it says: no mouse, no keyboard. Print at"
                " actual size (100%), cut along the marks, keep the cards beside the scanner."
            ),
            rest,
            410,
        )

    def _card(self, card: Card, box: QRectF) -> None:
        self._outline(box)
        colour, words = _COLOURS[card], wording(card)
        band = QRectF(
            box.left() + _INSET, box.top() + _INSET, box.width() - 2 * _INSET, 2350 - _INSET
        )
        self._band(band, colour)
        side = 1500
        picture = QRectF(band.left() + 350, band.center().y() - side / 2, side, side)
        cardpictures.draw(self._painter, card, picture, _WHITE, colour)
        left = picture.right() + 420
        room = QRectF(left, band.top() + 260, band.right() - left - 300, 980)
        self._painter.setPen(_WHITE)
        self._text(words.title, room, 880, QFont.Weight.DemiBold)
        self._text(words.hint, QRectF(left, room.bottom() + 60, room.width(), 480), 370)
        self._barcode(code(card), QPointF(box.center().x(), box.top() + 2660))

    def _test(self, box: QRectF) -> None:
        self._outline(box)
        words = wording(Card.TEST)
        band = QRectF(box.left() + _INSET, box.top() + _INSET, 5100, box.height() - 2 * _INSET)
        colour = _COLOURS[Card.TEST]
        self._band(band, colour)
        picture = QRectF(band.left() + 350, band.top() + 350, 1300, 1300)
        cardpictures.draw(self._painter, Card.TEST, picture, _WHITE, colour)
        self._painter.setPen(_WHITE)
        room = band.width() - 700
        self._text(
            words.title,
            QRectF(band.left() + 350, band.top() + 1750, room, 640),
            560,
            QFont.Weight.DemiBold,
        )
        foot = QRectF(band.left() + 350, band.top() + 2450, room, 1200)
        self._paragraph(words.hint, foot, 370)
        centre = (band.right() + box.right() - _INSET) / 2
        self._barcode(code(Card.TEST), QPointF(centre, box.top() + 960))

    def _barcode(self, text: str, middle: QPointF) -> None:
        """Bars with their quiet zones, centred below a point; what they say beneath."""
        bars = modules(text)
        width = len(bars) * MODULE
        left = round(middle.x() - width / 2)
        top = round(middle.y())
        painter = self._painter
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
        painter.setFont(_font(face.CODE_FAMILY, 330))
        beneath = QRectF(left - QUIET, top + BAR_HEIGHT + 130, width + 2 * QUIET, 460)
        painter.drawText(beneath, Qt.AlignmentFlag.AlignCenter, text)

    def _band(self, box: QRectF, colour: QColor) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(colour)
        self._painter.drawRoundedRect(box, 180, 180)

    def _outline(self, box: QRectF) -> None:
        """The card's edge, and marks for the paper cutter outside its corners."""
        painter = self._painter
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(_LINE, 10))
        painter.drawRect(box)
        painter.setPen(QPen(_INK, 10))
        for x, outwards in ((box.left(), -1), (box.right(), 1)):
            for y, upwards in ((box.top(), -1), (box.bottom(), 1)):
                painter.drawLine(QPointF(x + 80 * outwards, y), QPointF(x + 260 * outwards, y))
                painter.drawLine(QPointF(x, y + 80 * upwards), QPointF(x, y + 260 * upwards))

    def _text(
        self,
        text: str,
        box: QRectF,
        size: int,
        weight: QFont.Weight = QFont.Weight.Normal,
    ) -> None:
        """One line, made smaller where it would not fit."""
        font = _font(face.UI_FAMILY, size, weight)
        needed = QFontMetricsF(font).horizontalAdvance(text)
        if needed > box.width():
            font = _font(face.UI_FAMILY, int(size * box.width() / needed), weight)
        self._painter.setFont(font)
        place = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self._painter.drawText(box, place, text)

    def _paragraph(self, text: str, box: QRectF, size: int) -> None:
        """Several lines, made smaller where they would not fit."""
        wrap = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
        while True:
            font = _font(face.UI_FAMILY, size)
            if QFontMetricsF(font).boundingRect(box, wrap, text).height() <= box.height():
                break
            size -= 5
        self._painter.setFont(font)
        self._painter.drawText(box, wrap, text)


def _font(family: str, size: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(family)
    font.setPixelSize(size)
    font.setWeight(weight)
    return font
