"""Runs of the program: at which desk, by which version, and how long ago each began."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlite_utils

import offcirc
from offcirc.core.identity import DeskIdentity
from offcirc.disk.clocks import since_boot
from offcirc.disk.errors import wording
from offcirc.storage.stamps import moment, stamp, utc_now


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """One run of the program at one desk.

    Attributes:
        id: a random UUID.
        at: when it began by the PC's clock, aware, UTC, to the millisecond.
        computer: the PC's own name.
        version: the program's.
    """

    id: str
    at: datetime
    identity: DeskIdentity
    computer: str
    version: str


class ProgramRun:
    """This run of the program, with the clock that nobody can set.

    Attributes:
        session: what the journal keeps of it.
        clock: tells the time, aware.
    """

    def __init__(
        self,
        identity: DeskIdentity | None = None,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = since_boot,
    ) -> None:
        """Begin now.

        Args:
            identity: at which desk.
            clock: tells the time, aware.
            monotonic: seconds since some moment, never set, sleep of the PC included.
        """
        self.clock = clock
        self._monotonic = monotonic
        self._began = monotonic()
        at = clock()
        self.session = RecordedSession(
            id=str(uuid.uuid4()),
            at=moment(stamp(at)),
            identity=identity or DeskIdentity(),
            computer=platform.node(),
            version=offcirc.__version__,
        )

    def elapsed_ms(self) -> int:
        """The true milliseconds since it began."""
        return round((self._monotonic() - self._began) * 1000)


class SessionBook:
    """The sessions in one journal."""

    def __init__(self, database: sqlite_utils.Database, path: Path) -> None:
        self._database = database
        self._path = path
        self._by_number: dict[int, RecordedSession] = {}

    def get(self, number: int | None) -> RecordedSession | None:
        """The session with this number in this journal; ``None`` for rows older than sessions."""
        if number is None:
            return None
        if number not in self._by_number:
            with wording(self._path):
                found = self._database.execute(
                    "SELECT id, at_utc, library, circulation_desk, desk_name, computer,"
                    " program_version FROM sessions WHERE session = ?",
                    (number,),
                ).fetchone()
            name, at, library, circulation_desk, desk_name, computer, version = found
            self._by_number[number] = RecordedSession(
                id=name,
                at=moment(at),
                identity=DeskIdentity(library, circulation_desk, desk_name),
                computer=computer,
                version=version,
            )
        return self._by_number[number]

    def number(self, session: RecordedSession) -> int | None:
        """The number of a session in this journal, if it is there."""
        with wording(self._path):
            found = self._database.execute(
                "SELECT session FROM sessions WHERE id = ?", (session.id,)
            ).fetchone()
        return None if found is None else int(found[0])

    def add(self, session: RecordedSession) -> int:
        """Note a session, inside the caller's database transaction; its number, old or new."""
        known = self.number(session)
        if known is not None:
            return known
        cursor = self._database.execute(
            "INSERT INTO sessions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            (
                session.id,
                stamp(session.at),
                session.identity.library,
                session.identity.circulation_desk,
                session.identity.desk_name,
                session.computer,
                session.version,
            ),
        )
        return cursor.lastrowid or 0
