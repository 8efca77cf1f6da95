"""A practice library as it is now, written as a folder that another server can begin with.

What the six files have room for: closed loans, notes, blocks, letters and jobs stay behind.
Passwords go as what they are checked against.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, tzinfo
from pathlib import Path

from offcirc.disk.access import make_closed
from offcirc.i18n import _
from offcirc.practice.errors import LibraryError
from offcirc.practice.library import policy
from offcirc.practice.library.generate import put, table
from offcirc.practice.library.library import FILES

_QUERIES = {
    "items.csv": (
        "SELECT barcode, title, library, location, exception, material_type, requested_by "
        "FROM items ORDER BY rowid"
    ),
    "patrons.csv": (
        'SELECT primary_id, barcode, name, "group", expires_on, block FROM patrons ORDER BY rowid'
    ),
    "loans.csv": (
        "SELECT l.item AS item_barcode, p.barcode AS patron_barcode, l.loaned_at, l.due_at "
        "FROM loans l JOIN patrons p ON p.primary_id = l.patron "
        "WHERE l.returned_at IS NULL ORDER BY l.id"
    ),
    "events.csv": (
        "SELECT item AS item_barcode, max(at) AS at, event FROM events e WHERE NOT EXISTS "
        "(SELECT 1 FROM loans l WHERE l.item = e.item AND l.returned_at IS NULL "
        "AND l.loaned_at >= e.at) GROUP BY item ORDER BY item"
    ),
    "accounts.csv": (
        "SELECT login, name, role, replace(desks, ' ', ';') AS desks, "
        "'scrypt:' || lower(hex(salt)) || ':' || lower(hex(hash)) AS password "
        "FROM accounts ORDER BY rowid"
    ),
}
_TIMES = ("loaned_at", "due_at", "at")


def write(connection: sqlite3.Connection, folder: Path, zone: tzinfo) -> None:
    """Write the library into a new folder, for its owner alone.

    Args:
        connection: to the library.
        folder: made if it is not there; it must be empty.
        zone: the library's.

    Raises:
        LibraryError: it is not empty, or cannot be written.
    """
    try:
        make_closed(folder)
        if any(folder.iterdir()):
            raise LibraryError(_("The folder '{folder}' is not empty.").format(folder=folder))
        for name in FILES:
            put(folder / name, _text(connection, name, zone))
    except OSError as error:
        raise LibraryError(
            _("The folder '{folder}' cannot be written: {reason}.").format(
                folder=folder, reason=error.strerror or error
            )
        ) from None


def _text(connection: sqlite3.Connection, name: str, zone: tzinfo) -> str:
    if name == policy.FILE:
        row = connection.execute("SELECT value FROM facts WHERE name = 'policy'").fetchone()
        return str(row[0])
    found = connection.execute(_QUERIES[name])
    columns = [each[0] for each in found.description]
    times = [column in _TIMES for column in columns]
    rows = (
        [_local(cell, zone) if time else cell for cell, time in zip(row, times, strict=True)]
        for row in found
    )
    return table(columns, rows)


def _local(text: str, zone: tzinfo) -> str:
    return datetime.fromisoformat(text).astimezone(zone).isoformat(timespec="milliseconds")
