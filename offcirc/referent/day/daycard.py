"""The picture of the day in its card: title, what the colours mean, what is pointed at."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from offcirc.i18n import _
from offcirc.referent.day.daydata import DayData
from offcirc.referent.day.daypicture import LOANS, RETURNS, DayPicture
from offcirc.referent.kit.flow_layout import Flow
from offcirc.referent.kit.look import RED, ReferentLook
from offcirc.referent.kit.parts import label, make_card


class DayCard(QFrame):
    """A :class:`DayPicture` with all that it takes to be understood.

    Attributes:
        told: what is pointed at, in words.
    """

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        column = make_card(self, look)
        column.setSpacing(look.px(0.3))
        top = Flow(look.px(0.7))
        for colour, text in (
            (LOANS, _("loans, upwards")),
            (RETURNS, _("returns, downwards")),
            (RED, _("refused or doubtful")),
        ):
            top.addWidget(_Swatch(look, colour, text, self))
        self.told = label("", look.small, self)
        self.told.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.told.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        top.addWidget(self.told)
        self.picture = DayPicture(look, self)
        self.picture.told.connect(self.told.setText)
        column.addLayout(top)
        column.addWidget(self.picture, 1)

    def show_data(self, data: DayData) -> None:
        """Draw these counts."""
        self.picture.show_data(data)


class _Swatch(QWidget):
    """A colour of the picture, and what it means."""

    def __init__(self, look: ReferentLook, colour: QColor, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._side = look.px(0.7)
        self._colour = colour
        row = QHBoxLayout(self)
        row.setContentsMargins(self._side + look.px(0.35), 0, 0, 0)
        row.addWidget(label(text, look.small, self, "faint"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The colour."""
        box = QRectF(0, (self.height() - self._side) / 2, self._side, self._side)
        QPainter(self).fillRect(box, self._colour)
