"""The second step: what was found in the lines, and what is decided, before any of them is sent."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QVBoxLayout,
    QWidget,
)

from offcirc.i18n import _, ngettext
from offcirc.referent.cells import Heading
from offcirc.referent.checkmodel import CheckModel, Show, counts_of
from offcirc.referent.daycard import DayCard
from offcirc.referent.figures import number
from offcirc.referent.flow import Flow, Sides
from offcirc.referent.inspection import CheckRow, Inspection
from offcirc.referent.linepanel import LinePanel
from offcirc.referent.look import Look
from offcirc.referent.parts import card, choice_and_filter, heading
from offcirc.referent.table import Table


class CheckPage(QWidget):
    """The findings, and one of them.

    Attributes:
        panel: the finding that is looked at, and what can be decided about it.

    Signals:
        changed: other findings are listed.
    """

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._kept: CheckRow | Heading | None = None
        self._kept_row = 0
        self._more = 0
        self._counts = counts_of(())
        self.model = CheckModel(look)
        self.model.setParent(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(1.1), look.px(0.8), look.px(1.1), look.px(0.8))
        column.setSpacing(look.px(0.7))
        sides = Sides(look.px(22), look.px(0.7), self)
        sides.add(self._findings_card(), 8)
        self.panel = LinePanel(look, self.chosen_rows, self)
        sides.add(self.panel, 5)
        column.addWidget(sides, 1)
        self.day = DayCard(look, self, merged=True)
        column.addWidget(self.day)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.model.modelAboutToBeReset.connect(self._keep)
        self.model.modelReset.connect(self._listed)
        self._listed()

    def _findings_card(self) -> QWidget:
        look = self._look
        frame, column = card(look, self)
        bar = Flow(look.px(0.5))
        bar.addWidget(heading(_("What was found"), look, frame))
        self.show_choice, self.filter = choice_and_filter(bar, look, frame)
        self.show_choice.setAccessibleName(_("Which findings to show"))
        self.show_choice.currentIndexChanged.connect(self._show_changed)
        self.filter.setPlaceholderText(_("barcode, borrower, file…"))
        self.filter.textChanged.connect(self.model.set_words)
        self.grouped = QCheckBox(_("&Grouped by kind"), frame)
        self.grouped.setFont(look.text)
        self.grouped.setChecked(True)
        self.grouped.toggled.connect(self.model.group_by_kind)
        bar.addWidget(self.grouped)
        column.addLayout(bar)
        self.table = Table(look, _("What was found"), frame)
        self.table.setModel(self.model)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.toggled.connect(self.model.toggle)
        self.table.stretch(CheckModel.WHAT, most_lines=2, rows_in_sight=6, least=16)
        self.table.setMinimumHeight(look.px(9))
        column.addWidget(self.table, 1)
        return frame

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        self.table.setFocus()

    @property
    def open_questions(self) -> int:
        """Findings that ought to be decided before the upload."""
        return self._counts[Show.QUESTIONS]

    @property
    def summary(self) -> str:
        """What was found, in a sentence."""
        counts = self._counts
        if not self.model.things:
            return _("Nothing was found: every line can be sent.")
        questions = counts[Show.QUESTIONS]
        if questions:
            text = ngettext(
                "{count} question is open. What stays open is not sent, or sent as it is.",
                "{count} questions are open. What stays open is not sent, or sent as it is.",
                questions,
            )
            return text.format(count=number(questions))
        text = ngettext(
            "{count} line deserves a look.", "{count} lines deserve a look.", counts[Show.WARNINGS]
        )
        if counts[Show.WARNINGS]:
            return text.format(count=number(counts[Show.WARNINGS]))
        return _("Every line can be sent.")

    def show_inspection(self, found: Inspection) -> None:
        """Show what was found and decided."""
        self._more = found.more
        self._counts = counts_of(found.rows)
        self.model.show_things(found.rows)
        self.day.show_data(found.day)
        self._fill_choices()
        self.changed.emit()

    def _fill_choices(self) -> None:
        counts = self._counts
        texts = {
            Show.ALL: _("Everything ({count})"),
            Show.QUESTIONS: _("Questions ({count})"),
            Show.WARNINGS: _("To look at ({count})"),
            Show.NOTES: _("Notes ({count})"),
            Show.DECIDED: _("Decided ({count})"),
        }
        before = self.show_choice.currentData()
        self.show_choice.blockSignals(True)
        self.show_choice.clear()
        for show, text in texts.items():
            if counts[show] or show is Show.ALL:
                count = counts[show] + (self._more if show is Show.ALL else 0)
                self.show_choice.addItem(text.format(count=number(count)), show)
        self.show_choice.setCurrentIndex(max(self.show_choice.findData(before), 0))
        self.show_choice.blockSignals(False)
        if before is not None and Show(self.show_choice.currentData()) is not Show(before):
            self._show_changed(0)

    def _show_changed(self, _index: int) -> None:
        show = self.show_choice.currentData()
        if show is not None:
            self.model.show_only(Show(show))

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
        self.panel.show_row(self.model.row(current.row()) if current.isValid() else None)
