"""What an upload came to: one model, whatever it is shown as."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from offcirc.core.transaction import Operation
from offcirc.upload.report.opinion import SecondOpinion


class LineStatus(StrEnum):
    """What became of a line; the values are those of the command line's JSON."""

    RECORDED = "recorded"
    REJECTED = "rejected"
    """The server says no."""
    UNKNOWN = "unknown"
    """Sent, and nobody knows what became of it."""
    HELD = "held"
    """Damaged, so never sent."""
    SKIPPED = "skipped"
    """Recorded by an earlier upload."""
    HANDED_OVER = "handed-over"
    """In a file for the library system, whose report has not been read back."""


class Grouping(StrEnum):
    """By what the exceptions of a report are put together."""

    REASON = "reason"
    PATRON = "reader"
    ITEM = "item"


class JobStatus(StrEnum):
    """How far an upload has come."""

    RUNNING = "running"
    """Under way, or cut off without a word (power cut); can be resumed."""
    COMPLETED = "completed"
    WAITING = "waiting"
    """Handed over as a file; the library system's report has not been read back."""
    STOPPED = "stopped"
    """The server went away; can be resumed."""
    CANCELLED = "cancelled"
    """Someone cancelled it; can be resumed."""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of the upload.

    Attributes:
        name: its name without folders.
        sha256: of its content, hexadecimal.
        size: in bytes.
        records: its lines that are not blank; 0 for a file that was given twice.
        same_as: the name of the file with the same content that was uploaded in its place, or
            empty.
    """

    name: str
    sha256: str
    size: int
    records: int
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line was recorded, as far as the desk's manifest or journal tells; else empty.

    Attributes:
        library: the library's name.
        circulation_desk: the circulation desk's code.
        desk: the name of the desk PC.
    """

    library: str = ""
    circulation_desk: str = ""
    desk: str = ""


class DecidedAct(StrEnum):
    """What a referent has decided on a line before it was sent."""

    CORRECTED = "corrected"
    """Another barcode or identifier than the file's was sent."""
    SWAPPED = "swapped"
    """Item and borrower were the wrong way round in the file."""
    HELD = "held"
    """Kept back for later."""
    DROPPED = "dropped"
    """Never to be sent."""
    LATER = "later"
    """Left for another upload."""


@dataclass(frozen=True, slots=True)
class LineDecision:
    """A referent's decision on a line; the line itself stays as the desk wrote it.

    Attributes:
        who: by whom.
        at: when; aware, or ``None`` when it was not kept.
        why: the referent's own words; may be empty.
        was: of a corrected line, what the file says in its place.
    """

    act: DecidedAct
    who: str
    at: datetime | None = None
    why: str = ""
    was: str = ""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line that is not plainly fine, with all that the file knows about it.

    Attributes:
        file: the file's name, without folders.
        line: its number there, from 1.
        status: what became of it.
        message: the server's words, verbatim; for a line that was held or skipped, why, in the
            active language.
        reason: the code of the reason, see :func:`offcirc.upload.report.words.reason_name`.
        at: when it happened, naive local time to the minute; ``None`` when unreadable.
        operation: loan or return; ``None`` when unreadable.
        item: the item barcode.
        patron: the patron identifier; empty on a return.
        raw: the line as it stands in the file; bytes that are no ASCII are escaped.
        replayed: the server had seen it in an earlier upload.
        due_at: the due date the server gave, or ``None``.
        notes: the server's codes of what staff should know about a recorded line.
        id: the line's id in the ledger; 0 when the ledger does not have it.
        exact: when it happened to the second or finer, naive local time; ``None`` when nobody knows
            more than ``at``.
        origin: where it was recorded.
        title: the item's title as the server has it; empty when unknown.
        patron_name: the reader's name as the server has it; empty when unknown or not wanted.
        decision: what a referent decided on it before it was sent, or ``None``.
    """

    file: str
    line: int
    status: LineStatus
    message: str
    reason: str
    at: datetime | None
    operation: Operation | None
    item: str
    patron: str
    raw: str
    replayed: bool = False
    due_at: datetime | None = None
    notes: tuple[str, ...] = ()
    id: int = 0
    exact: datetime | None = None
    origin: Origin = Origin()
    title: str = ""
    patron_name: str = ""
    decision: LineDecision | None = None


@dataclass(frozen=True, slots=True)
class JobReport:
    """An upload: Alma's job row, and the lines that are not plainly fine.

    Attributes:
        id: its number in the ledger; 0 for a dry run, which the ledger does not keep.
        process_id: the server's name for it, else the ledger's number.
        name: the job's name, as the server words it.
        server: the server's address.
        desk: the circulation desk's code.
        who: who uploaded.
        started: aware.
        finished: aware; ``None`` while it has not ended.
        run_seconds: how long it has worked, all resumptions together.
        status: how far it has come.
        dry_run: nothing was kept; ``recorded`` and ``rejected`` say what would be.
        files: what was uploaded.
        records: lines of the files that are not blank.
        recorded: recorded by this upload.
        rejected: the server says no.
        unknown: sent without an answer.
        held: damaged, never sent.
        skipped: recorded by an earlier upload.
        left: not sent yet; 0 once completed.
        lines: rejected, unknown, held and skipped lines, and recorded ones with notes, in the
            order in which they were uploaded.
        problem: why it stopped, in the words of its day; or what the library system's report
            leaves open. Empty when there is nothing to say.
        handed_over: handed over as a file, not answered yet.
        there: when the server says that its job began and ended, aware; ``None`` if it does not.
        selection: which lines are listed, as a sentence; empty when all are.
        opinion: what the system held when it was read back; ``None`` when it was not.
        in_house: how many of the recorded ones were in-house use, as was meant.
    """

    id: int
    process_id: str
    name: str
    server: str
    desk: str
    who: str
    started: datetime
    finished: datetime | None
    run_seconds: float
    status: JobStatus
    dry_run: bool
    files: tuple[ReportFile, ...]
    records: int
    recorded: int
    rejected: int
    unknown: int
    held: int
    skipped: int
    left: int
    lines: tuple[ReportLine, ...]
    problem: str = ""
    selection: str = ""
    in_house: int = 0
    handed_over: int = 0
    there: tuple[datetime, datetime] | None = None
    opinion: SecondOpinion | None = None

    @property
    def processed(self) -> int:
        """Lines about which something is known: neither still to be sent nor waiting."""
        return self.records - self.left - self.handed_over

    @property
    def exceptions(self) -> int:
        """Lines that are neither fine nor skipped: rejected, unknown or held."""
        return self.rejected + self.unknown + self.held

    @property
    def complete(self) -> bool:
        """Whether every line has been dealt with."""
        return self.status is JobStatus.COMPLETED

    @property
    def exception_lines(self) -> tuple[ReportLine, ...]:
        """The lines that :attr:`exceptions` counts."""
        told = (LineStatus.REJECTED, LineStatus.UNKNOWN, LineStatus.HELD)
        return tuple(line for line in self.lines if line.status in told)


def nameless(report: JobReport, names: bool = False) -> JobReport:
    """The same report without readers' names, unless they are wanted.

    Whatever leaves the program goes through here, so that names only travel where that is said.
    """
    if names or not any(line.patron_name for line in report.lines):
        return report
    return replace(report, lines=tuple(replace(line, patron_name="") for line in report.lines))
