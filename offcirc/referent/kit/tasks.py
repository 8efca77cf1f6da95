"""The one door to work that may take long: done elsewhere, answered on the window's own thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from PySide6.QtCore import QObject, Qt, Signal, Slot

T = TypeVar("T")

THREADS = 4
"""An upload keeps one busy for minutes; the others read files and past reports meanwhile."""


@dataclass(frozen=True, slots=True)
class TaskResult(Generic[T]):
    """What a task came to.

    Attributes:
        value: what the function returned; meaningless when there is an error.
        error: what it raised.
    """

    value: T | None = None
    error: Exception | None = None

    def get(self) -> T:
        """The value.

        Raises:
            Exception: the error of the task, when there is one.
        """
        if self.error is not None:
            raise self.error
        return cast(T, self.value)


class Latest:
    """Answers of a question that is asked again and again: never an older one after a newer."""

    def __init__(self) -> None:
        self._asked = 0
        self._answered = 0

    def answer(self, done: Callable[[TaskResult[T]], None]) -> Callable[[TaskResult[T]], None]:
        """What to call with the answer of the question that is asked now."""
        self._asked += 1
        number = self._asked

        def take(result: TaskResult[T]) -> None:
            if number > self._answered:
                self._answered = number
                done(result)

        return take


class Tasks(QObject):
    """Runs functions in threads of their own.

    A function given to :meth:`run_task` must not touch a widget; what it is called back with must
    not touch the work. The threads are no daemons: a program that ends waits for a request that
    is under way, so that nothing is cut off between the server and the ledger.

    Signals:
        idle: the last task under way has ended and its callback has been called.
    """

    idle = Signal()
    _ended = Signal(object)
    _called = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="uploader")
        self._under_way = 0
        self._shut = False
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._called.connect(self._call, Qt.ConnectionType.QueuedConnection)

    @property
    def under_way(self) -> int:
        """How many tasks have not been answered yet."""
        return self._under_way

    def run_task(self, function: Callable[[], T], done: Callable[[TaskResult[T]], None]) -> None:
        """Run ``function`` in another thread, then ``done`` with its result in this one.

        After :meth:`shut_down` nothing is run any more.
        """
        if self._shut:
            return
        self._under_way += 1
        self._pool.submit(self._work, function, done)

    def call_here(self, callback: Callable[[], None]) -> None:
        """From a task: let the window's thread run something, without waiting for it."""
        self._called.emit(callback)

    def shut_down(self) -> None:
        """Take no more tasks; those taken before are still done."""
        self._shut = True
        self._pool.shutdown(wait=False)

    def _work(self, function: Callable[[], T], done: Callable[[TaskResult[T]], None]) -> None:
        try:
            result = TaskResult(function())
        except Exception as error:  # delivered to the window, which tells the world's from ours
            result = TaskResult(error=error)
        self._ended.emit(lambda: done(result))

    @Slot(object)
    def _deliver(self, callback: Callable[[], None]) -> None:
        self._under_way -= 1
        try:
            callback()
        finally:
            if not self._under_way:
                self.idle.emit()

    @Slot(object)
    def _call(self, callback: Callable[[], None]) -> None:
        callback()
