"""One task of the work list: what it is about, what was done, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
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
from offcirc.referent.flow import Flow, pair
from offcirc.referent.look import Look
from offcirc.referent.parts import button, label, make_card, set_property
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


class TaskPanel(QFrame):
    """A task, and the ways to deal with it and with all that are chosen.

    Attributes:
        task: the task looked at; ``None`` for none.

    Signals:
        deed_wanted: something is to be done about tasks, a :class:`Deed`.
        tick_wanted: what is chosen is to be ticked off, or on again.
        chosen: another task is looked at, a :class:`Task`.
        copied: the note for an item is in the clipboard; the note is given.
    """

    deed_wanted = Signal(object)
    tick_wanted = Signal()
    chosen = Signal(object)
    copied = Signal(str)

    def __init__(
        self, look: Look, chosen_tasks: Callable[[], tuple[Task, ...]], parent: QWidget
    ) -> None:
        """Make it empty.

        Args:
            look: type and sizes.
            chosen_tasks: tells the tasks that are selected in the list.
            parent: the page.
        """
        super().__init__(parent)
        self._look = look
        self.chosen_tasks = chosen_tasks
        self.task: Task | None = None
        column = make_card(self, look)
        self.setObjectName("detail")
        column.setSpacing(look.px(0.3))
        self.title = label("", look.heading, self, wrap=True)
        self.advice = label("", look.text, self, wrap=True)
        self.lines = label("", look.text, self, wrap=True)
        self.likely = label("", look.text, self, wrap=True)
        self.history = label("", look.small, self, "faint", wrap=True)
        for part in (self.title, self.advice, self.lines, self.likely):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(part)
        self._acts(column)
        column.addWidget(self.history)
        column.addStretch(1)

    def _acts(self, column: QVBoxLayout) -> None:
        look = self._look
        self.tick = button(pgettext("task", "&Done"), look, self, self.tick_wanted.emit, "primary")
        self.copy = button(_("Copy the &note"), look, self, self._copy_note)
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
        self.correcting = QWidget(self)
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
        field = QLineEdit(self)
        field.setFont(look.text)
        field.setMinimumWidth(look.px(4))
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        field.setAccessibleName(name.replace("&", "").rstrip(": \u00a0"))
        field.returnPressed.connect(act)
        done = button(verb, look, self, act)  # type: ignore[arg-type]
        row = QHBoxLayout()
        row.setSpacing(look.px(0.4))
        row.addWidget(pair(label(name, look.text, self, "faint"), field, look.px(0.4)), 1)
        row.addWidget(done)
        column.addLayout(row)
        return field, done

    def show_likely(self, task: Task, found: Sequence[tuple[str, str]]) -> None:
        """Show who may have been meant, if this task is still looked at.

        Args:
            task: the task.
            found: identifiers, and why each may have been meant.
        """
        if self.task is None or self.task.id != task.id:
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
        if self.task is not None and said:
            change = ("", said) if self.task.kind is Kind.READER else (said, "")
            self.deed_wanted.emit(Deed((self.task,), None, change=change))

    def _take_back(self) -> None:
        if self.task is not None:
            self.deed_wanted.emit(Deed((self.task,), None))

    def _copy_note(self) -> None:
        if self.task is not None:
            note = followupwords.item_note(self.task.lines[0])
            QGuiApplication.clipboard().setText(note)
            self.copied.emit(note)

    def show_task(self, thing: Task | Heading | None) -> None:
        """Show a task, a kind of them, or nothing."""
        task = thing if isinstance(thing, Task) else None
        same = task is not None and self.task is not None and task.id == self.task.id
        self.task = task
        self.setEnabled(thing is not None)
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
        set_property(self, "tone", tone.value)
        self.allow()
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
        self.setAccessibleName(" ".join(filter(None, (title, advice, lines))))

    def allow(self) -> None:
        """Offer what can be done about the tasks that are chosen now."""
        tasks = self.chosen_tasks()
        done = bool(tasks) and all(task.done for task in tasks)
        self.tick.setText(_("To be &done again") if done else pgettext("task", "&Done"))
        for part in (self.tick, self.person, self.give, self.note, self.add_note):
            part.setEnabled(bool(tasks))
        self.copy.setVisible(self.task is not None and self.task.kind is Kind.READER)
        if self.task is None:
            self.likely.hide()
        task = self.task
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
