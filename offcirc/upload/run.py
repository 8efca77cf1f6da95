"""Uploading, for whoever wants it: the one way in for the command line and for the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from offcirc.disk.errors import LockedError
from offcirc.servers.errors import ServerError
from offcirc.servers.protocol import Server
from offcirc.storage.ledger.decisions import DecisionBook
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import UploadRow
from offcirc.upload.base.control import Control
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.base.patience import CancelledError, Patience
from offcirc.upload.base.progress import Phase, Progress, ProgressTally
from offcirc.upload.lines.decided import decided
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.lines.playing import refuse
from offcirc.upload.lines.source import Uploadable
from offcirc.upload.preview.preview import Preview, PreviewSource, make_preview
from offcirc.upload.replay.replay import Replay
from offcirc.upload.report.history import list_jobs, load_report, report_of
from offcirc.upload.report.lookups import enriched, look_up, note_what_was_told
from offcirc.upload.report.report import JobReport, JobStatus

__all__ = ["Phase", "Progress", "list_jobs", "load_report", "preview_upload", "run_upload"]

AHEAD = 5_000
"""Lines that are read while the server opens its job."""


def run_upload(
    files: Sequence[Path],
    server: Server,
    ledger: Ledger,
    *,
    desk: str,
    who: str,
    plan: Uploadable | None = None,
    resume: bool = False,
    patron_names: bool = False,
    width: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    control: Control | None = None,
    patience: Patience | None = None,
) -> JobReport:
    """Upload OffCirc.dat files, merged into one order, and say what came of it.

    Args:
        files: the files of every desk, in any order.
        server: signed in.
        ledger: where what was sent and what came back is kept; opened by the calling thread.
        desk: the circulation desk's code.
        who: who uploads, as shown in the job row.
        plan: what is uploaded instead of ``files``, which are not looked at then.
        resume: go on with the unfinished upload of the same content, if there is one; else
            upload as usual. Either way nothing is recorded twice.
        patron_names: ask the server for the names of the readers of lines that were refused, and
            keep them with the report; titles of items are always asked for.
        width: how many requests go side by side; as many as the server bears if not given.
        progress: called from this thread, at most a few times a second and at the end.
        control: pauses, goes on, cancels, from other threads.
        patience: when to try again; the usual when not given.

    Returns:
        The report; its status tells whether the upload was completed, stopped or cancelled.

    Raises:
        PlanError: a file cannot be read or is no OffCirc.dat.
        LedgerBusyError: another upload from the same ledger is under way.
        ServerError: the upload could not begin, so nothing was sent.
        StorageError: the ledger cannot be written; resuming settles what was sent.
    """
    tally = ProgressTally(progress)
    tally.tell(now=True)
    hand = control or Control()
    if plan is None:
        plan = make_plan(files, decisions=decided(ledger))
    if not server.abilities.practice:
        refuse(plan)
    try:
        with ledger.exclusive():
            upload = _begin(plan, server, ledger, desk=desk, who=who, resume=resume)
            replay = Replay(
                server,
                ledger,
                upload,
                tally=tally,
                control=hand,
                patience=patience or Patience(),
                width=width,
            )
            _work(replay, ledger, upload.id)
            note_what_was_told(ledger, _reread(ledger, upload.id), plan)
            report = report_of(ledger, _reread(ledger, upload.id), busy=True)
            if not report.complete:
                return report
            look_up(server, ledger, report, names=patron_names, cancelled=lambda: hand.cancelled)
            return report_of(ledger, _reread(ledger, upload.id), busy=True)
    except LockedError as error:
        raise LedgerBusyError(str(ledger.path.parent)) from error
    finally:
        tally.tell(now=True)


def preview_upload(
    files: Sequence[Path],
    server: Server,
    ledger: Ledger,
    *,
    desk: str,
    who: str,
    plan: Uploadable | None = None,
    patron_names: bool = False,
    progress: Callable[[Progress], None] | None = None,
    control: Control | None = None,
) -> Preview:
    """Say what an upload would come to; neither the server nor the ledger keeps anything.

    The arguments are those of :func:`run_upload`.

    Raises:
        PlanError: a file cannot be read or is no OffCirc.dat.
        ServerError: the server is gone or refuses.
    """
    chosen = plan or make_plan(files, decisions=decided(ledger))
    if not server.abilities.practice:
        refuse(chosen)
    preview = make_preview(
        chosen,
        server,
        desk=desk,
        who=who,
        progress=progress,
        control=control,
        book=DecisionBook(ledger),
    )
    if preview.how is PreviewSource.NONE or not preview.report.complete:
        return preview
    return replace(preview, report=enriched(server, preview.report, names=patron_names))


def _begin(
    plan: Uploadable, server: Server, ledger: Ledger, *, desk: str, who: str, resume: bool
) -> UploadRow:
    """The upload to work on, its run begun: the unfinished one, or a new one."""
    if resume:
        unfinished = ledger.unfinished(server.identity, desk, plan.files)
        if unfinished is not None:
            ledger.start_run(unfinished.id)
            return unfinished
    names = [file.name for file in plan.files]
    lines = plan.lines()
    with ThreadPoolExecutor(1) as beside:
        opening = beside.submit(server.open_job, desk, names)
        # Read meanwhile, as much as a day has; nothing of it is in the ledger yet.
        ahead = list(islice(lines, AHEAD))
        job = opening.result()
    number = ledger.begin(
        server=server.identity,
        url=server.url,
        desk=desk,
        who=who,
        process_id=job.id,
        name=job.name,
        files=plan.files,
        lines=chain(ahead, lines),
    )
    return _reread(ledger, number)


def _work(replay: Replay, ledger: Ledger, upload: int) -> None:
    """Replay, and keep how it ended. However it ends, it can be resumed."""
    try:
        replay.run()
    except CancelledError:
        ledger.end_run(upload, JobStatus.CANCELLED)
    except KeyboardInterrupt:
        # What was being sent stays "sending" and is settled by resuming.
        ledger.end_run(upload, JobStatus.CANCELLED)
        raise
    except ServerError as error:
        ledger.end_run(upload, JobStatus.STOPPED, error.words())
    else:
        ledger.end_run(upload, JobStatus.COMPLETED)


def _reread(ledger: Ledger, number: int) -> UploadRow:
    upload = ledger.upload(number)
    assert upload is not None, "uploads are never deleted"
    return upload
