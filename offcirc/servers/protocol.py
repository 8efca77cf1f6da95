"""What this program asks of a library system; every adapter in this room implements it.

An adapter is used by up to ``abilities.width`` threads at once, after one has signed in. All it
raises is a :class:`offcirc.servers.errors.ServerError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from offcirc.core.answers import Note, Reason
from offcirc.core.registration import Registration
from offcirc.core.transaction import Operation


class Dated(StrEnum):
    """What may be recorded at the time when it happened."""

    LOANS = "loans"
    RETURNS = "returns"
    RENEWALS = "renewals"


EVERY_DATE = frozenset(Dated)


class Outcome(StrEnum):
    """What became of one line."""

    RECORDED = "recorded"
    """The server has applied it."""
    REJECTED = "rejected"
    """The server has judged it and says no; its message tells why."""
    TRY_LATER = "try-later"
    """The server has done nothing and asks to wait."""
    UNKNOWN = "unknown"
    """It was sent, but what became of it is not known."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a library system can honour.

    Attributes:
        keeps_dates: what gets the time at which it was recorded, not that of the upload.
        overrides_blocks: loans to blocked readers are recorded all the same.
        dry_run: it can say what it would do without doing it.
        look_back: it can be asked later what became of a transaction.
        idempotent_keys: the same key twice is applied once and answered the same.
        look_up: it can be asked about items and readers.
        batch_size: how many transactions it takes in one request, in order; 1 if only single ones.
        width: how many requests it bears side by side. Lines that share an item or a reader never
            travel side by side. A system that judges a loan by what its reader has brought back
            before, of items lent before the outage, answers 1: no file tells who had those.
        dry_run_size: how many transactions one dry run takes; what it says of a transaction takes
            those before it in the same request into account, and no others.
        practice: nothing real is behind it: what desks record in practice may go there.
    """

    keeps_dates: frozenset[Dated]
    overrides_blocks: bool
    dry_run: bool
    look_back: bool
    idempotent_keys: bool
    look_up: bool
    batch_size: int
    width: int
    dry_run_size: int = 1
    practice: bool = False


@dataclass(frozen=True, slots=True)
class HandDeed:
    """Something that a person did by hand at the server.

    Attributes:
        kind: ``note``, ``due-changed``, ``second-scan`` or ``validated``.
        who: the person's name, as the server has it.
        at: by the server's clock, naive local time; ``None`` when it was not told.
    """

    kind: str
    who: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class HandWork:
    """Where a person works on an item or a reader, and what has been done there."""

    page: str
    deeds: tuple[HandDeed, ...]


@runtime_checkable
class TellsHandWork(Protocol):
    """A server that tells what people did by hand."""

    def item_work(self, barcodes: Sequence[str]) -> list[HandWork]:
        """What was done about these items."""

    def patron_work(self, identifiers: Sequence[str]) -> list[HandWork]:
        """What was done about these readers."""


@dataclass(frozen=True, slots=True)
class RegistrationSent:
    """A registration as it is sent.

    Attributes:
        about: what was written down.
        status: what was decided here: ``pending``, ``validated`` or ``refused``.
        real_card: with ``validated``, the reader's.
    """

    about: Registration
    status: str = "pending"
    real_card: str = ""


@dataclass(frozen=True, slots=True)
class RegistrationThere:
    """What became of a registration at a server; ``real_card`` only if it was validated."""

    status: str
    real_card: str
    who: str


@runtime_checkable
class TakesRegistrations(Protocol):
    """A server that has a list of registrations to validate of its own."""

    def register(self, registrations: Sequence[RegistrationSent]) -> list[RegistrationThere]:
        """Put these on its list, each once; what has been decided there, in the same order."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in.

    Attributes:
        login: the name signed in with.
        name: the person's name, as the server has it.
        role: the server's own word for the role.
        desks: codes of the circulation desks at which this account may upload.
    """

    login: str
    name: str
    role: str
    desks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """A circulation desk.

    Attributes:
        code: what the server calls it, such as ``BUC_PRET``.
        name: its name for people.
        library: the name of its library.
    """

    code: str
    name: str
    library: str


@dataclass(frozen=True, slots=True)
class Event:
    """One loan or return to be recorded.

    Attributes:
        key: the idempotency key (see :mod:`offcirc.core.fingerprint`), lower-case hexadecimal.
        at: when it happened, to the minute or finer; naive, the library's local time.
        operation: loan or return.
        item: the item barcode.
        patron: the patron identifier; empty on a return.
        file: the name of the file it comes from, without folders.
        line: its line number there, from 1.
        desk: code of the circulation desk where it happened, if that is known; the upload's own
            holds otherwise, and where a server has one desk for a whole job.
    """

    key: str
    at: datetime
    operation: Operation
    item: str
    patron: str
    file: str
    line: int
    desk: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says of one event.

    Attributes:
        outcome: what became of it.
        reason: with ``REJECTED``, why; what the program does about the line goes by it alone.
        message: the server's own words; empty when it has none.
        replayed: the server had seen this key before and did nothing this time.
        retry_after: with ``TRY_LATER``, seconds the server asks to wait, or ``None``.
        due_at: the due date of a loan; aware or naive as the server states it, or ``None``.
        notes: what staff should know about the event, such as an item that is now in transit.
        alike: with ``replayed``, it was another key: the server takes the event for one that says
            the same, because it does not know the identity of both.
    """

    outcome: Outcome
    message: str = ""
    replayed: bool = False
    retry_after: float | None = None
    due_at: datetime | None = None
    notes: tuple[Note, ...] = ()
    alike: bool = False
    reason: Reason = Reason.OTHER


@dataclass(frozen=True, slots=True)
class ServerJob:
    """The server's own row about an upload.

    Attributes:
        id: its Process ID.
        started: aware, or ``None`` when the server does not say.
        finished: aware, or ``None`` while it runs.
        records: transactions processed.
        exceptions: transactions rejected.
    """

    id: str
    name: str
    started: datetime | None
    finished: datetime | None
    records: int
    exceptions: int


@dataclass(frozen=True, slots=True)
class ItemFound:
    """What a server knows of an item barcode; the texts are the server's own.

    Attributes:
        barcode: as it was asked.
        found: whether there is such an item.
        library: the library it belongs to.
        status: where it is.
        due_at: the due date of its loan.
        on_loan: ``None`` when the server does not say.
        patron: an identifier of who has it; empty: nobody, or the server does not say.
        lent_at: when it was lent, as the server keeps it, naive in the library's local time or
            aware; ``None`` when it does not say.
        loanable: whether it may be lent at all; ``None`` when the server does not say.
        requested: whether a reader waits for it; ``None`` when the server does not say.
        renewed_at: when that loan was last renewed, like ``lent_at``; ``None``: never, or unsaid.
    """

    barcode: str
    found: bool
    title: str = ""
    library: str = ""
    status: str = ""
    due_at: datetime | None = None
    on_loan: bool | None = None
    patron: str = ""
    lent_at: datetime | None = None
    loanable: bool | None = None
    requested: bool | None = None
    renewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PatronFound:
    """What a server knows of a patron identifier; the texts are the server's own.

    Attributes:
        identifier: as it was asked.
        found: whether there is such a reader.
        name: the reader's name.
        group: the reader's group or category.
        expires_on: the day on which the account ends.
        blocks: why the reader may not borrow, if so.
        loans: how many items the reader has.
        items: their barcodes; ``None`` when the server does not list them.
        known_as: every identifier the server has for the reader; empty when it does not say.
    """

    identifier: str
    found: bool
    name: str = ""
    group: str = ""
    expires_on: str = ""
    blocks: tuple[str, ...] = ()
    loans: int = 0
    items: tuple[str, ...] | None = None
    known_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreflightItem:
    """Something a person makes sure of, because no program can.

    Attributes:
        code: what it is, for programs.
        text: what to do or to look at, in the active language.
        must: the upload comes out wrong otherwise.
        after: it is to be done after the upload, not before.
    """

    code: str
    text: str
    must: bool = True
    after: bool = False


class Server(Protocol):
    """A library system that loans and returns can be uploaded to."""

    @property
    def url(self) -> str:
        """Its address, for people: no credentials in it."""

    @property
    def identity(self) -> str:
        """What makes it this server and no other: two addresses of one server may differ.

        The ledger remembers by it what has been recorded where.
        """

    @property
    def abilities(self) -> Abilities:
        """What it can honour."""

    def sign_in(self, login: str, password: str) -> Account:
        """Sign in; needed before everything below.

        Raises:
            WrongPasswordError, NotAllowedError, UnreachableError, NotThisKindOfServerError: as
                their names say.
        """

    def desks(self) -> tuple[Desk, ...]:
        """Every circulation desk of the server."""

    def open_job(self, desk: str, files: Sequence[str]) -> ServerJob:
        """Announce an upload at a circulation desk.

        Args:
            desk: the desk's code.
            files: the names of the files, without folders.

        Raises:
            NotAllowedError: not at this desk, or not with this role.
            UnknownDeskError: there is no such desk.
        """

    def submit(self, job: str, events: Sequence[Event]) -> list[Answer]:
        """Record events, in this order; one answer each, in the same order.

        A request that was sent and not answered is not an error but ``UNKNOWN`` for each event.

        Args:
            job: the id from :meth:`open_job`.
            events: at most ``abilities.batch_size``.

        Whatever it raises, the server has done nothing, with one exception:

        Raises:
            ServerFailedError: the server had an inner error, and it may or may not have been done.
            UnreachableError: there is no connection.
            TryLaterError: the server asks to wait.
            ServerRefusedError: the server refuses the whole request; status 404 or 409: the job.
            SessionExpiredError: the sign-in has expired and could not be renewed.
        """

    def look_back(self, events: Sequence[Event]) -> list[Answer | None]:
        """What became of events sent earlier, in the same order; ``None``: never seen."""

    def dry_run(self, desk: str, events: Sequence[Event]) -> list[Answer]:
        """What would become of these events, one after the other; nothing is kept."""

    def finish_job(self, job: str) -> ServerJob:
        """Say that the upload is complete."""

    def look_up_items(self, barcodes: Sequence[str]) -> list[ItemFound]:
        """What the server knows of these items, in the same order."""

    def look_up_patrons(self, identifiers: Sequence[str]) -> list[PatronFound]:
        """What the server knows of these readers, in the same order."""

    def preflight(self, desk: str) -> tuple[PreflightItem, ...]:
        """What a person makes sure of before and after an upload at this desk.

        Nothing is sent.
        """

    def clock(self) -> datetime | None:
        """What the server's clock showed in its last answer, aware; ``None``: it does not say."""

    def limits(self) -> tuple[str, ...]:
        """What it, or this account, cannot do, in sentences of the active language.

        Known without asking, or learnt in :meth:`sign_in`: dates not kept, blocks not overridden,
        look-ups not permitted.
        """

    def hang_up(self) -> None:
        """Break every connection, from whatever thread: requests under way end without an answer.

        The server can be used again right after.
        """

    def close(self) -> None:
        """Let go of the connections. Idempotent."""

    def __enter__(self) -> Self:
        """The server itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
