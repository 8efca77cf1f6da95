"""Text from anywhere as a cell shows it: nothing in it steers a page, a terminal or a spreadsheet.

Barcodes, readers' names, titles and a server's words are written by others. Whatever they hold is
shown; none of it works.
"""

from __future__ import annotations

import re
import unicodedata

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What spreadsheets, in any language, take for the beginning of a formula."""

_CHANGED = re.compile(
    r"(?:\d|[.,]\d|(?:true|false|vrai|faux)$|"
    r"(?:jan|feb|f[eé]v|mar|apr|avr|ma[iy]|ju[nli]|aug|ao[uû]|sep|oct|nov|d[eé]c)[^\W\d]*[-/. ]?\d)"
    r"[!#-~]{0,80}",
    re.IGNORECASE,
)
"""What spreadsheets take for a number, a date or a truth."""


def legible(text: str) -> str:
    r"""``text`` on one line, all of it to be seen.

    A line break or a tab becomes a blank; what has no sign of its own (control characters, marks
    that turn the direction of writing) is spelled out, such as ``\u202e``.
    """
    if text.isprintable():
        return text
    return "".join(map(_sign, text))


def defused(text: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula.

    Such a one gets an apostrophe in front, which spreadsheets take as "this is text".
    """
    return "'" + text if text.lstrip(" ").startswith(_FORMULA) else text


def coded(text: str) -> str:
    """A barcode or identifier in a CSV file, which no spreadsheet changes.

    ``00012`` would lose its zeros, ``1234E10`` and twelve digits become a rounded number, ``3-4``
    a date. As ``="00012"`` they stay what they are.
    """
    return f'="{text}"' if _CHANGED.fullmatch(text) else defused(text)


def begins_a_formula(text: str) -> bool:
    """Whether a spreadsheet would take this text, typed in, for a formula."""
    return defused(text) != text


def cleaned(text: str, most: int) -> str:
    """A title or a name without anything invisible in it, and of bearable length.

    Args:
        text: as the library system has it; marks of writing direction are common in it.
        most: how many characters it may have; a longer one ends in "…".
    """
    shown = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    words = " ".join(shown.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _sign(sign: str) -> str:
    if sign.isprintable() or unicodedata.category(sign) == "Zs":
        return sign
    if sign.isspace():
        return " "
    return sign.encode("unicode_escape", "surrogatepass").decode("ascii")
