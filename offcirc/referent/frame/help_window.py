"""The manual, in a window of its own: no browser and no network are needed to read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QKeySequence, QShortcut, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from offcirc import resources
from offcirc.i18n import _, language, pgettext
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button

PICTURE_WIDTH = 720
"""The width that the manual gives its pictures."""


def manual() -> Path:
    """The referent's manual in the active language."""
    return resources.path(f"help/{language()}/referent.html")


class ManualBrowser(QTextBrowser):
    """A browser that makes pictures smaller without making their words rough."""

    def loadResource(self, kind: int, url: QUrl | str) -> object:
        """A picture in the size in which it is shown; anything else as it is."""
        found = super().loadResource(kind, url)
        if kind != int(QTextDocument.ResourceType.ImageResource.value) or found is None:
            return found
        image = QImage(QUrl(url).toLocalFile())
        if image.isNull():
            return found
        ratio = self.devicePixelRatioF()
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaledToWidth(round(PICTURE_WIDTH * ratio), smooth)
        image.setDevicePixelRatio(ratio)
        return image


class HelpWindow(QWidget):
    """Shows the manual; Esc closes it."""

    def __init__(
        self, look: ReferentLook, open_in_browser: Callable[[Path], None], parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(_("OffCirc — Help for referents"))
        self.browser = ManualBrowser(self)
        self.browser.setFont(look.text)
        self.browser.setOpenExternalLinks(False)
        self.browser.document().setDocumentMargin(look.em * 1.2)
        self.browser.setSearchPaths([str(manual().parent)])
        self.browser.setSource(QUrl.fromLocalFile(str(manual())))
        row = QHBoxLayout()
        row.addStretch(1)
        self.to_browser = button(
            _("Open in the &browser, to print"),
            look,
            self,
            lambda: open_in_browser(manual()),
        )
        self.close_button = button(pgettext("uploader", "&Close"), look, self, self.close)
        row.addWidget(self.to_browser)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.addWidget(self.browser, 1)
        column.addLayout(row)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.activated.connect(self.close)
        self.resize(look.px(54), look.px(38))
