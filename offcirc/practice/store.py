"""The one thread that uses the database, and the rule that nothing is answered before its commit.

All work on the database is queued. The thread takes what is waiting, does it in one transaction,
commits once, and only then lets the answers go: many small requests share the cost of one flush
to disk, and two requests never see each other's work half done.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from offcirc.practice import state
from offcirc.practice.errors import LibraryDiskError

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
_MOST_AT_ONCE = 64

# SQLite's result codes that speak of the disk or the machine; the others are our mistakes.
_WORLDS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


@dataclass(slots=True)
class _Task:
    work: Work[Any]
    keep: bool
    alone: bool = False
    future: Future[Any] = field(default_factory=Future)
    # Whatever speaks does so in the language of whoever asks.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


class Store:
    """A practice library's database, open.

    Args:
        database: the file, which exists.
    """

    def __init__(self, database: Path) -> None:
        self._connection = state.connect(database)
        self._waiting: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="practice-store")
        self._thread.start()

    async def run(self, work: Work[T], *, keep: bool = True, alone: bool = False) -> T:
        """Do ``work`` and return what it returns, once its changes are on disk.

        Args:
            work: called with the connection, inside a transaction, in the store's thread. What
                it raises is raised here, and nothing of its changes is kept.
            keep: ``False`` undoes its changes even when it succeeds.
            alone: ``work`` is called outside a transaction, and sees to it itself that all of
                its changes are kept or none.

        Raises:
            StorageError: the disk refused; nothing has been changed.
        """
        # Shielded: a client that hangs up must not cancel what is under way.
        return await asyncio.shield(asyncio.wrap_future(self.submit(work, keep=keep, alone=alone)))

    def submit(self, work: Work[T], *, keep: bool = True, alone: bool = False) -> Future[T]:
        """The same for other threads than the event loop's."""
        task = _Task(work, keep, alone)
        self._waiting.put(task)
        return task.future

    def close(self) -> None:
        """Finish what is waiting and close the database."""
        self._waiting.put(None)
        self._thread.join()
        self._connection.close()

    def _serve(self) -> None:
        going = True
        while going:
            first = self._waiting.get()
            tasks: list[_Task] = []
            going = first is not None
            if first is not None:
                tasks.append(first)
            with contextlib.suppress(queue.Empty):
                while going and len(tasks) < _MOST_AT_ONCE:
                    task = self._waiting.get_nowait()
                    if task is None:
                        going = False
                    else:
                        tasks.append(task)
            for alone, group in groupby(tasks, key=lambda task: task.alone):
                if alone:
                    for one in group:
                        self._do_alone(one)
                else:
                    self._do(list(group))

    def _do_alone(self, task: _Task) -> None:
        try:
            task.future.set_result(task.context.run(task.work, self._connection))
        except Exception as error:
            failure = LibraryDiskError(_name(error)) if _is_worlds(error) else error
            task.future.set_exception(failure)

    def _do(self, tasks: list[_Task]) -> None:
        outcomes: list[tuple[_Task, Any, BaseException | None]] = []
        connection = self._connection
        try:
            connection.execute("BEGIN")
            for task in tasks:
                outcomes.append((task, *self._guarded(task)))
            connection.execute("COMMIT")
        except Exception as error:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            failure = LibraryDiskError(_name(error)) if _is_worlds(error) else error
            # Whoever asked sees the error; nobody has been told anything yet.
            for task in tasks:
                task.future.set_exception(failure)
            return
        for task, result, failed in outcomes:
            if failed is not None:
                task.future.set_exception(failed)
            else:
                task.future.set_result(result)

    def _guarded(self, task: _Task) -> tuple[Any, Exception | None]:
        """Do one task so that its failure leaves the others' work alone."""
        connection = self._connection
        connection.execute("SAVEPOINT task")
        result, failure = None, None
        try:
            result = task.context.run(task.work, connection)
        except Exception as error:
            if _is_worlds(error):
                # Disk full and the like: SQLite may have undone the whole transaction already.
                raise
            failure = error
        if failure is not None or not task.keep:
            connection.execute("ROLLBACK TO task")
        connection.execute("RELEASE task")
        return result, failure


def _is_worlds(error: BaseException) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _WORLDS


def _name(error: BaseException) -> str:
    return str(getattr(error, "sqlite_errorname", type(error).__name__))
