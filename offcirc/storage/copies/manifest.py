"""What goes with a copy of OffCirc.dat: which desk, and of each line its id and its exact time.

OffCirc.dat has room for local minutes only. Its manifest says of every line when it was recorded,
to the millisecond and in UTC, how long after the start of the program by a clock that nobody can
set, and its id; and of the file its length and checksum. It names no item and no reader.

It is JSON. The first text line is the head, then follow ``sessions``, ``clock_jumps`` and, one on
each text line, ``lines``: ``[id, at, offset, elapsed, session]`` as ``columns`` says, or ``null``
for a line of OffCirc.dat that this desk did not write. ``offset`` is in minutes, ``elapsed`` in
milliseconds, ``session`` counts in ``sessions`` from 0; the last two are ``null`` in lines older
than sessions. A line of which there is more to say goes on with codes of what was doubtful about it
at the desk, the id of the deleted line that it brings back, what it was where OffCirc.dat has no
letter for that, the local minute at which it is stated to have happened (``at`` is when it was
scanned), and what the desk was told of it (:mod:`offcirc.core.told`); each is empty where there is
nothing to say. A manifest that is older than its file tells of the file's first lines: files are
only added to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from offcirc.core.dat.datline import encode
from offcirc.core.identity import DeskIdentity
from offcirc.storage.journal.jumps import ClockJump
from offcirc.storage.journal.rows import Row, RowState
from offcirc.storage.journal.sessions import RecordedSession
from offcirc.storage.stamps import moment, stamp

FORMAT = 1
SUFFIX = ".manifest.json"
COLUMNS = ("id", "at", "offset", "elapsed", "session")
"""Columns of every line; one of which there is more to say has five more."""

_HEAD_LIMIT = 1 << 16
_CHUNK = 1 << 20


class ManifestError(ValueError):
    """It is no manifest, is damaged, or is of a later format."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a manifest says of its file as a whole.

    Attributes:
        computer: the PC's own name.
        version: the program's.
        written: when the manifest was made, aware, UTC.
        name: the file's name.
        journal: the name of the journal that it was written from.
        number: the file's number in that journal.
        lines: how many lines it has.
        size: its length in bytes.
        sha256: of its content, in hex.
        first: when its first own line was recorded, aware, UTC; ``None`` if it has none.
        last: the same of the last one.
    """

    identity: DeskIdentity
    computer: str
    version: str
    written: datetime
    name: str
    journal: str
    number: int
    lines: int
    size: int
    sha256: str
    first: datetime | None
    last: datetime | None


class LineBook:
    """What is known of the lines of one OffCirc.dat; each is looked at once while it only grows.

    Attributes:
        number: the file's number in the journal; 0 when there is none yet.
        last_save: the newest save whose rows have been heard of.
        size: how many bytes have been looked at.
        count: how many lines.
        first: when the first own line was recorded, stamped; empty if there is none.
        last: the same of the last one.
        sessions: the runs of the program that recorded the lines.
        ends_whole: whether the last line has an end; one that has not may yet go on.
    """

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.last_save = 0
        self.size = 0
        self.count = 0
        self.first = ""
        self.last = ""
        self.sessions: list[RecordedSession] = []
        self.ends_whole = True
        self._whole = hashlib.sha256()
        self._numbers: dict[str, int] = {}
        self._waiting: dict[bytes, list[Row]] = {}
        self._text = bytearray()

    @property
    def sha256(self) -> str:
        """Of the bytes that have been looked at, in hex."""
        return self._whole.hexdigest()

    def read(self, stream: IO[bytes], size: int, rows: Iterator[Row]) -> None:
        """Look at the lines from where it left off.

        Lines are known by what they say: wherever somebody may have moved them to, each gets the
        id of the row that was saved with these words, in order.

        Args:
            stream: the file, anywhere.
            size: up to where.
            rows: the rows saved to it that have not been heard of yet, in order.
        """
        stream.seek(self.size)
        while self.size < size:
            line = stream.readline(size - self.size)
            if not line:
                break
            self.size += len(line)
            self.count += 1
            self.ends_whole = line.endswith(b"\n")
            self._whole.update(line)
            row = self._row_of(line, rows)
            self._text += b"null" if row is None else self._entry(row)
            self._text += b",\n"
        for row in rows:
            self._wait(row)

    def _row_of(self, line: bytes, rows: Iterator[Row]) -> Row | None:
        waiting = self._waiting.get(line)
        if waiting:
            return waiting.pop(0)
        for row in rows:
            if row.state is not RowState.VOIDED and encode(row.transaction.record) == line:
                return row
            self._wait(row)
        return None

    def _wait(self, row: Row) -> None:
        """A row whose line has not been met: it was moved, removed, or is not to be read yet."""
        if row.state is not RowState.VOIDED:
            self._waiting.setdefault(encode(row.transaction.record), []).append(row)

    def _entry(self, row: Row) -> bytes:
        record = row.transaction
        at = stamp(record.at)
        self.first, self.last = self.first or at, at
        elapsed = "null" if row.elapsed_ms is None else str(row.elapsed_ms)
        session = "null" if row.session is None else str(self._number(row.session))
        name = json.dumps(record.id)
        besides = (row.odd, row.restores, record.act, record.stated_minute, row.told)
        more = "".join(f",{json.dumps(each)}" for each in besides) if any(besides) else ""
        return f'[{name},"{at}",{record.utc_offset},{elapsed},{session}{more}]'.encode()

    def _number(self, session: RecordedSession) -> int:
        number = self._numbers.get(session.id)
        if number is None:
            number = self._numbers[session.id] = len(self.sessions)
            self.sessions.append(session)
        return number

    def pieces(self, head: Head, jumps: Iterable[ClockJump]) -> Iterator[bytes]:
        """The manifest, to be written one piece after the other."""
        numbers = [(self._number(jump.session), jump) for jump in jumps]
        yield _line(_head(head)).replace(b"}\n", b",\n")
        yield b'"sessions":' + _line([_session(session) for session in self.sessions], b",\n")
        yield b'"clock_jumps":' + _line([_jump(*each) for each in numbers], b",\n")
        yield b'"columns":' + _line(COLUMNS, b",\n")
        yield b'"lines":[\n'
        text = memoryview(self._text)
        end = max(0, len(text) - len(b",\n"))
        for at in range(0, end, _CHUNK):
            yield bytes(text[at : min(at + _CHUNK, end)])
        yield b"\n]}\n"


def read_head(stream: IO[bytes]) -> Head:
    """Read only what a manifest says of its file as a whole.

    Raises:
        ManifestError: it is no manifest, or of a later format.
        OSError: it cannot be read.
    """
    line = stream.readline(_HEAD_LIMIT)
    try:
        return _read_head(json.loads(line.rstrip(b",\n") + b"}"))
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestError(str(error)) from error


def _line(value: object, end: bytes = b"\n") -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + end


def _head(head: Head) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "library": head.identity.library,
        "circulation_desk": head.identity.circulation_desk,
        "desk": head.identity.desk_name,
        "computer": head.computer,
        "version": head.version,
        "written": stamp(head.written),
        "file": head.name,
        "journal": head.journal,
        "number": head.number,
        "count": head.lines,
        "bytes": head.size,
        "sha256": head.sha256,
        "first": None if head.first is None else stamp(head.first),
        "last": None if head.last is None else stamp(head.last),
    }


def _read_head(told: dict[str, Any]) -> Head:
    if told["format"] != FORMAT:
        raise ManifestError("format")
    return Head(
        identity=DeskIdentity(
            str(told["library"]), str(told["circulation_desk"]), str(told["desk"])
        ),
        computer=str(told["computer"]),
        version=str(told["version"]),
        written=moment(told["written"]),
        name=str(told["file"]),
        journal=str(told["journal"]),
        number=int(told["number"]),
        lines=int(told["count"]),
        size=int(told["bytes"]),
        sha256=str(told["sha256"]),
        first=None if told["first"] is None else moment(told["first"]),
        last=None if told["last"] is None else moment(told["last"]),
    )


def _session(session: RecordedSession) -> dict[str, str]:
    return {
        "id": session.id,
        "at": stamp(session.at),
        "library": session.identity.library,
        "circulation_desk": session.identity.circulation_desk,
        "desk": session.identity.desk_name,
        "computer": session.computer,
        "version": session.version,
    }


def _jump(session: int, jump: ClockJump) -> dict[str, Any]:
    return {
        "jump": jump.jump,
        "session": session,
        "last_seq": jump.last_seq,
        "before": stamp(jump.before),
        "after": stamp(jump.after),
        "seconds": jump.seconds,
        "elapsed": jump.elapsed_ms,
    }
