"""Taking Alma's own report in: what became of each line of a file that was handed over.

The report is joined with its file (see :mod:`offcirc.upload.alma.almajoin`): lines that it names
are refused, all others are recorded. Reading the same report twice changes nothing; a fuller one
completes what a shorter one left open. A file that was uploaded to Alma without us is taken into
the ledger first, so that follow-up and history know it like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

from offcirc.core.answers import Note, Reason, is_expected
from offcirc.disk.database import transaction
from offcirc.disk.errors import LockedError, wording
from offcirc.i18n import _
from offcirc.servers.almawords import reason as reason_of
from offcirc.servers.files.alma import AlmaFile
from offcirc.storage.ledger import handovers
from offcirc.storage.ledger.handovers import HandedRow, ServerReportRow
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import (
    FileFacts,
    LineFacts,
    LineRow,
    LineState,
    Settled,
    UploadRow,
)
from offcirc.upload.alma.almafacts import Ending
from offcirc.upload.alma.almajoin import FileLine, Joined, join
from offcirc.upload.alma.almareport import AlmaReport, read_alma_report
from offcirc.upload.base import reasons
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.handover.handedfile import complete_if_answered
from offcirc.upload.handover.handovererrors import NoFileForReportError, SeveralFilesForReportError
from offcirc.upload.handover.handoverparts import identity_of
from offcirc.upload.lines.plan import Plan, make_plan
from offcirc.upload.report import answered
from offcirc.upload.report.history import report_of
from offcirc.upload.report.report import JobReport, JobStatus

SEPARATOR = " / "
"""Between the messages of several rows about one line."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of reading a report in.

    Attributes:
        report: the joined report of the upload.
        news: whether it said anything that was not known.
        notice: what to know besides; empty when there is nothing.
    """

    report: JobReport
    news: bool
    notice: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file that a report may be about.

    Attributes:
        upload: its upload; ``None`` for one that the ledger does not know.
        lines: its lines, as the ledger has or would have them, with their numbers in the file.
        joined: the report joined with it.
        fit: how well they go together, the greater the better.
        sha256: of its content, hexadecimal.
        file: the file, when the ledger does not know it.
    """

    name: str
    upload: UploadRow | None
    lines: tuple[tuple[int, LineRow | LineFacts], ...]
    joined: Joined
    fit: tuple[int, ...]
    sha256: str
    file: FileFacts | None = None

    @property
    def plausible(self) -> bool:
        """Whether the report may be about this file: most of its rows, or its count, fit."""
        placed, unplaced = len(self.joined.messages), len(self.joined.unplaced)
        return placed >= max(1, unplaced) if placed or unplaced else bool(self.fit[2])


def import_report(
    path: Path, ledger: Ledger, *, who: str, files: Sequence[Path] = (), desk: str = ""
) -> Imported:
    """Read a report of Alma's in.

    Args:
        path: the report: XLSX, CSV, page, mail or text.
        ledger: where it is kept.
        who: who reads it in.
        files: OffCirc.dat files as Alma got them; the report is joined with the one that it fits
            best. Empty: a file that was handed over from here is looked for.
        desk: the circulation desk at which ``files`` were uploaded.

    Raises:
        NotAlmaReportError: it is something else.
        NoFileForReportError, SeveralFilesForReportError: it is not clear which file it is about.
        PlanError: a file cannot be read.
        LedgerBusyError: another upload from the same ledger is under way.
        StorageError: the ledger cannot be read or written.
    """
    report = read_alma_report(path)
    try:
        with ledger.exclusive():
            chosen = _choose(ledger, report, path.name, files)
            upload = chosen.upload or _begin(ledger, chosen, who=who, desk=desk)
            news, notice = _take(ledger, upload, report, name=path.name, who=who)
            return Imported(report_of(ledger, upload, busy=False), news, notice)
    except LockedError as error:
        raise LedgerBusyError(str(ledger.path.parent)) from error


# -- which file the report is about --------------------------------------------------------------


def _choose(ledger: Ledger, report: AlmaReport, name: str, files: Sequence[Path]) -> _Candidate:
    usual = handovers.usual_base(ledger)
    known = [_known(ledger, row, report, usual) for row in _carried_there(ledger)]
    if files:
        # Each by itself, as Alma got it: nothing decided, no earlier copy left out.
        plans = {plan.files[0].sha256: plan for plan in (make_plan([file]) for file in files)}
        given = [_same(known, plan) or _new(plan, report, usual) for plan in plans.values()]
        if len(given) == 1 and (given[0].joined.messages or not report.rows):
            return given[0]
        # What was handed over may be these very lines, merged.
        candidates = [*given, *(one for one in known if one.fit[-1])]
    else:
        candidates = known
    plausible = [one for one in candidates if one.plausible]
    if not plausible:
        raise NoFileForReportError(name)
    best = max(one.fit for one in plausible)
    chosen = list({id(one): one for one in plausible if one.fit == best}.values())
    if len(chosen) > 1:
        raise SeveralFilesForReportError(name, ", ".join(one.name for one in chosen))
    return chosen[0]


def _carried_there(ledger: Ledger) -> list[HandedRow]:
    """The files that were for Alma."""
    jobs = {one.id for one in ledger.uploads() if one.server == AlmaFile.identity}
    return [row for row in handovers.files(ledger) if row.upload in jobs]


def _known(ledger: Ledger, row: HandedRow, report: AlmaReport, usual: int | None) -> _Candidate:
    """A file that the ledger knows."""
    upload = ledger.upload(row.upload)
    assert upload is not None, "uploads are never deleted"
    lines = tuple(handovers.lines_of(ledger, upload))
    read = {one.process_id for one in handovers.reports_of(ledger, upload.id)} - {""}
    joined = join([_file_line(number, line) for number, line in lines], report.rows, usual)
    waits = any(line.state is LineState.HANDED_OVER for _number, line in lines)
    same_job = report.facts.process_id in read
    return _Candidate(
        Path(row.path).name,
        upload,
        lines,
        joined,
        _fit(lines, joined, report, same_job=same_job, waits=waits),
        row.sha256,
    )


def _same(known: Sequence[_Candidate], plan: Plan) -> _Candidate | None:
    """The newest file of the ledger with the content of one that was given."""
    return next((one for one in reversed(known) if one.sha256 == plan.files[0].sha256), None)


def _new(plan: Plan, report: AlmaReport, usual: int | None) -> _Candidate:
    """A file that was given."""
    file = plan.files[0]
    lines = tuple(sorted(((line.number, line) for line in plan.lines()), key=itemgetter(0)))
    joined = join([_file_line(number, line) for number, line in lines], report.rows, usual)
    fit = _fit(lines, joined, report, same_job=False, waits=True)
    return _Candidate(file.name, None, lines, joined, fit, file.sha256, file)


def _fit(
    lines: Sequence[object], joined: Joined, report: AlmaReport, *, same_job: bool, waits: bool
) -> tuple[int, ...]:
    records = report.facts.records
    counted = records in (len(lines), len(lines) - (report.facts.exceptions or 0))
    return (int(same_job), -len(joined.unplaced), int(counted), joined.agreeing, int(waits))


def _file_line(number: int, line: LineRow | LineFacts) -> FileLine:
    return FileLine(number, line.operation, line.item, line.patron)


def _begin(ledger: Ledger, chosen: _Candidate, *, who: str, desk: str) -> UploadRow:
    """Take a file into the ledger that was uploaded to Alma without us."""
    assert chosen.file is not None, "only what the ledger knows has none"
    facts = [line for _number, line in chosen.lines if isinstance(line, LineFacts)]
    with wording(ledger.path), transaction(ledger.database):
        number = ledger.begin(
            server=AlmaFile.identity,
            url=AlmaFile.name,
            desk=desk or identity_of(chosen.file).circulation_desk,
            who=who,
            process_id="",
            name="",
            files=[chosen.file],
            lines=(
                line._replace(
                    file=0,
                    state=LineState.HANDED_OVER if line.state is LineState.PLANNED else line.state,
                )
                for line in facts
            ),
        )
        upload = ledger.upload(number)
        assert upload is not None, "it has just begun"
        row = HandedRow(
            number,
            handovers.next_handover(ledger),
            1,
            1,
            False,
            chosen.file.path,
            identity_of(chosen.file).library,
            chosen.file.size,
            chosen.file.sha256,
        )
        ids = range(upload.first_line, upload.last_line + 1)
        handovers.add_file(ledger, row, zip(ids, (line.number for line in facts), strict=True))
        ledger.end_run(number, JobStatus.WAITING)
    return upload


# -- what it says of the lines -------------------------------------------------------------------


def _take(
    ledger: Ledger, upload: UploadRow, report: AlmaReport, *, name: str, who: str
) -> tuple[bool, str]:
    """Keep what a report says; whether it was news, and what to know besides."""
    read = handovers.reports_of(ledger, upload.id)
    if any(one.digest == report.digest for one in read):
        return False, _("This report has been read in before.")
    lines = handovers.lines_of(ledger, upload)
    earlier = answered.facts_of(read).process_id
    process_id = report.facts.process_id
    if (
        earlier not in ("", process_id)
        and process_id
        and not any(line.state is LineState.HANDED_OVER for _number, line in lines)
    ):
        return False, _(
            "Alma has answered for this file before, as process {earlier}; this report is about "
            "process {process_id}: the file has been uploaded twice. Nothing was changed here."
        ).format(earlier=earlier, process_id=process_id)
    usual = handovers.usual_base(ledger)
    joined = join([_file_line(number, line) for number, line in lines], report.rows, usual)
    facts = report.facts
    row = ServerReportRow(
        0,
        upload.id,
        datetime.now(UTC),
        who,
        name,
        report.digest,
        process_id,
        facts.name,
        facts.started,
        facts.finished,
        facts.run_seconds,
        facts.status,
        facts.ending or "",
        facts.records,
        facts.exceptions,
        joined.base,
        joined.told,
        joined.sure,
    )
    unplaced = [(one.number, one.told) for one in joined.unplaced]
    with wording(ledger.path), transaction(ledger.database):
        handovers.add_report(ledger, row, unplaced)
        if process_id and process_id != upload.process_id:
            ledger.add_job(upload.id, process_id, facts.name)
        rerun = process_id not in ("", earlier) and earlier != ""
        ledger.settle(_settled([line for _number, line in lines], joined, report, rerun=rerun))
        complete_if_answered(ledger, upload.id)
    return True, ""


def _settled(
    lines: Sequence[LineRow], joined: Joined, report: AlmaReport, *, rerun: bool
) -> list[Settled]:
    """What becomes of the lines that the report changes anything about.

    Args:
        lines: the lines of the file.
        joined: the report joined with them.
        report: the report.
        rerun: it is about another run of the file than the reports before it.
    """
    over = report.facts.ending not in (Ending.RUNNING, Ending.FAILED)
    said = Counter(message for messages in joined.messages.values() for message in messages)
    refused = [line for line in lines if line.state is LineState.REJECTED]
    # A report that tells all that is known, and more, has the last word on which line is meant.
    fuller = over and (rerun or not Counter(line.message for line in refused) - said)
    settled = []
    for place, line in enumerate(lines):
        message = SEPARATOR.join(joined.messages.get(place, ()))
        if message:
            if line.state is not LineState.REJECTED or fuller:
                unsure = (reasons.LINE_UNSURE,) if place in joined.unsure else ()
                settled.append(_named(line, reason_of(message), message, unsure))
        elif line.state is LineState.REJECTED:
            if fuller:
                settled.append(Settled(line.id, LineState.RECORDED))
        elif over and (line.state is LineState.HANDED_OVER or _superseded(line)):
            settled.append(Settled(line.id, LineState.RECORDED))
    return settled


def _named(line: LineRow, reason: Reason, message: str, notes: tuple[str, ...] = ()) -> Settled:
    """The library system's own report names it, and says why.

    Args:
        line: the line.
        reason: why it was not recorded.
        message: the report's words.
        notes: what else is to be said of it.
    """
    if is_expected(line.operation, reason):
        notes = (Note.IN_HOUSE_USE, *notes)
        return Settled(line.id, LineState.RECORDED, message=message, notes=notes)
    return Settled(line.id, LineState.REJECTED, reason.value, message, notes=notes)


def _superseded(line: LineRow) -> bool:
    return line.state is LineState.SKIPPED and line.reason == reasons.HANDED_OVER_AGAIN
