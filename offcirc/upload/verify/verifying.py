"""Asks the system about every item of an upload, and keeps what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from offcirc.core.answers import Note
from offcirc.core.transaction import OPERATIONS
from offcirc.servers.errors import (
    NoAnswerError,
    ServerFailedError,
    TryLaterError,
    UnreachableError,
)
from offcirc.servers.protocol import ItemFound, PatronFound, Server
from offcirc.storage.ledger import opinions
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState, UploadRow
from offcirc.storage.ledger.opinions import DifferenceRow, OpinionRow
from offcirc.upload.base import reasons
from offcirc.upload.base.errors import NoSecondOpinionError
from offcirc.upload.base.patience import Patience
from offcirc.upload.report.history import find_job, report_of
from offcirc.upload.report.opinion import DifferenceKind
from offcirc.upload.report.report import JobReport, JobStatus

AT_ONCE = 100
"""Items or readers asked about in one request."""
LANES = 8
_AGAIN = (UnreachableError, NoAnswerError, TryLaterError, ServerFailedError)
"""What does not keep a mere question from being asked again."""
_STATES = (LineState.RECORDED, LineState.UNKNOWN, LineState.SENDING, LineState.SKIPPED)

T = TypeVar("T")


def verify_job(
    ledger: Ledger,
    server: Server,
    job: int | str,
    *,
    who: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> JobReport:
    """Read back every item of a past upload and compare it with what the files say.

    Args:
        ledger: where the upload is kept, and the opinion.
        server: signed in; the one that the upload went to.
        job: the upload's number in the ledger, or the server's Process ID.
        who: who asks.
        progress: told how many of how many items were read back, from this thread.

    Returns:
        The upload's report, the opinion in it.

    Raises:
        NoSuchJobError: there is no such upload.
        NoSecondOpinionError: this server cannot be asked, or not about this upload.
        ServerError: the server is gone or refuses.
        StorageError: the ledger cannot be written.
    """
    upload = find_job(ledger, job)
    report = report_of(ledger, upload)
    if not server.abilities.look_up:
        raise NoSecondOpinionError(server.url)
    if server.identity != upload.server:
        raise NoSecondOpinionError(server.url, "other")
    if report.status is not JobStatus.COMPLETED:
        raise NoSecondOpinionError(str(upload.id), "unfinished")
    wanted = wanted_of(ledger, upload)
    asked = _Asked(server)
    rows, unanswered = _differences(wanted, asked, progress or (lambda done, total: None))
    loans = sum(one.on_loan for one in wanted.values())
    checked = len(wanted) - unanswered
    now = datetime.now(UTC)
    opinion = OpinionRow(
        *(now, who, checked, checked - len(rows), loans, len(wanted) - loans, unanswered)
    )
    opinions.keep(ledger, upload.id, opinion, rows)
    return report_of(ledger, upload)


def wanted_of(ledger: Ledger, upload: UploadRow) -> dict[str, Expected]:
    """What should be true of the items of an upload, by the ledger."""
    own = ledger.lines(upload, *_STATES)
    return expected(own, opinions.elsewhere(ledger, upload, _STATES))


class _Asked:
    """Looks up in several threads, and again where the answer was lost."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._patience = Patience()

    def items(self, codes: Sequence[str]) -> Iterator[ItemFound]:
        """What the server knows of items, in the same order, as it comes."""
        return self._parts(self._server.look_up_items, codes)

    def patrons(self, codes: Sequence[str]) -> Iterator[PatronFound]:
        """What the server knows of readers."""
        return self._parts(self._server.look_up_patrons, codes)

    def _parts(self, ask: Callable[[Sequence[str]], list[T]], codes: Sequence[str]) -> Iterator[T]:
        parts = [codes[start : start + AT_ONCE] for start in range(0, len(codes), AT_ONCE)]
        lanes = max(1, min(self._server.abilities.width, LANES))
        with ThreadPoolExecutor(lanes, thread_name_prefix="verify") as pool:
            for answers in pool.map(lambda part: self._ask(ask, part), parts):
                yield from answers

    def _ask(self, ask: Callable[[Sequence[str]], list[T]], part: Sequence[str]) -> list[T]:
        failures = 0
        while True:
            try:
                return ask(part)
            except _AGAIN as error:
                failures += 1
                if failures >= self._patience.tries:
                    raise
                asked = error.retry_after if isinstance(error, TryLaterError) else None
                self._patience.sleep(self._patience.seconds(failures, asked))


def _differences(
    wanted: dict[str, Expected], asked: _Asked, progress: Callable[[int, int], None]
) -> tuple[list[DifferenceRow], int]:
    """What differs, in the order of the upload, and of how many items too little is said."""
    progress(0, len(wanted))
    items: dict[str, ItemFound] = {}
    for code, item in zip(wanted, asked.items(list(wanted)), strict=True):
        items[code] = item
        if len(items) % AT_ONCE == 0:
            progress(len(items), len(wanted))
    open_ = (code for code, item in items.items() if needs_patron(wanted[code], item))
    cards = list(dict.fromkeys(wanted[code].line.patron for code in open_))
    patrons = dict(zip(cards, asked.patrons(cards), strict=True))
    rows: list[DifferenceRow] = []
    unanswered = 0
    for code, want in wanted.items():
        item = items[code]
        try:
            kind = compare(want, item, patrons.get(want.line.patron))
        except NotToldError:
            unanswered += 1
            continue
        if kind is not None:
            times = (local(item.lent_at), item.due_at)
            told = (at.isoformat() if at is not None else "" for at in times)
            rows.append(DifferenceRow(want.own.id, kind, item.patron, *told))
    progress(len(wanted), len(wanted))
    return rows, unanswered


_MINUTE = timedelta(minutes=1)
"""Files tell minutes, systems seconds or minutes."""


class NotToldError(Exception):
    """The system does not say enough to compare."""


def needs_patron(wanted: Expected, item: ItemFound) -> bool:
    """Whether the reader has to be looked up, too, to tell who has the item."""
    if not wanted.on_loan or not item.found or item.on_loan is False:
        return False
    return not _named(item, wanted.line.patron)


def compare(wanted: Expected, item: ItemFound, patron: PatronFound | None) -> DifferenceKind | None:
    """In what an item differs; ``None`` when it is as it should be.

    Raises:
        NotToldError: the system does not say enough.
    """
    if not item.found:
        return DifferenceKind.ITEM_GONE
    if not wanted.on_loan:
        return _returned(wanted, item)
    if item.on_loan is False:
        return DifferenceKind.NOT_ON_LOAN
    if not _holds(item, wanted.line.patron, patron):
        return DifferenceKind.OTHER_PATRON
    if not _lent_then(wanted, item):
        return DifferenceKind.OTHER_TIME
    return None if _due_then(wanted, item) else DifferenceKind.OTHER_DUE


def local(at: datetime | None) -> datetime | None:
    """A moment in the library's time, which is that of this PC, without its zone."""
    return at.astimezone().replace(tzinfo=None) if at is not None and at.tzinfo else at


def _returned(wanted: Expected, item: ItemFound) -> DifferenceKind | None:
    if item.on_loan is None:
        raise NotToldError
    lent_at = local(item.lent_at)
    if not item.on_loan or (lent_at is not None and lent_at > moment(wanted.line)):
        return None  # back, or lent again since
    return DifferenceKind.STILL_ON_LOAN


def _named(item: ItemFound, patron: str) -> bool:
    return item.patron.casefold() == patron.casefold()


def _holds(item: ItemFound, wanted: str, patron: PatronFound | None) -> bool:
    """Whether the reader has the item: readers go by several identifiers.

    Raises:
        NotToldError: the system says neither who has it nor what the reader has.
    """
    if _named(item, wanted):
        return True
    if patron is not None and patron.found and item.patron:
        return item.patron.casefold() in {name.casefold() for name in patron.known_as}
    if patron is not None and patron.found and patron.items is not None:
        return item.barcode.casefold() in {code.casefold() for code in patron.items}
    if item.patron:
        return False
    raise NotToldError


def _lent_then(wanted: Expected, item: ItemFound) -> bool:
    told = [at for at in (local(item.lent_at), local(item.renewed_at)) if at is not None]
    if not told or Note.DATE_NOT_KEPT in wanted.line.notes:
        return True
    if any(abs(at - time) < _MINUTE for at in told for time in wanted.times):
        return True
    return wanted.renewed and told[0] < wanted.times[0]


def _due_then(wanted: Expected, item: ItemFound) -> bool:
    """Whether the due date is the one that was given with the answer, if one was."""
    if not wanted.line.due_at or item.due_at is None:
        return True
    given = datetime.fromisoformat(wanted.line.due_at)
    one, other = local(given), local(item.due_at)
    return one is not None and other is not None and abs(one - other) < _MINUTE


_SKIPPED_FOR = (reasons.ALREADY_RECORDED, reasons.SAME_LINE, reasons.ALIKE)


@dataclass(frozen=True, slots=True)
class Expected:
    """What should be true of an item.

    Attributes:
        line: the last line about it.
        own: the last line about it in the upload itself, which the report tells of.
        times: when it was lent to its reader, renewals included, oldest first; naive local time.
        renewed: the first of these was a renewal: the loan is older.
    """

    line: LineRow
    own: LineRow
    times: tuple[datetime, ...] = ()
    renewed: bool = False

    @property
    def on_loan(self) -> bool:
        """Whether somebody should have it."""
        return OPERATIONS[self.line.operation].lends


def expected(lines: Iterable[LineRow], others: Iterable[LineRow]) -> dict[str, Expected]:
    """What should be true of each item, by barcode, in the order of their last lines.

    Args:
        lines: those of the upload, in the order in which they were sent: later lines win.
        others: those of other uploads to the same server, in the order of time: what happened
            after the upload's own last line about an item wins over it.
    """
    chains: dict[str, list[LineRow]] = {}
    own: dict[str, LineRow] = {}
    for line in lines:
        if counts(line):
            own[line.item] = line
            _add(chains, line)
    for line in others:
        known = own.get(line.item)
        if known is not None and counts(line) and moment(line) > moment(known):
            _add(chains, line)
    found = {item: _expected(chain, own[item]) for item, chain in chains.items()}
    return dict(sorted(found.items(), key=lambda pair: pair[1].own.id))


def counts(line: LineRow) -> bool:
    """Whether what a line says should be in the system: it was recorded, or may have been."""
    if line.state is LineState.SKIPPED:
        return line.reason in _SKIPPED_FOR
    return line.state in (LineState.RECORDED, LineState.UNKNOWN, LineState.SENDING)


def moment(line: LineRow) -> datetime:
    """When a line happened."""
    return datetime.fromisoformat(line.exact or line.minute)


def _add(chains: dict[str, list[LineRow]], line: LineRow) -> None:
    """Put a line behind those of its item, which it makes void unless it renews them."""
    chain = chains.setdefault(line.item, [])
    if chain and (not line.patron or chain[-1].patron != line.patron):
        chain.clear()
    chain.append(line)


def _expected(chain: list[LineRow], own: LineRow) -> Expected:
    last = chain[-1]
    times = tuple(map(moment, chain)) if last.patron else ()
    return Expected(last, own, times, renewed=Note.RENEWAL in chain[0].notes)
