"""From the rows of a list to loans and returns: what is taken, and why what is not.

A row is never half taken, and nothing is guessed that a wrong guess would record falsely: what a
list does not say (day, time, loan or return) is asked for, once for the whole list. A number that
a spreadsheet has rounded or shortened is refused: the barcode is read again from the item.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum

from offcirc.core.barcodes.rules import BarcodeKind, BarcodeOutcome, RuleSet, judge
from offcirc.core.transaction import (
    NotRecordableError,
    Operation,
    Problem,
    Record,
    check_recordable,
)
from offcirc.upload.lists import columns, moments
from offcirc.upload.lists.columns import TakenColumn
from offcirc.upload.lists.moments import WrittenMoment
from offcirc.upload.lists.reading import ColumnUse, ListShape, ListSheet


class ListProblem(StrEnum):
    """Why a row of a list is not taken."""

    ROUNDED = "rounded"
    """A spreadsheet shows it as 3.7E+10: its last digits are lost."""
    TOO_MANY_DIGITS = "too-many-digits"
    """A spreadsheet keeps fifteen digits of a number, and this has more."""
    LOST_ZEROS = "lost-zeros"
    SWAPPED = "swapped"
    """The item column holds a card and the reader column an item."""
    CARD_AS_ITEM = "card-as-item"
    NO_ITEM = "no-item"
    NO_PATRON = "no-patron"
    BAD_MOMENT = "bad-moment"
    NO_MOMENT = "no-moment"
    IN_FUTURE = "in-future"
    UNKNOWN_OPERATION = "unknown-operation"
    NOT_UNDERSTOOD = "not-understood"
    NOT_RECORDABLE = "not-recordable"
    """OffCirc.dat cannot hold it; ``detail`` is the :class:`Problem`."""


class ListQuestion(StrEnum):
    """What the list does not say and a person has to."""

    DAY = "day"
    TIME = "time"
    OPERATION = "operation"
    COLUMNS = "columns"


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of the whole list.

    Attributes:
        day: of rows that tell none.
        clock: the time of rows that tell none.
        operation: of rows that tell none; ``None``: as the list has it (a row with a reader is a
            loan, one without a return).
        uses: what the columns are; empty: as they look.
        corrected: texts put right, by row and column, from 0.
    """

    day: date | None = None
    clock: time | None = None
    operation: Operation | None = None
    uses: tuple[ColumnUse, ...] = ()
    corrected: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListLine:
    """What became of a row, or of one barcode in it.

    Attributes:
        row: its number in the list, from 1.
        record: the loan or return; ``None`` when it is not taken.
        problem: why not; ``None`` also for headings, words between and what is there twice.
        text: the cell that the problem is about.
        detail: with ``LOST_ZEROS`` what it perhaps was; with ``NOT_RECORDABLE`` the problem.
        twice: the row that says the same, from 1; 0: none.
        place: the column of ``text``, from 0.
    """

    row: int
    record: Record | None = None
    problem: ListProblem | None = None
    text: str = ""
    detail: str = ""
    twice: int = 0
    place: int = 0


@dataclass(frozen=True, slots=True)
class Understanding:
    """How a list was understood.

    Attributes:
        columns: what its columns are; empty when it runs on in lines.
        lines: what became of its rows, in their order.
        questions: what a person must say before anything can be taken.
        american: whether days were read month first.
    """

    columns: tuple[TakenColumn, ...]
    lines: tuple[ListLine, ...]
    questions: tuple[ListQuestion, ...] = ()
    american: bool = False

    @property
    def records(self) -> list[Record]:
        """What is taken, in the order of the list."""
        return [line.record for line in self.lines if line.record is not None]

    @property
    def problems(self) -> list[ListLine]:
        """Rows that are not taken though they say something."""
        return [line for line in self.lines if line.problem is not None]

    def count(self, operation: Operation) -> int:
        """How many are taken that are written as loans, or as returns."""
        return sum(record.operation.written is operation for record in self.records)


_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,3}")
_EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet keeps; the others become zeros."""
_ZEROS = 6


def understand(
    sheet: ListSheet, rules: RuleSet, now: datetime, told: Told | None = None
) -> Understanding:
    """What a list says.

    Args:
        sheet: the list.
        rules: the library's barcode rules, as a help.
        now: the present, naive local time, like that of the lines.
        told: what a person says of it.
    """
    told = told or Told()
    if sheet.shape is ListShape.RUNNING and not told.uses:
        found: tuple[TakenColumn, ...] = ()
        entries = list(_running(sheet, rules, told))
    else:
        found = (
            columns.recount(sheet, told.uses, rules) if told.uses else columns.guess(sheet, rules)
        )
        if ColumnUse.ITEM not in [column.use for column in found]:
            return Understanding(found, (), (ListQuestion.COLUMNS,))
        entries = list(_table(sheet, found))
    whens = [entry.when for entry in entries if entry.when]
    american = moments.month_first(whens)
    reader = _Reader(sheet, rules, now, told, american=american, entries=entries)
    lines = _once(reader.line(entry) for entry in entries)
    return Understanding(found, tuple(lines), reader.questions(), american)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row's cells by what they are, before they are judged."""

    row: int
    item: str = ""
    patron: str = ""
    when: str = ""
    operation: Operation | str | None = None
    place: int = 0
    """The column of the item, from 0; of the patron in ``patron_place``."""
    patron_place: int = 0
    when_place: int = 0
    silent: bool = False
    """A heading, or a word that holds for the rows below."""
    odd: str = ""
    """Text that is nothing of all this."""


def _table(sheet: ListSheet, found: Sequence[TakenColumn]) -> Iterator[_Entry]:
    head = columns.heading_row(sheet)
    places: dict[ColumnUse, list[int]] = {}
    for at, column in enumerate(found):
        places.setdefault(column.use, []).append(at)
    section: Operation | None = None
    for number, row in enumerate(sheet.rows):
        if not any(row):
            continue
        if number == head:
            yield _Entry(number, silent=True)
            continue
        filled = [cell for cell in row if cell]
        if len(filled) == 1 and (word := columns.operation_word(filled[0].rstrip(" :"))):
            section = word
            yield _Entry(number, silent=True)
            continue

        def cells(use: ColumnUse, row: Sequence[str] = row) -> list[tuple[int, str]]:
            return [(at, row[at]) for at in places.get(use, ()) if at < len(row) and row[at]]

        patron = (cells(ColumnUse.PATRON) or [(0, "")])[0]
        said = " ".join(text for _at, text in cells(ColumnUse.OPERATION))
        base = _Entry(
            number,
            patron=patron[1],
            patron_place=patron[0],
            when=" ".join(text for _at, text in cells(ColumnUse.WHEN)),
            when_place=places.get(ColumnUse.WHEN, [0])[0],
            operation=(columns.operation_word(said) or said) if said else section,
        )
        items = cells(ColumnUse.ITEM) or [(places[ColumnUse.ITEM][0], "")]
        for at, item in items:
            yield replace(base, item=item, place=at)


def _running(sheet: ListSheet, rules: RuleSet, told: Told) -> Iterator[_Entry]:
    """A list in lines: words that hold for what follows, readers, items."""
    section, patron, when = told.operation, "", ""
    fresh = True
    for number, row in enumerate(sheet.rows):
        text = told.corrected.get((number, 0), " ".join(filter(None, row))).strip(" \t-*•·")
        if not text:
            fresh = True
            continue
        word = columns.operation_word(text.rstrip(" :.-=").strip())
        if word is not None:
            section, patron, fresh = word, "", True
            yield _Entry(number, silent=True)
            continue
        if moments.written(text.rstrip(" :")) is not None:
            when = text.rstrip(" :")
            yield _Entry(number, silent=True)
            continue
        use, rest = columns.label(text)
        tokens = [token for token in re.split(r"[\s,;|]+", rest) if token]
        if not all(columns.looks_like_barcode(token) for token in tokens) or not tokens:
            word = columns.announced(text)
            section, fresh = word or section, fresh or word is not None
            # Greetings and the like: only what holds a number may be a barcode gone wrong.
            silent = word is not None or not any(map(str.isdigit, text))
            yield _Entry(number, silent=silent, odd="" if silent else text)
            continue
        first, others = tokens[0], tokens[1:]
        kinds = judge(first, rules).kinds
        is_card = use is ColumnUse.PATRON or (
            use is ColumnUse.NOTHING
            and section is not Operation.RETURN
            and (kinds == {BarcodeKind.PATRON} or (not kinds and section and fresh))
        )
        fresh = False
        if is_card:
            patron = first
            if not others:
                yield _Entry(number, silent=True)
            tokens = others
        if section is Operation.RETURN:
            patron = ""
        for token in tokens:
            yield _Entry(number, token, patron, when, section)


class _Reader:
    """Judges the entries of one list."""

    def __init__(
        self,
        sheet: ListSheet,
        rules: RuleSet,
        now: datetime,
        told: Told,
        *,
        american: bool,
        entries: Sequence[_Entry],
    ) -> None:
        self._sheet = sheet
        self._rules = rules
        self._now = now
        self._told = told
        self._american = american
        self._missing: Counter[ListQuestion] = Counter()
        # A spreadsheet writes midnight behind each day that has no time.
        found = [moments.written(entry.when, american=american) for entry in entries]
        clocks = {one.clock for one in found if one is not None}
        self._midnight = clocks == {time()}
        self._patrons = any(entry.patron for entry in entries)
        self._lengths = {
            kind: columns.usual_length([getattr(entry, kind.value) for entry in entries])
            for kind in BarcodeKind
        }

    def questions(self) -> tuple[ListQuestion, ...]:
        """What has to be said before these lines can be taken."""
        return tuple(question for question in ListQuestion if self._missing[question])

    def line(self, entry: _Entry) -> ListLine:
        """What becomes of an entry."""
        row = entry.row + 1
        if entry.silent or entry.odd:
            odd = ListProblem.NOT_UNDERSTOOD if entry.odd else None
            return ListLine(row, problem=odd, text=entry.odd)
        item = self._put_right(entry.row, entry.place, entry.item)
        patron = self._put_right(entry.row, entry.patron_place, entry.patron)
        operation, at = self._operation(entry), self._moment(entry)
        wrong = self._wrong(entry, item, patron)
        if wrong is not None:
            return wrong
        if isinstance(at, ListProblem):
            return ListLine(row, problem=at, text=entry.when, place=entry.when_place)
        if operation is None or at is None:
            return ListLine(row)  # once it is known what to ask, all of it is read again
        if operation.lends and not patron:
            return ListLine(row, problem=ListProblem.NO_PATRON, text=item, place=entry.place)
        return self._recordable(row, at, operation, item, patron)

    def _wrong(self, entry: _Entry, item: str, patron: str) -> ListLine | None:
        """What hinders taking it, whatever the day."""
        row = entry.row + 1
        if isinstance(entry.operation, str) and not isinstance(entry.operation, Operation):
            return ListLine(row, problem=ListProblem.UNKNOWN_OPERATION, text=entry.operation)
        spoilt = self._spoilt(entry.row, entry.place, item, BarcodeKind.ITEM)
        if spoilt is None and patron:
            spoilt = self._spoilt(entry.row, entry.patron_place, patron, BarcodeKind.PATRON)
        if spoilt is not None:
            return spoilt
        kind = self._wrong_kind(item, patron)
        return ListLine(row, problem=kind, text=item, place=entry.place) if kind else None

    def _recordable(
        self, row: int, at: datetime, operation: Operation, item: str, patron: str
    ) -> ListLine:
        item = judge(item, self._rules).verdict(BarcodeKind.ITEM).text
        patron = judge(patron, self._rules).verdict(BarcodeKind.PATRON).text if patron else ""
        patron = patron if operation.lends else ""
        try:
            check_recordable(operation, item, patron)
        except NotRecordableError as error:
            problem = (
                ListProblem.NO_ITEM
                if error.problem is Problem.NO_ITEM
                else ListProblem.NOT_RECORDABLE
            )
            return ListLine(row, problem=problem, text=error.text, detail=error.problem.value)
        return ListLine(row, Record(at, operation, item, patron))

    def _put_right(self, row: int, place: int, text: str) -> str:
        return self._told.corrected.get((row, place), text).strip()

    def _operation(self, entry: _Entry) -> Operation | None:
        if isinstance(entry.operation, Operation):
            return entry.operation
        if self._told.operation is not None:
            return self._told.operation
        if entry.patron:
            return Operation.LOAN
        if self._patrons and self._sheet.shape is ListShape.TABLE:
            return Operation.RETURN
        if entry.operation is None:
            self._missing[ListQuestion.OPERATION] += 1
        return None

    def _moment(self, entry: _Entry) -> datetime | ListProblem | None:
        when = self._put_right(entry.row, entry.when_place, entry.when) if entry.when else ""
        found = moments.written(when, american=self._american) if when else None
        if when and found is None:
            return ListProblem.BAD_MOMENT
        found = found or WrittenMoment()
        day = found.day or self._told.day
        clock = self._told.clock if found.clock is None or self._midnight else found.clock
        if day is None:
            self._missing[ListQuestion.DAY] += 1
        if clock is None:
            self._missing[ListQuestion.TIME] += 1
        if day is None or clock is None:
            return None
        at = moments.whole(day, clock)
        return ListProblem.IN_FUTURE if at > self._now else at

    def _spoilt(self, at: int, place: int, text: str, kind: BarcodeKind) -> ListLine | None:
        """What a spreadsheet has done to a number."""
        found = None
        detail = ""
        kept_as_number = (at, place) in self._sheet.numbers
        corrected = (at, place) in self._told.corrected
        if _ROUNDED.fullmatch(text) and judge(text, self._rules).match(kind) is None:
            found = ListProblem.ROUNDED
        elif kept_as_number and not corrected and len(text.lstrip("-")) > _EXACT_DIGITS:
            found = ListProblem.TOO_MANY_DIGITS
        elif not corrected and (detail := self._with_zeros(text, kind)):
            found = ListProblem.LOST_ZEROS
        if found is None:
            return None
        return ListLine(at + 1, problem=found, text=text, detail=detail, place=place)

    def _with_zeros(self, text: str, kind: BarcodeKind) -> str:
        """What it would be with the zeros that a spreadsheet took from its head; empty: nothing."""
        if not text.isdecimal() or text.startswith("0"):
            return ""
        if self._rules.of(kind):
            if judge(text, self._rules).kinds:
                return ""
            longer = [("0" * count) + text for count in range(1, _ZEROS + 1)]
            fitting = [one for one in longer if judge(one, self._rules).kinds == {kind}]
            return fitting[0] if fitting else ""
        usual = self._lengths[kind]
        return text.rjust(usual, "0") if usual - _ZEROS <= len(text) < usual else ""

    def _wrong_kind(self, item: str, patron: str) -> ListProblem | None:
        verdict = judge(item, self._rules).verdict(BarcodeKind.ITEM)
        if verdict.outcome is not BarcodeOutcome.OTHER_FIELD:
            return None
        other = judge(patron, self._rules).verdict(BarcodeKind.PATRON) if patron else None
        if other is not None and other.outcome is BarcodeOutcome.OTHER_FIELD:
            return ListProblem.SWAPPED
        return ListProblem.CARD_AS_ITEM


def _once(lines: Iterator[ListLine]) -> Iterator[ListLine]:
    """The lines; one that says the very same as the one before it about its item is taken once.

    Of an item lent, returned and lent again within the one minute that the whole list was given,
    the second loan is another one.
    """
    last: dict[str, ListLine] = {}
    for line in lines:
        record = line.record
        before = last.get(record.item) if record is not None else None
        if record is None:
            yield line
        elif before is not None and before.record == record:
            yield replace(line, record=None, twice=before.row)
        else:
            last[record.item] = line
            yield line
