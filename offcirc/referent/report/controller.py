"""The report and the past uploads: reading them from the ledger, and out as files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from offcirc.i18n import _
from offcirc.referent.background import afterwards, uploads
from offcirc.referent.day.daydata import DayData
from offcirc.referent.kit.dialogs import Dialogs
from offcirc.referent.kit.listing import search_texts
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.tasks import Latest, TaskResult, Tasks
from offcirc.referent.report.history_page import HistoryPage
from offcirc.referent.report.page import ReportPage

if TYPE_CHECKING:
    from datetime import date

    from offcirc.referent.background.afterwards import HitsPage
    from offcirc.referent.background.hits import Hits
    from offcirc.referent.background.uploads import Connection
    from offcirc.settings.load import Settings
    from offcirc.upload.report.report import JobReport


MANY = 2000
"""Lines from which on it pays to prepare the search in the background."""


class Reports(QObject):
    """Serves the two pages that look back.

    Attributes:
        page: one report.
        past: the past uploads.

    Signals:
        opened: the report of a past upload is there to be shown.
        listed: the past uploads, a list of reports without their lines.
        exported: a report was written, its path is given.
        resume_wanted: somebody wants an unfinished upload to go on, a report.
        failed: something was not possible, the exception is given.
        compare_wanted: somebody wants the report shown compared with its server.
        compared: it was; the report is given.
    """

    opened = Signal()
    listed = Signal(list)
    exported = Signal(object)
    resume_wanted = Signal(object)
    failed = Signal(object)
    compare_wanted = Signal()
    compared = Signal(object)

    def __init__(
        self, look: ReferentLook, tasks: Tasks, data_dir: Path, dialogs: Dialogs, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._lists, self._reports, self._searches = Latest(), Latest(), Latest()
        self._data_dir = data_dir
        self._dialogs = dialogs
        self._window = parent
        self._names = "screen"
        self.page = ReportPage(look)
        self.past = HistoryPage(look)
        self.page.export_wanted.connect(self.export)
        self.page.compare_wanted.connect(self.compare_wanted)
        self.page.resume_wanted.connect(lambda: self.resume_wanted.emit(self.page.report))
        self.past.report_wanted.connect(self.open)
        self.past.resume_wanted.connect(self.resume_wanted)
        self.past.search.wanted.connect(self._search)
        self.past.search.more_wanted.connect(self._search_on)
        self._page: HitsPage | None = None

    def use(self, settings: Settings) -> None:
        """Take over where readers' names may be shown."""
        self._names = settings.text("report.reader_names")

    def refresh(self) -> None:
        """Read the list of past uploads again."""
        read = partial(uploads.past_jobs, self._data_dir)
        self._tasks.run_task(read, self._lists.answer(self._listed))

    def show(self, report: JobReport) -> None:
        """Show a report that is at hand."""
        if self._names == "never":
            from offcirc.upload.report.report import nameless

            report = nameless(report)
        self.page.show_report(report)
        self.page.day.show_data(DayData())
        if report.id:
            job = partial(uploads.report_day, self._data_dir, report.id)
            self._tasks.run_task(job, partial(self._take_day, report))
        if len(report.lines) > MANY:
            # What words are looked for in is made meanwhile: typing shall not have to wait.
            prepare = partial(search_texts, self.page.rows, report.lines)
            self._tasks.run_task(prepare, partial(self._take_texts, report))

    def _take_day(self, report: JobReport, result: TaskResult[DayData]) -> None:
        if result.error is None and self.page.report is report:
            self.page.day.show_data(result.get())

    def _take_texts(self, report: JobReport, result: TaskResult[tuple[str, ...]]) -> None:
        if result.error is None:
            self.page.rows.know_texts(report.lines, result.get())

    def open(self, job: JobReport) -> None:
        """Read the report of a past upload, and show it."""
        read = partial(uploads.past_report, self._data_dir, job.id)
        self._tasks.run_task(read, self._reports.answer(self._read))

    def _search(self, text: str, day: date | None) -> None:
        job = partial(afterwards.search, self._data_dir, text, day, None)
        self._tasks.run_task(job, self._searches.answer(partial(self._found, False)))

    def _search_on(self) -> None:
        page = self._page
        if page is not None:
            job = partial(afterwards.search, self._data_dir, page.text, page.day, page)
            self._tasks.run_task(job, self._searches.answer(partial(self._found, True)))

    def _found(self, added: bool, result: TaskResult[tuple[Hits, HitsPage]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        found, self._page = result.get()
        self.past.search.show_hits(found, added=added)

    def compare(self, connection: Connection) -> None:
        """Read every item of the upload shown back from its server."""
        report = self.page.report
        if report is None or not report.id or not self.page.compare.isEnabled():
            return
        self.page.show_comparing(0, 0)
        job = partial(
            uploads.verify, self._data_dir, connection, report.id, progress=self._tell_compared
        )
        self._tasks.run_task(job, partial(self._compared, report))

    def _tell_compared(self, done: int, total: int) -> None:
        # Called in the thread that asks.
        self._tasks.call_here(partial(self._show_compared, done, total))

    def _show_compared(self, done: int, total: int) -> None:
        if not self.page.compare.isEnabled():
            self.page.show_comparing(done, total)

    def _compared(self, report: JobReport, result: TaskResult[JobReport]) -> None:
        self.page.end_comparing()
        if result.error is not None:
            self.failed.emit(result.error)
        elif self.page.report is report:
            self.show(result.get())
            self.page.show_opinion(result.get())
            self.compared.emit(result.get())

    def export(self) -> None:
        """Write the report shown to a file of the person's choice."""
        report = self.page.report
        if report is None:
            return
        name = _("OffCirc report {number}").format(number=report.process_id or report.id)
        path = self._dialogs.report(self._window, Path.home() / f"{name}.html")
        if path is not None:
            job = partial(
                uploads.export,
                report,
                path,
                names=self._names == "everywhere",
                grouping=self.page.grouping,
            )
            self._tasks.run_task(job, self._written)

    def _listed(self, result: TaskResult[list[JobReport]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        self.past.show_jobs(result.get())
        self.listed.emit(result.get())

    def _read(self, result: TaskResult[JobReport]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        self.show(result.get())
        self.opened.emit()

    def _written(self, result: TaskResult[Path]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        self.exported.emit(result.get())
