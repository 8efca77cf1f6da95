"""Requests side by side: each lane is a thread that asks a server one thing at a time.

The lanes know nothing of lines and ledgers. Whoever sends something through them gets what came of
it in the one thread that asks for it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A request that is over.

    Attributes:
        what: what it was about.
        result: what was answered; ``None`` when it failed.
        error: how it failed; ``None`` when it did not.
    """

    what: T
    result: Any
    error: BaseException | None


class Lanes(Generic[T]):
    """Threads that wait for answers. Made as they are needed; they end with :meth:`close`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._wanted: queue.SimpleQueue[tuple[T, Callable[[], Any]] | None] = queue.SimpleQueue()
        self._over: queue.SimpleQueue[Done[T]] = queue.SimpleQueue()
        self._threads = 0
        self.under_way = 0

    def send(self, what: T, request: Callable[[], Any]) -> None:
        """Have something asked, beside what is under way already."""
        self.under_way += 1
        if self.under_way > self._threads:
            self._threads += 1
            # Not waited for at the end of the program: a request may hang for a minute.
            threading.Thread(
                target=self._work, name=f"{self._name}-{self._threads}", daemon=True
            ).start()
        self._wanted.put((what, request))

    def collect(self, seconds: float) -> list[Done[T]]:
        """What is over by now; waits for something if nothing is, at most so long."""
        done: list[Done[T]] = []
        try:
            done.append(self._over.get(timeout=seconds))
            while True:
                done.append(self._over.get_nowait())
        except queue.Empty:
            self.under_way -= len(done)
            return done

    def close(self) -> None:
        """Let the threads end when they have nothing more to do."""
        for _thread in range(self._threads):
            self._wanted.put(None)

    def _work(self) -> None:
        while (task := self._wanted.get()) is not None:
            what, request = task
            try:
                done: Done[T] = Done(what, request(), None)
            except BaseException as error:  # whoever collects it decides
                done = Done(what, None, error)
            self._over.put(done)
