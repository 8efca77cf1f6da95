"""The referent's window: the pages, and what passes between them and the work."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from offcirc.i18n import _
from offcirc.referent import errors
from offcirc.referent.band import Band, Kind
from offcirc.referent.dialogs import Dialogs
from offcirc.referent.filespage import FilesPage
from offcirc.referent.filing import Filing, dropped_paths
from offcirc.referent.foot import Foot
from offcirc.referent.header import Header, Place
from offcirc.referent.help_window import HelpWindow
from offcirc.referent.look import Look
from offcirc.referent.memory import Keeper
from offcirc.referent.parts import scrolled
from offcirc.referent.past import earlier_by_digest, unfinished
from offcirc.referent.reports import Reports
from offcirc.referent.signin import SigningIn
from offcirc.referent.tasks import Result, Tasks
from offcirc.referent.uploading import Order, Uploading
from offcirc.referent.uploadpage import UploadPage

if TYPE_CHECKING:
    from offcirc.referent.pastpage import PastPage
    from offcirc.referent.reportpage import ReportPage
    from offcirc.referent.work import Connection
    from offcirc.settings.load import Settings
    from offcirc.upload.report import JobReport


class Window(QWidget):
    """Everything the referent sees.

    Attributes:
        tasks: runs what takes long.
        files: the page with the list of files.
        filing: fills that list.
        upload: the page with server and progress.
        reports: the pages with the report and the past uploads.
        signing_in: who is signed in.
        uploading: the upload under way.
    """

    def __init__(
        self, look: Look, settings: Settings, data_dir: Path, dialogs: Dialogs | None = None
    ) -> None:
        super().__init__()
        self._look = look
        self._data_dir = data_dir
        self._dialogs = dialogs or Dialogs()
        self._jobs: tuple[JobReport, ...] = ()
        self._closing = False
        self._help: HelpWindow | None = None
        self.setWindowTitle(_("OffCirc — Upload"))
        self.setAcceptDrops(True)
        self.tasks = Tasks(self)
        self._keeper = Keeper(data_dir, self.tasks, self)
        self.header = Header(look, self)
        self.band = Band(look, self)
        self.foot = Foot(look, self)
        self.files = FilesPage(look)
        self.upload = UploadPage(look)
        self.reports = Reports(look, self.tasks, data_dir, self._dialogs, self)
        self._stack = QStackedWidget(self)
        self._pages: dict[Place, FilesPage | UploadPage | ReportPage | PastPage] = {
            Place.FILES: self.files,
            Place.UPLOAD: self.upload,
            Place.REPORT: self.reports.page,
            Place.PAST: self.reports.past,
        }
        self._areas = {place: scrolled(page, self._stack) for place, page in self._pages.items()}
        self._lay_out()
        self.filing = Filing(self.files, self.tasks, self._dialogs, self._keeper, self)
        self.uploading = Uploading(self.tasks, data_dir, self)
        named = settings.servers()
        self.signing_in = SigningIn(
            self.upload.form, self.tasks, named, lambda: self.uploading.running, self
        )
        self._connect()
        self.upload.form.set_servers(named)
        first = self._keeper.choices.server or next(iter(named), "")
        self.upload.form.choose(first, self._keeper.choices.user)
        self._complain(settings)
        self.go(Place.FILES)
        self._refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for area in self._areas.values():
            self._stack.addWidget(area)
        column.addWidget(self.header)
        column.addWidget(self.band)
        column.addWidget(self._stack, 1)
        column.addWidget(self.foot)
        self.resize(self._look.px(62), self._look.px(41))

    def _connect(self) -> None:
        self.header.chosen.connect(self._header_chosen)
        self.header.help_wanted.connect(self.show_help)
        files, upload = self.files, self.upload
        self.filing.added.connect(partial(self.go, Place.FILES))
        self.filing.found_nothing.connect(self._found_nothing)
        self.filing.failed.connect(self.tell)
        files.changed.connect(self._refresh)
        files.go_on.connect(partial(self.go, Place.UPLOAD))
        upload.upload_wanted.connect(partial(self.start_upload, dry_run=False))
        upload.trial_wanted.connect(partial(self.start_upload, dry_run=True))
        upload.desk_chosen.connect(lambda _code: self._refresh())
        upload.run.cancel_wanted.connect(self.cancel_upload)
        upload.run.resume_wanted.connect(self.resume_upload)
        upload.run.report_wanted.connect(partial(self.go, Place.REPORT))
        upload.run.back_wanted.connect(upload.show_choices)
        signing = self.signing_in
        signing.busy.connect(self.band.clear)
        signing.signed_in.connect(self._signed_in)
        signing.signed_out.connect(self._signed_out)
        signing.failed.connect(self.tell)
        self.uploading.progressed.connect(upload.run.show_progress)
        self.uploading.ended.connect(self._upload_ended)
        self.reports.opened.connect(self._report_opened)
        self.reports.failed.connect(self.tell)
        self.reports.resume_wanted.connect(self._resume_past)
        self.reports.exported.connect(self._exported)
        self.reports.listed.connect(self._jobs_listed)

    def start(self, files: Sequence[Path] = ()) -> None:
        """Once the window is drawn: read the files given, the ledger, and look for the servers."""
        QTimer.singleShot(0, partial(self._start, list(files)))

    def _start(self, files: list[Path]) -> None:
        if files:
            self.add_paths(files)
        self.reports.refresh()
        self.signing_in.look_for_practice()
        self.signing_in.ask_store_soon()

    # -- pages ---------------------------------------------------------------------------------

    def _header_chosen(self, name: str) -> None:
        if self.band.kind in (Kind.DONE, Kind.NOTE):
            self.band.clear()
        self.go(Place(name))

    def go(self, place: Place) -> None:
        """Show a page."""
        if place is Place.PAST:
            self.reports.refresh()
        self._stack.setCurrentWidget(self._areas[place])
        self.header.show_place(place)
        self._pages[place].focus_first()

    @property
    def place(self) -> Place:
        """The page that is shown."""
        shown = self._stack.currentWidget()
        return next(place for place, area in self._areas.items() if area is shown)

    def show_help(self) -> None:
        """Open the manual."""
        if self._help is None:
            self._help = HelpWindow(self._look, self._dialogs.open_in_browser, self)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def tell(self, error: Exception) -> None:
        """Say what went wrong, in the red band; a bug goes to the log too."""
        text = errors.sentence(error)
        if text is None:
            log = errors.keep_trace(error, self._data_dir)
            text = _("OffCirc has met an error of its own. What was done is kept.")
            if log is not None:
                text += " " + _("Details for its makers are in {path}.").format(path=log)
        self.band.say(Kind.ERROR, text)

    def _complain(self, settings: Settings) -> None:
        if settings.complaints:
            text = "\n".join(complaint.sentence() for complaint in settings.complaints[:3])
            self.band.say(Kind.WARNING, text)

    # -- files ---------------------------------------------------------------------------------

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Put files, and what folders hold, on the list."""
        self.filing.add(paths)

    def _found_nothing(self) -> None:
        self.band.say(Kind.WARNING, _("There is no file ending in .dat in this folder."))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files and folders, wherever they are dropped."""
        if dropped_paths(event):
            event.acceptProposedAction()
            self.files.mark_drop(over=True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self.files.mark_drop(over=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take them."""
        self.files.mark_drop(over=False)
        paths = dropped_paths(event)
        if paths:
            event.acceptProposedAction()
            self.add_paths(paths)

    # -- signing in ----------------------------------------------------------------------------

    def _signed_in(self, connection: Connection) -> None:
        self.upload.show_account(connection.account)
        form = self.upload.form
        same = self._keeper.choices.server == connection.name
        wanted = form.usual_desk() or (self._keeper.choices.desk if same else "")
        self.upload.show_desks(connection.desks, wanted)
        self._keeper.remember(server=connection.name, user=connection.account.login)
        if connection.password_kept is False:
            text = _("The password cannot be remembered: this PC has no store for passwords.")
            self.band.say(Kind.NOTE, text)
        self._refresh()
        if self.place is Place.UPLOAD:
            self.upload.focus_first()

    def _signed_out(self) -> None:
        self.upload.show_account(None)
        self._refresh()

    # -- uploading -----------------------------------------------------------------------------

    def start_upload(self, *, dry_run: bool) -> None:
        """Upload the files of the list, or try what would come of it."""
        files = tuple(file.path for file in self.files.ready_files)
        resume = not dry_run and self._unfinished() is not None
        self._begin(Order(files, self.upload.desk_code, dry_run, resume))

    def resume_upload(self) -> None:
        """Go on with the upload that was cancelled or stopped."""
        order = self.uploading.order
        if order is None or self.signing_in.connection is None:
            self.upload.show_choices()
            self.go(Place.UPLOAD)
            return
        self._begin(Order(order.files, order.desk, resume=True))

    def _begin(self, order: Order) -> None:
        connection = self.signing_in.connection
        if connection is None or self.uploading.running:
            return
        self.band.clear()
        self._keeper.remember(desk=order.desk)
        place = _("{server} · circulation desk {desk}").format(
            server=connection.server.url, desk=order.desk
        )
        self.upload.run.begin(dry_run=order.dry_run, place=place)
        self.upload.show_run()
        self.go(Place.UPLOAD)
        self.uploading.start(connection, order)
        self._refresh()

    def cancel_upload(self) -> None:
        """Stop the upload; what was done is kept."""
        self.upload.run.show_stopping()
        self.uploading.cancel()

    def _upload_ended(self, result: Result[JobReport]) -> None:
        if self._closing:
            self.close()
            return
        self.reports.refresh()
        if result.error is not None:
            self.upload.show_choices()
            self.tell(result.error)
            self._refresh()
            return
        report = result.get()
        if report.complete:
            self.upload.show_choices()
            self._say_done(report)
        else:
            self.reports.show(report)
            self._say_unfinished(report)
        self._refresh()

    def _say_done(self, report: JobReport) -> None:
        from offcirc.referent.jobwords import outcome

        kind = Kind.NOTE if report.dry_run or report.exceptions else Kind.DONE
        if self.place is Place.UPLOAD:
            self._show_report(report)
            self.band.say(kind, outcome(report))
            return
        # Whoever went on reading elsewhere meanwhile is not torn away from it.
        self.band.say(
            kind, outcome(report), _("See the report"), partial(self._show_report, report)
        )

    def _show_report(self, report: JobReport) -> None:
        self.reports.show(report)
        self._report_opened()

    def _say_unfinished(self, report: JobReport) -> None:
        from offcirc.referent.jobwords import left
        from offcirc.upload.report import JobStatus

        cancelled = report.status is JobStatus.CANCELLED
        title = _("Cancelled.") if cancelled else _("Stopped.")
        text = f"{title} {left(report)}"
        if report.dry_run:
            self.upload.run.show_end(text, can_resume=False, has_report=False)
            return
        self.upload.run.show_end(text, can_resume=True, has_report=True)
        how = _("What is recorded stays recorded. Press Resume to go on, now or another day.")
        kind = Kind.WARNING if cancelled else Kind.ERROR
        self.band.say(kind, f"{report.problem} {how}".strip() if not cancelled else f"{text} {how}")

    def _resume_past(self, job: JobReport) -> None:
        """Go on with an upload of the list of past ones: its files must be on the list again."""
        if unfinished([job], self.files.ready_files, "") is None:
            names = ", ".join(file.name for file in job.files if not file.same_as)
            text = _("To resume this upload, add its files again: {names}.").format(names=names)
            self.band.say(Kind.NOTE, text)
            self.go(Place.FILES)
            return
        position = self.upload.desk.findData(job.desk)
        if position >= 0:
            self.upload.desk.setCurrentIndex(position)
        self.upload.show_choices()
        self.go(Place.UPLOAD)

    def _unfinished(self) -> JobReport | None:
        return unfinished(self._jobs, self.files.ready_files, self.upload.desk_code)

    # -- reports -------------------------------------------------------------------------------

    def _jobs_listed(self, jobs: Sequence[JobReport]) -> None:
        self._jobs = tuple(jobs)
        self.files.model.set_earlier(earlier_by_digest(jobs))
        self._refresh()

    def _report_opened(self) -> None:
        self._refresh()
        self.go(Place.REPORT)

    def _exported(self, path: Path) -> None:
        text = _("The report is in {path}.").format(path=path)
        act = partial(self._dialogs.open_in_browser, path)
        self.band.say(Kind.DONE, text, _("Open it"), act)

    # -- all of it -----------------------------------------------------------------------------

    def _refresh(self) -> None:
        files = self.files.ready_files
        lines = sum(file.lines for file in files)
        job = self._unfinished()
        began = ""
        if job is not None:
            from offcirc.referent.jobwords import minute

            began = minute(job.started)
        names = [self.files.model.shown_name(file) for file in files]
        self.upload.show_files(names, lines, began)
        report = self.reports.page.report
        tabs = self.header.tabs
        tabs[Place.FILES].set_done(lines > 0)
        tabs[Place.REPORT].setEnabled(report is not None)
        done = report is not None and report.complete and not report.dry_run
        tabs[Place.UPLOAD].set_done(done and not self.uploading.running)
        self.foot.show_state(self.signing_in.connection, self.upload.desk_code)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close; an upload under way is first brought to a clean stop."""
        if self.uploading.running:
            event.ignore()
            self._closing = True
            self.cancel_upload()
            text = _("The upload is being stopped; then this window closes by itself.")
            self.band.say(Kind.WARNING, text)
            return
        if self.signing_in.connection is not None:
            self.signing_in.connection.server.close()
        if self._help is not None:
            self._help.close()
        self.tasks.shut_down()
        event.accept()
