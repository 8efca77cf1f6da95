"""Handing loans and returns over to a system that takes files which people carry there.

In the one order of the day, for each circulation desk where the system wants it so, and a
checklist beside them. What is handed over is kept in the ledger before a file is written, each
file is written whole or not at all, and whatever was cut off is finished the next time. The lines
then wait for the system's own report (see :mod:`offcirc.upload.handover.almaimport`) or to be
looked up there (see :mod:`offcirc.upload.handover.lookback`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from offcirc.disk import durable
from offcirc.disk.database import transaction
from offcirc.disk.errors import LockedError, wording
from offcirc.servers.files.alma import AlmaFile
from offcirc.servers.files.target import FileTarget, Known
from offcirc.servers.registry import file_target
from offcirc.storage.ledger import handovers
from offcirc.storage.ledger.handovers import HandedRow
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState, Settled
from offcirc.upload.base import reasons
from offcirc.upload.base.errors import LedgerBusyError
from offcirc.upload.handover import checklist
from offcirc.upload.handover.handedfile import Handover, complete_if_answered, handed, load_handover
from offcirc.upload.handover.handovererrors import NothingToHandOverError, NotProvenError
from offcirc.upload.handover.handoverfiles import names_of, write
from offcirc.upload.handover.handoverparts import FilePart, parts_of
from offcirc.upload.lines.events import event_of
from offcirc.upload.lines.plan import Plan
from offcirc.upload.lines.playing import refuse
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
    target: FileTarget | None = None,
    known: Known | None = None,
) -> Handover:
    """Write the files for a library system, and the checklist that goes with them.

    Args:
        plan: the lines of every desk, in one order, decisions applied.
        ledger: where it is kept; opened by the calling thread.
        folder: where the files go; made if it is not there. Nothing in it is overwritten.
        who: who hands over.
        desk: the circulation desk of the files that do not tell theirs.
        again: hand over lines, too, that were handed over or recorded earlier.
        target: the system; Alma when not given.
        known: the items and readers that it was seen to know, where its files hold no others.

    Raises:
        NotProvenError: they are not given.
        NoDeskError: a file does not tell its circulation desk, and none is given.
        NothingToHandOverError: no line is left.
        PlanError: a file cannot be read any more.
        LedgerBusyError: another upload from the same ledger is under way.
        StorageError: the ledger, or a file, cannot be written. What the ledger has is finished
            the next time.
    """
    target = target or AlmaFile()
    refuse(plan)
    _need_proof(target, known)
    try:
        with ledger.exclusive():
            durable.data_folder(folder)
            finished = finish_interrupted(ledger, folder)
            parts = parts_of(plan, ledger, target, desk=desk, again=again, known=known)
            if not parts:
                if not finished:
                    raise NothingToHandOverError
                return finished[-1]
            number = handovers.next_handover(ledger)
            jobs = _keep(
                parts, plan, ledger, target, number=number, folder=folder, who=who, again=again
            )
            written = finish_interrupted(ledger, folder)
            return _done(ledger, written, jobs, folder, who)
    except LockedError as error:
        raise LedgerBusyError(str(ledger.path.parent)) from error


def preview_handover(
    plan: Plan,
    ledger: Ledger,
    *,
    folder: Path,
    desk: str = "",
    again: bool = False,
    target: FileTarget | None = None,
    known: Known | None = None,
) -> Handover:
    """What :func:`hand_over` would do; nothing is written and nothing kept.

    Raises:
        NotProvenError, NoDeskError, PlanError, StorageError: as there.
    """
    target = target or AlmaFile()
    refuse(plan)
    _need_proof(target, known)
    parts = parts_of(plan, ledger, target, desk=desk, again=again, known=known)
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
        refused=states[LineState.REJECTED],
        system=target.identity,
    )


def _need_proof(target: FileTarget, known: Known | None) -> None:
    if target.proves and known is None:
        raise NotProvenError(target.name, "servers.NAME.look_up")


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
            path = write(Path(row.path), _content(ledger, row.upload), folder)
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


def _content(ledger: Ledger, job: int) -> bytes:
    """A file as it is or was written, from what the ledger keeps of it."""
    upload = ledger.upload(job)
    target = file_target(upload.server) if upload is not None else None
    assert target is not None, "only such systems have files"
    files = ledger.files(job)
    events = [event_of(line, files) for line in _lines(ledger, job)]
    # Whatever is kept for a file was proven before.
    known = Known(frozenset(one.item for one in events), frozenset(one.patron for one in events))
    return b"".join(file.content for file in target.write(events, known)[0])


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
    target: FileTarget,
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
            jobs.append(_begin(part, plan, ledger, target, who=who))
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
                _supersede(ledger, target, [line.key for line in planned], upload.first_line)
    return jobs


def _begin(part: FilePart, plan: Plan, ledger: Ledger, target: FileTarget, *, who: str) -> int:
    # What is left out comes after what is written: the order among both means nothing.
    lines = (*part.lines, *part.left_out)
    used = sorted({line.file for line in lines})
    where = {file: index for index, file in enumerate(used)}
    return ledger.begin(
        server=target.identity,
        url=target.name,
        desk=part.desk,
        who=who,
        process_id="",
        name="",
        files=[plan.files[file] for file in used],
        lines=(line._replace(file=where[line.file]) for line in lines),
    )


def _supersede(ledger: Ledger, target: FileTarget, keys: Sequence[bytes], before: int) -> None:
    """Lines handed over once more are not waited for in the earlier file."""
    waiting_lines = handovers.waiting_lines(ledger, target.identity, keys, before)
    ledger.settle(
        Settled(line, LineState.SKIPPED, reasons.HANDED_OVER_AGAIN) for line in waiting_lines
    )
    for row in handovers.files(ledger):
        complete_if_answered(ledger, row.upload)


def _done(
    ledger: Ledger,
    written: Sequence[Handover],
    jobs: Sequence[int],
    folder: Path,
    who: str,
) -> Handover:
    """What was handed over, and what became of the desks of which nothing could be."""
    uploads = [ledger.upload(job) for job in jobs]
    reports = tuple(report_of(ledger, one) for one in uploads if one is not None)
    done = written[-1] if written else Handover(0, folder, reports[0].started, who, ())
    return replace(
        done,
        system=next(one.server for one in uploads if one is not None),
        reports=reports,
        held=sum(report.held for report in reports),
        skipped=sum(report.skipped for report in reports),
        refused=sum(report.rejected for report in reports),
    )
