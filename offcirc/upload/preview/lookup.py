"""Foretelling an upload from what a server knows of the items and readers in it.

For servers that cannot try a line without keeping it. Each item and each reader is asked about
once, many at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from offcirc.core.answers import Note, Reason, is_expected
from offcirc.core.transaction import OPERATIONS
from offcirc.servers.protocol import ItemFound, PatronFound, Server
from offcirc.storage.ledger.ledgerrows import LineFacts
from offcirc.upload.base.patience import CancelledError
from offcirc.upload.base.progress import ProgressTally
from offcirc.upload.preview.forecast import Forecast
from offcirc.upload.report.report import LineStatus

AT_ONCE = 500
"""Items or readers asked about in one request."""
_BLOCKS: dict[str, str] = {
    "expired": Note.PATRON_EXPIRED,
    "overdue": Note.PATRON_OVERDUE,
    "suspended": Note.PATRON_SUSPENDED,
    "quitus": Note.PATRON_QUITUS,
}
"""Blocks that have a note of their own; of the others it is said that there is one."""


def ask(
    forecast: Forecast, server: Server, *, tally: ProgressTally, cancelled: Callable[[], bool]
) -> None:
    """Look up the items and readers of a forecast and judge its lines by them.

    Raises:
        CancelledError: cancelled between two requests.
        ServerError: the server is gone or refuses.
    """
    lines = [forecast.lines[place] for place in forecast.to_ask]
    items: dict[str, ItemFound] = {}
    patrons: dict[str, PatronFound] = {}
    for some in _parts(line.item for line in lines):
        _go_on(tally, cancelled)
        items.update(zip(some, server.look_up_items(some), strict=True))
    for some in _parts(line.patron for line in lines if line.patron):
        _go_on(tally, cancelled)
        patrons.update(zip(some, server.look_up_patrons(some), strict=True))
    judge = _Judge(items, patrons, overrides=server.abilities.overrides_blocks)
    for place in forecast.to_ask:
        status, reason, notes = judge.judge(forecast.lines[place])
        forecast.tell(place, status, reason, notes=notes)
        tally.tell()


def _go_on(tally: ProgressTally, cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise CancelledError
    tally.tell()


def _parts(values: Iterable[str]) -> Iterator[Sequence[str]]:
    """Each value once, in requests."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), AT_ONCE):
        yield distinct[start : start + AT_ONCE]


_Judgement = tuple[LineStatus, str, tuple[str, ...]]


class _Judge:
    """Goes through the lines in their order and remembers what is on loan."""

    def __init__(
        self,
        items: dict[str, ItemFound],
        patrons: dict[str, PatronFound],
        *,
        overrides: bool,
    ) -> None:
        self._items = items
        self._patrons = patrons
        self._overrides = overrides
        self._on_loan = {barcode: found.on_loan for barcode, found in items.items()}
        self._seen: set[str] = set()

    def judge(self, line: LineFacts) -> _Judgement:
        """What would become of the next line."""
        if not self._items[line.item].found:
            return LineStatus.REJECTED, Reason.ITEM_UNKNOWN, ()
        if not OPERATIONS[line.operation].lends:
            was_out = self._on_loan[line.item]
            self._on_loan[line.item] = False
            self._seen.add(line.item)
            if was_out is False and not is_expected(line.operation, Reason.NOT_ON_LOAN):
                return LineStatus.REJECTED, Reason.NOT_ON_LOAN, ()
            return LineStatus.RECORDED, "", ()
        patron = self._patrons[line.patron]
        if not patron.found:
            return LineStatus.REJECTED, Reason.PATRON_UNKNOWN, ()
        if patron.blocks and not self._overrides:
            return LineStatus.REJECTED, Reason.PATRON_BLOCKED, ()
        self._on_loan[line.item] = True
        return LineStatus.RECORDED, "", (*_blocks(patron), *self._surprises(line))

    def _surprises(self, line: LineFacts) -> Iterator[str]:
        """What the system knows of an item that no earlier line has touched, and staff does not."""
        item = self._items[line.item]
        if item.loanable is False:
            yield Reason.NOT_FOR_LOAN
        if line.item in self._seen:
            return
        self._seen.add(line.item)
        if item.requested:
            yield Note.REQUESTED_BY_OTHER
        if not item.on_loan or not item.patron:
            return
        known = self._patrons[line.patron]
        names = {name.casefold() for name in (line.patron, *known.known_as)}
        yield Note.RENEWAL if item.patron.casefold() in names else Note.RETURNED_FIRST


def _blocks(patron: PatronFound) -> tuple[str, ...]:
    """Why a reader may not borrow, as notes."""
    return tuple(
        dict.fromkeys(_BLOCKS.get(block, Reason.PATRON_BLOCKED) for block in patron.blocks)
    )
