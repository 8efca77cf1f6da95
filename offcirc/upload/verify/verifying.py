"""Asks the system about every item of an upload, and keeps what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from offcirc.servers.errors import (
    NoAnswerError,
    ServerFailedError,
    TryLaterError,
    UnreachableError,
)
from offcirc.servers.protocol import ItemFound, PatronFound, Server
from offcirc.storage.ledger import opinions
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineState, UploadRow
from offcirc.storage.ledger.opinions import DifferenceRow, OpinionRow
from offcirc.upload.base.errors import NoSecondOpinionError
from offcirc.upload.base.patience import Patience
from offcirc.upload.report.history import find_job, report_of
from offcirc.upload.report.report import JobReport, JobStatus
from offcirc.upload.verify.comparing import (
    Expected,
    NotToldError,
    compare,
    expected,
    local,
    needs_patron,
)

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
