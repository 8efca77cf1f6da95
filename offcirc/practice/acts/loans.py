"""Loans by hand: lend, renew, change the due date, delete what was a mistake."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from offcirc.core.answers import Note
from offcirc.core.rules import lending, policy
from offcirc.core.rules.policy import HeldItem
from offcirc.i18n import N_
from offcirc.practice import clock, lookups
from offcirc.practice.acts.actor import Actor, event, row_of
from offcirc.practice.errors import ActError

_LISTED = (
    "SELECT l.*, i.title, i.ref AS item_ref, i.library, i.location, i.requested_by, "
    "(l.since != '' AND l.who = '') AS offline FROM loans l JOIN items i ON i.barcode = l.item "
    "WHERE l.patron = ? AND l.returned_at IS {ended} NULL ORDER BY {order} LIMIT 500"
)
ORDERS = {"due": "l.due_at", "title": "i.title", "loaned": "l.loaned_at DESC"}
_UNMOVED = {Note.NOT_RENEWABLE, Note.RENEWAL_MAXIMUM}


def listed(
    connection: sqlite3.Connection,
    patron: str,
    order: str = "due",
    since: tuple[str, str] = ("", ""),
) -> list[sqlite3.Row]:
    """The open loans of a reader; of one session, if ``since`` names login and beginning."""
    rows = connection.execute(
        _LISTED.format(ended="", order=ORDERS.get(order, ORDERS["due"])), (patron,)
    ).fetchall()
    login, begun = since
    return [row for row in rows if not login or (row["who"] == login and row["since"] >= begun)]


def returned(connection: sqlite3.Connection, patron: str) -> list[sqlite3.Row]:
    """What a reader has brought back, the latest first."""
    return connection.execute(
        _LISTED.format(ended="NOT", order="l.returned_at DESC"), (patron,)
    ).fetchall()


def hindrances(
    connection: sqlite3.Connection, actor: Actor, patron: sqlite3.Row, *, overridden: bool
) -> list[str]:
    """The blocks that keep a reader from borrowing here and now, less what was overridden."""
    blocks = lookups.blocks(connection, patron, actor.now)
    return [block for block in blocks if not overridden or block == lookups.QUITUS]


def lend(
    connection: sqlite3.Connection, actor: Actor, ref: str, barcode: str, *, overridden: bool
) -> datetime:
    """Lend an item at the desk; returns when it is due.

    Raises:
        ActError: a block stands against it, or the item may not be lent to this reader.
    """
    patron = row_of(connection, "patrons", ref)
    barcode = barcode.strip()
    item = connection.execute("SELECT * FROM items WHERE barcode = ?", (barcode,)).fetchone()
    if item is None:
        raise ActError(N_("There is no item with the barcode {barcode}."), barcode=barcode)
    if hindrances(connection, actor, patron, overridden=overridden):
        raise ActError(
            N_("This reader is blocked: lift or override the block first. A quitus stays.")
        )
    if lending.expiry(patron["expires_on"], actor.now.date()) < actor.now.date():
        raise ActError(N_("This reader’s account has expired."))
    loan = lookups.open_loan(connection, barcode)
    if loan is not None and loan["patron"] == patron["primary_id"]:
        moved = renew(connection, actor, ref, [loan["id"]])
        if moved[0][1] is None:
            raise ActError(
                N_("This reader has {title} already: not renewable."), title=item["title"]
            )
        return moved[0][1]
    terms = actor.policy.terms(item["location"], patron["group"], item["exception"])
    if terms is not None and terms.excluded and not overridden:
        raise ActError(N_("{title} is excluded from loan."), title=item["title"])
    if item["requested_by"] not in ("", patron["primary_id"]) and not overridden:
        raise ActError(N_("{title} is requested by another reader."), title=item["title"])
    if not overridden:
        _within_limits(connection, actor, patron, item)
    outcome = actor.apply(connection, "L", barcode, patron["primary_id"])
    assert outcome.due_at is not None, "a loan that is recorded is due some time"
    return outcome.due_at


def _within_limits(
    connection: sqlite3.Connection, actor: Actor, patron: sqlite3.Row, item: sqlite3.Row
) -> None:
    rows = connection.execute(
        "SELECT i.library, i.material_type, i.exception FROM loans l "
        "JOIN items i ON i.barcode = l.item WHERE l.patron = ? AND l.returned_at IS NULL",
        (patron["primary_id"],),
    ).fetchall()
    held = [HeldItem(*row) for row in rows]
    new = HeldItem(item["library"], item["material_type"], item["exception"])
    for limit in policy.passed(actor.policy.limits, patron["group"], held, new):
        raise ActError(
            N_("Limit reached: this reader may have {most} of these, and has {count}."),
            most=limit.most,
            count=sum(each.counts_for(limit) for each in held),
        )


def renew(
    connection: sqlite3.Connection, actor: Actor, ref: str, ids: Iterable[int]
) -> list[tuple[str, datetime | None]]:
    """Renew loans; per loan its title and the new due date, ``None`` where nothing could move."""
    patron = row_of(connection, "patrons", ref)
    results: list[tuple[str, datetime | None]] = []
    for loan in _mine(connection, patron, ids):
        connection.execute("SAVEPOINT renewal")
        outcome = actor.apply(connection, "L", loan["item"], patron["primary_id"])
        moved = not _UNMOVED.intersection(outcome.notes)
        if not moved:
            # At a live desk a renewal that moves nothing is none.
            connection.execute("ROLLBACK TO renewal")
        connection.execute("RELEASE renewal")
        results.append((loan["title"], outcome.due_at if moved else None))
    return results


def change_due(
    connection: sqlite3.Connection, actor: Actor, ref: str, ids: Iterable[int], day: date
) -> int:
    """Make loans due at closing time of a day; how many.

    Raises:
        ActError: the owning library is closed that day, or it is before the loan.
    """
    patron = row_of(connection, "patrons", ref)
    rows = _mine(connection, patron, ids)
    for loan in rows:
        library = actor.policy.libraries[loan["library"]]
        if policy.hours(library, day) is None:
            raise ActError(N_("{library} is closed that day."), library=library.name)
        due = policy.closing(library, day, actor.policy.timezone)
        if due <= actor.moment(loan["loaned_at"]):
            raise ActError(N_("A due date cannot be before the loan."))
        connection.execute(
            "UPDATE loans SET due_at = ? WHERE id = ?", (clock.stored(due), loan["id"])
        )
        event(
            connection,
            actor,
            loan["item"],
            "due-changed",
            patron=patron["primary_id"],
            detail=f"{loan['due_at']} {clock.stored(due)}",
        )
    return len(rows)


def delete(connection: sqlite3.Connection, actor: Actor, ref: str, ids: Iterable[int]) -> int:
    """Delete open loans that were a mistake; how many. The item's history keeps them."""
    patron = row_of(connection, "patrons", ref)
    rows = _mine(connection, patron, ids)
    for loan in rows:
        connection.execute("DELETE FROM loans WHERE id = ?", (loan["id"],))
        event(
            connection,
            actor,
            loan["item"],
            "loan-deleted",
            patron=patron["primary_id"],
            detail=loan["loaned_at"],
        )
    return len(rows)


def _mine(
    connection: sqlite3.Connection, patron: sqlite3.Row, ids: Iterable[int]
) -> Sequence[sqlite3.Row]:
    """The open loans of this reader among these, in the order of the list."""
    wanted = set(ids)
    rows = [row for row in listed(connection, patron["primary_id"]) if row["id"] in wanted]
    if not rows:
        raise ActError(N_("Choose at least one loan."))
    return rows
