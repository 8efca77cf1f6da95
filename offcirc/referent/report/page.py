"""The third step: what came of it, line by line, in words, and out as a file."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from offcirc.i18n import _, pgettext
from offcirc.referent.background import jobwords
from offcirc.referent.day.daycard import DayCard
from offcirc.referent.kit.cells import Heading
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button, label, set_property
from offcirc.referent.kit.skeleton import Skeleton, TableAndPanel, TableSheet
from offcirc.referent.kit.table import RowTable
from offcirc.referent.report.model import ReportModel, ShownLines, counts, shape
from offcirc.referent.report.opinioncard import OpinionCard
from offcirc.referent.report.reportpanel import ReportPanel
from offcirc.upload.report.report import Grouping, JobReport, JobStatus, ReportLine


class ReportPage(Skeleton):
    """One report.

    Signals:
        export_wanted: somebody wants it as a file.
        lines_wanted: somebody wants the lines collected as a file for another system.
        mail_wanted: somebody wants it mailed.
        resume_wanted: somebody wants the unfinished upload to go on.
        compare_wanted: somebody wants it read back from the system.
    """

    export_wanted = Signal()
    lines_wanted = Signal()
    mail_wanted = Signal()
    resume_wanted = Signal()
    compare_wanted = Signal()

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(look, _("Report"), parent)
        self._report: JobReport | None = None
        self._line: ReportLine | Heading | None = None
        self.rows = ReportModel(look)
        self.rows.setParent(self)
        self.job = JobCard(look, self)
        self.problem = label("", look.text, self, "doubt", wrap=True)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for place, part in enumerate((self.job, self.problem), start=1):
            part.hide()
            self.column.insertWidget(place, part)
        self.table = self._make_table()
        self.panel = ReportPanel(look, self)
        self.panel.stepped.connect(self.table.step)
        self.add_tab(
            _("Refused lines"), TableAndPanel(look, TableSheet(look, self.table), self.panel)
        )
        self.day = DayCard(look, self)
        self.add_tab(_("The day"), self.day)
        self.opinion = OpinionCard(look, self)
        self._opinion_tab = self.add_tab(_("Second opinion"), self.opinion)
        self._make_tools()
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.rows.modelAboutToBeReset.connect(self._remember_line)
        self.rows.modelReset.connect(self._listed)
        self._offer()
        self._listed()

    def _make_table(self) -> RowTable:
        table = RowTable(self._look, _("Lines of the report"), self)
        table.setModel(self.rows)
        table.setSortingEnabled(True)
        table.toggled.connect(self.rows.toggle)
        table.shape(shape())
        return table

    def _make_tools(self) -> None:
        look = self._look
        self.show_choice = QComboBox(self)
        self.show_choice.setAccessibleName(_("Which lines to show"))
        self.show_choice.currentIndexChanged.connect(self._show_changed)
        self.add_choice(_("Sho&w:"), self.show_choice)
        self.group_choice = QComboBox(self)
        self.group_choice.setAccessibleName(_("Group by"))
        for text, grouping in (
            (pgettext("group by", "nothing"), None),
            (pgettext("group by", "reason"), Grouping.REASON),
            (pgettext("group by", "borrower"), Grouping.PATRON),
            (pgettext("group by", "item"), Grouping.ITEM),
        ):
            self.group_choice.addItem(text, grouping)
        self.group_choice.currentIndexChanged.connect(self._grouping_changed)
        self.add_choice(_("&Group by:"), self.group_choice)
        self.filter = self.add_filter(_("barcode, borrower, reason…"))
        self.filter.textChanged.connect(self._words_changed)
        self.resume = button(_("Resu&me the upload"), look, self, self.resume_wanted.emit)
        self.export = button(_("E&xport…"), look, self, self.export_wanted.emit)
        self.mail = button(_("Send by mai&l"), look, self, self.mail_wanted.emit)
        self.lines = button(_("For an&other system…"), look, self, self.lines_wanted.emit)
        self.lines.setToolTip(_("Write the lines collected as a file for another library system"))
        self.compare = button(_("&Compare with the system"), look, self, self.compare_wanted.emit)
        self.add_tools(self.compare, tab=self._opinion_tab)
        self.add_tools(self.resume, self.export, self.lines, self.mail)
        self.want(self.mail, wanted=False)

    def _offer(self) -> None:
        """Offer what there is to be done with this report, or nothing without one."""
        report = self._report
        there = report is not None
        self.job.setVisible(there)
        self.problem.setVisible(report is not None and bool(report.problem))
        for part in (self.show_choice, self.group_choice, self.filter, self.export):
            part.setEnabled(there)
        unfinished = report is not None and not report.complete and not report.dry_run
        self.want(self.resume, wanted=unfinished)
        self.offer(self._opinion_tab, offered=report is not None and can_be_compared(report))

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
        self.opinion.show_opinion(report.opinion)
        self.job.show_job(report)
        self.problem.setText(report.problem)
        self._offer()
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
        self.count(0, report.exceptions)
        opinion = report.opinion
        differ = len(opinion.differ) if opinion is not None else 0
        self.count(self._opinion_tab, differ or None)
        again = opinion is not None
        self.compare.setText(_("Compare &again") if again else _("&Compare with the system"))
        self.turn_to(0)
        self.table.scrollToTop()

    def show_opinion(self, report: JobReport) -> None:
        """Show a report that has just been compared with the system, at what was found."""
        self.show_report(report)
        self.turn_to(self._opinion_tab)

    def show_comparing(self, done: int, total: int) -> None:
        """Say how far reading back from the system is."""
        self.turn_to(self._opinion_tab)
        self.compare.setEnabled(False)
        text = _("Reading back from the system: {done} of {total}")
        self.opinion.show_opinion(None)
        self.opinion.say(text.format(done=number(done), total=number(total)))

    def end_comparing(self) -> None:
        """Reading back has ended, in whatever way."""
        self.compare.setEnabled(True)
        self.opinion.show_opinion(self._report.opinion if self._report is not None else None)

    def _fill_choices(self, report: JobReport) -> ShownLines:
        """Offer what there is to be shown; returns what is chosen."""
        texts = {
            ShownLines.EXCEPTIONS: _("Exceptions ({count})"),
            ShownLines.NOTES: _("Recorded, with something to do ({count})"),
            ShownLines.EARLIER: _("Already recorded ({count})"),
            ShownLines.ALL: _("All of these ({count})"),
        }
        self.show_choice.clear()
        for show, count in counts(report.lines).items():
            if count or show is ShownLines.EXCEPTIONS:
                self.show_choice.addItem(texts[show].format(count=number(count)), show)
        first = 0 if report.exceptions or self.show_choice.count() == 1 else 1
        self.show_choice.setCurrentIndex(first)
        return ShownLines(self.show_choice.currentData())

    def _show_changed(self, _index: int) -> None:
        show = self.show_choice.currentData()
        if show is not None:
            self.rows.set_show(ShownLines(show))

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
            return _(
                "There is no report yet. It comes with the upload; where files are carried by hand,"
                " with the library system’s answer."
            )
        if self.filter.text().strip():
            return _("No line holds these words.")
        if not self._report.complete:
            return _("Nothing was refused so far.")
        if self._report.dry_run:
            return _("No line would be refused.")
        return _("Every line was recorded.")

    def _chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self._explain(self.rows.row(current.row()) if current.isValid() else None, current.row())

    def _explain(self, line: ReportLine | Heading | None, row: int = 0) -> None:
        place = ""
        if line is not None and not self.rows.is_grouped:
            place = _("{number} of {count}").format(
                number=number(row + 1), count=number(self.rows.rowCount())
            )
        self.panel.show_line(line, place)


def can_be_compared(report: JobReport) -> bool:
    """Whether an upload is one whose items a library system can be asked about."""
    carried = report.status is JobStatus.WAITING or "://" not in report.server
    return bool(report.id) and report.complete and not carried


_WAITING = ("files", "who", "finished", "run_time", "desk", "started")
"""What a narrow window leaves out, one after the other; the past uploads tell it too."""


class JobCard(QFrame):
    """The row of one job.

    Attributes:
        values: the words shown under each heading, by a short name.
    """

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setObjectName("strip")
        self.values: dict[str, QLabel] = {}
        self.headings: dict[str, QLabel] = {}
        self._facts: dict[str, QWidget] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(0.8), look.px(0.35), look.px(0.8), look.px(0.35))
        row.setSpacing(look.px(1.2))
        names = (
            ("status", ""),
            ("processed", _("Records processed")),
            ("exceptions", _("Records with exceptions")),
            ("started", _("Started on")),
            ("finished", _("Finished on")),
            ("run_time", _("Total run time")),
            ("files", _("Files")),
            ("desk", _("Circulation desk")),
            ("who", _("Uploaded by")),
            ("process_id", _("Process ID")),
        )
        for key, heading in names:
            row.addWidget(self._fact(key, heading))
        row.addStretch(1)
        self.trial = label(_("Trial"), look.small_strong, self, "trial")
        row.addWidget(self.trial)
        self.name = self.headings["status"]

    def _fact(self, key: str, heading: str) -> QWidget:
        look = self._look
        part = QWidget(self)
        strong = key in ("status", "processed", "exceptions")
        value = label("", look.strong if strong else look.text, part, "toned")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(heading or _("Status"))
        title = label(heading, look.small, part, "faint")
        group = QVBoxLayout(part)
        group.setContentsMargins(0, 0, 0, 0)
        group.setSpacing(0)
        group.addWidget(title)
        group.addWidget(value)
        self.values[key], self.headings[key], self._facts[key] = value, title, part
        return part

    def minimumSizeHint(self) -> QSize:
        """What is never left out, one line of it."""
        return QSize(self._look.px(10), super().minimumSizeHint().height())

    def show_job(self, report: JobReport) -> None:
        """Show a job."""
        self.name.setText(report.name)
        self.trial.setVisible(report.dry_run)
        names = [file.name for file in report.files]
        texts = {
            "process_id": report.process_id,
            "status": jobwords.status(report),
            "processed": number(report.processed),
            "exceptions": number(report.exceptions),
            "who": report.who,
            "desk": report.desk,
            "started": jobwords.moment(report.started),
            "finished": jobwords.moment(report.finished),
            "run_time": jobwords.run_time(report.run_seconds),
            "files": jobwords.files(len(names)),
        }
        for key, text in texts.items():
            self.values[key].setText(text or "–")
            self.values[key].setAccessibleDescription(text)
            self._facts[key].setToolTip(text)
        self._facts["files"].setToolTip("\n".join(names))
        tone = "good" if report.status is JobStatus.COMPLETED else "bad"
        set_property(self.values["status"], "tone", "plain" if report.dry_run else tone)
        set_property(self.values["exceptions"], "tone", "bad" if report.exceptions else "plain")
        self._choose()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._choose()

    def _choose(self) -> None:
        gone = 0
        widths = {key: part.sizeHint().width() for key, part in self._facts.items()}
        if not self.trial.isHidden():
            widths["trial"] = self.trial.sizeHint().width()
        gap = self._look.px(1.2)
        order = (*_WAITING, "processed", "process_id", "exceptions")
        room = self.width() - self._look.px(1.7)
        while sum(widths.values()) + gap * len(widths) > room and gone < len(order):
            widths.pop(order[gone], None)
            gone += 1
        for key, part in self._facts.items():
            part.setVisible(key in widths)
