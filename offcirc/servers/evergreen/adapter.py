"""The adapter for Evergreen: lines in scripts, processed beside, their exceptions read afterwards.

Each batch of lines is a session of its own with one script. Evergreen has done nothing before it is
told to execute a session, and executes each once; of a session that it has finished it tells what
failed, and the rest was recorded. The description of a session holds marks of its lines, so that
their session is found again by whoever has lost its answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from offcirc.core.opened import Opened
from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.servers.errors import (
    ServerError,
    ServerRefusedError,
    UnknownDeskError,
)
from offcirc.servers.evergreen.desk import EvergreenDesk
from offcirc.servers.evergreen.events import (
    OPEN_CIRCULATION,
    TITLE,
)
from offcirc.servers.evergreen.sessions import EvergreenSessions
from offcirc.servers.http import ANSWER_SECONDS
from offcirc.servers.preflight import every_file
from offcirc.servers.protocol import (
    EVERY_DATE,
    Abilities,
    Account,
    Answer,
    Desk,
    Event,
    ItemFound,
    Outcome,
    PatronFound,
    PreflightItem,
    ServerJob,
)

if TYPE_CHECKING:
    from offcirc.servers.registry import Profile

BATCH_SIZE = 200
"""Lines of one session; each takes a second or two, and progress shows by sessions."""
POLL_SECONDS = 1.0
NO_SESSION = "0_0_0"


class EvergreenServer(Opened):
    """An Evergreen and one of its workstations; see :class:`offcirc.servers.protocol.Server`."""

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """The server that a profile names."""
        return cls(profile.url, profile.options, plain_http=profile.plain_http)

    def __init__(
        self,
        url: str,
        options: Mapping[str, str],
        *,
        batch_size: int = BATCH_SIZE,
        answer_seconds: float = ANSWER_SECONDS,
        poll_seconds: float = POLL_SECONDS,
        plain_http: bool = False,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            url: its address.
            options: ``workstation``, the name of a registered one; ``timezone`` of the desks.
            batch_size: how many lines make a session.
            answer_seconds: how long it may take to answer.
            poll_seconds: how long to wait between two looks at a session.
            plain_http: whether passwords may go there unencrypted.

        Raises:
            BadAddressError, PlainHttpError: see :class:`offcirc.servers.http.JsonClient`.
        """
        self._desk = EvergreenDesk(
            url,
            options.get("workstation", ""),
            answer_seconds=answer_seconds,
            plain_http=plain_http,
        )
        self._sessions = EvergreenSessions(self._desk, options.get("timezone", ""), poll_seconds)
        self._size = batch_size
        self._holders: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Its address."""
        return self._desk.url

    @property
    def identity(self) -> str:
        """Its address: it has no other name for itself."""
        return f"evergreen {self.url}"

    @property
    def abilities(self) -> Abilities:
        """What it can honour."""
        return Abilities(
            keeps_dates=EVERY_DATE,
            overrides_blocks=False,
            dry_run=False,
            look_back=True,
            idempotent_keys=False,
            look_up=False,
            batch_size=self._size,
            width=1,
        )

    def sign_in(self, login: str, password: str) -> Account:
        """Sign in at the workstation, and see that uploads are permitted there."""
        self._desk.sign_in(login, password)
        for action in ("load", "execute", "status"):
            # Of a session that is none: only whether one may do this is learnt.
            self._desk.ask(action, status_type="summary", seskey=NO_SESSION)
        return Account(login, "", "", (self._desk.workstation,))

    def desks(self) -> tuple[Desk, ...]:
        """The workstation: whatever comes through it counts as lent and returned there."""
        workstation = self._desk.workstation
        return (Desk(workstation, workstation, ""),)

    def open_job(self, desk: str, files: Sequence[str]) -> ServerJob:
        """Begin an upload; its sessions are created as lines come."""
        if desk != self._desk.workstation:
            raise UnknownDeskError(self.url, desk)
        return ServerJob(uuid.uuid4().hex[:8], _("Upload"), datetime.now(UTC), None, 0, 0)

    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        """Have the lines processed in one session, and those in another that may be renewals."""
        self._sessions.go_on()
        answers = self._sessions.process(events, self._renewals(events))
        places = self._may_be_renewals(events, answers)
        if places:
            try:
                second = self._sessions.process(
                    [events[place] for place in places], range(len(places))
                )
            except ServerError:
                # Nothing was done; what the first session says still holds.
                second = [answers[place] for place in places]
            for place, answer in zip(places, second, strict=True):
                answers[place] = answer
        for event, answer in zip(events, answers, strict=True):
            self._remember(event, answer)
        return answers

    def look_back(self, events: Sequence[Event]) -> list[Answer | None]:
        """What became of events, by the sessions that hold their marks; the last one counts."""
        return self._sessions.found(events)

    def dry_run(self, desk: str, events: Sequence[Event]) -> list[Answer]:
        """Evergreen has no such thing.

        Raises:
            ServerRefusedError: always.
        """
        raise ServerRefusedError(self.url)

    def finish_job(self, job: str) -> ServerJob:
        """Nothing is left to be said."""
        return ServerJob(job, _("Upload"), None, datetime.now(UTC), 0, 0)

    def look_up_items(self, barcodes: Sequence[str]) -> list[ItemFound]:
        """Evergreen tells nothing of items here.

        Raises:
            ServerRefusedError: always.
        """
        raise ServerRefusedError(self.url)

    def look_up_patrons(self, identifiers: Sequence[str]) -> list[PatronFound]:
        """Evergreen tells nothing of readers here.

        Raises:
            ServerRefusedError: always.
        """
        raise ServerRefusedError(self.url)

    def preflight(self, desk: str) -> tuple[PreflightItem, ...]:
        """What a person makes sure of before and after an upload."""
        return (
            PreflightItem(
                "desk",
                _(
                    "The workstation {desk} belongs to the library at which these items were lent"
                    " and returned. Elsewhere, items go in transit."
                ).format(desk=desk),
            ),
            every_file(),
            PreflightItem(
                "sessions",
                _(
                    "In Evergreen’s list of offline sessions, process none by hand that is called"
                    " {title}: OffCirc does it, or has sent its lines in another one."
                ).format(title=TITLE),
                after=True,
            ),
        )

    def clock(self) -> datetime | None:
        """What the server's clock showed in its last answer."""
        return self._desk.client.clock

    def limits(self) -> tuple[str, ...]:
        """What it cannot do."""
        return (
            _("Evergreen keeps the day of a return; its hour is that of the item’s due date."),
            _(
                "All lines count as recorded at the workstation of the settings, at whatever desk"
                " it was."
            ),
            _("Evergreen cannot say before an upload what it would refuse."),
        )

    def hang_up(self) -> None:
        """Break every connection, and wait no longer for what is being processed."""
        self._sessions.stop()
        self._desk.client.hang_up()

    def close(self) -> None:
        """Let go of the connections and forget the password."""
        self._desk.close()

    # -- renewals ------------------------------------------------------------------------------

    def _renewals(self, events: Sequence[Event]) -> set[int]:
        """The places of loans to readers who have the item by an earlier line."""
        holders = dict(self._holders)
        found = set()
        for place, event in enumerate(events):
            meant = event.operation is Operation.RENEWAL
            if meant or (event.patron and holders.get(event.item) == event.patron):
                found.add(place)
            holders[event.item] = event.patron
        return found

    def _may_be_renewals(self, events: Sequence[Event], answers: Sequence[Answer]) -> list[int]:
        """The places of loans that were refused because the item is out: to this very reader?

        Only where no later line has moved the item on.
        """
        last = {event.item: place for place, event in enumerate(events)}
        return [
            place
            for place, (event, answer) in enumerate(zip(events, answers, strict=True))
            if answer.message.startswith(OPEN_CIRCULATION) and last[event.item] == place
        ]

    def _remember(self, event: Event, answer: Answer) -> None:
        if answer.outcome is Outcome.RECORDED:
            self._holders[event.item] = event.patron
