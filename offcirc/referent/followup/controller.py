"""The work list: read from the ledger, worked through, kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from offcirc.i18n import _, ngettext
from offcirc.referent.background import afterwards
from offcirc.referent.kit.dialogs import Dialogs
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import ReferentLook
from offcirc.referent.kit.tasks import Latest, TaskResult, Tasks

if TYPE_CHECKING:
    from offcirc.referent.followup.page import FollowupPage
    from offcirc.referent.followup.taskpanel import Deed
    from offcirc.servers.protocol import Server, TellsHandWork
    from offcirc.settings.load import Settings
    from offcirc.upload.followup.slips import Slip
    from offcirc.upload.followup.task import Task


class Todo(QObject):
    """Serves the page of the work list, which is made when it is first looked at.

    Attributes:
        tasks: the work list of every upload.

    Signals:
        changed: there is more or less to do.
        said: something worth a line in the band was done, in words.
        exported: the list was written, its path is given.
        send_wanted: the corrected lines are to be sent.
        failed: something was not possible, the exception is given.
    """

    changed = Signal()
    said = Signal(str)
    exported = Signal(object)
    send_wanted = Signal()
    failed = Signal(object)

    def __init__(
        self,
        look: ReferentLook,
        tasks: Tasks,
        data_dir: Path,
        who: Callable[[], str],
        parent: QWidget,
    ) -> None:
        """Serve the work list of a data folder.

        Args:
            look: type and sizes.
            tasks: runs the work.
            data_dir: whose ledger.
            who: tells who works at this window.
            parent: the window.
        """
        super().__init__(parent)
        self._look = look
        self._tasks = tasks
        self._lists = Latest()
        self._data_dir = data_dir
        self._who = who
        self._window = parent
        self._page: FollowupPage | None = None
        self._patrons: Path | None = None
        self._names = True
        self._dialogs = Dialogs()
        self.tasks: tuple[Task, ...] = ()
        self._server: TellsHandWork | None = None
        self._identity = ""
        self._pages: dict[str, str] = {}

    def use(self, settings: Settings, dialogs: Dialogs) -> None:
        """Take from the settings where a list of readers is."""
        self._patrons = settings.folder("followup.readers")
        self._names = settings.text("report.reader_names") != "never"
        self._dialogs = dialogs

    def page(self) -> FollowupPage:
        """The page."""
        if self._page is None:
            from offcirc.referent.followup.page import FollowupPage

            self._page = FollowupPage(self._look)
            self._page.deed_wanted.connect(self._do)
            self._page.chosen.connect(self._look_for_likely)
            self._page.export_wanted.connect(self._export)
            self._page.copied.connect(self._copied)
            self._page.send_wanted.connect(self.send_wanted)
            self._page.look_wanted.connect(self._look_there)
            self._page.page_wanted.connect(self._open_page)
            self._page.show_tasks(self.tasks)
            self._offer()
        return self._page

    @property
    def left(self) -> int:
        """How many tasks are open."""
        return sum(not task.done for task in self.tasks)

    @property
    def summary(self) -> str:
        """How much there is to do, in words."""
        if not self.tasks:
            return _("No upload has left any work.")
        from offcirc.upload.followup.followupwords import summary

        return summary(self.tasks)

    def refresh(self) -> None:
        """Read the work list again."""
        read = partial(afterwards.work_list, self._data_dir)
        self._tasks.run_task(read, self._lists.answer(self._listed))

    def offer_server(self, server: Server | None) -> None:
        """Take the server that somebody is signed in on; only some tell what was done there."""
        from offcirc.servers.protocol import TellsHandWork

        self._server = server if isinstance(server, TellsHandWork) else None
        self._identity = server.identity if server is not None else ""
        self._pages = self._pages if self._server is not None else {}
        self._offer()

    def _offer(self) -> None:
        if self._page is not None:
            self._page.want(self._page.there, wanted=self._server is not None)
            self._page.want(self._page.open, wanted=bool(self._pages))

    def _look_there(self) -> None:
        server = self._server
        if server is None:
            return
        todo = [task for task in self.tasks if not task.done]
        job = partial(afterwards.look_there, self._data_dir, server, self._identity, todo)
        self._tasks.run_task(job, self._looked)

    def _looked(self, result: TaskResult[tuple[list[Task], int, dict[str, str]]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        tasks, ticked, self._pages = result.get()
        self._listed(TaskResult(tasks))
        self._offer()
        text = ngettext(
            "{count} task has been done there and is ticked off.",
            "{count} tasks have been done there and are ticked off.",
            ticked,
        )
        none = _("Nothing has been done there since.")
        self.said.emit(text.format(count=number(ticked)) if ticked else none)

    def _open_page(self, task: Task) -> None:
        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QDesktopServices

        if task.id in self._pages:
            QDesktopServices.openUrl(QUrl(self._pages[task.id]))

    def _listed(self, result: TaskResult[list[Task]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        self.tasks = tuple(result.get())
        if self._page is not None:
            self._page.show_tasks(self.tasks)
        self.changed.emit()

    def _do(self, deed: Deed) -> None:
        def done(result: TaskResult[list[Task]]) -> None:
            self._listed(result)
            if result.error is None:
                self._say(deed)
                if any(deed.change):
                    self.send_wanted.emit()

        self._tasks.run_task(partial(afterwards.do, self._data_dir, deed, self._who()), done)

    def _say(self, deed: Deed) -> None:
        from offcirc.upload.followup.followup import Action

        count = len(deed.tasks)
        texts: dict[Action, str] = {
            Action.DONE: ngettext(
                "{count} task is ticked off.", "{count} tasks are ticked off.", count
            ),
            Action.REOPENED: ngettext(
                "{count} task is to be done again.", "{count} tasks are to be done again.", count
            ),
            Action.ASSIGNED: _("Given to {name}.") if deed.text else _("Given to nobody any more."),
            Action.NOTED: _("The note is kept."),
        }
        if deed.action is not None:
            self.said.emit(texts[deed.action].format(count=number(count), name=deed.text))
        elif not any(deed.change):
            self.said.emit(_("The correction is taken back."))

    def _look_for_likely(self, task: Task) -> None:
        from offcirc.upload.followup.task import TaskKind

        if task.kind is not TaskKind.PATRON or task.done or not task.patron:
            return

        def found(result: TaskResult[list[Slip]]) -> None:
            if result.error is not None:
                self.failed.emit(result.error)
            else:
                slips = result.get()
                if not self._names:
                    slips = [replace(slip, name="") for slip in slips]
                self.page().panel.show_likely(task, slips)

        job = partial(afterwards.likely, self._data_dir, task, self._patrons)
        self._tasks.run_task(job, found)

    def _copied(self, note: str) -> None:
        self.said.emit(_("Copied: “{note}”").format(note=note))

    def _export(self) -> None:
        name = _("Work list")
        path = self._dialogs.work_list(self._window, Path.home() / f"{name}.html")
        if path is None:
            return

        def written(result: TaskResult[Path]) -> None:
            if result.error is not None:
                self.failed.emit(result.error)
            else:
                self.exported.emit(result.get())

        shown = tuple(self.page().model.listed)
        self._tasks.run_task(partial(afterwards.export_work_list, shown, path), written)
