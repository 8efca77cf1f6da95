"""From a library folder to a database: the tables, and what they hold on the first day.

Times are texts in UTC, all of one width (see :func:`offcirc.practice.clock.stored`).
"""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from offcirc.practice import clock
from offcirc.practice.accounts import kept
from offcirc.practice.library.library import Folder

_FIRST_SCHEMA = 1
"""Version of these tables; :mod:`offcirc.practice.upgrade` has what came later."""

_INDEXES = (
    # An item is on loan once at most; the index also makes finding that loan one step.
    "CREATE UNIQUE INDEX loan_open_item ON loans (item) WHERE returned_at IS NULL",
    "CREATE INDEX loan_open_patron ON loans (patron) WHERE returned_at IS NULL",
    "CREATE INDEX event_item ON events (item)",
    "CREATE INDEX transaction_job ON transactions (job, status)",
)


def fill(draft: Path, folder: Folder) -> None:
    """Fill an empty database file with a library that has been read and checked."""
    import sqlite_utils  # noqa: PLC0415 - 60 ms, needed once in a library's life

    connection = sqlite3.connect(draft)
    with contextlib.closing(connection):
        db: Any = sqlite_utils.Database(connection)
        _create_tables(db)
        db["items"].insert_all(_item_rows(folder))
        db["patrons"].insert_all(_patron_rows(folder))
        db["loans"].insert_all(_loan_rows(folder))
        db["events"].insert_all(_event_rows(folder))
        db["accounts"].insert_all(_account_rows(folder))
        facts = {
            "schema": str(_FIRST_SCHEMA),
            "identity": str(uuid.uuid4()),
            "label": folder.label,
            "digest": folder.digest,
            "policy": folder.policy_text,
            "created_at": clock.stored(datetime.now(UTC)),
        }
        db["facts"].insert_all({"name": name, "value": text} for name, text in facts.items())
        connection.commit()


def _create_tables(db: Any) -> None:
    db["facts"].create({"name": str, "value": str}, pk="name")
    db["items"].create(
        {
            "barcode": str,
            "title": str,
            "library": str,
            "location": str,
            "exception": str,
            "material_type": str,
            "requested_by": str,
            "place": str,
            "in_house_uses": int,
            "last_event_at": str,
        },
        pk="barcode",
    )
    db["patrons"].create(
        {
            "primary_id": str,
            "barcode": str,
            "name": str,
            "group": str,
            "expires_on": str,
            "block": str,
            "suspended_until": str,
        },
        pk="primary_id",
    )
    db["patrons"].create_index(["barcode"], unique=True)
    db["loans"].create(
        {
            "id": int,
            "item": str,
            "patron": str,
            "loaned_at": str,
            "due_at": str,
            "short": int,
            "renewals": int,
            "returned_at": str,
        },
        pk="id",
    )
    db["events"].create(
        {"id": int, "item": str, "at": str, "event": str, "desk": str, "key": str}, pk="id"
    )
    db["jobs"].create(
        {
            "id": int,
            "name": str,
            "desk": str,
            "login": str,
            "who": str,
            "files": str,
            "status": str,
            "started_at": str,
            "finished_at": str,
        },
        pk="id",
    )
    db["transactions"].create(
        {
            "id": int,
            "key": str,
            "job": int,
            "line": int,
            "file": str,
            "at": str,
            "minute": str,
            "operation": str,
            "item": str,
            "patron": str,
            "status": str,
            "code": str,
            "message": str,
            "due_at": str,
            "notes": str,
            "received_at": str,
        },
        pk="id",
    )
    db["transactions"].create_index(["key"], unique=True)
    # The lines of a job that an earlier job had already had answered.
    db["replays"].create({"job": int, "key": str, "line": int, "file": str}, pk=("job", "key"))
    db["accounts"].create(
        {"login": str, "name": str, "role": str, "desks": str, "salt": bytes, "hash": bytes},
        pk="login",
    )
    for statement in _INDEXES:
        db.execute(statement)


def _item_rows(folder: Folder) -> Iterator[dict[str, Any]]:
    newest: dict[str, str] = {}
    happened = [(loan.item, loan.loaned_at) for loan in folder.loans]
    happened += [(event.item, event.at) for event in folder.events]
    for barcode, at in happened:
        newest[barcode] = max(newest.get(barcode, ""), clock.stored(at))
    for item in folder.items:
        yield {
            "barcode": item.barcode,
            "title": item.title,
            "library": item.library,
            "location": item.location,
            "exception": item.exception,
            "material_type": item.material_type,
            "requested_by": item.requested_by,
            "place": "available",
            "in_house_uses": 0,
            "last_event_at": newest.get(item.barcode, ""),
        }


def _patron_rows(folder: Folder) -> Iterator[dict[str, Any]]:
    for patron in folder.patrons:
        yield {
            "primary_id": patron.primary_id,
            "barcode": patron.barcode,
            "name": patron.name,
            "group": patron.group,
            "expires_on": patron.expires_on,
            "block": patron.block,
            "suspended_until": None,
        }


def _loan_rows(folder: Folder) -> Iterator[dict[str, Any]]:
    items = {item.barcode: item for item in folder.items}
    groups = {patron.primary_id: patron.group for patron in folder.patrons}
    for loan in folder.loans:
        item = items[loan.item]
        terms = folder.policy.terms(item.location, groups[loan.patron], item.exception)
        yield {
            "item": loan.item,
            "patron": loan.patron,
            "loaned_at": clock.stored(loan.loaned_at),
            "due_at": clock.stored(loan.due_at),
            "short": int(terms is not None and terms.short),
            "renewals": 0,
            "returned_at": None,
        }


def _event_rows(folder: Folder) -> Iterator[dict[str, Any]]:
    for loan in folder.loans:
        yield {"item": loan.item, "at": clock.stored(loan.loaned_at), "event": "loan"}
    for event in folder.events:
        yield {"item": event.item, "at": clock.stored(event.at), "event": event.event}


def _account_rows(folder: Folder) -> Iterator[dict[str, Any]]:
    for account in folder.accounts:
        salt, digest = kept(account.password)
        yield {
            "login": account.login,
            "name": account.name,
            "role": account.role,
            "desks": " ".join(account.desks),
            "salt": salt,
            "hash": digest,
        }
