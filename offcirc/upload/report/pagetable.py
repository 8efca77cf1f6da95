"""The tables of a report that is read as a page, HTML or PDF: the same columns, the same cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from offcirc.i18n import N_
from offcirc.upload.report import words
from offcirc.upload.report.columns import PAGE, CellKind, Column, Shown, below, columns_for
from offcirc.upload.report.report import Grouping, ReportLine
from offcirc.upload.report.reportview import PATRON_UNKNOWN, Group

_NOTE = Column(
    "note",
    N_("Note for the item"),
    CellKind.LONG,
    words.item_note,
    {PAGE: Shown(90, always=True)},
)
_SAID_BY_READABLE = ("time", "operation", "item", "patron")
_COMMON = {Grouping.PATRON: "patron", Grouping.ITEM: "item"}
"""What the lines of a group have in common, and its title tells."""


@dataclass(frozen=True, slots=True)
class PageColumn:
    """A column of such a table.

    Attributes:
        code: its name for programs.
        kind: what its cells hold.
        title: its title in the active language.
        room: its width on paper, in points; 0 shares what the others leave.
        column: what its cells say first.
        below: what they say below, fainter.
    """

    code: str
    kind: CellKind
    title: str
    room: float
    column: Column
    below: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class PageCell:
    """A cell: what stands in it, and what stands below, fainter."""

    column: PageColumn
    text: str
    below: tuple[str, ...]


def page_columns(
    group: Group,
    *,
    several: bool,
    without: Grouping = Grouping.REASON,
    messages: bool = True,
) -> list[PageColumn]:
    """The columns of the table of a group.

    Args:
        group: whose lines are shown.
        several: whether a line's file has to be named.
        without: by what the lines were put together, and which need not be said of each.
        messages: whether the server's words are shown, and what is to do about each line.
    """
    damaged = all(line.operation is None for line in group.lines)
    note = group.code == PATRON_UNKNOWN
    left = set(_SAID_BY_READABLE if damaged else ("raw",))
    left |= {"file"} if not several else set()
    left |= {_COMMON[without]} if group.code and without in _COMMON else set()
    left |= {"reason"} if note or group.advice or not messages else set()
    left |= {"message"} if not messages else set()
    found = columns_for(PAGE, group.lines, left)
    if note:
        found = sorted([*found, _NOTE], key=lambda column: column.shown[PAGE].rank)
    return [
        PageColumn(
            column.code,
            column.kind,
            (group.heading if column.code == "message" else "") or column.title(PAGE),
            column.shown[PAGE].room,
            column,
            tuple(below(column.code, PAGE)),
        )
        for column in found
    ]


def page_rows(
    columns: Sequence[PageColumn], lines: Sequence[ReportLine]
) -> Iterator[tuple[ReportLine, list[PageCell]]]:
    """Each line with its cells; what to do about a reason is told at its first line."""
    told: set[str] = set()
    for line in lines:
        again = line.reason in told
        told.add(line.reason)
        yield (
            line,
            [
                PageCell(
                    column,
                    column.column.text(line, PAGE),
                    tuple(
                        text
                        for each in column.below
                        if not (again and each.code == "advice")
                        if (text := each.text(line, PAGE))
                    ),
                )
                for column in columns
            ],
        )
