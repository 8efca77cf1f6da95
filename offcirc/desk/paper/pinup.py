"""The page to print and pin up at the desk: what there is to know, at a glance, on one sheet.

Lengths are hundredths of a millimetre.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPdfWriter, QPen

from offcirc import __version__, i18n, resources
from offcirc.desk.paper import pdfpage
from offcirc.desk.paper.pdfpage import Paper
from offcirc.i18n import _, pgettext
from offcirc.windows import face
from offcirc.windows.signs import Sign, draw_disc, draw_sign

_MARGIN = 1200
_GAP = 400
_HEAD = 2350
_BANDS = 3500
_FOOT = 2700
_BODY = 420
"""Type of the texts, 12 points: read standing."""

_LARGEST = 500.0
"""The type of what has room, 14 points."""

_CAPTION = 1250

_STRONG = QFont.Weight.DemiBold
_INK = QColor("#0a1f44")
_WHITE = QColor("#ffffff")
_BLUE = QColor("#0b3d91")
_PALE = QColor("#eaf1fc")
_LINE = QColor("#8ea6d2")
_AMBER = QColor("#ffcf4d")

_PLACES = (
    (0.80, 0.056),
    (0.80, 0.129),
    (0.985, 0.022),
    (0.33, 0.230),
    (0.95, 0.342),
    (0.018, 0.868),
    (0.69, 0.868),
)
"""Where in the picture of the window the numbers stand, as parts of its width and height."""


@dataclass(frozen=True, slots=True)
class ColourMeaning:
    """What one colour of the band means.

    Attributes:
        ground: its colour.
        ink: of its words.
        title: what it says.
        todo: what is to be done.
    """

    sign: Sign
    ground: str
    ink: str
    title: str
    todo: str


def page(paper: Paper) -> bytes:
    """The page as a PDF, in the active language."""

    def drawn(painter: QPainter, _writer: QPdfWriter) -> None:
        _Page(painter, paper).draw()

    return pdfpage.pdf(paper, heading(), drawn)


def heading() -> str:
    """What stands at the head of the page."""
    return _("Lending while the system is down")


def steps() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """What to do, step by step: heading, and number in the picture with the text."""
    return (
        (
            pgettext("heading", "Lend"),
            (
                ("1", _("Scan the reader’s card.")),
                ("2", _("Scan the items, one after the other. Green: the loan is safe.")),
                ("3", _("Next reader: press Clear, then scan the next card.")),
            ),
        ),
        (
            pgettext("heading", "Return"),
            (("4", _("Choose Return, scan the items. No card. Then choose Loan again.")),),
        ),
        (
            _("In between"),
            (
                ("5", _("The band says what became of each scan. Nothing has to be clicked away.")),
                ("6", _("Save To File when you have a moment. Forgetting it does no harm.")),
                ("7", _("More: undo last, settings, scanner test, control cards.")),
            ),
        ),
    )


def bands() -> tuple[ColourMeaning, ...]:
    """What the colours of the band mean."""
    return (
        ColourMeaning(
            Sign.TICK,
            "#14733a",
            "#ffffff",
            pgettext("band", "Recorded"),
            _("Safe. Go on scanning."),
        ),
        ColourMeaning(
            Sign.EXCLAMATION,
            "#ffd166",
            "#3a2600",
            pgettext("band", "Notice"),
            _("Read it, then go on."),
        ),
        ColourMeaning(
            Sign.ASIDE,
            "#5c2d91",
            "#ffffff",
            pgettext("band", "Kept aside"),
            _("Safe in another folder. Go on, and tell somebody."),
        ),
        ColourMeaning(
            Sign.CROSS,
            "#a81c2b",
            "#ffffff",
            pgettext("band", "Not recorded"),
            _("Do what it says, then scan again."),
        ),
        ColourMeaning(
            Sign.BARCODE,
            "#1450a8",
            "#ffffff",
            pgettext("band", "Ready"),
            _("Scan what it asks for."),
        ),
    )


def boxes() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What else there is to know: heading and sentences."""
    return (
        (
            _("A mistake?"),
            (
                _("Ctrl+Z or the card UNDO takes back the last loan or return."),
                _("Another row: click it, then Delete. Saved rows stay: return the item instead."),
                _("Yellow rows above the list are not recorded yet: scan them again, or F2."),
                _("Do not lend items that are excluded from loan."),
            ),
        ),
        (
            _("Evening and morning"),
            (
                _("Close saves what is pending. Next morning start again: the file goes on."),
                _("Power cut, frozen PC? Start again: every scan the window showed is there."),
                _("Never upload a file yourself, and never delete one."),
            ),
        ),
        (
            _("Something is wrong?"),
            (
                _("Nonsense instead of digits: More, Scanner test names the fault."),
                _("Red and “NOT recorded”: write loans down on paper until it is put right."),
                _("Grey: another window is in front. Click on the band."),
                _("No scanner: type the number, press Enter."),
            ),
        ),
    )


class _Page:
    """The page being drawn."""

    def __init__(self, painter: QPainter, paper: Paper) -> None:
        self._painter = painter
        size = paper.size
        self._left = _MARGIN
        self._wide = size.width() - 2 * _MARGIN
        self._bottom = size.height() - _MARGIN

    def draw(self) -> None:
        """From the head to the foot."""
        box = QRectF(self._left, _MARGIN, self._wide, _HEAD)
        self._head(box)
        picture = self._picture(QPointF(self._left, box.bottom() + _GAP))
        self._steps(
            QRectF(
                picture.right() + _GAP,
                picture.top(),
                self._left + self._wide - picture.right() - _GAP,
                picture.height() + _CAPTION,
            )
        )
        self._painter.setPen(_INK)
        below = QRectF(picture.left(), picture.bottom() + 130, picture.width(), _CAPTION - 130)
        text = _(
            "Alt and the underlined letter press any button. Ctrl+Alt+L: loans."
            " Ctrl+Alt+R: returns. F1: the manual."
        )
        pdfpage.paragraph(self._painter, text, below, _BODY)
        top = picture.bottom() + _CAPTION + _GAP
        self._bands(QRectF(self._left, top, self._wide, _BANDS))
        top += _BANDS + _GAP
        foot = QRectF(self._left, self._bottom - _FOOT, self._wide, _FOOT)
        self._boxes(QRectF(self._left, top, self._wide, foot.top() - _GAP - top))
        self._foot(foot)

    def _head(self, box: QRectF) -> None:
        painter = self._painter
        pdfpage.panel(painter, box, _BLUE, 250)
        inside = box.adjusted(600, 300, -600, -300)
        painter.setPen(_WHITE)
        first = QRectF(inside.left(), inside.top(), inside.width(), 1050)
        pdfpage.line(painter, heading(), first, 940, _STRONG)
        left_over = inside.bottom() - first.bottom()
        rest = QRectF(inside.left(), first.bottom(), inside.width(), left_over)
        text = _("Start “Offline Circulation” on this PC and scan. It needs no network.")
        pdfpage.line(painter, text, rest, 470)

    def _picture(self, corner: QPointF) -> QRectF:
        name = f"help/pictures/manual-loan-{i18n.language()}.png"
        image = QImage(str(resources.path(name)))
        width = self._wide * 0.555
        box = QRectF(corner.x(), corner.y(), width, width * image.height() / max(image.width(), 1))
        self._painter.drawImage(box, image)
        for number, (x, y) in enumerate(_PLACES, 1):
            middle = QPointF(box.left() + x * box.width(), box.top() + y * box.height())
            self._number(str(number), middle, 300)
        return box

    def _number(self, text: str, middle: QPointF, radius: float) -> None:
        painter = self._painter
        painter.setPen(QPen(_INK, 30))
        painter.setBrush(_AMBER)
        painter.drawEllipse(middle, radius, radius)
        painter.setPen(_INK)
        painter.setFont(pdfpage.font(face.UI_FAMILY, radius * 1.35, _STRONG))
        box = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _steps(self, box: QRectF) -> None:
        """The steps, in the largest type that fits."""
        size = _LARGEST
        while self._steps_height(box.width(), size) > box.height():
            size -= 5
        free = box.height() - self._steps_height(box.width(), size)
        between = free / max(len(steps()) - 1, 1)
        y = box.top()
        for title, lines in steps():
            y = self._title(title, QRectF(box.left(), y, box.width(), size * 1.6), size * 1.25)
            for number, text in lines:
                room = QRectF(box.left() + size * 2, y, box.width() - size * 2, 0)
                tall = pdfpage.height(text, room.width(), size)
                room.setHeight(tall + 20)
                middle = QPointF(box.left() + size * 0.75, y + size * 0.62)
                self._number(number, middle, size * 0.68)
                self._painter.setPen(_INK)
                pdfpage.paragraph(self._painter, text, room, size)
                y += tall + size * 0.45
            y += between

    @staticmethod
    def _steps_height(width: float, size: float) -> float:
        total = 0.0
        for _title, lines in steps():
            total += size * 1.6 + size * 0.2
            total += sum(
                pdfpage.height(text, width - size * 2, size) + size * 0.45 for _n, text in lines
            )
        return total

    def _title(self, text: str, box: QRectF, size: float) -> float:
        self._painter.setPen(_BLUE)
        pdfpage.line(self._painter, text, box, size, _STRONG)
        return box.bottom() + size * 0.15

    def _bands(self, box: QRectF) -> None:
        painter = self._painter
        every = bands()
        width = (box.width() - _GAP * (len(every) - 1)) / len(every)
        for number, band in enumerate(every):
            tile = QRectF(box.left() + number * (width + _GAP), box.top(), width, box.height())
            pdfpage.panel(painter, tile, QColor(band.ground), 200)
            ink = QColor(band.ink)
            sign = QRectF(tile.left() + 200, tile.top() + 200, 850, 850)
            draw_disc(painter, sign, ink)
            draw_sign(painter, band.sign, sign, ink)
            painter.setPen(ink)
            title = QRectF(sign.left(), sign.bottom() + 80, tile.width() - 350, 600)
            pdfpage.line(painter, band.title, title, 480, _STRONG)
            below = QRectF(sign.left(), title.bottom() + 80, tile.width() - 350, 0)
            below.setBottom(tile.bottom() - 150)
            pdfpage.paragraph(painter, band.todo, below, _BODY)

    def _boxes(self, box: QRectF) -> None:
        painter = self._painter
        every = boxes()
        width = (box.width() - _GAP * (len(every) - 1)) / len(every)
        size = _LARGEST
        while max(self._box_height(one, width - 600, size) for one in every) > box.height() - 350:
            size -= 5
        for number, (title, sentences) in enumerate(every):
            card = QRectF(box.left() + number * (width + _GAP), box.top(), width, box.height())
            pdfpage.panel(painter, card, _PALE, 200)
            inside = card.adjusted(300, 200, -300, -150)
            y = self._title(title, QRectF(inside.left(), inside.top(), inside.width(), 700), 520)
            for sentence in sentences:
                tall = pdfpage.height(sentence, inside.width() - 350, size)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(_BLUE)
                painter.drawEllipse(QPointF(inside.left() + 90, y + size * 0.62), 80, 80)
                painter.setPen(_INK)
                room = QRectF(inside.left() + 350, y, inside.width() - 350, tall + 20)
                pdfpage.paragraph(painter, sentence, room, size)
                y += tall + size * 0.4

    @staticmethod
    def _box_height(box: tuple[str, tuple[str, ...]], width: float, size: float) -> float:
        tall = sum(pdfpage.height(text, width - 350, size) + size * 0.4 for text in box[1])
        return 780 + tall

    def _foot(self, box: QRectF) -> None:
        painter = self._painter
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(_BLUE, 40))
        painter.drawRoundedRect(box, 200, 200)
        inside = box.adjusted(350, 180, -350, -180)
        title = QRectF(inside.left(), inside.top(), inside.width(), 620)
        y = self._title(_("When the system is back"), title, 500)
        painter.setPen(_INK)
        text = _(
            "Save To File, then Close. The person in charge collects the file of every desk and"
            " uploads it."
        )
        pdfpage.line(painter, text, QRectF(inside.left(), y, inside.width(), 560), _BODY)
        y += 800
        for label, start, part in (
            (_("Person in charge:"), 0.0, 0.56),
            (_("Telephone:"), 0.6, 0.4),
        ):
            left = inside.left() + start * inside.width()
            room = QRectF(left, y, part * inside.width(), 520)
            pdfpage.line(painter, label, QRectF(left, y, room.width() * 0.4, 520), _BODY, _STRONG)
            painter.setPen(QPen(_LINE, 25))
            painter.drawLine(
                QPointF(left + room.width() * 0.42, room.bottom()),
                QPointF(room.right(), room.bottom()),
            )
            painter.setPen(_INK)
        small = QRectF(box.left(), box.bottom() + 120, box.width(), 360)
        text = _("The whole manual: F1 in the window. OffCirc {version}").format(
            version=__version__
        )
        painter.setPen(QColor("#53617c"))
        pdfpage.line(painter, text, small, 300)
