"""The keys that arrived, one small cap each: the character, its code, the time since the last."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from offcirc.desk.face.look import Look
from offcirc.desk.side.sidewindow import Tones
from offcirc.i18n import _, pgettext


@dataclass(frozen=True, slots=True)
class Cap:
    """One key as it is shown.

    Attributes:
        character: what it gave.
        gap: milliseconds since the key before; ``None`` for the first.
        meant: the character it should have given, where that is known and another one.
    """

    character: str
    gap: int | None = None
    meant: str = ""

    @property
    def face(self) -> str:
        """What is written on it."""
        return key_name(self.character)

    @property
    def code(self) -> str:
        """The character's number in Unicode."""
        return f"U+{ord(self.character[:1] or ' '):04X}"

    @property
    def spoken(self) -> str:
        """The key as a screen reader says it."""
        text = f"{self.face} {self.code}"
        if self.meant:
            text = _("{key}, {meant} was meant").format(key=text, meant=self.meant)
        return text


def key_name(character: str) -> str:
    """A character, or the name of the key where there is nothing to see."""
    names = {
        "\r": pgettext("key", "Enter"),
        "\n": "LF",
        "\t": pgettext("key", "Tab"),
        " ": pgettext("key", "Space"),
        "\b": pgettext("key", "Back"),
        "\x7f": pgettext("key", "Del"),
    }
    if character in names:
        return names[character]
    if character.isprintable():
        return character
    control = ord(character[:1] or " ")
    return f"^{chr(control + 64)}" if control < 32 else f"{control:X}"


_WIDTH = 2.55
_WIDE = 3.5
_HEIGHT = 3.0
_GAP = 0.22


class KeyCaps(QWidget):
    """The caps in rows, as many in each as there is room for."""

    def __init__(self, look: Look, tones: Tones, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._tones = tones
        self._caps: tuple[Cap, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def caps(self) -> tuple[Cap, ...]:
        """What is shown."""
        return self._caps

    def show_caps(self, caps: tuple[Cap, ...]) -> None:
        """Show other keys."""
        if caps == self._caps:
            return
        self._caps = caps
        self.setAccessibleName(", ".join(cap.spoken for cap in caps))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As tall as the present width asks for."""
        width = max(self.width(), self._look.px(20))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """One row."""
        return QSize(0, self._look.px(_HEIGHT))

    def heightForWidth(self, width: int) -> int:
        """The rows that so much width needs."""
        places = self._places(width)
        unit = self._look.em
        return round(places[-1].bottom() + 1) if places else round(unit * _HEIGHT)

    def _places(self, width: float) -> list[QRectF]:
        unit = self._look.em
        places: list[QRectF] = []
        x = y = 0.0
        for cap in self._caps:
            wide = (_WIDE if len(cap.face) > 2 else _WIDTH) * unit
            if x and x + wide > width:
                x, y = 0.0, y + (_HEIGHT + _GAP) * unit
            places.append(QRectF(x, y, wide, _HEIGHT * unit))
            x += wide + _GAP * unit
        return places

    def changeEvent(self, event: QEvent) -> None:
        """Paint anew in another state."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Every cap in sight."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for cap, place in zip(self._caps, self._places(self.width()), strict=True):
                if event.rect().intersects(place.toAlignedRect()):
                    self._paint(painter, cap, place.adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint(self, painter: QPainter, cap: Cap, box: QRectF) -> None:
        look, tones = self._look, self._tones
        unit = look.em
        wrong = bool(cap.meant)
        painter.setPen(QPen(QColor(tones.error if wrong else tones.edge), max(unit * 0.06, 1)))
        painter.setBrush(QColor(tones.notice if wrong else tones.card))
        painter.drawRoundedRect(box, unit * 0.25, unit * 0.25)
        ink = QColor(tones.notice_ink if wrong else tones.ink)
        faint = QColor(tones.notice_ink if wrong else tones.faint)
        middle = Qt.AlignmentFlag.AlignCenter
        face = QRectF(box.left(), box.top() + unit * 0.1, box.width(), unit * 1.35)
        painter.setPen(ink)
        painter.setFont(look.small if len(cap.face) > 2 else look.code)
        painter.drawText(face, middle, cap.face)
        painter.setFont(look.tiny)
        line = QFontMetricsF(look.tiny).height()
        below = QRectF(box.left(), face.bottom() + unit * 0.02, box.width(), line)
        painter.setPen(faint)
        painter.drawText(below, middle, f"≠ {cap.meant}" if wrong else cap.code)
        if cap.gap is not None:
            below.translate(0, line)
            painter.drawText(below, middle, _("{n} ms").format(n=cap.gap))
