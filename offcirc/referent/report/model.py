"""The lines of a report as a table: number and reason first, then what the file knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from PySide6.QtGui import QColor, QFont

from offcirc import words
from offcirc.core.transaction import Operation
from offcirc.i18n import _, pgettext
from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.figures import number, several_years, when
from offcirc.referent.kit.listing import Listing
from offcirc.referent.kit.look import ROSE, ReferentLook
from offcirc.referent.report import refusal
from offcirc.upload.report import reportview
from offcirc.upload.report import words as upload_words
from offcirc.upload.report.report import Grouping, LineStatus, ReportLine

_NEVER = datetime.min  # noqa: DTZ901 - the files' times have no zone


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

    LINE, REASON, TIME, OPERATION, ITEM, PATRON, DESK = range(7)
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
        return (
            _("Line"),
            pgettext("refusal", "Reason"),
            _("Time"),
            _("Operation"),
            _("Item"),
            _("Borrower"),
            _("Desk"),
        )

    def cell(self, thing: ReportLine, column: int) -> str:
        """What is said of a line in a column."""
        if column == self.TIME:
            return when(thing.at, year=self._years)
        return _CELLS[column](thing)

    def cell_tip(self, thing: ReportLine, column: int) -> str:
        """The server's own words on the reason, names on codes."""
        texts = {
            self.LINE: thing.file,
            self.REASON: refusal.message(thing),
            self.ITEM: " · ".join(filter(None, (thing.item, thing.title))),
            self.PATRON: " · ".join(filter(None, (thing.patron, thing.reader))),
        }
        return texts.get(column) or self.cell(thing, column)

    def operation_of(self, thing: ReportLine, column: int) -> Operation | None:
        """Loans and returns in their colours."""
        return thing.operation if column == self.OPERATION else None

    def key(self, thing: ReportLine, column: int) -> Any:
        """Numbers and times by what they are, messages by their reason; then by file and line."""
        if column == self.LINE:
            return thing.line, thing.file
        if column == self.TIME:
            return thing.exact or thing.at or _NEVER, thing.file, thing.line
        text = self.cell(thing, column)
        if column == self.REASON:
            text = f"{refusal.mark(thing)} {refusal.message(thing)}"
        return text.casefold(), thing.file, thing.line

    def search_text(self, thing: ReportLine) -> str:
        """All that is known of it, put together at once: this is done for every line."""
        moment = words.when(thing.at) if thing.at is not None else ""
        texts = [refusal.mark(thing), refusal.message(thing), moment, thing.title, thing.reader]
        texts += [thing.file, *(told(thing) for told in _CELLS.values())]
        return " ".join(texts)

    def cell_mark(self, thing: ReportLine, column: int) -> tuple[str, Tone] | None:
        """The reason in two or three words."""
        if column != self.REASON:
            return None
        return refusal.mark(thing), refusal.tone(thing)

    def font(self, column: int) -> QFont | None:
        """Barcodes in letters of equal width."""
        return self._code_font if column in (self.ITEM, self.PATRON) else None

    def thing_ground(self, thing: ReportLine) -> QColor | None:
        """Reddish for a line that asks for something to be done."""
        return ROSE if refusal.tone(thing) is Tone.BAD else None

    def group_key(self, heading: Heading) -> Any:
        """Groups with work first, then the larger ones."""
        return heading.tone is Tone.PLAIN, not heading.code, -heading.count

    def make_heading(self, code: str, things: Sequence[ReportLine]) -> Heading:
        """The reason, the borrower or the item, and what to do about all its lines."""
        first = things[0]
        tones = {refusal.tone(line) for line in things}
        tone = next((tone for tone in (Tone.BAD, Tone.LOOK) if tone in tones), Tone.PLAIN)
        if self._grouping is Grouping.REASON:
            recorded = first.status is LineStatus.RECORDED
            name = refusal.mark(first) if recorded else upload_words.reason_name(code)
            advice = upload_words.what_to_do(first) if recorded else upload_words.advice(code)
            return Heading(code, name, advice, advice, len(things), tone)
        if self._grouping is Grouping.READER:
            name = _("Borrower {code}").format(code=code) if code else _("Without a borrower")
            detail = next((line.reader for line in things if line.reader), "") if code else ""
        else:
            name = _("Item {code}").format(code=code) if code else _("Without an item")
            detail = next((line.title for line in things if line.title), "") if code else ""
        reasons = Counter(refusal.mark(line) for line in things)
        told = ", ".join(f"{reason} ({number(count)})" for reason, count in reasons.most_common(3))
        return Heading(code, name, " · ".join(filter(None, (detail, told))), "", len(things), tone)


def _of(show: ShownLines) -> Callable[[ReportLine], bool]:
    statuses = _STATUSES[show]
    return lambda line: line.status in statuses


def _reason(line: ReportLine) -> str:
    if line.status is LineStatus.RECORDED:
        return "recorded:" + ",".join(line.notes)
    return reportview.reason_code(line)


_CODES: dict[Grouping, Callable[[ReportLine], str]] = {
    Grouping.REASON: _reason,
    Grouping.READER: lambda line: line.patron,
    Grouping.ITEM: lambda line: line.item,
}

_CELLS: dict[int, Callable[[ReportLine], str]] = {
    ReportModel.LINE: lambda line: str(line.line),
    ReportModel.REASON: lambda line: "",
    ReportModel.OPERATION: lambda line: (
        words.operation(line.operation) if line.operation is not None else "—"
    ),
    ReportModel.ITEM: lambda line: line.item or "—",
    ReportModel.PATRON: lambda line: line.patron or "—",
    ReportModel.DESK: upload_words.origin,
}
