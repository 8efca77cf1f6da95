"""The fifth step: what the uploads leave to be done, until it is done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QVBoxLayout,
    QWidget,
)

from offcirc.i18n import _, ngettext
from offcirc.referent.cells import Heading
from offcirc.referent.figures import number
from offcirc.referent.flow import Flow, Sides
from offcirc.referent.look import Look
from offcirc.referent.parts import button, card, choice_and_filter, heading
from offcirc.referent.table import Table
from offcirc.referent.taskpanel import Deed, TaskPanel
from offcirc.referent.todomodel import Show, TodoModel
from offcirc.upload import followupwords
from offcirc.upload.followup import Action, Task


class FollowupPage(QWidget):
    """The work list, and one task of it.

    Signals:
        deed_wanted: something is to be done about tasks, a :class:`Deed`.
        chosen: another task is looked at, a :class:`Task`.
        export_wanted: somebody wants the list as a file.
        copied: the note for an item is in the clipboard; the note is given.
        send_wanted: the corrected lines are to be sent.
    """

    deed_wanted = Signal(object)
    chosen = Signal(object)
    export_wanted = Signal()
    copied = Signal(str)
    send_wanted = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._kept: Task | Heading | None = None
        self.model = TodoModel(look)
        self.model.setParent(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(1.1), look.px(0.8), look.px(1.1), look.px(0.8))
        sides = Sides(look.px(22), look.px(0.7), self)
        sides.add(self._list_card(), 3)
        self.panel = TaskPanel(look, self.chosen_tasks, self)
        self.panel.deed_wanted.connect(self.deed_wanted)
        self.panel.tick_wanted.connect(self.tick_chosen)
        self.panel.chosen.connect(self.chosen)
        self.panel.copied.connect(self.copied)
        sides.add(self.panel, 2)
        column.addWidget(sides, 1)
        self.model.modelAboutToBeReset.connect(self._keep)
        self.model.modelReset.connect(self._listed)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.table.selectionModel().selectionChanged.connect(lambda *_gone: self.panel.allow())
        self.panel.show_task(None)

    def _list_card(self) -> QWidget:
        look = self._look
        frame, column = card(look, self)
        bar = Flow(look.px(0.5))
        bar.addWidget(heading(_("Work list"), look, frame))
        self.show_choice, self.filter = choice_and_filter(bar, look, frame)
        self.show_choice.setAccessibleName(_("Which tasks to show"))
        for show in Show:
            self.show_choice.addItem("", show)
        self.show_choice.currentIndexChanged.connect(self._show_changed)
        self.filter.setPlaceholderText(_("barcode, borrower, name…"))
        self.filter.textChanged.connect(self.model.set_words)
        self.export = button(_("E&xport…"), look, frame, self.export_wanted.emit)
        bar.addWidget(self.export)
        self.send = button("", look, frame, self.send_wanted.emit, "primary")
        self.send.hide()
        bar.addWidget(self.send)
        column.addLayout(bar)
        self.table = Table(look, _("Work list"), frame)
        self.table.setModel(self.model)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.toggled.connect(self.model.toggle)
        self.table.stretch(TodoModel.TASK, most_lines=2, least=13, rows_in_sight=6)
        self.table.setMinimumHeight(look.px(9))
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), self.table)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(self._space)
        column.addWidget(self.table, 1)
        return frame

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        self.table.setFocus()

    @property
    def left(self) -> int:
        """How many tasks are open."""
        return sum(not task.done for task in self.model.things)

    @property
    def summary(self) -> str:
        """How much there is to do."""
        return followupwords.summary(self.model.things)

    def show_tasks(self, tasks: Sequence[Task]) -> None:
        """Show this work list; the task looked at stays the same, if it is still listed."""
        self.model.show_things(tasks)
        desks = {line.desk for task in tasks for line in task.lines}
        self.table.setColumnHidden(TodoModel.DESK, len(desks) < 2)
        self.table.setColumnHidden(TodoModel.ASSIGNED, not any(task.assigned for task in tasks))
        self.table.fit()
        waiting = sum(
            line.correction is not None and not line.settled and not line.done
            for task in tasks
            for line in task.lines
        )
        text = ngettext("&Send {count} corrected line", "&Send {count} corrected lines", waiting)
        self.send.setText(text.format(count=number(waiting)))
        self.send.setVisible(bool(waiting))
        counts = {
            Show.OPEN: (_("To do ({count})"), self.left),
            Show.DONE: (_("Done ({count})"), len(tasks) - self.left),
            Show.ALL: (_("Everything ({count})"), len(tasks)),
        }
        for show, (text, count) in counts.items():
            place = self.show_choice.findData(show)
            self.show_choice.setItemText(place, text.format(count=number(count)))

    def chosen_tasks(self) -> tuple[Task, ...]:
        """The tasks that are selected."""
        rows = [index.row() for index in self.table.selectionModel().selectedRows()]
        found = [self.model.row(row) for row in sorted(rows)]
        return tuple(task for task in found if isinstance(task, Task))

    def tick_chosen(self) -> None:
        """Tick the chosen tasks off; if they all are, take the ticks away."""
        tasks = self.chosen_tasks()
        if tasks:
            undo = all(task.done for task in tasks)
            todo = tuple(task for task in tasks if task.done is undo)
            self.deed_wanted.emit(Deed(todo, Action.REOPENED if undo else Action.DONE))

    def _space(self) -> None:
        row = self.table.currentIndex().row()
        if row >= 0 and isinstance(self.model.row(row), Heading):
            self.model.toggle(row)
        else:
            self.tick_chosen()

    def _show_changed(self, _index: int) -> None:
        self.model.show_only(Show(self.show_choice.currentData()))

    # -- the task looked at --------------------------------------------------------------------

    def _keep(self) -> None:
        row = self.table.currentIndex().row()
        if 0 <= row < self.model.rowCount():
            self._kept = self.model.row(row)
            self._kept_row = row

    def _listed(self) -> None:
        self.table.fit()
        self.table.set_empty_text(
            _("No task holds these words.")
            if self.filter.text().strip()
            else _("Nothing is left to be done.")
            if self.model.things
            else _("No upload has left any work.")
        )
        row = self._row_again()
        if row is None:
            self.panel.show_task(None)
        else:
            self.table.selectRow(row)
            self._row_chosen(self.model.index(row, 0))

    def _row_again(self) -> int | None:
        """The row of the task that was chosen; of what has come in its place if it is gone."""
        count = self.model.rowCount()
        if not count:
            return None
        kept = self._kept
        if isinstance(kept, Heading):
            return max(self.model.row_of(kept), 0)
        for row in range(count):
            thing = self.model.row(row)
            if kept is not None and isinstance(thing, Task) and thing.id == kept.id:
                return row
        first = min(getattr(self, "_kept_row", 0), count - 1)
        tasks = (row for row in range(first, count) if isinstance(self.model.row(row), Task))
        return next(tasks, first)

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex | None = None) -> None:
        thing = self.model.row(current.row()) if current.isValid() else None
        self.panel.show_task(thing)
