"""The day's figures at the foot of the window: to save, saved today, last save, the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from offcirc.desk.face.status import StatusFacts, StatusLine
from offcirc.desk.face.table import TransactionModel
from offcirc.desk.words import faultwords, waitwords, words

if TYPE_CHECKING:
    from offcirc.storage.copies.mirror import MirrorState

_TOPICS = ("settings", "scanner", "caps lock", "space", "machine", "copy", "knowledge")
"""What hints may be about, the most urgent first."""


class DayFigures(QObject):
    """Counts what is pending and saved, and keeps the status line true.

    Signals:
        new_day: midnight has passed.

    Attributes:
        pending: rows that are not in the file yet.
    """

    new_day = Signal()

    def __init__(
        self,
        line: StatusLine,
        model: TransactionModel,
        file: Path,
        now: Callable[[], datetime],
        parent: QObject,
    ) -> None:
        """Start to count, and to tell the time.

        Args:
            line: where it is shown.
            model: the rows.
            file: the OffCirc.dat that is saved to.
            now: the moment, aware, in the PC's own time zone.
            parent: the window.
        """
        super().__init__(parent)
        self._line = line
        self._model = model
        self._file = file
        self._now = now
        self._saved = 0
        self._last_save: datetime | None = None
        self._hints = dict.fromkeys(_TOPICS, faultwords.NOTHING)
        self._copy: MirrorState | None = None
        self._scanner = ""
        self._waiting = 0
        self._drop = ""
        self.pending = 0
        model.today = now().date()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.tick)
        self.tick()

    def opened(self, pending: int, last_save: datetime | None) -> None:
        """The journal was read; the model has its rows."""
        self.pending = pending
        self._last_save = last_save
        self._count_saved()
        self.show()

    def recorded(self) -> None:
        """One more row is pending; nothing else has changed."""
        self.pending += 1
        standing = self._line.standing
        self._line.say(replace(standing, to_save=words.to_save(self.pending), pending=True))

    def voided(self) -> None:
        """A pending row was deleted."""
        self.pending -= 1
        self.show()

    def saved(self) -> None:
        """Pending rows are in the file now; the model knows which."""
        self.pending = len(self._model.pending())
        self._last_save = self._now().replace(tzinfo=None)
        self._count_saved()
        self.show()

    def hint(self, hint: faultwords.Hint, topic: str = "settings") -> None:
        """Keep something in sight until it is put right.

        Args:
            hint: what, in short and in full; both empty: it is put right.
            topic: what it is about; another one about the same takes its place.
        """
        if self._hints[topic] != hint:
            self._hints[topic] = hint
            self.show()

    def copy(self, state: MirrorState | None) -> None:
        """Show how old the copy in the collection folder is; ``None``: none is made."""
        self._copy = state
        self.show()

    def scanner(self, text: str) -> None:
        """Show how it stands with the serial scanners, worded."""
        self._scanner = text
        self.show()

    def drop(self, text: str) -> None:
        """Show that the book drop is on, worded; empty: it is off."""
        self._drop = text
        self.show()

    def waiting(self, number: int) -> None:
        """Show how many barcodes are still to record."""
        self._waiting = number
        self.show()

    def stop(self) -> None:
        """The window is closed: no more ticking."""
        self._timer.stop()

    def tick(self) -> None:
        """Tell the time, and come back with the next minute."""
        now = self._now()
        if now.date() != self._model.today:
            self._model.today = now.date()
            self._count_saved()
            self.new_day.emit()
        self.show()
        self._timer.start((60 - now.second) * 1000 - now.microsecond // 1000 + 20)

    def show(self) -> None:
        """Write the status line."""
        now = self._now().replace(tzinfo=None)
        last = words.last_save(self._last_save, now.date())
        copied = faultwords.copied(self._copy, self._now())
        hints = [hint for hint in self._hints.values() if hint[0]]
        self._line.say(
            StatusFacts(
                to_save=words.to_save(self.pending),
                pending=bool(self.pending),
                saved=words.saved_today(self._saved),
                file=" · ".join(filter(None, (self._file.name, last, copied))),
                clock=words.clock(now),
                scanner=self._scanner,
                waiting=waitwords.standing(self._waiting),
                drop=self._drop,
                hint=" · ".join(short for short, _full in hints),
                advice="\n".join(full for _short, full in hints),
                place=str(self._file),
            )
        )

    def _count_saved(self) -> None:
        today = self._model.today
        self._saved = sum(
            row.state == "saved" and row.transaction.local.date() == today
            for row in self._model.all()
        )
