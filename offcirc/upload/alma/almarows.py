"""The table of a report of Alma's: a line's number and why it was refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from offcirc.core.answers import Reason
from offcirc.servers.almawords import mentions, reason
from offcirc.upload.alma import almafacts
from offcirc.upload.alma.almacells import Rows

LONGEST = 1000
"""Characters of a message that are kept."""


@dataclass(frozen=True, slots=True)
class AlmaRow:
    """A row of the table.

    Attributes:
        number: the line's number as Alma counts; ``None`` when the row has none.
        message: why it was refused, in Alma's words.
        column: the barcode, when it stands in a column of its own.
        unread: it stands in the table and could not be read: the message is all of it.
    """

    number: int | None
    message: str
    column: str = ""
    unread: bool = field(default=False, repr=False)

    @property
    def code(self) -> str:
        """The barcode or identifier that the row names; empty if it names none."""
        return barcode(self.message) or self.column

    @property
    def told(self) -> str:
        """All that the row says, on one line."""
        if not self.column or self.column in self.message:
            return self.message
        return f"{self.message} Barcode: {self.column}"


class _Columns(NamedTuple):
    line: int
    message: int
    code: int | None


_NUMBER = r"\d{1,3}(?:[,.'’\s]\d{3}){1,2}(?!\d)|\d{1,9}"
"""A line's number, with whatever a language puts between its thousands."""
_NUMBERED = re.compile(
    rf"[\W_]*(?:line|ligne)\s*(?:number|numéro|n[°ºo]\.?|#)?\s*[:=]?\s*(?P<number>{_NUMBER})\b"
    r"[\s:;,.|*–—\-\"]*(?P<message>.*)",
    re.IGNORECASE,
)
_LINE_WORD = re.compile(r"[\W_]*(?:line|ligne)\b.*\d", re.IGNORECASE)
_BARE = re.compile(rf"(?P<number>{_NUMBER})[ .:,;]+(?P<message>\D.*)")
_LINE_TITLE = re.compile(
    r"(?:line|ligne)(?:s|\s+(?:number|no\.?|n[°º]))?|(?:n[°º]|numéro)\s*(?:de\s+(?:la\s+)?)?ligne"
    r"|(?:row|record)(?:\s+number)?",
    re.IGNORECASE,
)
_MESSAGE_TITLE = re.compile(
    r"(?:error|exception)s?(?:\s+(?:message|description|reason))?|message(?:s)?"
    r"|message\s+d[’'`´ ]\s*erreur|(?:erreur|raison|motif|description|reason)s?",
    re.IGNORECASE,
)
_BARCODE_TITLE = re.compile(
    r"(?:item|patron|user)?\s*(?:barcode|identifier)s?|(?:item|user)\s+id"
    r"|code[- ](?:à[- ])?barres?(?:\s+.*)?|identifiant(?:\s+.*)?",
    re.IGNORECASE,
)
_BARCODE = re.compile(r"(?:barcode|code[- ](?:à[- ])?barres?)\s*:\s*(?P<code>\S+)", re.IGNORECASE)
_SPOILT = re.compile(r"(\d)(?:[.,](\d{1,15}))?E\+?(\d{1,2})", re.IGNORECASE)
_STARTS = re.compile(r"\s+(?=(?:Line|Ligne)\s+\d{1,9}\b)")
"""Where the next row begins when the rows run on in one paragraph."""
_BROKEN = re.compile(r"(?:^|\s)(?P<word>Line|Ligne|\d{1,9})$")
_DIGITS = re.compile(rf"\D{{0,12}}({_NUMBER})(?:[.,]0{{1,2}})?\D{{0,2}}")


def barcode(message: str) -> str:
    """The barcode or identifier that a message names; empty if it names none."""
    found = None
    for found in _BARCODE.finditer(message):  # noqa: B007 - the last one is the barcode
        pass
    return found["code"].strip("\"'<>*.,;") if found else ""


def spoilt(code: str) -> re.Match[str] | None:
    """A barcode that a spreadsheet has taken for a number and shortened, such as ``3.7E+13``."""
    return _SPOILT.fullmatch(code)


def of_rows(rows: Rows) -> list[AlmaRow]:
    """Every row of the table, in its order."""
    reader = _Reader()
    for cells in rows:
        reader.read([cell for cell in cells if cell], cells)
    return reader.finish()


class _Reader:
    """Goes through the rows; of a broken line it remembers what has come so far."""

    def __init__(self) -> None:
        self._rows: list[AlmaRow] = []
        self._columns: _Columns | None = None
        self._open = False
        self._number: int | None = None
        self._message = ""
        self._before = ""

    def finish(self) -> list[AlmaRow]:
        self._end()
        return self._rows

    def read(self, filled: list[str], cells: tuple[str, ...]) -> None:
        if not filled:
            self._end()
            return
        if (columns := _columns(cells)) is not None:
            self._end()
            self._columns = columns
            return
        if self._columns is not None and self._in_columns(cells, self._columns):
            return
        if self._before.isdigit() and filled[0].isdigit():
            self._before = ""  # a number of something else
        text = " ".join(f"{self._before} {' '.join(filled)}".split())
        self._before = ""
        if len(filled) == 1:
            text = self._without_broken_number(text)
            *whole, text = _STARTS.split(text)
            for part in whole:
                self._read_text(part, [part])
            filled = [text]
        self._read_text(text, filled)

    def _without_broken_number(self, text: str) -> str:
        """Keep a row's number for the next line when the break is between it and its message."""
        broken = _BROKEN.search(text)
        if broken is None or (broken["word"].isdigit() and broken.start() > 0):
            return text
        self._before = broken["word"]
        return text[: broken.start()]

    def _read_text(self, text: str, filled: list[str]) -> None:
        if not text:
            return
        if (numbered := _NUMBERED.fullmatch(text)) is not None:
            self._begin(_whole(numbered["number"]), numbered["message"])
        elif (bare := _BARE.fullmatch(text)) is not None and _known(bare["message"]):
            self._begin(_whole(bare["number"]), bare["message"])
        elif any(almafacts.label(cell) for cell in filled):
            self._end()
        elif _known(text) and not (self._open and not self._message):
            self._begin(None, text)
        elif mentions(text) and (_LINE_WORD.match(text) or len(filled) > 1):
            self._keep_unread(text)
        elif self._open:
            self._go_on(text)

    def _in_columns(self, cells: tuple[str, ...], columns: _Columns) -> bool:
        """Take a row below the titles; false if it does not look like one."""
        line, message, code = (
            cells[place] if place is not None and place < len(cells) else "" for place in columns
        )
        number = _DIGITS.fullmatch(line)
        words = " ".join(message.split())
        self._end()
        if words and not words.isdigit() and (number is not None or not line):
            self._rows.append(AlmaRow(_whole(number[1]) if number else None, words[:LONGEST], code))
            return True
        text = " ".join(" ".join(cells).split())
        if (line or code) and len(text.split()) > 1 and not any(map(almafacts.label, cells)):
            # It stands where refused lines stand.
            self._keep_unread(text)
            return True
        return False

    def _keep_unread(self, text: str) -> None:
        self._end()
        self._rows.append(AlmaRow(None, text[:LONGEST], unread=True))

    def _begin(self, number: int | None, message: str) -> None:
        self._end()
        self._open, self._number, self._message = True, number, message

    def _go_on(self, text: str) -> None:
        """A message that was broken goes on, until it has named its barcode."""
        if _BARCODE.search(self._message):
            self._end()
            return
        self._message = f"{self._message} {text}".strip()
        if len(self._message) > LONGEST:
            self._end()

    def _end(self) -> None:
        if self._open:
            message = self._message.strip(' \t"*|;')[:LONGEST]
            if message:
                self._rows.append(AlmaRow(self._number, message))
        self._open, self._number, self._message = False, None, ""


def _whole(number: str) -> int:
    return int(re.sub(r"\D", "", number))


def _known(text: str) -> bool:
    return reason(text) is not Reason.OTHER


def _columns(cells: tuple[str, ...]) -> _Columns | None:
    """Where the titles of the table say that things stand; ``None`` if these are no titles."""
    line, message, code = (
        next((place for place, cell in enumerate(cells) if title.fullmatch(cell)), None)
        for title in (_LINE_TITLE, _MESSAGE_TITLE, _BARCODE_TITLE)
    )
    if line is None or message is None or line == message:
        return None
    return _Columns(line, message, code)
