"""Handing loans and returns over to Alma: as files that people carry there.

One merged file for each circulation desk, in the one order of the day, and a checklist beside
them. What is handed over is kept in the ledger before a file is written, each file is written
whole or not at all, and whatever was cut off is finished the next time. The lines then wait for
Alma's own report (see :mod:`offcirc.upload.handover.almaimport`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from offcirc.core.dat.datline import encode
from offcirc.disk import durable
from offcirc.disk.database import transaction
from offcirc.disk.errors import LockedError, wording
from offcirc.servers import almafile
from offcirc.storage.ledger import handovers
from offcirc.storage.ledger.handovers import HandedRow
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState, Settled
from offcirc.upload.base import reasons
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.handover import checklist
from offcirc.upload.handover.handedfile import Handover, complete_if_answered, handed, load_handover
from offcirc.upload.handover.handovererrors import NothingToHandOverError
from offcirc.upload.handover.handoverfiles import names_of, write
from offcirc.upload.handover.handoverparts import FilePart, parts_of, record_of
from offcirc.upload.lines.plan import Plan
from offcirc.upload.report.history import report_of
from offcirc.upload.report.report import JobStatus


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
            durable.data_folder(folder)
            finished = finish_interrupted(ledger, folder)
            parts = parts_of(plan, ledger, desk=desk, again=again)
            if not parts:
                if not finished:
                    raise NothingToHandOverError
                return finished[-1]
            number = handovers.next_handover(ledger)
            jobs = _keep(parts, plan, ledger, number=number, folder=folder, who=who, again=again)
            written = finish_interrupted(ledger, folder)
            return _done(ledger, written, jobs, folder, who)
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
        handed(
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
        held=states[LineState.HELD],
        skipped=states[LineState.SKIPPED],
    )


def finish_interrupted(ledger: Ledger, folder: Path) -> list[Handover]:
    """Write the files that the ledger has and the disk perhaps not, and mark them handed over.

    Args:
        ledger: the ledger; nobody else uploads from it meanwhile.
        folder: where to write a file whose own folder is gone.

    Returns:
        What was finished, each with its checklist.

    Raises:
        StorageError: a file, or the ledger, cannot be written.
    """
    finished = []
    rows = handovers.unwritten(ledger)
    for number in dict.fromkeys(row.handover for row in rows):
        together = [row for row in rows if row.handover == number]
        for row in together:
            lines = _lines(ledger, row.upload)
            content = b"".join(encode(record_of(line)) for line in lines)
            path = write(Path(row.path), content, folder)
            if str(path) != row.path:
                handovers.move_file(ledger, row.upload, path)
        page = checklist.write(_loaded(ledger, together[0].upload))
        with wording(ledger.path), transaction(ledger.database):
            for row in together:
                ids = [line.id for line in _lines(ledger, row.upload)]
                ledger.mark(ids, LineState.HANDED_OVER)
                ledger.end_run(row.upload, JobStatus.WAITING)
        finished.append(replace(_loaded(ledger, together[0].upload), checklist=page))
    return finished


def _lines(ledger: Ledger, job: int) -> list[LineRow]:
    upload = ledger.upload(job)
    assert upload is not None, "uploads are never deleted"
    return [line for _number, line in handovers.lines_of(ledger, upload)]


def _loaded(ledger: Ledger, job: int) -> Handover:
    handover = load_handover(ledger, job)
    assert handover is not None, "it is one"
    return handover


# -- keeping and writing -------------------------------------------------------------------------


def _keep(
    parts: Sequence[FilePart],
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
            planned = ledger.lines(upload, LineState.PLANNED)
            handovers.add_file(
                ledger, row, ((line.id, at) for at, line in enumerate(planned, start=1))
            )
            if again:
                _supersede(ledger, [line.key for line in planned], upload.first_line)
    return jobs


def _begin(part: FilePart, plan: Plan, ledger: Ledger, *, who: str) -> int:
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
    ledger.settle(
        Settled(line, LineState.SKIPPED, reasons.HANDED_OVER_AGAIN) for line in waiting_lines
    )
    for row in handovers.files(ledger):
        complete_if_answered(ledger, row.upload)


def _done(
    ledger: Ledger, written: Sequence[Handover], jobs: Sequence[int], folder: Path, who: str
) -> Handover:
    """What was handed over, and what became of the desks of which nothing could be."""
    uploads = [ledger.upload(job) for job in jobs]
    reports = tuple(report_of(ledger, one) for one in uploads if one is not None)
    done = written[-1] if written else Handover(0, folder, reports[0].started, who, ())
    return replace(
        done,
        reports=reports,
        held=sum(report.held for report in reports),
        skipped=sum(report.skipped for report in reports),
    )
