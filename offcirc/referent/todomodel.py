"""The work list as a table: one task a row, below the heading of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from PySide6.QtGui import QFont

from offcirc.i18n import _, pgettext
from offcirc.referent.cells import Heading, Tone
from offcirc.referent.listing import Listing
from offcirc.referent.look import Look
from offcirc.upload import followupwords
from offcirc.upload.followup import Kind, Task

_NEVER = datetime.min  # noqa: DTZ901 - the files' times have no zone
_ORDER = {kind: place for place, kind in enumerate(Kind)}
_URGENT = (Kind.READER, Kind.ITEM, Kind.CHECK, Kind.OTHER, Kind.DAMAGED)


class Show(StrEnum):
    """Which tasks are listed."""

    OPEN = "open"
    DONE = "done"
    ALL = "all"


class TodoModel(Listing[Task]):
    """The tasks of every upload."""

    TASK, STATUS, WHEN, DESK, ASSIGNED = range(5)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._code_font: QFont = look.code
        self.show_only(Show.OPEN)
        self.group(lambda task: task.kind.value)

    def show_only(self, show: Show) -> None:
        """List open tasks, done ones, or all."""
        wanted = {Show.OPEN: False, Show.DONE: True}.get(show)
        self.want(None if wanted is None else lambda task: task.done is wanted)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("Task"),
            pgettext("task", "State"),
            pgettext("task", "From"),
            _("Circulation desk"),
            _("Given to"),
        )

    def cell(self, thing: Task, column: int) -> str:
        """What is said of a task in a column."""
        first = thing.lines[0]
        texts = {
            self.TASK: followupwords.headline(thing),
            self.STATUS: "",
            self.WHEN: followupwords.when(first),
            self.DESK: first.desk,
            self.ASSIGNED: thing.assigned,
        }
        return texts[column]

    def cell_mark(self, thing: Task, column: int) -> tuple[str, Tone] | None:
        """Where the task stands."""
        if column != self.STATUS:
            return None
        tone = Tone.GOOD if thing.done else Tone.LOOK if thing.waiting else Tone.PLAIN
        return followupwords.status(thing), tone

    def cell_tip(self, thing: Task, column: int) -> str:
        """What is to be done, on the task itself."""
        return followupwords.advice(thing.kind) if column == 0 else self.cell(thing, column)

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
        return " ".join([super().search_text(thing), *lines, *notes])

    def make_heading(self, code: str, things: Sequence[Task]) -> Heading:
        """The kind, and what to do about it."""
        kind = Kind(code)
        left = any(not task.done for task in things)
        tone = Tone.GOOD if not left else Tone.BAD if kind in _URGENT else Tone.LOOK
        advice = followupwords.advice(kind)
        name = followupwords.kind_name(kind)
        return Heading(code, name, advice, advice, len(things), tone)

    def group_key(self, heading: Heading) -> Any:
        """Work first, in the order of what it asks for."""
        return _ORDER[Kind(heading.code)]
