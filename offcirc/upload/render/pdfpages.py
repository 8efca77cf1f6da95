"""Pages of A4, filled from above: what is put down is kept, and drawn when all pages are known."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from offcirc.i18n import _, language
from offcirc.upload.render.pdftext import TEXT, Block, TextStyle, block, draw, load_fonts, width

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

    marks: list[Callable[[Canvas], None]] = field(default_factory=list)
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
        self._title = title
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
        self._put(draw, what, x, self.y - below)

    def band(self, x: float, below: float, wide: float, high: float, colour: Colour) -> None:
        """Put a coloured area down; put it down before what stands on it."""
        self._put(_area, (x, self.y - below - high, wide, high), colour)

    def rule(self, x: float, below: float, wide: float, colour: Colour = LINE) -> None:
        """Put a thin line down."""
        self._put(_rule, x, self.y - below, wide, colour)

    def box(self, x: float, below: float, size: float, colour: Colour) -> None:
        """Put a small empty square down, to be ticked with a pen."""
        self._put(_box, x, self.y - below - size, size, colour)

    def heading(self, text: str) -> None:
        """Let readers jump to this place."""
        self._pages[-1].headings.append(text)

    def finish(self) -> bytes:
        """The document; the same pages give the same bytes."""
        buffer = io.BytesIO()
        canvas = Canvas(
            buffer,
            pagesize=(WIDTH, HEIGHT),
            invariant=1,
            pageCompression=1,
            initialFontName=TEXT,
            lang=language(),
        )
        canvas.setTitle(self._title)
        canvas.setAuthor("OffCirc")
        canvas.setCreator("OffCirc")
        canvas.setSubject("")
        for number, page in enumerate(self._pages, 1):
            for place, heading in enumerate(page.headings):
                key = f"{number}-{place}"
                canvas.bookmarkPage(key)
                canvas.addOutlineEntry(heading, key)
            for mark in page.marks:
                mark(canvas)
            self._draw_foot(canvas, number)
            canvas.showPage()
        canvas.save()
        return buffer.getvalue()

    def _draw_foot(self, canvas: Canvas, number: int) -> None:
        _rule(canvas, SIDE, BOTTOM - 8, ROOM, LINE)
        draw(canvas, self._foot, SIDE, BOTTOM - 12)
        told = _("Page {number} of {count}").format(number=number, count=len(self._pages))
        at = SIDE + ROOM - width(told, SMALL)
        draw(canvas, block(told, SMALL, ROOM), at, BOTTOM - 12)

    def _put(self, how: Callable[..., None], *what: Any) -> None:
        self._pages[-1].marks.append(lambda canvas: how(canvas, *what))


# ``draw`` takes the canvas first, as these do.


def _area(canvas: Canvas, where: tuple[float, float, float, float], colour: Colour) -> None:
    canvas.setFillColorRGB(*colour)
    canvas.rect(*where, stroke=0, fill=1)


def _rule(canvas: Canvas, x: float, y: float, wide: float, colour: Colour) -> None:
    canvas.setStrokeColorRGB(*colour)
    canvas.setLineWidth(0.6)
    canvas.line(x, y, x + wide, y)


def _box(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    canvas.setStrokeColorRGB(*colour)
    canvas.setLineWidth(0.8)
    canvas.rect(x, y, size, size, stroke=1, fill=0)
