"""One line and FOLIO: sending it, and finding out later what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from offcirc.core.answers import Note, Reason
from offcirc.i18n import _
from offcirc.servers.folio import past
from offcirc.servers.folio.past import FolioItem, FolioLoan, same_moment
from offcirc.servers.folio.session import FolioSession
from offcirc.servers.folio.wire import (
    OVERRIDE_PERMISSIONS,
    FolioFault,
    faults,
    status_notes,
)
from offcirc.servers.protocol import Answer, Event, Outcome
from offcirc.servers.values import aware, inner, moment

_TICK = timedelta(seconds=1)
"""What a server's clock is told to in its answers."""

Known = Mapping[str, FolioItem]
"""Items by their barcodes in small letters."""


class FolioLines:
    """Sends lines. Safe for several threads, each with other items."""

    def __init__(self, session: FolioSession, zone: str) -> None:
        """Prepare.

        Args:
            session: what is asked.
            zone: the time zone of the desks; empty: this PC's.
        """
        self._session = session
        self._zone = zone
        self._renewals: dict[str, int] = {}
        self._seen: set[str] = set()
        self._sent: dict[str, datetime] = {}

    def know(self, events: Sequence[Event]) -> Known:
        """The items of some lines, as FOLIO has them now.

        Raises:
            ServerError: FOLIO is gone or does not tell.
        """
        since = min(self.at(event) for event in events).astimezone(UTC)
        return past.items(self._session, (event.item for event in events), since)

    def begin(self, events: Sequence[Event]) -> Known:
        """The same, for lines that are about to be sent."""
        self._seen.update(event.key for event in events)
        return self.know(events)

    def at(self, event: Event) -> datetime:
        """When it happened, aware."""
        return aware(event.at, self._zone)

    def send(self, event: Event, point: str, known: Known) -> Answer:
        """Have a line recorded.

        Args:
            event: the line.
            point: the id of its service point.
            known: its item as it was before this line and those sent with it.

        Raises:
            ServerError: see :meth:`offcirc.servers.protocol.Server.submit`.
        """
        item = known.get(event.item.casefold())
        if item is not None:
            if done := self._exactly(event, item):
                return replace(done, replayed=True)
            if self.is_late(event, item):
                return Answer(Outcome.REJECTED, reason=Reason.LATER_ACTION)
        if not event.operation.lends:
            return self._take_back(event, point)
        return self._lend(event, point)

    def is_late(self, event: Event, item: FolioItem) -> bool:
        """Whether FOLIO knows of something later about the item."""
        at = self.at(event)
        times = (time for loan in item.loans for time in (loan.lent_at, loan.returned_at))
        return any(time is not None and time - at >= timedelta(milliseconds=1) for time in times)

    def found(self, events: Sequence[Event], points: Collection[str]) -> list[Answer | None]:
        """What became of lines, by what their items have become; ``None``: nothing yet.

        Args:
            events: in the order in which they were sent, or would have been.
            points: the ids of our service points.

        Raises:
            ServerError: FOLIO is gone or does not tell.
        """
        known = self.know(events)
        returned: set[str] = set()
        answers: list[Answer | None] = []
        for event in events:
            code = event.item.casefold()
            item = known.get(code)
            if item is None:
                answers.append(None)
            elif done := self._exactly(event, item):
                answers.append(done)
            elif event.operation.lends:
                answers.append(self._found_lent(event, item))
            else:
                answers.append(self._found_back(event, item, points, first=code not in returned))
            if not event.operation.lends:
                returned.add(code)
        return answers

    # -- loans ---------------------------------------------------------------------------------

    def _lend(self, event: Event, point: str) -> Answer:
        body: dict[str, Any] = {
            "itemBarcode": event.item,
            "userBarcode": event.patron,
            "servicePointId": point,
            "loanDate": self.at(event).isoformat(timespec="milliseconds"),
        }
        reply = self._session.ask("POST", "/circulation/check-out-by-barcode", body)
        notes: tuple[Note, ...] = ()
        if reply.status == 422:
            found = faults(reply.body)
            if any(fault.on_loan for fault in found):
                return self._lent_already(event, found)
            if not all(can_override(fault) for fault in found):
                return rejected(found)
            body["overrideBlocks"] = self._overrides(event, found)
            reply = self._session.ask("POST", "/circulation/check-out-by-barcode", body)
            if reply.status == 422:
                return rejected(faults(reply.body))
            notes = override_notes(found)
        # 200 says that the loan was made, though something of FOLIO's own about it was not.
        loan = self._session.done(reply)
        return Answer(Outcome.RECORDED, due_at=moment(loan, "dueDate"), notes=notes)

    def _overrides(self, event: Event, found: Sequence[FolioFault]) -> dict[str, Any]:
        due = {"dueDate": self.at(event).isoformat(timespec="milliseconds")}
        blocks: dict[str, Any] = {
            fault.block: due if fault.block == "itemNotLoanableBlock" else {} for fault in found
        }
        return {**blocks, "comment": "Recorded offline"}

    def _lent_already(self, event: Event, found: Sequence[FolioFault]) -> Answer:
        """Somebody has the item: this reader by this line, this reader, or another."""
        item = past.items(self._session, [event.item]).get(event.item.casefold())
        loan = item.open_loan if item else None
        if loan is None or not loan.is_of(event.patron):
            return rejected(found)
        if same_moment(loan.lent_at, self.at(event)):
            return Answer(Outcome.RECORDED, replayed=True, due_at=loan.due_at)
        return self._renew(event, loan)

    def _renew(self, event: Event, loan: FolioLoan) -> Answer:
        self._renewals[event.key] = loan.renewals
        body = {"itemBarcode": event.item, "userBarcode": event.patron}
        reply = self._session.ask("POST", "/circulation/renew-by-barcode", body)
        if reply.status == 422:
            # The reader keeps the item as before; only its due date stays.
            words = "; ".join(filter(None, (fault.message for fault in faults(reply.body))))
            notes = (Note.RENEWAL, Note.NOT_RENEWABLE)
            return Answer(Outcome.RECORDED, words, due_at=loan.due_at, notes=notes)
        return _renewed(moment(self._session.done(reply), "dueDate"))

    def _exactly(self, event: Event, item: FolioItem) -> Answer | None:
        """The line as it stands in FOLIO to the millisecond, if it does."""
        at = self.at(event)
        for loan in item.loans:
            if not event.operation.lends:
                if same_moment(loan.returned_at, at):
                    return Answer(Outcome.RECORDED, notes=status_notes(item.row))
            # FOLIO forgets in time who had what came back.
            elif same_moment(loan.lent_at, at) and (loan.is_of(event.patron) or not loan.patron):
                return Answer(Outcome.RECORDED, due_at=loan.due_at)
        return None

    def _found_lent(self, event: Event, item: FolioItem) -> Answer | None:
        at = self.at(event)
        now = item.open_loan
        if now is None or not now.is_of(event.patron):
            return None
        before = self._renewals.get(event.key)
        if before is not None:
            return _renewed(now.due_at) if now.renewals > before else None
        since = now.changed_at is not None and now.changed_at >= at
        return _renewed(now.due_at) if since and now.is_renewed else None

    # -- returns -------------------------------------------------------------------------------

    def _take_back(self, event: Event, point: str) -> Answer:
        at = self.at(event)
        body = {
            "itemBarcode": event.item,
            "servicePointId": point,
            "checkInDate": at.isoformat(timespec="milliseconds"),
        }
        clock = self._session.client.clock
        if clock is not None:
            self._sent[event.key] = clock
        reply = self._session.ask("POST", "/circulation/check-in-by-barcode", body)
        if reply.status == 422:
            return rejected(faults(reply.body))
        done = self._session.done(reply)
        notes = status_notes(inner(done, "item"))
        loan = inner(done, "loan")
        due = past.loan_of(loan).due_at
        if not loan:
            notes += (Note.IN_HOUSE_USE,)
        elif due is not None and due < at:
            notes += (Note.LATE,)
        return Answer(Outcome.RECORDED, notes=notes)

    def _found_back(
        self, event: Event, item: FolioItem, points: Collection[str], *, first: bool
    ) -> Answer | None:
        """Of a check-in that ended no loan, FOLIO tells only when the item's last one was."""
        loan = item.open_loan
        if loan is not None and (loan.lent_at is None or loan.lent_at <= self.at(event)):
            # Had it been done, this loan would not be open.
            return None
        last, sent = item.checked_in_at, self._sent.get(event.key)
        never = sent is None and event.key in self._seen
        if never or last is None or last < (sent or self.at(event)):
            return None
        if item.checked_in_where not in points:
            return None
        if last < sent + _TICK if sent is not None else not first:
            # It may have been that of an earlier line about the item.
            return Answer(Outcome.UNKNOWN)
        notes = (*status_notes(item.row), Note.IN_HOUSE_USE)
        return Answer(Outcome.RECORDED, notes=notes)


def can_override(fault: FolioFault) -> bool:
    """Whether FOLIO lets this account lend all the same."""
    return fault.block in OVERRIDE_PERMISSIONS and not fault.missing


def override_notes(found: Sequence[FolioFault]) -> tuple[Note, ...]:
    """What staff should know about a loan that was made against these."""
    excluded = any(fault.block == "itemNotLoanableBlock" for fault in found)
    return (Note.BLOCK_OVERRIDDEN, *((Note.EXCLUDED,) if excluded else ()))


def rejected(found: Sequence[FolioFault]) -> Answer:
    """FOLIO says no: the first reason that has a name, all the words, and what would help."""
    reasons = [fault.reason for fault in found if fault.reason is not Reason.OTHER]
    words = "; ".join(dict.fromkeys(fault.message for fault in found if fault.message))
    missing = dict.fromkeys(name for fault in found for name in fault.missing)
    if missing:
        words = _("{words} (to override it, the account needs {permissions})").format(
            words=words, permissions=", ".join(missing)
        )
    return Answer(Outcome.REJECTED, words, reason=reasons[0] if reasons else Reason.OTHER)


def _renewed(due: datetime | None) -> Answer:
    notes = (Note.RENEWAL, Note.DATE_NOT_KEPT)
    return Answer(Outcome.RECORDED, due_at=due, notes=notes)
