"""The panel beside a table: what the row chosen is, and below it, always in place, what to do."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from offcirc.i18n import _
from offcirc.referent.kit.cells import Tone, breakable, shortened
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label, set_property, set_tip


class SidePanel(QFrame):
    """A mark, a title and texts, which scroll if they must; and a foot, which never moves.

    Attributes:
        mark: what the row is, in two or three words.
        place: which of how many it is.
        body: what is told below the title goes here.
        foot: what can be done goes here.

    Signals:
        stepped: the next row is wanted (1), or the one before (-1).
    """

    stepped = Signal(int)

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._told = "", ""
        self.setObjectName("detail")
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(0.8), look.px(0.5), look.px(0.8), look.px(0.6))
        column.setSpacing(look.px(0.4))
        column.addLayout(self._head())
        inside = QWidget(self)
        inside.setObjectName("inside")
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(look.px(0.35))
        self.title = self.add_text(look.heading)
        self._area = QScrollArea(self)
        self._area.setObjectName("inside")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inside)
        self._area.setMinimumHeight(look.px(5))
        column.addWidget(self._area, 1)
        self.foot = QVBoxLayout()
        self.foot.setSpacing(look.px(0.35))
        column.addLayout(self.foot)

    def _head(self) -> QHBoxLayout:
        look = self._look
        row = QHBoxLayout()
        row.setSpacing(look.px(0.35))
        self.mark = label("", look.small_strong, self, "mark")
        self.mark.setFixedHeight(look.px(1.15))
        self.place = label("", look.small, self, "faint")
        row.addWidget(self.mark)
        row.addWidget(self.place, 1)
        for text, by, name, keys in (
            ("‹", -1, _("The one before"), "Alt+Up"),
            ("›", 1, _("The next one"), "Alt+Down"),
        ):
            step = button(text, look, self, partial(self.stepped.emit, by), "step")
            step.setAccessibleName(name)
            step.setToolTip(f"{name} ({keys})")
            step.setShortcut(QKeySequence(keys))
            step.setFixedWidth(look.px(1.8))
            row.addWidget(step)
        return row

    def add_text(self, font: QFont, name: str = "") -> QLabel:
        """Add a text that can be marked and copied."""
        made = label("", font, self, name, wrap=True)
        made.setTextFormat(Qt.TextFormat.PlainText)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(made)
        return made

    def say(self, part: QLabel, text: str) -> None:
        """Tell something; without anything to tell its place is free.

        No word of it is wider than the panel: a barcode of 255 characters is shortened in its
        middle, and told whole where the pointer rests.
        """
        shown = breakable(text)
        part.setText(shown)
        set_tip(part, text if shown != text else "")
        part.setVisible(bool(text))

    def show_mark(self, text: str, tone: Tone, place: str = "") -> None:
        """Tell what the row is, how much that matters, and which of how many it is."""
        self._told = text, place
        self._fit()
        set_property(self.mark, "tone", tone.value)
        set_property(self, "tone", tone.value)
        self._area.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The mark is shortened, and its place left out, where there is no room for them."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        text, place = self._told
        look = self._look
        room = max(self.width(), look.px(15)) - look.px(8.3)
        strong, small = QFontMetricsF(look.small_strong), QFontMetricsF(look.small)
        self.mark.setText(shortened(text, strong, room))
        set_tip(self.mark, text)
        self.mark.setVisible(bool(text))
        used = strong.horizontalAdvance(text) + small.horizontalAdvance(place)
        self.place.setText(place if used < room else "")


def narrow(act: QPushButton) -> None:
    """Let a button of a panel be as narrow as its place."""
    act.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    set_property(act, "narrow", True)  # its room beside the text is part of its least width
    act.setMinimumWidth(act.minimumSizeHint().width())


class Facts(QWidget):
    """Names and values in two columns."""

    def __init__(self, look: ReferentLook, names: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.values: list[QLabel] = []
        self._names: list[QLabel] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(look.px(0.6))
        grid.setVerticalSpacing(look.px(0.2))
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        for row, name in enumerate(names):
            title = label(name, look.text, self, "faint")
            value = label("", look.text, self, wrap=True)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(title, row, 0, top)
            grid.addWidget(value, row, 1)
            self._names.append(title)
            self.values.append(value)

    def show_values(self, values: list[str]) -> None:
        """Show values; rows without one are left out."""
        for title, value, text in zip(self._names, self.values, values, strict=True):
            value.setText("\n".join(breakable(line, 26) for line in text.split("\n")))
            set_tip(value, text)
            title.setVisible(bool(text))
            value.setVisible(bool(text))
