"""One upload at a time: begun, told about, cancelled, resumed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from offcirc.referent import work
from offcirc.referent.tasks import Result, Tasks
from offcirc.referent.work import Connection

if TYPE_CHECKING:
    from offcirc.upload.report import JobReport
    from offcirc.upload.run import Progress


@dataclass(frozen=True, slots=True)
class Order:
    """What to upload where.

    Attributes:
        files: the files.
        desk: the circulation desk's code.
        dry_run: only ask what would come of it.
        resume: go on with an unfinished upload of these files, if there is one.
    """

    files: tuple[Path, ...]
    desk: str
    dry_run: bool = False
    resume: bool = False


class Uploading(QObject):
    """Runs uploads and trials.

    Attributes:
        reader_names: ask for the names of the readers of lines that are refused.

    Signals:
        progressed: how far it is, a :class:`offcirc.upload.run.Progress`.
        ended: it has ended, in whatever way; a :class:`Result` with the report.
    """

    progressed = Signal(object)
    ended = Signal(object)

    def __init__(self, tasks: Tasks, data_dir: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._data_dir = data_dir
        self._cancel: threading.Event | None = None
        self.order: Order | None = None
        self.reader_names = False

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._cancel is not None

    def start(self, connection: Connection, order: Order) -> None:
        """Begin; does nothing while another one is under way."""
        if self.running:
            return
        self.order = order
        self._cancel = threading.Event()
        job = partial(
            work.upload,
            self._data_dir,
            connection,
            order.files,
            desk=order.desk,
            dry_run=order.dry_run,
            resume=order.resume,
            reader_names=self.reader_names,
            progress=self._tell,
            cancelled=self._cancel.is_set,
        )
        self._tasks.run_task(job, self._ended)

    def cancel(self) -> None:
        """Stop after the request that is under way; what is done is kept."""
        if self._cancel is not None:
            self._cancel.set()

    def _tell(self, progress: Progress) -> None:
        # Called in the upload's thread.
        self._tasks.call_here(partial(self.progressed.emit, progress))

    def _ended(self, result: Result[JobReport]) -> None:
        self._cancel = None
        self.ended.emit(result)
