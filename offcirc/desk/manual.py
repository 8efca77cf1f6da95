"""The manual, read inside the program, without any network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QImage, QKeySequence, QPalette, QShortcut, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from offcirc import i18n, resources
from offcirc.i18n import _
from offcirc.windows.face import CODE_FAMILY

if TYPE_CHECKING:
    from offcirc.desk.look import Look
    from offcirc.desk.window import DeskWindow

_WIDEST = 34
"""A picture's greatest width, in lines of text."""


def open_manual(desk: DeskWindow) -> Manual:
    """Show the manual beside the desk window; the one already open comes to the front."""
    manual = desk.findChild(Manual)
    if manual is None:
        manual = Manual(desk)
    manual.show()
    manual.raise_()
    manual.activateWindow()
    return manual


class Manual(QWidget):
    """A window of its own that blocks nothing: a scan that lands here goes to the desk."""

    def __init__(self, desk: DeskWindow) -> None:
        super().__init__(desk, Qt.WindowType.Window)
        self._desk = desk
        look = desk.look
        self.setWindowTitle(_("Offline Circulation — manual"))
        self.setObjectName("manual")
        self.page = Page(self)
        self.page.setAccessibleName(_("Manual"))
        self.page.setFont(look.text)
        self.page.setOpenExternalLinks(False)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        paper = self.page.palette()
        paper.setColor(QPalette.ColorRole.Base, QColor(look.colours.paper))
        paper.setColor(QPalette.ColorRole.Text, QColor(look.colours.ink))
        paper.setColor(QPalette.ColorRole.Link, QColor(look.colours.loan))
        self.page.setPalette(paper)
        self.page.document().setDocumentMargin(look.em * 1.2)
        self.page.document().setDefaultStyleSheet(_page_style(look))
        self.shut = QPushButton(_("&Close the manual"), self)
        self.shut.setFont(look.strong)
        self.shut.setAutoDefault(False)
        self.shut.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.shut.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setContentsMargins(look.px(0.6), look.px(0.4), look.px(0.6), look.px(0.5))
        foot.addStretch(1)
        foot.addWidget(self.shut)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.page, 1)
        whole.addLayout(foot)
        self._place()
        whole.activate()
        self.page.setSource(QUrl.fromLocalFile(str(manual_path())))
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        desk.closed.connect(self.close)
        desk.keys.watch(self, self.page, self.shut)
        self.page.setFocus()

    def _place(self) -> None:
        """As large as is good to read; the desk's fields and band stay in sight where they can."""
        room = self._desk.screen().availableGeometry()
        look = self._desk.look
        width = min(look.px(38), round(room.width() * 0.9))
        height = min(look.px(36), round(room.height() * 0.9))
        self.resize(width, height)


class Page(QTextBrowser):
    """The manual's text; its pictures take the width there is."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Pictures are stored large and made to fit, sharp on any screen."""
        if kind != QTextDocument.ResourceType.ImageResource:
            return super().loadResource(kind, name)
        image = QImage(self.source().resolved(QUrl(name)).toLocalFile())
        if image.isNull():
            return super().loadResource(kind, name)
        ratio = self.devicePixelRatioF()
        margins = 2 * self.document().documentMargin() + self.fontMetrics().height()
        room = min(self.viewport().width() - margins, _WIDEST * self.fontMetrics().height())
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaledToWidth(max(round(room * ratio), 1), smooth)
        image.setDevicePixelRatio(ratio)
        return image


def manual_path() -> Path:
    """The manual's file in the active language."""
    return resources.path(f"help/{i18n.language()}/desk.html")


def _page_style(look: Look) -> str:
    size, em, colours = look.text.pixelSize(), look.em, look.colours
    heading = colours.ink if colours.contrast else colours.ground
    table = colours.paper if colours.contrast else colours.button
    return (
        f"h1 {{ font-size: {round(size * 1.7)}px; font-weight: 600; color: {heading}; }}"
        f"h2 {{ font-size: {round(size * 1.28)}px; font-weight: 600; color: {heading};"
        f" margin-top: {round(em)}px; }}"
        f"p, li, td, th {{ font-size: {size}px; line-height: 135%; }}"
        f"p.picture {{ line-height: 100%; }}"
        f"b {{ font-weight: 600; }}"
        f"kbd, code {{ font-family: '{CODE_FAMILY}'; }}"
        f"th {{ text-align: left; background-color: {table}; }}"
    )
