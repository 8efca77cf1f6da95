"""The course of the job: what follows when something was asked for, or has come to its end."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from offcirc.i18n import _, ngettext
from offcirc.referent.background.almawork import Handed
from offcirc.referent.background.jobwords import unfinished
from offcirc.referent.frame.steps import StepPlace
from offcirc.referent.kit.band import NoticeKind
from offcirc.referent.kit.dialogs import Dialogs
from offcirc.referent.upload.page import FORESIGHT

if TYPE_CHECKING:
    from offcirc.referent.background.deciding import DecisionMade
    from offcirc.referent.frame.window import Window
    from offcirc.upload.preview.preview import Preview
    from offcirc.upload.report.report import JobReport


class Course(QObject):
    """Hears from the work, and leads on from page to page."""

    def __init__(self, window: Window, dialogs: Dialogs) -> None:
        super().__init__(window)
        self._window = window
        self._dialogs = dialogs
        self._connect_reports()
        self._connect_upload()
        self._connect_after()

    def _connect_reports(self) -> None:
        window, reports = self._window, self._window.reports
        window.filing.decided.connect(self._decided)
        reports.opened.connect(self._report_opened)
        reports.failed.connect(window.tell)
        reports.resume_wanted.connect(self._resume_past)
        reports.exported.connect(self._exported)
        reports.page.lines_wanted.connect(self._export_lines)
        reports.compare_wanted.connect(self.compare)
        reports.compared.connect(self._say_compared)
        reports.page.mail_wanted.connect(lambda: window.postman.mail(reports.page.report))
        window.flow.finished.connect(window.postman.after_upload)
        window.postman.mailed.connect(partial(window.band.say, NoticeKind.DONE))
        window.postman.failed.connect(window.tell)

    def _connect_upload(self) -> None:
        upload, flow = self._window.upload, self._window.flow
        upload.upload_wanted.connect(partial(self.start_upload, dry_run=False))
        upload.trial_wanted.connect(partial(self.start_upload, dry_run=True))
        upload.changed.connect(self._window.turn)
        upload.run.resume_wanted.connect(self.resume_upload)
        upload.run.report_wanted.connect(partial(self._window.go, StepPlace.REPORT))
        flow.shown.connect(self._window.refresh)
        flow.began.connect(self._upload_began)
        flow.finished.connect(self._say_done)
        flow.previewed.connect(self._say_foreseen)
        flow.lines_wanted.connect(self._show_report)
        flow.interrupted.connect(self._window.reports.show)
        flow.failed.connect(self._window.tell)
        flow.ended.connect(self._upload_ended)

    def _connect_after(self) -> None:
        self._window.upload.files_wanted.connect(self._hand_over)
        self._window.alma.changed.connect(self._window.turn)
        self._window.alma.handed.connect(self._handed)
        self._window.alma.reported.connect(self._alma_answered)
        self._window.alma.exported.connect(self._lines_written)
        self._window.alma.failed.connect(self._window.tell)
        for after in (self._window.todo, self._window.closing):
            after.changed.connect(self._window.turn)
            after.failed.connect(self._window.tell)
            after.said.connect(partial(self._window.band.say, NoticeKind.DONE))
        self._window.todo.exported.connect(self._exported)
        self._window.todo.send_wanted.connect(self._send_again)
        self._window.closing.archive_wanted.connect(self._dialogs.open_in_browser)

    def start_upload(self, *, dry_run: bool) -> None:
        """Upload the files of the list, or try what would come of it."""
        listed = self._window.collect.ready_files
        files, seen = tuple(file.path for file in listed), tuple(file.sha256 for file in listed)
        resume = not dry_run and self._window.unfinished() is not None
        self._window.flow.start(files, dry_run=dry_run, resume=resume, seen=seen)

    def begin_anew(self) -> None:
        """Begin with an empty list, for the next outage."""
        collect = self._window.collect
        collect.model.show_things(())
        collect.removed.emit()
        self._window.go(StepPlace.COLLECT)

    def resume_upload(self) -> None:
        """Go on with the upload that was cancelled or stopped."""
        if not self._window.flow.resume():
            self._window.go(StepPlace.UPLOAD)

    def _send_again(self) -> None:
        """Send what was corrected in the work list."""
        if not self._window.flow.send_again():
            self._window.go(StepPlace.UPLOAD)
            text = _("Sign in on the library system, then send what is corrected.")
            self._window.band.say(NoticeKind.NOTE, text, _("Send it"), self._send_again)

    def _upload_began(self) -> None:
        self._window.go(StepPlace.UPLOAD)

    def _upload_ended(self) -> None:
        if self._window.ending:
            self._window.close()
            return
        self.read_ledger()
        self._window.filing.look_again()
        self._window.refresh()

    def read_ledger(self) -> None:
        """Read again what past uploads say: what they were, what they leave, what they close."""
        self._window.reports.refresh()
        self._window.todo.refresh()
        self._window.closing.refresh()

    def _say_foreseen(self, preview: Preview) -> None:
        from offcirc.referent.background.jobwords import outcome

        if preview.report.complete:
            self._window.band.say(NoticeKind.NOTE, outcome(preview.report))
            self._window.upload.turn_to(FORESIGHT)
        else:
            self._window.band.say(
                NoticeKind.NOTE, _("The trial was cancelled. Nothing was recorded.")
            )

    def _say_done(self, report: JobReport) -> None:
        from offcirc.referent.background.jobwords import outcome

        kind = NoticeKind.NOTE if report.dry_run or report.exceptions else NoticeKind.DONE
        order = self._window.flow.uploading.order
        if order is not None and order.again and self._window.reports.page.report is not None:
            # What the first upload left stays in sight: this was a part of it.
            see = partial(self._show_report, report)
            if self._window.place is StepPlace.UPLOAD:
                self._window.go(StepPlace.FOLLOWUP)
            self._window.band.say(kind, outcome(report), _("See the report"), see)
            return
        if self._window.place is StepPlace.UPLOAD:
            self._show_report(report)
            connection = self._window.flow.signing_in.connection
            if connection is not None and connection.server.abilities.look_up and report.id:
                offered = _("Compare with the system")
                self._window.band.say(kind, outcome(report), offered, self.compare)
            else:
                self._window.band.say(kind, outcome(report))
            return
        # Whoever went on reading elsewhere meanwhile is not torn away from it.
        self._window.band.say(
            kind, outcome(report), _("See the report"), partial(self._show_report, report)
        )

    def _show_report(self, report: JobReport) -> None:
        self._window.reports.show(report)
        self._report_opened()

    def compare(self) -> None:
        """Compare the upload shown with what its server holds; somebody must be signed in there."""
        connection = self._window.flow.signing_in.connection
        if connection is not None:
            self._window.band.clear()
            self._window.reports.compare(connection)
            return
        self._window.go(StepPlace.UPLOAD)
        text = _("Sign in on the library system that this was uploaded to, then compare.")
        self._window.band.say(NoticeKind.NOTE, text, _("Compare"), self._compare_now)

    def _compare_now(self) -> None:
        if self._window.flow.signing_in.connection is not None:
            self._window.go(StepPlace.REPORT)
        self.compare()

    def _say_compared(self, report: JobReport) -> None:
        from offcirc.upload.report.opinionwords import sentence

        if report.opinion is not None:
            kind = NoticeKind.DONE if report.opinion.good else NoticeKind.WARNING
            self._window.band.say(kind, sentence(report.opinion))

    def _report_opened(self) -> None:
        self._window.refresh()
        self._window.go(StepPlace.REPORT)

    def _resume_past(self, job: JobReport) -> None:
        """Go on with an upload of the list of past ones: its files must be on the list again."""
        if unfinished([job], self._window.collect.ready_files, "") is None:
            names = ", ".join(file.name for file in job.files if not file.same_as)
            text = _("To resume this upload, add its files again: {names}.").format(names=names)
            self._window.band.say(NoticeKind.NOTE, text)
            self._window.go(StepPlace.COLLECT)
            return
        position = self._window.upload.desk.findData(job.desk)
        if position >= 0:
            self._window.upload.desk.setCurrentIndex(position)
        self._window.upload.show_choices()
        self._window.go(StepPlace.UPLOAD)

    def _exported(self, path: Path) -> None:
        text = _("The report is in {path}.").format(path=path)
        act = partial(self._dialogs.open_in_browser, path)
        self._window.band.say(NoticeKind.DONE, text, _("Open it"), act)

    def _decided(self, verdict: DecisionMade, numbers: tuple[int, ...]) -> None:
        if not numbers:
            self._window.band.say(NoticeKind.DONE, verdict.told())
            return
        text = f"{verdict.told()} " + _("The file itself stays as it is.")
        undo = partial(self._window.filing.decide, type(verdict)("undo", undoes=numbers))
        self._window.band.say(NoticeKind.DONE, text, _("Undo"), undo)

    def _export_lines(self) -> None:
        files = [file.path for file in self._window.collect.ready_files]
        if files:
            self._window.alma.export(files)
        else:
            self._window.band.say(NoticeKind.NOTE, _("First add the files of the desks."))

    def _lines_written(self, left_out: int, text: str) -> None:
        self._window.band.say(NoticeKind.WARNING if left_out else NoticeKind.DONE, text)

    def _hand_over(self) -> None:
        folder = self._window.upload.form.folder
        if folder is not None:
            files = [file.path for file in self._window.collect.ready_files]
            form = self._window.upload.form
            self._window.alma.hand_over(
                files, folder, self._window.upload.desk_code, form.system, form.look_up
            )

    def _handed(self, handed: Handed) -> None:
        text = ngettext(
            "{count} file for {system} is in {folder}. The checklist says what to do with it.",
            "{count} files for {system} are in {folder}. The checklist says what to do with them.",
            handed.files,
        ).format(count=handed.files, system=handed.system, folder=handed.folder)
        kind = NoticeKind.DONE
        if handed.held:
            left = ngettext(
                "{count} line is in none of them; its report in History says why.",
                "{count} lines are in none of them; their report in History says why.",
                handed.held,
            )
            text, kind = f"{text} {left.format(count=handed.held)}", NoticeKind.WARNING
        self._window.upload.show_handed()
        page = handed.checklist
        if page is None:
            self._window.band.say(kind, text)
        else:
            act = partial(self._dialogs.open_in_browser, page)
            self._window.band.say(kind, text, _("Open the checklist"), act)
        self.read_ledger()
        self._window.filing.look_again()

    def _alma_answered(self, report: JobReport, notice: str) -> None:
        from offcirc.referent.background.jobwords import outcome

        self._show_report(report)
        self.read_ledger()
        self._window.band.say(NoticeKind.NOTE, notice or outcome(report))
