"""What one loan or return does to a practice library.

Checked in this order: the item exists, the reader exists (loans), nothing newer has happened to
the item. So a line whose item and reader are both unknown is told about its item, and a line
refused for any of these three changes nothing.

A loan that gets this far is always recorded: the book has left the building. Blocks, *quitus*
included, lateness and expiry are told in notes. That nobody can override a *quitus* holds for
loans at a live desk; offline loans go through even for blocked readers.

A return is a scan-in wherever the item comes from: it puts another library's item in transit and
a requested one into hold-shelf processing, and a second scan puts the latter on the hold shelf.
The return of an item that is not on loan is refused as a return, and counted as in-house use;
sent as in-house use, it is what it says, and recorded. A renewal is a loan to the same reader.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from offcirc.core.answers import Note, Reason, is_expected
from offcirc.core.rules import lending, policy
from offcirc.core.rules.policy import HeldItem, Library, Policy, Terms
from offcirc.core.transaction import OPERATIONS
from offcirc.practice import clock, lookups, requests
from offcirc.practice.messages import Refusal, words


class ItemPlace(StrEnum):
    """Where an item is while it is not on loan."""

    AVAILABLE = "available"
    IN_TRANSIT = "in-transit"
    HOLD_SHELF_PROCESSING = "hold-shelf-processing"
    HOLD_SHELF = "hold-shelf"
    MISSING = "missing"


_PLACE_NOTES = {
    ItemPlace.IN_TRANSIT: Note.IN_TRANSIT,
    ItemPlace.HOLD_SHELF_PROCESSING: Note.HOLD_SHELF_PROCESSING,
    ItemPlace.HOLD_SHELF: Note.ON_HOLD_SHELF,
}


@dataclass(frozen=True, slots=True)
class CirculationLine:
    """A loan or return to be applied.

    Attributes:
        key: its idempotency key.
        line: its number in its file, from 1, or ``None``.
        file: the file's name, or ``None``.
        at: when it happened, aware, in the library's zone; ``None`` if no library can have been
            open then (years before 1900 or after 2999).
        minute: the same as the library's wall clock showed it, ``YYYY-MM-DDTHH:MM``.
        operation: a value of :class:`offcirc.core.transaction.Operation`.
        item: the item barcode.
        patron: the patron identifier; on a return as it came, and ignored.
        desk: code of the circulation desk where it happened; empty: where the job is.
        who: the login of whoever does it by hand; empty for what comes out of a file.
    """

    key: str
    line: int | None
    file: str | None
    at: datetime | None
    minute: str
    operation: str
    item: str
    patron: str
    desk: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class CirculationOutcome:
    """What became of a line; ``due_at`` is aware, in the library's zone."""

    refusal: Refusal | None = None
    message: str = ""
    due_at: datetime | None = None
    notes: tuple[str, ...] = ()


_BLOCK_NOTES = {
    lookups.QUITUS: Note.PATRON_QUITUS,
    lookups.OVERDUE: Note.PATRON_OVERDUE,
    lookups.SUSPENDED: Note.PATRON_SUSPENDED,
}


class Circulation:
    """The rules of one policy, applied to the tables of one library."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._zone = policy.timezone

    def apply(
        self, connection: sqlite3.Connection, line: CirculationLine, desk: str, now: datetime
    ) -> CirculationOutcome:
        """Apply one line at a circulation desk.

        Args:
            connection: inside a transaction.
            line: the loan or return.
            desk: code of the circulation desk, which exists.
            now: the server's clock, in the library's zone.
        """
        if line.at is None:
            return _refused(Refusal.INVALID_DATE, line)
        item = connection.execute("SELECT * FROM items WHERE barcode = ?", (line.item,)).fetchone()
        if item is None:
            return _refused(Refusal.ITEM_NOT_FOUND, line)
        patron = None
        if OPERATIONS[line.operation].lends:
            patron = lookups.find_patron(connection, line.patron)
            if patron is None:
                return _refused(Refusal.USER_NOT_FOUND, line)
        newest = item["last_event_at"]
        if newest and lending.is_later(clock.read(newest, self._zone), line.at):
            return _refused(Refusal.LATER_ACTION, line)
        loan = lookups.open_loan(connection, line.item)
        step = _Step(connection, line, line.at, desk=desk, item=item, policy=self._policy)
        outcome = step.take_back(loan) if patron is None else step.lend(loan, patron, now)
        if line.at > now:
            return CirculationOutcome(
                outcome.refusal, outcome.message, outcome.due_at, (*outcome.notes, Note.IN_FUTURE)
            )
        return outcome


class _Step:
    """One line being applied; the item exists and so does the reader."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        line: CirculationLine,
        at: datetime,
        *,
        desk: str,
        item: sqlite3.Row,
        policy: Policy,
    ) -> None:
        self._connection = connection
        self._do = connection.execute
        self._line = line
        self._at = at
        self._stamp = clock.stored(at)
        self._desk = desk
        self._item = item
        self._policy = policy
        self._owner: Library = policy.libraries[item["library"]]

    def take_back(self, loan: sqlite3.Row | None) -> CirculationOutcome:
        """A return: end the loan if there is one, and say where the item now belongs."""
        place = self._place_after_scan()
        notes = (_PLACE_NOTES[place],) if place in _PLACE_NOTES else ()
        if loan is None:
            self._happened("in-house-use", place, in_house_uses=1)
            if is_expected(self._line.operation, Reason.NOT_ON_LOAN):
                return CirculationOutcome(notes=(Note.IN_HOUSE_USE, *notes))
            return _refused(Refusal.NOT_ON_LOAN, self._line, (Note.IN_HOUSE_USE, *notes))
        late = self._end(loan)
        self._happened("return", place, loan["patron"])
        return CirculationOutcome(notes=(*late, *notes))

    def lend(
        self, loan: sqlite3.Row | None, patron: sqlite3.Row, now: datetime
    ) -> CirculationOutcome:
        """A loan: to the same reader a renewal, from someone else after a return."""
        notes = self._patron_notes(patron)
        terms = self._policy.terms(self._item["location"], patron["group"], self._item["exception"])
        if terms is None:
            raise RuntimeError("a library is only accepted with a rule for every loan")
        expires_on = lending.expiry(patron["expires_on"], now.date())
        if loan is not None and loan["patron"] == patron["primary_id"]:
            due = self._renew(loan, patron, terms, expires_on=expires_on, now=now)
        else:
            if loan is not None:
                # The loan before ended at the latest when the item was lent again.
                notes += (Note.RETURNED_FIRST, *self._end(loan))
                self._event("return", loan["patron"])
            due = lending.loan_due(self._at, terms, self._owner, expires_on, now)
            notes += self._limit_notes(patron)
            self._do(
                "INSERT INTO loans "
                "(item, patron, loaned_at, due_at, short, renewals, desk, who, since) "
                "VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?)",
                (
                    self._line.item,
                    patron["primary_id"],
                    self._stamp,
                    clock.stored(due.at),
                    int(terms.short),
                    self._desk,
                    self._line.who,
                    clock.stored(now),
                ),
            )
            self._happened("loan", ItemPlace.AVAILABLE, patron["primary_id"])
        return CirculationOutcome(
            due_at=due.at, notes=notes + due.notes + self._request_notes(patron)
        )

    def _renew(
        self,
        loan: sqlite3.Row,
        patron: sqlite3.Row,
        terms: Terms,
        *,
        expires_on: date,
        now: datetime,
    ) -> lending.Due:
        zone = self._policy.timezone
        last = self._do(
            "SELECT max(at) FROM events WHERE item = ? AND event = 'renewal' AND at >= ?",
            (self._line.item, loan["loaned_at"]),
        ).fetchone()[0]
        requested = self._item["requested_by"] not in ("", patron["primary_id"])
        overdue = lookups.OVERDUE in lookups.blocks(self._connection, patron, self._at)
        on_loan = lending.OnLoan(
            due=clock.read(loan["due_at"], zone),
            loaned_at=clock.read(loan["loaned_at"], zone),
            renewed_on=clock.read(last, zone).date() if last else None,
            hindered=requested or overdue,
        )
        due = lending.renewal_due(
            self._at,
            on_loan,
            terms,
            rule=self._policy.renewal,
            library=self._owner,
            expires_on=expires_on,
            now=now,
        )
        self._do(
            "UPDATE loans SET due_at = ?, renewals = renewals + 1 WHERE id = ?",
            (clock.stored(due.at), loan["id"]),
        )
        self._happened("renewal", ItemPlace.AVAILABLE, patron["primary_id"])
        return due

    def _end(self, loan: sqlite3.Row) -> tuple[Note, ...]:
        """End a loan now; a late return may suspend its reader."""
        self._do("UPDATE loans SET returned_at = ? WHERE id = ?", (self._stamp, loan["id"]))
        due = clock.read(loan["due_at"], self._policy.timezone)
        if not lending.days_late(due, self._at):
            return ()
        end = lending.suspended_until(due, self._at, short=bool(loan["short"]), library=self._owner)
        if end is None:
            return (Note.LATE,)
        row = self._do(
            "SELECT suspended_until FROM patrons WHERE primary_id = ?", (loan["patron"],)
        ).fetchone()
        before = row["suspended_until"]
        counts = lending.longest(end, date.fromisoformat(before) if before else None) or end
        self._do(
            "UPDATE patrons SET suspended_until = ? WHERE primary_id = ?",
            (counts.isoformat(), loan["patron"]),
        )
        return (Note.LATE, Note.SUSPENDED)

    def _place_after_scan(self) -> ItemPlace:
        """Where the item belongs: to whom asked for it, else to its owner."""
        wanted = requests.first(self._connection, self._line.item)
        home = self._policy.libraries.get(wanted["pickup"]) if wanted else None
        library = home or self._owner
        if library.circ_desk != self._desk:
            return ItemPlace.IN_TRANSIT
        if not self._item["requested_by"]:
            return ItemPlace.AVAILABLE
        if self._item["place"] in (ItemPlace.HOLD_SHELF_PROCESSING, ItemPlace.HOLD_SHELF):
            until = requests.shelf_end(library, self._at.date())
            requests.shelved(self._connection, self._line.item, until)
            return ItemPlace.HOLD_SHELF
        return ItemPlace.HOLD_SHELF_PROCESSING

    def _patron_notes(self, patron: sqlite3.Row) -> tuple[Note, ...]:
        blocks = lookups.blocks(self._connection, patron, self._at)
        return tuple(_BLOCK_NOTES[block] for block in blocks if block in _BLOCK_NOTES)

    def _limit_notes(self, patron: sqlite3.Row) -> tuple[Note, ...]:
        rows = self._do(
            "SELECT library, material_type, exception FROM items JOIN loans ON item = barcode"
            " WHERE patron = ? AND returned_at IS NULL",
            (patron["primary_id"],),
        )
        held = [HeldItem(*row) for row in rows] if self._policy.limits else []
        item = self._item
        new = HeldItem(item["library"], item["material_type"], item["exception"])
        over = policy.passed(self._policy.limits, patron["group"], held, new)
        return (Note.OVER_LIMIT,) if over else ()

    def _request_notes(self, patron: sqlite3.Row) -> tuple[Note, ...]:
        requester = self._item["requested_by"]
        if not requester:
            return ()
        if requester != patron["primary_id"]:
            return (Note.REQUESTED_BY_OTHER,)
        requests.fill(self._connection, self._line.item, requester, self._stamp)
        return (Note.REQUEST_FILLED,)

    def _happened(
        self, event: str, place: ItemPlace, patron: str = "", *, in_house_uses: int = 0
    ) -> None:
        """Note an event on the item, at its recorded time."""
        self._event(event, patron)
        self._do(
            "UPDATE items SET place = ?, in_house_uses = in_house_uses + ?, "
            "last_event_at = max(last_event_at, ?) WHERE barcode = ?",
            (place, in_house_uses, self._stamp, self._line.item),
        )

    def _event(self, event: str, patron: str = "") -> None:
        line = self._line
        self._do(
            "INSERT INTO events (item, at, event, desk, key, who, patron) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (line.item, self._stamp, event, self._desk, line.key, line.who, patron),
        )


def _refused(
    refusal: Refusal, line: CirculationLine, notes: tuple[Note, ...] = ()
) -> CirculationOutcome:
    return CirculationOutcome(refusal, words(refusal, line.item, line.patron), notes=notes)
