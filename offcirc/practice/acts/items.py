"""Items: where one is, who has it and had it, why it is due when it is; acts on it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from offcirc.core.rules import lending
from offcirc.core.rules.policy import Library, Terms
from offcirc.core.transaction import ITEM_WIDTH
from offcirc.i18n import N_
from offcirc.practice import lookups, requests
from offcirc.practice.acts.actor import Actor, event, row_of
from offcirc.practice.circulation import ItemPlace
from offcirc.practice.errors import ActError
from offcirc.practice.upgrade import new_ref

LOST = "lost"
CLAIMED = "claimed-returned"
_FOUND = 50


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """All that the page of an item shows.

    Attributes:
        loan: the loan it is out on, with the reader's name and ref, or ``None``.
        loans: every loan, the latest first.
        events: its history, the latest first, with job and line where a line caused it.
        queue: who waits for it.
    """

    item: sqlite3.Row
    loan: sqlite3.Row | None
    loans: list[sqlite3.Row]
    events: list[sqlite3.Row]
    queue: list[sqlite3.Row]


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """What the rules say of an item and a reader, now.

    Attributes:
        terms: the terms that hold.
        exception: the item's exception took the place of the rule.
        due: when a loan of now would be due.
        library: the owning library, whose calendar counts.
    """

    terms: Terms
    exception: str
    due: lending.Due
    library: Library


def search(connection: sqlite3.Connection, text: str) -> list[sqlite3.Row]:
    """The items with this barcode or part of a title; accents and case do not count."""
    text = text.strip()
    if not text:
        raise ActError(N_("Type a barcode or a part of a title."))
    exact = connection.execute("SELECT * FROM items WHERE barcode = ?", (text,)).fetchall()
    return exact or lookups.with_words(connection, "items", "title", text, _FOUND)


def facts(connection: sqlite3.Connection, ref: str) -> ItemFacts:
    """What is known of an item.

    Raises:
        NotThereError: there is none under this ref.
    """
    item = row_of(connection, "items", ref)
    barcode = item["barcode"]
    loans = connection.execute(
        "SELECT l.*, p.name, p.barcode AS card, p.ref AS patron_ref FROM loans l "
        "JOIN patrons p ON p.primary_id = l.patron WHERE l.item = ? ORDER BY l.id DESC LIMIT 100",
        (barcode,),
    ).fetchall()
    return ItemFacts(
        item,
        next((loan for loan in loans if loan["returned_at"] is None), None),
        loans,
        connection.execute(
            "SELECT e.*, t.job, t.line, t.file, p.name, p.ref AS patron_ref FROM events e "
            "LEFT JOIN transactions t ON t.key = e.key "
            "LEFT JOIN patrons p ON p.primary_id = e.patron "
            "WHERE e.item = ? ORDER BY e.at DESC, e.id DESC LIMIT 200",
            (barcode,),
        ).fetchall(),
        connection.execute(
            "SELECT r.*, p.name, p.ref AS patron_ref FROM requests r "
            "JOIN patrons p ON p.primary_id = r.patron "
            "WHERE r.item = ? AND r.ended_at IS NULL ORDER BY r.status != 'on-shelf', r.id",
            (barcode,),
        ).fetchall(),
    )


def rules(
    connection: sqlite3.Connection, actor: Actor, ref: str, card: str
) -> tuple[sqlite3.Row, sqlite3.Row, RuleAnswer]:
    """What would hold if a reader borrowed an item now.

    Raises:
        ActError: no reader has this card.
    """
    item = row_of(connection, "items", ref)
    patron = lookups.find_patron(connection, card.strip())
    if patron is None:
        raise ActError(N_("There is no such reader."))
    terms = actor.policy.terms(item["location"], patron["group"], item["exception"])
    if terms is None:
        raise ActError(N_("No rule covers this item and this reader."))
    library = actor.policy.libraries[item["library"]]
    expires_on = lending.expiry(patron["expires_on"], actor.now.date())
    due = lending.loan_due(actor.now, terms, library, expires_on, actor.now)
    return item, patron, RuleAnswer(terms, item["exception"], due, library)


def mark(connection: sqlite3.Connection, actor: Actor, ref: str, what: str) -> None:
    """Call an item lost, found, or claimed returned by its reader.

    Raises:
        ActError: it cannot be that.
    """
    item = row_of(connection, "items", ref)
    loan = lookups.open_loan(connection, item["barcode"])
    patron = loan["patron"] if loan else ""
    if what == "found":
        _found(connection, item, loan)
    elif what == CLAIMED and loan is None:
        raise ActError(N_("The item is not on loan: nobody can claim to have returned it."))
    elif what in (LOST, CLAIMED) and loan is not None:
        connection.execute("UPDATE loans SET process = ? WHERE id = ?", (what, loan["id"]))
    elif what == LOST:
        connection.execute(
            "UPDATE items SET place = ? WHERE barcode = ?", (ItemPlace.MISSING, item["barcode"])
        )
    else:
        raise ActError(N_("This cannot be done with the item."))
    event(connection, actor, item["barcode"], what, patron=patron)


def _found(connection: sqlite3.Connection, item: sqlite3.Row, loan: sqlite3.Row | None) -> None:
    if loan is not None and loan["process"]:
        connection.execute("UPDATE loans SET process = '' WHERE id = ?", (loan["id"],))
    elif item["place"] == ItemPlace.MISSING:
        connection.execute(
            "UPDATE items SET place = ? WHERE barcode = ?", (ItemPlace.AVAILABLE, item["barcode"])
        )
    else:
        raise ActError(N_("The item was not missing."))


def in_house_use(connection: sqlite3.Connection, actor: Actor, ref: str) -> None:
    """Count that an item was used in the library.

    Raises:
        ActError: it is on loan.
    """
    item = row_of(connection, "items", ref)
    if lookups.open_loan(connection, item["barcode"]) is not None:
        raise ActError(N_("The item is on loan: return it first."))
    actor.apply(connection, "R", item["barcode"])


def add(
    connection: sqlite3.Connection,
    actor: Actor,
    *,
    barcode: str,
    title: str,
    library: str,
    location: str,
    exception: str = "",
) -> str:
    """Add an item that is not in the catalogue; its ref is returned.

    Raises:
        ActError: the barcode is there already or cannot be one, or something is not known.
    """
    barcode = barcode.strip()
    if not barcode or len(barcode) > ITEM_WIDTH or not barcode.isascii() or " " in barcode:
        raise ActError(N_("This is no barcode: at most 80 letters and digits, without blanks."))
    if not title.strip() or not location.strip():
        raise ActError(N_("Title and location must not be empty."))
    if library not in actor.policy.libraries or exception not in ("", *actor.policy.exceptions):
        raise ActError(N_("Choose a library and an exception from the lists."))
    there = connection.execute("SELECT 1 FROM items WHERE barcode = ?", (barcode,)).fetchone()
    if there is not None:
        raise ActError(N_("There is an item with this barcode already."))
    groups = lookups.distinct(connection, "patrons", "group")
    if any(actor.policy.terms(location.strip(), group) is None for group in groups):
        raise ActError(N_("No rule covers this location for every group of readers."))
    ref = new_ref()
    connection.execute(
        "INSERT INTO items (barcode, title, library, location, exception, material_type, "
        "requested_by, place, in_house_uses, last_event_at, ref, added_by) "
        "VALUES (?, ?, ?, ?, ?, '', '', ?, 0, '', ?, ?)",
        (
            barcode,
            title.strip()[:300],
            library,
            location.strip()[:100],
            exception,
            ItemPlace.AVAILABLE,
            ref,
            actor.login,
        ),
    )
    event(connection, actor, barcode, "added")
    return ref


def request(
    connection: sqlite3.Connection, actor: Actor, ref: str, barcode: str, pickup: str
) -> None:
    """Put a reader into the queue for an item.

    Raises:
        ActError: there is no such item or library, or the reader waits for it or has it already.
    """
    patron = row_of(connection, "patrons", ref)
    barcode = barcode.strip()
    item = connection.execute("SELECT * FROM items WHERE barcode = ?", (barcode,)).fetchone()
    if item is None:
        raise ActError(N_("There is no item with the barcode {barcode}."), barcode=barcode)
    if pickup not in actor.policy.libraries:
        raise ActError(N_("Choose where the item is to be fetched."))
    loan = lookups.open_loan(connection, barcode)
    waits = connection.execute(
        "SELECT 1 FROM requests WHERE item = ? AND patron = ? AND ended_at IS NULL",
        (barcode, patron["primary_id"]),
    ).fetchone()
    if waits is not None or (loan is not None and loan["patron"] == patron["primary_id"]):
        raise ActError(N_("This reader has the item, or waits for it already."))
    requests.place(
        connection,
        barcode,
        patron["primary_id"],
        pickup=pickup,
        who=actor.name,
        at=actor.stamp,
    )
    event(connection, actor, barcode, "requested", patron=patron["primary_id"])
