"""The adapter for FOLIO: each line by itself, at the time when it happened.

FOLIO closes whatever loan an item has when it is checked in, however old the return, and lends an
item that has come back since. So before lines are sent, their items are looked at, many at once: a
line that is older than what FOLIO knows is refused here, as a later action.

FOLIO's own trial of a loan knows neither its time nor the lines before it, so what it says of where
an item is, or of how much a reader has, counts only where no line before has changed that.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from offcirc.core.answers import Note, Reason
from offcirc.core.opened import Opened
from offcirc.core.pairs import pairs
from offcirc.i18n import _
from offcirc.servers.errors import (
    NoAnswerError,
    NotThisKindOfServerError,
    ServerError,
    ServerFailedError,
    UnknownDeskError,
    UnreachableError,
)
from offcirc.servers.folio import past
from offcirc.servers.folio.lines import FolioLines, can_override, override_notes, rejected
from offcirc.servers.folio.past import FolioItem
from offcirc.servers.folio.session import FolioSession
from offcirc.servers.folio.wire import OVERRIDE_PERMISSIONS, FolioFault, faults
from offcirc.servers.http import ANSWER_SECONDS
from offcirc.servers.preflight import every_file, hold_shelf
from offcirc.servers.protocol import (
    Abilities,
    Account,
    Answer,
    Dated,
    Desk,
    Event,
    ItemFound,
    Outcome,
    PatronFound,
    PreflightItem,
    ServerJob,
)
from offcirc.servers.values import inner, text, texts

if TYPE_CHECKING:
    from offcirc.servers.registry import Profile

BATCH_SIZE = 20
"""Lines whose items are looked at together; each is then sent by itself."""
WIDTH = 4
TRIAL_SIZE = 100
_SELF = "/bl-users/_self?include=permissions&include=servicePointsUser&expandPermissions=true"
_READS_BLOCKS = "manualblocks.collection.get"


class FolioServer(Opened):
    """One tenant of a FOLIO. Implements :class:`offcirc.servers.protocol.Server`."""

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """The server that a profile names."""
        return cls(profile.url, profile.options, width=profile.width, plain_http=profile.plain_http)

    def __init__(
        self,
        url: str,
        options: Mapping[str, str],
        *,
        width: int = 0,
        answer_seconds: float = ANSWER_SECONDS,
        plain_http: bool = False,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            url: the address of the gateway (Okapi or Kong).
            options: ``tenant``; ``service_points``, pairs of a desk and the code or id of its
                service point; ``timezone``.
            width: how many requests go side by side; 0: as many as do no harm.
            answer_seconds: how long FOLIO may take to answer.
            plain_http: whether passwords may go there unencrypted.

        Raises:
            BadAddressError, PlainHttpError: see :class:`offcirc.servers.http.JsonClient`.
        """
        self._tenant = options.get("tenant", "")
        self._session = FolioSession(
            url, self._tenant, answer_seconds=answer_seconds, plain_http=plain_http
        )
        self._named = pairs(options.get("service_points", ""))
        self._width = width
        self._lines = FolioLines(self._session, options.get("timezone", ""))
        self._permissions: frozenset[str] | None = None
        self._points: dict[str, str] = {}
        self._desks: tuple[Desk, ...] = ()

    @property
    def url(self) -> str:
        """Its address."""
        return self._session.url

    @property
    def identity(self) -> str:
        """The tenant at this address: each has a library of its own."""
        return f"folio {self.url} {self._tenant}"

    @property
    def abilities(self) -> Abilities:
        """What it can honour; what it can override is learnt by signing in."""
        mine = self._permissions or frozenset()
        overrides = OVERRIDE_PERMISSIONS["patronBlock"] in mine
        # Without it, what a reader has brought back before decides whether he may borrow.
        carefree = overrides and OVERRIDE_PERMISSIONS["itemLimitBlock"] in mine
        return Abilities(
            keeps_dates=frozenset({Dated.LOANS, Dated.RETURNS}),
            overrides_blocks=overrides,
            dry_run=True,
            look_back=True,
            idempotent_keys=False,
            look_up=True,
            batch_size=BATCH_SIZE,
            width=self._width or (WIDTH if carefree else 1),
            dry_run_size=TRIAL_SIZE,
        )

    def sign_in(self, login: str, password: str) -> Account:
        """Sign in, and learn what the account may do and where."""
        session = self._session
        session.sign_in(login, password)
        reply = session.ask("GET", _SELF)
        # Some FOLIOs do not tell; what is not permitted then shows where it is tried.
        mine = reply.body if reply.status == 200 and isinstance(reply.body, dict) else {}
        names = inner(mine, "permissions").get("permissions")
        if isinstance(names, list):
            found = (
                each if isinstance(each, str) else text(each, "permissionName") for each in names
            )
            self._permissions = frozenset(found)
        self._find_desks()
        person = inner(inner(mine, "user"), "personal")
        name = " ".join(filter(None, (text(person, "firstName"), text(person, "lastName"))))
        points = texts(inner(mine, "servicePointsUser"), "servicePointsIds")
        allowed = tuple(code for code, point in self._points.items() if point in points)
        return Account(login, name, "", allowed)

    def desks(self) -> tuple[Desk, ...]:
        """The service points, by the codes of desks that the settings give them, or their own."""
        return self._desks

    def open_job(self, desk: str, files: Sequence[str]) -> ServerJob:
        """Begin an upload at a desk; FOLIO itself knows of no uploads."""
        self._point(desk)
        now = datetime.now(UTC)
        return ServerJob(f"{uuid.uuid4().hex[:8]}-{desk}", _("Upload"), now, None, 0, 0)

    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        """Send the lines one by one, as far as answers come."""
        desk = job.partition("-")[2]
        known = self._look_first(events)
        answers: list[Answer] = []
        for event in events:
            try:
                answers.append(self._lines.send(event, self._point_of(event, desk), known))
            except (NoAnswerError, NotThisKindOfServerError) as error:
                answers.append(Answer(Outcome.UNKNOWN, error.detail))
                break
            except ServerError as error:
                if not answers:
                    raise
                if isinstance(error, ServerFailedError):
                    answers.append(Answer(Outcome.UNKNOWN, error.detail))
                break
        waiting = Answer(Outcome.TRY_LATER)
        return answers + [waiting] * (len(events) - len(answers))

    def look_back(self, events: Sequence[Event]) -> list[Answer | None]:
        """What became of events, by what their items have become."""
        return self._lines.found(events, set(self._points.values()))

    def dry_run(self, desk: str, events: Sequence[Event]) -> list[Answer]:
        """What would become of these events, one after the other."""
        self._point(desk)
        return run(self._session, self._lines, events)

    def finish_job(self, job: str) -> ServerJob:
        """Nothing is left to be said."""
        return ServerJob(job, _("Upload"), None, datetime.now(UTC), 0, 0)

    def look_up_items(self, barcodes: Sequence[str]) -> list[ItemFound]:
        """What FOLIO knows of these items."""
        return past.look_up_items(self._session, barcodes)

    def look_up_patrons(self, identifiers: Sequence[str]) -> list[PatronFound]:
        """What FOLIO knows of these readers."""
        return past.look_up_patrons(self._session, identifiers)

    def preflight(self, desk: str) -> tuple[PreflightItem, ...]:
        """What a person makes sure of before and after an upload."""
        return (
            PreflightItem(
                "desk",
                _(
                    "The circulation desk is {desk}: its service point is the one at which these"
                    " items were lent and returned. Elsewhere, items go in transit."
                ).format(desk=desk),
            ),
            every_file(),
            hold_shelf(),
        )

    def clock(self) -> datetime | None:
        """What the server's clock showed in its last answer."""
        return self._session.client.clock

    def limits(self) -> tuple[str, ...]:
        """What it, or this account, cannot do."""
        told = [
            _(
                "FOLIO dates renewals itself: a loan to the reader who has the item already gets"
                " the time of the upload."
            )
        ]
        mine = self._permissions
        if mine is None:
            told.append(_("FOLIO does not say which blocks this account may override."))
            return tuple(told)
        missing = [name for name in OVERRIDE_PERMISSIONS.values() if name not in mine]
        if missing:
            told.append(
                _(
                    "This account may not override every block, so some loans of blocked readers"
                    " or items are refused. It would need: {permissions}."
                ).format(permissions=", ".join(missing))
            )
        if _READS_BLOCKS not in mine:
            told.append(
                _("This account may not read readers’ blocks: {permission} is missing.").format(
                    permission=_READS_BLOCKS
                )
            )
        return tuple(told)

    def hang_up(self) -> None:
        """Break every connection."""
        self._session.client.hang_up()

    def close(self) -> None:
        """Let go of the connections and forget the password."""
        self._session.close()

    # -- desks ---------------------------------------------------------------------------------

    def _find_desks(self) -> None:
        rows = list(self._session.records("/service-points", "servicepoints"))
        ids = {text(row, key): text(row, "id") for row in rows for key in ("code", "id")}
        wrong = [code for point, code in self._named.items() if code not in ids]
        if wrong:
            raise UnknownDeskError(self.url, ", ".join(wrong))
        named = {desk: ids[code] for desk, code in self._named.items()}
        own = {text(row, "code"): text(row, "id") for row in rows}
        taken = set(named.values())
        self._points = named | {
            code: point for code, point in own.items() if point not in taken and code not in named
        }
        names = {text(row, "id"): text(row, "name") for row in rows}
        self._desks = tuple(Desk(code, names[one], "") for code, one in self._points.items())

    def _point(self, desk: str) -> str:
        if desk not in self._points:
            raise UnknownDeskError(self.url, desk)
        return self._points[desk]

    def _point_of(self, event: Event, desk: str) -> str:
        """A line of a desk that has no service point goes with the job's."""
        return self._points.get(event.desk) or self._point(desk)

    def _look_first(self, events: Sequence[Event]) -> Mapping[str, past.FolioItem]:
        try:
            return self._lines.begin(events)
        except (NoAnswerError, NotThisKindOfServerError, ServerFailedError) as error:
            # Only a question was lost: nothing has been done.
            raise UnreachableError(self.url, error.detail) from None


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
