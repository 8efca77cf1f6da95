"""The adapter for Koha: loans and returns one by one to its offline service.

Koha's *Success.* says little: it lends to blocked readers, ends the loans of others, and a loan
sent twice is a renewal. So everything is looked up beforehand where Koha can be asked, and what
became of a line whose answer was lost is read from its loans, never sent again blindly.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from offcirc.core.answers import Note, Reason
from offcirc.core.opened import Opened
from offcirc.i18n import _
from offcirc.servers import passwordstore
from offcirc.servers.errors import (
    NoAnswerError,
    NotAllowedError,
    NotStaffError,
    NotThisKindOfServerError,
    ServerError,
    ServerFailedError,
    UnreachableError,
)
from offcirc.servers.http import ANSWER_SECONDS, JsonClient, TextReply
from offcirc.servers.koha import settling
from offcirc.servers.koha.rest import KohaRest
from offcirc.servers.koha.session import KohaSession, pass_on
from offcirc.servers.koha.settling import settle
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
    Server,
    ServerJob,
)
from offcirc.servers.settling import Before, seen

if TYPE_CHECKING:
    from offcirc.servers.registry import Profile

WIDTH = 4
"""A line takes Koha some 100 ms, and it has a few workers."""
FRESH = 300.0
"""Seconds within which nobody undoes at a live desk what was just recorded."""
QUEUED_BARCODE, QUEUED_CARD = 20, 32
"""Characters that Koha's queue keeps; it cuts off the rest without a word."""
_BROKEN = "Software error"
"""What Koha's own page for a line that it breaks down on is called."""

_ANSWERS = {
    "Success.": Answer(Outcome.RECORDED),
    "Added.": Answer(Outcome.RECORDED, notes=(Note.AWAITS_REVIEW,)),
    "Barcode not found.": Answer(Outcome.REJECTED, reason=Reason.ITEM_UNKNOWN),
    "Item not found.": Answer(Outcome.REJECTED, reason=Reason.ITEM_UNKNOWN),
    "Borrower not found.": Answer(Outcome.REJECTED, reason=Reason.PATRON_UNKNOWN),
    "Item not issued.": Answer(Outcome.REJECTED, reason=Reason.NOT_ON_LOAN),
}


class KohaServer(Opened):
    """A Koha at the address of its staff interface. See :class:`offcirc.servers.protocol.Server`.

    The password is kept in memory while the server is open.
    """

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """The server that a profile names."""
        return cls(
            profile.url,
            width=profile.width or WIDTH,
            plain_http=profile.plain_http,
            queue=profile.options.get("queue") == "true",
            client_id=profile.options.get("client", ""),
            helper=profile.open_helper if profile.helper is not None else None,
            desk=profile.desk,
        )

    def __init__(
        self,
        url: str,
        *,
        width: int = WIDTH,
        answer_seconds: float = ANSWER_SECONDS,
        plain_http: bool = False,
        queue: bool = False,
        client_id: str = "",
        helper: Callable[[], Server] | None = None,
        desk: str = "",
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            url: the address of the staff interface.
            width: requests side by side.
            answer_seconds: how long an answer may take.
            plain_http: whether passwords may cross the network unencrypted.
            queue: lines go to Koha's list of pending operations, for a person to process.
            client_id: the OAuth2 client to look up with; empty to do so as who signs in.
            helper: opens and signs in a server that looks up where Koha's REST API does not.
            desk: the code of the library to upload at, where Koha does not tell its libraries.

        Raises:
            BadAddressError: ``url`` is no usable address.
            PlainHttpError: passwords would cross the network unencrypted.
        """
        self._client = JsonClient(url, answer_seconds=answer_seconds, plain_http=plain_http)
        self._session = KohaSession(self._client)
        self._rest = KohaRest(self._client, client_id, lambda: self._session.cookie)
        self._client_id = client_id
        self._open_helper = helper
        self._helper: Server | None = None
        self._width = width
        self._queue = queue
        self._desk = desk
        self._rest_state = "absent"
        self._staff_known = True
        self._sent: dict[str, float] = {}
        self._before: dict[str, Before] = {}

    @property
    def url(self) -> str:
        """The address of its staff interface."""
        return self._client.url

    @property
    def identity(self) -> str:
        """Koha has no name of its own for its database: its address tells it apart."""
        return f"koha {self.url}"

    @property
    def abilities(self) -> Abilities:
        """What it can honour; what can be looked up is known once somebody has signed in."""
        rest = not self._rest_state
        asked = rest or self._helper is not None
        return Abilities(
            keeps_dates=EVERY_DATE,
            overrides_blocks=True,
            dry_run=False,
            look_back=asked and not self._queue,
            idempotent_keys=False,
            look_up=asked,
            batch_size=1,
            width=self._width,
        )

    def sign_in(self, login: str, password: str) -> Account:
        """Sign in, make sure that it is staff, and find out what may be looked up."""
        self._session.open(login, password)
        self._rest_state = self._rest.open(login, password, self._secret())
        self._refuse_patrons()
        if self._rest_state and self._open_helper is not None and self._helper is None:
            # What is wrong with it is said: without it, lost lines would be given up.
            self._helper = self._open_helper()
        return Account(login, login, "", tuple(desk.code for desk in self.desks()))

    def desks(self) -> tuple[Desk, ...]:
        """The libraries of the server; the one that the settings name where it does not tell."""
        if not self._rest_state:
            try:
                return self._rest.desks()
            except (NotAllowedError, NotThisKindOfServerError):
                pass
        return (Desk(self._desk, self._desk, ""),) if self._desk else ()

    def open_job(self, desk: str, files: Sequence[str]) -> ServerJob:
        """Koha knows no jobs: nothing is sent, and the id tells the library, when resumed too."""
        now = datetime.now(UTC)
        return ServerJob(f"{desk} {now:%Y%m%d-%H%M%S}", "", None, None, 0, 0)

    def finish_job(self, job: str) -> ServerJob:
        """Koha knows no jobs: nothing is sent."""
        return ServerJob(job, "", None, None, 0, 0)

    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        """Record one event."""
        [event] = events
        if self._queue and (too_long := _too_long(event)):
            return [Answer(Outcome.REJECTED, too_long)]
        self._look_first(event)
        self._sent[event.key] = time.monotonic()
        desk = event.desk or job.rpartition(" ")[0]
        try:
            reply = self._session.post(_line(event, desk, queue=self._queue))
        except (NoAnswerError, NotThisKindOfServerError) as error:
            return [Answer(Outcome.UNKNOWN, error.detail)]
        return [self._answer(reply, event)]

    def look_back(self, events: Sequence[Event]) -> list[Answer | None]:
        """What became of events sent earlier, by the loans that Koha has now."""
        if self._rest_state:
            return settling.look_back(self._helped(), events, self._before, self._is_fresh)
        return self._session.looked(lambda: self._settled(events))

    def _look_first(self, event: Event) -> None:
        """Without a history, only what was so before tells a renewal that was not done.

        Raises:
            UnreachableError: no answer; the line was not sent.
        """
        if self._helper is None or self._queue:
            return
        try:
            self._before[event.key] = seen(self._helper, event)
        except NoAnswerError as error:
            raise UnreachableError(self._helper.url, error.detail) from None

    def _settled(self, events: Sequence[Event]) -> list[Answer | None]:
        items, patrons = self._rest.numbers(
            [event.item for event in events], [event.patron for event in events if event.patron]
        )
        current, past = self._rest.current(items.values()), self._rest.past(items.values())
        found: list[Answer | None] = []
        for event in events:
            item = items.get(event.item.strip().casefold())
            patron = patrons.get(event.patron.strip().casefold(), 0)
            if item is None or (event.operation.lends and not patron):
                found.append(None)  # Koha has refused it, and will again
            else:
                found.append(settle(event, patron, current.get(item), past.get(item, ())))
        return found

    def dry_run(self, desk: str, events: Sequence[Event]) -> list[Answer]:
        """Not possible: nobody asks, see :attr:`abilities`."""
        raise NotAllowedError(self.url)

    def look_up_items(self, barcodes: Sequence[str]) -> list[ItemFound]:
        """What the server knows of these items."""
        if self._rest_state:
            return self._helped().look_up_items(barcodes)
        return self._session.looked(lambda: self._rest.items(barcodes))

    def look_up_patrons(self, identifiers: Sequence[str]) -> list[PatronFound]:
        """What the server knows of these readers."""
        if self._rest_state:
            return self._helped().look_up_patrons(identifiers)
        return self._session.looked(lambda: self._rest.patrons(identifiers))

    def preflight(self, desk: str) -> tuple[PreflightItem, ...]:
        """What a person makes sure of."""
        told = [
            PreflightItem(
                "desk",
                _(
                    "Koha records loans at the library of the account that signs in, whatever the"
                    " circulation desk: sign in with an account of {desk}."
                ).format(desk=desk),
            ),
            PreflightItem(
                "files",
                _("The files of every desk PC are there: one order is only right if it is whole."),
            ),
            PreflightItem(
                "hold-shelf",
                _(
                    "Check in once more, in Koha, each returned item that a reader has requested:"
                    " Koha’s offline service looks at neither holds nor fines."
                ),
                after=True,
            ),
        ]
        if self._queue:
            told.append(
                PreflightItem(
                    "queue",
                    _(
                        "Process the list of pending offline operations in Koha (Circulation):"
                        " until then nothing is recorded."
                    ),
                    after=True,
                )
            )
        return tuple(told)

    def clock(self) -> datetime | None:
        """What the server's clock showed in its last answer."""
        return self._client.clock

    def limits(self) -> tuple[str, ...]:
        """What it, or this account, cannot do."""
        told = [_("It records loans to blocked readers without a word.")]
        if self._queue:
            told.append(_("Lines wait in its list of pending operations until somebody acts."))
        if not self._staff_known:
            told.append(_("It does not tell whether this account is one of staff or a reader’s."))
        if not self._rest_state:
            return tuple(told)
        if self._helper is not None:
            told.append(_("Items and readers are looked up at {url}.").format(url=self._helper.url))
            return tuple(told)
        why = {
            "absent": _("its REST API does not answer"),
            "permission": _("this account may not look up items, patrons and checkouts"),
            "old": _("its REST API is too old"),
        }
        text = _(
            "Items and readers cannot be looked up ({why}): nothing is known before sending, and a"
            " line whose answer is lost stays unknown."
        )
        told.append(text.format(why=why[self._rest_state]))
        return tuple(told)

    def hang_up(self) -> None:
        """Break every connection."""
        self._client.hang_up()
        if self._helper is not None:
            self._helper.hang_up()

    def close(self) -> None:
        """Let go of the connections and forget the password."""
        self._session.forget()
        self._client.close()
        if self._helper is not None:
            self._helper.close()

    # -- signing in ------------------------------------------------------------------------------

    def _refuse_patrons(self) -> None:
        """The offline service takes any account, a reader’s too: the page of its queue does not.

        Raises:
            NotStaffError: this account is not one of staff that may lend.
        """
        session = self._session
        if not self._rest_state and not self._client_id:
            return  # no reader may look up others
        if session.shut_out:
            if session.token and self._rest_state != "permission":
                return  # signing in by token asks for a permission that no reader has
            raise NotStaffError(self.url)
        self._staff_known = session.page is not None and session.page.status == 200

    def _secret(self) -> str:
        """That of the OAuth2 client; empty if there is none, and REST then says so."""
        if not self._client_id:
            return ""
        kept = passwordstore.kept_if_any(self.url, self._client_id)
        return os.environ.get("OFFCIRC_CLIENT_SECRET", "") or kept

    # -- reading answers -------------------------------------------------------------------------

    def _answer(self, reply: TextReply, event: Event) -> Answer:
        """What Koha says of a line.

        Raises:
            ServerError: it says nothing about the line.
        """
        pass_on(reply, self.url, broken=False)
        said = reply.text.strip()
        if reply.status == 200 and said in _ANSWERS:
            known = _ANSWERS[said]
            message = "" if known.outcome is Outcome.RECORDED else said
            return Answer(known.outcome, message, reason=known.reason, notes=known.notes)
        if reply.status == 500 and _BROKEN in reply.text:
            return self._broken(event)
        if reply.status >= 500:
            raise ServerFailedError(self.url)
        return Answer(Outcome.UNKNOWN)

    def _broken(self, event: Event) -> Answer:
        """Koha broke down on this line, perhaps after it had recorded it; it goes on with others.

        Where nobody can be asked, the line stays unknown.
        """
        unknown = Answer(Outcome.UNKNOWN, _BROKEN)
        if not self.abilities.look_back:
            return unknown
        try:
            [found] = self.look_back([event])
        except ServerError:
            return unknown
        return found or Answer(Outcome.REJECTED, _BROKEN)

    def _is_fresh(self, event: Event) -> bool:
        return time.monotonic() - self._sent.get(event.key, -FRESH) < FRESH

    def _helped(self) -> Server:
        if self._helper is None:
            raise NotAllowedError(self.url)
        return self._helper


def _line(event: Event, branch: str, *, queue: bool) -> dict[str, str]:
    """An event as the service reads it: UTC, and a blank before the time of day.

    Older versions lose the time of day behind any other sign, newer ones refuse fractions.
    """
    form = {
        "action": "issue" if event.operation.lends else "return",
        "timestamp": f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "barcode": event.item,
        "branchcode": branch,
        "pending": "true" if queue else "false",
    }
    if event.operation.lends:
        form["cardnumber"] = event.patron
    return form


def _too_long(event: Event) -> str:
    if len(event.item) > QUEUED_BARCODE or len(event.patron) > QUEUED_CARD:
        return _(
            "Koha’s list of pending operations would cut this barcode or card off: upload it"
            " without the list, or record it by hand."
        )
    return ""
