"""The adapter for the practice server that comes with this program, over its JSON API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from offcirc.core.answers import Note, Reason
from offcirc.core.opened import Opened
from offcirc.i18n import _
from offcirc.servers.almawords import reason
from offcirc.servers.errors import (
    NoAnswerError,
    NotOperatorError,
    NotThisKindOfServerError,
    ServerFailedError,
    ServerRefusedError,
    SessionExpiredError,
    TooManyPasswordsError,
    TryLaterError,
    UnknownDeskError,
    WrongPasswordError,
)
from offcirc.servers.http import ANSWER_SECONDS, JsonClient, Reply
from offcirc.servers.practicewire import registration, transaction
from offcirc.servers.preflight import every_file, hold_shelf
from offcirc.servers.protocol import (
    EVERY_DATE,
    Abilities,
    Account,
    Answer,
    Desk,
    Event,
    HandDeed,
    HandWork,
    ItemFound,
    Outcome,
    PatronFound,
    PreflightItem,
    RegistrationSent,
    RegistrationThere,
    ServerJob,
)
from offcirc.servers.renewing import Renewing
from offcirc.servers.values import moment, number, text, texts

if TYPE_CHECKING:
    from offcirc.servers.registry import Profile

SERVICE = "offcirc-practice"
API = "/api/v1"
BATCH_SIZE = 200
"""The server takes 1000; fewer keep progress and cancelling lively at next to no cost."""
WIDTH = 8
"""It works on one request at a time; the others are on their way meanwhile."""
LARGEST = 1000
"""What the server takes in one look-up or dry run."""

T = TypeVar("T")

_NOTES = {note.value: note for note in Note}
_REASONS = {
    "item-not-found": Reason.ITEM_UNKNOWN,
    "user-not-found": Reason.PATRON_UNKNOWN,
    "not-on-loan": Reason.NOT_ON_LOAN,
    "later-action": Reason.LATER_ACTION,
    "invalid-date": Reason.DATE_REFUSED,
}
_OUTCOMES = {"recorded": Outcome.RECORDED, "rejected": Outcome.REJECTED}


class PracticeServer(Opened):
    """A practice server at an address. Implements :class:`offcirc.servers.protocol.Server`.

    Safe for any number of threads, once it is signed in.

    The password is kept in memory while the server is open, to sign in again when the server has
    forgotten the session (it was restarted, or the evening was long).
    """

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """The server that a profile names."""
        return cls(profile.url, width=profile.width or WIDTH, plain_http=profile.plain_http)

    def __init__(
        self,
        url: str,
        *,
        batch_size: int = BATCH_SIZE,
        width: int = WIDTH,
        answer_seconds: float = ANSWER_SECONDS,
        plain_http: bool = False,
    ) -> None:
        """Prepare; nothing is sent yet.

        Raises:
            BadAddressError: ``url`` is no usable address.
            PlainHttpError: passwords would cross the network unencrypted.
        """
        self._client = JsonClient(url, answer_seconds=answer_seconds, plain_http=plain_http)
        self._credentials: tuple[str, str] | None = None
        self._token: str | None = None
        self._renewing = Renewing(self._client.url)
        self._identity = ""
        self._desks: tuple[str, ...] = ()
        self._abilities = Abilities(
            keeps_dates=EVERY_DATE,
            overrides_blocks=True,
            dry_run=True,
            look_back=True,
            idempotent_keys=True,
            look_up=True,
            batch_size=batch_size,
            width=width,
            dry_run_size=LARGEST,
            practice=True,
        )

    @property
    def url(self) -> str:
        """Its address."""
        return self._client.url

    @property
    def identity(self) -> str:
        """The server's own name for its state, whatever its address.

        A practice library that was begun afresh is another server: nothing is recorded there yet.
        """
        return self._identity or self.url

    @property
    def abilities(self) -> Abilities:
        """What it can honour."""
        return self._abilities

    def sign_in(self, login: str, password: str) -> Account:
        """Make sure that this is a practice server, then sign in."""
        self._recognise()
        self._credentials = (login, password)
        return self._new_session()

    def desks(self) -> tuple[Desk, ...]:
        """Every circulation desk of the server."""
        body = self._done(self._ask("GET", "/desks"))
        return tuple(
            Desk(text(row, "code"), text(row, "name"), text(row, "library"))
            for row in self._rows(body, "desks")
        )

    def open_job(self, desk: str, files: Sequence[str]) -> ServerJob:
        """Announce an upload at a circulation desk."""
        reply = self._ask("POST", "/jobs", {"desk": desk, "files": list(files)})
        return self._job(self._done(reply))

    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        """Record events in this order, in one request."""
        body = {"transactions": [transaction(event, self._desks) for event in events]}
        try:
            reply = self._ask("POST", f"/jobs/{_segment(job)}/transactions", body)
            done = self._done(reply)
            return self._answers(done, events)
        except (NoAnswerError, NotThisKindOfServerError) as error:
            lost = Answer(Outcome.UNKNOWN, error.detail)
            return [lost] * len(events)

    def look_back(self, events: Sequence[Event]) -> list[Answer | None]:
        """What became of events sent earlier."""
        found: list[Answer | None] = []
        for part in _parts(events, LARGEST):
            body = {"keys": [event.key for event in part]}
            done = self._done(self._ask("POST", "/lookup/keys", body))
            rows = self._rows(done, "results", len(part))
            found += [
                None if text(row, "status") == "absent" else self._answer(row) for row in rows
            ]
        return found

    def dry_run(self, desk: str, events: Sequence[Event]) -> list[Answer]:
        """What would become of these events, one after the other."""
        body = {
            "desk": desk,
            "transactions": [transaction(event, self._desks) for event in events],
        }
        return self._answers(self._done(self._ask("POST", "/dry-run", body)), events)

    def finish_job(self, job: str) -> ServerJob:
        """Say that the upload is complete."""
        return self._job(self._done(self._ask("POST", f"/jobs/{_segment(job)}/finish", {})))

    def look_up_items(self, barcodes: Sequence[str]) -> list[ItemFound]:
        """What the server knows of these items."""
        return [
            ItemFound(
                text(row, "barcode"),
                row.get("found") is True,
                text(row, "title"),
                text(row, "library"),
                text(row, "status"),
                moment(row, "due_at"),
                text(row, "status") == "on-loan" if row.get("found") is True else None,
                patron=text(row, "loaned_to"),
                lent_at=_there(moment(row, "loaned_at")),
                loanable=not row["excluded"] if "excluded" in row else None,
                requested=row["requested"] is True if "requested" in row else None,
            )
            for row in self._looked_up("items", "barcodes", barcodes)
        ]

    def look_up_patrons(self, identifiers: Sequence[str]) -> list[PatronFound]:
        """What the server knows of these readers."""
        return [
            PatronFound(
                text(row, "identifier"),
                row.get("found") is True,
                text(row, "name"),
                text(row, "group"),
                text(row, "expires_on"),
                texts(row, "blocks"),
                number(row, "loans"),
                known_as=tuple(filter(None, (text(row, "barcode"), text(row, "primary_id")))),
            )
            for row in self._looked_up("patrons", "identifiers", identifiers)
        ]

    def item_work(self, barcodes: Sequence[str]) -> list[HandWork]:
        """What was done by hand about these items."""
        return self._work("items", "barcodes", barcodes)

    def patron_work(self, identifiers: Sequence[str]) -> list[HandWork]:
        """What was done by hand about these readers."""
        return self._work("patrons", "identifiers", identifiers)

    def _work(self, what: str, asked: str, values: Sequence[str]) -> list[HandWork]:
        found: list[HandWork] = []
        for part in _parts(values, LARGEST):
            done = self._done(self._ask("POST", f"/lookup/{what}/deeds", {asked: list(part)}))
            found += [
                HandWork(
                    self.url + text(row, "page"),
                    tuple(
                        HandDeed(text(deed, "kind"), text(deed, "who"), _there(moment(deed, "at")))
                        for deed in self._rows(row, "deeds")
                    ),
                )
                for row in self._rows(done, "deeds", len(part))
            ]
        return found

    def register(self, registrations: Sequence[RegistrationSent]) -> list[RegistrationThere]:
        """Put registrations on the list of those to validate, each once."""
        found: list[RegistrationThere] = []
        for part in _parts(registrations, LARGEST):
            body = {"registrations": [registration(each) for each in part]}
            done = self._done(self._ask("POST", "/registrations", body))
            found += [
                RegistrationThere(text(row, "status"), text(row, "real_card"), text(row, "who"))
                for row in self._rows(done, "registrations", len(part))
            ]
        return found

    def export(self, what: str) -> Iterator[Mapping[str, Any]]:
        """All ``patrons`` or all ``items``, as the service tells them."""
        start: int | None = 0
        while start is not None:
            body = self._done(self._ask("GET", f"/export/{what}/{start}"))
            yield from self._rows(body, what)
            more = body.get("next")
            start = more if isinstance(more, int) and more > start else None

    def policy_text(self) -> tuple[str, datetime | None]:
        """The library's rules as a policy.toml, and the server's time."""
        body = self._done(self._ask("GET", "/export/policy"))
        return text(body, "policy"), moment(body, "time")

    def preflight(self, desk: str) -> tuple[PreflightItem, ...]:
        """What a person makes sure of before an upload."""
        return (
            PreflightItem(
                "desk",
                _(
                    "The circulation desk is {desk}: it is the one at which these items were lent"
                    " and returned. Elsewhere, items go in transit."
                ).format(desk=desk),
            ),
            every_file(),
            hold_shelf(),
        )

    def clock(self) -> datetime | None:
        """What the server's clock showed in its last answer."""
        return self._client.clock

    def limits(self) -> tuple[str, ...]:
        """It can do everything."""
        return ()

    def hang_up(self) -> None:
        """Break every connection."""
        self._client.hang_up()

    def close(self) -> None:
        """Let go of the connections and forget the password."""
        self._credentials = None
        self._client.close()

    # -- asking ------------------------------------------------------------------------------

    def _recognise(self) -> None:
        reply = self._client.ask("GET", f"{API}/health")
        if reply.status == 429 or reply.status >= 500:
            self._done(reply)
        body = reply.body
        if not isinstance(body, dict) or body.get("service") != SERVICE:
            raise NotThisKindOfServerError(self.url)
        own = text(body, "identity")
        self._identity = f"{SERVICE} {own}" if own else f"{self.url} {text(body, 'library')}"

    def _new_session(self) -> Account:
        if self._credentials is None:
            raise SessionExpiredError(self.url)
        login, password = self._credentials
        reply = self._client.ask("POST", f"{API}/session", {"login": login, "password": password})
        if reply.status == 401:
            raise WrongPasswordError(self.url)
        if reply.error_code == "too-many-passwords":
            raise TooManyPasswordsError(self.url, retry_after=reply.retry_after)
        body = self._done(reply)
        token = text(body, "token")
        if not token:
            raise NotThisKindOfServerError(self.url)
        self._token = token
        self._desks = texts(body, "desks")
        return Account(text(body, "login"), text(body, "name"), text(body, "role"), self._desks)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Reply:
        """Ask; when the session has expired (nothing was done then), sign in again, ask again."""
        renewed = False
        while True:
            token = self._token
            reply = self._client.ask(method, API + path, body, token=token)
            if reply.status != 401:
                return reply
            if renewed:
                raise SessionExpiredError(self.url)
            renewed = self._renewing.renewed(partial(self._is_token, token), self._new_session)

    def _is_token(self, token: str | None) -> bool:
        return self._token == token

    def _done(self, reply: Reply) -> dict[str, Any]:
        """The body of an answer that says that the request was done.

        Raises:
            ServerError: it says anything else.
        """
        if 200 <= reply.status < 300:
            if not isinstance(reply.body, dict):
                raise NotThisKindOfServerError(self.url)
            return reply.body
        code, detail = reply.error_code, reply.error_message
        if reply.status in (429, 503):
            raise TryLaterError(self.url, detail, reply.retry_after)
        if reply.status >= 500:
            raise ServerFailedError(self.url, detail)
        if reply.status == 403:
            raise NotOperatorError(self.url, detail)
        if code == "unknown-desk":
            raise UnknownDeskError(self.url, detail)
        if not code:
            raise NotThisKindOfServerError(self.url)
        raise ServerRefusedError(self.url, detail, reply.status, code)

    # -- reading answers ---------------------------------------------------------------------

    def _answers(self, body: Mapping[str, Any], events: Sequence[Event]) -> list[Answer]:
        rows = self._rows(body, "results", len(events))
        for row, event in zip(rows, events, strict=True):
            # An answer to another question says nothing about this one.
            if row.get("key") != event.key:
                raise NoAnswerError(self.url, "answers do not match")
        return [self._answer(row) for row in rows]

    def _answer(self, row: Mapping[str, Any]) -> Answer:
        outcome = _OUTCOMES.get(text(row, "status"))
        if outcome is None:
            return Answer(Outcome.UNKNOWN, text(row, "message"))
        return Answer(
            outcome,
            text(row, "message"),
            replayed=row.get("replayed") is True,
            due_at=moment(row, "due_at"),
            notes=tuple(_NOTES[note] for note in texts(row, "notes") if note in _NOTES),
            alike=row.get("alike") is True,
            # The message tells what a server of an earlier version has no code for.
            reason=_REASONS.get(text(row, "code")) or reason(text(row, "message")),
        )

    def _rows(
        self, body: Mapping[str, Any], name: str, count: int | None = None
    ) -> list[dict[str, Any]]:
        rows = body.get(name)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise NotThisKindOfServerError(self.url)
        if count is not None and len(rows) != count:
            raise NoAnswerError(self.url, "wrong number of answers")
        return rows

    def _looked_up(self, what: str, asked: str, values: Sequence[str]) -> Iterable[dict[str, Any]]:
        for part in _parts(values, LARGEST):
            done = self._done(self._ask("POST", f"/lookup/{what}", {asked: list(part)}))
            yield from self._rows(done, what, len(part))

    def _job(self, body: Mapping[str, Any]) -> ServerJob:
        identifier = text(body, "id")
        if not identifier:
            raise NotThisKindOfServerError(self.url)
        return ServerJob(
            identifier,
            text(body, "name"),
            moment(body, "started_at"),
            moment(body, "finished_at"),
            number(body, "records_processed"),
            number(body, "records_with_exceptions"),
        )


def _there(at: datetime | None) -> datetime | None:
    """A moment by the library's clock, as files state theirs."""
    return at.replace(tzinfo=None) if at is not None else None


def _segment(job: str) -> str:
    """A job's id as a part of a path: digits, so that nothing else can slip into the URL."""
    return "".join(character for character in job if character.isalnum() or character in "-_")


def _parts(values: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
