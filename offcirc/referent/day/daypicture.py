"""The picture of the day: a lane for each desk, loans upwards, returns downwards, refused ones red.

It can be read with the pointer, with the arrow keys, and by a screen reader.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from offcirc import words
from offcirc.i18n import _
from offcirc.referent.day import daywords
from offcirc.referent.day.daydata import Day, DayData, Slice
from offcirc.referent.kit.look import BLUE, CHOSEN, INK, LINE, RED, SKY, SLATE, WHITE, ReferentLook
from offcirc.windows.announce import announce

LOANS = BLUE
RETURNS = QColor("#0f7c72")
MOST_LANES = 12
"""Desks with a lane of their own; what the others did is one lane more."""

_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class _Plan(NamedTuple):
    """Where things are, in pixels.

    Attributes:
        left: where the lanes begin; the desks' names are before it.
        top: where the first lane begins.
        width: of all slices.
        lane: the height of a lane.
    """

    left: float
    top: float
    width: float
    lane: float


class DayPicture(QWidget):
    """Draws counts.

    Signals:
        told: what is pointed at in words; empty when nothing is.
    """

    told = Signal(str)

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._data = DayData()
        self._lanes: tuple[tuple[str, ...], ...] = ()
        self._highest = 1
        self._at: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(_("Picture of the day"))
        self._describe()

    @property
    def data(self) -> DayData:
        """What is drawn."""
        return self._data

    @property
    def pointed(self) -> str:
        """What is pointed at, in words; empty when nothing is."""
        if self._at is None:
            return ""
        lane, place = self._at
        desks = self._lanes[lane]
        if len(desks) == 1:
            return daywords.told(self._data, desks[0], place)
        text = _("{desk}, {time}: {counts}")
        return text.format(
            desk=self._lane_name(lane),
            time=daywords.span(self._data, place),
            counts=daywords.counts(self._cell(lane, place)),
        )

    def show_data(self, data: DayData) -> None:
        """Draw these counts."""
        if data == self._data:
            return
        self._data = data
        self._at = None
        self._lanes = self._make_lanes()
        tops = [
            max(cell.loans, cell.returns)
            for lane in range(len(self._lanes))
            for cell in (self._cell(lane, place) for place in range(data.slices))
        ]
        self._highest = max([1, *tops])
        self._describe()
        self.told.emit("")
        self.updateGeometry()
        self.update()

    def _make_lanes(self) -> tuple[tuple[str, ...], ...]:
        desks = self._data.desks
        if not desks:
            return ()
        lanes = [(desk,) for desk in desks]
        if len(lanes) > MOST_LANES:
            return (*lanes[: MOST_LANES - 1], desks[MOST_LANES - 1 :])
        return tuple(lanes)

    def _cell(self, lane: int, place: int) -> Slice:
        desks = self._lanes[lane]
        if len(desks) == 1:
            return self._data.at(desks[0], place)
        found = Slice()
        for desk in desks:
            found.add(self._data.at(desk, place))
        return found

    def _lane_name(self, lane: int) -> str:
        desks = self._lanes[lane]
        if len(desks) == 1:
            return desks[0]
        if len(desks) == len(self._data.desks):
            return _("All desks")
        return _("{count} other desks").format(count=len(desks))

    # -- sizes ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Room for every lane."""
        return QSize(self._look.px(30), self._height(1.9))

    def minimumSizeHint(self) -> QSize:
        """Every lane so that its bars can still be told apart."""
        return QSize(self._look.px(14), self._height(1.35))

    def _height(self, lane: float) -> int:
        return self._look.px(1.5 + lane * max(len(self._lanes), 1))

    def _plan(self) -> _Plan:
        em = self._look.em
        metrics = QFontMetricsF(self._look.small)
        names = [metrics.horizontalAdvance(self._lane_name(n)) for n in range(len(self._lanes))]
        left = min(max([*names, 0.0]) + em * 0.7, self.width() * 0.28)
        lanes = max(len(self._lanes), 1)
        lane = min((self.height() - em * 1.5) / lanes, em * 4)
        return _Plan(left, em * 0.15, max(self.width() - left - em * 0.3, 1.0), lane)

    def _slice_box(self, plan: _Plan, lane: int, place: int) -> QRectF:
        gap = self._look.em * 0.6
        days = self._data.days
        room = plan.width - gap * (len(days) - 1)
        step = room / max(self._data.slices, 1)
        past = days.index(self._data.day_of(place))
        left = plan.left + place * step + past * gap
        return QRectF(left, plan.top + lane * plan.lane, step, plan.lane)

    # -- drawing -------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Lanes, bars, hours."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._lanes:
            painter.setFont(self._look.text)
            painter.setPen(SLATE)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()), int(flags), daywords.summary(self._data))
            return
        plan = self._plan()
        for lane in range(len(self._lanes)):
            self._draw_lane(painter, plan, lane)
        for day in self._data.days:
            self._draw_hours(painter, plan, day)
        if self.hasFocus():
            painter.setPen(QPen(BLUE, max(self._look.em * 0.1, 2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _draw_lane(self, painter: QPainter, plan: _Plan, lane: int) -> None:
        em = self._look.em
        top = plan.top + lane * plan.lane
        metrics = QFontMetricsF(self._look.small)
        name = metrics.elidedText(
            self._lane_name(lane), Qt.TextElideMode.ElideRight, plan.left - em * 0.5
        )
        painter.setFont(self._look.small)
        painter.setPen(INK)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(em * 0.2, top, plan.left, plan.lane), flags, name)
        for day in self._data.days:
            first = self._slice_box(plan, lane, day.start)
            last = self._slice_box(plan, lane, day.start + day.slices - 1)
            box = first.united(last).adjusted(0, 1, 0, -1)
            painter.fillRect(box, SKY if lane % 2 == 0 else QColor("#f4f8fd"))
        for place in range(self._data.slices):
            self._draw_slice(painter, self._slice_box(plan, lane, place), lane, place)
        middle = top + plan.lane / 2
        painter.setPen(QPen(LINE.darker(112), 1))
        painter.drawLine(QPointF(plan.left, middle), QPointF(plan.left + plan.width, middle))

    def _draw_slice(self, painter: QPainter, box: QRectF, lane: int, place: int) -> None:
        if self._at == (lane, place):
            painter.fillRect(box.adjusted(-1, 0, 1, 0), CHOSEN.darker(108))
        cell = self._cell(lane, place)
        if not cell.total:
            return
        em, middle = self._look.em, box.center().y()
        half = box.height() / 2 - em * 0.14
        edge = min(box.width() * 0.14, em * 0.12)
        up = self._bar(cell.loans, half)
        down = self._bar(cell.returns, half)
        left, width = box.left() + edge, box.width() - 2 * edge
        painter.fillRect(QRectF(left, middle - up, width, up), LOANS)
        painter.fillRect(QRectF(left, middle, width, down), RETURNS)
        if cell.refused:
            self._draw_refused(painter, QRectF(left, middle - up, width, up + down), cell)

    def _bar(self, count: int, room: float) -> float:
        # However few, a bar can be seen.
        return max(room * count / self._highest, min(2.0, room)) if count else 0.0

    def _draw_refused(self, painter: QPainter, bar: QRectF, cell: Slice) -> None:
        """A red part as large as the share that was refused, and a mark above it."""
        em = self._look.em
        share = max(bar.height() * cell.refused / cell.total, min(3.0, bar.height()))
        middle = bar.center().y() if not cell.loans else bar.top() + share / 2
        painter.fillRect(QRectF(bar.left(), middle - share / 2, bar.width(), share), RED)
        size = em * 0.26
        tip = QPointF(bar.center().x(), bar.top() - em * 0.02)
        mark = [tip, tip + QPointF(-size, -size * 1.3), tip + QPointF(size, -size * 1.3)]
        painter.setPen(QPen(WHITE, 1))
        painter.setBrush(RED)
        painter.drawPolygon(QPolygonF(mark))

    def _draw_hours(self, painter: QPainter, plan: _Plan, day: Day) -> None:
        em = self._look.em
        metrics = QFontMetricsF(self._look.small)
        top = plan.top + plan.lane * len(self._lanes) + em * 0.1
        first = self._slice_box(plan, 0, day.start)
        last = self._slice_box(plan, 0, day.start + day.slices - 1)
        painter.setFont(self._look.small)
        painter.setPen(SLATE)
        several = len(self._data.days) > 1 or self._data.minutes >= 1440
        name = words.day(day.day)
        free = first.left()
        if several:
            room = last.right() - first.left()
            short = name if metrics.horizontalAdvance(name) <= room else f"{day.day.day}"
            painter.setPen(INK)
            painter.drawText(QPointF(first.left(), top + metrics.ascent()), short)
            free += metrics.horizontalAdvance(short) + em * 0.8
            painter.setPen(SLATE)
        for place in range(day.start, day.start + day.slices):
            at = self._data.begin(place)
            if at.minute or self._data.minutes > 60:
                continue
            text = daywords.hour(at)
            left = self._slice_box(plan, 0, place).left()
            width = metrics.horizontalAdvance(text)
            if left < free or left + width > last.right() + em * 0.3:
                continue
            painter.drawText(QPointF(left, top + metrics.ascent()), text)
            free = left + width + em * 0.7

    # -- reading -------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what the pointer rests on."""
        self._point(self._under(event.position()))

    def leaveEvent(self, _event: QEvent) -> None:
        """The pointer is gone."""
        if not self.hasFocus():
            self._point(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin to read where most happened."""
        super().focusInEvent(event)
        busiest = self._data.busiest()
        if self._at is None and busiest is not None:
            lanes = range(len(self._lanes))
            self._point((max(lanes, key=lambda lane: self._cell(lane, busiest).total), busiest))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stop reading."""
        super().focusOutEvent(event)
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read with the arrow keys; Home and End go to the first and the last slice."""
        key = Qt.Key(event.key())
        if not self._lanes or key not in (*_ARROWS, Qt.Key.Key_Home, Qt.Key.Key_End):
            super().keyPressEvent(event)
            return
        lane, place = self._at or (0, 0)
        last = self._data.slices - 1
        if key in _ARROWS:
            down, right = _ARROWS[key]
            lane, place = lane + down, place + right
        else:
            place = 0 if key == Qt.Key.Key_Home else last
        lane = min(max(lane, 0), len(self._lanes) - 1)
        self._point((lane, min(max(place, 0), last)))
        announce(self, self.pointed)

    def _under(self, point: QPointF) -> tuple[int, int] | None:
        if not self._lanes:
            return None
        plan = self._plan()
        lane = int((point.y() - plan.top) // plan.lane)
        if not 0 <= lane < len(self._lanes):
            return None
        for place in range(self._data.slices):
            box = self._slice_box(plan, lane, place)
            if box.left() <= point.x() < box.right():
                return lane, place
        return None

    def _point(self, at: tuple[int, int] | None) -> None:
        if at == self._at:
            return
        self._at = at
        self.setToolTip(self.pointed)
        self._describe()
        self.told.emit(self.pointed)
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(self.pointed or daywords.summary(self._data))
