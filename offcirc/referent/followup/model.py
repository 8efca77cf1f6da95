"""The work list as a table: one task a row, below the heading of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from PySide6.QtGui import QFont

from offcirc.i18n import N_, _, ngettext, pgettext
from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.figures import number, several_years, when
from offcirc.referent.kit.listing import Listing
from offcirc.referent.kit.look import ReferentLook
from offcirc.upload.followup import followupwords
from offcirc.upload.followup.task import Task, TaskKind

_NEVER = datetime.min  # noqa: DTZ901 - the files' times have no zone
_ORDER = {kind: place for place, kind in enumerate(TaskKind)}
_URGENT = (TaskKind.PATRON, TaskKind.ITEM, TaskKind.CHECK, TaskKind.OTHER, TaskKind.DAMAGED)


_VERBS = {
    TaskKind.PATRON: N_("Find the reader"),
    TaskKind.ITEM: N_("Note on the borrower"),
    TaskKind.CHECK: N_("Look in the system"),
    TaskKind.OTHER: N_("Read the message"),
    TaskKind.DAMAGED: N_("Compare the line"),
    TaskKind.DUE_DATE: N_("Change the due date"),
    TaskKind.HOLD_SHELF: N_("Scan once more"),
    TaskKind.TRANSIT: N_("Send it home"),
    TaskKind.NOT_RENEWED: N_("Tell the borrower"),
    TaskKind.TOLD: N_("Change the due date, or tell the borrower"),
    TaskKind.CLOCK: N_("Check the clock"),
    TaskKind.HARMLESS: N_("Nothing to do"),
}


class ShownTasks(StrEnum):
    """Which tasks are listed."""

    OPEN = "open"
    DONE = "done"
    ALL = "all"


class TodoModel(Listing[Task]):
    """The tasks of every upload."""

    TASK, ITEM, PATRON, WHEN, ASSIGNED, STATUS = range(6)

    def __init__(self, look: ReferentLook) -> None:
        super().__init__()
        self._code_font: QFont = look.code
        self._years = False
        self.show_only(ShownTasks.OPEN)
        self.group(lambda task: task.kind.value)

    def show_only(self, show: ShownTasks) -> None:
        """List open tasks, done ones, or all."""
        wanted = {ShownTasks.OPEN: False, ShownTasks.DONE: True}.get(show)
        self.want(None if wanted is None else lambda task: task.done is wanted)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("Task"),
            _("Item"),
            _("Borrower"),
            pgettext("task", "From"),
            _("Given to"),
            pgettext("task", "State"),
        )

    def cell(self, thing: Task, column: int) -> str:
        """What is said of a task in a column."""
        first = thing.lines[0]
        if column == self.ITEM:
            count = len({line.item for line in thing.lines})
            text = ngettext("{count} item", "{count} items", count)
            return first.item or "—" if count == 1 else text.format(count=number(count))
        texts = {
            self.TASK: verb(thing),
            self.STATUS: "",
            self.PATRON: first.patron or "—",
            self.WHEN: when(first.at, year=self._years),
            self.ASSIGNED: thing.assigned,
        }
        return texts[column]

    def show_things(self, things: Iterable[Task]) -> None:
        """List these tasks instead."""
        found = tuple(things)
        self._years = several_years(task.lines[0].at for task in found)
        super().show_things(found)

    def cell_mark(self, thing: Task, column: int) -> tuple[str, Tone] | None:
        """Where the task stands."""
        if column != self.STATUS:
            return None
        tone = Tone.GOOD if thing.done else Tone.LOOK if thing.waiting else Tone.PLAIN
        return _state(thing), tone

    def cell_tip(self, thing: Task, column: int) -> str:
        """What is to be done, on the task itself."""
        texts = {self.TASK: followupwords.headline(thing), self.STATUS: followupwords.status(thing)}
        return texts.get(column) or self.cell(thing, column)

    def font(self, column: int) -> QFont | None:
        """Barcodes in letters of equal width."""
        return self._code_font if column in (self.ITEM, self.PATRON) else None

    def key(self, thing: Task, column: int) -> Any:
        """Times by what they are, the rest by its words."""
        if column == self.WHEN:
            return thing.lines[0].at or _NEVER
        if column == self.STATUS:
            return thing.done, followupwords.status(thing).casefold()
        return super().key(thing, column)

    def search_text(self, thing: Task) -> str:
        """All that its lines say, and what people noted."""
        lines = [
            f"{line.item} {line.patron} {line.file} {line.message} {followupwords.when(line)}"
            for line in thing.lines
        ]
        notes = [event.text for event in thing.events]
        about = (followupwords.headline(thing), followupwords.status(thing), thing.lines[0].desk)
        return " ".join([super().search_text(thing), *about, *lines, *notes])

    def make_heading(self, code: str, things: Sequence[Task]) -> Heading:
        """The kind, and what to do about it."""
        kind = TaskKind(code)
        left = any(not task.done for task in things)
        tone = Tone.GOOD if not left else Tone.BAD if kind in _URGENT else Tone.LOOK
        advice = followupwords.advice(kind)
        name = followupwords.kind_name(kind)
        return Heading(code, name, advice, advice, len(things), tone)

    def group_key(self, heading: Heading) -> Any:
        """Work first, in the order of what it asks for."""
        return _ORDER[TaskKind(heading.code)]


def verb(task: Task) -> str:
    """What is to be done, in two or three words."""
    if task.kind is TaskKind.ITEM and not task.patron:
        return _("Find the item returned")
    return _(_VERBS[task.kind])


def _state(task: Task) -> str:
    """Where a task stands, in a word or two."""
    if task.done:
        return _("done")
    return _("to be sent again") if task.waiting else _("to do")
