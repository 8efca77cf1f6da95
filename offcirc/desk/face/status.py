"""The line at the foot of the window: what is safe where, and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from offcirc.desk.face.look import Look

_GAP = 0.9
_PILL = 0.8
_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """What the status line says.

    Attributes:
        to_save: rows not in the file yet, worded.
        pending: whether there are any; they are shown on an amber ground.
        saved: rows of today in the file, worded.
        file: the file's name and its last save, worded.
        clock: the time.
        scanner: how it stands with the serial scanners, worded.
        waiting: how many barcodes are still to record, worded.
        drop: that the book drop is on, worded.
        hint: something that is to be put right, in short.
        advice: the same in full, for whoever points at it and for screen readers.
        place: where the file is; for whoever points at the line.
    """

    to_save: str = ""
    pending: bool = False
    saved: str = ""
    file: str = ""
    clock: str = ""
    scanner: str = ""
    waiting: str = ""
    drop: str = ""
    hint: str = ""
    advice: str = ""
    place: str = ""


class StatusLine(QWidget):
    """Shows a :class:`StatusFacts`; painted by hand so that a scan moves no other widget.

    Attributes:
        asked: called when somebody clicks on a hint, to know more.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        colours = look.colours
        self._ground = QColor(colours.status)
        self._ink = QColor(colours.status_ink)
        self._quiet = QColor(colours.status_faint)
        self._hint = QColor(colours.status_hint)
        self._amber = QColor(colours.pill)
        self._amber_ink = QColor(colours.pill_ink)
        self._standing = StatusFacts()
        self._end = 0.0
        """Where the amber ground ends."""
        self.asked: Callable[[], None] = lambda: None
        self.setObjectName("status")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(look.px(1.55))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def standing(self) -> StatusFacts:
        """What it says now."""
        return self._standing

    def say(self, standing: StatusFacts) -> None:
        """Show a new standing."""
        if standing == self._standing:
            return
        before, self._standing = self._standing, standing
        self.setAccessibleName(
            " · ".join(
                text
                for text in (
                    standing.to_save,
                    standing.waiting,
                    standing.drop,
                    standing.advice,
                    standing.saved,
                    standing.scanner,
                    standing.file,
                    standing.clock,
                )
                if text
            )
        )
        if (standing.advice, standing.place) != (before.advice, before.place):
            self.setToolTip("\n".join(filter(None, (standing.advice, standing.place))))
        if replace(before, to_save=standing.to_save) == standing and before.pending:
            # One more to save, as after each scan: unless the pill grew, the rest stays.
            end = self._pill_end(standing)
            if end == self._end:
                self.update(0, 0, ceil(end), self.height())
                return
        self._end = self._pill_end(standing)
        self.update()

    def _pill_end(self, standing: StatusFacts) -> float:
        width = QFontMetricsF(self._look.small).horizontalAdvance(standing.to_save)
        return self._look.em * (_GAP + _PILL) + width

    def sizeHint(self) -> QSize:
        """As wide as the window gives."""
        return QSize(self._look.px(20), self.height())

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Somebody wants to know what the hint means."""
        if self._standing.advice:
            self.asked()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Left to right: to save, saved today, file; the clock at the right edge."""
        standing, look = self._standing, self._look
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(event.rect(), self._ground)
            painter.setFont(look.small)
            metrics = QFontMetricsF(look.small)
            gap, height = look.em * _GAP, self.height()
            right = self.width() - gap
            clock = metrics.horizontalAdvance(standing.clock)
            painter.setPen(self._ink)
            painter.drawText(QRectF(right - clock, 0, clock + 2, height), _MIDDLE, standing.clock)
            right -= clock + gap
            left = self._pill(painter, metrics, gap)
            if event.rect().right() < left - gap:
                return
            hint = "⚠ " + standing.hint if standing.hint else ""
            for text in filter(None, (standing.waiting, standing.drop, hint)):
                painter.setPen(self._hint)
                shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, right - left)
                painter.drawText(QRectF(left, 0, right - left, height), _MIDDLE, shown)
                left += metrics.horizontalAdvance(shown) + gap
            painter.setPen(self._quiet)
            for text in (standing.saved, standing.scanner, standing.file):
                room = right - left
                if not text or room < look.em * 3:
                    continue
                shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
                painter.drawText(QRectF(left, 0, room, height), _MIDDLE, shown)
                left += metrics.horizontalAdvance(shown) + gap

    def _pill(self, painter: QPainter, metrics: QFontMetricsF, gap: float) -> float:
        standing, look = self._standing, self._look
        width = metrics.horizontalAdvance(standing.to_save)
        if not standing.pending:
            painter.setPen(self._quiet)
            painter.drawText(QRectF(gap, 0, width + 2, self.height()), _MIDDLE, standing.to_save)
            return gap + width + gap
        tall = metrics.height() * 1.08
        box = QRectF(gap, (self.height() - tall) / 2, width + look.em * _PILL, tall)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._amber)
        painter.drawRoundedRect(box, tall / 2, tall / 2)
        painter.setPen(self._amber_ink)
        text = QPointF(box.left() + look.em * 0.4, 0)
        painter.drawText(QRectF(text.x(), 0, width + 2, self.height()), _MIDDLE, standing.to_save)
        return box.right() + gap
