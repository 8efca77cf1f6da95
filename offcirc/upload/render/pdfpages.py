"""Pages of A4, filled from above: what is put down is kept until all pages are known.

What stands on a page is kept in the words of the PDF format itself: a report has a quarter of a
million texts and lines.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from offcirc.i18n import _, language
from offcirc.upload.render.pdftext import TEXT, Block, Ink, TextStyle, block, load_fonts, width

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
