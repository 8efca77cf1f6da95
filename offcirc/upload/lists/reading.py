"""The rows of a list, whatever it was kept in: spreadsheet, CSV, text, other programs' files.

Nothing is interpreted here but the container; what the cells mean is told in
:mod:`offcirc.upload.lists.columns`. Files of other offline programs say by themselves what their
columns are (Koha's ``.koc``: process_koc.pl; Evergreen's ``pending.xacts``: offline.js).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from offcirc.core.transaction import BEGINNING
from offcirc.upload.alma import almacells
from offcirc.upload.alma.almacells import Rows, UnreadableContainerError


class ColumnUse(StrEnum):
    """What stands in a column of a list."""

    ITEM = "item"
    PATRON = "patron"
    WHEN = "when"
    """Day and time, or one of them."""
    OPERATION = "operation"
    NOTHING = "-"
    """Whatever it is, it is not taken."""


class ListShape(StrEnum):
    """How a list is put together."""

    TABLE = "table"
    """Each row stands for itself."""
    RUNNING = "running"
    """A reader, then the items lent to this reader; words tell where loans or returns begin."""


@dataclass(frozen=True, slots=True)
class ListSheet:
    """One list.

    Attributes:
        name: of the sheet in its workbook; empty where there is only one.
        rows: its rows of cells, blank ones included, so that they can be counted.
        shape: how it is put together.
        numbers: row and column, from 0, of cells that a spreadsheet keeps as numbers.
        uses: what each column is, where the format says so itself; empty where it does not.
    """

    name: str
    rows: Rows
    shape: ListShape
    numbers: frozenset[tuple[int, int]] = field(default=frozenset())
    uses: tuple[ColumnUse, ...] = ()


OLD_EXCEL = "old Excel"
LINES = "lines"
"""It is an OffCirc.dat, whose lines need no reading of this kind."""

_ARCHIVE = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_KOC = re.compile(r"Version=[^\t\n]*\tGenerator=")
_NUMBER = "\ue000"
"""Stands before a number of a spreadsheet while its rows are read: no barcode has it."""
_OTHERS = (ColumnUse.WHEN, ColumnUse.OPERATION, ColumnUse.PATRON, ColumnUse.ITEM)


def read_list(data: bytes) -> tuple[ListSheet, ...]:
    """The lists in a file; sheets without a cell are left out.

    Raises:
        UnreadableContainerError: it is damaged, too big, or nothing that can be read.
    """
    if len(data) > almacells.MOST_BYTES:
        raise UnreadableContainerError("too big")
    if data.startswith(_OLD_EXCEL):
        raise UnreadableContainerError(OLD_EXCEL)
    if BEGINNING.match(data[:13].decode("latin-1")):
        raise UnreadableContainerError(LINES)
    if data.startswith(_ARCHIVE):
        sheets = [_numbered(rows) for rows in almacells.of_xlsx(data, _cell)]
    else:
        sheets = [_of_text(almacells.decoded(data))]
    found = [sheet for sheet in sheets if any(map(any, sheet.rows))]
    if len(found) == 1:
        return tuple(found)
    return tuple(
        ListSheet(str(number), sheet.rows, sheet.shape, sheet.numbers, sheet.uses)
        for number, sheet in enumerate(found, start=1)
    )


def _of_text(text: str) -> ListSheet:
    if _KOC.match(text):
        return _koc(text)
    if text.lstrip().startswith("{"):
        pending = _pending(text)
        if pending is not None:
            return pending
    if re.match(r"\s*<(?:!doctype|html|\?xml|table|workbook)", text, re.IGNORECASE):
        rows = almacells.of_html(text)
        return ListSheet("", rows, _shape(rows))
    delimiter = _delimiter(text)
    rows = almacells.of_csv(text, delimiter) if delimiter else almacells.of_text(text)
    return ListSheet("", rows, _shape(rows) if delimiter else ListShape.RUNNING)


def _delimiter(text: str) -> str:
    """What parts the columns; empty when the lines have no columns."""
    lines = [line for line in text.splitlines() if line.strip()][:500] or [""]
    best, most = "", 0
    for delimiter in almacells.delimiters(text):
        counts = Counter(line.count(delimiter) for line in lines)
        count, rows = max(counts.items(), key=lambda pair: (pair[1] * bool(pair[0]), pair[0]))
        # "14:05, 26 Nov" in one line of a note makes no table.
        if count and rows * 5 >= len(lines) * 4 and rows > most:
            best, most = delimiter, rows
    return best


def _shape(rows: Rows) -> ListShape:
    wide = sum(sum(map(bool, row)) > 1 for row in rows)
    filled = sum(any(row) for row in rows)
    return ListShape.TABLE if wide * 2 >= filled else ListShape.RUNNING


def _cell(value: object) -> str:
    """A cell of a workbook, numbers marked."""
    text = almacells.text_of(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _NUMBER + text
    return text


def _numbered(marked: Rows) -> ListSheet:
    numbers = frozenset(
        (row, column)
        for row, cells in enumerate(marked)
        for column, cell in enumerate(cells)
        if cell.startswith(_NUMBER)
    )
    rows = [tuple(cell.removeprefix(_NUMBER) for cell in cells) for cells in marked]
    return ListSheet("", rows, _shape(rows), numbers)


def _koc(text: str) -> ListSheet:
    """Koha's file: tabs, local time with dashes, one word for what was done."""
    rows: Rows = [()]
    for line in text.splitlines()[1:]:
        stamp, *rest = line.split("\t")
        moment = re.sub(r"^(\S+) (\d\d)-(\d\d)-(\d\d).*", r"\1 \2:\3:\4", stamp.strip())
        what, *values = rest or [""]
        if what == "return":
            values = ["", *values]
        rows.append((moment, what, *values) if line.strip() else ())
    return ListSheet("", rows, ListShape.TABLE, uses=_OTHERS)


def _pending(text: str) -> ListSheet | None:
    """Evergreen's file: an object a line, seconds since 1970."""
    rows: Rows = []
    for line in text.splitlines():
        try:
            told = json.loads(line) if line.strip() else {}
            if not isinstance(told, dict):
                return None
            rows.append(_command(told) if told else ())
        except (ValueError, RecursionError, OverflowError, OSError):
            return None
    return ListSheet("", rows, ListShape.TABLE, uses=_OTHERS)


def _command(told: dict[str, object]) -> tuple[str, ...]:
    stamp = told.get("timestamp")
    moment = ""
    if isinstance(stamp, (int, float, str)) and stamp != "":
        # The staff's own clock again, like a line of OffCirc.dat.
        moment = datetime.fromtimestamp(float(stamp)).isoformat(sep=" ")  # noqa: DTZ006
    return tuple(
        str(value).strip()
        for value in (
            moment,
            told.get("type", ""),
            told.get("patron_barcode", ""),
            told.get("barcode", ""),
        )
    )
