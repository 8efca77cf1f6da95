"""Which lines of a report are looked at, and in what order: sort, filter, narrow.

Pure functions on the model; the window and the command line choose by the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from offcirc import words as core_words
from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.upload.report import columns, words
from offcirc.upload.report.report import JobReport, LineStatus, ReportLine
from offcirc.upload.report.reportview import reason_code

_SAME_FOR_ALL = ("why", "advice")
"""Columns that say the same of all lines of a reason; nobody looks for their words."""
_NEVER = datetime.min  # noqa: DTZ901 - the files' times have no zone


class By(StrEnum):
    """What lines are put in order of."""

    ORDER = "order"
    """As they were uploaded."""
    LINE = "line"
    """File by file, line by line."""
    TIME = "time"
    STATUS = "status"
    REASON = "reason"
    OPERATION = "operation"
    ITEM = "item"
    TITLE = "title"
    READER = "reader"
    DESK = "desk"
    MESSAGE = "message"


_KEYS: dict[By, Callable[[ReportLine], Any]] = {
    By.LINE: lambda line: (line.file, line.line),
    By.TIME: lambda line: line.exact or line.at or _NEVER,
    By.STATUS: lambda line: list(LineStatus).index(line.status),
    By.REASON: lambda line: words.mark(line).casefold(),
    By.OPERATION: lambda line: line.operation or "",
    By.ITEM: lambda line: line.item.casefold(),
    By.TITLE: lambda line: line.title.casefold(),
    By.READER: lambda line: (line.patron.casefold(), line.reader.casefold()),
    By.DESK: lambda line: words.origin(line).casefold(),
    By.MESSAGE: lambda line: line.message.casefold(),
}


def arranged(
    lines: Iterable[ReportLine], by: By = By.ORDER, *, descending: bool = False
) -> list[ReportLine]:
    """Lines in order; equal ones stay as they are, whichever way round."""
    if by is By.ORDER:
        found = list(lines)
        return found[::-1] if descending else found
    return sorted(lines, key=_KEYS[by], reverse=descending)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which lines are wanted; an empty part wants all.

    Attributes:
        text: every word of it must stand somewhere in the line, in whatever case.
        statuses: what became of it.
        reasons: codes of :func:`offcirc.upload.report.reportview.reason_code`.
        desks: as :func:`offcirc.upload.report.words.origin` names them.
        operations: loans or returns.
    """

    text: str = ""
    statuses: tuple[LineStatus, ...] = ()
    reasons: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    operations: tuple[Operation, ...] = ()

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return bool(
            self.text.split() or self.statuses or self.reasons or self.desks or self.operations
        )


def search_texts(lines: Iterable[ReportLine]) -> list[str]:
    """What the words of a :class:`Choice` are looked for in, line by line."""
    searched = [column for column in columns.COLUMNS if column.code not in _SAME_FOR_ALL]
    return [" ".join(column.text(line) for column in searched).casefold() for line in lines]


def chosen(
    lines: Sequence[ReportLine], choice: Choice, texts: Sequence[str] | None = None
) -> list[ReportLine]:
    """The lines that are wanted, in their order.

    Args:
        lines: all of them.
        choice: what is wanted.
        texts: of :func:`search_texts`, for those who ask again and again.
    """
    wanted = choice.text.casefold().split()
    if wanted:
        texts = search_texts(lines) if texts is None else texts
        pairs = zip(lines, texts, strict=True)
        lines = [line for line, text in pairs if all(word in text for word in wanted)]
    return [line for line in lines if _is_wanted(line, choice)]


def narrowed(
    report: JobReport, choice: Choice, by: By = By.ORDER, *, descending: bool = False
) -> JobReport:
    """The same job with only the lines wanted, in this order; its counts stay those of the job."""
    lines = tuple(arranged(chosen(report.lines, choice), by, descending=descending))
    told = _selection(choice, len(lines), len(report.lines)) if choice else report.selection
    return replace(report, lines=lines, selection=told)


def _is_wanted(line: ReportLine, choice: Choice) -> bool:
    return (
        (not choice.statuses or line.status in choice.statuses)
        and (not choice.reasons or reason_code(line) in choice.reasons)
        and (not choice.desks or words.origin(line) in choice.desks)
        and (not choice.operations or line.operation in choice.operations)
    )


def _selection(choice: Choice, count: int, whole: int) -> str:
    parts = [
        _("“{text}”").format(text=" ".join(choice.text.split())) if choice.text.split() else "",
        *(words.line_status(status) for status in choice.statuses),
        *(words.reason_name(code) for code in choice.reasons),
        *choice.desks,
        *(core_words.operation(operation) for operation in choice.operations),
    ]
    return _("Only {count} of {whole} lines are listed here: {choice}.").format(
        count=count, whole=whole, choice=", ".join(part for part in parts if part)
    )
