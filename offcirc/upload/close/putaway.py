"""Putting one file of a closed upload away: into the archive first, then out of harm's way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import NotRecordableError, Operation, Record
from offcirc.disk import durable, swap
from offcirc.disk.database import reading
from offcirc.disk.errors import Fault, LockedError, StorageError, describe, wording
from offcirc.storage.closing import archive
from offcirc.storage.closing.receipts import Order, Receipt, receipt_path, write_receipt
from offcirc.storage.closing.splitting import split
from offcirc.storage.copies import manifest
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.journal.journal import JOURNAL_NAME
from offcirc.storage.journal.saves import SaveBook, place_name
from offcirc.storage.ledger import closings
from offcirc.storage.ledger.closings import Closing, ClosingOutcome, FileToClose, Whose
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import LineRow, LineState, UploadRow
from offcirc.storage.stamps import utc_now
from offcirc.upload.report.history import report_of

MERGED_NAME = "merged.dat"


@dataclass(frozen=True, slots=True)
class Closed:
    """A file that was closed, or opened again.

    Attributes:
        closing: what the ledger keeps of it.
        folder: its archive folder.
        problem: why it could not be done; empty when it was.
        told: whether the desk was told to take its closing back, and does so by itself.
    """

    closing: Closing
    folder: Path
    problem: str = ""
    told: bool = False


def receipt_of(ledger: Ledger, closing: Closing) -> Receipt:
    """The receipt for the desk of a closed file."""
    facts = closing.facts
    upload = ledger.upload(facts.upload)
    assert upload is not None, "a closing has its upload"
    place = ledger.path.parent / archive.ARCHIVE_NAME / facts.archive
    head = _head_of(place / manifest_name(facts)) if facts.whose is Whose.COPY else None
    return Receipt(
        order=Order.CLOSE,
        name=facts.path.name,
        size=facts.size,
        sha256=facts.sha256,
        lines=facts.lines,
        kept=facts.kept,
        job=upload.id,
        process_id=upload.process_id,
        server=upload.url,
        desk=upload.desk,
        who=upload.who,
        uploaded=upload.started,
        closed_by=closing.who,
        closed=closing.at,
        journal=head.journal if head else "",
        number=head.number if head else 0,
    )


def desk_folder(path: Path, folder: Path) -> Path | None:
    """The data folder of the desk whose own file this is; ``None`` if it is no desk's own.

    Raises:
        StorageError: the journal that could tell cannot be read just now.
    """
    path = path.absolute()
    for place in dict.fromkeys((path.parent, folder.absolute())):
        journal = place / JOURNAL_NAME
        if not journal.exists():
            continue
        try:
            with reading(journal) as database:
                if SaveBook(database, journal, utc_now).newest_file(place_name(place, path)):
                    return place
        except StorageError as error:
            if error.fault not in {Fault.DAMAGED, Fault.NOT_OURS}:
                raise  # what it would say is not known
    return None


def fill_archive(
    ledger: Ledger, upload: UploadRow, begun: Sequence[Closing], place: Path, folder: Path
) -> None:
    """Put all that belongs to an upload into its archive folder.

    Args:
        ledger: where the upload is kept.
        upload: the upload.
        begun: its files that are closed together.
        place: the archive folder to be.
        folder: the data folder.

    Raises:
        StorageError: it could not be done, or a file changed since it was looked at; there is no
            such archive folder then.
    """
    from offcirc.upload.render import render_html, render_json  # noqa: PLC0415 - Jinja takes its time

    draft = archive.Draft(folder, place.name)
    report = report_of(ledger, upload, busy=False)
    for closing in begun:
        facts = closing.facts
        if not facts.stored:
            continue
        kept = draft.add(facts.stored, _part_of(facts))
        if (kept.size, kept.sha256) != (facts.size, facts.sha256):
            raise StorageError(Fault.BUSY, facts.path)  # it changed since it was looked at
        told = manifest_path(facts.path)
        with wording(told), suppress(FileNotFoundError):
            draft.add(manifest_name(facts), told.read_bytes())
    draft.add(MERGED_NAME, merged(ledger, upload))
    draft.add("report.html", render_html.render(report).encode())
    draft.add("report.json", render_json.render(report).encode())
    draft.finish(
        {
            "job": upload.id,
            "process_id": report.process_id,
            "server": upload.url,
            "circulation_desk": upload.desk,
            "who": upload.who,
            "uploaded": upload.started.isoformat(timespec="seconds"),
            "closed": begun[0].at.isoformat(timespec="seconds"),
            "closed_by": begun[0].who,
            "records": report.records,
            "recorded": report.recorded,
            "exceptions": report.exceptions,
            "skipped": report.skipped,
            "files": [
                {
                    "file": str(closing.facts.path),
                    "whose": closing.facts.whose.value,
                    "stored": closing.facts.stored,
                    "lines": closing.facts.lines,
                    "left_behind": closing.facts.left_behind,
                }
                for closing in begun
            ],
        }
    )


def merged(ledger: Ledger, upload: UploadRow) -> Iterator[bytes]:
    """The lines of an upload as they were sent, in their order, as one OffCirc.dat."""
    after = upload.first_line - 1
    while rows := ledger.lines(upload, *LineState, after=after, limit=5000):
        after = rows[-1].id
        yield b"".join(_sent(row) for row in rows)


def _sent(row: LineRow) -> bytes:
    if row.minute:
        at = datetime.fromisoformat(row.minute).replace(second=0, microsecond=0)
        with suppress(NotRecordableError):
            return encode(Record(at, Operation(row.operation), row.item, row.patron))
    return row.raw.rstrip(b"\r\n") + b"\r\n"


def _part_of(facts: FileToClose) -> Iterator[bytes]:
    left = facts.size
    for piece in archive.pieces(facts.path):
        yield piece[:left]
        left -= len(piece[:left])
        if not left:
            return


def act(ledger: Ledger, closing: Closing, *, folder: Path, who: str) -> Closed:
    """Close the file itself, now that all of it is in the archive; may be done again."""
    place = folder / archive.ARCHIVE_NAME / closing.facts.archive
    try:
        outcome = _close_one(ledger, closing, folder)
    except StorageError as error:
        # It stays begun, and is brought to its end the next time.
        return Closed(closing, place, describe(error))
    now = utc_now()
    closings.end(ledger, closing, outcome, who=who, at=now)
    return Closed(replace(closing, outcome=outcome, ended=now), place)


def _close_one(ledger: Ledger, closing: Closing, folder: Path) -> ClosingOutcome:
    facts = closing.facts
    if not facts.stored:
        return ClosingOutcome.DONE
    if facts.whose is Whose.DESK:
        return _close_desk(ledger, closing, folder)
    if facts.whose is Whose.COPY:
        write_receipt(receipt_path(facts.path), receipt_of(ledger, closing))
        _remove_copy(facts)
        return ClosingOutcome.HANDED_OVER
    swap.replace(facts.path, lambda data: _rest(facts, data))
    return ClosingOutcome.DONE


def _rest(facts: FileToClose, data: bytes) -> bytes | None:
    """What stays of a file; ``None`` if it does not begin with what was put away."""
    if hashlib.sha256(data[: facts.size]).hexdigest() != facts.sha256 or len(data) < facts.size:
        return None
    return split(data, facts.size, facts.kept).clean


def _close_desk(ledger: Ledger, closing: Closing, folder: Path) -> ClosingOutcome:
    from offcirc.storage.closing.deskclosing import close_file  # noqa: PLC0415
    from offcirc.storage.dat.datwriter import DatWriter  # noqa: PLC0415 - only for a desk's own file
    from offcirc.storage.journal.journal import Journal  # noqa: PLC0415

    facts = closing.facts
    place = desk_folder(facts.path, folder)
    if place is None:
        raise StorageError(Fault.VANISHED, facts.path)
    receipt = receipt_of(ledger, closing)
    try:
        with Journal.open(place) as journal:
            close_file(DatWriter(journal, facts.path), receipt)
    except LockedError:
        # The desk is at work: it does it by itself.
        write_receipt(receipt_path(place / facts.path.name), receipt)
        return ClosingOutcome.HANDED_OVER
    return ClosingOutcome.DONE


def _remove_copy(facts: FileToClose) -> None:
    """Take a copy out of the collection folder if it is what was archived, and no more."""
    if facts.kept:
        return

    def rest(data: bytes) -> bytes | None:
        # When the desk has copied more meanwhile, that is still to be collected.
        return b"" if len(data) == facts.size and _rest(facts, data) is not None else None

    swap.replace(facts.path, rest)
    with wording(facts.path):
        if not facts.path.exists():
            manifest_path(facts.path).unlink(missing_ok=True)
            durable.flush_folder(facts.path.parent)


def manifest_name(facts: FileToClose) -> str:
    """What the manifest of a copy is called in the archive."""
    return f"{Path(facts.stored).stem}{manifest.SUFFIX}"


def _head_of(path: Path) -> manifest.Head | None:
    try:
        with path.open("rb") as stream:
            return manifest.read_head(stream)
    except (OSError, manifest.ManifestError):
        return None
