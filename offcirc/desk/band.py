"""The large band that says what became of the last scan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from offcirc.desk import look as style
from offcirc.desk.look import Look
from offcirc.windows.signs import Sign, draw_disc, draw_sign


class Kind(StrEnum):
    """What a message is; each has its own colour and its own sign."""

    READY = "ready"
    RECORDED = "recorded"
    RESCUED = "rescued"
    """Recorded, but in the fallback place."""
    NOTICE = "notice"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Message:
    """What the band says.

    Attributes:
        kind: ready, recorded (in its place or elsewhere), notice or refused.
        title: what happened, in a few words.
        code: the barcode or identifier it is about; drawn in the face for barcodes.
        detail: one or two lines more: for whom, when, what to do.
    """

    kind: Kind
    title: str
    code: str = ""
    detail: str = ""

    @property
    def spoken(self) -> str:
        """The message as a screen reader says it."""
        first = f"{self.title} {self.code}" if self.code else self.title
        return f"{first}. {self.detail}" if self.detail else first


_GROUND = {
    Kind.READY: QColor("#1450a8"),
    Kind.RECORDED: style.GREEN,
    Kind.RESCUED: style.RED,
    Kind.NOTICE: style.OCHRE,
    Kind.REFUSED: style.RED,
}
_INK = {
    Kind.READY: style.WHITE,
    Kind.RECORDED: style.WHITE,
    Kind.RESCUED: style.WHITE,
    Kind.NOTICE: QColor("#3a2600"),
    Kind.REFUSED: style.WHITE,
}
_SIGNS = {
    Kind.READY: Sign.BARCODE,
    Kind.RECORDED: Sign.TICK,
    Kind.RESCUED: Sign.TICK,
    Kind.NOTICE: Sign.EXCLAMATION,
    Kind.REFUSED: Sign.CROSS,
}
_DASH = " — "
_WRAPPED = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
_SIGN = 1.9
_BEFORE_SIGN = 0.75


class Band(QWidget):
    """Shows one :class:`Message`; painted by hand so that a scan costs one small repaint."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._message = Message(Kind.READY, "")
        self._grounds: dict[Kind, QPixmap] = {}
        self._place: tuple[QRect, int, float] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setObjectName("band")
        title = QFontMetricsF(look.title)
        self._metrics = QFontMetricsF(look.text)
        self._title_line = max(title.height(), QFontMetricsF(look.title_code).height())
        self._title_ascent = title.ascent()
        self.setFixedHeight(round(self._title_line + 2 * self._metrics.height() + look.em * 0.75))

    @property
    def message(self) -> Message:
        """What the band says now."""
        return self._message

    def say(self, message: Message) -> None:
        """Show a message and let screen readers announce it."""
        self._message = message
        self.update()
        if self.isVisible():
            self._announce(message)

    def _announce(self, message: Message) -> None:
        # 2 ms that the first painting of the window can do without.
        from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

        if not QAccessible.isActive():
            return
        self.setAccessibleName(message.spoken)
        event = QAccessibleAnnouncementEvent(self, message.spoken)
        if message.kind in (Kind.REFUSED, Kind.RESCUED, Kind.NOTICE):
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)

    def sizeHint(self) -> QSize:
        """Wide enough for a message of usual length."""
        return QSize(self._look.px(20), self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, sign, title with barcode, detail."""
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._ground(self._message.kind))
            em = self._look.em
            left = em * (_BEFORE_SIGN + _SIGN + _BEFORE_SIGN)
            room = self.width() - left - em * 0.6
            self._draw_words(painter, QRectF(left, 0, room, self.height()))

    def _ground(self, kind: Kind) -> QPixmap:
        """Colour and sign of a kind of message; kept, for a scan is to cost little."""
        place = (self.geometry(), self.window().height(), self.devicePixelRatioF())
        if place != self._place:
            self._place = place
            self._grounds.clear()
        if kind not in self._grounds:
            self._grounds[kind] = self._paint_ground(kind)
        return self._grounds[kind]

    def _paint_ground(self, kind: Kind) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap((self.size().toSizeF() * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        # Opaque, so that nothing behind need be painted: the corners show the window's ground.
        middle = self.geometry().center().y() / max(self.window().height(), 1)
        picture.fill(style.ground_colour(middle))
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_GROUND[kind])
            em, box = self._look.em, QRectF(self.rect())
            painter.drawRoundedRect(box, em * 0.35, em * 0.35)
            side = em * _SIGN
            place = QRectF(em * _BEFORE_SIGN, (box.height() - side) / 2, side, side)
            draw_disc(painter, place, _INK[kind])
            draw_sign(painter, _SIGNS[kind], place, _INK[kind])
        return picture

    def _draw_words(self, painter: QPainter, room: QRectF) -> None:
        message = self._message
        painter.setPen(_INK[message.kind])
        font, below = self._fit(message.detail, room.width())
        top = room.top() + (room.height() - self._title_line - below) / 2
        self._draw_title(painter, room.left(), top + self._title_ascent, room.width())
        if below:
            painter.setFont(font)
            place = QRectF(room.left(), top + self._title_line, room.width(), below + 2)
            painter.drawText(place, _WRAPPED, message.detail)

    def _fit(self, detail: str, width: float) -> tuple[QFont, float]:
        """The type that shows a detail whole, smaller for long ones, and the height it takes."""
        look = self._look
        if not detail:
            return look.text, 0.0
        if self._metrics.horizontalAdvance(detail) <= width:
            return look.text, self._metrics.height()
        most = self.height() - self._title_line
        endless = QRectF(0, 0, width, 10_000)
        font = look.text
        for font in (look.text, look.small, look.tiny):
            need = QFontMetricsF(font).boundingRect(endless, _WRAPPED, detail).height()
            if need <= most:
                return font, need
        return font, most

    def _draw_title(self, painter: QPainter, left: float, baseline: float, width: float) -> None:
        message, look = self._message, self._look
        metrics = QFontMetricsF(look.title)
        painter.setFont(look.title)
        if not message.code:
            shown = metrics.elidedText(message.title, Qt.TextElideMode.ElideRight, width)
            painter.drawText(QPointF(left, baseline), shown)
            return
        first = message.title + _DASH
        painter.drawText(QPointF(left, baseline), first)
        used = metrics.horizontalAdvance(first)
        code = QFontMetricsF(look.title_code)
        shown = code.elidedText(message.code, Qt.TextElideMode.ElideMiddle, max(width - used, 1))
        painter.setFont(look.title_code)
        painter.drawText(QPointF(left + used, baseline), shown)
