"""Closing: after an upload its files are put away, so that no line of them can go up again.

Everything of the upload goes into an archive folder of its own first: each file as it was uploaded,
the merged file, the manifests, the report. Only when that is complete on the disk is a file
touched: a desk's own is closed with its journal, a desk that is at work or far away is told by a
receipt, and a file alone is replaced by what is still to be uploaded, or removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from offcirc.disk.errors import LockedError, StorageError
from offcirc.disk.reasons import why
from offcirc.storage.closing import archive
from offcirc.storage.closing.splitting import Split, lines, split
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.ledger import closings
from offcirc.storage.ledger.closings import Closing, ClosingOutcome, FileToClose, Whose
from offcirc.storage.ledger.ledger import Ledger
from offcirc.storage.ledger.ledgerrows import FileFacts, UploadRow
from offcirc.storage.stamps import utc_now
from offcirc.upload.base.errors import LedgerBusyError, UnreadableFileError, UploadError
from offcirc.upload.close.candidates import Candidate, Obstacle
from offcirc.upload.close.putaway import Closed, act, desk_folder, fill_archive

__all__ = ["Candidate", "Closed", "ClosingError", "ClosingOutcome", "Obstacle", "Whose"]


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
        from offcirc.upload.close import closingwords  # noqa: PLC0415 - it words our types

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
        StorageError: the journal that lies beside it cannot be.
    """
    found = Candidate(path, path.name, _whose(path, folder))
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return replace(found, obstacles=(Obstacle.MISSING,))
    except OSError as error:
        raise UnreadableFileError(path.name, why(error)) from error
    known = _uploaded(ledger, data, path, job)
    if known is None:
        return replace(found, obstacles=(Obstacle.NEVER_UPLOADED,))
    upload = ledger.upload(known.upload)
    assert upload is not None, "a file of the ledger has its upload"
    kept = closings.not_dealt_with(ledger, upload.id, known.lines_of)
    kept = tuple(number for number in kept if number <= data[: known.size].count(b"\n") + 1)
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
        closed=_closed(ledger, upload, path, known.sha256, folder),
    )


def look_at_job(ledger: Ledger, upload: UploadRow, *, folder: Path) -> list[Candidate]:
    """What closing would do to each file of an upload, where it was when it was uploaded.

    Raises:
        UnreadableFileError: one cannot be read.
    """
    found = []
    for index, file in enumerate(ledger.files(upload.id)):
        if not (file.path and file.size):
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
        closed=_closed(ledger, upload, Path(file.path), file.sha256),
    )


def _closed(
    ledger: Ledger, upload: UploadRow, path: Path, sha256: str, whole_in: Path | None = None
) -> Closing | None:
    """The closing in force by which this content was put away from there.

    Args:
        ledger: where the uploads are kept.
        upload: the upload.
        path: where the file was.
        sha256: of what was put away, in hex.
        whole_in: the data folder in whose archive it has to be still as it was.
    """
    for one in closings.closings(ledger, upload.id):
        facts = one.facts
        if one.in_force and facts.path == path.absolute() and facts.sha256 == sha256:
            if whole_in is None:
                return one
            with suppress(StorageError):
                stored = whole_in / archive.ARCHIVE_NAME / facts.archive / facts.stored
                if facts.stored and archive.look(stored) == (facts.size, sha256):
                    return one
    return None


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

    What is put away already is said again, and done again where a file lies there once more.

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
            done = resume(ledger, folder=folder, who=who)
            ended = {one.closing.facts.path for one in done}
            these = [one for one in candidates if one.path.absolute() not in ended]
            done += [_again(ledger, one, folder=folder, who=who) for one in these if one.closed]
            anew = [one for one in these if one.closed is None]
            for number in dict.fromkeys(_upload(one).id for one in anew):
                of_it = [one for one in anew if _upload(one).id == number]
                done += _close_upload(ledger, of_it, folder=folder, who=who, at=at)
            return done
    except LockedError as error:
        raise LedgerBusyError(str(ledger.path.parent)) from error


def take_up(ledger: Ledger, *, folder: Path, who: str) -> list[Closed]:
    """As :func:`resume`, for one that is doing nothing else with the ledger.

    Raises:
        LedgerBusyError: an upload from the same ledger is under way.
    """
    try:
        with ledger.exclusive():
            return resume(ledger, folder=folder, who=who)
    except LockedError as error:
        raise LedgerBusyError(str(ledger.path.parent)) from error


def resume(ledger: Ledger, *, folder: Path, who: str) -> list[Closed]:
    """Bring closings to their end that were interrupted; the caller has the ledger to itself."""
    done = []
    for closing in closings.unfinished(ledger):
        place = folder / archive.ARCHIVE_NAME / closing.facts.archive
        if place.exists():
            done.append(act(ledger, closing, folder=folder, who=who))
        else:
            # Not archived, so nothing was touched.
            archive.discard_partial(folder, closing.facts.archive)
            closings.end(ledger, closing, ClosingOutcome.GIVEN_UP, who=who, at=utc_now())
    return done


def _again(ledger: Ledger, candidate: Candidate, *, folder: Path, who: str) -> Closed:
    """Say how a file was put away; where it lies there again, its copy in the archive is enough."""
    closing = candidate.closed
    assert closing is not None, "it was put away"
    place = folder / archive.ARCHIVE_NAME / closing.facts.archive
    if candidate.gone:
        return Closed(closing, place)
    return act(ledger, closing, folder=folder, who=who)


def _whose(path: Path, folder: Path) -> Whose:
    if desk_folder(path, folder) is not None:
        return Whose.DESK
    return Whose.COPY if manifest_path(path).exists() else Whose.PLAIN


def _uploaded(
    ledger: Ledger, data: bytes, path: Path, job: int | None
) -> closings.KnownFile | None:
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
    where = path.absolute()
    return max(same, key=lambda one: (one.size, one.upload, one.path == where), default=None)


def _obstacles(ledger: Ledger, upload: UploadRow, parts: Split) -> tuple[Obstacle, ...]:
    found = []
    runs = ledger.runs(upload.id)
    # Handed over to a system that answers by a report of its own, which has not been read yet.
    waiting = any(
        count and state == "handed-over" for state, count in ledger.counts(upload).items()
    )
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


def _close_upload(
    ledger: Ledger, candidates: Sequence[Candidate], *, folder: Path, who: str, at: datetime
) -> list[Closed]:
    upload = _upload(candidates[0])
    day = upload.started.astimezone()
    name = archive.free_name(folder, f"{day:%Y-%m-%d}_job-{upload.id:04}")
    facts = [
        FileToClose(
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
    fill_archive(ledger, upload, begun, folder / archive.ARCHIVE_NAME / name, folder)
    return [act(ledger, closing, folder=folder, who=who) for closing in begun]
