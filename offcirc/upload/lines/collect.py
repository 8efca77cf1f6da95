"""Collecting: from files and folders to the desks' files, each looked at once.

What lies beside a file is looked at too: the manifest of a copy in the collection folder, the
journal of a desk's data folder. They say whose the file is and when exactly each line was recorded,
as far as they are about this very content.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from offcirc.core.identity import DeskIdentity
from offcirc.core.order.clockfix import Trust
from offcirc.core.transaction import BEGINNING
from offcirc.disk import durable
from offcirc.disk.errors import StorageError
from offcirc.i18n import _
from offcirc.storage.copies.linetimes import LineTimes, TimesPlace, ToldBy, place_of, read_times
from offcirc.storage.copies.manifest import ManifestError
from offcirc.storage.ledger.alike import OPEN, RECORDED, REFUSED, earlier
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.base.errors import NotOffCircError, PlanError
from offcirc.upload.base.patience import CancelledError
from offcirc.upload.lines.copies import guess, settle_copies
from offcirc.upload.lines.datread import Hashing, Keyed, exact_of, keyed, mark_of, open_dat, reading
from offcirc.upload.lines.decided import Decided, decided
from offcirc.upload.lines.source import CollectedFile, FileNote, SourceState, short_names

FOLDER_LIMIT = 5000
"""Files taken from one folder; a tree with more is a wrong folder."""

_TREE_LIMIT = 50_000
"""Files of any kind that are looked for in one folder."""
_BEGINNING = 4096
_LINE = re.compile(rf"(?:\A|[\r\n\x1a]|\xef\xbb\xbf|\xff\xfe|\xfe\xff){BEGINNING.pattern}")
_KEYS_AT_ONCE = 2000
_CHUNK = 1 << 20


class CollectProgress(NamedTuple):
    """How far collecting has come.

    Attributes:
        done: files looked at.
        files: files to be looked at.
        bytes_done: of all of them.
        bytes: of all of them; what cannot be looked at counts nothing.
        name: the file that is being looked at.
    """

    done: int
    files: int
    bytes_done: int
    bytes: int
    name: str


def collect(
    paths: Iterable[Path],
    *,
    ledger: Ledger | None = None,
    server: str = "",
    now: datetime | None = None,
    progress: Callable[[CollectProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[CollectedFile, ...]:
    """Look at desks' files: whose, how many lines, how exact, uploaded before or not.

    Never raises for what a file is or does: a file that cannot be used says why.

    Args:
        paths: files, and folders to be searched, in any mix.
        ledger: tells what earlier uploads have done, and what people decided; opened by the
            calling thread.
        server: identity of the server whose uploads count; of any when empty.
        now: local time without zone; the system's when not given.
        progress: told how far it has come, after each piece that was read.
        cancelled: asked as often.

    Returns:
        The files, in the order found; each file once.

    Raises:
        CancelledError: cancelled.
        StorageError: the ledger cannot be read.
    """
    files, overfull = search(paths)
    names = short_names(files)
    sizes = [_size(path) for path in files]
    # The file holds the desk PC's local time.
    now = now or datetime.now()  # noqa: DTZ005
    counting = partial(_Counts, ledger, server, decided(ledger))
    sources: list[CollectedFile] = []
    before = 0
    for number, (path, name) in enumerate(zip(files, names, strict=True)):
        scan = CollectProgress(number, len(files), before, sum(sizes), name)
        meter = _Meter(scan, progress, cancelled)
        meter.tell()
        sources.append(_collected(path, name, now, meter, counting))
        before += sizes[number]
    if progress is not None:
        progress(CollectProgress(len(files), len(files), before, sum(sizes), ""))
    for folder in overfull:
        sources.append(CollectedFile(folder, str(folder), SourceState.UNREADABLE, too_many(folder)))
    return settle_copies(sources)


def search(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """The files that were meant, as :func:`expand` says, and the folders that hold too many."""
    found: dict[str, Path] = {}
    overfull = []
    for path in paths:
        try:
            folder = path.is_dir()
        except (OSError, ValueError):
            folder = False
        inside = [path]
        if folder:
            inside, whole = _inside(path)
            if not whole:
                overfull.append(path)
        for file in inside:
            found.setdefault(_where(file), file)
    return list(found.values()), overfull


def too_many(folder: Path) -> str:
    """What to tell a librarian of a folder that holds too many files."""
    return _(
        "{name} holds more than {count} such files: the others were not looked at. Choose the "
        "folder that holds the desks’ files alone."
    ).format(name=folder, count=FOLDER_LIMIT)


def expand(paths: Iterable[Path]) -> list[Path]:
    """The files that were meant: each file as it is, of each folder all that may be a desk's.

    That is every ``*.dat`` below it, and whatever begins like one: staff rename the file, and
    mail programs do. Copies under other names are told by their content later.

    Hidden folders and links to folders are passed over: a link may lead round in a circle. A file
    that is given twice, or lies in a folder that is given too, is taken once.
    """
    return search(paths)[0]


def look(path: Path, name: str) -> CollectedFile:
    """What is needed of a file to upload it: its digest, whose it is, where its times are told.

    Raises:
        UnreadableFileError: it cannot be read.
        NotOffCircError: it is no OffCirc.dat.
    """
    source, _times = _looked_at(path, name, _Meter(CollectProgress(0, 1, 0, 0, name), None, None))
    return source


class _Meter:
    """Tells how far collecting has come, and stops it."""

    def __init__(
        self,
        scan: CollectProgress,
        progress: Callable[[CollectProgress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._scan = scan
        self._progress = progress
        self._cancelled = cancelled

    def tell(self, size: int = 0) -> None:
        """So many bytes were read."""
        if self._cancelled is not None and self._cancelled():
            raise CancelledError
        self._scan = self._scan._replace(bytes_done=self._scan.bytes_done + size)
        if self._progress is not None:
            self._progress(self._scan)


@dataclass(slots=True)
class _Told:
    """What lies beside a file, before it is known whether it is about this content."""

    times: LineTimes | None = None
    place: TimesPlace | None = None
    notes: tuple[FileNote, ...] = ()


def _told(path: Path) -> _Told:
    place = place_of(path)
    if place is None:
        return _Told()
    try:
        return _Told(read_times(place), place)
    except (ManifestError, StorageError):
        unusable = place.told_by is ToldBy.JOURNAL
        return _Told(notes=(FileNote.JOURNAL_UNUSABLE if unusable else FileNote.MANIFEST_DAMAGED,))


def _looked_at(path: Path, name: str, meter: _Meter) -> tuple[CollectedFile, LineTimes | None]:
    """A file's digest and whose it is; and its times, if they are about this content."""
    stream, head = open_dat(path, name)
    with stream, reading(name):
        told = _told(path)
        prefix = -1 if told.times is None else told.times.size
        hashing = Hashing(stream, chunk=_CHUNK, prefix_size=prefix, read=meter.tell)
        while hashing.read(_CHUNK):
            pass
        fits = told.times is not None and told.times.sha256 == hashing.prefix
        times = told.times if fits else None
        mark = mark_of(head, times, whole=hashing.size == len(head))
    return _source(path, name, told, hashing, mark)


def _source(
    path: Path, name: str, told: _Told, hashing: Hashing, mark: bytes
) -> tuple[CollectedFile, LineTimes | None]:
    times, notes = told.times, told.notes
    if times is not None and times.sha256 != hashing.prefix:
        notes = (*notes, FileNote.MANIFEST_MISMATCH)
        times = None
    source = CollectedFile(
        path, name, size=hashing.size, sha256=hashing.hexdigest(), mark=mark, notes=notes
    )
    if times is None:
        identity, computer = guess(path)
        told_by = ToldBy.NOBODY if identity == DeskIdentity() else ToldBy.NAME
        return replace(source, identity=identity, computer=computer, told_by=told_by), None
    corrections = times.corrections[Trust.AFTER]
    if times.told_by is ToldBy.MANIFEST and times.size < hashing.size:
        notes = (*notes, FileNote.MANIFEST_OLDER)
    if corrections:
        notes = (*notes, FileNote.CLOCK_MOVED)
    identity, told_by = times.identity, times.told_by
    if identity == DeskIdentity():
        identity, _computer = guess(path)
        told_by = ToldBy.NOBODY if identity == DeskIdentity() else ToldBy.NAME
    source = replace(
        source,
        identity=identity,
        computer=times.computer,
        told_by=told_by,
        times=told.place if times.stamps else None,
        corrections=corrections,
        notes=notes,
    )
    return source, times


def _collected(
    path: Path, name: str, now: datetime, meter: _Meter, counting: Callable[..., _Counts]
) -> CollectedFile:
    """All there is to know about a file."""
    try:
        source, times = _looked_at(path, name, meter)
        counts = counting(times)
        stream, _head = open_dat(path, name)
        with stream, reading(name):
            for line in keyed(Hashing(stream, read=lambda size: meter.tell()), now, times):
                counts.add(line)
        return counts.into(source)
    except NotOffCircError as error:
        return CollectedFile(path, name, SourceState.NOT_OFFCIRC, error.words())
    except PlanError as error:
        return CollectedFile(path, name, SourceState.UNREADABLE, error.words())


class _Counts:
    """Counts the lines of one file."""

    def __init__(
        self, ledger: Ledger | None, server: str, know: Decided, times: LineTimes | None
    ) -> None:
        self._times = times
        self._ledger = ledger
        self._server = server
        self._know = know
        self._keys: list[tuple[bytes, bytes]] = []
        self._done = {RECORDED: 0, OPEN: 0, REFUSED: 0}
        self._lines = self._loans = self._returns = self._damaged = 0
        self._doubtful = self._exact = self._dropped = 0
        self._first: datetime | None = None
        self._last: datetime | None = None

    def add(self, line: Keyed) -> None:
        """The next line."""
        entry = line.entry
        self._lines += 1
        self._doubtful += bool(entry.doubts)
        record = entry.record
        if record is None:
            self._damaged += 1
            return
        if record.operation.lends:
            self._loans += 1
        else:
            self._returns += 1
        self._first = record.at if self._first is None else min(self._first, record.at)
        self._last = record.at if self._last is None else max(self._last, record.at)
        self._exact += exact_of(self._times, entry) is not None
        if self._ledger is not None:
            fate = self._know.fate(line.key, record, line.plain, entry.number)
            self._dropped += fate.dropped
            # A corrected line may have gone up as it was before it was corrected.
            self._keys.append((line.key, fate.key))
            if len(self._keys) >= _KEYS_AT_ONCE:
                self._ask()

    def into(self, source: CollectedFile) -> CollectedFile:
        """The file with its counts."""
        self._ask()
        return replace(
            source,
            lines=self._lines,
            loans=self._loans,
            returns=self._returns,
            damaged=self._damaged,
            doubtful=self._doubtful,
            first=self._first,
            last=self._last,
            exact=self._exact,
            recorded=self._done[RECORDED],
            open=self._done[OPEN],
            refused=self._done[REFUSED],
            dropped=self._dropped,
            notes=source.notes if self._lines else (*source.notes, FileNote.EMPTY),
        )

    def _ask(self) -> None:
        if self._ledger is None or not self._keys:
            return
        keys = list({key for pair in self._keys for key in pair})
        known = earlier(self._ledger, keys, self._server)
        for pair in self._keys:
            outcomes = [known[key].value for key in pair if key in known]
            if outcomes:
                self._done[min(outcomes)] += 1
        self._keys.clear()


def _inside(folder: Path) -> tuple[list[Path], bool]:
    """The files of a folder that may be a desk's, and whether these are all."""
    found: list[Path] = []
    for seen, path in enumerate(_below(folder)):
        if path.name.lower().endswith(".dat") or _begins_like_one(path):
            if len(found) == FOLDER_LIMIT:
                return found, False
            found.append(path)
        if seen == _TREE_LIMIT:
            return found, False
    return found, True


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(here, name) for name in sorted(files) if not name.startswith("."))


def _begins_like_one(path: Path) -> bool:
    """Whether some line at a file's beginning is the beginning of a loan or return."""
    try:
        if durable.is_database(path) or not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb", buffering=0) as stream:
            head = stream.read(_BEGINNING)
    except (OSError, ValueError):
        return False
    # Without zeros, what an editor has saved as UTF-16 is found, too, and told why it is none.
    return _LINE.search(head.replace(b"\0", b"").decode("latin-1")) is not None


def _where(path: Path) -> str:
    """What makes two paths one file, as far as it can be told."""
    try:
        return os.path.normcase(path.resolve())
    except (OSError, ValueError, RuntimeError):
        return str(path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0
