"""Text on a PDF page: our fonts, what they lack, measuring, breaking into lines.

The fonts of the program hold the letters of French and English. Titles come in every script, so a
character they lack is taken from a wider font, Chinese, Japanese and Korean ones from the fonts
that PDF readers bring along, and what nobody has becomes a sign that says so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from offcirc import resources
from offcirc.upload.base.celltext import legible
from offcirc.upload.render.scripts import in_reading_order

TEXT, STRONG, CODE, WIDE = "OffCirc", "OffCirc-Strong", "OffCirc-Code", "OffCirc-Wide"
_FILES = {
    TEXT: "fonts/AtkinsonHyperlegibleNext-Regular.ttf",
    STRONG: "fonts/AtkinsonHyperlegibleNext-SemiBold.ttf",
    CODE: "fonts/AtkinsonHyperlegibleMono-Medium.ttf",
    WIDE: "fonts/DejaVuSans.ttf",
}
_HAN, _HANGUL = "STSong-Light", "HYSMyeongJo-Medium"
"""Names of the PDF format's own fonts for Chinese and Japanese, and for Korean."""
_LACKING = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How text looks.

    Attributes:
        font: one of the fonts' names above.
        size: in points.
        leading: from line to line, in points.
        colour: red, green and blue, each from 0 to 1.
    """

    font: str
    size: float
    leading: float
    colour: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Block:
    """Text broken into lines of a style."""

    style: TextStyle
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """In points."""
        return len(self.lines) * self.style.leading


@lru_cache(maxsize=1)
def load_fonts() -> dict[str, frozenset[int]]:
    """Make the fonts known to the PDF writer; what each of them has, by name."""
    known = {}
    for name, file in _FILES.items():
        font = TTFont(name, str(resources.path(file)))
        pdfmetrics.registerFont(font)
        known[name] = frozenset(font.face.charToGlyph)
    for name in (_HAN, _HANGUL):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return known


def runs(text: str, font: str) -> Iterator[tuple[str, str]]:
    """A text in pieces, each with the font that has all of its characters."""
    if load_fonts()[font].issuperset(map(ord, text)):
        if text:
            yield font, text
        return
    piece, current = "", font
    for cluster in _clusters(text):
        wanted, shown = _font_for(cluster, font)
        if wanted != current:
            if piece:
                yield current, piece
            piece, current = "", wanted
        piece += shown
    if piece:
        yield current, piece


def width(text: str, style: TextStyle) -> float:
    """How wide a text is, in points."""
    pieces = runs(text, style.font)
    return sum(float(pdfmetrics.stringWidth(piece, font, style.size)) for font, piece in pieces)


def block(text: str, style: TextStyle, room: float, *, most: int = 0) -> Block:
    """A text broken into lines.

    A word that does not fit on a line by itself is broken wherever the line ends, so that nothing
    is ever wider than its column.

    Args:
        text: on one line; whatever it holds is shown.
        style: how it looks.
        room: how wide a line may be, in points.
        most: how many lines there may be, 0 for any number; a longer text ends in "…".
    """
    lines: list[str] = []
    line, used = "", 0.0
    blank = _sign_width(" ", style.font, style.size)
    for word in unicodedata.normalize("NFC", legible(text)).split(" "):
        if not word:
            continue
        wide = _word_width(word, style)
        if line and used + blank + wide <= room:
            line, used = f"{line} {word}", used + blank + wide
            continue
        if line:
            lines.append(line)
        line, used = word, wide
        while used > room:
            head = _head(line, style, room)
            lines.append(head)
            line = line[len(head) :]
            used = _word_width(line, style)
    if line:
        lines.append(line)
    if most and len(lines) > most:
        last = lines[most - 1]
        while last and width(last + "…", style) > room:
            last = last[:-1]
        lines = [*lines[: most - 1], last + "…"]
    return Block(style, tuple(lines))


def draw(canvas: Any, block: Block, x: float, top: float) -> None:
    """Draw a block; its upper left corner is at ``x`` and ``top``."""
    style = block.style
    drawing = canvas.beginText()
    drawing.setFillColorRGB(*style.colour)
    for number, line in enumerate(block.lines):
        # The letters stand in the middle of their line.
        y = top - number * style.leading - (style.leading + style.size * 0.7) / 2
        at = x
        for font, piece in runs(in_reading_order(line), style.font):
            drawing.setFont(font, style.size)
            drawing.setTextOrigin(at, y)
            drawing.textOut(piece)
            at += pdfmetrics.stringWidth(piece, font, style.size)
    canvas.drawText(drawing)


def _word_width(word: str, style: TextStyle) -> float:
    return _width_of(word, style.font, style.size)


@lru_cache(maxsize=16_384)
def _width_of(word: str, font: str, size: float) -> float:
    return sum(_sign_width(sign, font, size) for sign in word)


@lru_cache(maxsize=4096)
def _sign_width(sign: str, font: str, size: float) -> float:
    wanted, shown = _font_for(sign, font)
    return float(pdfmetrics.stringWidth(shown, wanted, size))


def _head(word: str, style: TextStyle, room: float) -> str:
    """As much of a word as fits, at least one character."""
    used = 0.0
    for place, sign in enumerate(word):
        used += _sign_width(sign, style.font, style.size)
        if used > room and place and not unicodedata.combining(sign):
            return word[:place]
    return word


def _clusters(text: str) -> Iterable[str]:
    """Characters with the marks that stand on them."""
    cluster = ""
    for sign in text:
        if cluster and not unicodedata.combining(sign):
            yield cluster
            cluster = ""
        cluster += sign
    if cluster:
        yield cluster


def _font_for(cluster: str, font: str) -> tuple[str, str]:
    """The font that has these characters, and what to write in it."""
    known = load_fonts()
    codes = [ord(sign) for sign in cluster]
    for name in (font, WIDE):
        if known[name].issuperset(codes):
            return name, cluster
    if all(map(_is_hangul, codes)):
        return _HANGUL, cluster
    if all(map(_is_han, codes)):
        return _HAN, cluster
    shown = "".join(sign if ord(sign) in known[WIDE] else _LACKING for sign in cluster)
    return WIDE, shown


def _is_han(code: int) -> bool:
    return 0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0xFF01 <= code <= 0xFFE6


def _is_hangul(code: int) -> bool:
    return 0xAC00 <= code <= 0xD7A3 or 0x3131 <= code <= 0x318E
