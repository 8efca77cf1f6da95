"""The job's row in a report of Alma's: its labels, French and English, and their values.

On paper the row is ``Process ID 2744228060004116   Name Prêts - …`` on one line; in Excel a label
and its value are two cells, side by side or one below the other; a mail breaks lines anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice, pairwise
from typing import Any

from offcirc.upload.alma import almadates
from offcirc.upload.alma.almacells import Rows


class Ending(StrEnum):
    """How Alma says that the job has ended."""

    COMPLETED = "completed"
    RUNNING = "running"
    """Not yet."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What a report says of the job; each is ``None`` or empty when it does not say.

    Attributes:
        process_id: Alma's number of the job.
        started: aware.
        finished: aware.
        run_seconds: how long it took.
        status: in Alma's words.
        records: lines processed.
        exceptions: lines refused, as Alma counts them.
    """

    process_id: str = ""
    name: str = ""
    started: datetime | None = None
    finished: datetime | None = None
    run_seconds: float | None = None
    status: str = ""
    records: int | None = None
    exceptions: int | None = None

    @property
    def said(self) -> int:
        """How much the report says of the job."""
        return sum(getattr(self, field.name) not in (None, "") for field in fields(self))

    @property
    def ending(self) -> Ending | None:
        """How the job has ended; ``None`` if Alma's words tell nothing."""
        words = self.status.lower()
        for ending, pattern in _ENDINGS:
            if re.search(pattern, words):
                return ending
        return None

    def completed_by(self, other: JobFacts) -> JobFacts:
        """These facts, and the other's where these say nothing."""
        missing = {
            field.name: getattr(other, field.name)
            for field in fields(self)
            if getattr(self, field.name) in (None, "")
        }
        return replace(self, **missing)


_ENDINGS = (
    (Ending.FAILED, r"\bfailed|échoué|echoue|abort|abandonn|cancel|annul|interrompu"),
    (Ending.COMPLETED, r"complet|termin|success|succès|succes|finished"),
    (Ending.RUNNING, r"running|en cours|pending|en attente|queued|in progress|initializ"),
)

_WORDS = {
    "process_id": r"process id|job id"
    r"|(?:id|identifiant|numéro|n°) (?:du |de )?(?:processus|traitement)",
    "started": r"started on|start(?:ed)? (?:time|date|at)"
    r"|(?:débuté|démarré|commencé|lancé) (?:le|à)"
    r"|(?:date|heure) de (?:début|démarrage)",
    "finished": r"finished on|(?:end|finish(?:ed)?) (?:time|date|at)|ended on"
    r"|(?:terminé|fini|achevé) (?:le|à)|(?:date|heure) de fin",
    "run_seconds": r"total run ?time|run time|durée totale"
    r"|(?:durée|temps) (?:totale? )?d[’'`´]exécution(?: totale?)?",
    "records": r"(?:number of )?records processed|enregistrements (?:traités|terminés)",
    "exceptions": r"(?:number of )?records with (?:exceptions|errors)"
    r"|enregistrements (?:avec|ayant) (?:des |d[’'])?(?:échecs?|exceptions?|erreurs?)",
    "name": r"job name|nom du (?:processus|traitement)",
}
_LOOSE = {
    "name": r"name|nom",
    "status": r"status|statut|état|etat",
    "started": r"started|débuté|démarré",
    "finished": r"finished|terminé",
}
"""Words too common to be labels wherever they stand."""
_LOOSE_START = r"(?:(?<=\n)|(?<=\t)|(?<=[ ]{2})|(?<=[|;*•]))[ *]{0,8}"


def _pattern(words: str) -> str:
    # A mail may break its lines within a label.
    return words.replace(" ", r"\s+").replace(r"\s+?", r"\s*")


_STRICT_LABEL = re.compile(
    r"(?<!\w)(?:"
    + "|".join(f"(?P<{key}>{_pattern(words)})" for key, words in _WORDS.items())
    + r")(?!\w)",
    re.IGNORECASE,
)
_LOOSE_LABEL = re.compile(
    "|".join(f"(?P<{key}>{words})" for key, words in _LOOSE.items()), re.IGNORECASE
)
_LOOSE_ANYWHERE = re.compile(rf"(?<!\w)(?:{_LOOSE_LABEL.pattern})(?!\w)", re.IGNORECASE)
_LOOSE_AT_START = re.compile(
    rf"{_LOOSE_START}(?:{_LOOSE_LABEL.pattern})(?=[ ]*[:=\t\n]|[ ]{{2,}}|[ ][A-ZÀ-Þ])",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    "(?:"
    + "|".join(
        f"(?P<{key}>{'|'.join(filter(None, (_WORDS.get(key), _LOOSE.get(key))))})"
        for key in {**_WORDS, **_LOOSE}
    )
    + r")\s*:?",
    re.IGNORECASE,
)
_MOST_TEXT = 1 << 18
"""The job's row stands at the head; what comes after is lines, and they can be many."""
_FAR = 4
"""Cells between a label and its value, at most."""
_MOST_LABELS = 200
_NEAR = 400
"""Characters within which a common word beside a sure label is looked for."""


def of_rows(rows: Rows) -> JobFacts:
    """What rows of cells say of the job."""
    found: dict[str, Any] = {}
    for key, value in _in_cells(rows):
        _take(found, key, value)
    for key, value in _in_text(_text(rows)):
        _take(found, key, value)
    return JobFacts(**found)


def label(cell: str) -> str:
    """Which of the job's labels a cell is, if it is nothing else; empty if it is none."""
    text = cell.strip()
    found = _WHOLE.fullmatch(text) if len(text) <= 60 else None
    return (found.lastgroup or "") if found is not None else ""


def _take(found: dict[str, Any], key: str, text: str) -> None:
    """Keep the first value of a label that can be read."""
    if key in found:
        return
    value = _READERS[key](text.strip(" \t\n:=|*;"))
    if value not in (None, ""):
        found[key] = value


def _in_cells(rows: Rows) -> Iterator[tuple[str, str]]:
    """Labels that fill a cell, with the cell beside or below."""
    for row, below in pairwise([*rows[: 1 << 12], ()]):
        keys = [label(cell) for cell in row]
        for place, key in enumerate(keys):
            if not key:
                continue
            right = row[place + 1 : place + 1 + _FAR]
            value = next((cell for cell in right if cell), "")
            if not value or label(value):
                value = below[place] if place < len(below) else ""
            if value and not label(value):
                yield key, value


def _text(rows: Rows) -> str:
    lines = []
    length = 0
    for row in rows:
        line = "\t".join(row)
        length += len(line) + 1
        if length > _MOST_TEXT:
            break
        lines.append(line)
    return "\n" + "\n".join(lines).replace("\u00a0", " ").replace("\u202f", " ") + "\n"


def _in_text(text: str) -> Iterator[tuple[str, str]]:
    """Labels within the text, each with what stands before the next one."""
    strict = list(islice(_STRICT_LABEL.finditer(text), _MOST_LABELS))
    at_start = islice(_LOOSE_AT_START.finditer(text), _MOST_LABELS)
    loose = {found.span(found.lastgroup or 0): found for found in at_start}
    for one in strict:
        # Beside a sure label, a common word is one too.
        end = min(text.find("\n", one.end()), one.end() + _NEAR)
        for found in _LOOSE_ANYWHERE.finditer(text, one.end(), end):
            loose.setdefault(found.span(found.lastgroup or 0), found)
    taken = [(one.start(), one.end(), one.lastgroup or "") for one in strict]
    for (start, end), found in loose.items():
        if not any(left < end and start < right for left, right, _key in taken[: len(strict)]):
            taken.append((start, end, found.lastgroup or ""))
    taken.sort()
    for (_start, end, key), (following, _end, _key) in pairwise([*taken, (len(text), 0, "")]):
        yield key, text[end : min(following, end + 300)]


def _process_id(text: str) -> str:
    found = re.match(r"[\w-]{1,40}", text, re.ASCII)
    return found[0] if found and any(sign.isdigit() for sign in found[0]) else ""


def _line(text: str) -> str:
    """A value that may go on over a broken line, but not over a blank one."""
    part = re.split(r"\n[ \t]*\n|\t", text, maxsplit=1)[0]
    part = re.split(r"\n(?=[ \t]*(?:line|ligne)\s+\d)", part, maxsplit=1, flags=re.IGNORECASE)[0]
    return " ".join(re.sub(r"(?<=\w-)\n", "", part).split())[:200]


def _status(text: str) -> str:
    return " ".join(text.split("\n", 1)[0].split("\t", 1)[0].split())[:80]


def _number(text: str) -> int | None:
    found = re.match(r"\d{1,3}(?:[   ,.]\d{3})+(?!\d)|\d{1,12}", text)
    return int(re.sub(r"\D", "", found[0])) if found else None


_READERS: dict[str, Callable[[str], Any]] = {
    "process_id": _process_id,
    "name": _line,
    "started": almadates.moment,
    "finished": almadates.moment,
    "run_seconds": almadates.seconds,
    "status": _status,
    "records": _number,
    "exceptions": _number,
}
