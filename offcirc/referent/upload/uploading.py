"""One upload at a time: begun, told about, cancelled, resumed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from offcirc.referent.background import afterwards, uploads
from offcirc.referent.background.uploads import Connection, UploadOrder
from offcirc.referent.kit.tasks import TaskResult, Tasks

if TYPE_CHECKING:
    from offcirc.upload.base.control import Control
    from offcirc.upload.preview.preview import Preview
    from offcirc.upload.report.report import JobReport
    from offcirc.upload.run import Progress


class Uploading(QObject):
    """Runs uploads and trials.

    Signals:
        progressed: how far it is, a :class:`offcirc.upload.run.Progress`.
        ended: it has ended, in whatever way; a :class:`TaskResult` with the report, or for a trial
            with the preview.
    """

    progressed = Signal(object)
    ended = Signal(object)

    def __init__(self, tasks: Tasks, data_dir: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._data_dir = data_dir
        self._control: Control | None = None
        self._patron_names = False
        self.order: UploadOrder | None = None

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._control is not None

    def start(self, connection: Connection, order: UploadOrder) -> None:
        """Begin; does nothing while another one is under way."""
        if self.running:
            return
        self.order = order
        from offcirc.upload.base.control import Control

        self._control = Control()
        job = partial(
            afterwards.send_again if order.again else partial(uploads.upload, order),
            self._data_dir,
            connection,
            patron_names=self._patron_names,
            progress=self._tell,
            control=self._control,
        )
        self._tasks.run_task(job, self._ended)

    def ask_names(self, *, wanted: bool) -> None:
        """Whether the server is asked for the names of readers whose lines were refused."""
        self._patron_names = wanted

    def pause(self, *, paused: bool) -> None:
        """Let no further request go, or go on."""
        if self._control is not None:
            (self._control.pause if paused else self._control.resume)()

    def cancel(self) -> None:
        """Stop after the request that is under way; what is done is kept."""
        if self._control is not None:
            self._control.cancel()

    def _tell(self, progress: Progress) -> None:
        # Called in the upload's thread.
        self._tasks.call_here(partial(self.progressed.emit, progress))

    def _ended(self, result: TaskResult[JobReport | Preview | None]) -> None:
        self._control = None
        self.ended.emit(result)
