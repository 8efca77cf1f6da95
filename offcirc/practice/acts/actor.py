"""Who acts, where, when, by which rules, in which language."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from offcirc.core.rules.policy import Library, Policy
from offcirc.i18n import N_
from offcirc.practice import clock
from offcirc.practice.circulation import Circulation, CirculationLine, CirculationOutcome
from offcirc.practice.errors import ActError, NotThereError
from offcirc.practice.messages import Refusal

REFUSED = {
    Refusal.ITEM_NOT_FOUND: N_("There is no item with the barcode {barcode}."),
    Refusal.USER_NOT_FOUND: N_("There is no such reader."),
    Refusal.NOT_ON_LOAN: N_("{barcode} was not on loan: counted as in-house use."),
    Refusal.LATER_ACTION: N_("Something newer has happened to {barcode}: nothing was done."),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at work.

    Attributes:
        login: the account.
        name: its name for people.
        desk: code of the circulation desk.
        now: the time, in the library's zone.
        policy: the rules.
        circulation: the same, at work.
        say: a text in the language of whoever asks.
    """

    login: str
    name: str
    desk: str
    now: datetime
    policy: Policy
    circulation: Circulation
    say: Callable[[str], str]

    @property
    def stamp(self) -> str:
        """The time as the database keeps it."""
        return clock.stored(self.now)

    @property
    def library(self) -> Library:
        """The library of the desk.

        Raises:
            ActError: there is no such desk any more.
        """
        found = self.policy.desk_library(self.desk)
        if found is None:
            raise ActError(N_("Choose a circulation desk first."))
        return found

    def moment(self, text: str) -> datetime:
        """A time out of the database, in the library's zone."""
        return clock.read(text, self.policy.timezone)

    def apply(
        self,
        connection: sqlite3.Connection,
        operation: str,
        item: str,
        patron: str = "",
        at: datetime | None = None,
    ) -> CirculationOutcome:
        """Do a loan or return by hand.

        Raises:
            ActError: there is no such item, or something newer has happened to it.
        """
        moment = at or self.now
        minute = moment.replace(tzinfo=None).isoformat(timespec="minutes")
        line = CirculationLine(
            "", None, None, moment, minute, operation, item, patron, who=self.login
        )
        outcome = self.circulation.apply(connection, line, self.desk, self.now)
        if outcome.refusal is not None and outcome.refusal is not Refusal.NOT_ON_LOAN:
            raise ActError(REFUSED.get(outcome.refusal, outcome.message), barcode=item)
        return outcome


def event(
    connection: sqlite3.Connection,
    actor: Actor,
    item: str,
    kind: str,
    *,
    patron: str = "",
    detail: str = "",
) -> None:
    """Note in an item's history what was done to it now."""
    connection.execute(
        "INSERT INTO events (item, at, event, desk, key, who, patron, detail) "
        "VALUES (?, ?, ?, ?, '', ?, ?, ?)",
        (item, actor.stamp, kind, actor.desk, actor.login, patron, detail),
    )


def row_of(connection: sqlite3.Connection, table: str, ref: str) -> sqlite3.Row:
    """The row that an address names.

    Args:
        connection: to the library.
        table: one of ours; never what somebody sent.
        ref: as the address has it.

    Raises:
        NotThereError: there is none.
    """
    row: sqlite3.Row | None = connection.execute(
        f"SELECT * FROM {table} WHERE ref = ?",  # noqa: S608
        (ref,),
    ).fetchone()
    if row is None:
        raise NotThereError
    return row


def note(
    connection: sqlite3.Connection,
    actor: Actor,
    kind: str,
    subject: str,
    *,
    text: str,
    popup: bool = False,
    public: bool = False,
) -> None:
    """Put a note on an item or a reader.

    Args:
        connection: inside a transaction.
        actor: who.
        kind: ``item`` or ``patron``.
        subject: the barcode or the primary id.
        text: the note.
        popup: it is shown before anything else.
        public: the reader may see it.
    """
    if not text.strip():
        raise ActError(N_("The note is empty."))
    connection.execute(
        "INSERT INTO notes (kind, subject, text, popup, public, who, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (kind, subject, text.strip()[:2000], popup, public, actor.name, actor.stamp),
    )


def end_note(
    connection: sqlite3.Connection, actor: Actor, kind: str, subject: str, id: int
) -> None:
    """Take a note away; that it was there stays known."""
    connection.execute(
        "UPDATE notes SET ended_at = ? WHERE id = ? AND kind = ? AND subject = ?",
        (actor.stamp, id, kind, subject),
    )


def notes(connection: sqlite3.Connection, kind: str, subject: str) -> list[sqlite3.Row]:
    """The notes on something, newest first."""
    return connection.execute(
        "SELECT * FROM notes WHERE kind = ? AND subject = ? AND ended_at IS NULL ORDER BY id DESC",
        (kind, subject),
    ).fetchall()
