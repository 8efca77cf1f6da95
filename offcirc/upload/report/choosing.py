"""Which lines of a report are looked at, and in what order: sort, filter, narrow.

Pure functions on the model; the window and the command line choose by the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from offcirc import words as core_words
from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.upload.report import columns, words
from offcirc.upload.report.report import JobReport, LineStatus, ReportLine
from offcirc.upload.report.reportview import reason_code

_SAME_FOR_ALL = ("why", "advice")
"""Columns that say the same of all lines of a reason; nobody looks for their words."""
ORDER = "order"
"""Not by a column: as the lines were uploaded."""
_COLUMNS = {column.code: column for column in columns.COLUMNS}


def sortings() -> tuple[str, ...]:
    """What lines can be put in order of: as they were uploaded, or any column."""
    return ORDER, *_COLUMNS


def arranged(
    lines: Iterable[ReportLine], by: str = ORDER, *, descending: bool = False
) -> list[ReportLine]:
    """Lines in order of one of :func:`sortings`; equal ones stay as they are, either way round."""
    if by == ORDER:
        found = list(lines)
        return found[::-1] if descending else found
    return sorted(lines, key=_COLUMNS[by].sorting, reverse=descending)


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
    report: JobReport, choice: Choice, by: str = ORDER, *, descending: bool = False
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
