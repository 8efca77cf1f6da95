"""The columns of a report's lines: one entry each, for files, programs, paper, terminal and window.

A column says what its cell is, how it is sorted by, and where people are shown it; whatever shows
lines asks here. So a column more is one entry more (and its title in French).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from offcirc import words as core_words
from offcirc.i18n import N_, _
from offcirc.upload.report import words
from offcirc.upload.report.report import LineDecision, LineStatus, ReportLine

Value = str | int | datetime | None
_NEVER = datetime.min  # noqa: DTZ901 - the files' times have no zone


class CellKind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    LONG = "long"
    """Text of a sentence and more."""
    CODE = "code"
    """Barcodes and identifiers: text, even where they are all digits."""
    NUMBER = "number"
    MOMENT = "moment"
    """Naive local time."""


class Medium(StrEnum):
    """Where people are shown lines."""

    PAGE = "page"
    """The tables of HTML and PDF; room in points."""
    PRINT = "print"
    """The terminal; room in characters."""
    TABLE = "table"
    """The window's table; room in line heights down to which it may be narrowed, 0 for never."""
    PANEL = "panel"
    """Beside the window's table, one below the other."""


PAGE, PRINT, TABLE, PANEL = Medium


@dataclass(frozen=True, slots=True)
class Shown:
    """How people are shown a column in one medium.

    Attributes:
        rank: where it stands; those of small numbers come first.
        room: what it takes, as the medium measures; on a page, 0 shares what the others leave.
        name: its title there in English, if it has another one.
        under: the code of the column in whose cell it stands, below; empty: in one of its own.
        always: it is there even where no line says anything in it.
        cell: its text there, if it is another one.
    """

    rank: int
    room: float = 0
    name: str = ""
    under: str = ""
    always: bool = False
    cell: Callable[[ReportLine], str] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        code: its name for programs.
        name: its title in English, to be worded by :meth:`title`.
        kind: what its cells hold.
        value: the cell of a line; empty text or ``None`` when there is nothing to say.
        shown: where people are shown it, besides in CSV and spreadsheets, which hold every column.
        data: its fields in JSON; its value under its code when not told.
        key: what lines are sorted by; its text, small and capital letters alike, when not told.
        told: whether a line has something to say in it; whether it has a text, when not told.
    """

    code: str
    name: str
    kind: CellKind
    value: Callable[[ReportLine], Value]
    shown: Mapping[Medium, Shown] = field(default_factory=dict)
    data: Callable[[ReportLine], dict[str, Any]] | None = None
    key: Callable[[ReportLine], Any] | None = None
    told: Callable[[ReportLine], bool] | None = None

    @property
    def is_rare(self) -> bool:
        """Whether it is left out, or hidden, where no line says anything in it."""
        return PRINT in self.shown and not self.shown[PRINT].always

    def title(self, medium: Medium | None = None) -> str:
        """Its title in the active language."""
        return _((self.shown[medium].name if medium else "") or self.name)

    def text(self, line: ReportLine, medium: Medium | None = None) -> str:
        """The cell of a line as text."""
        cell = self.shown[medium].cell if medium else None
        if cell is not None:
            return cell(line)
        value = self.value(line)
        if isinstance(value, datetime):
            return words.moment(line)
        return "" if value is None else str(value)

    def fields(self, line: ReportLine) -> dict[str, Any]:
        """What programs are told in JSON."""
        return self.data(line) if self.data is not None else {self.code: self.value(line)}

    def sorting(self, line: ReportLine) -> Any:
        """What a line is sorted by."""
        return self.key(line) if self.key is not None else self.text(line).casefold()

    def tells(self, lines: Sequence[ReportLine]) -> bool:
        """Whether any of these lines has something to say in it."""
        return any(map(self.told or self.text, lines))


def columns_for(
    medium: Medium, lines: Sequence[ReportLine] | None = None, without: Collection[str] = ()
) -> list[Column]:
    """The columns with cells of their own in a medium, in their order.

    Args:
        medium: which one.
        lines: those that are to be shown: a column in which none says anything is left out; all
            columns when not told.
        without: codes of columns that are left out whatever they say.
    """
    own = [
        column
        for column in COLUMNS
        if (how := column.shown.get(medium)) is not None
        and not how.under
        and column.code not in without
        and (how.always or lines is None or column.tells(lines))
    ]
    return sorted(own, key=lambda column: column.shown[medium].rank)


def below(code: str, medium: Medium, without: Collection[str] = ()) -> list[Column]:
    """The columns that stand in the cell of another one, below it, in their order."""
    found = [
        column
        for column in COLUMNS
        if (how := column.shown.get(medium)) is not None
        and how.under == code
        and column.code not in without
    ]
    return sorted(found, key=lambda column: column.shown[medium].rank)


def _operation(line: ReportLine) -> str:
    return core_words.operation(line.operation) if line.operation is not None else ""


def _item(line: ReportLine) -> str:
    """The item; of a line that tells none, the line as it stands in the file."""
    return line.item or line.raw


def _item_short(line: ReportLine) -> str:
    return line.item or line.raw[:80]


def _readable(line: ReportLine) -> bool:
    return bool(line.operation is not None and line.item)


def _item_plain(line: ReportLine) -> str:
    return line.item if _readable(line) else " ".join(line.raw.split())


def _origin_apart(line: ReportLine) -> str:
    return "" if words.origin(line) == line.file else words.origin(line)


def _origin_json(line: ReportLine) -> dict[str, Any]:
    return {
        "library": line.origin.library or None,
        "circulation_desk": line.origin.circulation_desk or None,
        "desk": line.origin.desk or None,
    }


def _time_json(line: ReportLine) -> dict[str, Any]:
    return {
        "timestamp": line.at.isoformat(timespec="minutes") if line.at else None,
        "exact": line.exact.isoformat(timespec="milliseconds") if line.exact else None,
    }


def _decision_json(made: LineDecision | None) -> dict[str, Any] | None:
    if made is None:
        return None
    return {
        "act": made.act.value,
        "who": made.who,
        "at": made.at.isoformat(timespec="seconds") if made.at else None,
        "why": made.why or None,
        "was": made.was or None,
    }


# In the order of CSV and spreadsheets.
COLUMNS: tuple[Column, ...] = (
    Column(
        "file",
        N_("File"),
        CellKind.TEXT,
        lambda line: line.file,
        {
            PAGE: Shown(10, 84, always=True),
            PRINT: Shown(110, always=True),
            TABLE: Shown(11, under="line"),
        },
    ),
    Column(
        "line",
        N_("Line"),
        CellKind.NUMBER,
        lambda line: line.line,
        {
            PAGE: Shown(20, 36, always=True),
            PRINT: Shown(10, 6, always=True),
            TABLE: Shown(10),
            PANEL: Shown(60, cell=lambda line: f"{line.line} · {line.file}"),
        },
        key=lambda line: (line.file, line.line),
    ),
    Column(
        "status",
        N_("Status"),
        CellKind.TEXT,
        lambda line: words.line_status(line.status),
        data=lambda line: {"status": line.status.value},
        key=lambda line: list(LineStatus).index(line.status),
    ),
    Column(
        "time",
        N_("Time"),
        CellKind.MOMENT,
        lambda line: line.exact or line.at,
        {
            PAGE: Shown(40, 96, always=True),
            PRINT: Shown(30, 16, N_("When"), always=True),
            TABLE: Shown(30),
            PANEL: Shown(40),
        },
        data=_time_json,
        key=lambda line: line.exact or line.at or _NEVER,
    ),
    Column(
        "desk",
        N_("Desk"),
        CellKind.TEXT,
        words.origin,
        {
            PAGE: Shown(41, under="time", cell=_origin_apart),
            PRINT: Shown(90, 18),
            TABLE: Shown(70, 6),
            PANEL: Shown(50),
        },
        data=_origin_json,
        told=lambda line: bool(line.origin.desk or line.origin.circulation_desk),
    ),
    Column(
        "operation",
        N_("Operation"),
        CellKind.TEXT,
        _operation,
        {
            PAGE: Shown(50, 56, always=True),
            PRINT: Shown(40, 9, always=True),
            TABLE: Shown(40),
            PANEL: Shown(10),
        },
        data=lambda line: {"operation": line.operation.value if line.operation else None},
        key=lambda line: line.operation or "",
    ),
    Column(
        "item",
        N_("Item barcode"),
        CellKind.CODE,
        lambda line: line.item,
        {
            PAGE: Shown(60, 186, always=True, cell=_item),
            PRINT: Shown(50, 14, N_("Item"), always=True, cell=_item_short),
            TABLE: Shown(50, 7.1, N_("Item")),
            PANEL: Shown(20, name=N_("Item"), cell=_item_plain),
        },
    ),
    Column(
        "title",
        N_("Title"),
        CellKind.TEXT,
        lambda line: line.title,
        {
            PAGE: Shown(61, under="item"),
            PRINT: Shown(60, 24),
            TABLE: Shown(51, under="item"),
            PANEL: Shown(21, under="item"),
        },
        data=lambda line: {"title": line.title or None},
    ),
    Column(
        "patron",
        N_("Borrower"),
        CellKind.CODE,
        lambda line: line.patron,
        {
            PAGE: Shown(70, 132, always=True, cell=lambda line: line.patron or "–"),
            PRINT: Shown(70, 14, always=True),
            TABLE: Shown(60, 7.3),
            PANEL: Shown(30, cell=lambda line: line.patron if _readable(line) else ""),
        },
    ),
    Column(
        "reader",
        N_("Borrower’s name"),
        CellKind.TEXT,
        lambda line: line.patron_name,
        {
            PAGE: Shown(71, under="patron"),
            PRINT: Shown(80, 18, N_("Name")),
            TABLE: Shown(61, under="patron"),
            PANEL: Shown(31, under="patron"),
        },
        data=lambda line: {"reader": line.patron_name or None},
        key=lambda line: (line.patron.casefold(), line.patron_name.casefold()),
    ),
    Column(
        "message",
        N_("Error Message"),
        CellKind.LONG,
        lambda line: line.message,
        {
            PAGE: Shown(80, always=True),
            PRINT: Shown(20, 64, always=True),
            TABLE: Shown(21, under="reason", cell=words.message),
        },
    ),
    Column(
        "reason",
        N_("Reason"),
        CellKind.TEXT,
        words.mark,
        {PAGE: Shown(100, name=N_("What to do"), always=True), TABLE: Shown(20, 8.2)},
        data=lambda line: {"reason": line.reason or None},
    ),
    Column("why", N_("Explanation"), CellKind.LONG, words.why),
    Column(
        "advice",
        N_("What to do"),
        CellKind.LONG,
        words.what_to_do,
        {PAGE: Shown(101, under="reason")},
    ),
    Column(
        "decision",
        N_("Decision"),
        CellKind.LONG,
        lambda line: words.decision(line.decision),
        {
            PAGE: Shown(81, under="message"),
            PRINT: Shown(100, 24),
            PANEL: Shown(70),
        },
        data=lambda line: {"decision": _decision_json(line.decision)},
    ),
    Column(
        "raw",
        N_("Line of the file"),
        CellKind.CODE,
        lambda line: line.raw,
        {PAGE: Shown(30, 380, always=True)},
    ),
)
