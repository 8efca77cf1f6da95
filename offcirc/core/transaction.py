"""A loan or a return, as the desk recorded it and as a line of OffCirc.dat states it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

ITEM_WIDTH = 80
"""Width of the item barcode column of OffCirc.dat, so also the longest barcode it can hold."""

PATRON_LIMIT = 255
"""Longest patron identifier the format allows (Ex Libris prints the field as X(255))."""

BEGINNING = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[LR]"
)
"""How a line of OffCirc.dat begins: inside one, it betrays that two ran together."""


made = tuple.__new__
"""Makes a named tuple of all of its fields, in a third of the time: where millions are made."""


class Operation(StrEnum):
    """What happened to the item, as desk, journal, manifest, ledger and servers know it.

    OffCirc.dat knows two, whatever may be added here: each is written there as the one that the
    library system understands, and a manifest or journal tells which it was. Who adds one: here;
    its words in :mod:`offcirc.words` and :mod:`offcirc.desk.words.operationwords`; its card in
    :mod:`offcirc.core.barcodes.controlcards`; how it is drawn in ``desk/face/cells.py`` and
    ``desk/paper/cardpictures.py``; what servers make of it.

    Attributes:
        key: chosen at the desk by Ctrl, Alt and this letter.
        sign: beside its word.
        plain: as files for other programs name it.
        lends: the item leaves with a reader, who belongs to it; else it is here afterwards.
    """

    key: str
    sign: str
    plain: str
    lends: bool

    def __new__(
        cls, value: str, key: str = "", sign: str = "", plain: str = "", lends: bool = False
    ) -> Self:
        """One of them."""
        one = str.__new__(cls, value)
        one._value_ = value
        one.key, one.sign, one.plain, one.lends = key, sign, plain, lends
        return one

    LOAN = "L", "L", "→", "loan", True
    RETURN = "R", "R", "←", "return"
    IN_HOUSE = "H", "I", "↓", "in-house use"
    """Read here and put back: written as the return of an item that is not on loan."""
    RENEWAL = "N", "N", "↻", "renewal", True
    """Lent on to the same reader: written as a loan to the reader who has it."""

    @property
    def begins_loan(self) -> bool:
        """Whether the item leaves now: there is a due date to say, and a slip to print."""
        return self is Operation.LOAN

    @property
    def ends_loan(self) -> bool:
        """Whether the item comes back now: through the book drop perhaps, or to another library."""
        return self is Operation.RETURN

    @property
    def letter(self) -> str:
        """Column 13 of OffCirc.dat."""
        return "L" if self.lends else "R"

    @property
    def written(self) -> Operation:
        """What OffCirc.dat says that it was: a loan or a return."""
        return Operation.LOAN if self.lends else Operation.RETURN


WRITTEN = (Operation.LOAN, Operation.RETURN)
"""What a line of OffCirc.dat can say."""

OPERATIONS = {operation.value: operation for operation in Operation}
"""By their values: looked up in a third of the time that the class takes."""


class Source(StrEnum):
    """How the item barcode reached the desk."""

    SCAN = "scan"
    TYPED = "typed"
    SERIAL = "serial"


class NotRecordableError(ValueError):
    """A loan or return that OffCirc.dat has no way to state.

    Attributes:
        problem: why, as a code to be worded by :mod:`offcirc.words`.
        text: the offending barcode or identifier, as it came.
    """

    def __init__(self, problem: Problem, text: str) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.text = text


class Problem(StrEnum):
    """Why a loan or return cannot be recorded, or a line of OffCirc.dat cannot be replayed."""

    TOO_SHORT = "too-short"
    LINE_TOO_LONG = "line-too-long"
    IMPOSSIBLE_DATE = "impossible-date"
    UNKNOWN_OPERATION = "unknown-operation"
    NO_ITEM = "no-item"
    ITEM_TOO_LONG = "item-too-long"
    BLANK_IN_ITEM = "blank-in-item"
    NO_PATRON = "no-patron"
    PATRON_TOO_LONG = "patron-too-long"
    BAD_CHARACTERS = "bad-characters"
    JOINED = "joined"
    ZERO_BYTES = "zero-bytes"


class Record(NamedTuple):
    """What one line of OffCirc.dat says.

    Attributes:
        at: the desk PC's local time, without zone, to the minute.
        operation: loan or return.
        item: the item barcode.
        patron: the patron identifier; on a return it is empty (some writers fill it in).
    """

    at: datetime
    operation: Operation
    item: str
    patron: str = ""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A loan or return recorded at this desk.

    Attributes:
        id: a random UUID, the row's name for ever.
        at: when it was recorded; aware, UTC, to the millisecond.
        utc_offset: what the PC's local time was ahead of UTC then, in minutes. Kept because
            OffCirc.dat is in local time and one hour of every autumn happens twice.
        operation: loan or return.
        item: the item barcode.
        patron: the patron identifier; empty on a return.
        raw: the characters as they came from scanner or keyboard, before any cleaning.
        source: scanner as keyboard, hand, or serial scanner.
        stated: the minute at which it happened, naive local time, where somebody said so: what lay
            in the book drop came back before it was scanned.
    """

    id: str
    at: datetime
    utc_offset: int
    operation: Operation
    item: str
    patron: str
    raw: str
    source: Source
    stated: datetime | None = None

    @property
    def local(self) -> datetime:
        """The desk PC's local time at recording, without zone, to the millisecond."""
        return self.at.replace(tzinfo=None) + timedelta(minutes=self.utc_offset)

    @property
    def told(self) -> datetime:
        """When it happened: as it was stated, else when it was recorded; local, without zone."""
        return self.stated or self.local

    @property
    def act(self) -> str:
        """What it was, where OffCirc.dat has no letter for that; empty otherwise."""
        return "" if self.operation in WRITTEN else self.operation.value

    @property
    def stated_minute(self) -> str:
        """The minute that was stated, in ISO form; empty if none was."""
        return "" if self.stated is None else self.stated.isoformat(timespec="minutes")

    @property
    def record(self) -> Record:
        """The transaction as OffCirc.dat states it: local time, to the minute."""
        minute = self.told.replace(second=0, microsecond=0)
        return Record(minute, self.operation.written, self.item, self.patron)


def record_now(
    now: datetime,
    operation: Operation,
    item: str,
    patron: str = "",
    *,
    raw: str | None = None,
    source: Source = Source.SCAN,
    stated: datetime | None = None,
) -> Transaction:
    """Make the transaction of an event that happens at ``now``.

    Args:
        now: the moment, aware, in the desk PC's own time zone (its offset is kept).
        operation: loan or return.
        item: the item barcode, blanks around it already removed.
        patron: the patron identifier; ignored on a return.
        raw: the characters as they came; the item barcode when not given.
        source: how they came.
        stated: the minute to be stated instead, naive local time.

    Raises:
        NotRecordableError: the item or patron cannot be stated in OffCirc.dat.
        ValueError: ``now`` is naive.
    """
    offset = now.utcoffset()
    if offset is None:
        raise ValueError("the moment of a transaction needs its UTC offset")
    if not operation.lends:
        patron = ""
    check_recordable(operation, item, patron)
    import uuid  # noqa: PLC0415 - 2 ms that the window's first painting can do without

    at = now.astimezone(UTC)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    return Transaction(
        id=str(uuid.uuid4()),
        at=at,
        utc_offset=round(offset.total_seconds() / 60),
        operation=operation,
        item=item,
        patron=patron,
        raw=item if raw is None else raw,
        source=source,
        stated=stated,
    )


def check_recordable(operation: Operation, item: str, patron: str) -> None:
    """Check that OffCirc.dat can state this loan or return so that it reads back the same.

    Raises:
        NotRecordableError: the first thing that is wrong.
    """
    if not item.strip():
        raise NotRecordableError(Problem.NO_ITEM, item)
    if not _printable(item):
        raise NotRecordableError(Problem.BAD_CHARACTERS, item)
    if " " in item:
        raise NotRecordableError(Problem.BLANK_IN_ITEM, item)
    if len(item) > ITEM_WIDTH:
        raise NotRecordableError(Problem.ITEM_TOO_LONG, item)
    if BEGINNING.search(item):
        raise NotRecordableError(Problem.JOINED, item)
    if not operation.lends:
        return
    check_patron(patron)


def check_patron(patron: str) -> None:
    """Check that OffCirc.dat can state this patron identifier so that it reads back the same.

    Raises:
        NotRecordableError: it cannot.
    """
    if not patron.strip():
        raise NotRecordableError(Problem.NO_PATRON, patron)
    if not _printable(patron) or patron != patron.strip():
        raise NotRecordableError(Problem.BAD_CHARACTERS, patron)
    if len(patron) > PATRON_LIMIT:
        raise NotRecordableError(Problem.PATRON_TOO_LONG, patron)
    if "  " in patron or BEGINNING.search(patron):
        raise NotRecordableError(Problem.JOINED, patron)


def _printable(text: str) -> bool:
    return text.isascii() and text.isprintable()
