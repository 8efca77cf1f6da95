"""What the library system's own report adds to that of a file handed over: its job row, its doubts.

The lines' states say which ones it named. Its counts may say that there are more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from offcirc.i18n import _, ngettext
from offcirc.servers.protocol import ServerJob
from offcirc.servers.registry import file_target
from offcirc.storage.ledger import handovers
from offcirc.storage.ledger.handovers import ServerReportRow
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import UploadRow
from offcirc.upload.alma.almafacts import Ending, JobFacts
from offcirc.upload.alma.almarows import barcode, spoilt
from offcirc.upload.base import reasons
from offcirc.upload.report.report import JobReport, LineStatus, ReportLine


def completed(ledger: Ledger, upload: UploadRow, report: JobReport) -> JobReport:
    """The report of an upload, with what the library system has reported about it.

    Args:
        ledger: where it is kept.
        upload: which upload.
        report: as this program knows it; it comes back as it is when nothing was read back.
    """
    if file_target(upload.server) is None:
        return replace(report, there=_times(ledger, upload))
    file = handovers.file_of(ledger, upload.id)
    if file is not None and file.written:
        report = replace(report, server=f"{report.server} · {Path(file.path).name}")
    read = _of_last_run(handovers.reports_of(ledger, upload.id))
    if not read:
        return report
    facts = facts_of(read)
    unplaced = _unplaced(ledger, read)
    named = report.rejected + handovers.as_meant(ledger, upload.id)
    unnamed = max(0, (facts.exceptions or 0) - named)
    unknown = max(unnamed, len(unplaced)) if not report.handed_over else len(unplaced)
    return replace(
        report,
        process_id=facts.process_id or report.process_id,
        name=facts.name or report.name,
        started=facts.started or report.started,
        finished=facts.finished or report.finished,
        run_seconds=_run_seconds(facts, report),
        recorded=max(0, report.recorded - unknown) if not report.handed_over else report.recorded,
        unknown=report.unknown + unknown,
        problem=" ".join(_sentences(facts, report, read, named, len(unplaced))),
    )


def keep_times(ledger: Ledger, upload: UploadRow, job: ServerJob) -> None:
    """Keep when a server says that its job began and ended."""
    if job.started is None or job.finished is None:
        return
    row = ServerReportRow(
        *(0, upload.id, datetime.now(UTC), upload.who, "", "", job.id, job.name),
        started=job.started,
        finished=job.finished,
        run_seconds=None,
        status="",
        ending="",
        records=None,
        exceptions=None,
        base=1,
        base_told=False,
        sure=True,
    )
    handovers.add_report(ledger, row, ())


def _times(ledger: Ledger, upload: UploadRow) -> tuple[datetime, datetime] | None:
    """When the server says that the job began and ended."""
    for row in reversed(handovers.reports_of(ledger, upload.id)):
        if row.process_id == upload.process_id and row.started and row.finished:
            return row.started, row.finished
    return None


def with_rows(ledger: Ledger, upload: UploadRow, report: JobReport) -> JobReport:
    """The report of an upload, with those rows of the library system's that fit no line of it."""
    if file_target(upload.server) is None:
        return report
    rows = _unplaced(ledger, _of_last_run(handovers.reports_of(ledger, upload.id)))
    return replace(report, lines=(*report.lines, *rows)) if rows else report


def facts_of(read: Sequence[ServerReportRow]) -> JobFacts:
    """What all reports about one job say of it; the last one counts most."""
    facts = JobFacts()
    for row in reversed(read):
        facts = facts.completed_by(
            JobFacts(
                row.process_id,
                row.name,
                row.started,
                row.finished,
                row.run_seconds,
                row.status,
                row.records,
                row.exceptions,
            )
        )
    return facts


def _of_last_run(read: Sequence[ServerReportRow]) -> list[ServerReportRow]:
    """The reports about the last run of the file, if it ran more than once."""
    last = next((one.process_id for one in reversed(read) if one.process_id), "")
    return [one for one in read if one.process_id in ("", last)]


def _run_seconds(facts: JobFacts, report: JobReport) -> float:
    if facts.run_seconds is not None:
        return facts.run_seconds
    if facts.started is not None and facts.finished is not None:
        return max(0.0, (facts.finished - facts.started).total_seconds())
    return report.run_seconds


def _unplaced(ledger: Ledger, read: Sequence[ServerReportRow]) -> list[ReportLine]:
    """The rows that belong to no line of the file, each once."""
    rows = dict.fromkeys(row for one in read for row in handovers.unplaced_rows(ledger, one.id))
    return [
        ReportLine(
            file="",
            line=number or 0,
            status=LineStatus.UNKNOWN,
            message=message,
            reason=reasons.SPOILT if spoilt(barcode(message)) else reasons.NO_SUCH_LINE,
            at=None,
            operation=None,
            item=barcode(message),
            patron="",
            raw="",
        )
        for number, message in rows
    ]


def _sentences(
    facts: JobFacts, report: JobReport, read: Sequence[ServerReportRow], named: int, unplaced: int
) -> list[str]:
    """What the report leaves open, and what to do about it."""
    told = []
    lines = report.records - report.held - report.skipped
    refused = facts.exceptions or 0
    possible = {lines, lines - refused, lines + report.held, lines + report.held - refused}
    if report.handed_over:
        told.append(_unfinished(facts))
    elif facts.exceptions is not None and facts.exceptions != named + unplaced:
        told.append(_miscounted(facts.exceptions, named + unplaced))
    if facts.records is not None and facts.records not in possible:
        told.append(
            _(
                "The library system says that it processed {processed} lines; the file has "
                "{lines}. Make sure that the report belongs to this file."
            ).format(processed=facts.records, lines=lines)
        )
    if unplaced:
        text = ngettext(
            "{count} row of its report fits no line of the file, or cannot be read.",
            "{count} rows of its report fit no line of the file, or cannot be read.",
            unplaced,
        )
        told.append(text.format(count=unplaced))
    if not all(row.sure for row in read):
        told.append(
            _(
                "Whether it counts lines from 0 or from 1 cannot be told from this report: where a "
                "barcode stands in several lines, another one of them may be meant."
            )
        )
    return told


def _unfinished(facts: JobFacts) -> str:
    if facts.ending is Ending.FAILED:
        return _(
            "The library system’s job has failed (“{status}”): lines that it does not name still "
            "wait for a report. Upload the file again there, then read the new report in."
        ).format(status=facts.status)
    return _(
        "The library system’s job has not ended yet (“{status}”): lines that it does not name "
        "still wait. Read its report in once more when it has ended."
    ).format(status=facts.status)


def _miscounted(counted: int, named: int) -> str:
    if counted > named:
        return _(
            "The library system counts {counted} exceptions, its report names {named}. So {left} "
            "more lines were refused, and nobody knows which: export the whole report there and "
            "read it in; what is missing is then completed."
        ).format(counted=counted, named=named, left=counted - named)
    return _(
        "The library system counts {counted} exceptions, its report names {named}. Make sure that "
        "the report belongs to this file."
    ).format(counted=counted, named=named)
