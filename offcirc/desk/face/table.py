"""The list of the session's transactions, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    QTimer,
)
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QHeaderView,
    QLabel,
    QScrollBar,
    QTableView,
    QWidget,
)

from offcirc.core.told import parse_told
from offcirc.core.transaction import Operation
from offcirc.desk.face.cells import Frame, ListColumn, RowMarks, RowPainter
from offcirc.desk.face.look import Look
from offcirc.desk.words import dropwords, knowwords, savewords, words
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.storage.journal.journal import Row

CHUNK = 400
"""Rows shown to Qt at first, and added each time the end of the list is reached: what Qt does for
a new row grows with the rows it knows."""

REST_MILLISECONDS = 250
"""What a scan need not wait for is painted so much later: the scroll bar, the button out of use."""

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class TransactionModel(QAbstractTableModel):
    """The session's rows; row 0 is the newest.

    All rows are here, but Qt is told of the newest ones only (Qt's *fetch more*), so that
    recording the 50,000th transaction of a day costs what the first did.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._place: dict[str, int] = {}
        self._shown = 0
        self.newest: str | None = None
        """Id of the row recorded last in this session."""
        self.today: date = datetime.now().astimezone().date()
        """Rows of other days show theirs."""

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Rows Qt has been told of."""
        return 0 if parent.isValid() else self._shown

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Time, barcode, operation, borrower, due date, file."""
        return 0 if parent.isValid() else len(ListColumn)

    def total(self) -> int:
        """All rows."""
        return len(self._rows)

    def canFetchMore(self, parent: _Index) -> bool:
        """Whether older rows wait."""
        return not parent.isValid() and self._shown < len(self._rows)

    def fetchMore(self, _parent: _Index) -> None:
        """Tell Qt of some older rows."""
        more = min(CHUNK, len(self._rows) - self._shown)
        if more > 0:
            self.beginInsertRows(QModelIndex(), self._shown, self._shown + more - 1)
            self._shown += more
            self.endInsertRows()

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Texts of the cells, also for screen readers; painting is :class:`RowPainter`'s."""
        if role == Qt.ItemDataRole.DisplayRole and index.isValid():
            return self.text(self.row(index.row()), index.column())
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and index.isValid():
            return _marked(self.row(index.row())) or None
        if role == Qt.ItemDataRole.ToolTipRole and index.isValid():
            row = self.row(index.row())
            if index.column() == ListColumn.ITEM:
                return " ".join(filter(None, (row.transaction.item, _marked(row))))
            if index.column() == ListColumn.PATRON:
                return row.transaction.patron
            if index.column() == ListColumn.TIME:
                return f"{row.transaction.local:%Y-%m-%d %H:%M:%S}"
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> str | int | None:
        """The columns' names."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return headings()[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def text(self, row: Row, column: int) -> str:
        """What a cell says."""
        record = row.transaction
        if column == ListColumn.ITEM:
            return record.item
        if column == ListColumn.PATRON:
            return record.patron
        if column == ListColumn.TIME:
            return words.moment(record.told, self.today)
        if column == ListColumn.OPERATION:
            return words.operation(record.operation)
        if column == ListColumn.DUE:
            due = parse_told(row.told).due
            return dropwords.day(due) if due else ""
        return words.state(row.state)

    def row(self, shown: int) -> Row:
        """The row at a place of the list, 0 being the newest."""
        return self._rows[-1 - shown]

    def named(self, name: str) -> Row | None:
        """The row with this id, as it is now."""
        place = self._place.get(name)
        return None if place is None else self._rows[place]

    def show(self, rows: Sequence[Row]) -> None:
        """Replace everything; ``rows`` are in the order they were recorded."""
        self.beginResetModel()
        self._rows = list(rows)
        self._place = {row.transaction.id: place for place, row in enumerate(rows)}
        self._shown = min(CHUNK, len(self._rows))
        self.newest = None
        self.endResetModel()

    def add(self, row: Row) -> None:
        """A transaction was recorded: it is the newest row now."""
        self.beginInsertRows(_NOWHERE, 0, 0)
        name = row.transaction.id
        self._place[name] = len(self._rows)
        self._rows.append(row)
        self._shown += 1
        self.newest = name
        self.endInsertRows()

    def trim(self, lowest: Callable[[], int]) -> None:
        """Make Qt forget old rows once there are many; they come back by scrolling.

        Args:
            lowest: tells the place of the lowest row that must stay, as it is in view.
        """
        if self._shown < 2 * CHUNK:
            return
        keep = max(lowest() + 1, CHUNK)
        if self._shown >= keep + CHUNK:
            self.beginRemoveRows(QModelIndex(), keep, self._shown - 1)
            self._shown = keep
            self.endRemoveRows()

    def change(self, rows: Sequence[Row]) -> None:
        """Rows have another state."""
        if not rows:
            return
        for row in rows:
            self._rows[self._place[row.transaction.id]] = row
        last = len(self._rows) - 1
        shown = [last - self._place[row.transaction.id] for row in rows]
        top, bottom = min(shown), min(max(shown), self._shown - 1)
        if top <= bottom:
            self.dataChanged.emit(self.index(top, 0), self.index(bottom, len(ListColumn) - 1))

    def knows(self, row: Row) -> bool:
        """Whether a row is in the list; its number may have changed, its id never does."""
        return row.transaction.id in self._place

    def pending(self) -> list[Row]:
        """Rows that are not in the file yet, in the order they were recorded."""
        return [row for row in self._rows if row.state == "pending"]

    def all(self) -> Sequence[Row]:
        """Every row, in the order they were recorded."""
        return self._rows

    def newest_pending(self, *, odd: bool = False) -> int | None:
        """Place in the list of the newest row not in the file yet; looks at those shown only.

        Args:
            odd: whether to look for one that carries a mark.
        """
        for shown in range(self._shown):
            row = self.row(shown)
            if row.state == "pending" and (row.odd or not odd):
                return shown
        return None


def headings() -> tuple[str, ...]:
    """The columns' names in the active language."""
    return (
        _("Time"),
        _("Barcode"),
        _("Operation"),
        _("Borrower"),
        knowwords.due_heading(),
        _("File"),
    )


def _marked(row: Row) -> str:
    """What a row's flag means."""
    told = knowwords.flagged(parse_told(row.told).what)
    return " ".join(filter(None, (savewords.marked(row.odd), told)))


class _Bar(QScrollBar):
    """A scroll bar whose handle shrinks a moment after a row has come: no scan waits for it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._rest = QTimer(self, singleShot=True, interval=REST_MILLISECONDS)
        self._rest.timeout.connect(self.update)

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """Qt would paint it at once whatever has changed."""
        if change is QAbstractSlider.SliderChange.SliderValueChange:
            super().sliderChange(change)
        else:
            self._rest.start()


class TransactionView(QTableView):
    """The list itself: chosen by row, never edited, never searched by typing."""

    def __init__(self, model: TransactionModel, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        # A widget of our own: Qt's would make PySide look through every class it has (15 ms).
        self.setViewport(QWidget(self))
        bar = _Bar(self)
        self.setVerticalScrollBar(bar)
        # Qt listens to the one it has made itself.
        bar.valueChanged.connect(self.verticalScrollbarValueChanged)
        bar.actionTriggered.connect(self.verticalScrollbarAction)
        self.setModel(model)
        self._rows = model
        self._painter = RowPainter(look, model.text)
        self._marks = RowMarks(look)
        self._frame: Frame | None = None
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Rows and the ground below them are painted whole: nothing under them need be.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        down = self.verticalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        # A multiple of four, so that rows are whole pixels at 125, 150 and 175 % too.
        down.setDefaultSectionSize(round(look.em * 1.62 / 4) * 4)
        across = self.horizontalHeader()
        across.setSectionsClickable(False)
        across.setHighlightSections(False)
        across.setFont(look.small)
        across.setFixedHeight(look.px(1.4))
        across.sectionResized.connect(self._forget_frame)
        self._wants_due = False
        self._size_columns(across)
        across.setSectionHidden(ListColumn.DUE, True)
        self.setMinimumHeight(look.px(1.4 + 2 * 1.62))  # see also waitpanel
        self._nothing = QLabel(self.viewport())
        self._nothing.setObjectName("nothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        model.rowsInserted.connect(self._nothing.hide)
        model.modelReset.connect(lambda: self._nothing.setVisible(not model.total()))

    def say_nothing(self, text: str) -> None:
        """What an empty list says."""
        self._nothing.setText(text)

    def forget_pictures(self) -> None:
        """Another day has begun: rows show their date now."""
        self._painter.forget()
        self.make_room_for_days()
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows in view, from their pictures."""
        with QPainter(self.viewport()) as painter:
            self._paint(painter, event.rect())

    def _paint(self, painter: QPainter, area: QRect) -> None:
        model, frame = self._rows, self._frame or self._measure()
        first, last = self.rowAt(area.top()), self.rowAt(area.bottom())
        if first >= 0 and last < 0:
            last = model.rowCount() - 1
        chosen, top = self.chosen(), area.top()
        if frame.ratio % 1:
            # Pictures may end within a pixel of the screen; nothing else is painted there.
            painter.fillRect(area, self._marks.paper)
        if first >= 0:
            top = self.rowViewportPosition(first)
            for place in range(first, last + 1):
                row = model.row(place)
                painter.drawPixmap(0, top, self._painter.picture(row, frame))
                if place == chosen:
                    self._marks.chosen(painter, top, frame)
                elif row.transaction.id == model.newest and row.state != "voided":
                    self._marks.newest(painter, top, frame)
                top += frame.height
        if top <= area.bottom():
            painter.fillRect(0, top, frame.width, area.bottom() + 1 - top, self._marks.paper)

    def _measure(self) -> Frame:
        """The room the rows have; asked anew when a column or the list changes its size."""
        across, viewport = self.horizontalHeader(), self.viewport()
        edges = tuple(
            (across.sectionViewportPosition(column), across.sectionSize(column))
            for column in range(len(ListColumn))
        )
        height = self.verticalHeader().defaultSectionSize()
        self._frame = Frame(edges, viewport.width(), height, viewport.devicePixelRatioF())
        return self._frame

    def _forget_frame(self) -> None:
        self._frame = None

    def viewportEvent(self, event: QEvent) -> bool:
        """A window moved to a screen with other pixels is painted anew."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.DevicePixelRatioChange):
            self._frame = None
        return super().viewportEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Typing never moves the choice: it is a scan, and :mod:`keys` has it."""

    def resizeEvent(self, event: QEvent) -> None:
        """Keep the empty list's text in the middle."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._nothing.setGeometry(self.viewport().rect())
        self._make_room_for_due()

    def show_due(self, *, wanted: bool) -> None:
        """Show the column of due dates, or leave it out."""
        self._wants_due = wanted
        self._make_room_for_due()

    def _make_room_for_due(self) -> None:
        """It goes where barcodes and borrowers would have too little room."""
        across, painter = self.horizontalHeader(), self._painter
        fixed = (ListColumn.TIME, ListColumn.OPERATION, ListColumn.STATE)
        taken = sum(across.sectionSize(column) for column in fixed) + self._due_width
        need = taken + painter.width_for(ListColumn.ITEM, ["0" * 12])
        need += painter.width_for(ListColumn.PATRON, ["0" * 13])
        self.setColumnHidden(ListColumn.DUE, not self._wants_due or need > self.viewport().width())

    def chosen(self) -> int | None:
        """Place of the chosen row, if one is."""
        rows = self.selectionModel().selectedRows()
        return rows[0].row() if rows else None

    def last_in_view(self) -> int:
        """Place of the lowest row that can be seen."""
        return max(self.rowAt(self.viewport().height() - 1), 0)

    def make_room_for_days(self) -> None:
        """Some rows are older than today and say so: their times need more room."""
        today = self._rows.today
        evening = time(20, 58)
        longest = words.moment(datetime.combine(today - timedelta(days=1), evening), today)
        self.horizontalHeader().resizeSection(
            ListColumn.TIME, self._painter.width_for(ListColumn.TIME, [longest])
        )

    def _size_columns(self, across: QHeaderView) -> None:
        """Widths from the texts of the active language; barcodes share what is left."""
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        across.setSectionResizeMode(ListColumn.ITEM, QHeaderView.ResizeMode.Stretch)
        across.setSectionResizeMode(ListColumn.PATRON, QHeaderView.ResizeMode.Stretch)
        across.setMinimumSectionSize(self._look.px(3))
        names = headings()
        longest = dropwords.day(date(2020, 12, 30))
        self._due_width = self._painter.width_for(
            ListColumn.DUE, [longest, knowwords.due_heading()]
        )
        across.resizeSection(ListColumn.DUE, self._due_width)
        texts = {
            ListColumn.TIME: [words.clock(time(20, 58))],
            ListColumn.OPERATION: [words.operation(which) for which in Operation],
            ListColumn.STATE: [
                words.state(name) for name in ("pending", "saved", "missing", "voided")
            ],
        }
        for column, said in texts.items():
            across.resizeSection(column, self._painter.width_for(column, [*said, names[column]]))
