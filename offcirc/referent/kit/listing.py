"""Lists that are filtered, sorted and grouped: the model behind every long table of the window.

Done here and not by a proxy of Qt's, which would call back for every comparison and stand still
for seconds on a list of tens of thousands of rows. A cell's text is made when it is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from offcirc.core.transaction import Operation
from offcirc.i18n import _, ngettext
from offcirc.referent.kit.cells import Heading, Tone
from offcirc.referent.kit.figures import number
from offcirc.referent.kit.look import operation_ink, operation_sign
from offcirc.referent.kit.rows import RowsModel

T = TypeVar("T")


class Listing(RowsModel["T | Heading"], Generic[T]):
    """Things of one kind, one a row, below the headings of their groups if they are grouped.

    What differs between the lists is in the methods below; all of them are given a thing, never a
    row.
    """

    def __init__(self) -> None:
        super().__init__()
        self._things: tuple[T, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._wanted: Callable[[T], bool] | None = None
        self._words: tuple[str, ...] = ()
        self._code: Callable[[T], str] | None = None
        self._shut: set[str] = set()
        self._column = -1
        self._descending = False

    # -- what a list is made of ----------------------------------------------------------------

    def cell(self, thing: T, column: int) -> str:
        """What is said of a thing in a column."""
        raise NotImplementedError

    def cell_mark(self, thing: T, column: int) -> tuple[str, Tone] | None:
        """The coloured mark in front of it."""
        return None

    def cell_tip(self, thing: T, column: int) -> str:
        """What is said when the pointer rests there."""
        return self.cell(thing, column)

    def operation_of(self, thing: T, column: int) -> Operation | None:
        """The operation that a cell names, to be drawn with its arrow and colour."""
        return None

    def thing_ground(self, thing: T) -> QColor | None:
        """The colour behind a thing, when it is not white."""
        return None

    def key(self, thing: T, column: int) -> Any:
        """What a column is sorted by; its text, small and capital letters alike, if not told."""
        return self.cell(thing, column).casefold()

    def search_text(self, thing: T) -> str:
        """All in which words are looked for; marks and cells if not told."""
        columns = range(len(self.titles()))
        marks = [mark[0] for column in columns if (mark := self.cell_mark(thing, column))]
        return " ".join([*marks, *(self.cell(thing, column) for column in columns)])

    def make_heading(self, code: str, things: Sequence[T]) -> Heading:
        """The heading of a group."""
        raise NotImplementedError

    def group_key(self, heading: Heading) -> Any:
        """What the groups are sorted by; the order of their first things if not told."""
        return 0

    # -- what is asked for ---------------------------------------------------------------------

    @property
    def things(self) -> tuple[T, ...]:
        """All of them, whatever is listed."""
        return self._things

    @property
    def listed(self) -> list[T]:
        """Those that are listed; things of closed groups are not."""
        return [row for row in self._rows if not isinstance(row, Heading)]

    @property
    def is_grouped(self) -> bool:
        """Whether there are headings."""
        return self._code is not None

    def show_things(self, things: Iterable[T]) -> None:
        """List these instead; what is wanted, and the order, stay."""
        self._things = things if isinstance(things, tuple) else tuple(things)
        self._texts = ()
        self._apply()

    def know_texts(self, things: tuple[T, ...], texts: tuple[str, ...]) -> None:
        """Take what :func:`search_texts` made of the things, if they are still the same."""
        if things is self._things:
            self._texts = texts

    def want(self, wanted: Callable[[T], bool] | None) -> None:
        """List only things that a test lets pass; ``None`` for all."""
        self._wanted = wanted
        self._apply()

    def set_words(self, text: str) -> None:
        """List only things that hold every word of a text, in any column."""
        words = tuple(text.casefold().split())
        if words != self._words:
            self._words = words
            self._apply()

    def group(self, code: Callable[[T], str] | None) -> None:
        """List things of the same code together, below a heading; ``None`` for no groups."""
        self._code = code
        self._shut = set()
        self._apply()

    def toggle(self, row: int) -> None:
        """Open or close the group of a heading."""
        heading = self._rows[row]
        if isinstance(heading, Heading):
            self._shut ^= {heading.code}
            self._apply()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the things in order of a column; equal ones, and all for -1, as they were given."""
        self._column = column
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._apply()

    def row_of(self, thing: T | Heading | None) -> int:
        """The row of a thing or a heading; -1 when it is not listed."""
        if isinstance(thing, Heading):
            code = thing.code
            rows = enumerate(self._rows)
            return next((n for n, row in rows if isinstance(row, Heading) and row.code == code), -1)
        return next((n for n, row in enumerate(self._rows) if row is thing), -1)

    def _apply(self) -> None:
        wanted, column = self._wanted, self._column
        chosen = [thing for thing in self._matching() if wanted is None or wanted(thing)]
        if column >= 0:
            chosen.sort(key=lambda thing: self.key(thing, column), reverse=self._descending)
        rows: list[T | Heading] = list(chosen)
        self.show_rows(rows if self._code is None else self._grouped(chosen, self._code))

    def _grouped(self, things: list[T], code_of: Callable[[T], str]) -> list[T | Heading]:
        found: dict[str, list[T]] = {}
        for thing in things:
            found.setdefault(code_of(thing), []).append(thing)
        made = [(self.make_heading(code, own), own) for code, own in found.items()]
        made.sort(key=lambda pair: self.group_key(pair[0]))
        rows: list[T | Heading] = []
        for heading, own in made:
            opened = heading.code not in self._shut
            rows.append(heading if opened else replace(heading, opened=False))
            rows += own if opened else []
        return rows

    def _matching(self) -> Iterable[T]:
        if not self._words:
            return self._things
        if len(self._texts) != len(self._things):
            self._texts = search_texts(self, self._things)
        pairs = zip(self._things, self._texts, strict=True)
        return [thing for thing, text in pairs if all(word in text for word in self._words)]

    # -- what the table asks -------------------------------------------------------------------

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        thing = self._rows[row]
        if isinstance(thing, Heading):
            return f"{thing.name} ({number(thing.count)})" if column == 0 else ""
        return self.cell(thing, column)

    def tip(self, row: int, column: int) -> str:
        """What a cell says when the pointer rests on it."""
        thing = self._rows[row]
        return thing.advice if isinstance(thing, Heading) else self.cell_tip(thing, column)

    def heading(self, row: int) -> Heading | None:
        """What a row is that stands above a group."""
        thing = self._rows[row]
        return thing if isinstance(thing, Heading) else None

    def mark(self, row: int, column: int) -> tuple[str, Tone] | None:
        """The coloured mark in front of a cell's text."""
        thing = self._rows[row]
        return None if isinstance(thing, Heading) else self.cell_mark(thing, column)

    def ink(self, row: int, column: int) -> QColor | None:
        """Loans and returns in their colours."""
        return operation_ink(self._operation(row, column))

    def sign(self, row: int, column: int) -> str:
        """Which way the item went."""
        return operation_sign(self._operation(row, column))

    def _operation(self, row: int, column: int) -> Operation | None:
        thing = self._rows[row]
        return None if isinstance(thing, Heading) else self.operation_of(thing, column)

    def ground(self, row: int) -> QColor | None:
        """The colour behind a row, when it is not white."""
        thing = self._rows[row]
        return None if isinstance(thing, Heading) else self.thing_ground(thing)

    def _spoken(self, row: int, column: int) -> str:
        thing = self._rows[row]
        if not isinstance(thing, Heading):
            return super()._spoken(row, column)
        state = _("group, open") if thing.opened else _("group, closed")
        lines = ngettext("{count} line", "{count} lines", thing.count)
        return f"{thing.name}, {lines.format(count=number(thing.count))}, {state}"


def search_texts(listing: Listing[T], things: Iterable[T]) -> tuple[str, ...]:
    """What to look for words in; takes a while for many things, and may run in any thread."""
    return tuple(listing.search_text(thing).casefold() for thing in things)
