"""Closing: after an upload its files are put away, so that no line of them can go up again.

Everything of the upload goes into an archive folder of its own first: each file as it was uploaded,
the merged file, the manifests, the report. Only when that is complete on the disk is a file
touched: a desk's own is closed with its journal, a desk that is at work or far away is told by a
receipt, and a file alone is replaced by what is still to be uploaded, or removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from offcirc.core.datline import encode
from offcirc.core.transaction import NotRecordableError, Operation, Record
from offcirc.i18n import _
from offcirc.storage import archive, closings, durable, manifest
from offcirc.storage.closings import Closing, Facts, Outcome, Whose
from offcirc.storage.collection import manifest_path
from offcirc.storage.database import reading
from offcirc.storage.errors import Fault, LockedError, StorageError, describe, wording
from offcirc.storage.journal import JOURNAL_NAME
from offcirc.storage.ledger import Ledger
from offcirc.storage.ledgerrows import FileFacts, LineRow, State, UploadRow
from offcirc.storage.receipts import Order, Receipt, read_receipt, receipt_path, write_receipt
from offcirc.storage.saves import SaveBook, place_name
from offcirc.storage.splitting import Split, lines, split
from offcirc.storage.stamps import utc_now
from offcirc.upload.errors import LedgerBusyError, UnreadableFileError, UploadError
from offcirc.upload.history import report_of

__all__ = ["Candidate", "Closed", "ClosingError", "Obstacle", "Outcome", "Whose"]

MERGED_NAME = "merged.dat"


class Obstacle(StrEnum):
    """Why a file is not closed just so; those marked * are overcome by leaving lines behind."""

    MISSING = "missing"
    """It is not where it was."""
    NEVER_UPLOADED = "never-uploaded"
    """No upload had it, as a whole or as its beginning."""
    UNFINISHED = "unfinished"
    """* The upload has not been completed, or waits for the server's own report."""
    HELD_BACK = "held-back"
    """* Somebody kept lines of it from being sent for now."""
    NEW_LINES = "new-lines"
    """* Lines were added since."""


OVERCOME = (Obstacle.UNFINISHED, Obstacle.HELD_BACK, Obstacle.NEW_LINES)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that might be closed.

    Attributes:
        path: where it is.
        name: its name for people.
        whose: whose file it is.
        upload: the upload that had it; ``None`` if none had.
        file: the index of the file there.
        size: length in bytes of the uploaded part.
        sha256: of that part, in hex.
        lines: how many lines the part has.
        kept: numbers, from 1, of its lines that would stay.
        left_behind: how many lines would stay, those added since included.
        lead_size: bytes that would stay of that part.
        obstacles: why it is not closed just so.
        gone: it is not where it was any more: nothing is left to be put away but its upload.
    """

    path: Path
    name: str
    whose: Whose
    upload: UploadRow | None = None
    file: int = 0
    size: int = 0
    sha256: str = ""
    lines: int = 0
    kept: tuple[int, ...] = ()
    left_behind: int = 0
    lead_size: int = 0
    obstacles: tuple[Obstacle, ...] = ()
    gone: bool = False

    def may_close(self, *, leave: bool) -> bool:
        """Whether it can be closed; ``leave``: lines still to be uploaded may stay behind."""
        return all(leave and obstacle in OVERCOME for obstacle in self.obstacles)


@dataclass(frozen=True, slots=True)
class Closed:
    """A file that was closed, or opened again.

    Attributes:
        closing: what the ledger keeps of it.
        folder: its archive folder.
        problem: why it could not be done; empty when it was.
    """

    closing: Closing
    folder: Path
    problem: str = ""


class ClosingError(UploadError):
    """Files cannot be closed just so; nothing was touched.

    Attributes:
        candidates: those that cannot.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        super().__init__(", ".join(candidate.name for candidate in candidates))
        self.candidates = tuple(candidates)

    def words(self) -> str:
        """What to tell a librarian."""
        from offcirc.upload import closingwords  # noqa: PLC0415 - it words our types

        return "\n".join(
            closingwords.obstacle(candidate, obstacle)
            for candidate in self.candidates
            for obstacle in candidate.obstacles
        )


def look_at(ledger: Ledger, path: Path, *, folder: Path, job: int | None = None) -> Candidate:
    """Find out what closing a file would do.

    Args:
        ledger: where the uploads are kept.
        path: the file.
        folder: the data folder of the ledger.
        job: the upload it is closed after; the one that had most of it if not given, of several
            the newest.

    Raises:
        UnreadableFileError: it cannot be read.
    """
    found = Candidate(path, path.name, _whose(path, folder))
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return replace(found, obstacles=(Obstacle.MISSING,))
    except OSError as error:
        raise UnreadableFileError(path.name, error.strerror or "") from error
    known = _uploaded(ledger, data, job)
    if known is None:
        return replace(found, obstacles=(Obstacle.NEVER_UPLOADED,))
    upload = ledger.upload(known.upload)
    assert upload is not None, "a file of the ledger has its upload"
    kept = closings.not_dealt_with(ledger, upload.id, known.file)
    parts = split(data, known.size, kept)
    return replace(
        found,
        upload=upload,
        file=known.file,
        size=known.size,
        sha256=known.sha256,
        lines=sum(1 for _line in lines(data[: known.size])),
        kept=kept,
        left_behind=parts.left_behind,
        lead_size=len(parts.lead),
        obstacles=_obstacles(ledger, upload, parts),
    )


def look_at_job(ledger: Ledger, upload: UploadRow, *, folder: Path) -> list[Candidate]:
    """What closing would do to each file of an upload, where it was when it was uploaded.

    Raises:
        UnreadableFileError: one cannot be read.
    """
    found = []
    for index, file in enumerate(ledger.files(upload.id)):
        if not file.path:
            continue
        one = look_at(ledger, Path(file.path), folder=folder, job=upload.id)
        if one.upload is None:
            # Moved away by somebody, or another one has its name now.
            one = _gone(ledger, upload, index, file)
        found.append(replace(one, name=file.name))
    return found


def _gone(ledger: Ledger, upload: UploadRow, index: int, file: FileFacts) -> Candidate:
    return Candidate(
        Path(file.path),
        file.name,
        Whose.PLAIN,
        upload,
        index,
        file.size,
        file.sha256,
        file.records,
        obstacles=_obstacles(ledger, upload, Split(b"", b"", 0, 0)),
        gone=True,
    )


def close(
    ledger: Ledger,
    candidates: Sequence[Candidate],
    *,
    folder: Path,
    who: str,
    leave: bool = False,
    now: datetime | None = None,
) -> list[Closed]:
    """Put files away; nothing is touched unless all of them can be closed.

    Args:
        ledger: where the uploads are kept.
        candidates: the files, as just looked at.
        folder: the data folder, in which the archive is.
        who: who closes them.
        leave: whether lines that are still to be uploaded may stay behind in a clean file.
        now: the moment, aware.

    Raises:
        ClosingError: one cannot be closed just so.
        LedgerBusyError: an upload from the same ledger is under way.
        StorageError: the archive could not be made; nothing was touched.
    """
    hindered = [one for one in candidates if not one.may_close(leave=leave)]
    if hindered:
        raise ClosingError(hindered)
    at = now or utc_now()
    try:
        with ledger.exclusive():
            resume(ledger, folder=folder, who=who)
            done: list[Closed] = []
            for number in dict.fromkeys(_upload(one).id for one in candidates):
                these = [one for one in candidates if _upload(one).id == number]
                done += _close_upload(ledger, these, folder=folder, who=who, at=at)
            return done
    except LockedError as error:
        raise LedgerBusyError(str(ledger.path.parent)) from error


def resume(ledger: Ledger, *, folder: Path, who: str) -> list[Closed]:
    """Bring closings to their end that were interrupted."""
    done = []
    for closing in closings.unfinished(ledger):
        place = folder / archive.ARCHIVE_NAME / closing.facts.archive
        if place.exists():
            done.append(_act(ledger, closing, folder=folder, who=who))
        else:
            # Not archived, so nothing was touched.
            archive.discard_partial(folder, closing.facts.archive)
            closings.end(ledger, closing, Outcome.GIVEN_UP, who=who, at=utc_now())
    return done


def undo(ledger: Ledger, upload: UploadRow, *, folder: Path, who: str) -> list[Closed]:
    """Bring the files of a closed upload back; what is in the archive stays there too.

    A file that cannot be brought back says why; the others are.

    Raises:
        LedgerBusyError: an upload from the same ledger is under way.
    """
    try:
        with ledger.exclusive():
            resume(ledger, folder=folder, who=who)
            done = []
            for closing in closings.closings(ledger, upload.id):
                if not closing.in_force:
                    continue
                place = folder / archive.ARCHIVE_NAME / closing.facts.archive
                if archive.read_index(place).get("erased") and closing.facts.stored:
                    done.append(Closed(closing, place, _erased()))
                    continue
                try:
                    _bring_back(ledger, closing, place, who)
                except StorageError as error:
                    done.append(Closed(closing, place, describe(error)))
                    continue
                closings.end(ledger, closing, Outcome.UNDONE, who=who, at=utc_now())
                done.append(Closed(replace(closing, outcome=Outcome.UNDONE), place))
            return done
    except LockedError as error:
        raise LedgerBusyError(str(ledger.path.parent)) from error


def receipt_of(ledger: Ledger, closing: Closing) -> Receipt:
    """The receipt for the desk of a closed file."""
    facts = closing.facts
    upload = ledger.upload(facts.upload)
    assert upload is not None, "a closing has its upload"
    head = _head_of(facts.path)
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


# -- looking --------------------------------------------------------------------------------------


def _whose(path: Path, folder: Path) -> Whose:
    if desk_folder(path, folder) is not None:
        return Whose.DESK
    return Whose.COPY if manifest_path(path).exists() else Whose.PLAIN


def desk_folder(path: Path, folder: Path) -> Path | None:
    """The data folder of the desk whose own file this is; ``None`` if it is no desk's own."""
    path = path.absolute()
    for place in dict.fromkeys((path.parent, folder.absolute())):
        journal = place / JOURNAL_NAME
        if not journal.exists():
            continue
        with suppress(StorageError), reading(journal) as database:
            if SaveBook(database, journal, utc_now).newest_file(place_name(place, path)):
                return place
    return None


def _uploaded(ledger: Ledger, data: bytes, job: int | None) -> closings.KnownFile | None:
    """The uploaded file that this one is, or begins with; the longest, of several the newest."""
    known = [
        one for one in closings.known_files(ledger, len(data)) if job is None or one.upload == job
    ]
    sha256, done, digests = hashlib.sha256(), 0, {}
    for size in sorted({one.size for one in known}):
        sha256.update(data[done:size])
        done = size
        digests[size] = sha256.hexdigest()
    same = [one for one in known if digests[one.size] == one.sha256]
    return max(same, key=lambda one: (one.size, one.upload), default=None)


def _obstacles(ledger: Ledger, upload: UploadRow, parts: Split) -> tuple[Obstacle, ...]:
    found = []
    runs = ledger.runs(upload.id)
    waiting = report_of(ledger, upload, busy=False).status.value == "waiting"
    if waiting or not (runs and runs[-1].status == "completed"):
        found.append(Obstacle.UNFINISHED)
    elif parts.kept:
        found.append(Obstacle.HELD_BACK)
    if parts.new:
        found.append(Obstacle.NEW_LINES)
    return tuple(found)


def _upload(candidate: Candidate) -> UploadRow:
    assert candidate.upload is not None, "what was never uploaded is never closed"
    return candidate.upload


def _head_of(path: Path) -> manifest.Head | None:
    try:
        with manifest_path(path).open("rb") as stream:
            return manifest.read_head(stream)
    except (OSError, manifest.ManifestError):
        return None


# -- closing --------------------------------------------------------------------------------------


def _close_upload(
    ledger: Ledger, candidates: Sequence[Candidate], *, folder: Path, who: str, at: datetime
) -> list[Closed]:
    upload = _upload(candidates[0])
    day = upload.started.astimezone()
    name = archive.free_name(folder, f"{day:%Y-%m-%d}_job-{upload.id:04}")
    facts = [
        Facts(
            upload=upload.id,
            file=one.file,
            whose=one.whose,
            path=one.path.absolute(),
            size=one.size,
            sha256=one.sha256,
            lines=one.lines,
            kept=one.kept,
            lead_size=one.lead_size,
            left_behind=one.left_behind,
            archive=name,
            stored="" if one.gone else f"{number:02}_{archive.plain_name(one.name)}",
        )
        for number, one in enumerate(candidates, 1)
    ]
    begun = closings.begin(ledger, facts, who=who, at=at)
    _fill_archive(ledger, upload, begun, folder / archive.ARCHIVE_NAME / name, folder)
    return [_act(ledger, closing, folder=folder, who=who) for closing in begun]


def _fill_archive(
    ledger: Ledger, upload: UploadRow, begun: Sequence[Closing], place: Path, folder: Path
) -> None:
    from offcirc.upload import render_html, render_json  # noqa: PLC0415 - Jinja takes its time

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
            draft.add(f"{Path(facts.stored).stem}{manifest.SUFFIX}", told.read_bytes())
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
    while rows := ledger.lines(upload, *State, after=after, limit=5000):
        after = rows[-1].id
        yield b"".join(_sent(row) for row in rows)


def _sent(row: LineRow) -> bytes:
    if row.minute:
        at = datetime.fromisoformat(row.minute).replace(second=0, microsecond=0)
        with suppress(NotRecordableError):
            return encode(Record(at, Operation(row.operation), row.item, row.patron))
    return row.raw.rstrip(b"\r\n") + b"\r\n"


def _part_of(facts: Facts) -> Iterator[bytes]:
    left = facts.size
    for piece in archive.pieces(facts.path):
        yield piece[:left]
        left -= len(piece[:left])
        if not left:
            return


def _act(ledger: Ledger, closing: Closing, *, folder: Path, who: str) -> Closed:
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


def _close_one(ledger: Ledger, closing: Closing, folder: Path) -> Outcome:
    facts = closing.facts
    if not facts.stored:
        return Outcome.DONE
    if facts.whose is Whose.DESK:
        return _close_desk(ledger, closing, folder)
    if facts.whose is Whose.COPY:
        write_receipt(receipt_path(facts.path), receipt_of(ledger, closing))
        _remove_copy(facts)
        return Outcome.HANDED_OVER
    with wording(facts.path):
        data = facts.path.read_bytes() if facts.path.exists() else b""
        if hashlib.sha256(data[: facts.size]).hexdigest() == facts.sha256:
            _replace(facts.path, data, split(data, facts.size, facts.kept).clean)
    return Outcome.DONE


def _close_desk(ledger: Ledger, closing: Closing, folder: Path) -> Outcome:
    from offcirc.storage.datwriter import DatWriter  # noqa: PLC0415 - only for a desk's own file
    from offcirc.storage.deskclosing import close_file  # noqa: PLC0415
    from offcirc.storage.journal import Journal  # noqa: PLC0415

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
        write_receipt(receipt_path(facts.path), receipt)
        return Outcome.HANDED_OVER
    return Outcome.DONE


def _remove_copy(facts: Facts) -> None:
    """Take a copy out of the collection folder if it is what was archived, and no more."""
    with wording(facts.path):
        if not facts.path.exists():
            return
        if archive.look(facts.path) != (facts.size, facts.sha256) or facts.kept:
            return  # the desk has copied more meanwhile: that is still to be collected
        facts.path.unlink()
        manifest_path(facts.path).unlink(missing_ok=True)
        durable.flush_folder(facts.path.parent)


def _replace(path: Path, data: bytes, clean: bytes) -> None:
    with wording(path):
        if path.read_bytes() != data:
            raise StorageError(Fault.BUSY, path)
        if clean:
            durable.replace(path, clean)
        else:
            path.unlink()
            durable.flush_folder(path.parent)


# -- undoing --------------------------------------------------------------------------------------


def _bring_back(ledger: Ledger, closing: Closing, place: Path, who: str) -> None:
    facts = closing.facts
    if not facts.stored:
        return  # it was not there when its upload was closed
    stored = place / facts.stored
    if archive.look(stored) != (facts.size, facts.sha256):
        raise StorageError(Fault.DAMAGED, stored)
    told = receipt_path(facts.path)
    if facts.whose is Whose.PLAIN:
        _bring_back_plain(facts, stored)
        return
    if facts.whose is Whose.DESK and _reopen_desk(facts):
        with wording(told):
            told.unlink(missing_ok=True)
        return
    waiting = read_receipt(told)
    if facts.whose is Whose.COPY and waiting is not None and waiting.order is Order.CLOSE:
        # The desk has not seen it yet: as if nothing had been.
        _restore_copy(facts, place, stored)
        with wording(told):
            told.unlink()
        return
    write_receipt(told, receipt_of(ledger, closing).reopened(who, datetime.now(UTC)))


def _erased() -> str:
    return _(
        "Readers were erased from the archive in the meantime, so the file cannot be brought back."
    )


def _bring_back_plain(facts: Facts, stored: Path) -> None:
    with wording(facts.path):
        part = stored.read_bytes()
        now = facts.path.read_bytes() if facts.path.exists() else b""
        if now.startswith(part):
            return  # it is there already
        since = now[facts.lead_size :]
        ending = b"" if part.endswith(b"\n") or not since else b"\r\n"
        durable.replace(facts.path, part + ending + since)


def _reopen_desk(facts: Facts) -> bool:
    """Take a desk's closing back; whether that could be done here."""
    from offcirc.storage.datwriter import DatWriter  # noqa: PLC0415 - only for a desk's own file
    from offcirc.storage.deskclosing import find, reopen_file  # noqa: PLC0415
    from offcirc.storage.journal import Journal  # noqa: PLC0415

    place = desk_folder(facts.path, facts.path.parent)
    if place is None:
        raise StorageError(Fault.VANISHED, facts.path)
    try:
        with Journal.open(place) as journal:
            closing = find(journal, facts.size, facts.sha256)
            if closing is not None:
                reopen_file(DatWriter(journal, facts.path), closing)
            return True
    except LockedError:
        return False


def _restore_copy(facts: Facts, place: Path, stored: Path) -> None:
    """Put a copy and its manifest back, unless the desk has made another one."""
    with wording(facts.path):
        if facts.path.exists():
            return
        durable.create(facts.path, stored.read_bytes())
        told = place / f"{Path(facts.stored).stem}{manifest.SUFFIX}"
        if told.exists() and not manifest_path(facts.path).exists():
            durable.create(manifest_path(facts.path), told.read_bytes())
