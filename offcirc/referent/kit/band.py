"""The band that says what the person has to know now; nothing to answer, nothing is pushed away."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from offcirc.i18n import _
from offcirc.referent.kit.look import ReferentLook
from offcirc.windows.announce import announce
from offcirc.windows.signs import Sign, draw_disc, draw_sign


class NoticeKind(StrEnum):
    """What a message is; each has its own colour and its own sign."""

    DONE = "done"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


_INK = {
    NoticeKind.DONE: QColor("#ffffff"),
    NoticeKind.NOTE: QColor("#0b3d91"),
    NoticeKind.WARNING: QColor("#3a2600"),
    NoticeKind.ERROR: QColor("#ffffff"),
}

_SIGNS = {
    NoticeKind.DONE: Sign.TICK,
    NoticeKind.NOTE: Sign.INFORMATION,
    NoticeKind.WARNING: Sign.EXCLAMATION,
    NoticeKind.ERROR: Sign.CROSS,
}


class NoticeBand(QFrame):
    """Shows one message until the next one, or until it is put away.

    It lies over the middle of the line below the page, where else is said how one stands; a long
    message grows upwards, over the page.
    """

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._middle: QWidget | None = None
        self._line: QWidget | None = None
        self.setObjectName("band")
        self._kind = NoticeKind.NOTE
        self._act: Callable[[], None] | None = None
        self._sign = _Sign(look, self)
        self._text = QLabel(self)
        self._text.setFont(look.text)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = QPushButton(self)
        self._action.setFont(look.strong)
        self._action.setObjectName("bandAction")
        self._action.clicked.connect(self._clicked)
        self._close = QPushButton("✕", self)
        self._close.setObjectName("bandClose")
        self._close.setFont(look.text)
        self._close.setAccessibleName(_("Put this message away"))
        self._close.setToolTip(_("Put this message away"))
        self._close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(0.8), look.px(0.4), look.px(0.5), look.px(0.4))
        row.setSpacing(look.px(0.6))
        row.addWidget(self._sign)
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.hide()

    @property
    def kind(self) -> NoticeKind:
        """What the message shown is."""
        return self._kind

    @property
    def message(self) -> str:
        """What the band says; empty while it is not shown."""
        return "" if self.isHidden() else self._text.text()

    def say(
        self,
        kind: NoticeKind,
        text: str,
        action: str = "",
        act: Callable[[], None] | None = None,
    ) -> None:
        """Show a message and let screen readers announce it.

        Args:
            kind: its colour and sign.
            text: what to say.
            action: the words of a button that does the next step; none when empty.
            act: what that button does.
        """
        self._kind = kind
        self._act = act
        self._sign.show_kind(kind)
        self._text.setText(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setProperty("kind", kind.value)
        for widget in (self, self._text, self._action, self._close):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self.show()
        self.raise_()
        self._place()
        self._announce()

    def lie_over(self, middle: QWidget, line: QWidget) -> None:
        """Say where the band lies.

        Args:
            middle: the part of the line that it may cover.
            line: the line; where its middle is narrow, the band lies above it.
        """
        self._middle, self._line = middle, line
        for widget in (middle, line):
            widget.installEventFilter(self)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the line."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        window = self.parentWidget()
        if self._middle is None or self._line is None or window is None or self.isHidden():
            return
        line = QRect(self._line.mapTo(window, QPoint(0, 0)), self._line.size())
        middle = QRect(self._middle.mapTo(window, QPoint(0, 0)), self._middle.size())
        gap = self._look.px(0.35)
        wide = middle.width() >= self._look.px(26)
        left, width = (middle.left(), middle.width()) if wide else (gap, line.width() - 2 * gap)
        bottom = line.bottom() - gap if wide else line.top() - gap
        height = self.heightForWidth(width)
        if wide:
            height = max(height, line.height() - 2 * gap)
        self.setGeometry(left, bottom - height + 1, width, height)

    def clear(self) -> None:
        """Say nothing."""
        self._text.clear()
        self.hide()

    def _clicked(self) -> None:
        if self._act is not None:
            self._act()

    def _announce(self) -> None:
        self.setAccessibleName(self._text.text())
        announce(
            self, self._text.text(), urgent=self._kind in (NoticeKind.ERROR, NoticeKind.WARNING)
        )


class _Sign(QWidget):
    """A disc with a tick, a cross, an exclamation mark or an i."""

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        self._side = look.px(1.3)
        self._kind = NoticeKind.NOTE
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_kind(self, kind: NoticeKind) -> None:
        """Draw the sign of this kind."""
        self._kind = kind
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._side, self._side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The disc and the sign in it."""
        ink = _INK[self._kind]
        box = QRectF(self.rect())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_disc(painter, box, ink)
        draw_sign(painter, _SIGNS[self._kind], box, ink)
