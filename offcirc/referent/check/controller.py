"""From files and folders, chosen or dropped, to the list of files that were read and checked."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from offcirc.referent.background import uploads
from offcirc.referent.background.inspection import Inspection, KnownBefore
from offcirc.referent.background.memory import ChoiceKeeper
from offcirc.referent.check.collect_page import CollectPage
from offcirc.referent.kit.dialogs import Dialogs
from offcirc.referent.kit.tasks import TaskResult, Tasks

if TYPE_CHECKING:
    from offcirc.referent.background.deciding import DecisionMade
    from offcirc.settings.load import Settings
    from offcirc.upload.lines.collect import CollectProgress


class Filing(QObject):
    """Fills the page of files; every change has all of them read again, together.

    Attributes:
        reading: files are being read or checked.

    Signals:
        added: files are on the list, to be read.
        inspected: they have been read and checked, an :class:`Inspection`.
        began: folders are being looked through; their names, on one line.
        progressed: how far that is, a :class:`offcirc.upload.lines.collect.CollectProgress`.
        deciding: a decision is being kept, a :class:`DecisionMade`.
        decided: it is kept; the numbers by which it can be undone, none for an undoing.
        undecided: it could not be kept.
        found_nothing: the folder chosen holds no file that could be meant.
        failed: something was not possible, the exception is given.
    """

    added = Signal()
    inspected = Signal(object)
    began = Signal(str)
    progressed = Signal(object)
    deciding = Signal(object)
    decided = Signal(object, object)
    undecided = Signal(object)
    found_nothing = Signal()
    failed = Signal(object)

    def __init__(
        self,
        page: CollectPage,
        tasks: Tasks,
        dialogs: Dialogs,
        keeper: ChoiceKeeper,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._tasks = tasks
        self._dialogs = dialogs
        self._keeper = keeper
        self._window = parent
        self._stop: threading.Event | None = None
        self._fresh = False
        self._known = KnownBefore()
        self._data_dir = Path()
        self._who: Callable[[], str] = str
        self._rules: dict[str, object] = {}
        self._hours = ""
        self._collection: Path | None = None
        page.files_wanted.connect(self._choose_files)
        page.folder_wanted.connect(self._choose_folder)
        page.collection_wanted.connect(self._add_collection)
        page.removed.connect(self.look_again)
        page.decided.connect(self.decide)

    def use(self, data_dir: Path, settings: Settings, who: Callable[[], str]) -> None:
        """Tell whose ledger and rules hold, and where the desks leave their copies.

        Args:
            data_dir: whose ledger.
            settings: where the rules and the collection folder are read.
            who: tells who works at this window.
        """
        self._data_dir = data_dir
        self._who = who
        self._rules = settings.barcodes()
        self._hours = settings.text("check.hours")
        self._collection = settings.folder("collection")
        self._page.want(self._page.collection, wanted=self._collection is not None)

    @property
    def reading(self) -> bool:
        """Whether files are being read or checked."""
        return self._stop is not None

    def add(self, paths: Sequence[Path]) -> None:
        """Put files, and what folders hold, on the list; they are read in the background."""
        # Not resolve(): a link or a mapped drive keeps the name that the person knows it by.
        absolute = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100
        self._page.model.add_unread(path for path in absolute if not path.is_dir())
        self.added.emit()
        self._inspect([path for path in absolute if path.is_dir()])

    def look_again(self) -> None:
        """Read and check the files of the list again."""
        self._inspect([])

    def judge_again(self) -> None:
        """Check the lines again: decisions were made elsewhere."""
        if self._page.model.paths:
            self._inspect([], again=True)

    def decide(self, verdict: DecisionMade) -> None:
        """Keep a decision, and check the lines again with it."""
        self.deciding.emit(verdict)
        keep = partial(uploads.decide, self._data_dir, verdict, self._who())
        self._tasks.run_task(keep, partial(self._decided, verdict))

    def _decided(self, verdict: DecisionMade, result: TaskResult[tuple[int, ...]]) -> None:
        if result.error is not None:
            self.undecided.emit(verdict)
            self.failed.emit(result.error)
            return
        self.decided.emit(verdict, result.get())
        self._inspect([], again=True)

    def stop(self) -> None:
        """Stop reading."""
        if self._stop is not None:
            self._stop.set()

    def _inspect(self, folders: list[Path], *, again: bool = False) -> None:
        """Read and check; ``again``: only decisions were made since, files need not be read."""
        self.stop()
        paths = (*self._page.model.paths, *folders)
        if not paths:
            self._stop = None
            self.inspected.emit(Inspection())
            return
        stop = self._stop = threading.Event()
        if not again:
            self._known = KnownBefore()
        wanted = partial(
            uploads.inspect,
            paths,
            self._data_dir,
            self._rules,
            self._tell,
            stop.is_set,
            hours=self._hours,
            known=self._known,
            again=again,
        )
        self._tasks.run_task(wanted, partial(self._read, stop, bool(folders)))
        self._fresh = bool(folders) or any(not row.read for row in self._page.model.things)
        self.began.emit(", ".join(folder.name or str(folder) for folder in folders))

    def _tell(self, scan: CollectProgress) -> None:
        # Called in another thread. What was read before is read again without a word.
        if self._fresh:
            self._tasks.call_here(partial(self.progressed.emit, scan))

    def _read(self, stop: threading.Event, folder: bool, result: TaskResult[Inspection]) -> None:
        if stop is not self._stop:
            return  # other files have been chosen since, and all are being read again
        self._stop = None
        if result.error is not None:
            self.failed.emit(result.error)
            self.progressed.emit(None)
            return
        found = result.get()
        nothing = folder and len(found.sources) <= len(self._page.model.things)
        self.progressed.emit(None)
        self._page.model.show_things(found.sources)
        self.inspected.emit(found)
        if nothing:
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

    def _add_collection(self) -> None:
        if self._collection is not None:
            self.add([self._collection])

    def _folder(self) -> Path | None:
        folder = self._keeper.choices.folder
        return Path(folder) if folder else None


def dropped_paths(event: QDropEvent) -> list[Path]:
    """The files and folders of this PC that are being dragged or dropped."""
    urls = event.mimeData().urls()
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
