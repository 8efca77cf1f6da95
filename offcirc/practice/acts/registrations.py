"""Registrations: who asks for an account, what for, and what was decided.

A registration that has been validated becomes a reader at the nightly synchronisation, as the
accounts of a university do.
"""

from __future__ import annotations

import sqlite3

from offcirc.i18n import N_
from offcirc.practice import lookups
from offcirc.practice.acts import letters
from offcirc.practice.acts.actor import Actor, row_of
from offcirc.practice.errors import ActError
from offcirc.practice.upgrade import new_ref

PENDING = "pending"
VALIDATED = "validated"
REFUSED = "refused"
DELETED = "deleted"
STATUSES = (PENDING, VALIDATED, REFUSED)
_MOST = 300


def ask(
    connection: sqlite3.Connection,
    actor: Actor,
    *,
    name: str,
    card: str,
    email: str,
    group: str,
    wanted: list[str],
    origin: str = "",
) -> str:
    """Note a registration; its ref is returned, and the reader is told that it waits.

    Raises:
        ActError: something is missing, or the card is another reader's.
    """
    name, card = name.strip()[:200], card.strip()[:255]
    wanted = [each.strip()[:100] for each in wanted if each.strip()]
    if not name or not card or not wanted:
        raise ActError(N_("Name, card and what is asked for must not be empty."))
    if lookups.find_patron(connection, card) is not None:
        raise ActError(N_("This card belongs to a reader already."))
    ref = new_ref()
    found = connection.execute(
        'INSERT INTO registrations (ref, name, card, email, "group", status, origin, asked_at) '
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (ref, name, card, email.strip()[:200], group, PENDING, origin or actor.name, actor.stamp),
    )
    connection.executemany(
        "INSERT INTO resources (registration, name, status, at) VALUES (?, ?, ?, ?)",
        [(found.lastrowid, each, PENDING, actor.stamp) for each in wanted],
    )
    _ = actor.say
    _mail(connection, actor, name, [_("Your registration has arrived and waits to be validated.")])
    return ref


def _mail(connection: sqlite3.Connection, actor: Actor, name: str, lines: list[str]) -> None:
    _, subject = actor.say, letters.KINDS["registration"]
    letters.write(
        connection,
        actor,
        "registration",
        recipient=name,
        subject=_(subject),
        body="\n".join((_("Dear {name},").format(name=name), "", *lines, "", actor.policy.name)),
    )


def listed(connection: sqlite3.Connection, status: str, text: str) -> list[sqlite3.Row]:
    """Registrations, the oldest that waits first; by status and part of a name or card."""
    return connection.execute(
        "SELECT r.*, (SELECT group_concat(name, ' · ') FROM resources "
        "WHERE registration = r.id) AS wanted FROM registrations r "
        "WHERE ? IN ('', r.status) AND (? = '' OR instr(plain(r.name), ?) OR instr(r.card, ?)) "
        "ORDER BY r.status != 'pending', r.id LIMIT ?",
        (status, text, lookups.plain(text), text, _MOST),
    ).fetchall()


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many there are of each status."""
    return {
        status: connection.execute(
            "SELECT count(*) FROM registrations WHERE status = ?", (status,)
        ).fetchone()[0]
        for status in STATUSES
    }


def resources(connection: sqlite3.Connection, registration: sqlite3.Row) -> list[sqlite3.Row]:
    """What is asked for."""
    return connection.execute(
        "SELECT * FROM resources WHERE registration = ? ORDER BY id", (registration["id"],)
    ).fetchall()


def change(
    connection: sqlite3.Connection, ref: str, *, name: str, card: str, email: str, group: str
) -> None:
    """Put a registration's particulars right, as long as it is no reader yet.

    Raises:
        ActError: it is one, or something is missing, or the card is a reader's.
    """
    row = row_of(connection, "registrations", ref)
    if row["synced_at"]:
        raise ActError(N_("This registration is a reader already: change it there."))
    if not name.strip() or not card.strip():
        raise ActError(N_("Name, card and what is asked for must not be empty."))
    if lookups.find_patron(connection, card.strip()) is not None:
        raise ActError(N_("This card belongs to a reader already."))
    connection.execute(
        'UPDATE registrations SET name = ?, card = ?, email = ?, "group" = ? WHERE id = ?',
        (name.strip()[:200], card.strip()[:255], email.strip()[:200], group, row["id"]),
    )


def decide(connection: sqlite3.Connection, actor: Actor, ref: str, status: str) -> None:
    """Validate, refuse or put back a registration; validating validates all that was asked for.

    Raises:
        ActError: it is a reader already, or the status is none.
    """
    row = row_of(connection, "registrations", ref)
    if status not in STATUSES:
        raise ActError(N_("Choose a status."))
    if row["synced_at"]:
        raise ActError(N_("This registration is a reader already: change it there."))
    connection.execute(
        "UPDATE registrations SET status = ?, decided_at = ?, decided_by = ? WHERE id = ?",
        (status, actor.stamp, actor.name, row["id"]),
    )
    if status != PENDING:
        connection.execute(
            "UPDATE resources SET status = ?, who = ?, at = ? WHERE registration = ?"
            " AND (? = 'refused' OR status != 'refused')",
            (status, actor.name, actor.stamp, row["id"], status),
        )
        _ = actor.say
        said = {
            VALIDATED: _("Your registration has been validated: it holds from tomorrow on."),
            REFUSED: _("Your registration has been refused. Come to the desk, please."),
        }
        _mail(connection, actor, row["name"], [said[status]])


def decide_resource(
    connection: sqlite3.Connection, actor: Actor, ref: str, id: int, status: str
) -> None:
    """Validate, refuse or delete one thing that was asked for.

    Raises:
        ActError: the status is none.
    """
    row = row_of(connection, "registrations", ref)
    if status == DELETED:
        connection.execute(
            "DELETE FROM resources WHERE id = ? AND registration = ?", (id, row["id"])
        )
        return
    if status not in STATUSES:
        raise ActError(N_("Choose a status."))
    connection.execute(
        "UPDATE resources SET status = ?, who = ?, at = ? WHERE id = ? AND registration = ?",
        (status, actor.name, actor.stamp, id, row["id"]),
    )


def synchronise(connection: sqlite3.Connection, actor: Actor) -> int:
    """Make readers of what has been validated; how many. A card taken meanwhile stays behind."""
    rows = connection.execute(
        "SELECT * FROM registrations WHERE status = 'validated' AND synced_at IS NULL"
    ).fetchall()
    made = 0
    for row in rows:
        if lookups.find_patron(connection, row["card"]) is not None:
            continue
        year = actor.now.date().replace(day=1)
        connection.execute(
            'INSERT INTO patrons (primary_id, barcode, name, "group", expires_on, block, ref, '
            "external, email) VALUES (?, ?, ?, ?, ?, '', ?, 0, ?)",
            (
                row["card"],
                row["card"],
                row["name"],
                row["group"],
                year.replace(year=year.year + 1).isoformat(),
                new_ref(),
                row["email"],
            ),
        )
        connection.execute(
            "UPDATE registrations SET synced_at = ? WHERE id = ?", (actor.stamp, row["id"])
        )
        made += 1
    return made
