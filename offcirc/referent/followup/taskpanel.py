"""One task of the work list: what it is about, what was done, and what can be done."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSizePolicy,
    QWidget,
)

from offcirc.i18n import _, ngettext, pgettext
from offcirc.referent.kit.cells import Heading, Tone, breakable
from offcirc.referent.kit.figures import named, number
from offcirc.referent.kit.flow_layout import Flow, pair
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label
from offcirc.referent.kit.sidepanel import SidePanel
from offcirc.upload.followup import followupwords
from offcirc.upload.followup.followup import Action
from offcirc.upload.followup.followupwords import slip_reasons
from offcirc.upload.followup.slips import Slip
from offcirc.upload.followup.task import Task, TaskKind

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


class TaskPanel(SidePanel):
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
        self, look: ReferentLook, chosen_tasks: Callable[[], tuple[Task, ...]], parent: QWidget
    ) -> None:
        """Make it empty.

        Args:
            look: type and sizes.
            chosen_tasks: tells the tasks that are selected in the list.
            parent: the page.
        """
        super().__init__(look, parent)
        self.chosen_tasks = chosen_tasks
        self.task: Task | None = None
        self._typed_one = False
        self.lines = self.add_text(look.text)
        self.advice = self.add_text(look.text)
        self.likely = LikelyPatrons(look, self)
        self.likely.picked.connect(self._take_likely)
        self.body.addWidget(self.likely)
        self.history = self.add_text(look.small, "faint")
        self.body.addStretch(1)
        self._corrections()
        self.person, self.give = self._field(_("&Given to:"), _("Gi&ve"), self._assign)
        self.note, self.add_note = self._field(_("N&ote:"), _("&Add"), self._add_note)
        self.tick = button(pgettext("task", "&Done"), look, self, self.tick_wanted.emit)
        self.copy = button(_("Copy the &note"), look, self, self._copy_note)
        row = Flow(look.px(0.35))
        for part in (self.tick, self.copy):
            row.addWidget(part)
        self.foot.addLayout(row)

    def _corrections(self) -> None:
        """What the lines should have said: they are sent again with that."""
        look = self._look
        self.missing = label("", look.small, self, "doubt", wrap=True)
        self.missing.hide()
        self.right = QLineEdit(self)
        self.right.setFont(look.code)
        self.right.textEdited.connect(self._typed)
        self.right.returnPressed.connect(self._correct)
        self.right_label = label("", look.text, self, "faint")
        self.correct = button(_("&Put right and send again"), look, self, self._correct)
        self.take_back = button(_("&Take that back"), look, self, self._take_back)
        row = Flow(look.px(0.35))
        for part in (self.correct, self.take_back):
            row.addWidget(part)
        self.foot.addWidget(pair(self.right_label, self.right, look.px(0.4)))
        self.foot.addWidget(self.missing)
        self.foot.addLayout(row)

    def _field(self, name: str, verb: str, act: object) -> tuple[QLineEdit, QWidget]:
        look = self._look
        field = QLineEdit(self)
        field.setFont(look.text)
        field.setMinimumWidth(look.px(3))
        field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        field.setAccessibleName(name.replace("&", "").rstrip(": \u00a0"))
        field.returnPressed.connect(act)
        done = button(verb, look, self, act)  # type: ignore[arg-type]
        row = QHBoxLayout()
        row.setSpacing(look.px(0.4))
        row.addWidget(pair(label(name, look.text, self, "faint"), field, look.px(0.4)), 1)
        row.addWidget(done)
        self.foot.addLayout(row)
        return field, done

    def show_likely(self, task: Task, found: Sequence[Slip]) -> None:
        """Show who may have been meant, if this task is still looked at; the likeliest is chosen.

        Args:
            task: the task.
            found: who may have been meant.
        """
        if self.task is None or self.task.id != task.id:
            return
        typed = self.right.text() if self._typed_one else ""
        self.likely.show_found(task.patron, found)
        if typed:
            self.right.setText(typed)
            self.likely.pick_none()

    def _assign(self) -> None:
        if self.chosen_tasks():
            self.deed_wanted.emit(Deed(self.chosen_tasks(), Action.ASSIGNED, self.person.text()))

    def _add_note(self) -> None:
        if self.chosen_tasks() and self.note.text().strip():
            self.deed_wanted.emit(Deed(self.chosen_tasks(), Action.NOTED, self.note.text()))
            self.note.clear()

    def _take_likely(self, patron: str) -> None:
        self.right.setText(patron)
        self.say(self.missing, "")

    def _typed(self, text: str) -> None:
        self._typed_one = bool(text)
        self.likely.pick_none()
        self.say(self.missing, "")

    def _correct(self) -> None:
        said = self.right.text().strip()
        if self.task is None:
            return
        patron = self.task.kind is TaskKind.PATRON
        if not said:
            self.say(
                self.missing,
                _("Choose a likely reader, or type the right identifier.")
                if patron
                else _("Type the right barcode of the item."),
            )
            self.right.setFocus()
            return
        change = ("", said) if patron else (said, "")
        self.deed_wanted.emit(Deed((self.task,), None, change=change))

    def _take_back(self) -> None:
        if self.task is not None:
            self.deed_wanted.emit(Deed((self.task,), None))

    def _copy_note(self) -> None:
        if self.task is not None:
            note = followupwords.item_note(self.task.lines[0])
            QGuiApplication.clipboard().setText(note)
            self.copied.emit(note)

    def show_task(self, thing: Task | Heading | None, place: str = "") -> None:
        """Show a task, a kind of them, or nothing.

        Args:
            thing: what is looked at.
            place: which of how many it is.
        """
        task = thing if isinstance(thing, Task) else None
        same = task is not None and self.task is not None and task.id == self.task.id
        self.task = task
        if isinstance(thing, Heading):
            self._say(thing.name, thing.advice, "", "")
        elif task is None:
            self._say("", "", "", "")
        else:
            told = "\n".join(
                _line(task, row) for row in range(min(len(task.lines), LINES_SHOWN + 1))
            )
            done = [followupwords.event_sentence(event) for event in task.events]
            title, advice = followupwords.headline(task), followupwords.advice(task.kind)
            self._say(title, f"→ {advice}", told, "\n".join(done))
            self.person.setText(task.assigned)
        urgent = task is not None and not task.done
        tone = Tone.LOOK if urgent else Tone.PLAIN
        name = followupwords.kind_name(task.kind) if task is not None else ""
        self.show_mark(name, tone, place if task is not None else "")
        if not same:
            self.likely.show_found("", ())
            self.right.clear()
            self._typed_one = False
            self.say(self.missing, "")
        self.allow()
        if task is not None and not same:
            self.chosen.emit(task)

    def _say(self, title: str, advice: str, lines: str, history: str) -> None:
        for part, text in (
            (self.title, title),
            (self.advice, advice),
            (self.lines, lines),
            (self.history, history),
        ):
            self.say(part, text)
        self.setAccessibleName(" ".join(filter(None, (title, advice, lines))))

    def allow(self) -> None:
        """Offer what can be done about the tasks that are chosen now."""
        tasks, task = self.chosen_tasks(), self.task
        done = bool(tasks) and all(one.done for one in tasks)
        self.tick.setText(_("To be &done again") if done else pgettext("task", "&Done"))
        for part in (self.tick, self.person, self.give, self.note, self.add_note):
            part.setEnabled(bool(tasks))
        patron = task is not None and task.kind is TaskKind.PATRON
        self.copy.setEnabled(patron)
        can = task is not None and not task.done and task.kind in (TaskKind.PATRON, TaskKind.ITEM)
        for field in (self.right, self.correct):
            field.setEnabled(can)
        name = _("Right item:") if task is not None and not patron else _("Right borrower:")
        self.right_label.setText(name)
        self.right.setAccessibleName(name.replace("&", "").rstrip(": \u00a0"))
        self.take_back.setEnabled(task is not None and task.waiting)


def _line(task: Task, place: int) -> str:
    """One line of a task; the last that is told stands for the others."""
    if place == LINES_SHOWN:
        more = len(task.lines) - LINES_SHOWN
        return ngettext("… and {count} more", "… and {count} more", more).format(count=number(more))
    line = task.lines[place]
    parts = [followupwords.when(line), followupwords.event_of(line)]
    parts += [followupwords.remark(task, line), followupwords.correction_sentence(line)]
    return " · ".join(filter(None, parts))


class LikelyPatrons(QWidget):
    """The likely readers, the likeliest chosen already.

    Attributes:
        choices: one for each of them.

    Signals:
        picked: one of them is chosen; the identifier.
    """

    picked = Signal(str)

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.choices: list[QRadioButton] = []
        self._labels: list[QLabel] = []
        self._group = QButtonGroup(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(look.px(0.3))
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._title = label(_("Likely readers"), look.strong, self)
        self._grid.addWidget(self._title, 0, 0, 1, 2)
        self.hide()

    @property
    def text(self) -> str:
        """All of them in words."""
        return "\n".join(choice.accessibleName() for choice in self.choices)

    def show_found(self, wrong: str, found: Sequence[Slip]) -> None:
        """Offer these; none hides it.

        Args:
            wrong: the identifier that nobody has.
            found: who may have been meant, the likeliest first.
        """
        for part in (*self.choices, *self._labels):
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()
        self.choices, self._labels = [], []
        for place, slip in enumerate(found):
            self._add(place, wrong, slip)
        self.setVisible(bool(found))
        if self.choices:
            self.choices[0].setChecked(True)

    def pick_none(self) -> None:
        """Somebody else was meant."""
        self._group.setExclusive(False)
        for choice in self.choices:
            choice.setChecked(False)
        self._group.setExclusive(True)

    def _add(self, place: int, wrong: str, slip: Slip) -> None:
        look = self._look
        choice = QRadioButton(self)
        reasons = slip_reasons(slip)
        choice.setAccessibleName(named(f"{slip.identifier} {slip.name}".rstrip(), reasons))
        choice.toggled.connect(lambda on: self.picked.emit(slip.identifier) if on else None)
        name, why = _Words(choice, self), _Words(choice, self)
        name.setTextFormat(Qt.TextFormat.RichText)
        name.setFont(look.code)
        name.setText(marked(wrong, slip.identifier, slip.name))
        name.setToolTip(html.escape(slip.identifier))
        why.setTextFormat(Qt.TextFormat.PlainText)
        why.setObjectName("faint")
        why.setFont(look.small)
        why.setText(reasons)
        self._group.addButton(choice)
        self.choices.append(choice)
        self._labels += [name, why]
        row = 1 + 2 * place
        self._grid.addWidget(choice, row, 0)
        self._grid.addWidget(name, row, 1)
        self._grid.addWidget(why, row + 1, 1)


class _Words(QLabel):
    """What is told of a choice; a click on it chooses, too."""

    def __init__(self, choice: QRadioButton, parent: QWidget) -> None:
        super().__init__(parent)
        self._choice = choice
        self.setWordWrap(True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        self._choice.setChecked(True)
        self._choice.setFocus()
        event.accept()


def marked(wrong: str, right: str, name: str) -> str:
    """An identifier with the characters that differ from the wrong one marked, as HTML."""
    parts = []
    for kind, _i, _j, start, end in SequenceMatcher(None, wrong, right, False).get_opcodes():
        text = html.escape(breakable(right[start:end]))
        if text:
            same = kind == "equal"
            parts.append(text if same else f'<span style="background:#ffe39a">{text}</span>')
    return f"{''.join(parts)} {html.escape(name)}".rstrip()
