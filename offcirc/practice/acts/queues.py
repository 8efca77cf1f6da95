"""What passes over the desk: returns with their next step, transit, hold shelf, pick list."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from offcirc.core.answers import Note
from offcirc.core.rules import policy
from offcirc.i18n import N_
from offcirc.practice import lookups, requests
from offcirc.practice.acts import letters
from offcirc.practice.acts.actor import Actor, event
from offcirc.practice.circulation import ItemPlace
from offcirc.practice.errors import ActError, NotThereError
from offcirc.practice.messages import Refusal

SCANNED_IN, SENT_ON = "scanned-in", "sent-on"
"""Events of a scan: where the item belongs, or elsewhere."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done with an item that has just been scanned.

    Attributes:
        title: the item's.
        place: where it now belongs.
        library: name of the library where it is to go, if elsewhere or on a shelf there.
        patron: who waits for it, or empty.
        was_on_loan: whether a loan ended.
        late: whether it came back late.
    """

    title: str
    place: str
    library: str
    patron: str
    was_on_loan: bool
    late: bool


def returned(
    connection: sqlite3.Connection, actor: Actor, barcode: str, at: datetime | None = None
) -> NextStep:
    """Take an item back.

    Args:
        connection: inside a transaction.
        actor: who, and at which desk.
        barcode: the item.
        at: when it came back, if not now: it lay in the book drop.

    Raises:
        ActError: there is no such item, or something newer has happened to it.
    """
    barcode = barcode.strip()
    outcome = actor.apply(connection, "R", barcode, at=at)
    return _next(
        connection,
        actor,
        barcode,
        was_on_loan=outcome.refusal is not Refusal.NOT_ON_LOAN,
        late=Note.LATE in outcome.notes,
    )


def last_closing(actor: Actor) -> datetime:
    """When the desk's library last closed: the time of what lay in the book drop this morning."""
    library = actor.library
    day = actor.now.date()
    for _ in range(800):
        if policy.hours(library, day) is not None:
            closing = policy.closing(library, day, actor.policy.timezone)
            if closing <= actor.now:
                return closing
        day -= timedelta(days=1)
    raise ActError(N_("The calendar has no closing time before now."))


def arrived(connection: sqlite3.Connection, actor: Actor, barcode: str) -> NextStep:
    """Scan an item that is not on loan: it has arrived, or is sent on.

    Raises:
        ActError: there is no such item, or it is on loan.
    """
    barcode = barcode.strip()
    item = connection.execute("SELECT * FROM items WHERE barcode = ?", (barcode,)).fetchone()
    if item is None:
        raise ActError(N_("There is no item with the barcode {barcode}."), barcode=barcode)
    if lookups.open_loan(connection, barcode) is not None:
        raise ActError(N_("{barcode} is on loan: return it instead."), barcode=barcode)
    place = _put(connection, actor, item)
    event(connection, actor, barcode, SENT_ON if place is ItemPlace.IN_TRANSIT else SCANNED_IN)
    return _next(connection, actor, barcode, was_on_loan=False, late=False)


def _put(connection: sqlite3.Connection, actor: Actor, item: sqlite3.Row) -> ItemPlace:
    """Put an item that lies on this desk where it belongs, and say where."""
    barcode = item["barcode"]
    wanted = requests.first(connection, barcode)
    home = actor.policy.libraries[wanted["pickup"] if wanted else item["library"]]
    place = ItemPlace.AVAILABLE
    if home.circ_desk != actor.desk:
        place = ItemPlace.IN_TRANSIT
    elif wanted is not None:
        place = ItemPlace.HOLD_SHELF
        if wanted["status"] == requests.WAITING:
            requests.shelved(connection, barcode, requests.shelf_end(home, actor.now.date()))
            _tell(connection, actor, wanted, item["title"], home.name)
    connection.execute("UPDATE items SET place = ? WHERE barcode = ?", (place, barcode))
    return place


def _tell(
    connection: sqlite3.Connection,
    actor: Actor,
    request: sqlite3.Row,
    title: str,
    library: str,
) -> None:
    patron = connection.execute(
        "SELECT * FROM patrons WHERE primary_id = ?", (request["patron"],)
    ).fetchone()
    if patron is not None:
        _ = actor.say
        text = _("{title}: waits for you at {library}").format(title=title, library=library)
        letters.to_patron(
            connection, actor, "on-shelf", patron, [text], once=f"on-shelf:{request['id']}"
        )


def _next(
    connection: sqlite3.Connection, actor: Actor, barcode: str, *, was_on_loan: bool, late: bool
) -> NextStep:
    item = connection.execute("SELECT * FROM items WHERE barcode = ?", (barcode,)).fetchone()
    wanted = requests.first(connection, barcode)
    patron = ""
    if wanted is not None:
        row = connection.execute(
            "SELECT name FROM patrons WHERE primary_id = ?", (wanted["patron"],)
        ).fetchone()
        patron = row["name"] if row else ""
    code = wanted["pickup"] if wanted else item["library"]
    return NextStep(
        item["title"],
        item["place"],
        letters.library_name(actor, code),
        patron,
        was_on_loan,
        late,
    )


def session(
    connection: sqlite3.Connection, actor: Actor, kinds: tuple[str, ...], since: str
) -> list[sqlite3.Row]:
    """What this account has scanned since it signed in, the latest first."""
    return connection.execute(
        "SELECT e.*, i.title, i.place, i.library, i.ref AS item_ref, p.name FROM events e "
        "JOIN items i ON i.barcode = e.item LEFT JOIN patrons p ON p.primary_id = i.requested_by "
        "WHERE e.who = ? AND e.id > ? AND e.event IN (SELECT value FROM json_each(?)) "
        "ORDER BY e.id DESC LIMIT 200",
        (actor.login, int(since), json.dumps(kinds)),
    ).fetchall()


def last_event(connection: sqlite3.Connection) -> int:
    """Where a session's list begins."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0])


# CROSS: from the few that wait to their items, not from every item on the shelves.
_WAITING_REQUESTS = (
    "SELECT r.*, i.title, i.ref AS item_ref, i.location, i.library, i.place, p.name, "
    "p.ref AS patron_ref FROM requests r CROSS JOIN items i ON i.barcode = r.item "
    "JOIN patrons p ON p.primary_id = r.patron WHERE r.ended_at IS NULL AND "
)


def shelf(connection: sqlite3.Connection, actor: Actor) -> list[sqlite3.Row]:
    """What waits on the hold shelf of this desk, the first to expire first."""
    return connection.execute(
        _WAITING_REQUESTS + "r.status = 'on-shelf' AND r.pickup = ? ORDER BY r.shelf_until, r.id",
        (actor.library.code,),
    ).fetchall()


def picks(connection: sqlite3.Connection, actor: Actor) -> list[sqlite3.Row]:
    """What is to be fetched from this library's shelves for who waits."""
    return connection.execute(
        _WAITING_REQUESTS + "r.status = 'waiting' AND i.place = 'available' AND i.library = ? "  # noqa: S608
        "AND NOT EXISTS (SELECT 1 FROM loans l WHERE l.item = r.item AND l.returned_at IS NULL) "
        "AND r.id = (SELECT min(id) FROM requests q WHERE q.item = r.item AND q.ended_at IS NULL) "
        "ORDER BY i.location, i.title",
        (actor.library.code,),
    ).fetchall()


def of_patron(connection: sqlite3.Connection, patron: str) -> list[sqlite3.Row]:
    """A reader's requests, each with its place in the queue."""
    return connection.execute(
        "SELECT r.*, i.title, i.ref AS item_ref, (SELECT count(*) FROM requests q "
        "WHERE q.item = r.item AND q.ended_at IS NULL AND q.id <= r.id) AS position "
        "FROM requests r JOIN items i ON i.barcode = r.item "
        "WHERE r.patron = ? ORDER BY r.ended_at IS NOT NULL, r.id DESC LIMIT 100",
        (patron,),
    ).fetchall()


def cancel(
    connection: sqlite3.Connection,
    actor: Actor,
    id: int,
    reason: str,
    status: str = requests.CANCELLED,
) -> None:
    """End a request; what lay on the shelf for it goes to the next, or back.

    Raises:
        ActError: no reason is given.
        NotThereError: there is no such request any more.
    """
    if not reason.strip():
        raise ActError(N_("Say why the request is cancelled."))
    wanted = connection.execute(
        "SELECT r.*, i.title FROM requests r JOIN items i ON i.barcode = r.item "
        "WHERE r.id = ? AND r.ended_at IS NULL",
        (id,),
    ).fetchone()
    if wanted is None:
        raise NotThereError
    requests.end(
        connection, wanted, status, at=actor.stamp, reason=reason.strip()[:300], who=actor.name
    )
    event(connection, actor, wanted["item"], f"request-{status}", patron=wanted["patron"])
    item = connection.execute("SELECT * FROM items WHERE barcode = ?", (wanted["item"],)).fetchone()
    if wanted["status"] == requests.ON_SHELF:
        _put(connection, actor, item)
    patron = connection.execute(
        "SELECT * FROM patrons WHERE primary_id = ?", (wanted["patron"],)
    ).fetchone()
    _ = actor.say
    letters.to_patron(connection, actor, "cancelled", patron, [wanted["title"], reason.strip()])


def expire(connection: sqlite3.Connection, actor: Actor, today: date) -> int:
    """End every request whose item has waited on this desk's shelf for too long; how many."""
    _ = actor.say
    reason = _("Not fetched in time")
    old = [row for row in shelf(connection, actor) if row["shelf_until"] < today.isoformat()]
    for row in old:
        cancel(connection, actor, row["id"], reason, requests.EXPIRED)
    return len(old)
