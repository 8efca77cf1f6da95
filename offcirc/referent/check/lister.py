"""From a list, chosen or pasted, to a file of lines among those of the desks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from offcirc.core.barcodes.rules import ANY, RuleSet
from offcirc.i18n import _
from offcirc.referent.background.memory import ChoiceKeeper
from offcirc.referent.check.list_page import ListTab
from offcirc.referent.kit.dialogs import Dialogs
from offcirc.referent.kit.tasks import TaskResult, Tasks
from offcirc.upload.base.errors import UnreadableFileError

if TYPE_CHECKING:
    from offcirc.settings.load import Settings
    from offcirc.upload.lists.reading import ListSheet


class Lister(QObject):
    """Reads lists in the background, and keeps what was taken.

    Signals:
        shown: a list is there to be looked at.
        kept: its lines are in a file, whose path is given.
        failed: something was not possible, the exception is given.
    """

    shown = Signal()
    kept = Signal(object)
    failed = Signal(object)

    def __init__(
        self, tab: ListTab, tasks: Tasks, dialogs: Dialogs, keeper: ChoiceKeeper, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._tab = tab
        self._tasks = tasks
        self._dialogs = dialogs
        self._keeper = keeper
        self._window = parent
        self._data_dir = Path()
        self._library = ""
        self._rules: RuleSet = ANY
        self._name, self._original = "", b""
        tab.taken.connect(self._take)

    def use(self, data_dir: Path, settings: Settings, _who: Callable[[], str]) -> None:
        """Tell where lines are kept, and by which rules barcodes are told apart."""
        from offcirc.core.barcodes.ruletable import RulesError
        from offcirc.scanning.presets import build

        self._data_dir = data_dir
        self._library = settings.text("desk.library")
        try:
            self._rules = build(settings.barcodes())
        except RulesError:
            self._rules = ANY

    def choose(self) -> None:
        """Ask for a list."""
        folder = self._keeper.choices.folder
        path = self._dialogs.list_file(self._window, Path(folder) if folder else None)
        if path is not None:
            self.read(path)

    def paste(self) -> None:
        """Take the list that was copied elsewhere."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            data = text.encode("utf-8", "replace")
            self._read(_("pasted list") + ".txt", lambda: data)

    def read(self, path: Path) -> None:
        """Read a list."""
        self._read(path.name, path.read_bytes)

    def _read(self, name: str, load: Callable[[], bytes]) -> None:
        self._tasks.run_task(partial(_sheets, name, load), partial(self._show, name))

    def _show(self, name: str, result: TaskResult[tuple[bytes, tuple[ListSheet, ...]]]) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
            return
        self._original, sheets = result.get()
        self._name = name
        self._tab.show_list(sheets, self._rules)
        self.shown.emit()

    def _take(self) -> None:
        from offcirc.upload.lists import taking

        records = self._tab.found.records
        keep = partial(
            taking.keep, self._data_dir, self._name, self._original, records, self._library
        )
        self._tab.take.setEnabled(False)
        self._tasks.run_task(keep, self._done)

    def _done(self, result: TaskResult[Path]) -> None:
        if result.error is not None:
            self._tab.take.setEnabled(True)
            self.failed.emit(result.error)
            return
        self._tab.show_list((), self._rules)
        self.kept.emit(result.get())


def _sheets(name: str, load: Callable[[], bytes]) -> tuple[bytes, tuple[ListSheet, ...]]:
    """The bytes of a list and what stands in it.

    Raises:
        UnreadableFileError: it is no list that can be read.
        OSError: the file cannot be read.
    """
    from offcirc.upload.alma.almacells import UnreadableContainerError
    from offcirc.upload.lists.listwords import empty, unreadable
    from offcirc.upload.lists.reading import read_list

    data = load()
    try:
        sheets = read_list(data)
    except UnreadableContainerError as error:
        raise UnreadableFileError(name, unreadable(error)) from None
    if not sheets:
        raise UnreadableFileError(name, empty())
    return data, sheets
