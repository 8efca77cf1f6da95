"""Letters: they land in the out-box that everybody at the desk can see, and go nowhere else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

from offcirc.i18n import N_
from offcirc.practice.acts.actor import Actor
from offcirc.practice.errors import ActError
from offcirc.practice.upgrade import new_ref

KINDS = {
    "report": N_("Report of an upload"),
    "loan-receipt": N_("Loan receipt"),
    "return-receipt": N_("Return receipt"),
    "requests": N_("Requests report"),
    "activity": N_("Activity report"),
    "registration": N_("Registration"),
    "on-shelf": N_("Ready on the hold shelf"),
    "cancelled": N_("Request cancelled"),
    "courtesy": N_("Courtesy notice"),
    "overdue-1": N_("First overdue letter"),
    "overdue-2": N_("Second overdue letter"),
    "overdue-3": N_("Third overdue letter"),
    "bill": N_("Bill for a lost item"),
}
_MOST = 200


def write(
    connection: sqlite3.Connection,
    actor: Actor,
    kind: str,
    *,
    recipient: str,
    subject: str,
    body: str,
    patron: str = "",
    once: str | None = None,
) -> bool:
    """Put a letter into the out-box.

    Args:
        connection: inside a transaction.
        actor: who writes.
        kind: one of :data:`KINDS`.
        recipient: name of whom it is for.
        subject: its subject.
        body: its text.
        patron: the reader's primary id, if it goes to one.
        once: names the occasion; a second letter on the same is not written.

    Returns:
        Whether it has been written.
    """
    found = connection.execute(
        "INSERT OR IGNORE INTO letters "
        "(ref, kind, patron, recipient, subject, body, written_at, sent_at, once) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (new_ref(), kind, patron, recipient, subject, body, actor.stamp, actor.stamp, once),
    )
    return found.rowcount == 1


def to_patron(
    connection: sqlite3.Connection,
    actor: Actor,
    kind: str,
    patron: sqlite3.Row,
    lines: list[str],
    *,
    once: str | None = None,
) -> bool:
    """A letter to a reader: greeting, what it is about, the library's name."""
    _ = actor.say
    body = "\n".join(
        (_("Dear {name},").format(name=patron["name"]), "", *lines, "", actor.policy.name)
    )
    return write(
        connection,
        actor,
        kind,
        recipient=patron["name"],
        subject=_(KINDS[kind]),
        body=body,
        patron=patron["primary_id"],
        once=once,
    )


def ask(connection: sqlite3.Connection, actor: Actor, kind: str, patron: sqlite3.Row) -> None:
    """Write a letter about what a reader has, has brought back, or waits for.

    Raises:
        ActError: there is no such letter, or nothing to say in it.
    """
    writer = _ASKED.get(kind)
    lines = writer(connection, actor, patron) if writer else []
    if not lines:
        raise ActError(N_("There is nothing to put into this letter."))
    to_patron(connection, actor, kind, patron, lines)


def _loans(connection: sqlite3.Connection, actor: Actor, patron: sqlite3.Row) -> list[str]:
    rows = connection.execute(
        "SELECT l.item, l.due_at, i.title FROM loans l JOIN items i ON i.barcode = l.item "
        "WHERE l.patron = ? AND l.returned_at IS NULL ORDER BY l.due_at",
        (patron["primary_id"],),
    ).fetchall()
    _ = actor.say
    text = _("{title} ({barcode}), due on {day}")
    return [
        text.format(title=row["title"], barcode=row["item"], day=day(actor.moment(row["due_at"])))
        for row in rows
    ]


def _returns(connection: sqlite3.Connection, actor: Actor, patron: sqlite3.Row) -> list[str]:
    rows = connection.execute(
        "SELECT l.item, l.returned_at, i.title FROM loans l JOIN items i ON i.barcode = l.item "
        "WHERE l.patron = ? AND l.returned_at IS NOT NULL ORDER BY l.returned_at DESC LIMIT 50",
        (patron["primary_id"],),
    ).fetchall()
    _ = actor.say
    text = _("{title} ({barcode}), returned on {day}")
    return [
        text.format(
            title=row["title"], barcode=row["item"], day=day(actor.moment(row["returned_at"]))
        )
        for row in rows
    ]


def _requests(connection: sqlite3.Connection, actor: Actor, patron: sqlite3.Row) -> list[str]:
    rows = connection.execute(
        "SELECT r.item, r.pickup, r.status, i.title FROM requests r "
        "JOIN items i ON i.barcode = r.item WHERE r.patron = ? AND r.ended_at IS NULL "
        "ORDER BY r.id",
        (patron["primary_id"],),
    ).fetchall()
    _ = actor.say
    ready, waits = _("{title}: waits for you at {library}"), _("{title}: requested, for {library}")
    return [
        (ready if row["status"] == "on-shelf" else waits).format(
            title=row["title"], library=library_name(actor, row["pickup"])
        )
        for row in rows
    ]


def _activity(connection: sqlite3.Connection, actor: Actor, patron: sqlite3.Row) -> list[str]:
    return [
        *_loans(connection, actor, patron),
        *_requests(connection, actor, patron),
        *_returns(connection, actor, patron),
    ]


_Writer = Callable[[sqlite3.Connection, Actor, sqlite3.Row], list[str]]
_ASKED: dict[str, _Writer] = {
    "loan-receipt": _loans,
    "return-receipt": _returns,
    "requests": _requests,
    "activity": _activity,
}


def library_name(actor: Actor, code: str) -> str:
    """A library's name for people."""
    found = actor.policy.libraries.get(code)
    return found.name if found else code


def day(moment: datetime) -> str:
    """A day as a letter writes it."""
    return f"{moment:%d/%m/%Y}"


def outbox(connection: sqlite3.Connection, patron: str = "") -> list[sqlite3.Row]:
    """The latest letters, of one reader or of all."""
    whose = "WHERE patron = ?1" if patron else ""
    return connection.execute(
        f"SELECT ref, kind, recipient, subject, written_at, sent_at, times FROM letters {whose} "  # noqa: S608
        "ORDER BY id DESC LIMIT ?2",
        (patron, _MOST),
    ).fetchall()


def resend(connection: sqlite3.Connection, actor: Actor, ref: str) -> None:
    """Send a letter again: into the out-box, once more."""
    connection.execute(
        "UPDATE letters SET sent_at = ?, times = times + 1 WHERE ref = ?", (actor.stamp, ref)
    )
