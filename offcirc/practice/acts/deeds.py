"""What has been done by hand about items and readers: for whoever has a list of it to do.

Told by what was done, never by whom a note is about: the one who asks has named it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import Any

from offcirc.practice import clock, lookups
from offcirc.practice.acts import registrations
from offcirc.practice.circulation import ItemPlace


class DeedKind(StrEnum):
    """What was done."""

    NOTE = "note"
    """A note was put on the item or the reader, and is still there."""
    DUE_CHANGED = "due-changed"
    SECOND_SCAN = "second-scan"
    """The item was scanned once more, where it belongs: there, or for its hold shelf."""
    VALIDATED = "validated"
    """The registration under this card was validated."""


_EVENTS = {"due-changed": DeedKind.DUE_CHANGED}
_THERE = (ItemPlace.AVAILABLE, ItemPlace.HOLD_SHELF)


@dataclass(frozen=True, slots=True)
class ActDone:
    """Something done; ``at`` is local time with its offset, ``who`` the account's name."""

    kind: DeedKind
    who: str
    at: str


def of_items(
    connection: sqlite3.Connection, barcodes: Sequence[str], zone: tzinfo
) -> list[dict[str, Any]]:
    """What was done about each of these items, and the page on which it is done."""
    found = []
    for barcode in barcodes:
        item = connection.execute(
            "SELECT ref, place FROM items WHERE barcode = ?", (barcode,)
        ).fetchone()
        place = item["place"] if item is not None else ""
        deeds = [*_notes(connection, "item", barcode, zone)]
        deeds += _events(connection, barcode, zone, there=place in _THERE)
        if place == ItemPlace.HOLD_SHELF and not _scanned(deeds):
            deeds += _shelved(connection, barcode, zone)
        found.append(_told(barcode, f"/items/{item['ref']}" if item else "/items", deeds))
    return found


def of_patrons(
    connection: sqlite3.Connection, identifiers: Sequence[str], zone: tzinfo
) -> list[dict[str, Any]]:
    """What was done about each of these readers, and the page on which it is done."""
    found = []
    for identifier in identifiers:
        patron = lookups.find_patron(connection, identifier)
        primary = patron["primary_id"] if patron is not None else identifier
        deeds = _notes(connection, "patron", primary, zone)
        page = f"/readers/{patron['ref']}/notes" if patron is not None else ""
        asked = connection.execute(
            "SELECT ref, decided_by, decided_at, status FROM registrations "
            "WHERE card = ? OR (provisional != '' AND provisional = ?) ORDER BY id DESC",
            (identifier, identifier),
        ).fetchone()
        if asked is not None:
            page = page or f"/registrations/{asked['ref']}"
            if asked["status"] == registrations.VALIDATED:
                deeds.append(
                    _deed(DeedKind.VALIDATED, asked["decided_by"], asked["decided_at"], zone)
                )
        found.append(_told(identifier, page or "/registrations", deeds))
    return found


def _scanned(deeds: Sequence[ActDone]) -> bool:
    return any(deed.kind is DeedKind.SECOND_SCAN for deed in deeds)


def _told(name: str, page: str, deeds: Sequence[ActDone]) -> dict[str, Any]:
    rows = [{"kind": deed.kind.value, "who": deed.who, "at": deed.at} for deed in deeds]
    return {"name": name, "page": page, "deeds": rows}


def _deed(kind: DeedKind, who: str, at: str, zone: tzinfo) -> ActDone:
    return ActDone(kind, who, clock.said(at, zone) or "")


def _notes(connection: sqlite3.Connection, kind: str, subject: str, zone: tzinfo) -> list[ActDone]:
    rows = connection.execute(
        "SELECT who, at FROM notes WHERE kind = ? AND subject = ? AND ended_at IS NULL ORDER BY id",
        (kind, subject),
    )
    return [_deed(DeedKind.NOTE, row["who"], row["at"], zone) for row in rows]


def _events(
    connection: sqlite3.Connection, barcode: str, zone: tzinfo, *, there: bool
) -> list[ActDone]:
    """What was done by hand since; a return by hand is a scan, if the item ended there."""
    rows = connection.execute(
        "SELECT e.event, e.at, coalesce(a.name, e.who) AS who FROM events e "
        "LEFT JOIN accounts a ON a.login = e.who "
        "WHERE e.item = ? AND e.event IN ('due-changed', 'scanned-in', ?, ?) AND e.id > "
        # What was done before a line of a file arrived is not about that line.
        "(SELECT coalesce(max(id), 0) FROM events WHERE item = ? AND key != '') ORDER BY e.id",
        (barcode, *(("return", "in-house-use") if there else ("", "")), barcode),
    )
    return [
        _deed(_EVENTS.get(row["event"], DeedKind.SECOND_SCAN), row["who"], row["at"], zone)
        for row in rows
    ]


def _shelved(connection: sqlite3.Connection, barcode: str, zone: tzinfo) -> list[ActDone]:
    """It stands on the hold shelf, by a return at the desk or one more line of a file."""
    row = connection.execute(
        "SELECT e.at, coalesce(a.name, e.who) AS who FROM events e "
        "LEFT JOIN accounts a ON a.login = e.who WHERE e.item = ? ORDER BY e.id DESC LIMIT 1",
        (barcode,),
    ).fetchone()
    return [] if row is None else [_deed(DeedKind.SECOND_SCAN, row["who"], row["at"], zone)]
