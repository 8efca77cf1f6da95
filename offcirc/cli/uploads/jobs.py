"""``offcirc jobs``: the uploads made from this data folder, newest first."""

from __future__ import annotations

import argparse
import json
from datetime import date
from typing import TYPE_CHECKING

from offcirc.cli.frame import output
from offcirc.cli.frame.exits import Exit
from offcirc.cli.frame.parser import Context, format_argument
from offcirc.cli.frame.places import ledger
from offcirc.i18n import _, ngettext

if TYPE_CHECKING:
    from offcirc.upload.report.report import JobReport
    from offcirc.upload.search.search import AnswerPage, Hit


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``jobs``."""
    parser.add_argument(
        "--search",
        metavar=_("TEXT"),
        help=_("what happened to an item or a reader: barcode, identifier, or its beginning"),
    )
    parser.add_argument(
        "--day",
        type=_day,
        metavar=_("DAY"),
        help=_("what happened on that day, such as 2018-01-15; alone or with --search"),
    )
    parser.add_argument(
        "--limit",
        type=_count,
        default=100,
        metavar=_("COUNT"),
        help=_("of a search, show at most so many lines, the newest (100 if not given)"),
    )
    format_argument(parser)
    parser.epilog = _("“offcirc report JOB -o FILE” writes the report of one of them.")


def run(options: argparse.Namespace, context: Context) -> Exit:
    """List them, or search them."""
    if options.search is not None or options.day is not None:
        return _search(options, context)
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


def _search(options: argparse.Namespace, context: Context) -> Exit:
    from offcirc.upload.search.search import AnswerPage, Query, search

    query = Query(options.search or "", options.day)
    with ledger(context) as book:
        page = search(book, query, limit=options.limit) if book is not None else AnswerPage(())
    if options.format == "json":
        told = {
            "lines": [facts(hit) for hit in page.hits],
            "more": page.next is not None,
            "anywhere": page.anywhere,
        }
        output.say(json.dumps(told, ensure_ascii=False, indent=1))
        return Exit.FINE
    show(page, options.limit)
    return Exit.FINE


def _day(text: str) -> date:
    """A day given on the command line: 2018-01-15, or 15/01/2018.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    day, slash, rest = text.partition("/")
    iso = "-".join([*reversed(rest.split("/")), day]) if slash else text
    try:
        return date.fromisoformat(iso)
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("“{text}” is not a day. Write it like 2018-01-15.").format(text=text)
        ) from None


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= 1_000_000:
        return int(text)
    raise argparse.ArgumentTypeError(_("a number from 1 on"))


def _table(jobs: list[JobReport]) -> None:
    from offcirc.upload.report import reportview as view
    from offcirc.upload.report import uploadwords

    columns = (
        output.PrintedColumn(_("Job"), 5, right=True),
        output.PrintedColumn(_("Process ID"), 18),
        output.PrintedColumn(_("Started on"), 24),
        output.PrintedColumn(_("Run time"), 12),
        output.PrintedColumn(_("Status"), 22),
        output.PrintedColumn(_("Records"), 8, right=True),
        output.PrintedColumn(_("Exceptions"), 10, right=True),
        output.PrintedColumn(_("Circulation desk"), 16),
        output.PrintedColumn(_("Who"), 16),
        output.PrintedColumn(_("Files"), 0),
    )
    with output.Table(columns) as table:
        for job in jobs:
            style = "" if job.complete and not job.exceptions else "yellow"
            cells = (
                str(job.id),
                job.process_id,
                view.stamp(job.started),
                view.run_time(job.run_seconds),
                uploadwords.job_status(job.status),
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


def show(page: AnswerPage, limit: int) -> None:
    """Print a page of answers: each line, and below it all that happened to it."""
    if not page.hits:
        output.say(_("No line of any upload from this data folder fits."))
        return
    if page.anywhere:
        output.say(_("Nothing begins like that; these hold it somewhere:"))
    columns = (
        output.PrintedColumn(_("When"), 16),
        output.PrintedColumn(_("Operation"), 9),
        output.PrintedColumn(_("Item"), 14),
        output.PrintedColumn(_("Borrower"), 14),
        output.PrintedColumn(_("Job"), 5, right=True),
        output.PrintedColumn(_("Status"), 16),
        output.PrintedColumn(_("What happened"), 0),
    )
    with output.Table(columns) as table:
        for hit in page.hits:
            for row in _rows(hit):
                table.add([output.visible(cell) for cell in row])
    if page.next is not None:
        output.say(
            ngettext(
                "The newest {count} line; there are more (--limit).",
                "The newest {count} lines; there are more (--limit).",
                limit,
            ).format(count=limit)
        )


def _rows(hit: Hit) -> list[list[str]]:
    from offcirc.upload.followup.followupwords import when
    from offcirc.upload.search import searchwords as words

    first = words.whereabouts(hit)
    rows = [
        [
            when(hit),
            words.operation(hit),
            hit.item or hit.raw[:80],
            hit.patron,
            str(hit.upload.id),
            words.state(hit.state),
            first,
        ]
    ]
    rows += [["", "", "", "", "", "", told] for told in words.story(hit)]
    return rows


def facts(hit: Hit) -> dict[str, object]:
    """A line as JSON values; the history's times are UTC, the line's own is naive local time."""
    return {
        "job": hit.upload.id,
        "server": hit.upload.url,
        "desk": hit.upload.desk,
        "who": hit.upload.who,
        "uploaded": hit.upload.started.isoformat(timespec="seconds"),
        "file": hit.file,
        "line": hit.number,
        "recorded_at": hit.origin or None,
        "timestamp": hit.at.isoformat(timespec="minutes") if hit.at else None,
        "operation": hit.operation.value if hit.operation else None,
        "item": hit.item,
        "patron": hit.patron,
        "status": hit.state.value,
        "message": hit.message,
        "raw": hit.raw,
        "due": hit.due_at.isoformat() if hit.due_at else None,
        "history": [
            {
                "at": change.at.isoformat(timespec="milliseconds"),
                "status": change.state.value,
                "message": change.message,
            }
            for change in hit.history
        ],
        "decision": (
            {
                "act": hit.decision.act.value,
                "who": hit.decision.who,
                "at": hit.decision.at.isoformat(timespec="seconds"),
            }
            if hit.decision
            else None
        ),
        "archive": hit.archive or None,
    }
