"""When the PC's clock was moved while the program ran: for whoever corrects the times later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlite_utils

from offcirc.disk.errors import wording
from offcirc.storage.journal.sessions import RecordedSession, SessionBook
from offcirc.storage.stamps import moment, stamp


@dataclass(frozen=True, slots=True)
class ClockJump:
    """One jump of the clock.

    Attributes:
        jump: its number.
        session: the run of the program that saw it.
        last_seq: the newest row then: this one and those before were stamped by the clock as it
            was, later ones of the same session by the clock as it is. 0 if there was none.
        before: what the clock would have said had it not been moved, aware, UTC.
        after: what it said, aware, UTC.
        seconds: how far it was moved; negative: back.
        elapsed_ms: the true milliseconds from the session's start until it was seen.
    """

    jump: int
    session: RecordedSession
    last_seq: int
    before: datetime
    after: datetime
    seconds: float
    elapsed_ms: int


class JumpBook:
    """The jumps in one journal; raises :class:`~offcirc.disk.errors.StorageError`."""

    def __init__(self, database: sqlite_utils.Database, path: Path, sessions: SessionBook) -> None:
        self._database = database
        self._path = path
        self._sessions = sessions

    def note(
        self,
        session: RecordedSession,
        number: int,
        before: datetime,
        after: datetime,
        elapsed_ms: int,
    ) -> ClockJump:
        """Note a jump after the newest row, inside the caller's database transaction.

        Args:
            session: the run that saw it.
            number: the number of that run in this journal.
            before: what the clock would say had it not been moved, aware.
            after: what it says, aware.
            elapsed_ms: the true milliseconds since the run began.
        """
        (last,) = self._database.execute(
            "SELECT coalesce(max(seq), 0) FROM transactions"
        ).fetchone()
        jump = ClockJump(
            jump=0,
            session=session,
            last_seq=last,
            before=moment(stamp(before)),
            after=moment(stamp(after)),
            seconds=round((after - before).total_seconds(), 3),
            elapsed_ms=elapsed_ms,
        )
        return replace(jump, jump=self.add(jump, number))

    def add(self, jump: ClockJump, number: int) -> int:
        """Note a jump as it is, inside the caller's database transaction; its number here."""
        cursor = self._database.execute(
            "INSERT INTO clock_jumps VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            (
                number,
                jump.last_seq,
                stamp(jump.before),
                stamp(jump.after),
                jump.seconds,
                jump.elapsed_ms,
            ),
        )
        return cursor.lastrowid or 0

    def all(self) -> list[ClockJump]:
        """Every jump, in order."""
        with wording(self._path):
            found = self._database.execute(
                "SELECT jump, session, last_seq, before_utc, after_utc, seconds, elapsed_ms"
                " FROM clock_jumps ORDER BY jump"
            ).fetchall()
        jumps = []
        for jump, number, last, before, after, seconds, elapsed in found:
            session = self._sessions.get(number)
            assert session is not None  # the column is never empty
            jumps.append(
                ClockJump(jump, session, last, moment(before), moment(after), seconds, elapsed)
            )
        return jumps
