"""What would become of lines: FOLIO tries each loan by itself, the rest is told from the lines.

FOLIO's own trial knows neither the time of a loan nor the lines before it, so what it says of where
an item is, or of how much a reader has, counts only where no line before has changed that.
"""

from __future__ import annotations

from collections.abc import Sequence

from offcirc.core.answers import Note, Reason
from offcirc.servers.folio.lines import FolioLines, can_override, override_notes, rejected
from offcirc.servers.folio.past import FolioItem
from offcirc.servers.folio.session import FolioSession
from offcirc.servers.folio.wire import FolioFault, faults
from offcirc.servers.protocol import Answer, Event, Outcome


def run(session: FolioSession, lines: FolioLines, events: Sequence[Event]) -> list[Answer]:
    """What would become of these lines, one after the other.

    Raises:
        ServerError: FOLIO is gone or refuses.
    """
    known = lines.know(events)
    trial = _Trial(session, lines)
    return [trial.judge(event, known.get(event.item.casefold())) for event in events]


class _Trial:
    def __init__(self, session: FolioSession, lines: FolioLines) -> None:
        self._session = session
        self._lines = lines
        self._holders: dict[str, str] = {}
        self._relieved: set[str] = set()

    def judge(self, event: Event, item: FolioItem | None) -> Answer:
        if item is None:
            return Answer(Outcome.REJECTED, reason=Reason.ITEM_UNKNOWN)
        code = event.item.casefold()
        if code not in self._holders:
            if self._lines.is_late(event, item):
                return Answer(Outcome.REJECTED, reason=Reason.LATER_ACTION)
            loan = item.open_loan
            holder, changed = (loan.patron.casefold() if loan else ""), False
            out = loan is not None
        else:
            holder, changed = self._holders[code], True
            out = bool(holder)
        if not event.operation.lends:
            self._holders[code] = ""
            self._relieved.add(holder)
            return Answer(Outcome.RECORDED, notes=() if out else (Note.IN_HOUSE_USE,))
        answer = self._lend(event, holder if out else None, changed=changed)
        if answer.outcome is Outcome.RECORDED:
            self._holders[code] = event.patron.casefold()
        return answer

    def _lend(self, event: Event, holder: str | None, *, changed: bool) -> Answer:
        if holder == event.patron.casefold():
            return Answer(Outcome.RECORDED, notes=(Note.RENEWAL, Note.DATE_NOT_KEPT))
        found = self._asked(event)
        if changed:
            found = [fault for fault in found if not fault.about_item]
        if event.patron.casefold() in self._relieved:
            found = [fault for fault in found if not fault.is_limit]
        if holder is not None and not any(fault.on_loan for fault in found):
            found.append(FolioFault("", Reason.ON_LOAN_TO_ANOTHER))
        if not found:
            return Answer(Outcome.RECORDED)
        if all(can_override(fault) for fault in found):
            return Answer(Outcome.RECORDED, notes=override_notes(found))
        return rejected(found)

    def _asked(self, event: Event) -> list[FolioFault]:
        body = {"itemBarcode": event.item, "userBarcode": event.patron}
        reply = self._session.ask("POST", "/circulation/check-out-by-barcode-dry-run", body)
        if reply.status == 422:
            return list(faults(reply.body))
        self._session.done(reply)
        return []
