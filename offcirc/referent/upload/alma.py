"""Systems that people carry files to: files are written, answers are read back or looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from offcirc.referent.background import almawork
from offcirc.referent.background.almawork import AwaitedFile, Handed
from offcirc.referent.kit.dialogs import Dialogs
from offcirc.referent.kit.tasks import TaskResult, Tasks
from offcirc.referent.upload.handedcard import HandedCard

if TYPE_CHECKING:
    from offcirc.servers.files.target import FileTarget
    from offcirc.settings.load import ServerSettings
    from offcirc.upload.report.report import JobReport

ENDINGS = (".xlsx", ".csv", ".txt", ".eml", ".html", ".htm")
"""Files that are not a desk's but may be a report of Alma's."""


class Alma(QObject):
    """Serves the card of the files that wait.

    Attributes:
        waiting: the files that are not answered for yet.

    Signals:
        changed: other files wait.
        handed: files were written, a :class:`Handed`.
        reported: what became of a file is known: a report, and what else there is to say.
        exported: lines were written for another program: how many were left out, and a sentence.
        failed: something was not possible, the exception is given.
    """

    changed = Signal()
    handed = Signal(object)
    reported = Signal(object, str)
    exported = Signal(int, str)
    failed = Signal(object)

    def __init__(
        self,
        card: HandedCard,
        tasks: Tasks,
        data_dir: Path,
        who: Callable[[], str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._card = card
        self._tasks = tasks
        self._data_dir = data_dir
        self._who = who
        self._servers: Callable[[], Mapping[str, ServerSettings]] = dict
        self._window = parent
        self._dialogs = Dialogs()
        self.waiting: tuple[AwaitedFile, ...] = ()
        card.report_wanted.connect(self.choose_report)
        card.look_wanted.connect(self.look_back)
        card.folder_wanted.connect(lambda row: self._dialogs.show_in_folder(row.path))
        card.checklist_wanted.connect(self._open_checklist)

    def use(
        self, dialogs: Dialogs, servers: Callable[[], Mapping[str, ServerSettings]] = dict
    ) -> None:
        """Take other dialogs than the usual ones, and the servers that the settings name."""
        self._dialogs = dialogs
        self._servers = servers

    def export(self, files: Sequence[Path]) -> None:
        """Write the lines of files for another program, of the person's choice."""
        found = self._dialogs.lines(self._window, Path.home() / "OffCirc")
        if found is not None:
            path, wanted = found
            job = partial(almawork.export, self._data_dir, tuple(files), path, wanted)
            self._tasks.run_task(job, self._exported)

    def _exported(self, result: TaskResult[tuple[int, str]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
        else:
            self.exported.emit(*result.get())

    def refresh(self) -> None:
        """Look again which files wait."""
        self._tasks.run_task(partial(almawork.waiting, self._data_dir), self._looked)

    def hand_over(
        self, files: Sequence[Path], folder: Path, desk: str, system: FileTarget, look_up: str
    ) -> None:
        """Write the files for a library system."""
        job = partial(
            almawork.hand_over,
            self._data_dir,
            tuple(files),
            folder=folder,
            desk=desk,
            who=self._who(),
            system=system,
            asked=self._servers().get(look_up),
        )
        self._tasks.run_task(job, self._written)

    def look_back(self, row: AwaitedFile) -> None:
        """Look up in the library system which lines of a file have arrived."""
        job = partial(almawork.look_back, self._data_dir, row.job, self._servers())
        self._tasks.run_task(job, self._read)

    def answer(self) -> None:
        """Get the answer that the first waiting file waits for."""
        first = next(iter(self.waiting), None)
        if first is None or first.reports:
            self.choose_report()
        else:
            self.look_back(first)

    def choose_report(self) -> None:
        """Ask for a report of Alma's, and read it."""
        path = self._dialogs.alma_report(self._window)
        if path is not None:
            self.read(path)

    def read(self, path: Path) -> None:
        """Read a report of Alma's."""
        job = partial(almawork.read_report, self._data_dir, path, self._who())
        self._tasks.run_task(job, self._read)

    def _looked(self, result: TaskResult[list[AwaitedFile]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        self.waiting = tuple(result.get())
        self._card.show_waiting(self.waiting)
        self.changed.emit()

    def _written(self, result: TaskResult[Handed]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
        else:
            self.handed.emit(result.get())
        self.refresh()

    def _read(self, result: TaskResult[tuple[JobReport, str]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
        else:
            self.reported.emit(*result.get())
        self.refresh()

    def _open_checklist(self, row: AwaitedFile) -> None:
        def found(result: TaskResult[Path | None]) -> None:
            if result.error is not None:
                self.failed.emit(result.error)
            elif result.value is not None:
                self._dialogs.open_in_browser(result.value)

        self._tasks.run_task(partial(almawork.checklist_of, self._data_dir, row.job), found)
