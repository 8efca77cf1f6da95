"""The fifth step: what the uploads leave to be done, until it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from offcirc.i18n import _, ngettext, pgettext
from offcirc.referent.cells import Heading, Tone
from offcirc.referent.figures import number
from offcirc.referent.flow import Flow, Sides, pair
from offcirc.referent.look import Look
from offcirc.referent.parts import button, card, heading, label, set_property
from offcirc.referent.table import Table
from offcirc.referent.todomodel import Show, TodoModel
from offcirc.upload import followupwords
from offcirc.upload.followup import Action, Kind, Task

LINES_SHOWN = 12
"""Lines of a task that are told one by one; a reader with more is a class outing."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody wants done about tasks.

    Attributes:
        tasks: which.
        action: what; ``None`` when their lines are to be corrected.
        text: the note, or the person they are given to.
        change: item and borrower that the lines say instead, empty for as it is; two empty ones
            take a correction back.
    """

    tasks: tuple[Task, ...]
    action: Action | None
    text: str = ""
    change: tuple[str, str] = ("", "")


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
        self._task: Task | None = None
        self._kept: Task | Heading | None = None
        self.model = TodoModel(look)
        self.model.setParent(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(1.1), look.px(0.8), look.px(1.1), look.px(0.8))
        sides = Sides(look.px(22), look.px(0.7), self)
        sides.add(self._list_card(), 3)
        sides.add(self._task_card(), 2)
        column.addWidget(sides, 1)
        self.model.modelAboutToBeReset.connect(self._keep)
        self.model.modelReset.connect(self._listed)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.table.selectionModel().selectionChanged.connect(lambda *_gone: self._allow())
        self._explain(None)

    def _list_card(self) -> QWidget:
        look = self._look
        frame, column = card(look, self)
        bar = Flow(look.px(0.5))
        bar.addWidget(heading(_("Work list"), look, frame))
        self.show_choice = QComboBox(frame)
        self.show_choice.setFont(look.text)
        self.show_choice.setAccessibleName(_("Which tasks to show"))
        self.show_choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for show in Show:
            self.show_choice.addItem("", show)
        self.show_choice.currentIndexChanged.connect(self._show_changed)
        show_label = label(_("Sho&w:"), look.text, frame, "faint")
        bar.addWidget(pair(show_label, self.show_choice, look.px(0.4)))
        self.filter = QLineEdit(frame)
        self.filter.setFont(look.text)
        self.filter.setMinimumWidth(look.px(9))
        self.filter.setAccessibleName(_("Filter"))
        self.filter.setPlaceholderText(_("barcode, borrower, name…"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self.model.set_words)
        filter_label = label(_("F&ilter:"), look.text, frame, "faint")
        bar.addWidget(pair(filter_label, self.filter, look.px(0.4)))
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

    def _task_card(self) -> QFrame:
        look = self._look
        self.panel, column = card(look, self)
        self.panel.setObjectName("detail")
        column.setSpacing(look.px(0.3))
        self.title = label("", look.heading, self.panel, wrap=True)
        self.advice = label("", look.text, self.panel, wrap=True)
        self.lines = label("", look.text, self.panel, wrap=True)
        self.likely = label("", look.text, self.panel, wrap=True)
        self.history = label("", look.small, self.panel, "faint", wrap=True)
        for part in (self.title, self.advice, self.lines, self.likely):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(part)
        self._acts(column)
        column.addWidget(self.history)
        column.addStretch(1)
        return self.panel

    def _acts(self, column: QVBoxLayout) -> None:
        look = self._look
        self.tick = button(pgettext("task", "&Done"), look, self.panel, self.tick_chosen, "primary")
        self.copy = button(_("Copy the &note"), look, self.panel, self._copy_note)
        row = Flow(look.px(0.4))
        row.addWidget(self.tick)
        row.addWidget(self.copy)
        column.addLayout(row)
        self.person, self.give = self._field(column, _("&Given to:"), _("Gi&ve"), self._assign)
        self.note, self.add_note = self._field(column, _("N&ote:"), _("&Add"), self._add_note)
        self._corrections(column)

    def _corrections(self, column: QVBoxLayout) -> None:
        """What the lines should have said: they are sent again with that."""
        look = self._look
        self.correcting = QWidget(self.panel)
        row = Flow(look.px(0.4))
        self.correcting.setLayout(row)
        self.right = QComboBox(self.correcting)
        self.right.setFont(look.code)
        self.right.setEditable(True)
        self.right.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.right.setMinimumWidth(look.px(9))
        self.right.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.right.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.right.activated.connect(self._take_likely)
        self.right_label = label("", look.text, self.correcting, "faint")
        row.addWidget(pair(self.right_label, self.right, look.px(0.4)))
        self.correct = button(_("&Put right and send again"), look, self.correcting, self._correct)
        self.take_back = button(_("&Take that back"), look, self.correcting, self._take_back)
        row.addWidget(self.correct)
        row.addWidget(self.take_back)
        column.addWidget(self.correcting)

    def _field(
        self, column: QVBoxLayout, name: str, verb: str, act: object
    ) -> tuple[QLineEdit, QWidget]:
        look = self._look
        field = QLineEdit(self.panel)
        field.setFont(look.text)
        field.setMinimumWidth(look.px(4))
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        field.setAccessibleName(name.replace("&", "").rstrip(": \u00a0"))
        field.returnPressed.connect(act)
        done = button(verb, look, self.panel, act)  # type: ignore[arg-type]
        row = QHBoxLayout()
        row.setSpacing(look.px(0.4))
        row.addWidget(pair(label(name, look.text, self.panel, "faint"), field, look.px(0.4)), 1)
        row.addWidget(done)
        column.addLayout(row)
        return field, done

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

    def show_likely(self, task: Task, found: Sequence[tuple[str, str]]) -> None:
        """Show who may have been meant, if this task is still looked at.

        Args:
            task: the task.
            found: identifiers, and why each may have been meant.
        """
        if self._task is None or self._task.id != task.id:
            return
        text = "\n".join(f"• {sentence}" for _reader, sentence in found)
        title = _("Perhaps it was:")
        self.likely.setText(f"{title}\n{text}" if found else "")
        self.likely.setVisible(bool(found))
        typed = self.right.currentText()
        self.right.clear()
        for reader, sentence in found:
            self.right.addItem(sentence, reader)
        self.right.setEditText(typed)

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

    def _assign(self) -> None:
        if self.chosen_tasks():
            self.deed_wanted.emit(Deed(self.chosen_tasks(), Action.ASSIGNED, self.person.text()))

    def _add_note(self) -> None:
        if self.chosen_tasks() and self.note.text().strip():
            self.deed_wanted.emit(Deed(self.chosen_tasks(), Action.NOTED, self.note.text()))
            self.note.clear()

    def _take_likely(self, row: int) -> None:
        reader = self.right.itemData(row)
        if reader:
            self.right.setEditText(str(reader))

    def _correct(self) -> None:
        said = self.right.currentText().strip()
        if self._task is not None and said:
            change = ("", said) if self._task.kind is Kind.READER else (said, "")
            self.deed_wanted.emit(Deed((self._task,), None, change=change))

    def _take_back(self) -> None:
        if self._task is not None:
            self.deed_wanted.emit(Deed((self._task,), None))

    def _copy_note(self) -> None:
        from PySide6.QtGui import QGuiApplication

        if self._task is not None:
            note = followupwords.item_note(self._task.lines[0])
            QGuiApplication.clipboard().setText(note)
            self.copied.emit(note)

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
            self._explain(None)
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
        self._explain(thing)

    def _explain(self, thing: Task | Heading | None) -> None:
        task = thing if isinstance(thing, Task) else None
        same = task is not None and self._task is not None and task.id == self._task.id
        self._task = task
        self.panel.setEnabled(thing is not None)
        if isinstance(thing, Heading):
            self._say(thing.name, thing.advice, "", "")
        elif task is None:
            self._say("", "", "", "")
        else:
            told = "\n".join(_line(task, number) for number in range(len(task.lines)))
            done = [followupwords.event_sentence(event) for event in task.events]
            title, advice = followupwords.headline(task), followupwords.advice(task.kind)
            self._say(title, f"→ {advice}", told, "\n".join(done))
            self.person.setText(task.assigned)
        tone = Tone.PLAIN if task is None or task.done else Tone.LOOK
        set_property(self.panel, "tone", tone.value)
        self._allow()
        if task is not None and not same:
            self.likely.hide()
            self.right.clear()
            self.chosen.emit(task)

    def _say(self, title: str, advice: str, lines: str, history: str) -> None:
        for part, text in (
            (self.title, title),
            (self.advice, advice),
            (self.lines, lines),
            (self.history, history),
        ):
            part.setText(text)
            part.setVisible(bool(text))
        self.panel.setAccessibleName(" ".join(filter(None, (title, advice, lines))))

    def _allow(self) -> None:
        tasks = self.chosen_tasks()
        done = bool(tasks) and all(task.done for task in tasks)
        self.tick.setText(_("To be &done again") if done else pgettext("task", "&Done"))
        for part in (self.tick, self.person, self.give, self.note, self.add_note):
            part.setEnabled(bool(tasks))
        self.copy.setVisible(self._task is not None and self._task.kind is Kind.READER)
        if self._task is None:
            self.likely.hide()
        task = self._task
        can = task is not None and not task.done and task.kind in (Kind.READER, Kind.ITEM)
        self.correcting.setVisible(can)
        reader = task is not None and task.kind is Kind.READER
        name = _("Right borrower:") if reader else _("Right item:")
        self.right_label.setText(name)
        self.right.setAccessibleName(name.replace("&", "").rstrip(": \u00a0"))
        self.take_back.setVisible(task is not None and task.waiting)


def _line(task: Task, place: int) -> str:
    """One line of a task; the last that is told stands for the others."""
    if place == LINES_SHOWN:
        more = len(task.lines) - LINES_SHOWN
        return ngettext("… and {count} more", "… and {count} more", more).format(count=number(more))
    if place > LINES_SHOWN:
        return ""
    line = task.lines[place]
    parts = [followupwords.when(line), followupwords.event_of(line)]
    parts += [followupwords.remark(task, line), followupwords.correction_sentence(line)]
    return " · ".join(filter(None, parts))
