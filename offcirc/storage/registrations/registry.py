"""What the uploader knows of registrations: sealed, with what was decided about each.

Once decided, it can be changed for a day; then what is personal in it is erased, and only the
provisional card, the real one and the decision stay, because loans may still come in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from offcirc.core.opened import Opened
from offcirc.core.registration import Registration
from offcirc.disk.database import Schema, open_database, reading, transaction
from offcirc.disk.errors import wording
from offcirc.storage.registrations.seal import Seal, SealError
from offcirc.storage.stamps import moment, stamp, utc_now

REGISTRY_NAME = "registrations.db"
GRACE = timedelta(days=1)
"""How long a decision can be changed."""

SCHEMA = Schema(
    0x4F435247,
    (
        (
            (
                "CREATE TABLE registrations (id TEXT PRIMARY KEY, card TEXT NOT NULL UNIQUE,"
                " desk TEXT NOT NULL, made TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending',"
                " real_card TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',"
                " who TEXT NOT NULL DEFAULT '', decided TEXT NOT NULL DEFAULT '',"
                " sealed BLOB NOT NULL) STRICT"
            ),
        ),
    ),
)


class RegistrationState(StrEnum):
    """What was decided about a registration."""

    PENDING = "pending"
    VALIDATED = "validated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """A registration and what was decided about it.

    Attributes:
        about: what the desk wrote down; names and the like are empty once erased.
        state: what was decided.
        real_card: with ``VALIDATED``, the reader's real card.
        reason: with ``REFUSED``, why, in the referent's words.
        who: who decided.
        decided: when, aware, UTC; ``None`` while pending.
        erased: whether what is personal is gone.
    """

    about: Registration
    state: RegistrationState
    real_card: str = ""
    reason: str = ""
    who: str = ""
    decided: datetime | None = None
    erased: bool = False


class NoSuchRegistrationError(LookupError):
    """There is none of this number, or it cannot be decided any more."""


class Registry(Opened):
    """The registrations in a file; use it from the thread that opened it.

    Every method raises :class:`~offcirc.disk.errors.StorageError` when the disk does not let it.
    """

    def __init__(self, data_dir: Path, seal: Seal) -> None:
        """Open it; make it if it is not there."""
        self.path = data_dir / REGISTRY_NAME
        self._seal = seal
        self._database = open_database(self.path, SCHEMA)
        self._database.execute("PRAGMA secure_delete = ON")

    def close(self) -> None:
        """Close it."""
        self._database.close()

    def take(self, sealed: Iterable[bytes]) -> tuple[int, int]:
        """Take in what desks wrote down; how many are new, and how many cannot be opened."""
        new = unreadable = 0
        with wording(self.path), transaction(self._database):
            for line in sealed:
                try:
                    found = self._seal.open(line)
                except SealError:
                    unreadable += 1
                    continue
                new += self._database.execute(
                    "INSERT OR IGNORE INTO registrations (id, card, desk, made, sealed)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (found.id, found.card, found.desk, stamp(found.at), line),
                ).rowcount
        return new, unreadable

    def rows(self) -> list[RegistrationRow]:
        """All of them, the oldest first."""
        with wording(self.path):
            found = self._database.execute(
                "SELECT id, card, desk, made, state, real_card, reason, who, decided, sealed"
                " FROM registrations ORDER BY made, id"
            ).fetchall()
        return [self._row(row) for row in found]

    def validate(self, number: str, card: str, who: str) -> None:
        """The reader has a real card: loans go up under it.

        Raises:
            NoSuchRegistrationError: see there.
        """
        self._decide(number, RegistrationState.VALIDATED, who, real_card=card)

    def refuse(self, number: str, who: str, reason: str = "") -> None:
        """There will be no such reader: loans go to the follow-up.

        Raises:
            NoSuchRegistrationError: see there.
        """
        self._decide(number, RegistrationState.REFUSED, who, reason=reason)

    def reopen(self, number: str, who: str) -> None:
        """Take a decision back.

        Raises:
            NoSuchRegistrationError: see there; also once what is personal is erased.
        """
        self._decide(number, RegistrationState.PENDING, who)

    def edit(self, changed: Registration) -> None:
        """Put right what was written down; card, moment and desk stay.

        Raises:
            NoSuchRegistrationError: see there.
        """
        before = next((row for row in self.rows() if row.about.id == changed.id), None)
        if before is None or before.erased:
            raise NoSuchRegistrationError(changed.id)
        kept = before.about
        sealed = self._seal.close(replace(changed, card=kept.card, at=kept.at, desk=kept.desk))
        with wording(self.path):
            self._database.execute(
                "UPDATE registrations SET sealed = ? WHERE id = ?", (sealed, changed.id)
            )

    def erase(self, now: datetime, grace: timedelta = GRACE) -> int:
        """Erase what is personal in those decided long enough ago; how many that were."""
        with wording(self.path):
            gone = self._database.execute(
                "UPDATE registrations SET sealed = x'', reason = ''"
                " WHERE sealed <> x'' AND state <> 'pending' AND decided <= ?",
                (stamp(now - grace),),
            ).rowcount
            if gone:
                # What was written before lies in the log until it is brought over.
                self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def _decide(self, number: str, state: RegistrationState, who: str, **also: str) -> None:
        values: dict[str, Any] = {"real_card": "", "reason": ""} | also
        decided = "" if state is RegistrationState.PENDING else stamp(utc_now())
        with wording(self.path):
            done = self._database.execute(
                "UPDATE registrations SET state = ?, real_card = ?, reason = ?, who = ?,"
                " decided = ? WHERE id = ? AND sealed <> x''",
                (state.value, values["real_card"], values["reason"], who, decided, number),
            ).rowcount
        if not done:
            raise NoSuchRegistrationError(number)

    def _row(self, row: tuple[Any, ...]) -> RegistrationRow:
        number, card, desk, made, state, real, reason, who, decided, sealed = row
        erased = not sealed
        about = Registration(number, card, moment(made), desk)
        if not erased:
            try:
                about = self._seal.open(sealed)
            except SealError:
                erased = True  # the key is another one by now: nobody can read it any more
        return RegistrationRow(
            about,
            RegistrationState(state),
            real,
            reason,
            who,
            moment(decided) if decided else None,
            erased,
        )


def known_cards(data_dir: Path) -> dict[str, tuple[RegistrationState, str]]:
    """What was decided about each provisional card; nothing where no registration ever came.

    Raises:
        StorageError: the registry cannot be read.
    """
    path = data_dir / REGISTRY_NAME
    if not path.exists():
        return {}
    with reading(path) as database:
        rows = database.execute("SELECT card, state, real_card FROM registrations").fetchall()
    return {card: (RegistrationState(state), real) for card, state, real in rows}
