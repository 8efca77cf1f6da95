"""Requests: who waits for an item, in a queue, each with the library where it is fetched.

``items.requested_by`` names the first of the queue; it is written here alone.
"""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

from offcirc.core.rules import policy
from offcirc.core.rules.policy import Library

WAITING = "waiting"
ON_SHELF = "on-shelf"
FILLED = "filled"
CANCELLED = "cancelled"
EXPIRED = "expired"
SHELF_DAYS = 8
"""Open days for which a requested item waits on the hold shelf (the networks' own figure)."""


def first(connection: sqlite3.Connection, item: str) -> sqlite3.Row | None:
    """The request whose turn it is."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM requests WHERE item = ? AND ended_at IS NULL "
        "ORDER BY status != 'on-shelf', id LIMIT 1",
        (item,),
    ).fetchone()
    return row


def place(
    connection: sqlite3.Connection, item: str, patron: str, *, pickup: str, who: str, at: str
) -> None:
    """Put a reader at the end of the queue."""
    connection.execute(
        "INSERT INTO requests (item, patron, pickup, placed_at, status, who) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (item, patron, pickup, at, WAITING, who),
    )
    _settle(connection, item)


def shelved(connection: sqlite3.Connection, item: str, until: date) -> None:
    """The item of the first request has reached the hold shelf; reaching it again changes nothing.

    Args:
        connection: inside a transaction.
        item: its barcode.
        until: the last day on which it waits there.
    """
    wanted = first(connection, item)
    if wanted is not None and wanted["status"] == WAITING:
        connection.execute(
            "UPDATE requests SET status = ?, shelf_until = ? WHERE id = ?",
            (ON_SHELF, until.isoformat(), wanted["id"]),
        )


def end(
    connection: sqlite3.Connection,
    request: sqlite3.Row,
    status: str,
    *,
    at: str,
    reason: str = "",
    who: str = "",
) -> None:
    """End a request; the next in the queue comes first."""
    connection.execute(
        "UPDATE requests SET status = ?, ended_at = ?, reason = ?, "
        "who = CASE WHEN ? = '' THEN who ELSE ? END WHERE id = ?",
        (status, at, reason, who, who, request["id"]),
    )
    _settle(connection, request["item"])


def fill(connection: sqlite3.Connection, item: str, patron: str, at: str) -> None:
    """The reader has got the item: the request of this reader for it ends."""
    row = connection.execute(
        "SELECT * FROM requests WHERE item = ? AND patron = ? AND ended_at IS NULL ORDER BY id",
        (item, patron),
    ).fetchone()
    if row is not None:
        end(connection, row, FILLED, at=at)
    else:
        _settle(connection, item)


def shelf_end(library: Library, day: date) -> date:
    """The last day on the hold shelf of what reaches it on a day."""
    left = SHELF_DAYS
    while left:
        day += timedelta(days=1)
        left -= policy.hours(library, day) is not None
    return day


def _settle(connection: sqlite3.Connection, item: str) -> None:
    wanted = first(connection, item)
    connection.execute(
        "UPDATE items SET requested_by = ? WHERE barcode = ?",
        (wanted["patron"] if wanted else "", item),
    )
