"""When each line of an OffCirc.dat was recorded, as the desk's manifest or journal beside it tells.

Read line by line, so that a file of any length costs twenty-four bytes a line. What is told is
believed only of the very bytes it was told of: a manifest says how many there are and what their
checksum is, a journal knows its lines by what they say.
"""

from __future__ import annotations

import io
import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import sqlite_utils

from offcirc.core.fingerprint import OWN, own_name
from offcirc.core.identity import DeskIdentity
from offcirc.core.order.clockfix import ClockCorrection, ClockReading, Jump, Trust, corrections
from offcirc.core.transaction import OPERATIONS, Operation, Record
from offcirc.disk.database import reading
from offcirc.disk.errors import Fault, StorageError, wording
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.copies.manifest import Head, LineBook, ManifestError, read_head
from offcirc.storage.dat.datwriter import DAT_NAME
from offcirc.storage.journal.journal import JOURNAL_NAME
from offcirc.storage.journal.jumps import JumpBook
from offcirc.storage.journal.layout import JOURNAL
from offcirc.storage.journal.rows import Row, RowBook
from offcirc.storage.journal.saves import SaveBook, place_name
from offcirc.storage.journal.sessions import SessionBook
from offcirc.storage.stamps import moment, utc_now

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times are without zone
_UTC_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MINUTE = timedelta(minutes=1)
_UNKNOWN = -(2**63)
_SOME_ROWS = 500
_READABLE = 3
"""The oldest layout of a journal that is read."""


class ToldBy(StrEnum):
    """Where something about a desk's file is known from."""

    MANIFEST = "manifest"
    JOURNAL = "journal"
    NAME = "name"
    """Guessed from the file's name."""
    NOBODY = ""


@dataclass(frozen=True, slots=True)
class LineTimes:
    """What is told of a file.

    Attributes:
        told_by: the manifest or the journal.
        computer: the PC's own name; may be empty.
        size: how many bytes of the file it is about: its first ones.
        sha256: of these bytes, in hex.
        stamps: of each line, blank ones included, the local time by the desk's clock in
            milliseconds since :data:`EPOCH`.
        names: of each line, :data:`~offcirc.core.fingerprint.OWN` bytes that stand for its own
            identity; zeros where it is not known.
        corrections: what to add to which lines' times, by which clock is believed.
        acts: of which lines, by their numbers, it is told what they were that OffCirc.dat has no
            letter for.
        stated: the numbers of the lines that state a time of which somebody said that it was so:
            no clock has measured it, and none can have been wrong.
        told: what the desk was told of which lines, see :mod:`offcirc.core.told`.
    """

    told_by: ToldBy
    identity: DeskIdentity
    computer: str
    size: int
    sha256: str
    stamps: array[int]
    names: bytes
    corrections: dict[Trust, tuple[ClockCorrection, ...]]
    acts: dict[int, Operation] = field(default_factory=dict)
    stated: frozenset[int] = frozenset()
    told: dict[int, str] = field(default_factory=dict)

    def at(self, number: int, minute: datetime) -> datetime | None:
        """When a line was recorded, by the desk's clock.

        Args:
            number: the line's, from 1.
            minute: what the line itself says; where the two disagree, the line is right.

        Returns:
            Naive local time to the millisecond; ``None`` when it is not known.
        """
        if number > len(self.stamps):
            return None
        stamp = self.stamps[number - 1]
        if stamp == _UNKNOWN:
            return None
        at = EPOCH + stamp * _MILLISECOND
        return at if minute <= at < minute + _MINUTE else None

    def meant(self, number: int, record: Record) -> Record:
        """What a line was meant to say, where that is more than its letter can.

        Args:
            number: the line's, from 1.
            record: what the line says, or what somebody corrected it to.
        """
        act = self.acts.get(number)
        if act is None or act.written is not record.operation:
            return record
        return record._replace(operation=act)

    def own(self, number: int, minute: datetime) -> bytes:
        """What stands for a line's own identity in its key; empty when it is not known.

        Args:
            number: the line's, from 1.
            minute: what the line itself says.
        """
        if self.at(number, minute) is None:
            return b""
        return self.names[(number - 1) * OWN : number * OWN]


@dataclass(frozen=True, slots=True)
class TimesPlace:
    """Where something is told of a file.

    Attributes:
        told_by: the manifest or the journal.
        file: the OffCirc.dat it lies beside.
    """

    told_by: ToldBy
    path: Path
    file: Path


def place_of(file: Path) -> TimesPlace | None:
    """Where more about a file may be told: its manifest, or the journal of its data folder."""
    told = manifest_path(file)
    if told.is_file():
        return TimesPlace(ToldBy.MANIFEST, told, file)
    journal = file.with_name(JOURNAL_NAME)
    if file.name.lower() == DAT_NAME.lower() and journal.is_file():
        return TimesPlace(ToldBy.JOURNAL, journal, file)
    return None


def read_times(place: TimesPlace) -> LineTimes:
    """What is told of a file.

    Raises:
        ManifestError: it is no manifest, or is damaged.
        StorageError: it cannot be read, or is a journal of another version.
    """
    if place.told_by is ToldBy.JOURNAL:
        return _from_journal(place.file, place.path)
    with wording(place.path), place.path.open("rb") as stream:
        return _read(stream, ToldBy.MANIFEST)


def _read(stream: IO[bytes], told_by: ToldBy) -> LineTimes:
    """Read a manifest one text line after the other."""
    head = read_head(stream)
    try:
        numbers, jumps = _about(stream)
        stamps: array[int] = array("q")
        names = bytearray()
        readings: list[ClockReading] = []
        acts: dict[int, Operation] = {}
        stated: list[int] = []
        desk_told: dict[int, str] = {}
        for told in _lines(stream):
            if told is None:
                stamps.append(_UNKNOWN)
                names += bytes(OWN)
                continue
            name, at, offset, elapsed, session, *more = told
            act, minute, said = [*more[2:5], "", "", ""][:3]
            utc = (moment(at) - _UTC_EPOCH) // _MILLISECOND
            names += own_name(str(name))
            if act in OPERATIONS:  # what only a later version knows is read as its letter
                acts[len(stamps) + 1] = OPERATIONS[act]
            if said:
                desk_told[len(stamps) + 1] = str(said)
            if minute:
                stamps.append((datetime.fromisoformat(minute) - EPOCH) // _MILLISECOND)
                stated.append(len(stamps))
                continue
            stamps.append(utc + int(offset) * 60_000)
            if jumps and session in numbers:
                readings.append(ClockReading(len(stamps), utc, elapsed, session))
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise ManifestError(str(error)) from error
    if len(stamps) != head.lines:
        raise ManifestError("lines")
    fixes = {trust: tuple(corrections(readings, jumps, trust)) for trust in Trust}
    return LineTimes(
        *(told_by, head.identity, head.computer, head.size, head.sha256),
        *(stamps, bytes(names), fixes, acts, frozenset(stated)),
        told=desk_told,
    )


def _about(stream: IO[bytes]) -> tuple[set[int], list[Jump]]:
    """The text lines between the head and the lines: the jumps, and the runs that saw them."""
    _part(stream, "sessions")
    jumps = [
        Jump(
            int(told["session"]),
            int(told["elapsed"]),
            (moment(told["before"]) - _UTC_EPOCH) // _MILLISECOND,
            (moment(told["after"]) - _UTC_EPOCH) // _MILLISECOND,
        )
        for told in _part(stream, "clock_jumps")
    ]
    _part(stream, "columns")
    if stream.readline().strip() != b'"lines":[':
        raise ManifestError("lines")
    return {jump.session for jump in jumps}, jumps


def _part(stream: IO[bytes], name: str) -> list[Any]:
    told = json.loads(b"{" + stream.readline().rstrip().removesuffix(b",") + b"}")[name]
    if not isinstance(told, list):
        raise ManifestError(name)
    return told


def _lines(stream: IO[bytes]) -> Iterator[Any]:
    for text in stream:
        line = text.strip()
        if line == b"]}":
            return
        if line:
            yield json.loads(line.removesuffix(b","))
    raise ManifestError("end")


def _from_journal(file: Path, path: Path) -> LineTimes:
    """Tell from a journal what the manifest would say that it could write now."""
    # A journal that nobody has open is read as it lies there: nothing is added beside it.
    still = not path.with_name(f"{path.name}-wal").exists()
    with reading(path, still=still) as database, wording(path):
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        if not _READABLE <= version <= JOURNAL.version:
            raise StorageError(Fault.NEWER if version > JOURNAL.version else Fault.NOT_OURS, path)
        return _from_database(database, file, path)


def _from_database(database: sqlite_utils.Database, file: Path, path: Path) -> LineTimes:
    saves = SaveBook(database, path, utc_now)
    known = saves.state(place_name(path.parent, file))
    sessions = SessionBook(database, path)
    rows = RowBook(database, path, saves, sessions)
    book = LineBook()
    if known is not None:
        book.number = known.file
        with file.open("rb") as stream:
            book.read(stream, known.size, _rows(book, saves, rows))
    last = rows.last()
    session = last.session if last is not None else None
    head = Head(
        identity=DeskIdentity() if session is None else session.identity,
        computer="" if session is None else session.computer,
        version="",
        written=utc_now(),
        name=file.name,
        journal="",
        number=book.number,
        lines=book.count,
        size=book.size,
        sha256=book.sha256,
        first=None,
        last=None,
    )
    jumps = JumpBook(database, path, sessions).all()
    text = io.BytesIO(b"".join(book.pieces(head, jumps)))
    return _read(text, ToldBy.JOURNAL)


def _rows(book: LineBook, saves: SaveBook, rows: RowBook) -> Iterator[Row]:
    for _save, first, last in saves.done_after(book.number, 0):
        for start in range(first, last + 1, _SOME_ROWS):
            yield from rows.between(start, min(start + _SOME_ROWS - 1, last))
