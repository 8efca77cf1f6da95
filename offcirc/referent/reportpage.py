"""The third step: what came of it, line by line, in words, and out as a file."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from offcirc.i18n import _, pgettext
from offcirc.referent import refusal
from offcirc.referent.cells import Heading, Tone
from offcirc.referent.daycard import DayCard
from offcirc.referent.figures import number
from offcirc.referent.flow import Flow, pair
from offcirc.referent.jobcard import JobCard
from offcirc.referent.look import Look
from offcirc.referent.parts import button, card, label, set_property
from offcirc.referent.reportmodel import ReportModel, Show, counts
from offcirc.referent.table import Table
from offcirc.upload.report import Grouping, JobReport, ReportLine

ROOMY = 75
"""Line heights from which on the table has room for every column."""


class ReportPage(QWidget):
    """One report.

    Signals:
        export_wanted: somebody wants it as a file.
        mail_wanted: somebody wants it mailed.
        resume_wanted: somebody wants the unfinished upload to go on.
    """

    export_wanted = Signal()
    mail_wanted = Signal()
    resume_wanted = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._report: JobReport | None = None
        self._line: ReportLine | Heading | None = None
        self.rows = ReportModel(look)
        self.rows.setParent(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(look.px(1.1), look.px(0.8), look.px(1.1), look.px(0.8))
        self.nothing = label(
            _(
                "There is no report yet. It comes with the upload; where files are carried to Alma,"
                " with Alma’s own report."
            ),
            look.text,
            self,
            "faint",
            wrap=True,
        )
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer.addWidget(self.nothing, 1)
        self.content = QWidget(self)
        self.content.hide()
        outer.addWidget(self.content, 1)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.px(0.6))
        self.job = JobCard(look, self)
        column.addWidget(self.job)
        self.problem = label("", look.text, self, "doubt", wrap=True)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.problem)
        column.addLayout(self._bar())
        self.table = Table(look, _("Lines of the report"), self)
        self.table.setObjectName("framed")
        self.table.setModel(self.rows)
        self.table.setSortingEnabled(True)
        self.table.toggled.connect(self.rows.toggle)
        self.table.stretch(ReportModel.MESSAGE, most_lines=2, rows_in_sight=6)
        self.table.setMinimumHeight(look.px(6))
        column.addWidget(self.table, 1)
        column.addWidget(self._panel())
        self.day = DayCard(look, self, merged=True)
        self.day.hide()
        column.addWidget(self.day)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.rows.modelAboutToBeReset.connect(self._remember_line)
        self.rows.modelReset.connect(self._listed)

    def _bar(self) -> Flow:
        look = self._look
        row = Flow(look.px(0.5))
        self.show_label = label(_("Sho&w:"), look.text, self, "faint")
        self.show_choice = QComboBox(self)
        self.show_choice.setFont(look.text)
        self.show_choice.setAccessibleName(_("Which lines to show"))
        self.show_choice.currentIndexChanged.connect(self._show_changed)
        self.filter_label = label(_("F&ilter:"), look.text, self, "faint")
        self.filter = QLineEdit(self)
        self.filter.setFont(look.text)
        self.filter.setAccessibleName(_("Filter"))
        self.filter.setPlaceholderText(_("barcode, borrower, reason, file…"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._words_changed)
        self.filter.setMinimumWidth(look.px(11))
        self.group_label = label(_("&Group by:"), look.text, self, "faint")
        self.group_choice = QComboBox(self)
        self.group_choice.setFont(look.text)
        self.group_choice.setAccessibleName(_("Group by"))
        for text, grouping in (
            (pgettext("group by", "nothing"), None),
            (pgettext("group by", "reason"), Grouping.REASON),
            (pgettext("group by", "borrower"), Grouping.READER),
            (pgettext("group by", "item"), Grouping.ITEM),
        ):
            self.group_choice.addItem(text, grouping)
        self.group_choice.currentIndexChanged.connect(self._grouping_changed)
        self.resume = button(
            _("Resu&me the upload"), look, self, self.resume_wanted.emit, "primary"
        )
        self.export = button(_("E&xport…"), look, self, self.export_wanted.emit)
        row.addWidget(pair(self.show_label, self.show_choice, look.px(0.4)))
        row.addWidget(pair(self.group_label, self.group_choice, look.px(0.4)))
        row.addWidget(pair(self.filter_label, self.filter, look.px(0.4)))
        row.addWidget(self.resume)
        row.addWidget(self.export)
        self.mail = button(_("Send by mai&l"), look, self, self.mail_wanted.emit)
        self.mail.hide()
        row.addWidget(self.mail)
        return row

    def _panel(self) -> QFrame:
        look = self._look
        self.panel, column = card(look, self)
        self.panel.setObjectName("detail")
        column.setSpacing(look.px(0.12))
        column.setContentsMargins(look.px(1.1), look.px(0.55), look.px(0.9), look.px(0.6))
        self.title = label("", look.strong, self.panel)
        self.event_text = label("", look.text, self.panel, wrap=True)
        self.why = label("", look.text, self.panel, wrap=True)
        self.advice = label("", look.text, self.panel, wrap=True)
        for part in (self.title, self.event_text, self.why, self.advice):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(part)
        return self.panel

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        self.table.setFocus()

    @property
    def report(self) -> JobReport | None:
        """The report shown."""
        return self._report

    def show_report(self, report: JobReport) -> None:
        """Show a report."""
        self._report = report
        self.nothing.hide()
        self.content.show()
        self.job.show_job(report)
        self.problem.setText(report.problem)
        self.problem.setVisible(bool(report.problem))
        self.resume.setVisible(not report.complete and not report.dry_run)
        head = self.table.horizontalHeader()
        for part in (self.filter, self.show_choice, head):
            part.blockSignals(True)
        self.filter.clear()
        show = self._fill_choices(report)
        head.setSortIndicator(ReportModel.LINE, Qt.SortOrder.AscendingOrder)
        for part in (self.filter, self.show_choice, head):
            part.blockSignals(False)
        self.table.setCurrentIndex(QModelIndex())
        self.rows.show_lines(report.lines, show)
        self._choose_columns()
        self.table.scrollToTop()

    def _choose_columns(self) -> None:
        """Leave out what there is nothing to tell about, and where it is narrow what can wait."""
        hidden = self.rows.empty_columns()
        if self.width() < self._look.px(ROOMY):
            # The panel below tells it of the line that is chosen.
            hidden |= {ReportModel.TITLE, ReportModel.READER, ReportModel.DESK}
        for column in range(self.rows.columnCount()):
            self.table.setColumnHidden(column, column in hidden)
        self.table.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more where there is more room."""
        super().resizeEvent(event)
        self._choose_columns()

    def _fill_choices(self, report: JobReport) -> Show:
        """Offer what there is to be shown; returns what is chosen."""
        texts = {
            Show.EXCEPTIONS: _("Exceptions ({count})"),
            Show.NOTES: _("Recorded, with something to do ({count})"),
            Show.EARLIER: _("Already recorded ({count})"),
            Show.ALL: _("All of these ({count})"),
        }
        self.show_choice.clear()
        for show, count in counts(report.lines).items():
            if count or show is Show.EXCEPTIONS:
                self.show_choice.addItem(texts[show].format(count=number(count)), show)
        first = 0 if report.exceptions or self.show_choice.count() == 1 else 1
        self.show_choice.setCurrentIndex(first)
        return Show(self.show_choice.currentData())

    def _show_changed(self, _index: int) -> None:
        show = self.show_choice.currentData()
        if show is not None:
            self.rows.set_show(Show(show))

    @property
    def grouping(self) -> Grouping | None:
        """By what the lines are put together, if by anything."""
        grouping = self.group_choice.currentData()
        return Grouping(grouping) if grouping is not None else None

    def _grouping_changed(self, _index: int) -> None:
        self.rows.set_grouping(self.grouping)

    def _words_changed(self, text: str) -> None:
        self.rows.set_words(text)

    def _remember_line(self) -> None:
        row = self.table.currentIndex().row()
        self._line = self.rows.row(row) if 0 <= row < self.rows.rowCount() else None

    def _listed(self) -> None:
        """Other rows are listed: stay on the line that was chosen, or choose the first."""
        self.table.fit()
        self.table.set_empty_text(self._nothing())
        self._choose_row(max(self.rows.row_of(self._line), 0))

    def _choose_row(self, row: int) -> None:
        if row < self.rows.rowCount():
            self.table.selectRow(row)
        else:
            self._explain(None)

    def _nothing(self) -> str:
        if self._report is None:
            return ""
        if self.filter.text().strip():
            return _("No line holds these words.")
        if not self._report.complete:
            return _("Nothing was refused so far.")
        if self._report.dry_run:
            return _("No line would be refused.")
        return _("Every line was recorded.")

    def _chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self._explain(self.rows.row(current.row()) if current.isValid() else None)

    def _explain(self, line: ReportLine | Heading | None) -> None:
        self.panel.setVisible(line is not None)
        if line is None:
            return
        if isinstance(line, Heading):
            self._tell(line.name, line.detail, "", line.advice, line.tone)
            return
        told = refusal.explain(line)
        self._tell(told.title, told.event, told.why, told.advice, told.tone)

    def _tell(self, title: str, event: str, why: str, advice: str, tone: Tone) -> None:
        self.title.setText(title)
        texts = ((self.event_text, event if event != advice else ""), (self.why, why))
        for part, text in (*texts, (self.advice, f"→ {advice}" if advice else "")):
            part.setText(text)
            part.setVisible(bool(text))
        set_property(self.panel, "tone", tone.value)
        self.panel.setAccessibleName(" ".join(filter(None, (title, event, why, advice))))
