"""A whole OffCirc.dat: a stream of bytes in, a verdict a line out, in constant memory.

Lines end with CRLF, LF, CR CR LF or CR; blank lines are passed over but counted, so that a line's
number is the one an editor shows; the last line end may be missing.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from offcirc.core.dat.datline import (
    ITEM_START,
    LINE_LIMIT,
    PATRON_START,
    Decoded,
    Doubt,
    decode,
    minute,
    plain_line,
)
from offcirc.core.dat.datparts import BLANK, BOM, parts
from offcirc.core.transaction import Operation, Problem, Record, made

CHUNK = 1 << 18
LINE_END = re.compile(rb"\n|\r\r?\n|\r")
"""What ends a line: CRLF, LF, the CR CR LF of a file translated twice, the CR of old editors."""
_ZEROS = re.compile(rb"\0+")
CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far ahead of the reader's clock a line may be before it counts as in the future."""
VERY_OLD = timedelta(days=400)
"""Older than this, a line is more likely a wrong clock or a forgotten file than an outage."""


_LOAN, _RETURN = Operation.LOAN, Operation.RETURN
_MINUTES = frozenset(b"%02d%02d" % divmod(each, 60) for each in range(24 * 60))


class ByteStream(Protocol):
    """What a file is read from."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; empty at the end."""


class Status(StrEnum):
    """The verdict on a line; the values are those of the command line's JSON."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class Entry(NamedTuple):
    """One line of the file and what is to be said of it.

    Attributes:
        number: the line's number in its file, from 1.
        raw: its bytes without the line end (the first 4096 of an endless one).
        record: the loan or return, or ``None`` when it cannot be replayed.
        problem: why it cannot be replayed.
        doubts: why it deserves a look.
    """

    number: int
    raw: bytes
    record: Record | None
    problem: Problem | None = None
    doubts: tuple[Doubt, ...] = ()

    @property
    def status(self) -> Status:
        """``error``: cannot be replayed; ``warning``: can, but look; ``ok``."""
        if self.problem is not None:
            return Status.ERROR
        return Status.WARNING if self.doubts else Status.OK


class NotThisFile(StrEnum):
    """What a file is that is certainly no OffCirc.dat."""

    UTF16 = "utf-16"
    BINARY = "binary"
    OTHER_TEXT = "other-text"


def sniff(head: bytes) -> NotThisFile | None:
    """Tell from a file's first bytes (64 KB will do) that it is no OffCirc.dat at all.

    One line that can be replayed makes it an OffCirc.dat, however damaged the rest is. An empty
    file is an OffCirc.dat in which nothing was recorded.
    """
    lines = [line.rstrip(b"\r") for batch in _lines(io.BytesIO(head)) for line in batch]
    if not head.strip(BLANK + b"\n") or any(map(_holds_record, lines)):
        return None
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return NotThisFile.UTF16
    if any(byte < 0x20 and byte not in b"\t\n\r\f\x1a" for byte in head[:4096]):
        return NotThisFile.BINARY
    # A damaged line still begins like one; a file in which none does is something else.
    if any(line.removeprefix(BOM)[:8].isdigit() for line in lines):
        return None
    return NotThisFile.OTHER_TEXT


def read(stream: ByteStream, now: datetime) -> Iterator[Entry]:
    """Every line of the file that is not blank, in its order.

    Args:
        stream: the file, opened in binary.
        now: local time without zone, in the zone of the desk PC: what is future, what very old.
    """
    clock = _Clock(now)
    number = 0
    at = now
    for lines in _lines(stream):
        for raw in lines:
            number += 1
            if plain_line(raw):
                stamp = raw[:12]
                same = stamp == clock.unremarkable
                if same or clock.is_unremarkable(stamp):
                    text = raw.decode("ascii").removesuffix("\r")
                    if not same:
                        at = _known(text[:12])
                    yield _plain(number, raw.removesuffix(b"\r"), text, at)
                    continue
            line = raw.rstrip(b"\r")
            if line.strip(BLANK):
                yield from _entries(number, line, clock)


class Audit:
    """The lines of a file that are not plainly fine, and a count of all.

    Iterate it once; the counts are right when the iteration has ended. Lines without any fault
    are only matched against a pattern, which makes this several times faster than :func:`read`.

    Attributes:
        records: lines that are not blank, so far.
        errors: lines that cannot be replayed, so far.
        warnings: lines that can be replayed but deserve a look, so far.
    """

    def __init__(self, stream: ByteStream, now: datetime) -> None:
        self.records = self.errors = self.warnings = 0
        self._stream = stream
        self._clock = _Clock(now)

    def __iter__(self) -> Iterator[Entry]:
        clock = self._clock
        number = 0
        for lines in _lines(self._stream):
            for raw in lines:
                number += 1
                if plain_line(raw) and (
                    raw[:12] == clock.unremarkable or clock.is_unremarkable(raw[:12])
                ):
                    self.records += 1
                    continue
                line = raw.rstrip(b"\r")
                if not line.strip(BLANK):
                    continue
                for entry in _entries(number, line, clock):
                    self.records += 1
                    if entry.problem is not None:
                        self.errors += 1
                    elif entry.doubts:
                        self.warnings += 1
                    else:
                        continue
                    yield entry


def glanced(stream: ByteStream, now: datetime) -> Iterator[tuple[list[str], list[Entry]]]:
    """The lines of a file a chunk's worth at a time: those that are plainly fine, and the others.

    For whoever wants to know no more of the former than what they say: in a third of the time that
    :func:`read` takes.

    Args:
        stream: the file, opened in binary.
        now: as for :func:`read`.
    """
    clock = _Clock(now)
    number = 0
    for lines in _lines(stream):
        plain: list[bytes] = []
        others: list[Entry] = []
        for raw in lines:
            number += 1
            if plain_line(raw) and (
                raw[:12] == clock.unremarkable or clock.is_unremarkable(raw[:12])
            ):
                plain.append(raw)
                continue
            line = raw.rstrip(b"\r")
            if line.strip(BLANK):
                others += _entries(number, line, clock)
        yield (
            b"\n".join(plain).decode("ascii").replace("\r", "").split("\n") if plain else [],
            others,
        )


def named(plain: str) -> tuple[str, str]:
    """Item and borrower of a line that is plainly fine; the borrower is empty on a return."""
    return plain[ITEM_START:PATRON_START].rstrip(" "), plain[PATRON_START:]


class _Clock:
    """The doubts that come from a line's time, given the lines before it.

    Attributes:
        unremarkable: a stamp that raises none, as long as the line before has the same; or empty.
    """

    def __init__(self, now: datetime) -> None:
        self._latest = _add(now, CLOCK_TOLERANCE)
        self._oldest = _add(now, -VERY_OLD)
        self._latest_stamp = _stamp(self._latest)
        self._oldest_stamp = _stamp(self._oldest)
        self._previous = self._day = b""
        self.unremarkable = b""

    def is_unremarkable(self, stamp: bytes) -> bool:
        """Whether a line of twelve digits raises no doubt; if so, it becomes the previous one."""
        if stamp == self._previous:
            return self._oldest_stamp < stamp < self._latest_stamp
        if self._previous < stamp and self._oldest_stamp < stamp < self._latest_stamp:
            # A day is looked up once; a day's minutes are always the same.
            if stamp[:8] != self._day or stamp[8:] not in _MINUTES:
                if minute(stamp.decode("ascii")) is None:
                    return False
                self._day = stamp[:8]
            self._previous = self.unremarkable = stamp
            return True
        return False

    def doubts(self, at: datetime, stamp: bytes) -> tuple[Doubt, ...]:
        """The doubts about a line of this time, which becomes the previous one."""
        found = []
        if at > self._latest:
            found.append(Doubt.FUTURE)
        if at < self._oldest:
            found.append(Doubt.VERY_OLD)
        if stamp < self._previous:
            found.append(Doubt.BACKWARDS)
        self._previous = stamp
        self.unremarkable = b""
        return tuple(found)


def _entries(number: int, line: bytes, clock: _Clock) -> Sequence[Entry]:
    """What a line holds: one loan or return, or several that ran together."""
    decoded = decode(line)
    if decoded.record is not None:
        return (_entry(number, line, decoded, clock),)
    return [_entry(number, part.raw, part.decoded, clock) for part in parts(line)]


def _entry(number: int, raw: bytes, decoded: Decoded, clock: _Clock) -> Entry:
    if decoded.record is None:
        return Entry(number, raw[:LINE_LIMIT], None, decoded.problem)
    doubts = decoded.doubts + clock.doubts(decoded.record.at, raw[: ITEM_START - 1])
    return Entry(number, raw, decoded.record, None, doubts)


def _holds_record(line: bytes) -> bool:
    if decode(line).record is not None:
        return True
    return any(part.decoded.record is not None for part in parts(line))


def _plain(number: int, line: bytes, text: str, at: datetime) -> Entry:
    """What a line says that matches :data:`plain_line`: nine of ten, at half the price."""
    item = text[ITEM_START:PATRON_START].rstrip(" ")
    if text[ITEM_START - 1] == "L":
        record = made(Record, (at, _LOAN, item, text[PATRON_START:]))
    else:
        record = made(Record, (at, _RETURN, item, ""))
    return made(Entry, (number, line, record, None, ()))


def _known(stamp: str) -> datetime:
    at = minute(stamp)
    assert at is not None, "the clock has looked at it"
    return at


def _lines(stream: ByteStream) -> Iterator[list[bytes]]:
    """The lines of a stream, a chunk's worth at a time, without LF.

    Of a line longer than the limit, the first bytes are kept and the rest is read and dropped,
    so that a gigabyte without a line end costs no memory. CR CR LF and a lone CR end a line, too;
    zero bytes in a row, as a power cut leaves them, are as good as one.
    """
    rest = held = b""
    while chunk := stream.read(CHUNK):
        if held or chunk.endswith(b"\r"):
            # Whether they end one line or two, what comes next will tell.
            chunk = held + chunk
            held = b"\r" * (len(chunk[-2:]) - len(chunk[-2:].rstrip(b"\r")))
            chunk = chunk[: len(chunk) - len(held)]
        if chunk.count(b"\r") != chunk.count(b"\r\n"):
            chunk = LINE_END.sub(b"\n", chunk)
        if b"\0" in chunk:
            chunk = _ZEROS.sub(b"\0", chunk)
        lines = chunk.split(b"\n")
        lines[0] = rest + lines[0]
        rest = lines.pop()
        if len(rest) > LINE_LIMIT + CHUNK:
            rest = rest[: LINE_LIMIT + 1]
        yield lines
    if rest:
        yield [rest]


def _stamp(moment: datetime) -> bytes:
    return f"{moment.year:04}{moment:%m%d%H%M}".encode("ascii")


def _add(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment + span
    except OverflowError:
        return moment
