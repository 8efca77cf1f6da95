"""Past uploads, and Alma's job row of each in words: times, run time, status, counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from offcirc import words
from offcirc.i18n import _, ngettext, pgettext
from offcirc.referent.background.inspection import SourceRow
from offcirc.referent.kit.figures import number
from offcirc.upload.report import uploadwords
from offcirc.upload.report import words as upload_words
from offcirc.upload.report.report import JobReport

if TYPE_CHECKING:
    from offcirc.upload.report.report import JobReport


def moment(at: datetime | None) -> str:
    """A moment of the job, to the second, in this PC's time zone; a dash if it has not come."""
    if at is None:
        return "–"
    local = at.astimezone()
    return f"{words.day(local)} {local:%H:%M:%S}"


def minute(at: datetime) -> str:
    """A moment of the job to the minute, in this PC's time zone."""
    return words.when(at.astimezone())


def run_time(seconds: float) -> str:
    """How long it worked, as Alma words it; below a second to the hundredth."""
    if seconds < 9.95:
        figure = f"{seconds:.2f}" if seconds < 1 else f"{seconds:.1f}"
        # Below two, French has the singular and English the plural, as both have with nought.
        form = 2 if seconds >= 2 else 0
        text = ngettext("{count} second", "{count} seconds", form)
        return text.format(count=figure.replace(".", pgettext("decimal mark", ".")))
    whole = round(seconds)
    if whole < 120:
        return ngettext("{count} second", "{count} seconds", whole).format(count=whole)
    minutes, rest = divmod(whole, 60)
    return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)


def status(report: JobReport) -> str:
    """How far it has come."""
    return uploadwords.job_status(report.status)


def left(report: JobReport) -> str:
    """What is still to be sent, as a sentence."""
    return ngettext("{count} line is left.", "{count} lines are left.", report.left).format(
        count=number(report.left)
    )


def files(count: int) -> str:
    """A number of files."""
    return ngettext("{count} file", "{count} files", count).format(count=number(count))


def outcome(report: JobReport) -> str:
    """How an upload or trial went, as a sentence or two."""
    if not report.records:
        return _("Nothing is recorded in these files: there was nothing to send.")
    if report.dry_run:
        if not report.exceptions:
            return _("Trial: every line would be recorded. Nothing was recorded.")
        text = ngettext(
            "Trial: {count} line would be refused. Nothing was recorded.",
            "Trial: {count} lines would be refused. Nothing was recorded.",
            report.exceptions,
        )
        return text.format(count=number(report.exceptions))
    if report.exceptions:
        return _("The upload is complete.") + " " + attention(report)
    if report.skipped and not report.recorded:
        return _("All of this had been uploaded before: nothing was recorded twice.")
    return _("The upload is complete: every line was recorded.")


def attention(report: JobReport) -> str:
    """How many lines were refused, and how many of them leave something to do; may be empty."""
    count = report.exceptions
    if not count:
        return ""
    work = sum(upload_words.needs_work(line) for line in report.exception_lines)
    if work == count:
        text = ngettext(
            "{count} line needs your attention.", "{count} lines need your attention.", count
        )
        return text.format(count=number(count))
    text = ngettext("{count} line was refused", "{count} lines were refused", count)
    told = text.format(count=number(count))
    if not work:
        return _("{refused}: none leaves anything to do.").format(refused=told)
    text = ngettext(
        "{refused}: {count} needs your attention.",
        "{refused}: {count} need your attention.",
        work,
    )
    return text.format(refused=told, count=number(work))


WAITING = "waiting"
""":attr:`offcirc.upload.report.report.JobStatus.WAITING`, without loading what it takes."""


def unfinished(
    jobs: Iterable[JobReport], files: Iterable[SourceRow], desk: str
) -> JobReport | None:
    """The newest upload of exactly these contents that can be resumed.

    Args:
        jobs: past uploads, newest first.
        files: the files to be uploaded.
        desk: the circulation desk's code; empty for any.
    """
    wanted = {file.sha256 for file in files if file.ready}
    if not wanted:
        return None
    for job in jobs:
        if job.status.value == WAITING:
            continue  # it was carried somewhere by hand: there is nothing to be sent
        if {file.sha256 for file in job.files} == wanted and desk in ("", job.desk):
            return None if job.complete else job
    return None
