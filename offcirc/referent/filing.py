"""From files and folders, chosen or dropped, to the list of checked files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from offcirc.referent import work
from offcirc.referent.collectpage import CollectPage
from offcirc.referent.dialogs import Dialogs
from offcirc.referent.filecheck import FileCheck
from offcirc.referent.memory import Keeper
from offcirc.referent.tasks import Result, Tasks


class Filing(QObject):
    """Fills the page of files.

    Signals:
        added: files are on the list, to be read.
        found_nothing: the folder chosen holds no file that could be meant.
        failed: something was not possible, the exception is given.
    """

    added = Signal()
    found_nothing = Signal()
    failed = Signal(object)

    def __init__(
        self, page: CollectPage, tasks: Tasks, dialogs: Dialogs, keeper: Keeper, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._tasks = tasks
        self._dialogs = dialogs
        self._keeper = keeper
        self._window = parent
        page.files_wanted.connect(self._choose_files)
        page.folder_wanted.connect(self._choose_folder)

    def add(self, paths: Sequence[Path]) -> None:
        """Put files, and what folders hold, on the list; they are read in the background."""
        # Not resolve(): a link or a mapped drive keeps the name that the person knows it by.
        absolute = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100
        known = {file.path for file in self._page.model.files}
        waiting = {path for path in absolute if not path.is_dir()}
        fresh = [path for path in absolute if path in waiting and path not in known]
        self._page.model.add(FileCheck(path) for path in fresh)
        self.added.emit()
        self._tasks.run_task(partial(work.check_files, absolute), partial(self._read, waiting))

    def _read(self, waiting: set[Path], result: Result[list[FileCheck]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        listed = {file.path for file in self._page.model.files}
        # A file that was taken off the list while it was being read stays off it.
        files = [file for file in result.get() if file.path in listed or file.path not in waiting]
        self._page.model.add(files)
        if not result.get():
            self.found_nothing.emit()

    def _choose_files(self) -> None:
        found = self._dialogs.files(self._window, self._folder())
        if found:
            self._keeper.remember(folder=str(found[0].parent))
            self.add(found)

    def _choose_folder(self) -> None:
        found = self._dialogs.folder(self._window, self._folder())
        if found is not None:
            self._keeper.remember(folder=str(found))
            self.add([found])

    def _folder(self) -> Path | None:
        folder = self._keeper.choices.folder
        return Path(folder) if folder else None


def dropped_paths(event: QDropEvent) -> list[Path]:
    """The files and folders of this PC that are being dragged or dropped."""
    urls = event.mimeData().urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
