"""What a report of Alma's may come in, taken apart into rows of cells: XLSX, CSV, HTML, plain text.

The files come from outside, so everything is bounded: bytes, rows, cells of a row, characters of a
cell. Whatever is wrong with one, the only error is :class:`UnreadableContainerError`.
"""

from __future__ import annotations

import csv
import html
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice

Rows = list[tuple[str, ...]]
"""Rows of cells; blanks around a cell are gone, an empty row is a blank line."""

MOST_BYTES = 16 << 20
"""A report of 100,000 exceptions has half of this."""
MOST_UNPACKED = 64 << 20
MOST_ROWS = 200_000
MOST_CELLS = 64
MOST_CHARACTERS = 2000
MOST_IN_ALL = 1_000_000
"""Cells of all rows together."""
_LONGEST_LINE = 20_000
_MOST_MEMBERS = 1000
_MOST_SHEETS = 20
DELIMITERS = ",;\t|"

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_QUOTED = re.compile(r"^(?:[ \t]*>)+[ \t]?")
_TAG = re.compile(r"<(?P<end>/?)(?:ss:)?(?P<name>[a-zA-Z][a-zA-Z0-9]{0,20})(?P<rest>[^<>]*)>")


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
    lines = islice(_lines(text), MOST_ROWS)
    return [_row([_QUOTED.sub("", line.rstrip())]) for line in lines]


def of_csv(text: str, delimiter: str) -> Rows:
    """A CSV file with this delimiter.

    Raises:
        UnreadableContainerError: it is none.
    """
    reader = csv.reader(_lines(text), delimiter=delimiter)
    try:
        return _bounded(reader)
    except csv.Error as error:
        raise UnreadableContainerError(str(error)) from error


def of_xlsx(data: bytes, cell: Callable[[object], str] | None = None) -> list[Rows]:
    """The sheets of an Excel workbook; nothing in it is run, fetched or expanded.

    Args:
        data: the file.
        cell: makes a text of a cell's value; :func:`text_of` if not given.

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
                return [_sheet(sheet, cell or text_of) for sheet in book.worksheets[:_MOST_SHEETS]]
            finally:
                book.close()
    except Exception as error:  # a hostile file makes it raise nearly anything
        raise UnreadableContainerError(type(error).__name__) from error


def of_html(text: str) -> Rows:
    """A page: one row for each row of a table, and for each line of text outside of tables.

    Raises:
        UnreadableContainerError: it is not to be made sense of.
    """
    page = _Page()
    for begin, end in (("<!--", "-->"), ("<head", "</head"), ("<style", "</style")):
        text = _without(text, begin, end)
    text = _without(text, "<script", "</script")
    at = 0
    try:
        for tag in _TAG.finditer(text):
            page.say(html.unescape(text[at : tag.start()][:MOST_CHARACTERS]))
            page.meet(tag["name"].lower(), tag["rest"], end=bool(tag["end"]))
            at = tag.end()
        page.say(html.unescape(text[at:][:MOST_CHARACTERS]))
    except ValueError as error:  # a character's number of a thousand digits
        raise UnreadableContainerError(type(error).__name__) from error
    return page.finish()


def _without(text: str, begin: str, end: str) -> str:
    """A text without what stands between two marks, whatever their capitals."""
    lower = text.lower()
    if len(lower) != len(text):
        return text  # some letter has no small form of one letter: leave it all
    kept = []
    at = 0
    while (start := lower.find(begin, at)) >= 0:
        kept.append(text[at:start])
        stop = lower.find(end, start + len(begin))
        if stop < 0:
            at = start + len(begin)
            break
        at = stop + len(end)
    kept.append(text[at:])
    return " ".join(kept)


def _lines(text: str) -> Iterator[str]:
    """The lines of a text, as far as any line of a report goes."""
    return (line[:_LONGEST_LINE] for line in io.StringIO(text, newline=None))


def _check_archive(data: bytes) -> None:
    """Look at what an archive says it unpacks to; the unpacking stops there, too."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except Exception as error:  # a hostile directory makes it raise nearly anything
        raise UnreadableContainerError(type(error).__name__) from error
    if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
        raise UnreadableContainerError("too big")


def _sheet(sheet: object, cell: Callable[[object], str]) -> Rows:
    rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_CELLS, values_only=True)  # type: ignore[attr-defined]
    return _bounded(map(cell, cells) for cells in rows)


def text_of(value: object) -> str:
    """The value of a workbook's cell as a text."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _bounded(rows: Iterable[Iterable[str]]) -> Rows:
    kept: Rows = []
    left = MOST_IN_ALL
    for cells in islice(rows, MOST_ROWS):
        kept.append(_row(cells))
        left -= len(kept[-1]) + 1
        if left < 0:
            break
    return kept


def _row(cells: Iterable[str]) -> tuple[str, ...]:
    row = [cell[:MOST_CHARACTERS].strip() for cell in islice(cells, MOST_CELLS)]
    while row and not row[-1]:
        row.pop()
    return tuple(row)


class _Page:
    """Puts a page together. Tables in tables, which mails love, give the rows of the inner ones.

    Not Python's own parser of HTML: a page made for it keeps that busy for hours.
    """

    _BREAKS = frozenset(
        re.findall(
            r"\w+",
            "address article blockquote body br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header"
            " hr li main ol p pre section ul",
        )
    )
    # "row" and "cell" are those of the XML that Excel of 2003 wrote.
    _ROWS = frozenset(("table", "tbody", "thead", "tfoot", "tr", "row"))
    _CELLS = frozenset(("td", "th", "cell"))
    _INDEX = re.compile(r"ss:index\s*=\s*[\"'](\d{1,3})[\"']", re.IGNORECASE)

    def __init__(self) -> None:
        self._rows: Rows = []
        self._cells: list[str] = [""]
        self._in_cell = False

    def meet(self, name: str, rest: str, *, end: bool) -> None:
        """A tag begins or ends."""
        if name in self._CELLS:
            if not end:
                if (place := self._INDEX.search(rest)) is not None:
                    # The cells before it are empty and left out.
                    before = min(int(place[1]), MOST_CELLS) - 1
                    self._cells += [""] * (before - len(self._cells) * self._in_cell)
                if self._in_cell and len(self._cells) < MOST_CELLS:
                    self._cells.append("")
                self._in_cell = True
        elif name in self._ROWS:
            self._end_row()
        elif name in self._BREAKS:
            if self._in_cell:
                self.say(" ")
            else:
                self._end_row()

    def say(self, text: str) -> None:
        """Add to the cell."""
        if len(self._cells[-1]) < MOST_CHARACTERS:
            self._cells[-1] += text

    def finish(self) -> Rows:
        """The rows."""
        self._end_row()
        return self._rows

    def _end_row(self) -> None:
        cells = [" ".join(cell.split()) for cell in self._cells]
        self._cells = [""]
        self._in_cell = False
        if any(cells) and len(self._rows) < MOST_ROWS:
            self._rows.append(_row(cells))


def delimiters(text: str) -> Iterator[str]:
    """The delimiters that a CSV file of this text may have."""
    head = text[: 1 << 16]
    return (delimiter for delimiter in DELIMITERS if delimiter in head)
