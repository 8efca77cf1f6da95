"""One line of OffCirc.dat: writing it, and reading every form of it that is met in practice.

Columns (1-based), after the record Ex Libris prints for the ancestor file ``offcirc.dat``, 9(8)
9(4) X(1) X(80) X(255), and two independent programs that have fed real Alma systems for years:

====== =================================================================
1-8    date, YYYYMMDD, the desk PC's local time
9-12   time, HHMM, 24 hours
13     ``L`` loan or ``R`` return
14-93  item barcode, left-justified, padded with blanks
94-    patron identifier, loans only, not padded, at most 255
====== =================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from offcirc.core.transaction import (
    BEGINNING,
    ITEM_WIDTH,
    PATRON_LIMIT,
    Operation,
    Problem,
    Record,
    check_recordable,
)

ITEM_START = 13
PATRON_START = ITEM_START + ITEM_WIDTH
LINE_LIMIT = 4096
"""Bytes of one line that are kept: a file that is no OffCirc.dat may have no line end at all."""

BLANKS = " \t"
_TABS = re.compile(r"[ \t]*\t[ \t]*")


class Doubt(StrEnum):
    """Why a line that can be replayed deserves a look."""

    RETURN_WITH_PATRON = "return-with-patron"
    FUTURE = "future"
    BACKWARDS = "backwards"
    VERY_OLD = "very-old"
    DAMAGED_PADDING = "damaged-padding"
    BLANK_IN_PATRON = "blank-in-patron"
    JOINED = "joined-line"
    ZERO_BYTES = "behind-zero-bytes"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one line says.

    Attributes:
        record: the loan or return, or ``None`` when the line cannot be replayed.
        problem: why it cannot; ``None`` when it can.
        doubts: why it deserves a look all the same.
    """

    record: Record | None
    problem: Problem | None = None
    doubts: tuple[Doubt, ...] = ()


def encode(record: Record) -> bytes:
    """The line that states a loan or return: padded, ASCII, with CRLF.

    Raises:
        NotRecordableError: the record cannot be stated so that it reads back the same.
    """
    check_recordable(record.operation, record.item, record.patron)
    patron = record.patron if record.operation.lends else ""
    stamp = f"{record.at.year:04}{record.at:%m%d%H%M}"
    return f"{stamp}{record.operation.letter}{record.item:<{ITEM_WIDTH}}{patron}\r\n".encode(
        "ascii"
    )


def decode(raw: bytes) -> Decoded:
    """Read one line, given without its line end. Never raises, whatever the bytes are."""
    if len(raw) > LINE_LIMIT:
        return Decoded(None, Problem.LINE_TOO_LONG)
    text = raw.decode("latin-1").rstrip(BLANKS)
    if "\t" in text:
        # Spreadsheets paste a tab where the padding was.
        text = _TABS.sub("  ", text)
    if not (text.isascii() and text.isprintable()):
        return Decoded(None, Problem.BAD_CHARACTERS)
    return _decode_text(text) if len(text) >= ITEM_START else Decoded(None, Problem.TOO_SHORT)


def _decode_text(text: str) -> Decoded:
    at = minute(text[:12])
    if at is None:
        return Decoded(None, Problem.IMPOSSIBLE_DATE)
    reader = _READERS.get(text[12])
    if reader is None:
        return Decoded(None, Problem.UNKNOWN_OPERATION)
    # Most lines have neither letter inside, and are spared the search.
    more = text.find("L", ITEM_START) >= 0 or text.find("R", ITEM_START) >= 0
    if more and BEGINNING.search(text, 1) is not None:
        return Decoded(None, Problem.JOINED)
    return reader(at, text)


@lru_cache(maxsize=8192)
def minute(stamp: str) -> datetime | None:
    """The minute that twelve characters YYYYMMDDHHMM name, or ``None`` if there is none."""
    if not (len(stamp) == 12 and stamp.isascii() and stamp.isdigit()):
        return None
    try:
        return datetime(  # noqa: DTZ001 - the file holds the PC's local time, without zone
            int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8]), int(stamp[8:10]), int(stamp[10:12])
        )
    except ValueError:
        return None


def _decode_loan(at: datetime, text: str) -> Decoded:
    item, doubts = _item_column(text)
    patron = text[PATRON_START:].strip(" ")
    if not patron or " " in item:
        # No patron at its column. Either there is none, or the blanks between the two were lost
        # on the way (mail, word processor): then exactly two words remain, meant as such.
        words = text[ITEM_START:].split()
        if len(words) != 2:
            what = Problem.NO_PATRON if words else Problem.NO_ITEM
            return Decoded(None, Problem.BLANK_IN_ITEM if len(words) > 2 else what)
        (item, patron), doubts = words, (Doubt.DAMAGED_PADDING,)
    if problem := _item_problem(item):
        return Decoded(None, problem)
    if len(patron) > PATRON_LIMIT:
        return Decoded(None, Problem.PATRON_TOO_LONG)
    if " " in patron:
        if "  " in patron:
            return Decoded(None, Problem.JOINED)
        doubts = (*doubts, Doubt.BLANK_IN_PATRON)
    return Decoded(Record(at, Operation.LOAN, item, patron), None, doubts)


def _decode_return(at: datetime, text: str) -> Decoded:
    # A barcode that runs on past its column is too long; a loan cannot tell this from an
    # 80-character barcode followed at once by its patron, a return can.
    if len(text) > PATRON_START and " " not in text[ITEM_START : PATRON_START + 1]:
        return Decoded(None, Problem.ITEM_TOO_LONG)
    item, doubts = _item_column(text)
    patron = text[PATRON_START:].strip(" ")
    if "  " in item and len(words := text[ITEM_START:].split()) == 2:
        # One blank may be a misread barcode; several were padding, and a patron follows.
        (item, patron), doubts = words, (Doubt.DAMAGED_PADDING,)
    if problem := _item_problem(item):
        return Decoded(None, problem)
    if len(patron) > PATRON_LIMIT:
        return Decoded(None, Problem.PATRON_TOO_LONG)
    if "  " in patron:
        return Decoded(None, Problem.JOINED)
    if patron:
        doubts = (*doubts, Doubt.RETURN_WITH_PATRON)
    return Decoded(Record(at, Operation.RETURN, item, patron), None, doubts)


def _item_column(text: str) -> tuple[str, tuple[Doubt, ...]]:
    column = text[ITEM_START:PATRON_START].rstrip(" ")
    item = column.lstrip(" ")
    return item, (() if item == column else (Doubt.DAMAGED_PADDING,))


def _item_problem(item: str) -> Problem | None:
    if not item:
        return Problem.NO_ITEM
    return Problem.BLANK_IN_ITEM if " " in item else None


_READERS = {Operation.LOAN.value: _decode_loan, Operation.RETURN.value: _decode_return}

_UNJOINED = rb"(?![!-~]*\d{12}[LR])"
"""No other line begins in the word that follows; a word of digits alone needs no such look."""

plain_line = re.compile(
    rb"\d{12}(?:"
    rb"L(?:\d+(?![!-~])|" + _UNJOINED + rb"[!-~]+) *(?<=\A.{93})"
    rb"(?:\d{1,255}(?![!-~])|" + _UNJOINED + rb"[!-~]{1,255})"
    rb"|R(?:\d{1,80}(?![!-~])|" + _UNJOINED + rb"[!-~]{1,80}) *(?<!\A.{94})"
    rb")\r?"
).fullmatch
"""Match a line that :func:`decode` surely accepts without a doubt, if its date exists.

Nine lines of ten are such lines; the million-line check spends its time here. It may miss a good
line (which is then decoded the long way) but never match a bad one; a property test holds it to
that.
"""
