"""The thread that works through uploaded files, and lets the night come by the clock."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from offcirc.i18n import _
from offcirc.practice.acts import filejobs, night
from offcirc.practice.acts.actor import Actor
from offcirc.practice.acts.filejobs import UnreadableLine
from offcirc.practice.circulation import CirculationLine
from offcirc.practice.errors import LibraryDiskError, log_bug
from offcirc.practice.web.house import House

_LOOK_SECONDS = 60.0
"""How often the clock is looked at."""
_REST_SECONDS = 5.0
"""How long a disk that refused is left in peace."""
_log = logging.getLogger(__name__)


class FileWorker:
    """Works at uploaded files, one at a time for each circulation desk, until it is closed."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lines: dict[int, Sequence[CirculationLine | UnreadableLine]] = {}
        self._closing = threading.Event()
        self._work = threading.Event()
        self._work.set()
        self._thread = threading.Thread(target=self._run, name="practice-files")
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._work.set()

    def close(self) -> None:
        """End after the lines that are under way; the rest waits for the next start."""
        self._closing.set()
        self._work.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._work.clear()
            try:
                while not self._closing.is_set() and self._round():
                    pass
                self._night()
            except LibraryDiskError as error:
                _log.error("the disk refused: %s", error)
                self._closing.wait(_REST_SECONDS)
                continue
            self._work.wait(_LOOK_SECONDS)

    def _round(self) -> bool:
        """The next lines of each desk's job; whether there was any."""
        waiting = self._house.store.submit(filejobs.due).result()
        for job in waiting:
            try:
                self._step(job)
            except LibraryDiskError:
                raise
            except Exception as error:
                log_bug(error)
                self._stop(job, type(error).__name__)
        return bool(waiting)

    def _stop(self, job: int, fault: str) -> None:
        self._lines.pop(job, None)
        self._house.store.submit(lambda db: filejobs.fail(db, job, fault)).result()

    def _step(self, job: int) -> None:
        house = self._house
        lines = self._lines.get(job)
        if lines is None:
            content, name = house.store.submit(lambda db: filejobs.kept(db, job)).result()
            lines = self._lines[job] = filejobs.prepared(content, name, house.now())
        actor, recorder, known = self._actor(), house.recorder, lines
        more = house.store.submit(
            lambda db: filejobs.step(db, recorder, actor, job, known)
        ).result()
        if not more:
            del self._lines[job]

    def _night(self) -> None:
        actor = self._actor()
        self._house.store.submit(
            lambda db: night.run(db, actor) if night.is_due(db, actor) else None
        ).result()

    def _actor(self) -> Actor:
        """The server itself, which speaks its own language."""
        house = self._house
        return Actor("", "", "", house.now(), house.policy, house.circulation, _)
