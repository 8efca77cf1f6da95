"""The uploads of before: how each of them stands, and the way back to its report."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from offcirc.i18n import _
from offcirc.referent.background import jobwords
from offcirc.referent.kit.cells import Tone
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.parts import button
from offcirc.referent.kit.rows import RowsModel
from offcirc.referent.kit.skeleton import Skeleton, TableSheet
from offcirc.referent.kit.table import RowTable, Shape
from offcirc.referent.report.searchcard import SearchCard
from offcirc.upload.report import uploadwords
from offcirc.upload.report.report import JobReport, JobStatus


class PastModel(RowsModel[JobReport]):
    """The uploads, newest first."""

    STARTED, STATUS, DESK, FILES, PROCESSED, EXCEPTIONS, WHO, PROCESS_ID = range(8)
    numbers = (PROCESSED, EXCEPTIONS)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return (
            _("Started on"),
            _("Status"),
            _("Circulation desk"),
            _("Files"),
            _("Records"),
            _("Exceptions"),
            _("Uploaded by"),
            _("Process ID"),
        )

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        job = self._rows[row]
        texts = {
            self.STARTED: jobwords.minute(job.started),
            self.STATUS: "" if job.complete else jobwords.left(job),
            self.DESK: job.desk,
            self.FILES: ", ".join(file.name for file in job.files),
            self.PROCESSED: number(job.processed),
            self.EXCEPTIONS: number(job.exceptions),
            self.WHO: job.who,
            self.PROCESS_ID: job.process_id,
        }
        return texts[column]

    def mark(self, row: int, column: int) -> tuple[str, Tone] | None:
        """How far the upload has come."""
        if column != self.STATUS:
            return None
        status = self._rows[row].status
        tone = Tone.GOOD if status is JobStatus.COMPLETED else Tone.LOOK
        return uploadwords.job_status(status), tone


class HistoryPage(Skeleton):
    """The list of uploads.

    Signals:
        report_wanted: somebody wants the report of an upload, a :class:`JobReport`.
        resume_wanted: somebody wants an unfinished upload to go on, a :class:`JobReport`.
    """

    report_wanted = Signal(object)
    resume_wanted = Signal(object)

    def __init__(self, look: ReferentLook, parent: QWidget | None = None) -> None:
        super().__init__(look, _("Past uploads"), parent)
        self.model = PastModel()
        self.model.setParent(self)
        self.table = RowTable(look, _("Past uploads"), self)
        self.table.setModel(self.model)
        model = PastModel
        self.table.shape(
            Shape(
                model.FILES,
                least={model.FILES: 6, model.STATUS: 10, model.DESK: 5, model.WHO: 5},
                middle=frozenset({model.FILES}),
                drop=(model.PROCESS_ID, model.WHO, model.FILES),
            )
        )
        self.table.set_empty_text(_("Nothing has been uploaded from this PC yet."))
        self.table.doubleClicked.connect(lambda _index: self._open())
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            enter = QShortcut(QKeySequence(key), self.table)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(self._open)
        self.add_tab(_("Past uploads"), TableSheet(look, self.table))
        self.search = SearchCard(look, self)
        self.add_tab(_("What happened to it?"), self.search)
        self.resume = button(_("Resu&me"), look, self, self._resume)
        self.open = button(_("&Open the report"), look, self, self._open, "primary")
        self.add_tools(self.resume, self.open)
        self.table.selectionModel().selectionChanged.connect(lambda *_gone: self._refresh())
        self._refresh()

    def show_jobs(self, jobs: Sequence[JobReport]) -> None:
        """Show these uploads, the newest chosen."""
        self.model.show_rows(list(jobs))
        self.table.fit()
        if jobs:
            self.table.selectRow(0)
        self._refresh()

    def focus_first(self) -> None:
        """Put the keyboard where work goes on."""
        self.table.setFocus()

    @property
    def chosen(self) -> JobReport | None:
        """The upload chosen."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.row(rows[0].row()) if rows else None

    def _open(self) -> None:
        if self.chosen is not None:
            self.report_wanted.emit(self.chosen)

    def _resume(self) -> None:
        if self.chosen is not None:
            self.resume_wanted.emit(self.chosen)

    def _refresh(self) -> None:
        job = self.chosen
        self.open.setEnabled(job is not None)
        resumable = job is not None and not job.complete and job.status is not JobStatus.WAITING
        self.resume.setEnabled(resumable)
