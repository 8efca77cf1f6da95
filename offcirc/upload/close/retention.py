"""Retention: readers' identifiers go after the time that the library sets; counts stay.

Only what was uploaded and closed is erased, never before :data:`FLOOR` days: until then an upload
can be taken back and its work list worked through. The usual year covers the longest loan with its
renewals, and whoever comes back about it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from offcirc.core.barcodes.rules import ANY, RuleSet
from offcirc.disk import durable
from offcirc.disk.errors import LockedError, StorageError, wording
from offcirc.i18n import _, ngettext
from offcirc.storage import erasing
from offcirc.storage.closing import archive
from offcirc.storage.erasing import FLOOR, ErasureMarks
from offcirc.storage.journal.journal import JOURNAL_NAME, Journal
from offcirc.storage.ledger import closings, handovers, lookups, opinions
from offcirc.storage.ledger.closings import Closing
from offcirc.storage.ledger.decisions import DecisionBook
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.stamps import utc_now
from offcirc.upload.close.putaway import MERGED_NAME, merged
from offcirc.upload.report.history import report_of


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """What an erasure came to.

    Attributes:
        jobs: uploads whose readers were erased.
        lines: lines that named a reader, in the ledger and the desk's journal.
        patrons: different ones in each upload, added up.
        archives: archive folders and files that name readers no more.
        finished: whether no byte of them is left where it can be reached; else the next erasure
            goes on.
    """

    jobs: int = 0
    lines: int = 0
    patrons: int = 0
    archives: int = 0
    finished: bool = True

    def __bool__(self) -> bool:
        return bool(self.jobs or self.lines or self.archives or not self.finished)


def erase_due(
    ledger: Ledger | None,
    folder: Path,
    *,
    days: int,
    rules: RuleSet = ANY,
    now: datetime | None = None,
) -> ErasureResult:
    """Erase what is due in a data folder: ledger, archive, the desk's own journal.

    Does nothing while an upload, or the desk, is at work there.

    Args:
        ledger: the folder's ledger; ``None`` if there is none.
        folder: the data folder.
        days: after how many days; 0 keeps everything.
        rules: the library's: a reader's card that was scanned as an item is known by them.
        now: the moment, aware.

    Raises:
        StorageError: something could not be erased; the next erasure goes on.
    """
    now = now or utc_now()
    if not days:
        return ErasureResult()
    before = now - timedelta(days=max(days, FLOOR))
    marks = ErasureMarks(rules)
    result = ErasureResult()
    if ledger is not None:
        with suppress(LockedError), ledger.exclusive():
            result = _erase_ledger(ledger, folder, marks, before=before, now=now)
    desk = _erase_desk(folder, marks, before=before, now=now)
    finished = result.finished and desk.finished
    if finished and erasing.is_sweep_due(folder):
        erasing.end_sweep(folder)
    return ErasureResult(
        result.jobs,
        result.lines + desk.lines,
        result.patrons + desk.patrons,
        result.archives + desk.archives,
        finished,
    )


def due(ledger: Ledger, before: datetime) -> list[int]:
    """The uploads whose readers are to be erased: closed, all of them, before a moment."""
    closed = closings.closed_uploads(ledger)
    done = erasing.erased_uploads(ledger)
    in_force = {
        (one.facts.upload, one.facts.file) for one in closings.closings(ledger) if one.in_force
    }
    found = []
    for upload in ledger.uploads():
        if upload.id in done or upload.started >= before:
            continue
        named = [(index, file) for index, file in enumerate(ledger.files(upload.id)) if file.path]
        files = [index for index, file in named if file.size and not file.same_as]
        if named and closed.get(upload.id, before) >= before:
            continue
        if all((upload.id, index) in in_force for index in files):
            found.append(upload.id)
    return found


def _erase_ledger(
    ledger: Ledger, folder: Path, marks: ErasureMarks, *, before: datetime, now: datetime
) -> ErasureResult:
    uploads = due(ledger, before)
    if uploads:
        erasing.begin_sweep(folder)
    for upload in uploads:
        marks.add_cards(erasing.cards_as_items(ledger, upload))
    parts = [erasing.erase_upload(ledger, upload, marks, at=now) for upload in uploads]
    forgotten = DecisionBook(ledger).forget_patrons(before)
    # Once more for those erased before: an erasure may have been cut off between the two.
    erased = sorted(erasing.erased_uploads(ledger))
    forgotten += lookups.forget_patrons(ledger, erased)
    forgotten += handovers.forget_patrons(ledger, erased)
    forgotten += opinions.forget_patrons(ledger, erased)
    if forgotten:
        erasing.begin_sweep(folder)
    archives = _erase_archives(ledger, folder, marks) + _erase_handed(ledger, erased, marks)
    finished = not erasing.is_sweep_due(folder) or erasing.sweep(ledger.database, ledger.path)
    whole = erasing.sum_of(parts)
    return ErasureResult(len(uploads), whole.lines, whole.patrons, archives, finished)


def _erase_archives(ledger: Ledger, folder: Path, marks: ErasureMarks) -> int:
    """Take the readers out of the archive folders of erased uploads; those done are known."""
    count = 0
    erased = erasing.erased_uploads(ledger)
    names = {one.facts.archive: one for one in closings.closings(ledger)}
    for name, closing in names.items():
        place = folder / archive.ARCHIVE_NAME / name
        told = archive.read_index(place)
        if closing.facts.upload in erased and told and not told.get("erased"):
            _erase_archive(ledger, closing, place, marks)
            count += 1
    return count


def _erase_handed(ledger: Ledger, uploads: list[int], marks: ErasureMarks) -> int:
    """Take the readers out of the files that were written for the library system, if still there.

    Returns:
        How many files that were; one that somebody changed or moved is not ours any more.
    """
    count = 0
    for upload in uploads:
        file = handovers.file_of(ledger, upload)
        if file is None or not file.written:
            continue
        path = Path(file.path)
        with suppress(StorageError):  # its stick or share is not there just now
            if archive.look(path) == (file.size, file.sha256):
                with wording(path):
                    data = path.read_bytes()
                durable.replace(path, marks.file(data))
                count += 1
    return count


def _erase_archive(ledger: Ledger, closing: Closing, place: Path, marks: ErasureMarks) -> None:
    from offcirc.upload.render import render_html, render_json  # noqa: PLC0415 - Jinja takes its time

    number = closing.facts.upload
    upload = ledger.upload(number)
    files = {
        one.facts.stored: closings.lines_of(ledger, number, one.facts.file)
        for one in closings.of_archive(closings.closings(ledger, number), place.name)
    }
    assert upload is not None, "a closing has its upload"
    report = report_of(ledger, upload, busy=False)
    told = archive.read_index(place)
    contents: dict[str, Any] = dict(told.pop("contents", {}))
    for name in contents:
        path = place / name
        if not path.exists():
            continue
        if name == MERGED_NAME:
            durable.replace(path, b"".join(merged(ledger, upload)))
        elif path.suffix == ".html":
            durable.replace(path, render_html.render(report).encode())
        elif name == "report.json":
            durable.replace(path, render_json.render(report).encode())
        elif path.suffix == ".dat":
            with wording(path):
                data = path.read_bytes()
            corrected = (
                erasing.corrected_lines(ledger, number, files[name]) if name in files else ()
            )
            durable.replace(path, marks.file(data, corrected))
    told["erased"] = utc_now().isoformat(timespec="seconds")
    kept = [
        archive.Kept(name, *archive.look(place / name))
        for name in contents
        if (place / name).exists()
    ]
    told.pop("format", None)
    durable.replace(place / archive.INDEX_NAME, archive.index_text(told, kept))


def _erase_desk(
    folder: Path, marks: ErasureMarks, *, before: datetime, now: datetime
) -> ErasureResult:
    """The same in the journal of a desk whose data folder this is, unless it is at work."""
    if not (folder / JOURNAL_NAME).exists():
        return ErasureResult()
    try:
        with Journal.open(folder) as journal:
            erased = erasing.erase_desk(journal, marks, before=before, at=now)
    except LockedError:
        return ErasureResult()
    return ErasureResult(0, erased.lines, erased.patrons, erased.files, erased.finished)


def sentence(result: ErasureResult, days: int) -> str:
    """What was done, for people."""
    if not days:
        return _("Readers are kept: the setting retention.days is 0.")
    if not result:
        return _("No reader’s identifier is older than {days} days: nothing was erased.").format(
            days=max(days, FLOOR)
        )
    text = ngettext(
        "Readers’ identifiers older than {days} days were erased from {lines} line ({jobs} "
        "uploads, {readers} readers); counts and items are kept.",
        "Readers’ identifiers older than {days} days were erased from {lines} lines ({jobs} "
        "uploads, {readers} readers); counts and items are kept.",
        result.lines,
    ).format(days=max(days, FLOOR), lines=result.lines, jobs=result.jobs, readers=result.patrons)
    if result.finished:
        return text
    return text + " " + _("Another program is reading them: the next time finishes it.")


def facts(result: ErasureResult) -> dict[str, Any]:
    """What was done, for programs."""
    return {
        "jobs": result.jobs,
        "lines": result.lines,
        "readers": result.patrons,
        "archives": result.archives,
        "finished": result.finished,
    }


__all__ = ["FLOOR", "ErasureResult", "due", "erase_due", "facts", "sentence"]
