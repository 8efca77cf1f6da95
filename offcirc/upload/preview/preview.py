"""Before anything is sent: what would be refused, and who would be in for a surprise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from offcirc.servers.protocol import PreflightItem, Server
from offcirc.storage.ledger.decisions import DecisionBook
from offcirc.upload.base.control import Control
from offcirc.upload.base.patience import CancelledError
from offcirc.upload.base.progress import Phase, Progress, ProgressTally
from offcirc.upload.lines.source import Uploadable
from offcirc.upload.preview import dryrun, lookup
from offcirc.upload.preview.forecast import Forecast
from offcirc.upload.report.report import JobReport, JobStatus


class PreviewSource(StrEnum):
    """Where a preview's knowledge comes from."""

    DRY_RUN = "dry-run"
    """The server has tried every line."""
    LOOK_UP = "look-up"
    """The server was asked about every item and reader."""
    NONE = "none"
    """The server can be asked nothing: only what the files tell is known."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upload would come to.

    Attributes:
        how: how it is known.
        report: the lines as the upload's own report would have them; ``recorded`` and
            ``rejected`` say what would be. Lines of which nothing is known count as left.
        overdue_lines: loans that would be overdue at once and stay open; ``None``: not known.
        overdue_patrons: how many readers that makes; ``None``: not known.
        remarks: the server's codes of what staff should know about lines that would be recorded,
            such as a blocked reader, and how many lines have each; most first.
        preflight: what a person makes sure of before and after.
    """

    how: PreviewSource
    report: JobReport
    overdue_lines: int | None
    overdue_patrons: int | None
    remarks: tuple[tuple[str, int], ...]
    preflight: tuple[PreflightItem, ...]


def make_preview(
    plan: Uploadable,
    server: Server,
    *,
    desk: str,
    who: str = "",
    progress: Callable[[Progress], None] | None = None,
    control: Control | None = None,
    book: DecisionBook | None = None,
) -> Preview:
    """Say what an upload of a plan would come to; neither the server nor the ledger keeps anything.

    Args:
        plan: what would be uploaded. All of it is held in memory.
        server: signed in.
        desk: the circulation desk's code.
        who: who asks, as shown in the job row.
        progress: called from this thread, at most a few times a second and at the end.
        control: cancels, from other threads; the report then says so and has what is known.
        book: what was decided about the lines, for their report.

    Raises:
        PlanError: a file cannot be read any more.
        ServerError: the server is gone or refuses.
    """
    hand = control or Control()
    tally = ProgressTally(progress)
    tally.tell(now=True)
    forecast = Forecast(plan, tally, book)
    tally.phase(Phase.SENDING)
    how = _how(server)
    status = JobStatus.COMPLETED

    def cancelled() -> bool:
        return hand.cancelled

    try:
        if how is PreviewSource.DRY_RUN:
            dryrun.ask(forecast, server, desk, tally=tally, cancelled=cancelled)
        elif how is PreviewSource.LOOK_UP:
            lookup.ask(forecast, server, tally=tally, cancelled=cancelled)
    except CancelledError:
        status = JobStatus.CANCELLED
    tally.tell(now=True)
    overdue = forecast.overdue()
    known = how is PreviewSource.DRY_RUN
    return Preview(
        how,
        forecast.report(server.url, desk, who, status),
        len(overdue) if known else None,
        len({line.patron for line in overdue}) if known else None,
        tuple(forecast.notes()),
        server.preflight(desk),
    )


def _how(server: Server) -> PreviewSource:
    if server.abilities.dry_run:
        return PreviewSource.DRY_RUN
    return PreviewSource.LOOK_UP if server.abilities.look_up else PreviewSource.NONE
