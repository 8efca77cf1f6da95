"""Files that were handed over to a library system, as the ledger knows them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from offcirc.core.transaction import OPERATIONS
from offcirc.servers.files.alma import AlmaFile
from offcirc.servers.files.target import FileTarget
from offcirc.servers.registry import file_target
from offcirc.storage.ledger import handovers
from offcirc.storage.ledger.handovers import HandedRow
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineFacts, LineRow, LineState
from offcirc.upload.report.history import report_of
from offcirc.upload.report.report import JobReport, JobStatus


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file for a library system.

    Attributes:
        job: the number of its upload in the ledger; 0 in a preview.
        handover: which files were handed over together.
        place: when to upload it there: the first, the second, …
        places: how many files there are.
        path: where it is; in a preview, where it would be.
        library: the library's name; may be empty.
        desk: the circulation desk to choose.
        loans: how many of its lines are loans.
        returns: how many are returns.
        first: when its first line happened, naive local time; ``None`` if it has none.
        last: the same of its last line.
        size: in bytes.
        sha256: of its content, hexadecimal.
        waiting: how many of its lines the system has not answered for yet.
        written: this program wrote it; else it was given to the system without us.
        system: the system's identity.
    """

    job: int
    handover: int
    place: int
    places: int
    path: Path
    library: str
    desk: str
    loans: int
    returns: int
    first: datetime | None
    last: datetime | None
    size: int
    sha256: str
    waiting: int
    written: bool = True
    system: str = AlmaFile.identity

    @property
    def target(self) -> FileTarget:
        """The library system."""
        return _target(self.system)

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.loans + self.returns


@dataclass(frozen=True, slots=True)
class Handover:
    """Files for a library system that were made together.

    Attributes:
        id: its number in the ledger; 0 in a preview.
        folder: where the files are.
        at: when, aware, UTC.
        who: who handed over.
        files: in the order in which they are to go up.
        reports: what became of the lines: one report for each file, and for each desk of which
            every line had to be held back. Empty in a preview.
        held: lines left out because they are damaged, or held back or dropped by decision.
        skipped: lines left out because they were handed over or recorded earlier, or come twice.
        checklist: what to do with the files, as a page to print; a text is beside it. ``None`` in
            a preview.
        refused: lines left out because the system knows no such item or reader.
        system: the system's identity.
    """

    id: int
    folder: Path
    at: datetime
    who: str
    files: tuple[HandedFile, ...]
    reports: tuple[JobReport, ...] = ()
    held: int = 0
    skipped: int = 0
    checklist: Path | None = None
    refused: int = 0
    system: str = AlmaFile.identity

    @property
    def target(self) -> FileTarget:
        """The library system."""
        return _target(self.system)

    @property
    def lines(self) -> int:
        """How many lines are handed over."""
        return sum(file.lines for file in self.files)


def _target(system: str) -> FileTarget:
    found = file_target(system)
    assert found is not None, "the ledger names systems that there are"
    return found


def waiting(ledger: Ledger) -> list[HandedFile]:
    """The files that are not fully answered for yet, oldest first."""
    return [file for row in handovers.files(ledger) if (file := _file(ledger, row)).waiting]


def handed_file(ledger: Ledger, job: int) -> HandedFile | None:
    """The file that a job is; ``None`` if the job is of another kind."""
    row = handovers.file_of(ledger, job)
    return _file(ledger, row) if row is not None else None


def complete_if_answered(ledger: Ledger, job: int) -> None:
    """Note that a job is completed once none of its lines waits for an answer any more."""
    upload = ledger.upload(job)
    assert upload is not None, "uploads are never deleted"
    counts = ledger.counts(upload)
    ended = ledger.runs(job)[-1].status == JobStatus.COMPLETED
    if not ended and not counts[LineState.HANDED_OVER] and not counts[LineState.PLANNED]:
        ledger.start_run(job)
        ledger.end_run(job, JobStatus.COMPLETED)


def load_handover(ledger: Ledger, job: int) -> Handover | None:
    """The handover that a job belongs to; ``None`` if the job is of another kind."""
    row = handovers.file_of(ledger, job)
    if row is None:
        return None
    rows = [one for one in handovers.files(ledger) if one.handover == row.handover]
    uploads = [ledger.upload(one.upload) for one in rows]
    reports = tuple(report_of(ledger, one) for one in uploads if one is not None)
    return Handover(
        row.handover,
        Path(rows[0].path).parent,
        reports[0].started,
        reports[0].who,
        tuple(_file(ledger, one) for one in sorted(rows, key=lambda one: one.place)),
        reports,
        held=sum(report.held for report in reports),
        skipped=sum(report.skipped for report in reports),
        refused=sum(report.rejected for report in reports),
        system=uploads[0].server if uploads[0] is not None else AlmaFile.identity,
    )


def _file(ledger: Ledger, row: HandedRow) -> HandedFile:
    upload = ledger.upload(row.upload)
    assert upload is not None, "uploads are never deleted"
    lines = [line for _number, line in handovers.lines_of(ledger, upload)]
    return replace(handed(lines, b"", row, upload.desk), system=upload.server)


def handed(
    lines: Sequence[LineFacts | LineRow], content: bytes, row: HandedRow, desk: str
) -> HandedFile:
    """A file's figures.

    Args:
        lines: its lines.
        content: the file, where the row does not tell its size and checksum.
        row: what the ledger keeps of it.
        desk: the circulation desk.
    """
    minutes = [line.minute for line in lines if line.minute]
    operations = [OPERATIONS[line.operation] for line in lines if line.operation]
    return HandedFile(
        row.upload,
        row.handover,
        row.place,
        row.places,
        Path(row.path),
        row.library,
        desk,
        loans=sum(known.lends for known in operations),
        returns=sum(not known.lends for known in operations),
        first=datetime.fromisoformat(min(minutes)) if minutes else None,
        last=datetime.fromisoformat(max(minutes)) if minutes else None,
        size=row.size or len(content),
        sha256=row.sha256 or hashlib.sha256(content).hexdigest(),
        waiting=sum(line.state in (LineState.HANDED_OVER, LineState.PLANNED) for line in lines),
        written=row.written,
    )
