"""Reports by mail from the window: to whom the settings say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from offcirc.i18n import _
from offcirc.referent.background import uploads
from offcirc.referent.kit.dialogs import Dialogs
from offcirc.referent.kit.errors import sentence
from offcirc.referent.kit.tasks import TaskResult, Tasks

if TYPE_CHECKING:
    from offcirc.settings.load import Settings
    from offcirc.upload.report.report import JobReport


class Postman(QObject):
    """Mails reports, one after the other.

    Signals:
        mailed: a report was mailed; a sentence that says to whom.
        failed: it was not possible, the exception is given.
    """

    mailed = Signal(str)
    failed = Signal(object)

    def __init__(self, settings: Settings, tasks: Tasks, dialogs: Dialogs, window: QWidget) -> None:
        super().__init__(window)
        self._settings = settings
        self._tasks = tasks
        self._dialogs = dialogs
        self._window = window
        self._password = ""

    @property
    def ready(self) -> bool:
        """Whether the settings name a mail server."""
        return bool(self._settings.text("mail.server"))

    def after_upload(self, report: JobReport) -> None:
        """Mail the report of an upload that has just ended, where the settings want that."""
        if self._settings.switch("mail.after_upload") and not report.dry_run:
            self.mail(report)

    def mail(self, report: JobReport | None) -> None:
        """Mail a report."""
        if report is None:
            return
        user = self._settings.text("mail.user")
        if not user or self._password:
            self._send(report, self._password)
            return
        job = partial(uploads.mail_password, self._settings)
        self._tasks.run_task(job, partial(self._password_looked_up, report))

    def _password_looked_up(self, report: JobReport, result: TaskResult[str]) -> None:
        password = result.get() if result.error is None else ""
        if not password:
            question = _("Password of {user} on {url}:").format(
                user=self._settings.text("mail.user"), url=self._settings.text("mail.server")
            )
            if result.error is not None and (fault := sentence(result.error)):
                question = f"{fault}\n\n{question}"
            password = self._dialogs.password(self._window, _("Send by mail"), question)
        if password:
            self._send(report, password)

    def _send(self, report: JobReport, password: str) -> None:
        job = partial(uploads.mail, report, self._settings, password)
        self._tasks.run_task(job, partial(self._sent, password))

    def _sent(self, password: str, result: TaskResult[tuple[str, ...]]) -> None:
        if result.error is not None:
            self._password = ""
            self.failed.emit(result.error)
            return
        self._password = password
        addresses = ", ".join(result.get())
        self.mailed.emit(_("Report mailed to {addresses}.").format(addresses=addresses))
