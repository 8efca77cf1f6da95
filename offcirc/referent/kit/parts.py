"""Small parts that the pages are put together from."""

from __future__ import annotations

import html
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from offcirc.referent.kit.look import GREEN, LINE, OCHRE, RED, SLATE, ReferentLook


def card(look: ReferentLook, parent: QWidget) -> tuple[QFrame, QVBoxLayout]:
    """A white card and the column its contents go into."""
    frame = QFrame(parent)
    return frame, make_card(frame, look)


def make_card(frame: QFrame, look: ReferentLook) -> QVBoxLayout:
    """Make a frame a white card; the column its contents go into."""
    frame.setObjectName("card")
    column = QVBoxLayout(frame)
    column.setContentsMargins(look.px(0.9), look.px(0.75), look.px(0.9), look.px(0.8))
    column.setSpacing(look.px(0.5))
    return column


def label(text: str, font: QFont, parent: QWidget, name: str = "", *, wrap: bool = False) -> QLabel:
    """A text; ``name`` picks its colour in the style sheet."""
    made = QLabel(text, parent)
    made.setFont(font)
    made.setObjectName(name)
    made.setWordWrap(wrap)
    if "&" not in text:
        made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def heading(text: str, look: ReferentLook, parent: QWidget) -> QLabel:
    """The title of a card; what stands beside it is pushed to the right."""
    made = label(text, look.heading, parent)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return made


def button(
    text: str,
    look: ReferentLook,
    parent: QWidget,
    act: Callable[[], object],
    name: str = "",
) -> QPushButton:
    """A button; ``name`` picks its colour in the style sheet."""
    made = QPushButton(text, parent)
    made.setFont(look.strong)
    made.setObjectName(name)
    made.setAutoDefault(False)
    made.clicked.connect(lambda _checked=False: act())
    return made


def set_tip(widget: QWidget, text: str) -> None:
    """Tell a text where the pointer rests; what looks like a web page is no web page."""
    widget.setToolTip(f"<span>{html.escape(text)}</span>" if "<" in text else text)


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Give a widget a property that the style sheet looks at."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def scrolled(page: QWidget, parent: QWidget) -> QScrollArea:
    """A page that can be reached entirely however small the window is."""
    area = QScrollArea(parent)
    area.setObjectName("page")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area


class Tile(QFrame):
    """A card with a large number and what it counts."""

    def __init__(self, look: ReferentLook, name: str, tone: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._name = name
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(0.9), look.px(0.55), look.px(0.9), look.px(0.55))
        column.setSpacing(0)
        self._label = label(name, look.small, self, "faint", wrap=True)
        self._figure = label("0", look.figure, self, "toned")
        column.addWidget(self._label)
        column.addWidget(self._figure)
        column.addStretch(1)
        self._tone = tone
        self.show_figure("0")

    @property
    def figure(self) -> str:
        """The number as it is shown."""
        return self._figure.text()

    def show_figure(self, figure: str, tone: str = "") -> None:
        """Show a number, in another tone than usual if one is given."""
        self._figure.setText(figure)
        set_property(self._figure, "tone", tone or self._tone)
        self._figure.setAccessibleName(f"{self._name} {figure}")
        self.setAccessibleName(f"{self._name} {figure}")


class Meter(QWidget):
    """A bar of what became of the lines: recorded green, refused red, doubtful ochre."""

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        self._parts: tuple[tuple[int, QColor], ...] = ()
        self._total = 0
        self._height = look.px(0.75)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_counts(
        self, recorded: int, earlier: int, refused: int, doubt: int, total: int
    ) -> None:
        """Show how many lines of ``total`` have come to what."""
        self._parts = (
            (earlier, SLATE),
            (recorded, GREEN),
            (refused, RED),
            (doubt, OCHRE),
        )
        self._total = total
        done = earlier + recorded + refused + doubt
        percent = round(100 * done / total) if total else 0
        self.setAccessibleName(f"{percent} %")
        self.update()

    def sizeHint(self) -> QSize:
        """A long thin bar."""
        return QSize(self._height * 20, self._height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground, and the parts one after the other."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        radius = box.height() / 2
        painter.setBrush(LINE)
        painter.drawRoundedRect(box, radius, radius)
        if not self._total:
            return
        done = sum(count for count, _colour in self._parts)
        left = 0.0
        painter.setClipRect(QRectF(0, 0, box.width() * done / self._total, box.height()))
        for number, (count, colour) in enumerate(self._parts):
            width = box.width() * count / self._total
            if not count:
                continue
            painter.setBrush(colour)
            rest = sum(more for more, _colour in self._parts[number:])
            # Drawn to the end of what is done: the next part covers it, and the ends stay round.
            reach = box.width() * rest / self._total
            first = radius if left == 0 else 0
            painter.drawRoundedRect(
                QRectF(left - (radius - first), 0, reach + radius, box.height()), radius, radius
            )
            left += width
