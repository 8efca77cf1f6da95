"""An upload from the button to the report: begun, told about, stopped, gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from offcirc.i18n import _
from offcirc.referent.background.memory import ChoiceKeeper
from offcirc.referent.background.uploads import UploadOrder
from offcirc.referent.kit.band import NoticeBand, NoticeKind
from offcirc.referent.kit.tasks import TaskResult
from offcirc.referent.upload.page import UploadPage
from offcirc.referent.upload.signin import SigningIn
from offcirc.referent.upload.uploading import Uploading
from offcirc.windows.taskbar import TaskbarProgress

if TYPE_CHECKING:
    from offcirc.referent.background.uploads import Connection
    from offcirc.upload.preview.preview import Preview
    from offcirc.upload.report.report import JobReport


class UploadFlow(QObject):
    """Serves the page of the upload.

    Attributes:
        uploading: the upload under way.
        signing_in: who is signed in.

    Signals:
        began: an upload or a trial is under way.
        finished: it has run to its end; its report is given.
        previewed: a trial has ended; the preview is given.
        interrupted: it has been cancelled or has stopped; its report so far is given.
        failed: it could not begin, or broke down; the exception is given.
        ended: it is over, in whatever way; comes after the others.
        shown: who is signed in, or what is chosen, has changed.
        lines_wanted: somebody wants to see the lines of a trial; its report is given.
    """

    began = Signal()
    finished = Signal(object)
    previewed = Signal(object)
    interrupted = Signal(object)
    failed = Signal(object)
    ended = Signal()
    shown = Signal()
    lines_wanted = Signal(object)

    def __init__(
        self,
        page: UploadPage,
        uploading: Uploading,
        band: NoticeBand,
        keeper: ChoiceKeeper,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._band = band
        self._keeper = keeper
        self.uploading = uploading
        self.signing_in: SigningIn
        self._preview: Preview | None = None
        page.run.cancel_wanted.connect(self.cancel)
        page.run.pause_wanted.connect(self._pause)
        page.run.back_wanted.connect(page.show_choices)
        page.desk_chosen.connect(lambda _code: self.shown.emit())
        page.foresight.report_wanted.connect(self._show_lines)
        self.uploading.progressed.connect(page.run.show_progress)
        self.button = TaskbarProgress(parent)
        self.uploading.progressed.connect(lambda now: self.button.show(now.done, now.total))
        self.uploading.ended.connect(lambda _result: self.button.show(0, 0))
        self.uploading.ended.connect(self._upload_ended)

    def serve(self, signing_in: SigningIn) -> None:
        """Follow who signs in."""
        self.signing_in = signing_in
        signing_in.busy.connect(self._band.clear)
        self._page.form.account_changed.connect(self.shown)
        signing_in.signed_in.connect(self._signed_in)
        signing_in.signed_out.connect(self._signed_out)
        signing_in.failed.connect(self.failed)

    def _signed_in(self, connection: Connection) -> None:
        page, choices = self._page, self._keeper.choices
        page.show_account(connection.account)
        same = choices.server == connection.name
        wanted = page.form.usual_desk() or (choices.desk if same else "")
        page.show_server(connection.server)
        page.show_desks(connection.desks, wanted)
        self._keeper.remember(server=connection.name, user=connection.account.login)
        if connection.password_kept is False:
            text = _(
                "The password cannot be remembered: this PC has no store for passwords, or it does"
                " not work."
            )
            self._band.say(NoticeKind.NOTE, text)
        self.shown.emit()
        if page.isVisible():
            page.focus_first()

    def _signed_out(self) -> None:
        self._page.show_account(None)
        self.shown.emit()

    # -- uploading -----------------------------------------------------------------------------

    def start(self, files: tuple[Path, ...], *, dry_run: bool, resume: bool = False) -> None:
        """Upload files, or try what would come of it."""
        self._begin(UploadOrder(files, self._page.desk_code, dry_run, resume))

    def send_again(self) -> bool:
        """Send the corrected lines of past uploads; ``False`` when nobody is signed in."""
        if self.signing_in.connection is None:
            self._page.show_choices()
            return False
        self._begin(UploadOrder((), self._page.desk_code, again=True))
        return True

    def resume(self) -> bool:
        """Go on with the upload that was cancelled or stopped; ``False`` when that cannot be."""
        order = self.uploading.order
        if order is None or self.signing_in.connection is None:
            self._page.show_choices()
            return False
        self._begin(UploadOrder(order.files, order.desk, resume=True, again=order.again))
        return True

    def _begin(self, order: UploadOrder) -> None:
        connection = self.signing_in.connection
        if connection is None or self.uploading.running:
            return
        self._band.clear()
        place = connection.server.url
        if not order.again:
            self._keeper.remember(desk=order.desk)
            place = _("{server} · circulation desk {desk}").format(server=place, desk=order.desk)
        self._page.run.begin(dry_run=order.dry_run, place=place)
        self._page.show_run()
        self.uploading.start(connection, order)
        self.began.emit()

    def _show_lines(self) -> None:
        if self._preview is not None:
            self.lines_wanted.emit(self._preview.report)

    def _pause(self, paused: bool) -> None:
        self._page.run.show_paused(paused=paused)
        self.uploading.pause(paused=paused)

    def cancel(self) -> None:
        """Stop the upload; what was done is kept."""
        self._page.run.show_stopping()
        self.uploading.cancel()

    def _upload_ended(self, result: TaskResult[JobReport | Preview | None]) -> None:
        from offcirc.upload.report.report import JobReport

        found = result.value
        if result.error is not None:
            self._page.show_choices()
            self.failed.emit(result.error)
        elif found is None:
            self._page.show_choices()
            text = _("There is nothing to be sent again to this server.")
            self._band.say(NoticeKind.NOTE, text)
        elif not isinstance(found, JobReport):
            self._page.show_choices()
            self._preview = found if found.report.complete else None
            self._page.foresight.show_preview(self._preview)
            self.previewed.emit(found)
        elif found.complete:
            self._page.show_choices()
            self._page.foresight.show_preview(None)
            self.finished.emit(found)
        else:
            self._say_unfinished(found)
            self.interrupted.emit(found)
        self.ended.emit()

    def _say_unfinished(self, report: JobReport) -> None:
        from offcirc.referent.background.jobwords import left
        from offcirc.upload.report.report import JobStatus

        cancelled = report.status is JobStatus.CANCELLED
        title = _("Cancelled.") if cancelled else _("Stopped.")
        text = f"{title} {left(report)}"
        run = self._page.run
        run.show_end(text, can_resume=True, has_report=True)
        how = _("What is recorded stays recorded. Press Resume to go on, now or another day.")
        kind = NoticeKind.WARNING if cancelled else NoticeKind.ERROR
        said = text if cancelled else report.problem
        self._band.say(kind, f"{said} {how}".strip())
