"""Past uploads, read back from the ledger as reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from offcirc import words as core_words
from offcirc.core.dat.datline import decode
from offcirc.core.transaction import Operation
from offcirc.servers.registry import tells_loan_times
from offcirc.storage.ledger import lookups, opinions
from offcirc.storage.ledger.decisions import DecisionBook
from offcirc.storage.ledger.decisions import DecisionKind as Decided
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import (
    FileFacts,
    LineRow,
    LineState,
    RunRow,
    UploadRow,
)
from offcirc.upload.base import reasons
from offcirc.upload.base.errors import NoSuchJobError
from offcirc.upload.report import answered, uploadwords, words
from offcirc.upload.report.lookups import named
from offcirc.upload.report.opinion import Difference, DifferenceKind, SecondOpinion
from offcirc.upload.report.report import (
    DecidedAct,
    JobReport,
    JobStatus,
    LineDecision,
    LineStatus,
    Origin,
    ReportFile,
    ReportLine,
)

_TOLD = (LineState.REJECTED, LineState.UNKNOWN, LineState.HELD, LineState.SKIPPED)
_STATUS = {
    LineState.RECORDED: LineStatus.RECORDED,
    LineState.REJECTED: LineStatus.REJECTED,
    LineState.UNKNOWN: LineStatus.UNKNOWN,
    LineState.SENDING: LineStatus.UNKNOWN,
    LineState.HELD: LineStatus.HELD,
    LineState.SKIPPED: LineStatus.SKIPPED,
    LineState.HANDED_OVER: LineStatus.HANDED_OVER,
}
_ACTS = {
    Decided.CORRECT: DecidedAct.CORRECTED,
    Decided.SWAP: DecidedAct.SWAPPED,
    Decided.HOLD: DecidedAct.HELD,
    Decided.DROP: DecidedAct.DROPPED,
    Decided.LATER: DecidedAct.LATER,
}


def list_jobs(ledger: Ledger) -> list[JobReport]:
    """The uploads of this ledger, newest first, without their lines."""
    busy = ledger.busy
    return [_report(ledger, upload, busy=busy, lines=()) for upload in ledger.uploads()]


def load_report(ledger: Ledger, job: int | str) -> JobReport:
    """The report of a past upload.

    Args:
        ledger: where it is kept.
        job: its number in the ledger, or the server's Process ID.

    Raises:
        NoSuchJobError: there is none.
    """
    return report_of(ledger, find_job(ledger, job))


def find_job(ledger: Ledger, job: int | str) -> UploadRow:
    """A past upload, by its number in the ledger or the server's Process ID.

    Raises:
        NoSuchJobError: there is none.
    """
    text = str(job).strip()
    upload = (
        ledger.upload(int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None
    )
    upload = upload or ledger.upload_of_job(text)
    if upload is None:
        raise NoSuchJobError(text)
    return upload


def report_of(ledger: Ledger, upload: UploadRow, *, busy: bool | None = None) -> JobReport:
    """The report of an upload, with its lines.

    Args:
        ledger: where it is kept.
        upload: which.
        busy: whether an upload from this ledger is under way; looked up if not given.
    """
    files = ledger.files(upload.id)
    rows = ledger.lines(upload, LineState.SENDING, *_TOLD)
    noted = [row for row in ledger.noted(upload) if words.needs_a_look(row.notes)]
    known = lookups.known(ledger, upload.id)
    book = DecisionBook(ledger)
    lines = tuple(named(line_of(row, files, book), known) for row in sorted(rows + noted))
    report = _report(ledger, upload, busy=ledger.busy if busy is None else busy, lines=lines)
    report = replace(report, opinion=_opinion(ledger, upload, files, book))
    return answered.with_rows(ledger, upload, report)


def _opinion(
    ledger: Ledger, upload: UploadRow, files: Sequence[FileFacts], book: DecisionBook
) -> SecondOpinion | None:
    """What was found when the upload was read back from the system, if it was."""
    kept = opinions.kept(ledger, upload.id)
    if kept is None:
        return None
    differ = tuple(
        Difference(
            DifferenceKind(row.kind),
            line_of(line, files, book),
            row.patron,
            datetime.fromisoformat(row.lent_at) if row.lent_at else None,
            datetime.fromisoformat(row.due_at) if row.due_at else None,
        )
        for row, line in opinions.differences(ledger, upload.id)
    )
    return SecondOpinion(*kept, differ, tells_loan_times(upload.url))


def report_file(file: FileFacts) -> ReportFile:
    """A file of the ledger as a file of the report."""
    return ReportFile(file.name, file.sha256, file.size, file.records, file.same_as)


def _report(
    ledger: Ledger, upload: UploadRow, *, busy: bool, lines: Sequence[ReportLine]
) -> JobReport:
    counts = ledger.counts(upload)
    runs = ledger.runs(upload.id)
    status, problem = _status(runs, busy=busy)
    if status is JobStatus.WAITING and not counts[LineState.HANDED_OVER]:
        status = JobStatus.COMPLETED
    report = JobReport(
        id=upload.id,
        process_id=upload.process_id or str(upload.id),
        name=upload.name or uploadwords.job_name(),
        server=upload.url,
        desk=upload.desk,
        who=upload.who,
        started=upload.started,
        finished=runs[-1].ended if runs and status is not JobStatus.WAITING else None,
        run_seconds=sum(_seconds(run, busy=busy) for run in runs),
        status=status,
        dry_run=False,
        files=tuple(map(report_file, ledger.files(upload.id))),
        records=sum(counts.values()),
        recorded=counts[LineState.RECORDED],
        rejected=counts[LineState.REJECTED],
        unknown=counts[LineState.UNKNOWN] + counts[LineState.SENDING],
        held=counts[LineState.HELD],
        skipped=counts[LineState.SKIPPED],
        left=counts[LineState.PLANNED],
        lines=tuple(lines),
        problem=problem,
        handed_over=counts[LineState.HANDED_OVER],
        in_house=ledger.recorded(upload, Operation.IN_HOUSE),
    )
    return answered.completed(ledger, upload, report)


def _status(runs: Sequence[RunRow], *, busy: bool) -> tuple[JobStatus, str]:
    last = runs[-1] if runs else None
    if last is not None and last.ended is not None:
        return JobStatus(last.status), last.problem
    if busy and last is not None and last.newest:
        return JobStatus.RUNNING, ""
    # Killed, or the power was cut: nobody was left to say so.
    return JobStatus.STOPPED, uploadwords.cut_off()


def _seconds(run: RunRow, *, busy: bool) -> float:
    """How long a run has taken; of one that was cut off nobody knows."""
    end = run.ended or (datetime.now(UTC) if busy and run.newest else run.started)
    return max(0.0, (end - run.started).total_seconds())


def line_of(row: LineRow, files: Sequence[FileFacts], book: DecisionBook | None) -> ReportLine:
    """A line of the report, with all that its file, its desk and people's decisions tell.

    Args:
        row: the line, and what became or would become of it.
        files: those of the upload.
        book: what was decided, if anybody could decide.
    """
    reason = reasons.NO_ANSWER if row.state is LineState.SENDING else row.reason
    file = files[row.file]
    return ReportLine(
        file=file.name,
        line=row.number,
        status=_STATUS[row.state],
        message=row.message or words.message_of(reason),
        reason=reason,
        at=datetime.fromisoformat(row.minute) if row.minute else None,
        operation=Operation(row.operation) if row.operation else None,
        item=row.item,
        patron=row.patron,
        raw=readable(row.raw),
        replayed=row.replayed,
        due_at=datetime.fromisoformat(row.due_at) if row.due_at else None,
        notes=row.notes,
        id=row.id,
        exact=datetime.fromisoformat(row.exact) if row.exact else None,
        origin=_origin(file),
        decision=_decision(row, book) if book and row.decision else None,
    )


def _origin(file: FileFacts) -> Origin:
    """The desk, as its manifest or journal tells; a guess from the file's name is no news."""
    if file.told_by == "name":
        return Origin()
    return Origin(file.library, file.circulation_desk, file.desk_name)


def _decision(row: LineRow, book: DecisionBook) -> LineDecision | None:
    """What was decided on a line; ``None`` for what is no business of the report's."""
    made = book.get(row.decision)
    if made is None or made.act not in _ACTS:
        return None
    return LineDecision(_ACTS[made.act], made.who, made.at, made.note, _was(row))


def _was(row: LineRow) -> str:
    """What a line says in its file where something else was sent; empty where nothing was."""
    record = decode(row.raw).record
    if record is None:
        # It could not be read, and somebody has said what it was.
        return " ".join(readable(row.raw).split()) if row.item else ""
    # Not the time: a clock that was put right moves that of every line.
    said = (
        (core_words.operation(record.operation), record.operation == row.operation),
        (record.item, record.item == row.item),
        (record.patron, record.patron == row.patron or not row.patron),
    )
    return " ".join(text for text, same in said if not same)


def readable(raw: bytes) -> str:
    """A line's bytes as text, whatever they are; what is no ASCII is escaped."""
    text = raw.decode("ascii", "backslashreplace")
    return "".join(
        character if character.isprintable() else f"\\x{ord(character):02x}" for character in text
    )
