"""``offcirc jobs``: the uploads made from this data folder, newest first."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from offcirc.cli import output, reports
from offcirc.cli.exits import Exit
from offcirc.cli.ledger import ledger
from offcirc.cli.parser import Context
from offcirc.i18n import _

if TYPE_CHECKING:
    from offcirc.upload.report import JobReport


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``jobs``."""
    reports.format_argument(parser)
    parser.epilog = _("“offcirc report JOB -o FILE” writes the report of one of them.")


def run(options: argparse.Namespace, context: Context) -> Exit:
    """List them."""
    from offcirc.upload.run import list_jobs

    with ledger(context) as book:
        jobs = list_jobs(book) if book is not None else []
    if options.format == "json":
        output.say(
            json.dumps({"jobs": [_facts(job) for job in jobs]}, ensure_ascii=False, indent=1)
        )
        return Exit.FINE
    if not jobs:
        output.say(_("Nothing has been uploaded from this data folder yet."))
        return Exit.FINE
    _table(jobs)
    return Exit.FINE


def _table(jobs: list[JobReport]) -> None:
    from offcirc.upload import reportview as view
    from offcirc.upload import words

    columns = (
        output.Column(_("Job"), 5, right=True),
        output.Column(_("Process ID"), 18),
        output.Column(_("Started on"), 24),
        output.Column(_("Run time"), 12),
        output.Column(_("Status"), 22),
        output.Column(_("Records"), 8, right=True),
        output.Column(_("Exceptions"), 10, right=True),
        output.Column(_("Circulation desk"), 16),
        output.Column(_("Who"), 16),
        output.Column(_("Files"), 0),
    )
    with output.Table(columns) as table:
        for job in jobs:
            style = "" if job.complete and not job.exceptions else "yellow"
            cells = (
                str(job.id),
                job.process_id,
                view.stamp(job.started),
                view.run_time(job.run_seconds),
                words.job_status(job.status),
                str(job.records),
                str(job.exceptions),
                job.desk,
                job.who,
                ", ".join(file.name for file in job.files),
            )
            table.add([output.visible(cell) for cell in cells], style)


def _facts(job: JobReport) -> dict[str, object]:
    return {
        "job": job.id,
        "process_id": job.process_id,
        "name": job.name,
        "server": job.server,
        "desk": job.desk,
        "who": job.who,
        "started": job.started.isoformat(timespec="seconds"),
        "finished": job.finished.isoformat(timespec="seconds") if job.finished else None,
        "run_seconds": round(job.run_seconds, 3),
        "status": job.status.value,
        "files": [file.name for file in job.files],
        "records": job.records,
        "exceptions": job.exceptions,
        "recorded": job.recorded,
        "skipped": job.skipped,
        "left": job.left,
        "handed_over": job.handed_over,
    }
