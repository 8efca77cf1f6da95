"""The fifth step: what the uploads leave to be done, until it is done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QWidget

from offcirc.i18n import _, ngettext
from offcirc.referent.followup.model import ShownTasks, TodoModel
from offcirc.referent.followup.taskpanel import Deed, TaskPanel
from offcirc.referent.kit.cells import Heading
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button
from offcirc.referent.kit.skeleton import Skeleton, TableAndPanel, TableSheet
from offcirc.referent.kit.table import RowTable, Shape
from offcirc.upload.followup import followupwords
from offcirc.upload.followup.followup import Action
from offcirc.upload.followup.task import Task


class FollowupPage(Skeleton):
    """The work list, and one task of it.

    Signals:
        deed_wanted: something is to be done about tasks, a :class:`Deed`.
        chosen: another task is looked at, a :class:`Task`.
        export_wanted: somebody wants the list as a file.
        copied: the note for an item is in the clipboard; the note is given.
        send_wanted: the corrected lines are to be sent.
        look_wanted: the server is to be asked what was done there.
        page_wanted: the page on which the task looked at is done is to be opened; the task.
    """

    deed_wanted = Signal(object)
    chosen = Signal(object)
    export_wanted = Signal()
    copied = Signal(str)
    send_wanted = Signal()
    look_wanted = Signal()
    page_wanted = Signal(object)

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(look, _("Work list"), parent)
        self._kept: Task | Heading | None = None
        self._kept_row = 0
        self.model = TodoModel(look)
        self.model.setParent(self)
        self.table = self._make_table()
        self.panel = TaskPanel(look, self.chosen_tasks, self)
        self.panel.deed_wanted.connect(self.deed_wanted)
        self.panel.tick_wanted.connect(self.tick_chosen)
        self.panel.chosen.connect(self.chosen)
        self.panel.copied.connect(self.copied)
        self.panel.stepped.connect(self.table.step)
        self.add_tab(_("Work list"), TableAndPanel(look, TableSheet(look, self.table), self.panel))
        self._make_tools()
        self.model.modelAboutToBeReset.connect(self._keep)
        self.model.modelReset.connect(self._listed)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.table.selectionModel().selectionChanged.connect(lambda *_gone: self.panel.allow())
        self.panel.show_task(None)

    def _make_tools(self) -> None:
        look = self._look
        self.show_choice = QComboBox(self)
        self.show_choice.setAccessibleName(_("Which tasks to show"))
        for show in ShownTasks:
            self.show_choice.addItem("", show)
        self.show_choice.currentIndexChanged.connect(self._show_changed)
        self.add_choice(_("Sho&w:"), self.show_choice)
        self.filter = self.add_filter(_("barcode, borrower, name…"))
        self.filter.textChanged.connect(self.model.set_words)
        self.export = button(_("E&xport…"), look, self, self.export_wanted.emit)
        self.send = button("", look, self, self.send_wanted.emit)
        self.there = button(_("Lo&ok on the server"), look, self, self.look_wanted.emit)
        self.there.setToolTip(_("Tick off what has been done on the practice server’s pages"))
        self.open = button(_("Open its pa&ge there"), look, self, self._open_page)
        self.add_tools(self.open, self.there, self.export, self.send)
        for tool in (self.send, self.there, self.open):
            self.want(tool, wanted=False)

    def _make_table(self) -> RowTable:
        table = RowTable(self._look, _("Work list"), self)
        table.list_groups(self.model, self.model.toggle)
        model = TodoModel
        table.shape(
            Shape(
                model.TASK,
                least={model.TASK: 8.5, model.ITEM: 7.1, model.PATRON: 7.3, model.ASSIGNED: 5},
                middle=frozenset({model.ITEM, model.PATRON}),
                drop=(model.ASSIGNED,),
            )
        )
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), table)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(self._space)
        return table

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
        nobody = not any(task.assigned for task in tasks)
        self.table.leave_out({TodoModel.ASSIGNED} if nobody else set())
        self.count(0, self.left)
        waiting = sum(
            line.correction is not None and not line.settled and not line.done
            for task in tasks
            for line in task.lines
        )
        text = ngettext("&Send {count} corrected line", "&Send {count} corrected lines", waiting)
        self.send.setText(text.format(count=number(waiting)))
        self.want(self.send, wanted=bool(waiting))
        counts = {
            ShownTasks.OPEN: (_("To do ({count})"), self.left),
            ShownTasks.DONE: (_("Done ({count})"), len(tasks) - self.left),
            ShownTasks.ALL: (_("Everything ({count})"), len(tasks)),
        }
        for show, (text, count) in counts.items():
            place = self.show_choice.findData(show)
            self.show_choice.setItemText(place, text.format(count=number(count)))

    def _open_page(self) -> None:
        chosen = self.chosen_tasks()
        if chosen:
            self.page_wanted.emit(chosen[0])

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
        self.model.show_only(ShownTasks(self.show_choice.currentData()))

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
        first = min(self._kept_row, count - 1)
        tasks = (row for row in range(first, count) if isinstance(self.model.row(row), Task))
        return next(tasks, first)

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex | None = None) -> None:
        if not current.isValid():
            self.panel.show_task(None)
            return
        rows = range(current.row() + 1)
        place = sum(self.model.heading(row) is None for row in rows)
        text = _("{number} of {count}").format(
            number=number(place), count=number(len(self.model.listed))
        )
        self.panel.show_task(self.model.row(current.row()), text)
