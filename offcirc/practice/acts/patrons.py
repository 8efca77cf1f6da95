"""Readers: found, shown, blocked and freed; their contact details."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date

from offcirc.core.rules import lending
from offcirc.i18n import N_
from offcirc.practice import lookups
from offcirc.practice.acts.actor import Actor, row_of
from offcirc.practice.errors import ActError

BLOCK_KINDS = {
    "suspended": N_("Suspension"),
    "overdue": N_("Overdue loans"),
    "card-lost": N_("Card lost"),
    "fees": N_("Fees to pay"),
    "other": N_("Other"),
    "quitus": N_("Quitus (left for good)"),
}
_FOUND = 50
_RECENT = 5


@dataclass(frozen=True, slots=True)
class PatronBlock:
    """A block as the page shows it.

    Attributes:
        source: ``manual:N``, ``suspension``, ``library`` or ``overdue``; how it is lifted.
        kind: a key of :data:`BLOCK_KINDS`, or a word of the library's own.
        until: the last day, or ``None``.
        note: why.
        who: who put it there, or empty.
    """

    source: str
    kind: str
    until: date | None = None
    note: str = ""
    who: str = ""

    @property
    def liftable(self) -> bool:
        """Nobody lifts a quitus; what is overdue ends with the return."""
        return self.kind != lookups.QUITUS and self.source != lookups.OVERDUE


def search(connection: sqlite3.Connection, text: str) -> list[sqlite3.Row]:
    """The readers with this card, identifier or part of a name; accents and case do not count."""
    text = text.strip()
    if not text:
        raise ActError(N_("Type a card number or a part of a name."))
    exact = lookups.find_patron(connection, text)
    if exact is not None:
        return [exact]
    return lookups.with_words(connection, "patrons", "name", text, _FOUND)


def opened(connection: sqlite3.Connection, actor: Actor, ref: str) -> sqlite3.Row:
    """A reader whose page is looked at; becomes the latest of the last five."""
    patron = row_of(connection, "patrons", ref)
    connection.execute(
        "INSERT INTO recent (login, patron, at) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET at = excluded.at",
        (actor.login, patron["primary_id"], actor.stamp),
    )
    return patron


def recent(connection: sqlite3.Connection, actor: Actor) -> list[sqlite3.Row]:
    """The last five readers this account has looked at."""
    return connection.execute(
        "SELECT p.* FROM recent r JOIN patrons p ON p.primary_id = r.patron "
        "WHERE r.login = ? ORDER BY r.at DESC LIMIT ?",
        (actor.login, _RECENT),
    ).fetchall()


def expires(actor: Actor, patron: sqlite3.Row) -> date:
    """When an account expires."""
    return lending.expiry(patron["expires_on"], actor.now.date())


def blocks(connection: sqlite3.Connection, actor: Actor, patron: sqlite3.Row) -> list[PatronBlock]:
    """Every block that holds now."""
    found = []
    if patron["block"]:
        found.append(PatronBlock("library", patron["block"]))
    until = date.fromisoformat(patron["suspended_until"]) if patron["suspended_until"] else None
    if until is not None and until >= actor.now.date():
        found.append(PatronBlock("suspension", lookups.SUSPENDED, until))
    rows = connection.execute(
        "SELECT * FROM blocks WHERE patron = ? AND ended_at IS NULL "
        "AND (until IS NULL OR until >= ?) ORDER BY id",
        (patron["primary_id"], actor.now.date().isoformat()),
    ).fetchall()
    for row in rows:
        day = date.fromisoformat(row["until"]) if row["until"] else None
        found.append(PatronBlock(f"manual:{row['id']}", row["kind"], day, row["note"], row["who"]))
    if lookups.OVERDUE in lookups.blocks(connection, patron, actor.now) and not any(
        each.kind == lookups.OVERDUE for each in found
    ):
        found.append(PatronBlock(lookups.OVERDUE, lookups.OVERDUE))
    return found


def block(
    connection: sqlite3.Connection,
    actor: Actor,
    ref: str,
    *,
    kind: str,
    until: date | None,
    text: str,
) -> None:
    """Block a reader.

    Raises:
        ActError: the kind is none, or the day has passed.
    """
    patron = row_of(connection, "patrons", ref)
    if kind not in BLOCK_KINDS:
        raise ActError(N_("Choose what kind of block it is."))
    if until is not None and until < actor.now.date():
        raise ActError(N_("That day has passed."))
    connection.execute(
        "INSERT INTO blocks (patron, kind, until, note, who, at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            patron["primary_id"],
            kind,
            until.isoformat() if until else None,
            text.strip()[:500],
            actor.name,
            actor.stamp,
        ),
    )


def lift(connection: sqlite3.Connection, actor: Actor, ref: str, source: str) -> None:
    """Take a block away.

    Raises:
        ActError: it is a quitus, or there is no such block.
    """
    patron = row_of(connection, "patrons", ref)
    found = next((one for one in blocks(connection, actor, patron) if one.source == source), None)
    if found is None:
        raise ActError(N_("This block holds no longer."))
    if found.kind == lookups.QUITUS:
        raise ActError(N_("A quitus is lifted by nobody here: the reader has left for good."))
    if not found.liftable:
        raise ActError(N_("This block ends when the items come back."))
    primary = patron["primary_id"]
    if source == "library":
        connection.execute("UPDATE patrons SET block = '' WHERE primary_id = ?", (primary,))
    elif source == "suspension":
        connection.execute(
            "UPDATE patrons SET suspended_until = NULL WHERE primary_id = ?", (primary,)
        )
    else:
        connection.execute(
            "UPDATE blocks SET ended_at = ?, ended_by = ? WHERE id = ? AND patron = ?",
            (actor.stamp, actor.name, int(source.partition(":")[2]), primary),
        )


def may_override(connection: sqlite3.Connection, actor: Actor, ref: str) -> None:
    """Check that the blocks of a reader can be overridden for a session.

    Raises:
        ActError: one of them is a quitus.
    """
    patron = row_of(connection, "patrons", ref)
    if any(each.kind == lookups.QUITUS for each in blocks(connection, actor, patron)):
        raise ActError(N_("A quitus is overridden by nobody."))


def contact(
    connection: sqlite3.Connection,
    ref: str,
    *,
    email: str,
    phone: str,
    address: str,
    as_external: bool,
) -> None:
    """Change how a reader is reached.

    Args:
        connection: inside a transaction.
        ref: the reader.
        email: where letters would go.
        phone: number.
        address: postal address.
        as_external: added as the university's own: the next nightly import takes it away again.
    """
    patron = row_of(connection, "patrons", ref)
    if email and "@" not in email:
        raise ActError(N_("This is no e-mail address."))
    connection.execute(
        "UPDATE patrons SET email = ?, phone = ?, address = ?, contact_until_sync = ? "
        "WHERE primary_id = ?",
        (email[:200], phone[:50], address[:500], as_external, patron["primary_id"]),
    )


def check_group(connection: sqlite3.Connection, group: str) -> None:
    """Whether a group will do.

    Raises:
        ActError: there is none of this name.
    """
    if group not in lookups.distinct(connection, "patrons", "group"):
        raise ActError(N_("Choose a group."))


def identity(
    connection: sqlite3.Connection, ref: str, *, name: str, group: str, expires_on: str
) -> None:
    """Change name, group or expiry of an account that is the library's own.

    Raises:
        ActError: the account is the university's, or a value is none.
    """
    patron = row_of(connection, "patrons", ref)
    if patron["external"]:
        raise ActError(
            N_(
                "This account comes from the university: the registrar’s office of the campus must"
                " change it, and the next synchronisation brings it here."
            )
        )
    if not name.strip():
        raise ActError(N_("The name must not be empty."))
    check_group(connection, group)
    try:
        date.fromisoformat(expires_on)
    except ValueError:
        raise ActError(N_("This is no date.")) from None
    connection.execute(
        'UPDATE patrons SET name = ?, "group" = ?, expires_on = ? WHERE primary_id = ?',
        (name.strip()[:200], group, expires_on, patron["primary_id"]),
    )
