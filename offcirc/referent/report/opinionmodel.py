"""What differs between the files of an upload and the system, as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QColor, QFont

from offcirc import words
from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.referent.kit.cells import Tone
from offcirc.referent.kit.figures import several_years, when
from offcirc.referent.kit.listing import Listing
from offcirc.referent.kit.look import ROSE, ReferentLook
from offcirc.upload.report import opinionwords
from offcirc.upload.report.opinion import Difference, DifferenceKind


def tone(difference: Difference) -> Tone:
    """Who has what matters more than since when."""
    return Tone.BAD if difference.kind in opinionwords.SERIOUS else Tone.LOOK


class OpinionModel(Listing[Difference]):
    """The lines that are not as the system has them."""

    LINE, KIND, TIME, OPERATION, ITEM, FILE, SYSTEM = range(7)
    numbers = (LINE,)

    def __init__(self, look: ReferentLook) -> None:
        super().__init__()
        self._code_font: QFont = look.code
        self._years = False

    def show_differences(self, differences: tuple[Difference, ...]) -> None:
        """Take these instead."""
        self._years = several_years(one.line.at for one in differences)
        self.show_things(differences)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            *(_("Line"), _("What differs"), _("Time"), _("Operation"), _("Item")),
            *(_("In the file"), _("In the system")),
        )

    def cell(self, thing: Difference, column: int) -> str:
        """What is said of a difference in a column."""
        if column == self.TIME:
            return when(thing.line.at, year=self._years)
        if column == self.FILE:
            return self._in_file(thing)
        if column == self.SYSTEM:
            return self._in_system(thing)
        return _CELLS[column](thing)

    def _in_file(self, thing: Difference) -> str:
        """What the file says, where it differs: the row tells the rest."""
        line = thing.line
        if thing.kind is DifferenceKind.OTHER_DUE:
            return when(line.due_at, year=self._years)
        if thing.kind is DifferenceKind.OTHER_TIME:
            return when(line.at, year=self._years)
        return line.patron or _("returned {when}").format(when=when(line.at, year=self._years))

    def _in_system(self, thing: Difference) -> str:
        if thing.kind is DifferenceKind.OTHER_DUE:
            return when(thing.due_at, year=self._years)
        if thing.kind is DifferenceKind.OTHER_TIME:
            return when(thing.lent_at, year=self._years)
        if thing.kind is DifferenceKind.OTHER_PATRON and thing.patron:
            return thing.patron
        if thing.kind is DifferenceKind.STILL_ON_LOAN and thing.patron:
            return _("on loan to {reader}").format(reader=thing.patron)
        return opinionwords.found(thing)

    def cell_tip(self, thing: Difference, column: int) -> str:
        """The file, and whole sentences."""
        texts = {
            self.LINE: thing.line.file,
            self.KIND: opinionwords.kind_sentence(thing.kind),
            self.FILE: opinionwords.expected(thing),
            self.SYSTEM: opinionwords.found(thing),
        }
        return texts.get(column) or self.cell(thing, column)

    def operation_of(self, thing: Difference, column: int) -> Operation | None:
        """Loans and returns in their colours."""
        return thing.line.operation if column == self.OPERATION else None

    def key(self, thing: Difference, column: int) -> Any:
        """Numbers and times by what they are."""
        line = thing.line
        if column == self.LINE:
            return line.line, line.file
        if column == self.TIME:
            return str(line.at), line.line
        text = (
            opinionwords.kind_name(thing.kind) if column == self.KIND else self.cell(thing, column)
        )
        return text.casefold(), line.file, line.line

    def cell_mark(self, thing: Difference, column: int) -> tuple[str, Tone] | None:
        """In what they differ, in two or three words."""
        return (opinionwords.kind_name(thing.kind), tone(thing)) if column == self.KIND else None

    def font(self, column: int) -> QFont | None:
        """Barcodes in letters of equal width."""
        return self._code_font if column == self.ITEM else None

    def thing_ground(self, thing: Difference) -> QColor | None:
        """Reddish where somebody else has the item, or nobody."""
        return ROSE if tone(thing) is Tone.BAD else None


_CELLS: dict[int, Callable[[Difference], str]] = {
    OpinionModel.LINE: lambda one: str(one.line.line),
    OpinionModel.KIND: lambda one: "",
    OpinionModel.OPERATION: lambda one: (
        words.operation(one.line.operation) if one.line.operation is not None else "—"
    ),
    OpinionModel.ITEM: lambda one: one.line.item,
}
