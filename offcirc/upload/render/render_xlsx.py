"""A report as a workbook: an overview, all lines, and a sheet for each reason.

Times are times and numbers are numbers, so that they sort and filter; everything that others wrote
is text, whatever it looks like. The same report gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import Worksheet

from offcirc.i18n import _, language, ngettext
from offcirc.upload.base.celltext import begins_a_formula, legible
from offcirc.upload.lines.kept import quick
from offcirc.upload.report import opinionwords
from offcirc.upload.report import reportview as view
from offcirc.upload.report.columns import COLUMNS, CellKind, Column, Value
from offcirc.upload.report.report import JobReport, ReportLine, nameless

MOST_ROWS = 50_000
"""Lines on a sheet; spreadsheets take a million, and take their time over far fewer."""
MOST_SIGNS = 32_767
"""Characters in a cell (Excel's own limit)."""
_FIRST_YEAR = 1900
"""Spreadsheets know no earlier one."""
_NAME_LENGTH = 31
_FORBIDDEN_IN_NAMES = str.maketrans("", "", "[]:*?/\\'")
_A4 = 9
_WIDTHS = {
    CellKind.TEXT: (8, 34),
    CellKind.LONG: (20, 70),
    CellKind.CODE: (14, 32),
    CellKind.NUMBER: (7, 10),
    CellKind.MOMENT: (19, 19),
}
"""Characters a column is wide, at least and at most."""
_ADVICE_WIDTH = 84
_ROW = 15.0
"""Height of a line of text, in points."""
_LAST_ON_PAPER = "reason"
"""The column at which printing ends; those after it are for the screen."""
_WRAPPED = ("message",)
"""Columns whose texts are broken into lines; the others say the same again and again."""
_BLUE, _PALE, _INK, _SOFT, _RED, _AMBER, _GREEN = (
    "#0B3A86",
    "#EAF1FC",
    "#12213F",
    "#55658A",
    "#A3222C",
    "#855600",
    "#19783F",
)
_COLOURS = {
    "recorded": _GREEN,
    "rejected": _RED,
    "held": _RED,
    "unknown": _AMBER,
    "left": _AMBER,
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet of lines.

    Attributes:
        name: the sheet's name, fit for a spreadsheet.
        title: what it holds.
        advice: what to do about all of its lines; may be empty.
    """

    name: str
    title: str
    advice: str
    lines: Sequence[ReportLine]


class _Page(Worksheet):  # type: ignore[misc]
    """A sheet of half a million cells of text, each written in one go."""

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if type(cell).__name__ != "String" or cell.format is None:
            super()._write_cell(row, col, cell)
            return
        name, look = xl_rowcol_to_cell_fast(row, col), cell.format._get_xf_index()
        self.fh.write(f'<c r="{name}" s="{look}" t="s"><v>{cell.string}</v></c>')


class _Cell(NamedTuple):
    """A cell as it is written: what stands in it, how it looks, how long it is as text."""

    value: Value
    look: Any
    length: int


_EMPTY = _Cell(None, None, 0)


def render(report: JobReport, *, names: bool = False) -> bytes:
    """The report as the content of an .xlsx file."""
    report = nameless(report, names)
    buffer = io.BytesIO()
    # In memory: a temporary file would hold readers' identifiers for a while.
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties(
        {
            "title": _("Upload report {number}").format(number=legible(report.process_id)),
            "author": "OffCirc",
            "created": report.started.astimezone(UTC).replace(tzinfo=None),
        }
    )
    with quick():
        _Writer(book).write(report)
        book.close()
    return buffer.getvalue()


class _Writer:
    """Fills a workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}
        self._rows: dict[int, list[_Cell]] = {}
        self._cells: dict[str, dict[Value, _Cell]] = {column.code: {} for column in COLUMNS}

    def write(self, report: JobReport) -> None:
        """Write every sheet."""
        sheets = _sheets(report)
        overview = self._book.add_worksheet(_("Overview"))
        made = [self._book.add_worksheet(sheet.name, _Page) for sheet in sheets]
        self._overview(overview, report, sheets)
        for page, sheet in zip(made, sheets, strict=True):
            self._lines(page, sheet)

    def _format(self, **properties: object) -> Any:
        """A format, made once."""
        known = tuple(sorted(properties.items()))
        if known not in self._formats:
            self._formats[known] = self._book.add_format(
                {"valign": "top", "font_color": _INK, **properties}
            )
        return self._formats[known]

    # -- the overview --------------------------------------------------------------------------

    def _overview(self, page: Any, report: JobReport, sheets: Sequence[_Sheet]) -> None:
        page.hide_gridlines(2)
        page.set_column(0, 0, 32)
        page.set_column(1, 1, 10)
        page.set_column(2, 2, _ADVICE_WIDTH)
        self._paper(page)
        self._text(page, 0, 0, report.name, bold=True, font_size=16, font_color=_BLUE)
        page.set_row(0, 26)
        row = 2
        for label, value in view.job_row(report):
            self._text(page, row, 0, label, font_color=_SOFT)
            self._text(page, row, 1, value, bold=True)
            row += 1
        row += 1
        for code, label, count in view.count_rows(report):
            self._text(page, row, 0, label)
            colour = _COLOURS.get(code, _INK)
            shown = self._format(bold=True, font_color=colour, align="left")
            page.write_number(row, 1, count, shown)
            row += 1
        for sentence in (*view.sentences(report), report.problem):
            if sentence:
                self._text(page, row + 1, 0, sentence, font_color=_RED)
                row += 2
        if report.opinion is not None:
            colour = _GREEN if report.opinion.good else _RED
            self._text(page, row + 1, 0, opinionwords.sentence(report.opinion), font_color=colour)
            row += 2
        self._contents(page, row + 1, sheets)

    def _contents(self, page: Any, row: int, sheets: Sequence[_Sheet]) -> None:
        head = {"bold": True, "font_color": "#FFFFFF", "bg_color": _BLUE}
        for column, title in enumerate((_("Sheet"), _("Lines"), _("What to do"))):
            self._text(page, row, column, title, **head)
        for place, sheet in enumerate(sheets, row + 1):
            link = self._format(font_color=_BLUE, underline=1)
            page.write_url(place, 0, f"internal:'{sheet.name}'!A1", link, sheet.title)
            page.write_number(place, 1, len(sheet.lines), self._format(align="left"))
            self._text(page, place, 2, sheet.advice, text_wrap=True)
            page.set_row(place, _ROW * _lines(len(sheet.advice), _ADVICE_WIDTH))

    # -- lines -----------------------------------------------------------------------------------

    def _lines(self, page: Any, sheet: _Sheet) -> None:
        lines = sheet.lines[:MOST_ROWS]
        rows = [self._row(line) for line in lines]
        self._paper(page)
        page.repeat_rows(0)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, max(len(lines), 1), len(COLUMNS) - 1)
        head = self._format(
            bold=True, font_color="#FFFFFF", bg_color=_BLUE, text_wrap=True, border_color=_BLUE
        )
        columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
        widths = [_width(*column) for column in zip(COLUMNS, columns, strict=True)]
        for place, column in enumerate(COLUMNS):
            page.write_string(0, place, column.title(), head)
            hidden = column.is_rare and not any(cell.length for cell in columns[place])
            page.set_column(place, place, widths[place], None, {"hidden": True} if hidden else {})
            if column.code == _LAST_ON_PAPER:
                page.print_area(0, 0, len(lines), place)
        wrapped = [place for place, column in enumerate(COLUMNS) if column.code in _WRAPPED]
        for number, row in enumerate(rows, 1):
            for place, (value, look, _length) in enumerate(row):
                if isinstance(value, str):
                    page.write_string(number, place, value, look)
                elif isinstance(value, int):
                    page.write_number(number, place, value, look)
                elif value is not None:
                    page.write_datetime(number, place, value, look)
            high = max(_lines(row[place].length, widths[place]) for place in wrapped)
            page.set_row(number, _ROW * high)
        left = len(sheet.lines) - len(lines)
        if left:
            text = ngettext("… and {count} more line.", "… and {count} more lines.", left)
            self._text(page, len(lines) + 1, 0, text.format(count=left))

    def _row(self, line: ReportLine) -> list[_Cell]:
        """A line's cells, made once: nearly every line stands on two sheets."""
        row = self._rows.get(id(line))
        if row is None:
            row = self._rows[id(line)] = [
                _EMPTY if value is None or value == "" else self._cell(column, value)
                for column in COLUMNS
                for value in (column.value(line),)
            ]
        return row

    def _cell(self, column: Column, value: str | int | datetime) -> _Cell:
        known = self._cells[column.code]
        cell = known.get(value)
        if cell is None:
            cell = known[value] = self._new_cell(column, value)
        return cell

    def _new_cell(self, column: Column, value: str | int | datetime) -> _Cell:
        if isinstance(value, datetime):
            if value.year >= _FIRST_YEAR:
                look = self._format(num_format=_pattern(value), align="left")
                return _Cell(value, look, len(_pattern(value)))
            return self._text_cell(value.isoformat(" ", "minutes"))
        if isinstance(value, int):
            return _Cell(value, self._format(align="left"), len(str(value)))
        if column.kind is CellKind.CODE:
            # "@" is the spreadsheet's own "text": digits stay as they are when a cell is edited.
            return self._text_cell(value, num_format="@", font_name="Consolas")
        return self._text_cell(value, text_wrap=column.code in _WRAPPED)

    def _text_cell(self, text: str, **properties: object) -> _Cell:
        """A cell of text, even if it begins as formulas do."""
        shown = legible(text)
        if len(shown) > MOST_SIGNS:
            shown = shown[: MOST_SIGNS - 1] + "…"
        if begins_a_formula(shown):
            # Whoever edits the cell later does not make a formula of it either.
            properties["quote_prefix"] = True
        return _Cell(shown, self._format(**properties), len(text))

    def _text(self, page: Any, row: int, column: int, text: str, **properties: object) -> None:
        """Write text as text."""
        shown, look, _length = self._text_cell(text, **properties)
        page.write_string(row, column, shown, look)

    def _paper(self, page: Any) -> None:
        page.set_paper(_A4)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_margins(0.5, 0.5, 0.6, 0.6)
        page.set_footer("&L&8OffCirc&R&8&P / &N")


def _sheets(report: JobReport) -> list[_Sheet]:
    """All lines, then those of each reason, then recorded ones that leave something to do."""
    taken = {_("Overview").casefold()}
    groups = [(_("All lines"), "", report.lines)]
    groups += [(group.name, group.advice, group.lines) for group in view.groups(report)]
    groups += [
        (_("Recorded: {what}").format(what=group.name), group.advice, group.lines)
        for group in view.remarks(report)
    ]
    groups += [
        (_("Differs: {what}").format(what=group.name), group.advice, group.lines)
        for group in opinionwords.groups(report)
    ]
    return [_Sheet(_name(title, taken), title, advice, lines) for title, advice, lines in groups]


def _name(title: str, taken: set[str]) -> str:
    """A name that spreadsheets take, and no other sheet has."""
    plain = " ".join(title.translate(_FORBIDDEN_IN_NAMES).split())[:_NAME_LENGTH].strip() or "?"
    name, number = plain, 1
    while name.casefold() in taken:
        number += 1
        end = f" ({number})"
        name = plain[: _NAME_LENGTH - len(end)] + end
    taken.add(name.casefold())
    return name


def _pattern(moment: datetime) -> str:
    """How a spreadsheet shows a moment: to the second only where that is known."""
    day = "dd/mm/yyyy" if language() == "fr" else "yyyy-mm-dd"
    return f"{day} hh:mm:ss" if moment.second or moment.microsecond else f"{day} hh:mm"


def _width(column: Column, cells: Sequence[_Cell]) -> int:
    least, most = _WIDTHS[column.kind]
    longest = max((cell.length for cell in cells), default=0)
    # The filter's arrow takes the room of three characters beside the title.
    return min(max(longest + 2, len(column.title()) + 4, least), most)


def _lines(length: int, width: int) -> int:
    """How many lines a wrapped text takes in a column, words broken generously."""
    return max(1, min(12, -(-int(length * 1.1) // width)))
