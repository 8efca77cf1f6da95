"""Whose file it may be, guessed from its name: people rename files by hand, with date and campus.

A copy in the collection folder is called after library, desk and computer
(``OffCirc_BUC-du-Mirail_Desk-2_PC7.dat``, see :mod:`offcirc.storage.copies.collection`). Of a name
made by hand, what is left without ``OffCirc`` and the date is the desk's as likely as not. A file
that is just called ``OffCirc.dat`` may lie in a folder that says more.
"""

from __future__ import annotations

import re
from pathlib import Path

from offcirc.core.identity import DeskIdentity

_PROGRAM = re.compile(r"(?i)\b(?:offcirc|offline|circulation|circ|files?|copie?|copy|de|of)\b")
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}[-._ ]?\d{2}[-._ ]?\d{2}|\d{1,2}[-._ ]\d{1,2}[-._ ](?:19|20)?\d{2}"
    r"|\d{2}\d{2}(?:19|20)\d{2})(?:[-_ T]?\d{4,6})?(?:-\d+)?(?!\d)"
)
_TELLS_NOTHING = re.compile(
    r"(?i)(?:downloads?|t[ée]l[ée]chargements|desktop|bureau|documents?|files|data|temp|tmp|home"
    r"|users?|alma offline circulation|offcirc|[a-z]:|collect(?:ed|ion)?|outage|upload)?"
)


def guess(path: Path) -> tuple[DeskIdentity, str]:
    """The desk a file may come from, and the computer; all empty when the name tells nothing."""
    stem = path.stem
    parts = stem.split("_")
    if len(parts) == 4 and parts[0] == "OffCirc" and not _DATE.search(stem):
        _program, library, desk, computer = parts
        return DeskIdentity(_spaced(library), "", _spaced(desk)), computer
    name = _meaning(stem)
    if not name:
        folder = path.absolute().parent.name
        name = "" if _TELLS_NOTHING.fullmatch(folder) else _meaning(folder)
    return DeskIdentity(desk_name=name), ""


def _spaced(text: str) -> str:
    return text.replace("-", " ").strip()


def _meaning(text: str) -> str:
    """What a name says beyond the program and the date."""
    text = re.sub(r"\(\d+\)\s*$", " ", text)  # the browser's second copy
    text = _DATE.sub(" ", text)
    text = re.sub(r"[_.()\[\]\s]+", " ", text)
    text = _PROGRAM.sub(" ", text)
    text = re.sub(r"\s+", " ", text).strip(" -")
    return text if re.search(r"[^\W\d]|\d{1,3}$", text) else ""
