"""The lines of a report as a table, and one in plain words: number and reason, then the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtGui import QColor, QFont

from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.figures import number, several_years, when
from offcirc.referent.kit.listing import Listing
from offcirc.referent.kit.look import ROSE, ReferentLook
from offcirc.referent.kit.table import Shape
from offcirc.upload.report import reportview, words
from offcirc.upload.report.columns import COLUMNS, TABLE, CellKind, below, columns_for
from offcirc.upload.report.report import Grouping, LineStatus, ReportLine

_SHOWN = columns_for(TABLE)
_SEARCHED = [column for column in COLUMNS if TABLE in column.shown]


class ShownLines(StrEnum):
    """Which lines of a report are listed."""

    EXCEPTIONS = "exceptions"
    NOTES = "notes"
    EARLIER = "earlier"
    ALL = "all"


_STATUSES = {
    ShownLines.EXCEPTIONS: (LineStatus.REJECTED, LineStatus.UNKNOWN, LineStatus.HELD),
    ShownLines.NOTES: (LineStatus.RECORDED,),
    ShownLines.EARLIER: (LineStatus.SKIPPED,),
    ShownLines.ALL: tuple(LineStatus),
}


def counts(lines: Iterable[ReportLine]) -> dict[ShownLines, int]:
    """How many lines each choice lists."""
    found = Counter(line.status for line in lines)
    return {show: sum(found[status] for status in _STATUSES[show]) for show in ShownLines}


class ReportModel(Listing[ReportLine]):
    """The lines of one report that are not plainly fine."""

    LINE, REASON, TIME, OPERATION, ITEM, PATRON, DESK = (
        [column.code for column in _SHOWN].index(code)
        for code in ("line", "reason", "time", "operation", "item", "patron", "desk")
    )
    numbers = (LINE,)

    def __init__(self, look: ReferentLook) -> None:
        super().__init__()
        self._code_font: QFont = look.code
        self._grouping = Grouping.REASON
        self._years = False
        self.show_lines(())

    def show_lines(
        self,
        lines: tuple[ReportLine, ...],
        show: ShownLines = ShownLines.EXCEPTIONS,
    ) -> None:
        """Take these lines instead: no filter, in the order of their numbers."""
        self._words = ()
        self._shut = set()
        self._column, self._descending = self.LINE, False
        self._wanted = _of(show)
        self._years = several_years(line.at for line in lines)
        self.show_things(lines)

    def set_show(self, show: ShownLines) -> None:
        """List only these lines."""
        self.want(_of(show))

    def set_grouping(self, grouping: Grouping | None) -> None:
        """List lines of one reason, one borrower or one item together; ``None``: all in a row."""
        self._grouping = grouping or Grouping.REASON
        self.group(_CODES[grouping] if grouping is not None else None)

    def titles(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.title(TABLE) for column in _SHOWN)

    def cell(self, thing: ReportLine, column: int) -> str:
        """What is said of a line in a column."""
        if column == self.TIME:
            return when(thing.at, year=self._years)
        if column == self.REASON:
            return ""
        return _SHOWN[column].text(thing, TABLE) or "—"

    def cell_tip(self, thing: ReportLine, column: int) -> str:
        """The server's own words on the reason, names on codes."""
        texts = [each.text(thing, TABLE) for each in below(_SHOWN[column].code, TABLE)]
        if column != self.REASON:
            texts.insert(0, self.cell(thing, column))
        return " · ".join(filter(None, texts))

    def operation_of(self, thing: ReportLine, column: int) -> Operation | None:
        """Loans and returns in their colours."""
        return thing.operation if column == self.OPERATION else None

    def key(self, thing: ReportLine, column: int) -> Any:
        """Numbers and times by what they are, messages by their reason; then by file and line."""
        if column == self.LINE:
            return thing.line, thing.file
        if column == self.REASON:
            return f"{words.mark(thing)} {words.message(thing)}".casefold(), thing.file, thing.line
        return _SHOWN[column].sorting(thing), thing.file, thing.line

    def search_text(self, thing: ReportLine) -> str:
        """All that is known of it, put together at once: this is done for every line."""
        return " ".join(column.text(thing, TABLE) for column in _SEARCHED)

    def cell_mark(self, thing: ReportLine, column: int) -> tuple[str, Tone] | None:
        """The reason in two or three words."""
        if column != self.REASON:
            return None
        return words.mark(thing), tone(thing)

    def font(self, column: int) -> QFont | None:
        """Barcodes in letters of equal width."""
        return self._code_font if _SHOWN[column].kind is CellKind.CODE else None

    def thing_ground(self, thing: ReportLine) -> QColor | None:
        """Reddish for a line that asks for something to be done."""
        return ROSE if tone(thing) is Tone.BAD else None

    def group_key(self, heading: Heading) -> Any:
        """Groups with work first, then the larger ones."""
        return heading.tone is Tone.PLAIN, not heading.code, -heading.count

    def make_heading(self, code: str, things: Sequence[ReportLine]) -> Heading:
        """The reason, the borrower or the item, and what to do about all its lines."""
        first = things[0]
        tones = {tone(line) for line in things}
        worst = next((one for one in (Tone.BAD, Tone.LOOK) if one in tones), Tone.PLAIN)
        if self._grouping is Grouping.REASON:
            recorded = first.status is LineStatus.RECORDED
            name = words.mark(first) if recorded else words.reason_name(code)
            advice = words.what_to_do(first) if recorded else words.advice(code)
            return Heading(code, name, advice, advice, len(things), worst)
        if self._grouping is Grouping.PATRON:
            name = _("Borrower {code}").format(code=code) if code else _("Without a borrower")
            detail = next(filter(None, (line.patron_name for line in things)), "") if code else ""
        else:
            name = _("Item {code}").format(code=code) if code else _("Without an item")
            detail = next((line.title for line in things if line.title), "") if code else ""
        reasons = Counter(words.mark(line) for line in things)
        told = ", ".join(f"{reason} ({number(count)})" for reason, count in reasons.most_common(3))
        return Heading(code, name, " · ".join(filter(None, (detail, told))), "", len(things), worst)


def shape() -> Shape:
    """How the columns share the table's width."""
    least = {n: room for n, each in enumerate(_SHOWN) if (room := each.shown[TABLE].room)}
    desk = ReportModel.DESK
    return Shape(desk, least, frozenset(least) - {ReportModel.REASON}, drop=(desk,))


def _of(show: ShownLines) -> Callable[[ReportLine], bool]:
    statuses = _STATUSES[show]
    return lambda line: line.status in statuses


def _reason(line: ReportLine) -> str:
    if line.status is LineStatus.RECORDED:
        return "recorded:" + ",".join(line.notes)
    return reportview.reason_code(line)


_CODES: dict[Grouping, Callable[[ReportLine], str]] = {
    Grouping.REASON: _reason,
    Grouping.PATRON: lambda line: line.patron,
    Grouping.ITEM: lambda line: line.item,
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the panel beside the report says of the line chosen.

    Attributes:
        title: the reason as a sentence.
        why: the server's own words; empty where it said nothing else.
        advice: what to do next; may be empty.
        tone: how much it matters.
    """

    title: str
    why: str
    advice: str
    tone: Tone


def explain(line: ReportLine) -> Explanation:
    """A line in plain words."""
    title = words.why(line) or words.message(line)
    told = line.message and line.message != title
    return Explanation(
        title=title,
        why=_("The server says: “{message}”").format(message=line.message) if told else "",
        advice=words.what_to_do(line),
        tone=tone(line),
    )


def tone(line: ReportLine) -> Tone:
    """Whether the line asks for something to be done, for a look, or for nothing."""
    if line.status in (LineStatus.UNKNOWN, LineStatus.RECORDED):
        return Tone.LOOK
    return Tone.BAD if words.needs_work(line) else Tone.PLAIN
