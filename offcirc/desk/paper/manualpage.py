"""The manual: where its text is, how it is set for screen and paper, and all of it as a PDF."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSizeF, QUrl
from PySide6.QtGui import QAbstractTextDocumentLayout, QImage, QPainter, QPdfWriter, QTextDocument

from offcirc import i18n, resources
from offcirc.desk.face.colours import BLUE, Colours
from offcirc.desk.paper import pdfpage
from offcirc.desk.paper.pdfpage import Paper
from offcirc.i18n import _
from offcirc.windows import face
from offcirc.windows.face import CODE_FAMILY


def manual_path() -> Path:
    """The manual's file in the active language."""
    return resources.path(f"help/{i18n.language()}/desk.html")


def picture_part(image: QImage) -> float:
    """How wide a picture is to be, as a part of the room: tall ones less, to fit the page."""
    return 1.0 if image.width() >= image.height() else 0.6


def page_style(size: float, em: float, colours: Colours) -> str:
    """The style sheet of the manual's text.

    Args:
        size: of the type.
        em: of a line.
        colours: of the style.
    """
    heading = colours.ink if colours.contrast else colours.ground
    table = colours.paper if colours.contrast else colours.button
    return (
        f"h1 {{ font-size: {round(size * 1.7)}px; font-weight: 600; color: {heading}; }}"
        f"h2 {{ font-size: {round(size * 1.28)}px; font-weight: 600; color: {heading};"
        f" margin-top: {round(em)}px; }}"
        f"p, li, td, th {{ font-size: {round(size)}px; line-height: 135%; }}"
        f"p, ul, ol {{ margin-top: {round(size * 0.7)}px; margin-bottom: {round(size * 0.7)}px; }}"
        f"li {{ margin-bottom: {round(size * 0.35)}px; }}"
        f"p.picture {{ line-height: 100%; }}"
        f"b {{ font-weight: 600; }}"
        f"kbd, code {{ font-family: '{CODE_FAMILY}'; }}"
        f"th {{ text-align: left; background-color: {table}; }}"
    )


_MARGIN = 1800
_BODY = 370
"""Type of 10.5 points."""

_PICTURE = 0.6
"""Width of a picture, as a part of the text’s."""

_HAIR = 20
"""Of a picture that begins the next page, rounding may leave so much on this one."""


class _Text(QTextDocument):
    """The manual's text; its pictures are as wide as the page."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self._width = width

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """A picture of its file, in the size it is printed in."""
        if kind != QTextDocument.ResourceType.ImageResource:
            return super().loadResource(kind, name)
        path = (manual_path().parent / QUrl(name).toString()).resolve()
        image = QImage(str(path))
        if not image.isNull():
            room = self._width * _PICTURE * picture_part(image)
            image.setDevicePixelRatio(image.width() / room)
        return image


def manual(paper: Paper) -> bytes:
    """The manual as a PDF, in the active language."""

    def draw(painter: QPainter, writer: QPdfWriter) -> None:
        size = QSizeF(paper.size.width() - 2 * _MARGIN, paper.size.height() - 2 * _MARGIN)
        text = _Text(size.width())
        text.setDocumentMargin(0)
        text.setIndentWidth(_BODY * 2)
        text.setDefaultFont(pdfpage.font(face.UI_FAMILY, _BODY))
        text.setDefaultStyleSheet(page_style(_BODY, _BODY * 1.2, BLUE))
        source = manual_path().read_text(encoding="utf-8")
        text.setHtml(source.replace('cellpadding="6"', f'cellpadding="{_BODY // 3}"'))
        text.setPageSize(size)
        for number in range(text.pageCount()):
            if number:
                writer.newPage()
            painter.save()
            painter.translate(0, -number * size.height())
            context = QAbstractTextDocumentLayout.PaintContext()
            window = QRectF(0, number * size.height(), size.width(), size.height())
            context.clip = window
            painter.setClipRect(window.adjusted(0, 0, 0, -_HAIR))
            text.documentLayout().draw(painter, context)
            painter.restore()

    return pdfpage.pdf(paper, _("Offline Circulation — manual"), draw, _MARGIN)
