"""Handing loans and returns over to Alma: as files that people carry there.

One merged file for each circulation desk, in the one order of the day, and a checklist beside
them. What is handed over is kept in the ledger before a file is written, each file is written
whole or not at all, and whatever was cut off is finished the next time. The lines then wait for
Alma's own report (see :mod:`offcirc.upload.almaimport`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from offcirc.core.datline import encode
from offcirc.core.transaction import Operation
from offcirc.servers import almafile
from offcirc.storage import durable, handovers
from offcirc.storage.database import transaction
from offcirc.storage.errors import LockedError, wording
from offcirc.storage.handovers import HandedRow
from offcirc.storage.ledger import Ledger
from offcirc.storage.ledgerrows import LineFacts, LineRow, Settled, State
from offcirc.upload import words
from offcirc.upload.errors import LedgerBusyError
from offcirc.upload.handovererrors import NothingToHandOverError
from offcirc.upload.handoverfiles import names_of, write
from offcirc.upload.handoverparts import Part, parts_of, record_of
from offcirc.upload.history import report_of
from offcirc.upload.plan import Plan
from offcirc.upload.report import JobReport, JobStatus


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file for Alma.

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
        waiting: how many of its lines Alma has not answered yet.
        written: this program wrote it; else it was given to Alma without us.
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

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.loans + self.returns


@dataclass(frozen=True, slots=True)
class Handover:
    """Files for Alma that were made together.

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

    @property
    def lines(self) -> int:
        """How many lines are handed over."""
        return sum(file.lines for file in self.files)


def hand_over(
    plan: Plan,
    ledger: Ledger,
    *,
    folder: Path,
    who: str,
    desk: str = "",
    again: bool = False,
) -> Handover:
    """Write the files for Alma, and the checklist that goes with them.

    Args:
        plan: the lines of every desk, in one order, decisions applied.
        ledger: where it is kept; opened by the calling thread.
        folder: where the files go; made if it is not there. Nothing in it is overwritten.
        who: who hands over.
        desk: the circulation desk of the files that do not tell theirs.
        again: hand over lines, too, that were handed over or recorded earlier.

    Raises:
        NoDeskError: a file does not tell its circulation desk, and none is given.
        NothingToHandOverError: no line is left.
        PlanError: a file cannot be read any more.
        LedgerBusyError: another upload from the same ledger is under way.
        StorageError: the ledger, or a file, cannot be written. What the ledger has is finished
            the next time.
    """
    try:
        with ledger.exclusive():
            durable.private_folder(folder)
            finish_interrupted(ledger, folder)
            parts = parts_of(plan, ledger, desk=desk, again=again)
            if not parts:
                raise NothingToHandOverError
            number = handovers.next_handover(ledger)
            jobs = _keep(parts, plan, ledger, number=number, folder=folder, who=who, again=again)
            finish_interrupted(ledger, folder)
            return _written(ledger, number, jobs, folder, who)
    except LockedError as error:
        raise LedgerBusyError(str(ledger.path.parent)) from error


def preview_handover(
    plan: Plan, ledger: Ledger, *, folder: Path, desk: str = "", again: bool = False
) -> Handover:
    """What :func:`hand_over` would do; nothing is written and nothing kept.

    Raises:
        NoDeskError, PlanError, StorageError: as there.
    """
    parts = parts_of(plan, ledger, desk=desk, again=again)
    to_write = [part for part in parts if part.lines]
    names = names_of(to_write, folder)
    files = [
        _handed(
            part.lines,
            part.content,
            HandedRow(0, 0, place, len(to_write), True, str(folder / name), part.library, 0, ""),
            part.desk,
        )
        for place, (part, name) in enumerate(zip(to_write, names, strict=True), start=1)
    ]
    states = Counter(line.state for part in parts for line in part.left_out)
    return Handover(
        0,
        folder,
        datetime.now(UTC),
        "",
        tuple(files),
        held=states[State.HELD],
        skipped=states[State.SKIPPED],
    )


def finish_interrupted(ledger: Ledger, folder: Path) -> None:
    """Write the files that the ledger has and the disk perhaps not, and mark them handed over.

    Args:
        ledger: the ledger; nobody else uploads from it meanwhile.
        folder: where to write a file whose own folder is gone.

    Raises:
        StorageError: a file, or the ledger, cannot be written.
    """
    for row in handovers.unwritten(ledger):
        upload = ledger.upload(row.upload)
        assert upload is not None, "uploads are never deleted"
        lines = [line for _number, line in handovers.lines_of(ledger, upload)]
        content = b"".join(encode(record_of(line)) for line in lines)
        path = write(Path(row.path), content, folder)
        with wording(ledger.path), transaction(ledger.database):
            if str(path) != row.path:
                handovers.move_file(ledger, row.upload, path)
            ledger.mark((line.id for line in lines), State.HANDED_OVER)
            ledger.end_run(row.upload, JobStatus.WAITING)


def waiting(ledger: Ledger) -> list[HandedFile]:
    """The files that Alma has not fully answered yet, oldest first."""
    return [file for row in handovers.files(ledger) if (file := _file(ledger, row)).waiting]


def handed_file(ledger: Ledger, job: int) -> HandedFile | None:
    """The file that a job is; ``None`` if the job is of another kind."""
    row = handovers.file_of(ledger, job)
    return _file(ledger, row) if row is not None else None


def load_handover(ledger: Ledger, job: int) -> Handover | None:
    """The handover that a job belongs to; ``None`` if the job is of another kind."""
    row = handovers.file_of(ledger, job)
    if row is None:
        return None
    rows = [one for one in handovers.files(ledger) if one.handover == row.handover]
    upload = ledger.upload(job)
    assert upload is not None, "uploads are never deleted"
    return Handover(
        row.handover,
        Path(row.path).parent,
        upload.started,
        upload.who,
        tuple(_file(ledger, one) for one in sorted(rows, key=lambda one: one.place)),
        tuple(
            report_of(ledger, found)
            for one in rows
            if (found := ledger.upload(one.upload)) is not None
        ),
    )


# -- keeping and writing -------------------------------------------------------------------------


def _keep(
    parts: Sequence[Part],
    plan: Plan,
    ledger: Ledger,
    *,
    number: int,
    folder: Path,
    who: str,
    again: bool,
) -> list[int]:
    """Keep all files of a handover in one transaction; returns their uploads' numbers."""
    to_write = [part for part in parts if part.lines]
    names = iter(names_of(to_write, folder))
    jobs = []
    with wording(ledger.path), transaction(ledger.database):
        for place, part in enumerate(parts, start=1):
            jobs.append(_begin(part, plan, ledger, who=who))
            if not part.lines:
                ledger.end_run(jobs[-1], JobStatus.COMPLETED)
                continue
            content = part.content
            row = HandedRow(
                jobs[-1],
                number,
                place,
                len(to_write),
                True,
                str(folder / next(names)),
                part.library,
                len(content),
                hashlib.sha256(content).hexdigest(),
            )
            upload = ledger.upload(jobs[-1])
            assert upload is not None, "it has just begun"
            planned = ledger.lines(upload, State.PLANNED)
            handovers.add_file(
                ledger, row, ((line.id, at) for at, line in enumerate(planned, start=1))
            )
            if again:
                _supersede(ledger, [line.key for line in planned], upload.first_line)
    return jobs


def _begin(part: Part, plan: Plan, ledger: Ledger, *, who: str) -> int:
    # What is left out comes after what is written: the order among both means nothing.
    lines = (*part.lines, *part.left_out)
    used = sorted({line.file for line in lines})
    where = {file: index for index, file in enumerate(used)}
    return ledger.begin(
        server=almafile.IDENTITY,
        url=almafile.NAME,
        desk=part.desk,
        who=who,
        process_id="",
        name="",
        files=[plan.files[file] for file in used],
        lines=(line._replace(file=where[line.file]) for line in lines),
    )


def _supersede(ledger: Ledger, keys: Sequence[bytes], before: int) -> None:
    """Lines handed over once more are not waited for in the earlier file."""
    waiting_lines = handovers.waiting_lines(ledger, almafile.IDENTITY, keys, before)
    ledger.settle(Settled(line, State.SKIPPED, words.HANDED_OVER_AGAIN) for line in waiting_lines)


def _written(ledger: Ledger, number: int, jobs: Sequence[int], folder: Path, who: str) -> Handover:
    from offcirc.upload import checklist  # noqa: PLC0415 - Jinja takes long

    reports = []
    files = []
    for job in jobs:
        upload = ledger.upload(job)
        assert upload is not None, "it has just begun"
        reports.append(report_of(ledger, upload))
        if (file := handed_file(ledger, job)) is not None:
            files.append(file)
    done = Handover(
        number,
        folder,
        reports[0].started,
        who,
        tuple(files),
        tuple(reports),
        held=sum(report.held for report in reports),
        skipped=sum(report.skipped for report in reports),
    )
    if not files:
        return done
    return replace(done, checklist=checklist.write(done))


# -- names and figures ---------------------------------------------------------------------------


def _file(ledger: Ledger, row: HandedRow) -> HandedFile:
    upload = ledger.upload(row.upload)
    assert upload is not None, "uploads are never deleted"
    lines = [line for _number, line in handovers.lines_of(ledger, upload)]
    return _handed(lines, b"", row, upload.desk)


def _handed(
    lines: Sequence[LineFacts | LineRow], content: bytes, row: HandedRow, desk: str
) -> HandedFile:
    minutes = [line.minute for line in lines if line.minute]
    return HandedFile(
        row.upload,
        row.handover,
        row.place,
        row.places,
        Path(row.path),
        row.library,
        desk,
        loans=sum(line.operation == Operation.LOAN for line in lines),
        returns=sum(line.operation == Operation.RETURN for line in lines),
        first=datetime.fromisoformat(min(minutes)) if minutes else None,
        last=datetime.fromisoformat(max(minutes)) if minutes else None,
        size=row.size or len(content),
        sha256=row.sha256 or hashlib.sha256(content).hexdigest(),
        waiting=sum(line.state in (State.HANDED_OVER, State.PLANNED) for line in lines),
        written=row.written,
    )
