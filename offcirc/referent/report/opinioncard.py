"""The second opinion on a page: one sentence, then only what differs, file beside system."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from offcirc import words
from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.referent.kit.cells import Tone
from offcirc.referent.kit.figures import number, several_years, when
from offcirc.referent.kit.listing import Listing
from offcirc.referent.kit.look import ROSE, ReferentLook, operation_sign
from offcirc.referent.kit.parts import label, set_property
from offcirc.referent.kit.sidepanel import Facts, SidePanel
from offcirc.referent.kit.skeleton import TableAndPanel, TableSheet
from offcirc.referent.kit.table import RowTable, Shape
from offcirc.upload.report import opinionwords
from offcirc.upload.report import words as upload_words
from offcirc.upload.report.opinion import Difference, DifferenceKind, SecondOpinion


class OpinionCard(QWidget):
    """What the system held when an upload was read back.

    Attributes:
        sentence: how much agrees.
        rows: what differs.
        table: the same.
        panel: one difference, and what to do about it.
    """

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.rows = OpinionModel(look)
        self.rows.setParent(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.px(0.55))
        column.addWidget(self._make_strip())
        self.table = self._make_table()
        self.panel = _OpinionPanel(look, self)
        self.panel.stepped.connect(self.table.step)
        column.addWidget(TableAndPanel(look, TableSheet(look, self.table), self.panel), 1)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.rows.modelReset.connect(self._listed)
        self._opinion: SecondOpinion | None = None
        self.show_opinion(None)

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for the panel to go under the table."""
        return QSize(0, super().minimumSizeHint().height())

    def show_opinion(self, opinion: SecondOpinion | None) -> None:
        """Show an opinion; ``None`` while there is none."""
        self._opinion = opinion
        self._strip.setVisible(opinion is not None)
        if opinion is not None:
            self.sentence.setText(opinionwords.sentence(opinion))
            set_property(self.sentence, "tone", "good" if opinion.good else "bad")
            self._detail.setText(opinionwords.detail(opinion))
            counts = (opinion.loans, opinion.returns, opinion.unanswered)
            for value, count in zip(self._counts, counts, strict=True):
                value.setText(number(count))
        self.rows.show_differences(opinion.differ if opinion is not None else ())

    def say(self, text: str) -> None:
        """Say how far reading back is."""
        self.table.set_empty_text(text)

    def _make_strip(self) -> QFrame:
        look = self._look
        self._strip = QFrame(self)
        self._strip.setObjectName("strip")
        row = QHBoxLayout(self._strip)
        row.setContentsMargins(look.px(0.8), look.px(0.35), look.px(0.8), look.px(0.35))
        row.setSpacing(look.px(1.2))
        told = QVBoxLayout()
        told.setSpacing(0)
        self.sentence = label("", look.strong, self._strip, "toned", wrap=True)
        self._detail = label("", look.small, self._strip, "faint", wrap=True)
        for part in (self.sentence, self._detail):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            told.addWidget(part)
        row.addLayout(told, 1)
        self._counts: list[QLabel] = []
        for title in (_("On loan"), _("Returned"), _("Not told")):
            group = QVBoxLayout()
            group.setSpacing(0)
            value = label("", look.strong, self._strip)
            value.setAccessibleName(title)
            group.addWidget(label(title, look.small, self._strip, "faint"))
            group.addWidget(value)
            self._counts.append(value)
            row.addLayout(group)
        return self._strip

    def _make_table(self) -> RowTable:
        table = RowTable(self._look, _("Differences between file and system"), self)
        table.setModel(self.rows)
        table.setSortingEnabled(True)
        table.sortByColumn(OpinionModel.LINE, Qt.SortOrder.AscendingOrder)
        rows = OpinionModel
        table.shape(
            Shape(
                rows.SYSTEM,
                least={rows.KIND: 8.6, rows.ITEM: 7.1, rows.FILE: 7.3, rows.SYSTEM: 7.3},
                middle=frozenset({rows.ITEM, rows.FILE, rows.SYSTEM}),
                drop=(rows.TIME, rows.OPERATION),
            )
        )
        return table

    def _listed(self) -> None:
        self.table.fit()
        self.table.set_empty_text(self._nothing())
        self.panel.setVisible(self.rows.rowCount() > 0)
        if self.rows.rowCount():
            self.table.selectRow(0)

    def _nothing(self) -> str:
        opinion = self._opinion
        if opinion is None:
            return _(
                "Not compared yet: every item of the upload can be read back from the system, and"
                " compared with what the files say."
            )
        if opinion.unanswered:
            return _("Nothing differs, as far as the system tells.")
        return _(
            "Nothing differs: every recorded loan and return is in the system, with the right"
            " borrower, at the right time."
        )

    def _chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = self.rows.row(current.row()) if current.isValid() else None
        place = _("{number} of {count}").format(
            number=number(current.row() + 1), count=number(self.rows.rowCount())
        )
        self.panel.show_difference(row if isinstance(row, Difference) else None, place)


class _OpinionPanel(SidePanel):
    """One difference: file beside system, and what to do."""

    def __init__(self, look: ReferentLook, parent: QWidget) -> None:
        super().__init__(look, parent)
        names = [_("Operation"), _("Item"), _("Desk"), _("Line"), _("In the file")]
        self.facts = Facts(look, [*names, _("In the system")], self)
        self.body.addWidget(self.facts)
        self.advice = self.add_text(look.text)
        self.body.addStretch(1)
        self.show_difference(None)

    def show_difference(self, difference: Difference | None, place: str = "") -> None:
        """Tell of a difference, or of nothing."""
        self.facts.setVisible(difference is not None)
        if difference is None:
            self.say(self.title, "")
            self.say(self.advice, "")
            self.show_mark("", Tone.PLAIN)
            return
        line, kind = difference.line, difference.kind
        advice = opinionwords.what_to_do(kind)
        self.say(self.title, opinionwords.kind_sentence(kind))
        self.say(self.advice, f"→ {advice}")
        operation = line.operation
        self.facts.show_values(
            [
                f"{operation_sign(operation)} {words.operation(operation)}" if operation else "",
                "\n".join(filter(None, (line.item, line.title))),
                upload_words.origin(line),
                f"{line.line} · {line.file}",
                opinionwords.expected(difference),
                opinionwords.found(difference),
            ]
        )
        self.show_mark(opinionwords.kind_name(kind), tone(difference), place)
        self.setAccessibleName(f"{opinionwords.kind_sentence(kind)} {advice}")


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
