"""What is still to be recorded: kept in sight above the list, and taken up again from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from offcirc.core.session import clean
from offcirc.core.transaction import NotRecordableError, Source, record_now
from offcirc.core.waiting import LeftToRecord, Waiting, Way
from offcirc.desk.face.cells import ListColumn
from offcirc.desk.face.look import quiet_button
from offcirc.desk.message import Message, MessageKind
from offcirc.desk.words import waitwords, words

if TYPE_CHECKING:
    from offcirc.desk.desk import DeskHost, WholeDesk


class WaitList:
    """The desk's list of what was shown and is not recorded.

    Attributes:
        waiting: the list itself.
    """

    def __init__(self, desk: WholeDesk) -> None:
        self._desk = desk
        self._panel: WaitPanel | None = None
        self.waiting = Waiting()

    def __len__(self) -> int:
        """How many are on it."""
        return len(self.waiting.entries)

    @property
    def entries(self) -> tuple[LeftToRecord, ...]:
        """What is on it, newest first."""
        return tuple(self.waiting.entries)

    def refused(self, message: Message) -> None:
        """Something was refused: what is left to be recorded joins the list."""
        left = message.left or LeftToRecord(message.code)
        if message.kind is not MessageKind.REFUSED or not left.text:
            return
        desk = self._desk
        operation = desk.session.operation
        loan = operation.lends and left.way is not Way.PATRON
        self.waiting.add(
            replace(
                left,
                why=left.why or message.detail,
                operation=operation,
                patron=clean(desk.ui.patron.text()) if loan else "",
                at=desk.now(),
                stated=desk.drop.moment,
            )
        )
        self._show()

    def settle(self, item: str, *, by_hand: bool) -> None:
        """An item is recorded."""
        if self.waiting.entries and self.waiting.settle(item, by_hand=by_hand):
            self._show()

    def put_away(self, left: LeftToRecord) -> None:
        """It need not be recorded."""
        self.waiting.put_away(left)
        self._show()
        self._desk.focus(self._desk.target())

    def put_first_away(self) -> None:
        """Put the newest away, if there is one."""
        if self.waiting.entries:
            self.put_away(self.waiting.entries[0])

    def take_first(self) -> None:
        """Take the newest up, if there is one."""
        if self.waiting.entries:
            self.take(self.waiting.entries[0])

    def take(self, left: LeftToRecord) -> None:
        """Record it if nothing is missing; else put it into the field where it can be finished."""
        desk = self._desk
        complete = bool(left.patron) or not left.operation.lends
        if left.way is Way.RECORD and complete and self._record(left):
            return
        if desk.session.operation is not left.operation:
            desk.choose(left.operation)
        desk.ui.item.setText(left.text)
        self.waiting.in_hand = left
        patron = clean(desk.ui.patron.text())
        needs_patron = left.operation.lends and not patron
        desk.say(waitwords.taken_up(left, patron))
        desk.focus(desk.ui.patron if needs_patron else desk.ui.item)

    def _record(self, left: LeftToRecord) -> bool:
        """Record one as it is; false when it cannot be stated, whatever the disk does."""
        try:
            transaction = record_now(
                self._desk.now(),
                left.operation,
                left.text,
                left.patron,
                raw=left.text,
                source=Source.TYPED,
                stated=left.stated,
            )
        except NotRecordableError:
            return False
        self._desk.recorder.record(transaction, aside=True)
        return True

    def _show(self) -> None:
        if self._panel is None:
            if not self.waiting.entries:
                return

            self._panel = WaitPanel(self, self._desk)
        self._panel.show_entries(self.entries)
        self._desk.tally.waiting(len(self))


_ROW = 1.62
_GAP = 0.6
_LIST, _LIST_ALONE = 2.4, 1.4 + 2 * _ROW
"""What the list keeps at least while something is still to record, and otherwise: in lines."""

_MOST = 5
"""Rows shown at once, where there is room: the list of what was recorded is more important."""


class _Elided(QLabel):
    """A text that is cut where its place ends; whoever points at it sees the whole."""

    def __init__(self, text: str, font: QFont, where: Qt.TextElideMode, parent: QWidget) -> None:
        super().__init__(parent)
        self._whole, self._where = text, where
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font)
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text into its place."""
        super().resizeEvent(event)
        self.setText(self.fontMetrics().elidedText(self._whole, self._where, self.width()))


class WaitPanel(QFrame):
    """Shows the newest ones that there is room for; hidden while there are none.

    Attributes:
        rows: what is shown, and its two buttons.
    """

    def __init__(self, waiting: WaitList, desk: DeskHost) -> None:
        super().__init__(desk.ui.card)
        self._waiting = waiting
        self._desk = desk
        self._entries: Sequence[LeftToRecord] = ()
        self._drawn: tuple[object, ...] = ()
        self.rows: list[tuple[LeftToRecord, QPushButton, QPushButton]] = []
        self._columns: list[tuple[QWidget, QWidget]] = []
        self.setObjectName("waiting")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._parts: list[QWidget] = []
        layout = desk.ui.card.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, self)
        desk.ui.card.installEventFilter(self)
        desk.ui.list.horizontalHeader().sectionResized.connect(self._align)
        for keys, do in (("F2", waiting.take_first), ("Shift+F2", waiting.put_first_away)):
            QShortcut(QKeySequence(keys), desk.pane, do)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show as many rows as the window has room for."""
        if event.type() == QEvent.Type.Resize and watched is self._desk.ui.card:
            self._show()
        return False

    def show_entries(self, entries: Sequence[LeftToRecord]) -> None:
        """Show what is on the list now."""
        self._entries = entries
        self._show()

    def _room(self) -> int:
        """How many rows there is room for, the heading besides; 0 when there is none for that."""
        look, ui = self._desk.look, self._desk.ui
        free = ui.card.height() - look.px(_LIST) - look.px(_ROW)
        return min(max(free // look.px(_ROW), 0), _MOST)

    def _show(self) -> None:
        room = self._room()
        shown = self._entries[: max(room, 1)]
        hidden = len(self._entries) - len(shown)
        if self._drawn == (shown, hidden, room > 0):
            return
        self._drawn = (shown, hidden, room > 0)
        least = _LIST if self._entries else _LIST_ALONE
        self._desk.ui.list.setMinimumHeight(self._desk.look.px(least))
        for part in self._parts:
            self._column.removeWidget(part)
            part.hide()
            part.deleteLater()
        self.rows = []
        self._columns = []
        self._parts = [self._row(each, headed=room > 0) for each in shown]
        if room > 0:
            self._parts.insert(0, self._head(len(self._entries), hidden))
        for part in self._parts:
            self._column.addWidget(part)
        self._align()
        self.setAccessibleName(waitwords.heading(len(self._entries)))
        self.setVisible(bool(self._entries))

    def _align(self) -> None:
        """Times and barcodes stand above those of the list."""
        across, gap = self._desk.ui.list.horizontalHeader(), self._desk.look.px(_GAP)
        for time, code in self._columns:
            time.setFixedWidth(across.sectionSize(ListColumn.TIME) - gap)
            code.setFixedWidth(across.sectionSize(ListColumn.ITEM) - gap)

    def _head(self, number: int, hidden: int) -> QFrame:
        look = self._desk.look
        line, inside = self._line("waitinghead")
        sign = QLabel("!", line)
        sign.setFont(look.strong)
        title = QLabel(waitwords.heading(number), line)
        title.setFont(look.strong)
        inside.addWidget(sign)
        inside.addWidget(title)
        advice = _Elided(waitwords.advice(hidden), look.text, Qt.TextElideMode.ElideRight, line)
        inside.addWidget(advice, 1)
        return line

    def _row(self, left: LeftToRecord, *, headed: bool) -> QFrame:
        look = self._desk.look
        line, inside = self._line("waitingrow")
        assert left.at is not None
        time = QLabel(words.clock(left.at), line)
        time.setFont(look.text)
        inside.addWidget(time)
        code = _Elided(words.short(left.text), look.cell, Qt.TextElideMode.ElideMiddle, line)
        code.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        inside.addWidget(code)
        self._columns.append((time, code))
        why = left.why if headed else f"{waitwords.heading(len(self._entries))} · {left.why}"
        inside.addWidget(_Elided(why, look.text, Qt.TextElideMode.ElideRight, line), 1)
        take = self._button(waitwords.act(left), line)
        away = self._button(waitwords.put_away(), line, "putaway")
        for button in (take, away):
            button.setAccessibleDescription(words.short(left.text))
            inside.addWidget(button)
        take.clicked.connect(lambda: self._waiting.take(left))
        away.clicked.connect(lambda: self._waiting.put_away(left))
        self.rows.append((left, take, away))
        return line

    def _line(self, name: str) -> tuple[QFrame, QHBoxLayout]:
        look = self._desk.look
        line = QFrame(self)
        line.setObjectName(name)
        line.setFixedHeight(look.px(_ROW))
        inside = QHBoxLayout(line)
        inside.setContentsMargins(look.px(0.5), 0, look.px(0.5), 0)
        inside.setSpacing(look.px(_GAP))
        return line, inside

    def _button(self, text: str, line: QWidget, name: str = "") -> QPushButton:
        button = quiet_button(text, self._desk.look.small, line, name)
        button.setFixedHeight(self._desk.look.px(1.36))
        self._desk.keys.watch(button)
        return button
