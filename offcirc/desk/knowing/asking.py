"""The thread that asks OffCirc.knowledge, and the one that fetches a newer file from the share.

The second may hang as long as the share does: nobody waits for it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from offcirc.desk.knowing.findings import KnownAnswer, KnownQuestion, find
from offcirc.disk.errors import StorageError
from offcirc.knowledge.errors import KnowledgeError, KnowledgeFault
from offcirc.knowledge.keys import BadKeyError, KnowledgeKey
from offcirc.knowledge.knowledgefile import KnowledgeFile
from offcirc.knowledge.known import KnowledgeFacts
from offcirc.knowledge.layout import NAME
from offcirc.knowledge.place import KnowledgePlace, find_key

FETCH_SECONDS = 600.0
"""Between two looks at the share."""


@dataclass(frozen=True, slots=True)
class KnowingSetup:
    """The settings of it.

    Attributes:
        folder: the data folder.
        key: the setting ``knowledge.key``.
        share: the collection folder, if there is one.
        desk: the code of the circulation desk.
        days: after which knowledge is erased; 0: never.
        default_days: a loan’s length where class or group is unknown; 0: nothing is said.
    """

    folder: Path
    key: str
    share: Path | None
    desk: str
    days: int
    default_days: int


@dataclass(frozen=True, slots=True)
class KnowingState:
    """How it stands.

    Attributes:
        facts: of the file that is asked; ``None``: there is none.
        trouble: why it, or a newer one, cannot be used, worded; empty if nothing is wrong.
        estimates: whether due dates can be said.
    """

    facts: KnowledgeFacts | None = None
    trouble: str = ""
    estimates: bool = False


class Asking:
    """Answers questions, one after the other."""

    def __init__(
        self,
        setup: KnowingSetup,
        answered: Callable[[KnownQuestion, KnownAnswer], None],
        stands: Callable[[KnowingState], None],
    ) -> None:
        """Prepare; :meth:`start` begins.

        Args:
            setup: the settings.
            answered: called in the thread with each answer.
            stands: called in a thread when it stands otherwise.
        """
        self._setup = setup
        self._answered = answered
        self._stands = stands
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._place = KnowledgePlace(setup.folder)
        self._file: KnowledgeFile | None = None
        self._end = threading.Event()
        self._erasures = 0
        self._asker = threading.Thread(target=self._run, name="offcirc-knowing", daemon=True)

    def start(self) -> None:
        """Begin, in the background."""
        self._work.put(self._open)
        self._asker.start()
        threading.Thread(target=self._fetch, name="offcirc-knowledge", daemon=True).start()

    def ask(self, question: KnownQuestion) -> None:
        """Ask; the answer comes by itself."""
        self._work.put(lambda: self._answer(question))

    def erase(self) -> None:
        """The outage is over: what is known goes, once what was asked is answered."""
        self._erasures += 1
        self._work.put(self._erase)

    def stop(self, patience: float = 0.0) -> None:
        """Ask nothing more.

        Args:
            patience: seconds to wait for what was asked.
        """
        self._end.set()
        self._work.put(None)
        if patience and self._asker.is_alive():
            self._asker.join(patience)

    # In the asking thread

    def _run(self) -> None:
        while (act := self._work.get()) is not None:
            act()
        self._close()

    def _open(self) -> None:
        self._close()
        try:
            self._file = None if (key := self._key()) is None else self._place.open(key)
            self._tell()
        except KnowledgeError as error:
            self._stands(KnowingState(trouble=error.words()))

    def _key(self) -> KnowledgeKey | None:
        """The key; without knowledge none is missed.

        Raises:
            KnowledgeError: there is knowledge and no key to it.
        """
        try:
            key = find_key(self._setup.key, self._setup.folder)
        except BadKeyError:
            key = None
        path = self._place.current
        if key is None and path is not None:
            raise KnowledgeError(KnowledgeFault.NO_KEY, path)
        return key

    def _tell(self, trouble: str = "") -> None:
        file = self._file
        rules = file is not None and file.policy is not None
        facts = None if file is None else file.facts
        self._stands(KnowingState(facts, trouble, rules or self._setup.default_days > 0))

    def _answer(self, question: KnownQuestion) -> None:
        setup = self._setup
        for again in (True, False):
            try:
                answer = find(self._file, question, setup.desk, setup.default_days)
            except KnowledgeError as error:
                # Perhaps only this file has gone, because newer ones took its place.
                self._open()
                if again and self._file is not None:
                    continue
                self._close()
                self._stands(KnowingState(trouble=error.words()))
                answer = find(None, question, setup.desk, setup.default_days)
            self._answered(question, answer)
            return

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _distrust(self, error: KnowledgeError) -> None:
        self._close()
        self._stands(KnowingState(trouble=error.words()))

    def _erase(self) -> None:
        self._close()
        try:
            self._place.erase()
        except StorageError:
            self._end.wait(1.0)  # somebody reads it just now; erase_due comes after it
        self._tell()

    # In the thread that fetches

    def _fetch(self) -> None:
        checked: Path | None = None
        while not self._end.is_set():
            try:
                key = self._key()
                if key is not None:
                    current = self._place.current
                    if current is not None and current != checked:
                        checked = current
                        with KnowledgeFile(current, key) as file:
                            file.check()
                    self._take(key)
            except KnowledgeError as error:
                self._work.put(partial(self._distrust, error))
            except StorageError:
                pass  # the disk takes nothing just now; what holds goes on to hold
            self._end.wait(FETCH_SECONDS)

    def _take(self, key: KnowledgeKey) -> None:
        now = datetime.now(UTC)
        gone = self._place.erase_due(self._setup.days, now, key)
        share, erasures = self._setup.share, self._erasures
        taken = None
        try:
            taken = None if share is None else self._place.take(share / NAME, key)
        except KnowledgeError as error:
            if self._place.current is None:
                raise
            self._work.put(partial(self._tell, error.words()))
        if taken is not None and erasures != self._erasures:
            self._work.put(self._erase)  # it was on its way when the outage ended
        elif gone or taken is not None:
            self._work.put(self._open)
