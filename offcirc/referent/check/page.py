"""The second step: what was found in the lines, and what is decided, before any of them is sent."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from offcirc.i18n import _, ngettext
from offcirc.referent.background.deciding import DecisionMade
from offcirc.referent.background.inspection import CheckRow, Inspection
from offcirc.referent.check.linepanel import LinePanel
from offcirc.referent.check.model import CheckModel, ShownFindings, counts_of
from offcirc.referent.day.daycard import DayCard
from offcirc.referent.kit.cells import Heading
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.skeleton import Skeleton, TableAndPanel, TableSheet
from offcirc.referent.kit.table import RowTable, Shape

MANY = 5000
"""Findings of which nobody wants to know which one this is."""


class CheckPage(Skeleton):
    """The findings, and one of them.

    Attributes:
        panel: the finding that is looked at, and what can be decided about it.

    Signals:
        changed: other findings are listed.
    """

    changed = Signal()

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(look, _("What was found"), parent)
        self._kept: CheckRow | Heading | None = None
        self._kept_row = 0
        self._found = Inspection()
        self._settling: list[DecisionMade] = []
        self._counts = counts_of(())
        self.model = CheckModel(look)
        self.model.setParent(self)
        self.table = self._make_table()
        self.panel = LinePanel(look, self.chosen_rows, self)
        self.panel.stepped.connect(self.table.step)
        self.add_tab(_("Questions"), TableAndPanel(look, TableSheet(look, self.table), self.panel))
        self.day = DayCard(look, self)
        self.add_tab(_("The day"), self.day)
        self._make_tools()
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.model.modelAboutToBeReset.connect(self._keep)
        self.model.modelReset.connect(self._listed)
        self._listed()

    def _make_tools(self) -> None:
        self.show_choice = QComboBox(self)
        self.show_choice.setAccessibleName(_("Which findings to show"))
        self.show_choice.currentIndexChanged.connect(self._show_changed)
        self.add_choice(_("Sho&w:"), self.show_choice)
        self.filter = self.add_filter(_("barcode, borrower, file…"))
        self.filter.textChanged.connect(self.model.set_words)
        self.grouped = QCheckBox(_("&Grouped by kind"), self)
        self.grouped.setFont(self._look.text)
        self.grouped.setChecked(True)
        self.grouped.toggled.connect(self.model.group_by_kind)
        self.add_tools(self.grouped)

    def _make_table(self) -> RowTable:
        table = RowTable(self._look, _("What was found"), self)
        table.list_groups(self.model, self.model.toggle)
        model = CheckModel
        table.shape(
            Shape(
                model.WHAT,
                least={model.WHAT: 11, model.ITEM: 7.1, model.PATRON: 7.3, model.PLACE: 8},
                middle=frozenset({model.ITEM, model.PATRON, model.PLACE}),
                drop=(model.PLACE,),
            )
        )
        return table

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        self.table.setFocus()

    @property
    def open_questions(self) -> int:
        """Findings that ought to be decided before the upload."""
        return self._counts[ShownFindings.QUESTIONS]

    @property
    def summary(self) -> str:
        """What was found, in a sentence."""
        counts = self._counts
        if not self.model.things:
            return _("Nothing was found: every line can be sent.")
        questions = counts[ShownFindings.QUESTIONS]
        if questions:
            text = ngettext(
                "{count} question is open. What stays open is not sent, or sent as it is.",
                "{count} questions are open. What stays open is not sent, or sent as it is.",
                questions,
            )
            return text.format(count=number(questions))
        text = ngettext(
            "{count} line deserves a look.",
            "{count} lines deserve a look.",
            counts[ShownFindings.WARNINGS],
        )
        if counts[ShownFindings.WARNINGS]:
            return text.format(count=number(counts[ShownFindings.WARNINGS]))
        return _("Every line can be sent.")

    def show_inspection(self, found: Inspection) -> None:
        """Show what was found and decided."""
        self._found = found
        self.day.show_data(found.day)
        self._show_rows()

    def settle(self, verdict: DecisionMade) -> None:
        """What somebody decides just now is no question any more, before all is checked again."""
        self._settling.append(verdict)
        self._show_rows()

    def kept(self, verdict: DecisionMade) -> None:
        """A decision is kept: the next check knows of it."""
        if verdict in self._settling:
            self._settling.remove(verdict)

    def unsettle(self, verdict: DecisionMade) -> None:
        """A decision could not be kept: its question is open again."""
        self.kept(verdict)
        self._show_rows()

    def _show_rows(self) -> None:
        rows = [row for row in self._found.rows if not any(v.answers(row) for v in self._settling)]
        self._counts = counts_of(rows)
        self.model.show_things(rows)
        self._fill_choices()
        self.count(0, self.open_questions)
        self.changed.emit()

    def _fill_choices(self) -> None:
        counts = self._counts
        texts = {
            ShownFindings.ALL: _("Everything ({count})"),
            ShownFindings.QUESTIONS: _("Questions ({count})"),
            ShownFindings.WARNINGS: _("To look at ({count})"),
            ShownFindings.NOTES: _("Notes ({count})"),
            ShownFindings.DECIDED: _("Decided ({count})"),
        }
        before = self.show_choice.currentData()
        self.show_choice.blockSignals(True)
        self.show_choice.clear()
        for show, text in texts.items():
            if counts[show] or show is ShownFindings.ALL:
                count = counts[show] + (self._found.more if show is ShownFindings.ALL else 0)
                self.show_choice.addItem(text.format(count=number(count)), show)
        self.show_choice.setCurrentIndex(max(self.show_choice.findData(before), 0))
        self.show_choice.blockSignals(False)
        if before is not None and ShownFindings(
            self.show_choice.currentData()
        ) is not ShownFindings(before):
            self._show_changed(0)

    def _show_changed(self, _index: int) -> None:
        show = self.show_choice.currentData()
        if show is not None:
            self.model.show_only(ShownFindings(show))

    def chosen_rows(self) -> list[CheckRow]:
        """The findings that are selected."""
        found = []
        for index in self.table.selectionModel().selectedRows():
            thing = self.model.row(index.row())
            if isinstance(thing, CheckRow):
                found.append(thing)
        return found

    # -- the finding looked at -----------------------------------------------------------------

    def _keep(self) -> None:
        row = self.table.currentIndex().row()
        if 0 <= row < self.model.rowCount():
            self._kept, self._kept_row = self.model.row(row), row

    def _listed(self) -> None:
        self.table.fit()
        self.table.set_empty_text(
            _("No finding holds these words.")
            if self.model.things
            else _("Nothing was found: every line can be sent.")
        )
        count = self.model.rowCount()
        if not count:
            self.panel.show_row(None)
            return
        row = self._row_again(count)
        self.table.selectRow(row)
        self._chosen(self.model.index(row, 0))

    def _place(self, row: int) -> str:
        """Which of how many a finding is."""
        rows = self.model.listed
        if len(rows) > MANY:
            return ""
        place = sum(self.model.heading(above) is None for above in range(row + 1))
        return _("{number} of {count}").format(number=number(place), count=number(len(rows)))

    def _row_again(self, count: int) -> int:
        """The row of the finding that was chosen; of what has come in its place if it is gone."""
        kept = self._kept
        if isinstance(kept, Heading):
            return max(self.model.row_of(kept), 0)
        if kept is None:
            return 1 if count > 1 and self.model.heading(0) is not None else 0
        same = (kept.code, kept.line.file, kept.line.number)
        for row in range(count):
            thing = self.model.row(row)
            if (
                isinstance(thing, CheckRow)
                and (thing.code, thing.line.file, thing.line.number) == same
            ):
                return row
        return min(self._kept_row, count - 1)

    def _chosen(self, current: QModelIndex, _previous: QModelIndex | None = None) -> None:
        if current.isValid():
            row = current.row()
            self.panel.show_row(self.model.row(row), self._place(row))
        else:
            self.panel.show_row(None)
