"""Asking a server what it would do: nothing is kept, neither there nor here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from offcirc.core.answers import OVERDUE_AT_ONCE, is_expected
from offcirc.servers.protocol import Answer, Outcome, Server
from offcirc.upload.base import reasons
from offcirc.upload.base.patience import CancelledError
from offcirc.upload.base.progress import ProgressTally
from offcirc.upload.preview.forecast import Forecast, by_item
from offcirc.upload.report.report import LineStatus


def ask(
    forecast: Forecast,
    server: Server,
    desk: str,
    *,
    tally: ProgressTally,
    cancelled: Callable[[], bool],
) -> None:
    """Have the server judge the lines of a forecast.

    Raises:
        CancelledError: cancelled between two requests.
        ServerError: the server is gone or refuses.
    """
    for part in _parts(forecast, max(1, server.abilities.dry_run_size)):
        if cancelled():
            raise CancelledError
        answers = server.dry_run(desk, [forecast.event(place) for place in part])
        for place, answer in zip(part, answers, strict=True):
            _tell(forecast, place, answer)
        tally.tell()


def _parts(forecast: Forecast, size: int) -> Iterator[list[int]]:
    """The places in requests, in order, all lines of one item in the same request.

    The server judges a line by those before it in the same request: a return needs its loan.
    """
    part: list[int] = []
    for group in by_item(forecast):
        if part and len(part) + len(group) > size:
            yield sorted(part)
            part = []
        part += group
        while len(part) > size:
            yield part[:size]
            part = part[size:]
    if part:
        yield sorted(part)


def _tell(forecast: Forecast, place: int, answer: Answer) -> None:
    expected = is_expected(forecast.lines[place].operation, answer.reason)
    if answer.outcome is Outcome.REJECTED and not expected:
        status, reason = LineStatus.REJECTED, answer.reason.value
    elif answer.outcome not in (Outcome.RECORDED, Outcome.REJECTED):
        status, reason = LineStatus.UNKNOWN, reasons.NO_ANSWER
    elif answer.replayed:
        status = LineStatus.SKIPPED
        reason = reasons.ALIKE if answer.alike else reasons.ALREADY_RECORDED
    else:
        status, reason = LineStatus.RECORDED, ""
    forecast.tell(
        place,
        status,
        reason,
        answer.message,
        replayed=answer.replayed,
        due_at=answer.due_at,
        notes=answer.notes,
        overdue=not OVERDUE_AT_ONCE.isdisjoint(answer.notes) and status is LineStatus.RECORDED,
    )
