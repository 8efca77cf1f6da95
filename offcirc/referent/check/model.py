"""What was found in the lines before they are sent, and what was decided, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from PySide6.QtGui import QColor, QFont

from offcirc import words
from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.referent.background.inspection import CheckRow, FindingWeight
from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.figures import several_years, when
from offcirc.referent.kit.listing import Listing
from offcirc.referent.kit.look import ROSE, ReferentLook

_TONES = {
    FindingWeight.ERROR: Tone.BAD,
    FindingWeight.WARNING: Tone.LOOK,
    FindingWeight.NOTE: Tone.PLAIN,
    FindingWeight.DECIDED: Tone.GOOD,
}
_ORDER = {weight: place for place, weight in enumerate(FindingWeight)}
_NEVER = datetime.min  # noqa: DTZ901 - the files' times have no zone


class ShownFindings(StrEnum):
    """Which findings are listed."""

    ALL = "all"
    QUESTIONS = "questions"
    WARNINGS = "warnings"
    NOTES = "notes"
    DECIDED = "decided"


_WANTED: dict[ShownFindings, Callable[[CheckRow], bool]] = {
    ShownFindings.QUESTIONS: lambda row: row.question,
    ShownFindings.WARNINGS: lambda row: row.weight is FindingWeight.WARNING,
    ShownFindings.NOTES: lambda row: row.weight is FindingWeight.NOTE,
    ShownFindings.DECIDED: lambda row: row.weight is FindingWeight.DECIDED,
}


def counts_of(rows: Collection[CheckRow]) -> Counter[ShownFindings]:
    """How many findings each choice lists."""
    found = Counter({ShownFindings.ALL: len(rows)})
    for show, wanted in _WANTED.items():
        found[show] = sum(map(wanted, rows))
    return found


class CheckModel(Listing[CheckRow]):
    """Findings and decisions, below the heading of their kind."""

    WHAT, TIME, OPERATION, ITEM, PATRON, PLACE = range(6)

    def __init__(self, look: ReferentLook) -> None:
        super().__init__()
        self._years = False
        self._code_font: QFont = look.code
        self.group_by_kind(True)

    def show_only(self, show: ShownFindings) -> None:
        """List only these."""
        self.want(_WANTED.get(show))

    def group_by_kind(self, grouped: bool) -> None:
        """List findings of one kind together, or all in a row.

        A kind is what its heading says: damages of every sort are one.
        """
        self.group((lambda row: f"{row.weight} {row.name} {row.act}") if grouped else None)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("What is wrong"),
            _("Time"),
            _("Operation"),
            _("Item"),
            _("Borrower"),
            _("Desk · line"),
        )

    def cell(self, thing: CheckRow, column: int) -> str:
        """What is said of a finding in a column."""
        line = thing.line
        if column == self.WHAT:
            return thing.brief or thing.text
        if column == self.PLACE:
            name = line.desk or line.file
            return f"{name} · {line.number}" if line.number else name
        if column == self.TIME:
            return when(line.at, year=self._years)
        if column == self.OPERATION:
            return words.operation(line.operation) if line.operation is not None else "—"
        return (line.item if column == self.ITEM else line.patron) or "—"

    def cell_tip(self, thing: CheckRow, column: int) -> str:
        """The whole sentence, the file's own name."""
        line = thing.line
        texts = {self.WHAT: thing.text, self.PLACE: f"{line.file} · {line.number}"}
        return texts.get(column) or self.cell(thing, column)

    def operation_of(self, thing: CheckRow, column: int) -> Operation | None:
        """Loans and returns in their colours."""
        return thing.line.operation if column == self.OPERATION else None

    def show_things(self, things: Iterable[CheckRow]) -> None:
        """List these findings instead."""
        found = tuple(things)
        self._years = several_years(row.line.at for row in found)
        super().show_things(found)

    def cell_mark(self, thing: CheckRow, column: int) -> tuple[str, Tone] | None:
        """What it is, in the colour of how much it matters."""
        if column != self.WHAT or self.is_grouped:
            return None  # the heading says it
        return thing.name, _TONES[thing.weight]

    def key(self, thing: CheckRow, column: int) -> Any:
        """Lines and times by what they are, findings by how much they matter."""
        if column == self.PLACE:
            return thing.line.file, thing.line.number
        if column == self.TIME:
            return thing.line.at or _NEVER, thing.line.file, thing.line.number
        if column == self.WHAT:
            return _ORDER[thing.weight], thing.name.casefold()
        return super().key(thing, column)

    def search_text(self, thing: CheckRow) -> str:
        """Name, sentence, and both lines as they stand in their files."""
        other = f"{thing.other.file} {thing.other.shown}" if thing.other is not None else ""
        line = thing.line
        place = f"{line.file} {line.number} {line.item} {line.patron} {line.shown}"
        return f"{thing.name} {thing.text} {place} {other} {thing.who}"

    def font(self, column: int) -> QFont | None:
        """Barcodes in letters of equal width."""
        return self._code_font if column in (self.ITEM, self.PATRON) else None

    def thing_ground(self, thing: CheckRow) -> QColor | None:
        """Reddish for a line that cannot be sent."""
        return ROSE if thing.weight is FindingWeight.ERROR else None

    def make_heading(self, code: str, things: Sequence[CheckRow]) -> Heading:
        """The kind, and what to do about it."""
        first = things[0]
        tone = _TONES[first.weight]
        return Heading(code, first.name, first.act, first.act, len(things), tone)

    def group_key(self, heading: Heading) -> Any:
        """What matters most comes first; of equal weight, the rarer kind."""
        return _ORDER[FindingWeight(heading.code.split()[0])], heading.count
