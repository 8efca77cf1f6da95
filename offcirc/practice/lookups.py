"""Questions to a practice library: an item, a reader, and what became of a transaction."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from offcirc.core.rules import lending
from offcirc.core.rules.policy import Policy
from offcirc.practice import clock, names

QUITUS = "quitus"
OVERDUE = "overdue"
SUSPENDED = "suspended"
ON_LOAN = "on-loan"
EXPORTED_AT_ONCE = 1000
_SHORTEST_WORD = 3
"""Characters that an index of words knows; what is shorter is looked for in every row."""


def find_patron(connection: sqlite3.Connection, identifier: str) -> sqlite3.Row | None:
    """The reader with this barcode or primary id (the library has made sure they never clash)."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM patrons WHERE barcode = ?1 OR primary_id = ?1", (identifier,)
    ).fetchone()
    return row


def distinct(connection: sqlite3.Connection, table: str, column: str) -> list[str]:
    """The values in a column that has an index: a step for each value, however many the rows."""
    rows = connection.execute(
        f'WITH RECURSIVE found (one) AS (SELECT min("{column}") FROM {table} UNION ALL '  # noqa: S608
        f'SELECT (SELECT min("{column}") FROM {table} WHERE "{column}" > one) FROM found '
        "WHERE one IS NOT NULL) SELECT one FROM found WHERE one IS NOT NULL"
    )
    return [row["one"] for row in rows]


def plain(text: str) -> str:
    """Words without accents, in small letters."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in folded if not unicodedata.combining(character))


def with_words(
    connection: sqlite3.Connection, table: str, column: str, text: str, most: int
) -> list[sqlite3.Row]:
    """The readers or items whose name or title holds a text; accents and case do not count."""
    wanted = plain(text)
    holds, value = f"instr(plain({column}), ?)", wanted
    if len(wanted) >= _SHORTEST_WORD:
        holds = f"rowid IN (SELECT rowid FROM {table}_words WHERE text MATCH ?)"  # noqa: S608
        value = '"' + wanted.replace('"', '""') + '"'
    return connection.execute(
        f"SELECT * FROM {table} WHERE {holds} ORDER BY {column} LIMIT ?",  # noqa: S608
        (value, most),
    ).fetchall()


def open_loan(connection: sqlite3.Connection, item: str) -> sqlite3.Row | None:
    """The loan an item is out on."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM loans WHERE item = ? AND returned_at IS NULL", (item,)
    ).fetchone()
    return row


def blocks(connection: sqlite3.Connection, patron: sqlite3.Row, at: datetime) -> list[str]:
    """What would have kept this reader from borrowing at a live desk at this local moment.

    The block that came with the library, a suspension that lasts, and overdue loans; each once.
    """
    found = [patron["block"]] if patron["block"] else []
    until = patron["suspended_until"]
    if until and until >= at.date().isoformat():
        found.append(SUSPENDED)
    manual = connection.execute(
        "SELECT DISTINCT kind FROM blocks WHERE patron = ? AND ended_at IS NULL "
        "AND (until IS NULL OR until >= ?) ORDER BY kind",
        (patron["primary_id"], at.date().isoformat()),
    ).fetchall()
    found += [row["kind"] for row in manual if row["kind"] not in found]
    if OVERDUE not in found:
        # Late only from the night after the due date: due before the beginning of this day.
        today = datetime.combine(at.date(), time(), tzinfo=at.tzinfo)
        late = connection.execute(
            "SELECT 1 FROM loans WHERE patron = ? AND returned_at IS NULL AND due_at < ? LIMIT 1",
            (patron["primary_id"], clock.stored(today)),
        ).fetchone()
        if late is not None:
            found.append(OVERDUE)
    return found


def items(
    connection: sqlite3.Connection, policy: Policy, barcodes: Sequence[str]
) -> list[dict[str, Any]]:
    """What is known of these items, in the order asked."""
    return [_item(connection, policy, barcode) for barcode in barcodes]


def patrons(
    connection: sqlite3.Connection, identifiers: Sequence[str], now: datetime
) -> list[dict[str, Any]]:
    """What is known of these readers now (local time), in the order asked."""
    return [_patron(connection, identifier, now) for identifier in identifiers]


def keys(
    connection: sqlite3.Connection, policy: Policy, wanted: Sequence[str]
) -> list[dict[str, Any]]:
    """What became of the transactions with these keys, in the order asked."""
    return [_key(connection, policy, key) for key in wanted]


def exported(
    connection: sqlite3.Connection, policy: Policy, what: str, start: int, now: datetime
) -> tuple[list[dict[str, Any]], int | None]:
    """Readers or items as a look-up tells them, from a row onwards; and where to go on.

    Args:
        connection: to the library.
        policy: its policy.
        what: ``patrons`` or ``items``.
        start: the row to begin after; 0 is the beginning.
        now: the library's time.
    """
    table, column = ("patrons", "primary_id") if what == "patrons" else ("items", "barcode")
    rows = connection.execute(
        f"SELECT rowid, {column} AS name FROM {table} WHERE rowid > ?"  # noqa: S608
        " ORDER BY rowid LIMIT ?",
        (start, EXPORTED_AT_ONCE),
    ).fetchall()
    named = [row["name"] for row in rows]
    if what == "patrons":
        found = patrons(connection, named, now)
    else:
        found = items(connection, policy, named)
    return found, rows[-1]["rowid"] if len(rows) == EXPORTED_AT_ONCE else None


def policy_text(connection: sqlite3.Connection) -> str:
    """The policy as its file said it."""
    return str(connection.execute("SELECT value FROM facts WHERE name = 'policy'").fetchone()[0])


def _item(connection: sqlite3.Connection, policy: Policy, barcode: str) -> dict[str, Any]:
    row = connection.execute("SELECT * FROM items WHERE barcode = ?", (barcode,)).fetchone()
    if row is None:
        return {"barcode": barcode, "found": False}
    exception = policy.exceptions.get(row["exception"])
    answer = {
        "barcode": barcode,
        "found": True,
        "page": f"/items/{row['ref']}",
        "title": row["title"],
        "library": row["library"],
        "location": row["location"],
        "exception": row["exception"],
        "excluded": exception is not None and exception.excluded,
        "requested": bool(row["requested_by"]),
        "in_house_uses": row["in_house_uses"],
        "status": row["place"],
        "due_at": None,
        "loaned_at": None,
        "loaned_to": None,
    }
    loan = connection.execute(
        "SELECT loans.loaned_at, loans.due_at, patrons.barcode FROM loans "
        "JOIN patrons ON patrons.primary_id = loans.patron "
        "WHERE loans.item = ? AND loans.returned_at IS NULL",
        (barcode,),
    ).fetchone()
    if loan is not None:
        zone = policy.timezone
        answer["status"] = ON_LOAN
        answer["due_at"] = clock.said(loan["due_at"], zone)
        answer["loaned_at"] = clock.said(loan["loaned_at"], zone)
        answer["loaned_to"] = loan["barcode"]
    return answer


def _patron(connection: sqlite3.Connection, identifier: str, now: datetime) -> dict[str, Any]:
    row = find_patron(connection, identifier)
    if row is None:
        return {"identifier": identifier, "found": False}
    loans = connection.execute(
        "SELECT count(*) FROM loans WHERE patron = ? AND returned_at IS NULL",
        (row["primary_id"],),
    ).fetchone()[0]
    return {
        "identifier": identifier,
        "found": True,
        "page": f"/readers/{row['ref']}",
        "primary_id": row["primary_id"],
        "barcode": row["barcode"],
        "name": row["name"],
        "group": row["group"],
        "expires_on": lending.expiry(row["expires_on"], now.date()).isoformat(),
        "blocks": blocks(connection, row, now),
        "suspended_until": row["suspended_until"],
        "loans": loans,
    }


def _key(connection: sqlite3.Connection, policy: Policy, key: str) -> dict[str, Any]:
    row = names.find(connection, key)
    if row is None:
        return {"key": key, "status": "absent", "message": ""}
    return {
        "key": key,
        "status": row["status"],
        "code": row["code"],
        "message": row["message"],
        "due_at": clock.said(row["due_at"], policy.timezone),
        "notes": row["notes"].split(),
        "job": str(row["job"]),
        "alike": row["key"] != key,
    }
