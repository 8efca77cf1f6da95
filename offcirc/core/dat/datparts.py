"""Lines that ran together: files joined without a line end between, a power cut, a mark inside.

A line is cut in two only where that is proven; what cannot be proven stays one line, in error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from offcirc.core.dat.datline import (
    ITEM_START,
    LINE_LIMIT,
    PATRON_START,
    Decoded,
    Doubt,
    decode,
    minute,
)
from offcirc.core.transaction import BEGINNING, ITEM_WIDTH, Operation, Problem

BLANK = b" \t\r\x0b\x0c\x1a"
"""What a blank line may hold; 0x1A is the end mark that DOS's ``copy a+b c`` leaves behind."""
BOM = b"\xef\xbb\xbf"
"""The mark that Windows' Notepad puts in front of a file it saves as UTF-8."""
_MARKS = re.compile(rb"(?:\xef\xbb\xbf|\x1a)+")
_RUN = re.compile(rb"\0+")
_MARK = BOM + b"\x1a"
_MOST = 40
"""Parts of one line; what has more is no line of ours."""
_STAMP = re.compile(r"\d{12}[A-Za-z]?")


@dataclass(frozen=True, slots=True)
class Part:
    """A loan or return, or what is left of one, out of a line.

    Attributes:
        decoded: what they say.
    """

    raw: bytes
    decoded: Decoded


def parts(line: bytes) -> list[Part]:
    """What stands on a line that cannot be read as it is; at least one part."""
    if b"\0" not in line:
        return _unmarked(line)
    line = _RUN.sub(b"\0", line)
    # What stands before zero bytes without a line end was cut off by them, however whole it looks.
    *cut, last = line.split(b"\0")
    left = [Part(chunk, _ZEROS) for chunk in cut if chunk.strip(BLANK)]
    if last.strip(BLANK):
        behind = _unmarked(last)
        if behind[0].decoded.record is None and not _begins(last.lstrip(_MARK)):
            return [Part(line[:LINE_LIMIT], Decoded(None, Problem.BAD_CHARACTERS))]
        left.extend(_doubted(part, Doubt.ZERO_BYTES) for part in behind)
    if len(left) > _MOST:
        return [Part(line[:LINE_LIMIT], Decoded(None, Problem.BAD_CHARACTERS))]
    return left or [Part(line, _ZEROS)]


def named(raw: bytes) -> tuple[str, ...]:
    """The barcodes and identifiers that stand on a line of several, in its order."""
    pieces = _pieces(raw.decode("latin-1"))
    return tuple(word for each in pieces for word in _STAMP.sub("", each, count=1).split())


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What can be read of a line that cannot be replayed; each is empty or ``None`` if it cannot.

    Attributes:
        at: when it happened.
        operation: loan or return.
        item: the item barcode, or what stands in its place.
        patron: the same of the patron, on a loan.
    """

    at: datetime | None = None
    operation: Operation | None = None
    item: str = ""
    patron: str = ""


def glimpse(raw: bytes) -> Glimpse:
    """Read what can be read of a damaged line, for a person who knows what was meant."""
    text = _pieces(raw[:LINE_LIMIT].decode("latin-1").replace("\t", " ").replace("\0", " "))[0]
    at, letter = minute(text[:12]), text[12:13]
    operation = Operation(letter) if letter in ("L", "R") else None
    if at is None and operation is None:
        return Glimpse()
    item, patron = text[ITEM_START:PATRON_START].strip(" "), text[PATRON_START:].strip(" ")
    if not patron or "  " in item:
        item, patron = (*text[ITEM_START:].split(" ", 1), "")[:2]
        patron = patron.strip(" ")
    if operation is not None and not operation.lends:
        patron = ""
    return Glimpse(at, operation, *(text if _typeable(text) else "" for text in (item, patron)))


def _typeable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _unmarked(line: bytes) -> list[Part]:
    """The parts between end marks and marks of encoding, which say nothing."""
    chunks = [chunk for chunk in _MARKS.split(line) if chunk.strip(BLANK)]
    if not 0 < len(chunks) <= _MOST or not all(map(_begins, chunks[1:])):
        return [Part(line, decode(line))]
    pieces = [piece for chunk in chunks for piece in _cut(chunk)]
    found = [Part(piece, decode(piece)) for piece in pieces]
    return found if len(found) == 1 else [_doubted(part, Doubt.JOINED) for part in found]


def _cut(line: bytes) -> list[bytes]:
    """A line cut where others begin, if that is proven; else as it is."""
    pieces = _pieces(line[: LINE_LIMIT + 1].decode("latin-1"))
    if len(line) <= LINE_LIMIT and all(_stands_alone(*pair) for pair in pairwise(pieces)):
        return [piece.encode("latin-1") for piece in pieces]
    return [line]


def _pieces(text: str) -> list[str]:
    """A text cut wherever a loan or return seems to begin."""
    starts = [0, *(found.start() for found in BEGINNING.finditer(text, 1))]
    return [text[at:end] for at, end in pairwise([*starts, len(text)])]


def _stands_alone(before: str, piece: str) -> bool:
    """Whether a part is surely a line of its own: it has its columns, or the one before has."""
    item = piece[ITEM_START:PATRON_START].rstrip(" ")
    if len(piece) >= PATRON_START and " " not in item and len(item) < ITEM_WIDTH:
        return True
    # A return ends where its column ends: what begins right there is no reader.
    return before[12:13] == "R" and before.endswith(" ") and len(before) == PATRON_START


def _begins(chunk: bytes) -> bool:
    return BEGINNING.match(chunk[:ITEM_START].decode("latin-1")) is not None


def _doubted(part: Part, doubt: Doubt) -> Part:
    if part.decoded.record is None:
        return part
    return replace(part, decoded=replace(part.decoded, doubts=(*part.decoded.doubts, doubt)))


_ZEROS = Decoded(None, Problem.ZERO_BYTES)
