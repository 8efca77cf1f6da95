"""The due slip: what a reader takes along of an outage. No name, three digits of the card.

It is a PDF for a sheet or a roll, or ESC/POS for a slip printer. Lengths are hundredths of a
millimetre.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QPageSize, QPainter, QPdfWriter

from offcirc.desk.paper import pdfpage
from offcirc.desk.paper.pdfpage import Paper
from offcirc.desk.words import dropwords
from offcirc.i18n import _

if TYPE_CHECKING:
    from escpos.escpos import Escpos

SIZES = {"a4": (21_000, 29_700), "a5": (14_800, 21_000), "80": (8000, 0), "58": (5800, 0)}
"""Width and height of each paper; 0: as long as the slip is."""

_COLUMNS = {"80": 48, "58": 32}
"""Characters of a line of a roll."""

_STRONG = QFont.Weight.DemiBold


@dataclass(frozen=True, slots=True)
class DueSlip:
    """A slip.

    Attributes:
        library: whose it is; may be empty.
        at: when it is made.
        card: the reader's card.
        lines: title or barcode, and the due date worded; empty where none was said.
    """

    library: str
    at: datetime
    card: str
    lines: tuple[tuple[str, str], ...]

    @property
    def head(self) -> str:
        """The first line."""
        return self.library or _("Your loans")

    @property
    def about(self) -> tuple[str, ...]:
        """What stands below it."""
        when = f"{dropwords.day(self.at)} {self.at.year} {self.at:%H:%M}"
        return when, _("Card: …{digits}").format(digits=self.card[-3:])

    @property
    def foot(self) -> tuple[str, ...]:
        """What stands at the end."""
        return (
            _("Made during an outage of the library system."),
            _("Due dates are estimates: your account has the last word."),
        )


def due_words(day: str) -> str:
    """How a due date stands on a slip; ``day`` is worded, or empty."""
    return _("due about {day}").format(day=day) if day else _("due date: see your account")


def slip_pdf(slip: DueSlip, paper: str) -> bytes:
    """The slip as a PDF, in the active language.

    Args:
        slip: what stands on it.
        paper: a key of :data:`SIZES`.
    """
    pdfpage.application_for_drawing()
    width, height = SIZES[paper]
    margin = 400 if paper in _COLUMNS else 1500
    text = 340 if paper == "58" else 400
    laid = _lay(slip, width - 2 * margin, text)
    tall = height or round(sum(each[3] for each in laid) + 2 * margin + 600)
    size = QPageSize(
        QSizeF(width / 100, tall / 100),
        QPageSize.Unit.Millimeter,
        "slip",
        QPageSize.SizeMatchPolicy.ExactMatch,
    )

    def drawn(painter: QPainter, writer: QPdfWriter) -> None:
        painter.setPen(Qt.GlobalColor.black)
        top = float(margin)
        for words, type_size, weight, high in laid:
            if top + high > tall - margin and height:
                writer.newPage()
                top = float(margin)
            box = QRectF(margin, top, width - 2 * margin, high)
            pdfpage.paragraph(painter, words, box, type_size, weight)
            top += high

    return pdfpage.pdf(Paper.A4, slip.head, drawn, size=size)


def _lay(slip: DueSlip, width: float, text: float) -> list[tuple[str, float, QFont.Weight, float]]:
    """Each paragraph with its type and the height it takes."""
    plain = QFont.Weight.Normal
    parts = [(slip.head, text * 1.3, _STRONG)]
    parts += [(each, text, plain) for each in slip.about]
    for title, day in slip.lines:
        parts += [("", text * 0.4, plain), (title, text, plain), (due_words(day), text, _STRONG)]
    parts.append(("", text * 0.6, plain))
    parts += [(each, text * 0.85, plain) for each in slip.foot]
    laid = []
    for words, size, weight in parts:
        high = pdfpage.height(words, width, size, weight) + size * 0.25 if words else size
        laid.append((words, size, weight, high))
    return laid


def print_slip(slip: DueSlip, printer: Escpos, paper: str) -> None:
    """Print it on a slip printer.

    Args:
        slip: what stands on it.
        printer: an ESC/POS printer.
        paper: ``80`` or ``58``; any other is printed as 80.
    """
    columns = _COLUMNS.get(paper, _COLUMNS["80"])

    def put(text: str) -> None:
        printer.block_text(_plain(text), columns=columns)
        printer.ln()

    printer.set(bold=True, double_height=True)
    put(slip.head)
    printer.set(bold=False, normal_textsize=True)
    for each in slip.about:
        put(each)
    for title, day in slip.lines:
        printer.ln()
        put(title)
        printer.set(bold=True)
        put(due_words(day))
        printer.set(bold=False)
    printer.ln()
    for each in slip.foot:
        put(each)
    printer.cut()


def _plain(text: str) -> str:
    """Without what the letters of slip printers lack."""
    table = {"\u00a0": " ", "\u202f": " ", "’": "'", "…": "...", "–": "-", "—": "-"}
    return "".join(table.get(sign, sign) for sign in text)


def open_printer(place: str) -> Escpos:
    """The slip printer at a place: ``serial:COM3``, ``serial:/dev/ttyUSB0``, or a raw device.

    Raises:
        OSError: it is not there; so do the errors of the printer's library.
    """
    from escpos.printer import File, Serial

    kind, colon, device = place.partition(":")
    if colon and kind == "serial":
        return Serial(devfile=device, timeout=5)
    return File(devfile=place)
