"""The whole manual as a PDF, for those who like to read on paper."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF, QUrl
from PySide6.QtGui import QAbstractTextDocumentLayout, QImage, QPainter, QPdfWriter, QTextDocument

from offcirc.desk.face.colours import BLUE
from offcirc.desk.paper import pdfpage
from offcirc.desk.paper.manualpage import manual_path, page_style, picture_part
from offcirc.desk.paper.pdfpage import Paper
from offcirc.i18n import _
from offcirc.windows import face

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
