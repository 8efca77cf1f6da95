"""Text on a PDF page: our fonts, what they lack, measuring, breaking into lines.

The fonts of the program hold the letters of French and English. Titles come in every script, so a
character they lack is taken from a wider font, Chinese, Japanese and Korean ones from the fonts
that PDF readers bring along, and what nobody has becomes a sign that says so.

Arabic and Hebrew are drawn by a small part of Unicode's rules (UAX #9 and the joining of Arabic
letters), on a page that knows only left to right: enough for a title among Latin text. What is
searched and copied elsewhere stays as it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reportlab import rl_config
from reportlab.lib.rl_accel import escapePDF
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from offcirc import resources
from offcirc.upload.base.celltext import legible

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


@dataclass(frozen=True, slots=True, eq=False)
class TextStyle:
    """How text looks; one is made for many texts, and known by itself.

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
    # Bytes as letters are a quarter longer, and take longer to make than all else on a page.
    rl_config.useA85 = 0
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
    if text.isascii():
        return _width_of(text, style.font, style.size)
    pieces = runs(text, style.font)
    return sum(float(pdfmetrics.stringWidth(piece, font, style.size)) for font, piece in pieces)


@lru_cache(maxsize=4096)
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
    signs = _widths(style.font, style.size)
    blank = signs[" "]
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


class Ink:
    """Says texts in the words of the PDF format: reportlab's own way takes five times as long."""

    def __init__(self, document: Any) -> None:
        """``document``: reportlab's, which notes what letters it has to bring along."""
        self._document = document
        for name in _FILES:
            pdfmetrics.getFont(name).splitString("", document)  # it now has signs for all of ASCII
        self._said = lru_cache(maxsize=4096)(self._say)

    def drawn(self, block: Block, x: float, top: float) -> str:
        """A block; its upper left corner is at ``x`` and ``top``."""
        style = block.style
        red, green, blue = style.colour
        # The letters stand in the middle of their line.
        y = top - (style.leading + style.size * 0.7) / 2
        parts = [f"BT {red:g} {green:g} {blue:g} rg {style.leading:g} TL {x:.2f} {y:.2f} Td"]
        said = self._said
        parts += [said(line, style) for line in block.lines]
        return " ".join(parts) + " ET"

    def _say(self, line: str, style: TextStyle) -> str:
        """A line and the way to the next one."""
        said = []
        for name, piece in runs(in_reading_order(line), style.font):
            font = pdfmetrics.getFont(name)
            if not isinstance(font, TTFont):
                own = self._document.getInternalFontName(name)
                said.append(f"{own} {style.size:g} Tf ({font.formatForPdf(piece)}) Tj")
            elif piece.isascii():
                own = font.getSubsetInternalName(0, self._document)
                text = piece.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
                said.append(f"{own} {style.size:g} Tf ({text}) Tj")
            else:
                for subset, signs in font.splitString(piece, self._document):
                    own = font.getSubsetInternalName(subset, self._document)
                    said.append(f"{own} {style.size:g} Tf ({escapePDF(signs)}) Tj")
        return " ".join([*said, "T*"])


def _word_width(word: str, style: TextStyle) -> float:
    return _width_of(word, style.font, style.size)


@lru_cache(maxsize=16_384)
def _width_of(word: str, font: str, size: float) -> float:
    return sum(map(_widths(font, size).__getitem__, word))


class _Widths(dict[str, float]):
    """How wide each sign is in a font of a size, found out when it is first met."""

    def __init__(self, font: str, size: float) -> None:
        super().__init__()
        self._font = font
        self._size = size

    def __missing__(self, sign: str) -> float:
        wanted, shown = _font_for(sign, self._font)
        self[sign] = wide = float(pdfmetrics.stringWidth(shown, wanted, self._size))
        return wide


@lru_cache(maxsize=64)
def _widths(font: str, size: float) -> _Widths:
    return _Widths(font, size)


def _head(word: str, style: TextStyle, room: float) -> str:
    """As much of a word as fits, at least one character."""
    used = 0.0
    signs = _widths(style.font, style.size)
    for place, sign in enumerate(word):
        used += signs[sign]
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


_RIGHT = ("R", "AL")
_NUMBERS = ("EN", "AN")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def in_reading_order(text: str) -> str:
    """The characters from left to right as they are to be seen; Arabic letters joined."""
    # The first sign that is written from right to left is the Hebrew alef.
    if text.isascii() or max(text) < "\u05d0":
        return text
    if not any(unicodedata.bidirectional(sign) in _RIGHT for sign in text):
        return text
    text = joined(text)
    kinds = [unicodedata.bidirectional(sign) for sign in text]
    seen: list[str] = []
    place = 0
    while place < len(text):
        if kinds[place] not in _RIGHT:
            seen.append(text[place])
            place += 1
            continue
        end = _end_of_run(kinds, place)
        seen.append(_turned(text[place:end]))
        place = end
    return "".join(seen)


def _end_of_run(kinds: list[str], start: int) -> int:
    """Where text from right to left ends: after the last such letter or number before a Latin one.

    Blanks and signs between two words of it belong to it.
    """
    end = start + 1
    for place in range(start, len(kinds)):
        if kinds[place] == "L":
            break
        if kinds[place] in (*_RIGHT, *_NUMBERS, "NSM"):
            end = place + 1
    return end


def _turned(text: str) -> str:
    """A run from right to left as it is to be seen; numbers in it keep their own direction."""
    pieces: list[str] = []
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        follows = kind in _NUMBERS and pieces and pieces[-1][-1].isdigit()
        if pieces and (follows or unicodedata.combining(sign)):
            pieces[-1] += sign
        else:
            pieces.append(sign.translate(_MIRRORED))
    return "".join(reversed(pieces))


def joined(text: str) -> str:
    """Arabic letters in the form that their neighbours ask for."""
    forms = _forms()
    letters = [place for place, sign in enumerate(text) if not unicodedata.combining(sign)]
    shown = list(text)
    for number, place in enumerate(letters):
        own = forms.get(text[place])
        if own is None:
            continue
        before = forms.get(text[letters[number - 1]]) if number else None
        after = forms.get(text[letters[number + 1]]) if number + 1 < len(letters) else None
        joins_before = before is not None and "initial" in before and "final" in own
        joins_after = after is not None and "initial" in own and "final" in after
        name = {
            (False, False): "isolated",
            (False, True): "initial",
            (True, False): "final",
            (True, True): "medial",
        }[joins_before, joins_after]
        shown[place] = own.get(name, text[place])
    return "".join(shown)


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, str]]:
    """Each Arabic letter's forms by name, as Unicode lists them for older programs."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEF5)):
        kind, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if len(letters) == 1 and kind.startswith("<"):
            letter = chr(int(letters[0], 16))
            forms.setdefault(letter, {}).setdefault(kind.strip("<>"), chr(code))
    return forms
