"""The switch of the book drop: quiet while it is off, amber and telling the moment while on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from offcirc.desk.face.look import Look
from offcirc.desk.words import dropwords


class DropSwitch(QToolButton):
    """Shows whether the book drop is on, and of which moment: as much of it as there is room for.

    Attributes:
        wanted: called when somebody asks for another moment.
        when: the arrow beside it, which asks for one too.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._forms: tuple[str, ...] = ("",)
        self.wanted: Callable[[], None] = lambda: None
        self.setObjectName("drop")
        self.setCheckable(True)
        self.setFont(look.strong)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(look.px(2.1), look.px(1)))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.when = QToolButton(parent)
        self.when.setObjectName("drop_when")
        self.when.setText("▾")
        self.when.setFont(look.strong)
        self.when.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_moment(None)

    def show_moment(self, moment: datetime | None) -> None:
        """On at a moment, or off."""
        on = moment is not None
        self.setChecked(on)
        self._forms = dropwords.forms(moment)
        self._fit()
        self.updateGeometry()
        self.setIcon(QIcon(self._picture(on)))
        self.when.setVisible(on)

    def sizeHint(self) -> QSize:
        """With all that it has to say."""
        return self._size(self._forms[0])

    def minimumSizeHint(self) -> QSize:
        """With the least of it: other controls need not move nor the window grow."""
        return self._size(self._forms[-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is more room, or less."""
        super().resizeEvent(event)
        self._fit()

    def _size(self, text: str) -> QSize:
        more = self._width(text) - self._width(self.text())
        return super().sizeHint() + QSize(more, 0)

    def _width(self, text: str) -> int:
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width()

    def _fit(self) -> None:
        fitting = (form for form in self._forms if self._size(form).width() <= self.width())
        self.setText(next(fitting, self._forms[-1]))

    def contextMenuEvent(self, _event: object) -> None:
        """A right click asks for another moment."""
        self.wanted()

    def _picture(self, on: bool) -> QPixmap:
        """The sign of a switch, thrown or not."""
        size, ratio = self.iconSize(), self.devicePixelRatioF()
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        colours = self._look.colours
        box = QRectF(1, 1, size.width() * 0.8, size.height() - 2)
        knob = box.adjusted(2, 2, -2, -2)
        knob.setWidth(knob.height())
        if on:
            knob.moveRight(box.right() - 2)
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(colours.pill_ink if on else colours.label))
            painter.setBrush(QColor(colours.pill_ink) if on else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.pill if on else colours.label))
            painter.drawEllipse(knob)
        return picture
