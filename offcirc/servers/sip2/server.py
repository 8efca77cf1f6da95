"""The adapter for systems that speak SIP2, the protocol of self-check machines.

It is made for readers at a machine, now: loans are dated by the system's clock, there is no trial,
and a loan that comes twice is a renewal. So an item is asked about before each line, which makes it
possible to tell afterwards what became of a line whose answer was lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from offcirc.core.answers import Note, Reason
from offcirc.i18n import _
from offcirc.servers.errors import NoAnswerError, NotAllowedError, UnreachableError
from offcirc.servers.http import ANSWER_SECONDS
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
from offcirc.servers.settling import Before, seen, settle
from offcirc.servers.sip2 import codec, meanings, wires
from offcirc.servers.sip2.codec import CannotSayError, SipMessage
from offcirc.servers.sip2.talk import Talk

if TYPE_CHECKING:
    from offcirc.servers.registry import Profile

DESK = "SIP2"
"""What the one desk is called where neither the settings nor the system name it."""
_LOANS_LISTED = "  Y       "
_BLANK = " " * 18


class Sip2Server:
    """A library system at an address such as ``sip2s://host:6443``.

    See :class:`offcirc.servers.protocol.Server`. The password is kept in memory while the server
    is open: systems close connections, and want it again.
    """

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """The server that a profile names."""
        return cls(
            profile.url, options=profile.options, desk=profile.desk, plain=profile.plain_http
        )

    def __init__(
        self,
        url: str,
        *,
        options: Mapping[str, str] | None = None,
        desk: str = "",
        answer_seconds: float = ANSWER_SECONDS,
        plain: bool = False,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            url: the address.
            options: ``charset``, ``institution``, ``return_dates``, ``database`` where they
                are needed.
            desk: the code of the circulation desk.
            answer_seconds: how long an answer may take.
            plain: whether passwords may cross the network unencrypted.

        Raises:
            BadAddressError: ``url`` is no usable address.
            PlainHttpError: passwords would cross the network unencrypted.
        """
        own = options or {}
        self._url = wires.normalised(url)
        self._wire = wires.wire_to(
            self._url, plain=plain, seconds=answer_seconds, database=own.get("database", "")
        )
        self._talk = Talk(self._url, self._wire, charset=own.get("charset") or codec.CHARSETS[-1])
        self._institution = own.get("institution", "")
        self._desk = desk
        # PMB, which speaks it over the web, stamps returns too.
        pmb = self._url.startswith(wires.WEB)
        self._barred_at = meanings.BARRED_AT_PMB if pmb else meanings.BARRED_AT
        kept = own.get("return_dates") != "false" and not pmb
        self._abilities = Abilities(
            keeps_dates=frozenset({Dated.RETURNS}) if kept else frozenset(),
            overrides_blocks=False,
            dry_run=False,
            look_back=True,
            idempotent_keys=False,
            look_up=True,
            batch_size=1,
            width=1,
        )
        self._before: dict[str, Before] = {}
        self._desks_of: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Its address."""
        return self._url

    @property
    def identity(self) -> str:
        """SIP2 has no name for a database: address and institution tell it apart."""
        return f"sip2 {self._url} {self._institution}".rstrip()

    @property
    def abilities(self) -> Abilities:
        """What it can honour."""
        return self._abilities

    def sign_in(self, login: str, password: str) -> Account:
        """Sign in (93) and ask for the system's state (99)."""
        self._talk.sign_in(login, password, self._desk)
        return Account(login, login, "", tuple(desk.code for desk in self.desks()))

    def desks(self) -> tuple[Desk, ...]:
        """The one desk: SIP2 does not tell others."""
        name = self._talk.status.first("AM") if self._talk.status is not None else ""
        code = self._desk or self._institution or DESK
        return (Desk(code, name or code, name),)

    def open_job(self, desk: str, files: Sequence[str]) -> ServerJob:
        """SIP2 knows no jobs: nothing is sent."""
        job = str(len(self._desks_of) + 1)
        self._desks_of[job] = desk
        return ServerJob(job, "", None, None, 0, 0)

    def finish_job(self, job: str) -> ServerJob:
        """SIP2 knows no jobs: nothing is sent."""
        return ServerJob(job, "", None, None, 0, 0)

    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        """Record one event, after a look at its item."""
        [event] = events
        self._before[event.key] = before = self._seen(event)
        try:
            answer = self._send(event, event.desk or self._desks_of.get(job, ""))
        except NoAnswerError as error:
            return [Answer(Outcome.UNKNOWN, error.detail)]
        except CannotSayError:
            why = _("SIP2 cannot carry a character of this line: record it by hand.")
            return [Answer(Outcome.REJECTED, why)]
        judged = self._judged(event, before, answer)
        if judged.outcome is not Outcome.UNKNOWN:
            del self._before[event.key]
        return [judged]

    def _seen(self, event: Event) -> Before:
        """What is known of a line's item before the line is sent.

        Raises:
            UnreachableError: no answer; nothing was sent that changes anything.
        """
        try:
            return seen(self, event)
        except NoAnswerError as error:
            raise UnreachableError(self.url, error.detail) from None

    def _send(self, event: Event, desk: str) -> SipMessage:
        at = codec.moment(event.at)
        common = [("AO", self._institution), ("AB", event.item), ("AC", "")]
        if event.operation.lends:
            fixed = {"renewal_policy": "Y", "no_block": "Y", "date": at, "due": _BLANK}
            return self._talk.ask("11", fixed, [("AA", event.patron), *common, ("BI", "N")])
        fixed = {"no_block": "Y", "date": at, "return_date": at}
        return self._talk.ask("09", fixed, [("AP", desk), *common, ("BI", "N")])

    def _judged(self, event: Event, before: Before, answer: SipMessage) -> Answer:
        said = meanings.screen(answer)
        echoed = answer.first("AB").strip()
        if echoed and echoed.casefold() != event.item.strip().casefold():
            return Answer(Outcome.UNKNOWN, said)
        if answer.fixed["ok"] not in ("1", "Y"):
            why = meanings.reason(answer)
            if why is Reason.OTHER and not before.item.found:
                why = Reason.ITEM_UNKNOWN
            return Answer(Outcome.REJECTED, said, reason=why)
        return self._dated(
            event,
            Answer(
                Outcome.RECORDED,
                due_at=codec.read_moment(answer.first("AH")),
                notes=(*meanings.notes(answer), *((Note.RENEWAL,) if before.mine else ())),
            ),
        )

    def _dated(self, event: Event, answer: Answer) -> Answer:
        """An answer, with a note where the system has used its own clock."""
        kind = Dated.LOANS if event.operation.lends else Dated.RETURNS
        if kind in self._abilities.keeps_dates or answer.outcome is not Outcome.RECORDED:
            return answer
        return replace(answer, notes=(*answer.notes, Note.DATE_NOT_KEPT))

    def look_back(self, events: Sequence[Event]) -> list[Answer | None]:
        """What became of events sent earlier, by the loans that the system has now."""
        found: list[Answer | None] = []
        for event in events:
            [item] = self.look_up_items([event.item])
            loan = event.operation.lends
            patron = self.look_up_patrons([event.patron])[0] if loan else None
            one = settle(event, self._before.get(event.key), item, patron)
            found.append(None if one is None else self._dated(event, one))
        return found

    def dry_run(self, desk: str, events: Sequence[Event]) -> list[Answer]:
        """Not possible: nobody asks, see :attr:`abilities`."""
        raise NotAllowedError(self.url)

    def look_up_items(self, barcodes: Sequence[str]) -> list[ItemFound]:
        """What the server knows of these items (17)."""
        return [self._item(barcode) for barcode in barcodes]

    def _item(self, barcode: str) -> ItemFound:
        fields = [("AO", self._institution), ("AB", barcode), ("AC", "")]
        try:
            answer = self._asked("17", {"date": _now()}, fields)
        except CannotSayError:
            return ItemFound(barcode, False)
        return meanings.item(barcode, answer)

    def look_up_patrons(self, identifiers: Sequence[str]) -> list[PatronFound]:
        """What the server knows of these readers (63)."""
        return [self._patron(identifier) for identifier in identifiers]

    def _patron(self, identifier: str) -> PatronFound:
        fixed = {"language": "000", "date": _now(), "summary": _LOANS_LISTED}
        fields = [("AO", self._institution), ("AA", identifier), ("AC", ""), ("AD", "")]
        try:
            answer = self._asked("63", fixed, fields)
            return meanings.patron(identifier, answer, self._barred_at)
        except CannotSayError:
            return PatronFound(identifier, False)

    def _asked(
        self, code: str, fixed: Mapping[str, str], fields: Sequence[tuple[str, str]]
    ) -> SipMessage:
        """Ask something that changes nothing: after silence, once more over a new connection."""
        with suppress(NoAnswerError):
            return self._talk.ask(code, fixed, fields)
        return self._talk.ask(code, fixed, fields)

    def preflight(self, desk: str) -> tuple[PreflightItem, ...]:
        """What a person makes sure of."""
        return (
            PreflightItem(
                "files",
                _("The files of every desk PC are there: one order is only right if it is whole."),
            ),
            PreflightItem(
                "hold-shelf",
                _("Scan once more each returned item that a reader has requested."),
                after=True,
            ),
        )

    def clock(self) -> datetime | None:
        """What the server's clock showed when it was signed in on."""
        shown = self._talk.clock
        with suppress(OverflowError, OSError):
            return shown.astimezone() if shown is not None else None
        return None

    def limits(self) -> tuple[str, ...]:
        """What it cannot do."""
        told = [
            _("It may refuse loans to blocked readers: over SIP2 nothing is sure to override that.")
        ]
        status = self._talk.status
        names = " ".join((self._url, *(status.all("AM") if status else ()))).casefold()
        if "exlibris" in names or "alma" in names:
            told.append(
                _(
                    "Ex Libris allows SIP2 with Alma for self-check machines only: upload files to"
                    " Alma instead."
                )
            )
        if status is not None and "N" in (status.fixed["checkout_ok"], status.fixed["checkin_ok"]):
            told.append(_("It says that it takes no loans or no returns now."))
        return tuple(told)

    def hang_up(self) -> None:
        """Break the connection."""
        self._wire.hang_up()

    def close(self) -> None:
        """Let go of the connection and forget the password."""
        self._talk.forget()

    def __enter__(self) -> Self:
        """The server itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()


def _now() -> str:
    return codec.moment(datetime.now())  # noqa: DTZ005 - the protocol's time is the library's own
