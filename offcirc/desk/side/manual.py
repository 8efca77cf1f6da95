"""The manual, read inside the program, without any network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QImage, QKeySequence, QPalette, QShortcut, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from offcirc.desk.face.band import Band
from offcirc.desk.face.look import quiet_button
from offcirc.desk.paper.manualpage import manual_path, page_style, picture_part
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.desk.desk import DeskHost

_FRAME = 1.6
"""What a window's frame has above its content, in lines."""

_LEAST_WIDE, _LEAST_TALL = 22, 14
"""What the manual needs to be read beside the desk, or below its band, in lines."""

_WIDEST = 34
"""A picture's greatest width, in lines of text."""


def open_manual(desk: DeskHost) -> Manual:
    """Show the manual beside the desk window; the one already open comes to the front."""
    manual = desk.pane.findChild(Manual)
    if manual is None:
        manual = Manual(desk)
    manual.show()
    manual.raise_()
    manual.activateWindow()
    return manual


class Manual(QWidget):
    """A window of its own that blocks nothing: a scan that lands here goes to the desk."""

    def __init__(self, desk: DeskHost) -> None:
        super().__init__(desk.pane, Qt.WindowType.Window)
        self._desk = desk
        look = desk.look
        self.setWindowTitle(_("Offline Circulation — manual"))
        self.setObjectName("manual")
        self.page = ManualText(self)
        self.page.setAccessibleName(_("Manual"))
        self.page.setFont(look.text)
        self.page.setOpenExternalLinks(False)
        # An open menu would take the keys of a scan for itself.
        self.page.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        paper = self.page.palette()
        paper.setColor(QPalette.ColorRole.Base, QColor(look.colours.paper))
        paper.setColor(QPalette.ColorRole.Text, QColor(look.colours.ink))
        paper.setColor(QPalette.ColorRole.Link, QColor(look.colours.loan))
        self.page.setPalette(paper)
        self.page.document().setDocumentMargin(look.em * 1.2)
        self.page.document().setDefaultStyleSheet(
            page_style(look.text.pixelSize(), look.em, look.colours)
        )
        self.shut = quiet_button(_("&Close the manual"), look.strong, self)
        self.shut.clicked.connect(self.close)
        self.result = Band(look, self, small=True)
        self.result.say(desk.ui.band.message)
        desk.said.connect(self.result.say)
        said = QHBoxLayout()
        said.setContentsMargins(look.px(0.6), look.px(0.4), look.px(0.6), 0)
        said.addWidget(self.result)
        foot = QHBoxLayout()
        foot.setSpacing(look.px(0.5))
        foot.setContentsMargins(look.px(0.6), look.px(0.4), look.px(0.6), look.px(0.5))
        self.pin = quiet_button(_("&Page to pin up"), look.strong, self)
        self.print = quiet_button(_("P&rint the manual"), look.strong, self)
        self.pin.clicked.connect(lambda: self._print("show_page"))
        self.print.clicked.connect(lambda: self._print("show_manual"))
        foot.addWidget(self.pin)
        foot.addWidget(self.print)
        foot.addStretch(1)
        foot.addWidget(self.shut)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.page, 1)
        whole.addLayout(said)
        whole.addLayout(foot)
        self._place()
        whole.activate()
        self.page.setSource(QUrl.fromLocalFile(str(manual_path())))
        # A scan brings the desk to the front: from there the manual is closed, too.
        for window in (self, desk.pane):
            QShortcut(QKeySequence(Qt.Key.Key_Escape), window, self.close)
        desk.closed.connect(self.close)
        desk.keys.watch(self, self.page, self.pin, self.print, self.shut)
        self.page.setFocus()

    def _print(self, what: str) -> None:
        """Make a sheet for the system's PDF reader; the desk's band says where it is."""
        from offcirc.desk.paper import printing

        self._desk.say(getattr(printing, what)(self._desk.folder))

    def _place(self) -> None:
        """As large as is good to read; the desk's fields and band stay in sight where they can."""
        desk, px = self._desk, self._desk.look.px
        room, frame = desk.pane.screen().availableGeometry(), px(_FRAME)
        band = desk.ui.band
        below = band.mapToGlobal(band.rect().bottomLeft()).y() + px(0.3)
        around = desk.pane.frameGeometry()
        tall = min(px(36), room.height() - frame)
        for left, right in ((around.right() + 1, room.right()), (room.left(), around.left() - 1)):
            if right - left >= px(_LEAST_WIDE):
                self.setGeometry(left, room.top() + frame, min(px(38), right - left), tall)
                return
        width, top = min(px(38), room.width()), room.bottom() - tall
        if room.bottom() - below - frame >= px(_LEAST_TALL):
            top = below + frame
        left = min(max(around.center().x() - width // 2, room.left()), room.right() - width)
        self.setGeometry(left, top, width, room.bottom() - top)


class ManualText(QTextBrowser):
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
        room *= picture_part(image)
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaledToWidth(max(round(room * ratio), 1), smooth)
        image.setDevicePixelRatio(ratio)
        return image
