"""A report on paper: A4, tables with their heads on every page, a square to tick at each line.

Pages are filled from above and kept until all are known, in the words of the PDF format itself: a
report has a quarter of a million texts and lines.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from offcirc.i18n import _, language
from offcirc.upload.base.celltext import legible
from offcirc.upload.render.pdftext import (
    CODE,
    STRONG,
    TEXT,
    Block,
    Ink,
    TextStyle,
    block,
    load_fonts,
    width,
)
from offcirc.upload.report import opinionwords
from offcirc.upload.report import reportview as view
from offcirc.upload.report.columns import CellKind
from offcirc.upload.report.pagetable import PageCell, PageColumn, page_columns, page_rows
from offcirc.upload.report.report import Grouping, JobReport, nameless

Colour = tuple[float, float, float]

WIDTH, HEIGHT = landscape(A4)
SIDE = 34.0
"""Margin at the left and at the right, in points."""
TOP = HEIGHT - 34.0
BOTTOM = 42.0
ROOM = WIDTH - 2 * SIDE
"""What a line of text may take, in points."""

SOFT: Colour = (0.33, 0.40, 0.54)
LINE: Colour = (0.84, 0.88, 0.95)
SMALL = TextStyle(TEXT, 8, 10.5, SOFT)


@dataclass
class _Page:
    """What stands on a page, and the headings that a reader can jump to."""

    marks: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)


class Pages:
    """A document in the making.

    Attributes:
        y: where the next thing goes, in points from below.
    """

    def __init__(self, title: str, head: str, foot: str) -> None:
        """Begin the first page.

        Args:
            title: the document's title.
            head: at the top of every page but the first.
            foot: at the bottom of every page.
        """
        load_fonts()
        self._content = io.BytesIO()
        self._canvas = Canvas(
            self._content,
            pagesize=(WIDTH, HEIGHT),
            invariant=1,
            pageCompression=1,
            initialFontName=TEXT,
            lang=language(),
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor("OffCirc")
        self._canvas.setCreator("OffCirc")
        self._canvas.setSubject("")
        self._ink = Ink(self._canvas._doc)
        self._head = block(head, SMALL, ROOM, most=1)
        self._foot = block(foot, SMALL, ROOM * 0.7, most=1)
        self._pages = [_Page()]
        self.y = TOP

    @property
    def left(self) -> float:
        """How much of the page is left, in points."""
        return float(self.y - BOTTOM)

    def turn(self) -> None:
        """Go on with a new page."""
        self._pages.append(_Page())
        self.y = TOP
        self.text(self._head, SIDE)
        self.y -= self._head.height + 8

    def text(self, what: Block, x: float, below: float = 0.0) -> None:
        """Put text down, its upper edge ``below`` the present place; the place stays."""
        self._put(self._ink.drawn(what, x, self.y - below))

    def band(self, x: float, below: float, wide: float, high: float, colour: Colour) -> None:
        """Put a coloured area down; put it down before what stands on it."""
        y = self.y - below - high
        self._put(f"{_numbers(colour)} rg {_numbers((x, y, wide, high))} re f")

    def rule(self, x: float, below: float, wide: float, colour: Colour = LINE) -> None:
        """Put a thin line down."""
        self._put(_line(x, self.y - below, wide, colour))

    def box(self, x: float, below: float, size: float, colour: Colour) -> None:
        """Put a small empty square down, to be ticked with a pen."""
        y = self.y - below - size
        self._put(f"{_numbers(colour)} RG 0.8 w {_numbers((x, y, size, size))} re S")

    def heading(self, text: str) -> None:
        """Let readers jump to this place."""
        self._pages[-1].headings.append(text)

    def finish(self) -> bytes:
        """The document; the same pages give the same bytes."""
        canvas = self._canvas
        for number, page in enumerate(self._pages, 1):
            for place, heading in enumerate(page.headings):
                key = f"{number}-{place}"
                canvas.bookmarkPage(key)
                canvas.addOutlineEntry(heading, key)
            canvas.addLiteral("\n".join([*page.marks, *self._foot_of(number)]))
            canvas.showPage()
        canvas.save()
        return self._content.getvalue()

    def _foot_of(self, number: int) -> Iterator[str]:
        told = _("Page {number} of {count}").format(number=number, count=len(self._pages))
        at = SIDE + ROOM - width(told, SMALL)
        yield _line(SIDE, BOTTOM - 8, ROOM, LINE)
        yield self._ink.drawn(self._foot, SIDE, BOTTOM - 12)
        yield self._ink.drawn(block(told, SMALL, ROOM), at, BOTTOM - 12)

    def _put(self, said: str) -> None:
        self._pages[-1].marks.append(said)


def _line(x: float, y: float, wide: float, colour: Colour) -> str:
    return f"{_numbers(colour)} RG 0.6 w {_numbers((x, y))} m {_numbers((x + wide, y))} l S"


def _numbers(numbers: tuple[float, ...]) -> str:
    return " ".join([f"{number:.3f}" for number in numbers])


_BLUE: Colour = (0.043, 0.227, 0.525)
_INK: Colour = (0.07, 0.13, 0.25)
_PALE: Colour = (0.918, 0.945, 0.988)
_RED: Colour = (0.64, 0.13, 0.17)
_AMBER: Colour = (0.52, 0.34, 0.0)
_GREEN: Colour = (0.10, 0.47, 0.25)
_WHITE: Colour = (1.0, 1.0, 1.0)
_COLOURS = {
    "recorded": _GREEN,
    "rejected": _RED,
    "held": _RED,
    "unknown": _AMBER,
    "left": _AMBER,
}
_TITLE = TextStyle(STRONG, 19, 23, _BLUE)
_SUBTITLE = TextStyle(TEXT, 10, 13, SOFT)
_LABEL = TextStyle(TEXT, 8, 10.5, SOFT)
_VALUE = TextStyle(STRONG, 9, 11.5, _INK)
_GROUP = TextStyle(STRONG, 13, 16, _INK)
_DETAIL = TextStyle(TEXT, 10, 16, SOFT)
_BODY = TextStyle(TEXT, 9, 11.5, _INK)
_SENTENCE = TextStyle(STRONG, 9, 11.5, _INK)
_HEAD = TextStyle(STRONG, 8.5, 11, _BLUE)
_CELL = TextStyle(TEXT, 8.5, 10.5, _INK)
_FAINT = TextStyle(TEXT, 8, 10, SOFT)
_CODE = TextStyle(CODE, 8, 10.5, _INK)
_PAD = 4.0
_TICK = 8.0
_MOST_LINES = 36
"""Lines of text in a cell; a server that says more than a page has its say in other formats."""


@dataclass(frozen=True, slots=True)
class _Table:
    """How the lines of a group are set out.

    Attributes:
        wide: how wide each is, in points.
        ticks: each line has a square to tick.
    """

    columns: list[PageColumn]
    wide: list[float]
    ticks: bool


def render(
    report: JobReport, grouping: Grouping = Grouping.REASON, *, names: bool = False
) -> bytes:
    """The report as the content of a .pdf file."""
    report = nameless(report, names)
    name = legible(report.name)
    number = legible(report.process_id)
    pages = Pages(
        title=_("Upload report {number}").format(number=number),
        head=" · ".join(part for part in (name, number) if part),
        foot=" · ".join(part for part in ("OffCirc", report.desk, report.server) if part),
    )
    _first_page(pages, report)
    several = view.several_files(report)
    for group in view.groups(report, grouping):
        _group(pages, group, group.name, several=several, without=grouping)
    for group in view.remarks(report):
        title = _("Recorded: {what}").format(what=group.name)
        _group(pages, group, title, several=several)
    if report.opinion is not None:
        sentence = f"{opinionwords.sentence(report.opinion)}. {opinionwords.detail(report.opinion)}"
        pages.y -= 10
        _band(pages, sentence, _GREEN if report.opinion.good else _AMBER)
    for group in opinionwords.groups(report):
        _group(pages, group, group.name, several=several)
    return pages.finish()


# -- the first page ------------------------------------------------------------------------------


def _first_page(pages: Pages, report: JobReport) -> None:
    title = block(report.name, _TITLE, ROOM, most=2)
    pages.text(title, SIDE)
    pages.y -= title.height + 1
    parts = (report.desk, report.who, _("dry run") if report.dry_run else "")
    _down(pages, block(" · ".join(part for part in parts if part), _SUBTITLE, ROOM, most=2), 10)
    _counts(pages, report)
    _job_row(pages, report)
    for sentence in (report.problem, *view.sentences(report)):
        if sentence:
            _band(pages, sentence, _RED if sentence == report.problem else SOFT)
    if not report.exceptions and report.complete and not report.selection:
        _band(pages, _("No exception: there is nothing to do by hand."), _GREEN)


def _counts(pages: Pages, report: JobReport) -> None:
    rows = view.count_rows(report)
    gap = 9.0
    wide = (ROOM + gap) / max(len(rows), 5) - gap
    for place, (code, label, count) in enumerate(rows):
        x = SIDE + place * (wide + gap)
        pages.band(x, 0, wide, 40, _PALE)
        style = TextStyle(STRONG, 17, 20, _COLOURS.get(code, _INK))
        pages.text(block(str(count), style, wide - 16), x + 9, 4)
        pages.text(block(label, _LABEL, wide - 16, most=1), x + 9, 25)
    pages.y -= 40 + 10


def _job_row(pages: Pages, report: JobReport) -> None:
    rows = view.job_row(report)
    across, gap = 4, 14.0
    wide = (ROOM + gap) / across - gap
    for start in range(0, len(rows), across):
        cells = [
            (block(label, _LABEL, wide), block(value, _VALUE, wide, most=3))
            for label, value in rows[start : start + across]
        ]
        for place, (label, value) in enumerate(cells):
            x = SIDE + place * (wide + gap)
            pages.text(label, x)
            pages.text(value, x, label.height)
        pages.y -= max(label.height + value.height for label, value in cells) + 6
    pages.y -= 4


def _band(pages: Pages, sentence: str, colour: Colour) -> None:
    told = block(sentence, _SENTENCE, ROOM - 24, most=6)
    if pages.left < told.height + 12:
        pages.turn()
    pages.band(SIDE, 0, ROOM, told.height + 10, _PALE)
    pages.band(SIDE, 0, 4, told.height + 10, colour)
    pages.text(told, SIDE + 14, 5)
    pages.y -= told.height + 18


# -- groups --------------------------------------------------------------------------------------


def _group(
    pages: Pages,
    group: view.Group,
    title: str,
    *,
    several: bool,
    without: Grouping = Grouping.REASON,
) -> None:
    table = _table(group, several=several, without=without)
    rows = [_cells(table, cells) for _line, cells in page_rows(table.columns, group.lines)]
    heads = _heads(table)
    to_do = _("What to do: {advice}").format(advice=group.advice) if group.advice else ""
    advice = block(to_do, _BODY, ROOM)
    start = _GROUP.leading + 12 + advice.height + _high(heads) + _high(rows[0])
    if pages.left < start + 20:
        pages.turn()
    else:
        pages.y -= 8
    pages.heading(legible(title))
    _title(pages, title, group, len(rows))
    if advice.lines:
        _down(pages, advice, 5)
    _row(pages, table, heads, head=True)
    for cells in rows:
        if pages.left < _high(cells):
            pages.turn()
            again = _("{title} (continued)").format(title=title)
            _down(pages, block(again, _HEAD, ROOM, most=1), 3)
            _row(pages, table, heads, head=True)
        _row(pages, table, cells)


def _title(pages: Pages, title: str, group: view.Group, count: int) -> None:
    name = block(title, _GROUP, ROOM * 0.55, most=1)
    pages.text(name, SIDE)
    x = SIDE + width(name.lines[0], _GROUP) + 8
    number = TextStyle(STRONG, 9, 12, _WHITE)
    wide = width(str(count), number) + 12
    pages.band(x, 2, wide, 12, SOFT if group.harmless else _RED)
    pages.text(block(str(count), number, wide), x + 6, 2)
    if group.detail:
        pages.text(block(group.detail, _DETAIL, ROOM * 0.35, most=1), x + wide + 10)
    pages.y -= _GROUP.leading + 3


def _table(group: view.Group, *, several: bool, without: Grouping) -> _Table:
    ticks = not group.harmless
    columns = page_columns(group, several=several, without=without)
    rest = ROOM - sum(column.room for column in columns) - (20 if ticks else 0)
    share = rest / max(1, sum(not column.room for column in columns))
    return _Table(columns, [column.room or share for column in columns], ticks)


def _heads(table: _Table) -> list[list[Block]]:
    return [
        [block(column.title, _HEAD, wide - 2 * _PAD)]
        for column, wide in zip(table.columns, table.wide, strict=True)
    ]


def _cells(table: _Table, cells: Sequence[PageCell]) -> list[list[Block]]:
    """A row."""
    row = []
    for cell, wide in zip(cells, table.wide, strict=True):
        style = _CODE if cell.column.kind is CellKind.CODE else _CELL
        parts = [(cell.text, style), *((text, _FAINT) for text in cell.below)]
        row.append(
            [block(text, how, wide - 2 * _PAD, most=_MOST_LINES) for text, how in parts if text]
        )
    return row


def _high(cells: Sequence[Sequence[Block]]) -> float:
    return max(sum(part.height for part in cell) for cell in cells) + 2 * _PAD


def _row(pages: Pages, table: _Table, cells: list[list[Block]], *, head: bool = False) -> None:
    high = _high(cells)
    if head:
        pages.band(SIDE, 0, ROOM, high, _PALE)
    x = SIDE
    for column, wide, cell in zip(table.columns, table.wide, cells, strict=True):
        below = _PAD
        for part in cell:
            slack = 0.0
            if column.kind is CellKind.NUMBER:
                slack = wide - 2 * _PAD - max(width(line, part.style) for line in part.lines)
            pages.text(part, x + _PAD + slack, below)
            below += part.height
        x += wide
    if not head:
        if table.ticks:
            pages.box(SIDE + ROOM - _PAD - _TICK, _PAD + 0.5, _TICK, SOFT)
        pages.rule(SIDE, high, ROOM, LINE)
    pages.y -= high


def _down(pages: Pages, what: Block, gap: float) -> None:
    pages.text(what, SIDE)
    pages.y -= what.height + gap
