"""The outage card: one page, printed beforehand, with the facts of this very desk.

It is read when nothing works and nobody is there to ask; so it begins with what is down.
Lengths are hundredths of a millimetre.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPdfWriter

from offcirc.core.barcodes.controlcards import Card
from offcirc.desk.paper import cardsheet, pdfpage
from offcirc.desk.paper.pdfpage import Paper
from offcirc.i18n import _
from offcirc.settings.deskname import desk_identity
from offcirc.settings.load import Settings
from offcirc.windows import face

_MARGIN = 1500
_BLUE, _PALE, _INK = QColor("#0b3d91"), QColor("#eaf1fc"), QColor("#0a1f44")
_CARDS = (Card.LOAN, Card.RETURN, Card.SAVE, Card.CLEAR)
_TEXT = 450
_STRONG = QFont.Weight.DemiBold


@dataclass(frozen=True, slots=True)
class OutageFacts:
    """What this desk's card says.

    Attributes:
        desk: library and desk; may be empty.
        file: where OffCirc.dat is.
        share: where copies of it go; empty if none do.
        account: the generic account for when only the sign-on server is down; may be empty.
        call: whom to call; may be empty.
    """

    desk: str
    file: Path
    share: str = ""
    account: str = ""
    call: str = ""


def facts_of(settings: Settings, file: Path) -> OutageFacts:
    """The facts of a desk with these settings, whose OffCirc.dat is there."""
    share = settings.folder("collection")
    return OutageFacts(
        str(desk_identity(settings)),
        file,
        "" if share is None else str(share),
        settings.text("outage.account"),
        settings.text("outage.call"),
    )


def outage_card(facts: OutageFacts, paper: Paper) -> bytes:
    """The page as a PDF, in the active language."""

    def drawn(painter: QPainter, _writer: QPdfWriter) -> None:
        _draw(painter, facts, paper)

    return pdfpage.pdf(paper, heading(), drawn)


def heading() -> str:
    """What stands at its head."""
    return _("When the library system does not answer")


def parts(facts: OutageFacts) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What stands on it: heading and sentences."""
    account = (
        _("Sign in with the generic account: {account}.").format(account=facts.account)
        if facts.account
        else _("If the library has a generic account, sign in with it: __________________")
    )
    call = facts.call or "______________________________________________"
    copies = (
        (_("Copies go by themselves to {share}.").format(share=facts.share),) if facts.share else ()
    )
    return (
        (
            _("1. What is down?"),
            (
                _("Open any other web site. Nothing opens: it is the network. Go to 2."),
                _("Others open, the library system does not: it is the system. Go to 2."),
                _("It opens, but nobody can sign in: it is only the sign-on server."),
                account,
            ),
        ),
        (
            _("2. Go on at this desk"),
            (
                _("Open Offline Circulation. Scan the reader’s card, then the items."),
                _("For returns choose Return and scan the items. Green: it is safe on this PC."),
                _("Look at nothing else: blocks and due dates are only told as far as known."),
                _("A reader without a card: More, New reader."),
            ),
        ),
        (_("3. Whom to call"), (call,)),
        (
            _("4. When it is back"),
            (
                _("Press Save To File, then close the window. Record nothing twice."),
                _("The file of this desk: {file}").format(file=facts.file),
                *copies,
                _("The referent uploads it, once, with those of the other desks."),
            ),
        ),
    )


def _draw(painter: QPainter, facts: OutageFacts, paper: Paper) -> None:
    size = paper.size.toSize()
    width = size.width() - 2 * _MARGIN
    painter.fillRect(QRectF(0, 0, size.width(), 2600), _BLUE)
    painter.setPen(Qt.GlobalColor.white)
    pdfpage.line(painter, heading(), QRectF(_MARGIN, 450, width, 1100), 950, _STRONG)
    pdfpage.line(painter, facts.desk, QRectF(_MARGIN, 1600, width, 600), 480)
    top = 3000.0
    for title, sentences in parts(facts):
        text = "\n".join(sentences)
        strong = _TEXT + 170 if title.startswith("3") else _TEXT
        tall = pdfpage.height(text, width - 800, strong) + 1500
        pdfpage.panel(painter, QRectF(_MARGIN, top, width, tall), _PALE)
        painter.setPen(_BLUE)
        pdfpage.line(painter, title, QRectF(_MARGIN + 400, top + 250, width, 700), 560, _STRONG)
        painter.setPen(_INK)
        room = QRectF(_MARGIN + 400, top + 1050, width - 800, tall - 1100)
        pdfpage.paragraph(painter, text, room, strong)
        top += tall + 350
    _draw_cards(painter, top + 700, size.width())


def _draw_cards(painter: QPainter, top: float, width: float) -> None:
    """Control cards, to be scanned from the page."""
    each = (width - 2 * _MARGIN) / 2
    for number, card in enumerate(_CARDS):
        middle = _MARGIN + each * (number % 2 + 0.5)
        down = top + (number // 2) * 3400
        caption = QRectF(middle - each / 2, down - 620, each, 520)
        painter.setPen(_INK)
        painter.setFont(pdfpage.font(face.UI_FAMILY, 400, _STRONG))
        painter.drawText(caption, Qt.AlignmentFlag.AlignCenter, cardsheet.wording(card).title)
        cardsheet.barcode(painter, cardsheet.code(card), QPointF(middle, down))
