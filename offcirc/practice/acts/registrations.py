"""Registrations: who asks for an account, what for, and what was decided.

A registration that has been validated becomes a reader at the nightly synchronisation, as the
accounts of a university do. One that a desk wrote down has a provisional card, by which it is
known for good, until somebody gives it the real one.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any

from offcirc.core.registration import Registration, is_provisional
from offcirc.i18n import N_
from offcirc.practice import clock, lookups
from offcirc.practice.acts import letters
from offcirc.practice.acts.actor import Actor, row_of
from offcirc.practice.acts.patrons import check_group
from offcirc.practice.errors import ActError
from offcirc.practice.upgrade import new_ref

PENDING = "pending"
VALIDATED = "validated"
REFUSED = "refused"
DELETED = "deleted"
STATUSES = (PENDING, VALIDATED, REFUSED)
BORROWING = N_("Borrowing")
"""What is asked for at a desk; worded where it is shown."""
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
) -> str:
    """Note a registration; its ref is returned, and the reader is told that it waits.

    Raises:
        ActError: something is missing or wrong, or the card is another reader's.
    """
    name, card = name.strip()[:200], card.strip()[:255]
    wanted = [each.strip()[:100] for each in wanted if each.strip()]
    if not name or not card or not wanted:
        raise ActError(N_("Name, card and what is asked for must not be empty."))
    if lookups.find_patron(connection, card) is not None:
        raise ActError(N_("This card belongs to a reader already."))
    check_group(connection, group)
    values = {"name": name, "card": card, "email": email.strip()[:200], "group": group}
    return _keep(connection, actor, {**values, "origin": actor.name}, wanted)


def _keep(
    connection: sqlite3.Connection, actor: Actor, values: dict[str, str], wanted: list[str]
) -> str:
    row = {"ref": new_ref(), "status": PENDING, "asked_at": actor.stamp, **values}
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    found = connection.execute(
        f"INSERT INTO registrations ({names}) VALUES ({marks})",  # noqa: S608 - our own names
        tuple(row.values()),
    )
    connection.executemany(
        "INSERT INTO resources (registration, name, status, at) VALUES (?, ?, ?, ?)",
        [(found.lastrowid, each, PENDING, actor.stamp) for each in wanted],
    )
    _ = actor.say
    told = _("Your registration has arrived and waits to be validated.")
    _mail(connection, actor, row["name"], [told])
    return row["ref"]


def take_in(
    connection: sqlite3.Connection, actor: Actor, about: Registration, status: str, real_card: str
) -> dict[str, Any]:
    """Take in what a desk wrote down, once; what has been decided of it is returned.

    Args:
        connection: inside a transaction.
        actor: who sends it.
        about: what was written down.
        status: what was decided where it comes from; what was decided here stands.
        real_card: with a status of validated, the card.
    """
    if _of_desk(connection, about.card) is None:
        known = {
            group.casefold(): group for group in lookups.distinct(connection, "patrons", "group")
        }
        group = known.get(about.group.strip().casefold(), "")
        is_mail = "@" in about.contact
        told = ("" if is_mail else about.contact, about.birth_year, about.note)
        values = {
            "name": about.name or about.card,
            "card": about.card,
            "provisional": about.card,
            "email": about.contact if is_mail else "",
            "group": group,
            "note": " · ".join(filter(None, ("" if group else about.group, *told))),
            "origin": about.desk,
            "asked_at": clock.stored(about.at),
        }
        _keep(connection, actor, values, [BORROWING])
    row = _of_desk(connection, about.card)
    assert row is not None, "it has just been kept"
    if row["status"] == PENDING and status != PENDING:
        if real_card:
            connection.execute(
                "UPDATE registrations SET card = ? WHERE id = ?", (real_card, row["id"])
            )
        with suppress(ActError):  # no group yet, for example: somebody looks at it here
            decide(connection, actor, row["ref"], status)
        row = row_of(connection, "registrations", row["ref"])
    return {
        "card": about.card,
        "status": row["status"],
        "real_card": row["card"] if row["status"] == VALIDATED else "",
        "who": row["decided_by"],
        "at": clock.said(row["decided_at"], actor.policy.timezone),
    }


def _of_desk(connection: sqlite3.Connection, card: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM registrations WHERE provisional = ?", (card,)
    ).fetchone()
    return row


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
        ActError: it is one, or something is missing or wrong, or the card is a reader's; that of
            a reader whom a desk did not find may be.
    """
    row = row_of(connection, "registrations", ref)
    if row["synced_at"]:
        raise ActError(N_("This registration is a reader already: change it there."))
    if not name.strip() or not card.strip():
        raise ActError(N_("Name, card and what is asked for must not be empty."))
    if not row["provisional"] and lookups.find_patron(connection, card.strip()) is not None:
        raise ActError(N_("This card belongs to a reader already."))
    check_group(connection, group)
    connection.execute(
        'UPDATE registrations SET name = ?, card = ?, email = ?, "group" = ? WHERE id = ?',
        (name.strip()[:200], card.strip()[:255], email.strip()[:200], group, row["id"]),
    )


def decide(connection: sqlite3.Connection, actor: Actor, ref: str, status: str) -> None:
    """Validate, refuse or put back a registration; validating validates all that was asked for.

    Raises:
        ActError: it is a reader already, or the status is none, or it cannot be validated yet.
    """
    row = row_of(connection, "registrations", ref)
    if status not in STATUSES:
        raise ActError(N_("Choose a status."))
    if row["synced_at"]:
        raise ActError(N_("This registration is a reader already: change it there."))
    if status == VALIDATED and row["provisional"]:
        if is_provisional(row["card"]):
            raise ActError(N_("Give the real card first, in place of the provisional one."))
        if lookups.find_patron(connection, row["card"]) is None:
            check_group(connection, row["group"])
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
    """Make readers of what has been validated; how many. A card taken meanwhile stays behind.

    A reader whom a desk did not find, and who has a card after all, is one already.
    """
    rows = connection.execute(
        "SELECT * FROM registrations WHERE status = 'validated' AND synced_at IS NULL"
    ).fetchall()
    made = 0
    for row in rows:
        known = lookups.find_patron(connection, row["card"]) is not None
        if known and not row["provisional"]:
            continue
        year = actor.now.date().replace(day=1)
        if not known:
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
        made += not known
    return made
