"""The moments at which what lies in the book drop may have come back, to choose from.

It lies in the desk's own window, as the tools do: nothing loses the focus by it, a scan closes it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from offcirc.desk.face.look import quiet_button
from offcirc.desk.words import dropwords

if TYPE_CHECKING:
    from offcirc.desk.desk import DeskHost
    from offcirc.desk.shop.book_drop import BookDrop


class DropPanel(QFrame):
    """The last closing times, and steps to any other moment: a field would swallow a scan.

    Attributes:
        moments: the buttons of the closing times.
        day, time: the other moment.
        take: the button that takes it.
    """

    def __init__(self, desk: DeskHost, drop: BookDrop) -> None:
        super().__init__(desk.pane)
        self._desk = desk
        self._drop = drop
        look = desk.look
        self.setObjectName("tools")
        self.setAccessibleName(dropwords.label())
        self._column = QVBoxLayout(self)
        pad = look.px(0.4)
        self._column.setContentsMargins(pad, pad, pad, pad)
        self._column.setSpacing(look.px(0.25))
        self.moments: list[QPushButton] = []
        self.day, self.time = QLabel(self), QLabel(self)
        for label in (self.day, self.time):
            label.setFont(look.text)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setMinimumWidth(look.px(5))
        self._at = drop.moment or desk.now().replace(tzinfo=None)
        row = QHBoxLayout()
        for what, by in (("day", timedelta(days=1)), ("time", timedelta(minutes=30))):
            for sign, way in (("−", -by), ("+", by)):
                step = self._button(sign)
                step.setAutoRepeat(True)
                step.setAccessibleName(dropwords.step(what, back=sign != "+"))
                step.setToolTip(step.accessibleName())
                step.clicked.connect(partial(self._step, way))
                row.addWidget(step)
                if sign != "+":
                    label = self.day if what == "day" else self.time
                    row.addWidget(label)
        self._column.addLayout(row)
        self.take = self._button("")
        self.take.clicked.connect(lambda: self._chosen(self._at))
        self._column.addWidget(self.take)
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.shut)
        leave.setContext(Qt.ShortcutContext.WindowShortcut)
        desk.keys.arrived.connect(self.hide)
        desk.recorded.connect(self.hide)
        self.hide()

    def toggle(self, closings: list[datetime]) -> None:
        """Open, or close again.

        Args:
            closings: the closing times to offer.
        """
        if self.isVisible():
            self.shut()
            return
        for button in self.moments:
            button.deleteLater()
        self.moments = [self._moment(at) for at in closings]
        for place, button in enumerate(self.moments):
            self._column.insertWidget(place, button)
        now = self._desk.now().replace(tzinfo=None)
        self._at = self._drop.moment or (closings[0] if closings else _evening(now))
        self._step(timedelta(0))
        self.adjustSize()
        pane = self._desk.pane
        layout = pane.layout()
        if layout is not None:
            layout.activate()  # the switch may have come just now
        place_of = self._desk.ui.drop
        corner = place_of.mapTo(pane, place_of.rect().bottomLeft())
        left = min(corner.x(), pane.width() - self.width() - self._desk.look.px(0.5))
        self.move(left, corner.y() + self._desk.look.px(0.3))
        self.show()
        self.raise_()
        (self.moments[0] if self.moments else self.take).setFocus(Qt.FocusReason.OtherFocusReason)

    def shut(self) -> None:
        """Close; the next scan finds its field."""
        self.hide()
        self._desk.focus(self._desk.target())

    def _moment(self, at: datetime) -> QPushButton:
        button = self._button(dropwords.moment(at))
        button.clicked.connect(lambda: self._chosen(at))
        return button

    def _button(self, text: str) -> QPushButton:
        button = quiet_button(text, self._desk.look.text, self)
        self._desk.keys.watch(button)
        return button

    def _step(self, way: timedelta) -> None:
        self._at += way
        self.day.setText(dropwords.day(self._at))
        self.time.setText(f"{self._at:%H:%M}")
        self.take.setText(dropwords.use(self._at))

    def _chosen(self, at: datetime) -> None:
        self.hide()
        self._drop.begin(at)


def _evening(now: datetime) -> datetime:
    """Where to begin when nothing tells when the library closed: six o'clock, the day before."""
    return now.replace(hour=18, minute=0, second=0, microsecond=0) - timedelta(days=1)
