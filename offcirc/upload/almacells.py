"""What a report of Alma's may come in, taken apart into rows of cells: XLSX, CSV, HTML, plain text.

The files come from outside, so everything is bounded: bytes, rows, cells of a row, characters of a
cell. Whatever is wrong with one, the only error is :class:`UnreadableContainerError`.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from html.parser import HTMLParser
from itertools import islice

Rows = list[tuple[str, ...]]
"""Rows of cells; blanks around a cell are gone, an empty row is a blank line."""

MOST_BYTES = 32 << 20
"""A report of 100,000 exceptions has a tenth of this."""
MOST_UNPACKED = 64 << 20
MOST_ROWS = 200_000
MOST_CELLS = 64
MOST_CHARACTERS = 2000
_MOST_MEMBERS = 1000
_MOST_SHEETS = 20
DELIMITERS = ",;\t|"

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_QUOTED = re.compile(r"^(?:[ \t]*>)+[ \t]?")


class UnreadableContainerError(ValueError):
    """It is damaged, too big, or not what its first bytes promise."""


def decoded(data: bytes) -> str:
    """Bytes as text: by their mark, as UTF-16 or UTF-8 if they are, else as Windows wrote them."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    head = data[:4000]
    if head.count(0) * 3 > len(head):
        # UTF-16 without a mark: the zeros of plain letters are all on one side.
        big = head[::2].count(0) > head[1::2].count(0)
        return data.decode("utf-16-be" if big else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def of_text(text: str) -> Rows:
    """One row for each line, of one cell; the marks of quoted mail are taken away."""
    lines = (_QUOTED.sub("", line) for line in islice(text.splitlines(), MOST_ROWS))
    return [_row([line]) for line in lines]


def of_csv(text: str, delimiter: str) -> Rows:
    """A CSV file with this delimiter.

    Raises:
        UnreadableContainerError: it is none.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [_row(cells) for cells in islice(reader, MOST_ROWS)]
    except csv.Error as error:
        raise UnreadableContainerError(str(error)) from error


def of_xlsx(data: bytes) -> list[Rows]:
    """The sheets of an Excel workbook; nothing in it is run, fetched or expanded.

    Raises:
        UnreadableContainerError: it is none, is damaged, or unpacks to too much.
    """
    import openpyxl  # noqa: PLC0415 - takes long to load

    _check_archive(data)
    try:
        with warnings.catch_warnings():
            # Alma's own files lack a default style, about which openpyxl warns.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=True, keep_links=False
            )
            try:
                return [_sheet(sheet) for sheet in book.worksheets[:_MOST_SHEETS]]
            finally:
                book.close()
    except Exception as error:  # a hostile file makes it raise nearly anything
        raise UnreadableContainerError(type(error).__name__) from error


def of_html(text: str) -> Rows:
    """A page: one row for each row of a table, and for each line of text outside of tables."""
    page = _Page()
    try:
        page.feed(text)
        page.close()
    except (AssertionError, ValueError, RecursionError) as error:
        raise UnreadableContainerError(type(error).__name__) from error
    return page.rows


def _check_archive(data: bytes) -> None:
    """Look at what an archive says it unpacks to; the unpacking stops there, too."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except Exception as error:  # a hostile directory makes it raise nearly anything
        raise UnreadableContainerError(type(error).__name__) from error
    if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
        raise UnreadableContainerError("too big")


def _sheet(sheet: object) -> Rows:
    rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_CELLS, values_only=True)  # type: ignore[attr-defined]
    return [_row(map(_value, cells)) for cells in rows]


def _value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _row(cells: Iterable[str]) -> tuple[str, ...]:
    row = [cell[:MOST_CHARACTERS].strip() for cell in islice(cells, MOST_CELLS)]
    while row and not row[-1]:
        row.pop()
    return tuple(row)


class _Page(HTMLParser):
    """Takes a page apart. Tables in tables, which mails love, give the rows of the inner ones."""

    _BREAKS = frozenset(
        re.findall(
            r"\w+",
            "address article blockquote body br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header"
            " hr li main ol p pre section ul",
        )
    )
    _ROWS = frozenset(("table", "tbody", "thead", "tfoot", "tr"))
    _CELLS = frozenset(("td", "th"))
    _UNSEEN = frozenset(("script", "style", "head"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: Rows = []
        self._cells: list[str] = [""]
        self._in_cell = False
        self._unseen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell."""
        if tag == "body":
            self._unseen = ""
        elif tag in self._UNSEEN:
            self._unseen = self._unseen or tag
        if tag in self._CELLS:
            if self._in_cell and len(self._cells) < MOST_CELLS:
                self._cells.append("")
            self._in_cell = True
        else:
            self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        """End a row."""
        if tag == self._unseen:
            self._unseen = ""
        if tag != "br":
            self._break(tag)

    def handle_data(self, data: str) -> None:
        """Add to the cell."""
        if not self._unseen and len(self._cells[-1]) < MOST_CHARACTERS:
            self._cells[-1] += data[:MOST_CHARACTERS]

    def close(self) -> None:
        """Keep the last row."""
        super().close()
        self._end_row()

    def _break(self, tag: str) -> None:
        if tag in self._ROWS:
            self._end_row()
        elif tag in self._BREAKS:
            if self._in_cell:
                self._cells[-1] += " "
            else:
                self._end_row()

    def _end_row(self) -> None:
        cells = [" ".join(cell.split()) for cell in self._cells]
        self._cells = [""]
        self._in_cell = False
        if any(cells) and len(self.rows) < MOST_ROWS:
            self.rows.append(_row(cells))


def delimiters(text: str) -> Iterator[str]:
    """The delimiters that a CSV file of this text may have."""
    head = text[: 1 << 16]
    return (delimiter for delimiter in DELIMITERS if delimiter in head)
