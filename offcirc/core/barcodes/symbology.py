"""What a scanner sends around a barcode's number, and what tells one symbology from another."""

from __future__ import annotations

from enum import StrEnum

from offcirc.core.barcodes.checkdigits import Check, verify

_EAN = frozenset(("E0", "E3", "X0"))
_CODABAR = frozenset("0123456789-$:/.+")
_CODABAR_ENDS = frozenset("ABCDabcd")


class Strip(StrEnum):
    """What is taken off a text before it is compared with a pattern."""

    AIM = "AIM"
    """The three characters of ISO/IEC 15424 that name the symbology, such as ``]C1``."""

    CODABAR = "codabar"
    """The start and stop letters A to D of Codabar, when both are there."""

    SPACE = "space"
    """Blanks, also between the digits: numbers are often printed in groups."""


DEFAULT_STRIP = frozenset((Strip.AIM, Strip.SPACE))


def split_aim(text: str) -> tuple[str, str]:
    """The AIM identifier a text begins with, without its bracket, and the rest of the text.

    An identifier is ``]``, a letter for the symbology and a modifier (ISO/IEC 15424): A Code 39,
    C Code 128, E EAN and UPC, F Codabar, I Interleaved 2 of 5, X others.
    """
    if text[:1] != "]" or len(text) <= 3 or not text[1:3].isascii():
        return "", text
    if text[1].isalpha() and text[2].isalnum():
        return text[1:3], text[3:]
    return "", text


def unstarred(text: str) -> str:
    """``text`` without the start and stop characters of Code 39, when the scanner sends them.

    A star stands in no barcode of Code 39 but at its ends, and there in every one.
    """
    inside = text[1:-1]
    starred = text[:1] == text[-1:] == "*" and inside and "*" not in inside
    return inside if starred else text


def is_isbn(text: str, symbology: str = "") -> bool:
    """Whether a text is the ISBN of a book's cover: an EAN 978 or 979, with or without add-on.

    Args:
        text: the text, stripped.
        symbology: its AIM identifier, if known. A scanner that names an EAN has verified it.
    """
    if text[:3] not in ("978", "979") or len(text) not in (13, 15, 18):
        return False
    if not (text.isascii() and text.isdigit()):
        return False
    return symbology in _EAN or verify(Check.EAN13, text[:13])


def strip(text: str, what: frozenset[Strip]) -> str:
    """``text`` without what a rule wants taken off."""
    if Strip.AIM in what:
        text = split_aim(text)[1]
    if Strip.SPACE in what:
        text = "".join(text.split())
    if Strip.CODABAR in what and len(text) > 2:
        ends = text[0] in _CODABAR_ENDS and text[-1] in _CODABAR_ENDS
        if ends and _CODABAR.issuperset(text[1:-1]):
            text = text[1:-1]
    return text
