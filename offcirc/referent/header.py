"""The blue header: the steps from the files to the report, where one stands, past uploads, help."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QWidget

from offcirc.i18n import _, pgettext
from offcirc.referent.look import AMBER, BLUE, INK, WHITE, Look
from offcirc.windows.signs import Sign, draw_sign


class Place(StrEnum):
    """The pages of the window."""

    FILES = "files"
    UPLOAD = "upload"
    REPORT = "report"
    PAST = "past"


STEPS = (Place.FILES, Place.UPLOAD, Place.REPORT)


class Tab(QAbstractButton):
    """A page's button in the header; a step of the work has a number, or a tick when done."""

    def __init__(self, look: Look, text: str, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._number = number
        self._done = False
        self.setText(text)
        self.setFont(look.text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name()

    @property
    def done(self) -> bool:
        """Whether the step is ticked off."""
        return self._done

    def set_done(self, done: bool) -> None:
        """Tick the step off, or not."""
        if done is not self._done:
            self._done = done
            self._name()
            self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for the words in their heavy form."""
        words = QFontMetricsF(self._look.strong).horizontalAdvance(self.text().replace("&", ""))
        disc = self._look.em * 1.9 if self._number else 0
        return QSize(round(words + disc + self._look.em * 1.9), self._look.px(2.9))

    def minimumSizeHint(self) -> QSize:
        """The words are never cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Disc, words, and the line under the page one is on."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        em, box = self._look.em, QRectF(self.rect())
        ground = QColor(WHITE)
        ground.setAlpha(34 if self.underMouse() and self.isEnabled() else 0)
        painter.fillRect(box, ground)
        if self.isChecked():
            painter.fillRect(QRectF(0, box.height() - em * 0.2, box.width(), em * 0.2), AMBER)
        left = em * 0.95
        if self._number:
            disc = QRectF(left, (box.height() - em * 1.4) / 2, em * 1.4, em * 1.4)
            self._draw_disc(painter, disc)
            left = disc.right() + em * 0.5
        painter.setFont(self._look.strong if self.isChecked() else self._look.text)
        painter.setPen(self._ink())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        words = QRectF(left, 0, box.width() - left, box.height())
        painter.drawText(words, int(flags) | int(Qt.TextFlag.TextShowMnemonic), self.text())
        if self.hasFocus():
            painter.setPen(QPen(WHITE, max(em * 0.08, 1.5)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(3, 6, -3, -6), em * 0.3, em * 0.3)

    def _draw_disc(self, painter: QPainter, disc: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        current = self.isChecked()
        if self._done and not current:
            painter.setBrush(QColor("#1c8a4a"))
            painter.drawEllipse(disc)
            draw_sign(painter, Sign.TICK, disc, WHITE)
            return
        faint = QColor(WHITE)
        faint.setAlpha(56 if self.isEnabled() else 26)
        painter.setBrush(AMBER if current else faint)
        painter.drawEllipse(disc)
        painter.setPen(INK if current else self._ink())
        painter.setFont(self._look.small_strong)
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(self._number))

    def _ink(self) -> QColor:
        ink = QColor(WHITE)
        if not self.isEnabled():
            ink.setAlpha(120)
        elif not self.isChecked():
            ink.setAlpha(225)
        return ink

    def _name(self) -> None:
        words = self.text().replace("&", "")
        if self._number:
            step = _("Step {number}: {name}").format(number=self._number, name=words)
            words = _("{step}, done").format(step=step) if self._done else step
        self.setAccessibleName(words)


class Header(QWidget):
    """The blue bar.

    Signals:
        chosen: the page somebody wants, a :class:`Place`.
        help_wanted: somebody wants the manual.
    """

    chosen = Signal(str)
    help_wanted = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.tabs: dict[Place, Tab] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(0.5), 0, look.px(0.5), 0)
        row.setSpacing(look.px(0.1))
        names = {
            Place.FILES: _("&Files"),
            Place.UPLOAD: _("&Upload"),
            Place.REPORT: _("&Report"),
            Place.PAST: _("&Past uploads"),
        }
        for place, text in names.items():
            number = STEPS.index(place) + 1 if place in STEPS else 0
            tab = Tab(look, text, number, self)
            tab.setCheckable(True)
            self._group.addButton(tab)
            self.tabs[place] = tab
            tab.clicked.connect(lambda _checked=False, place=place: self.chosen.emit(place.value))
            if place is Place.PAST:
                row.addStretch(1)
            row.addWidget(tab)
        self.help = Tab(look, pgettext("uploader", "&Help"), 0, self)
        self.help.clicked.connect(self.help_wanted)
        row.addWidget(self.help)

    def show_place(self, place: Place) -> None:
        """Mark the page that is shown."""
        self.tabs[place].setChecked(True)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The blue ground."""
        QPainter(self).fillRect(self.rect(), BLUE)
