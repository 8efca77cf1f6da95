"""A page of a PDF being drawn: its paper, its text, its type.

Lengths are hundredths of a millimetre.

Everything is drawn as shapes and embedded type at true size, so that it comes out the same on
every printer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QLocale,
    QMarginsF,
    QRectF,
    QSizeF,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)

from offcirc import __version__
from offcirc.windows import face

UNITS_AN_INCH = 2540
"""The PDF's resolution: one unit is a hundredth of a millimetre."""

_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
_STEP = 5
"""By how much type is made smaller at a time where it does not fit."""


class Paper(StrEnum):
    """The paper; the values are those of the command line."""

    A4 = "a4"
    LETTER = "letter"

    @property
    def size(self) -> QSizeF:
        """Its width and height, upright."""
        return QSizeF(21_000, 29_700) if self is Paper.A4 else QSizeF(21_590, 27_940)

    @classmethod
    def of_this_pc(cls) -> Paper:
        """The paper that the PC's country uses."""
        metric = QLocale.system().measurementSystem() == QLocale.MeasurementSystem.MetricSystem
        return cls.A4 if metric else cls.LETTER


_PAGES = {Paper.A4: QPageSize.PageSizeId.A4, Paper.LETTER: QPageSize.PageSizeId.Letter}


def pdf(
    paper: Paper,
    title: str,
    draw: Callable[[QPainter, QPdfWriter], None],
    margin: float = 0,
    *,
    size: QPageSize | None = None,
) -> bytes:
    """Make a PDF.

    Args:
        paper: its paper.
        title: its title.
        draw: draws its first page, and others after :meth:`QPdfWriter.newPage`.
        margin: around every page, where nothing is drawn.
        size: instead of the paper's, for a roll.
    """
    application = application_for_drawing()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(UNITS_AN_INCH)
    writer.setTitle(title)
    writer.setCreator(f"OffCirc {__version__}")
    inches = margin / 100
    writer.setPageLayout(
        QPageLayout(
            size or QPageSize(_PAGES[paper]),
            QPageLayout.Orientation.Portrait,
            QMarginsF(inches, inches, inches, inches),
            QPageLayout.Unit.Millimeter,
        )
    )
    with QPainter(writer) as painter:
        draw(painter, writer)
    buffer.close()
    del application
    return bytes(content.data())


def application_for_drawing() -> QGuiApplication:
    """Fonts need an application; on Linux, one that needs no screen."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    platform = ["-platform", "offscreen"] if sys.platform.startswith("linux") else []
    application = QGuiApplication(["offcirc", *platform])
    face.load_fonts()
    return application


def font(family: str, size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """A shipped font of a size in hundredths of a millimetre."""
    made = QFont(family)
    made.setPixelSize(max(round(size), 1))
    made.setWeight(weight)
    return made


def line(
    painter: QPainter,
    text: str,
    box: QRectF,
    size: float,
    weight: QFont.Weight = QFont.Weight.Normal,
) -> None:
    """One line of text, made smaller where it would not fit."""
    chosen = font(face.UI_FAMILY, size, weight)
    needed = QFontMetricsF(chosen).horizontalAdvance(text)
    if needed > box.width():
        chosen = font(face.UI_FAMILY, int(size * box.width() / needed), weight)
    painter.setFont(chosen)
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def paragraph(
    painter: QPainter,
    text: str,
    box: QRectF,
    size: float,
    weight: QFont.Weight = QFont.Weight.Normal,
) -> None:
    """Several lines of text, made smaller where they would not fit."""
    while size > _STEP and height(text, box.width(), size, weight) > box.height():
        size -= _STEP
    painter.setFont(font(face.UI_FAMILY, size, weight))
    painter.drawText(box, _WRAPPED, text)


def height(
    text: str, width: float, size: float, weight: QFont.Weight = QFont.Weight.Normal
) -> float:
    """How tall a text is, wrapped to a width."""
    metrics = QFontMetricsF(font(face.UI_FAMILY, size, weight))
    return metrics.boundingRect(QRectF(0, 0, width, 1_000_000), _WRAPPED, text).height()


def panel(painter: QPainter, box: QRectF, colour: QColor, rounding: float = 180) -> None:
    """A coloured ground with round corners."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(box, rounding, rounding)
