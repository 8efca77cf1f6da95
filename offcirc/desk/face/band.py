"""The large band that says what became of the last scan.

Nothing in it has to be dismissed: after a while its colour fades by itself, and what it says stays
readable until something else happens.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from offcirc.desk.face import look as style
from offcirc.desk.face.look import Look
from offcirc.desk.message import SECONDS, Message, MessageKind
from offcirc.windows.signs import Sign, draw_disc, draw_sign

_FADE_MILLISECONDS = 600
_FADE_STEP = 40
_SIGNS = {
    MessageKind.READY: Sign.BARCODE,
    MessageKind.RECORDED: Sign.TICK,
    MessageKind.RESCUED: Sign.ASIDE,
    MessageKind.NOTICE: Sign.EXCLAMATION,
    MessageKind.KNOWN: Sign.LIST,
    MessageKind.STOP: Sign.STOP,
    MessageKind.REFUSED: Sign.CROSS,
    MessageKind.BEHIND: Sign.INFORMATION,
}
_DASH = " — "
_WRAPPED = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
_SIGN = 1.9
_BEFORE_SIGN = 0.75


class Band(QWidget):
    """Shows one :class:`Message`; painted by hand so that a scan costs one small repaint."""

    def __init__(self, look: Look, parent: QWidget | None = None, *, small: bool = False) -> None:
        """Prepare; :meth:`say` gives it something to say.

        Args:
            look: type and sizes.
            parent: the widget it stands in.
            small: whether it says again what another band says: in one line, and no screen reader
                hears it twice.
        """
        super().__init__(parent)
        self._look = look
        self._small = small
        self._message = Message(MessageKind.READY, "")
        self._behind: Message | None = None
        self._colours = {
            kind: (QColor(ground), QColor(ink)) for kind, (ground, ink) in _colours(look).items()
        }
        self._edge = QColor(look.colours.band_edge)
        self._grounds: dict[tuple[MessageKind, bool], QPixmap] = {}
        self._faded = 0.0
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._begin_fading)
        self._fading = QTimer(self, interval=_FADE_STEP)
        self._fading.timeout.connect(self._fade_on)
        self._place: tuple[QRect, int, float] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setObjectName("band")
        title = QFontMetricsF(look.title)
        self._metrics = QFontMetricsF(look.text)
        self._title_line = max(title.height(), QFontMetricsF(look.title_code).height())
        self._title_ascent = title.ascent()
        more = look.em * 0.4 if small else 2 * self._metrics.height() + look.em * 0.75
        self.setFixedHeight(round(self._title_line + more))

    @property
    def message(self) -> Message:
        """What the band says now."""
        return self._message

    @property
    def faded(self) -> float:
        """How far the message's colour has faded: 0 not at all, 1 altogether."""
        return self._faded

    def go_behind(self, message: Message | None) -> None:
        """Show instead of all others, in grey, that scans do not arrive; ``None``: they do."""
        if message != self._behind:
            self._behind = message
            self.update()

    @property
    def shown(self) -> Message:
        """What can be read in it: :attr:`message`, unless the window is behind."""
        return self._behind or self._message

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """A click on the band brings the window to the front."""
        self.window().activateWindow()

    def say(self, message: Message) -> None:
        """Show a message and let screen readers announce it."""
        self._message = message
        self._faded = 0.0
        self._fading.stop()
        if message.lasting or message.kind is MessageKind.READY:
            self._rest.stop()
        else:
            self._rest.start(round(SECONDS[message.kind] * 1000))
        self.update()
        if not self._small and self.isVisible():
            self._announce(message)

    def add_beside(self, message: object, beside: tuple[str, ...]) -> None:
        """Say something more at the right of a message, if it is still the one that is said."""
        if beside and message is self._message and not self._message.beside:
            self._message = replace(self._message, beside=beside)
            self.update()
            if not self._small and self.isVisible():
                self._announce(self._message)

    def _announce(self, message: Message) -> None:
        # 2 ms that the first painting of the window can do without.
        from PySide6.QtGui import QAccessible

        if not QAccessible.isActive():
            return
        from offcirc.windows.announce import announce

        self.setAccessibleName(message.spoken)
        urgent = message.kind not in (MessageKind.READY, MessageKind.RECORDED)
        announce(self, message.spoken, urgent=urgent)

    def _begin_fading(self) -> None:
        self._fading.start()

    def _fade_on(self) -> None:
        self._faded = min(self._faded + _FADE_STEP / _FADE_MILLISECONDS, 1.0)
        if self._faded >= 1.0:
            self._fading.stop()
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for a message of usual length."""
        return QSize(self._look.px(20), self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, sign, title with barcode, detail."""
        with QPainter(self) as painter:
            message = self.shown
            kind, faded = message.kind, 0.0 if self._behind else self._faded
            if faded:
                painter.drawPixmap(0, 0, self._ground(kind, calm=True))
                painter.setOpacity(1.0 - faded)
            if faded < 1.0:
                painter.drawPixmap(0, 0, self._ground(kind))
            painter.setOpacity(1.0)
            em = self._look.em
            left = em * (_BEFORE_SIGN + _SIGN + _BEFORE_SIGN)
            room = self.width() - left - em * 0.6 - self._draw_beside(painter, message, faded)
            self._draw_words(painter, message, faded, QRectF(left, 0, room, self.height()))

    def _ground(self, kind: MessageKind, *, calm: bool = False) -> QPixmap:
        """Colour and sign of a kind of message; kept, for a scan is to cost little."""
        place = (self.geometry(), self.window().height(), self.devicePixelRatioF())
        if place != self._place:
            self._place = place
            self._grounds.clear()
        key = (kind, calm)
        if key not in self._grounds:
            self._grounds[key] = self._paint_ground(kind, *self._colours_of(kind, calm))
        return self._grounds[key]

    def _colours_of(self, kind: MessageKind, calm: bool) -> tuple[QColor, QColor]:
        return self._colours[MessageKind.READY if calm else kind]

    def _paint_ground(self, kind: MessageKind, colour: QColor, ink: QColor) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap((self.size().toSizeF() * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        # Opaque, so that nothing behind need be painted: the corners show the window's ground.
        middle = self.geometry().center().y() / max(self.window().height(), 1)
        picture.fill(style.ground_colour(self._look.colours, middle))
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            em, box = self._look.em, QRectF(self.rect())
            pen = em * 0.12 if self._edge.alpha() else 0.0
            painter.setPen(QPen(self._edge, pen) if pen else QPen(Qt.PenStyle.NoPen))
            painter.setBrush(colour)
            painter.drawRoundedRect(
                box.adjusted(pen / 2, pen / 2, -pen / 2, -pen / 2), em * 0.35, em * 0.35
            )
            side = min(em * _SIGN, box.height() * 0.8)
            place = QRectF(em * _BEFORE_SIGN, (box.height() - side) / 2, side, side)
            draw_disc(painter, place, ink)
            draw_sign(painter, _SIGNS[kind], place, ink)
        return picture

    def _draw_words(self, painter: QPainter, message: Message, faded: float, room: QRectF) -> None:
        ink, calm = self._colours[message.kind][1], self._colours[MessageKind.READY][1]
        painter.setPen(style.mixed(ink, calm, faded) if faded else ink)
        font, below = self._fit("" if self._small else message.detail, room.width())
        top = room.top() + (room.height() - self._title_line - below) / 2
        self._draw_title(painter, message, room.left(), top + self._title_ascent, room.width())
        if below:
            painter.setFont(font)
            place = QRectF(room.left(), top + self._title_line, room.width(), below + 2)
            painter.drawText(place, _WRAPPED, message.detail)

    def _draw_beside(self, painter: QPainter, message: Message, faded: float) -> float:
        """What stands large at the right, behind a line; how much room it takes."""
        if not message.beside or self._small:
            return 0.0
        look, em = self._look, self._look.em
        fonts = (look.small, look.title, look.small)
        metrics = [QFontMetricsF(font) for font in fonts]
        texts = list(zip(message.beside, fonts, metrics, strict=False))
        wide = max(metric.horizontalAdvance(text) for text, _font, metric in texts)
        ink, calm = self._colours[message.kind][1], self._colours[MessageKind.READY][1]
        painter.setPen(style.mixed(ink, calm, faded) if faded else ink)
        top = (self.height() - sum(metric.height() * 0.92 for _t, _f, metric in texts)) / 2
        left = self.width() - em * 0.9 - wide
        for text, font, metric in texts:
            painter.setFont(font)
            place = QRectF(left, top, wide + 1, metric.height())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignRight), text)
            top += metric.height() * 0.92
        x = left - em * 0.9
        painter.drawLine(QPointF(x, em * 0.6), QPointF(x, self.height() - em * 0.6))
        return wide + em * 2.4

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

    def _draw_title(
        self, painter: QPainter, message: Message, left: float, baseline: float, width: float
    ) -> None:
        look = self._look
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


def _colours(look: Look) -> dict[MessageKind, tuple[str, str]]:
    """Ground and ink of each kind of message."""
    colours = look.colours
    return {
        MessageKind.READY: (colours.ready, colours.ready_ink),
        MessageKind.RECORDED: (colours.recorded, colours.recorded_ink),
        MessageKind.RESCUED: (colours.rescued, colours.rescued_ink),
        MessageKind.NOTICE: (colours.notice, colours.notice_ink),
        MessageKind.KNOWN: (colours.notice, colours.notice_ink),
        MessageKind.STOP: (colours.refused, colours.refused_ink),
        MessageKind.REFUSED: (colours.refused, colours.refused_ink),
        MessageKind.BEHIND: (colours.behind, colours.behind_ink),
    }
