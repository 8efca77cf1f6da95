"""What the windows beside the desk have in common: a head, cards on a light ground, a foot.

They are windows of their own that block nothing. No button in them is a default one: an Enter,
which may be the end of a scan, presses nothing.
"""

from __future__ import annotations

from string import Template

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeySequence, QPainter, QPen, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from offcirc import resources
from offcirc.desk.face.colours import BLACK, DEEP, GREY, SLATE, WHITE, YELLOW, Shade, Shades
from offcirc.desk.face.look import Look, quiet_button
from offcirc.i18n import _


class Tones(Shades):
    """The colours of a window beside the desk, each by what it is for: blue, dark, light."""

    ground = Shade("#f3f7fe", BLACK, WHITE)
    card = Shade(WHITE, BLACK, WHITE)
    ink = Shade("#0a1f44", WHITE, BLACK)
    faint = Shade("#53617c", "#d9d9d9", "#333333")
    line = Shade("#d3deef", WHITE, BLACK)
    edge = Shade("#758ab5", WHITE, BLACK)
    accent = Shade("#0b3d91", YELLOW, BLACK)
    accent_ink = Shade(WHITE, BLACK, WHITE)
    focus = Shade("#0b3d91", YELLOW, DEEP)
    focus_ground = Shade("#fff8e1", BLACK, WHITE)
    error = Shade("#a81c2b", "#ff9a9a", "#8f0000")
    good = Shade("#14733a", "#7dffa0", "#004d1a")
    good_ink = Shade(WHITE, BLACK, WHITE)
    notice = Shade("#ffe7ad", BLACK, WHITE)
    notice_line = Shade("#ecc868", YELLOW, BLACK)
    notice_ink = Shade("#3a2600", YELLOW, BLACK)
    button = Shade("#dfe9fa", BLACK, WHITE)
    button_edge = Shade("#dfe9fa", WHITE, BLACK)
    amber = Shade("#ffcf4d", YELLOW, BLACK)
    amber_ink = Shade("#3a2600", BLACK, WHITE)
    off_edge = Shade("#d3deef", "#7a7a7a", "#8a8a8a")
    off_ink = Shade("#53617c", GREY, SLATE)


class WrappedLabel(QLabel):
    """A text of several lines that takes exactly the height its width asks for."""

    def __init__(self, text: str, font: QFont, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(font)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        policy.setVerticalPolicy(QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)


class Sheet(QWidget):
    """What is scrolled: as wide as the window, however wide its parts would like to be."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sheet")

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, super().minimumSizeHint().height())


class SideWindow(QWidget):
    """A window beside the desk.

    Attributes:
        look: type and sizes.
        tones: colours.
        body: where the cards go.
        foot: the row of buttons at the foot.
    """

    def __init__(
        self,
        look: Look,
        title: str,
        intro: str,
        parent: QWidget | None = None,
        tones: Tones | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.look = look
        self.tones = tones = tones or Tones(look.colours.style)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(_window_title(title))
        self.setStyleSheet(style_sheet(look, tones))
        self.sheet = Sheet()
        self.body = QVBoxLayout(self.sheet)
        self.body.setContentsMargins(look.px(0.8), look.px(0.7), look.px(0.8), look.px(0.8))
        self.body.setSpacing(look.px(0.6))
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.sheet)
        foot = QFrame(self)
        foot.setObjectName("foot")
        self.foot = QHBoxLayout(foot)
        self.foot.setContentsMargins(look.px(0.8), look.px(0.4), look.px(0.8), look.px(0.4))
        self.foot.setSpacing(look.px(0.5))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._head(title, intro))
        whole.addWidget(self.area, 1)
        whole.addWidget(foot)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)

    def _head(self, title: str, intro: str) -> QFrame:
        head = QFrame(self)
        head.setObjectName("head")
        column = QVBoxLayout(head)
        look = self.look
        column.setContentsMargins(look.px(0.8), look.px(0.45), look.px(0.8), look.px(0.5))
        column.setSpacing(look.px(0.1))
        name = QLabel(title, head)
        name.setFont(look.title)
        column.addWidget(name)
        column.addWidget(WrappedLabel(intro, look.small, head))
        return head

    def card(self, heading: str = "") -> QVBoxLayout:
        """Add a card to the body, and return its column."""
        look = self.look
        frame = QFrame(self.sheet)
        frame.setObjectName("card")
        column = QVBoxLayout(frame)
        column.setContentsMargins(look.px(0.7), look.px(0.55), look.px(0.7), look.px(0.65))
        column.setSpacing(look.px(0.25))
        if heading:
            title = QLabel(heading, frame)
            title.setObjectName("heading")
            title.setFont(look.strong)
            column.addWidget(title)
        self.body.addWidget(frame)
        return column

    def button(self, text: str, name: str = "", parent: QWidget | None = None) -> QPushButton:
        """A button that no Enter presses."""
        font = self.look.small if name == "small" else self.look.strong
        return quiet_button(text, font, parent or self, name)

    def place(self, lines_wide: float, lines_tall: float) -> None:
        """Take a good size, and no more than most of the screen."""
        room = self.screen().availableGeometry()
        width = min(self.look.px(lines_wide), round(room.width() * 0.94))
        self.resize(width, min(self.look.px(lines_tall), round(room.height() * 0.9)))


class Padlock(QWidget):
    """A small padlock: this is set by somebody else."""

    def __init__(self, look: Look, colour: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._side = round(QFontMetricsF(look.small).height() * 0.8)
        self._colour = QColor(colour)
        self.setFixedSize(QSize(self._side, self._side))

    def paintEvent(self, _event: object) -> None:
        """Bow and body."""
        unit = self._side / 16
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._colour, unit * 2))
            painter.drawArc(QRectF(4.5 * unit, 1.5 * unit, 7 * unit, 9 * unit), 0, 180 * 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour)
            painter.drawRoundedRect(QRectF(2 * unit, 6.5 * unit, 12 * unit, 8.5 * unit), unit, unit)


def style_sheet(look: Look, tones: Tones) -> str:
    """The style sheet of a window beside the desk, with sizes and colours filled in."""
    source = resources.path("styles/desk-side.qss").read_text(encoding="utf-8")
    bar = look.px(0.5)
    dark = tones.accent_ink != "#ffffff"
    sizes = {
        "hair": max(look.px(0.04), 1),
        "thin": max(look.px(0.14 if tones.contrast else 0.07), 1),
        "tight": look.px(0.14),
        "gap": look.px(0.36),
        "wide": look.px(0.7),
        "round": look.px(0.26),
        "mark": look.px(0.62),
        "arrow": look.px(1.1),
        "bar": bar,
        "barround": bar // 2,
        "handle": look.px(2),
        "down": _icon("side-down-light" if dark else "side-down"),
        "tick": _icon("side-tick-dark" if dark else "side-tick"),
    }
    texts = {name: str(size) for name, size in sizes.items()}
    return Template(source).substitute(texts, **tones.by_name())


def _icon(name: str) -> str:
    return resources.path(f"styles/{name}.svg").as_posix()


def _window_title(title: str) -> str:
    return _("Offline Circulation — {name}").format(name=title)
