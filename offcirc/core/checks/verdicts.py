"""What can be found out about lines before they are sent: codes, how grave, what to do.

The form of a line alone is judged by :mod:`offcirc.core.dat.datfile`; its codes
(:class:`~offcirc.core.transaction.Problem`, :class:`~offcirc.core.dat.datline.Doubt`) are findings
too.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from offcirc.core.transaction import Record


class Code(StrEnum):
    """What was found."""

    SAME_FILE = "same-file"
    """A file with the very same content is there."""
    EARLIER_COPY = "earlier-copy"
    """A file that begins with all of its lines is there."""
    DESK_COPIED = "desk-copied"
    """Many of its lines are in another file, too."""
    CLOCK_MOVED = "clock-moved"
    """The desk's clock was moved while it recorded."""
    CLOCK_WRONG = "clock-wrong"
    """Most of its lines are in the future or very old."""

    SAME_LINE = "same-line"
    """The same line stands in another file: it is sent once."""
    ALIKE = "alike"
    """Another line says the same, and nothing tells whether it is the same one: taken for it."""
    SCANNED_TWICE = "scanned-twice"
    """The same desk has the same line twice in one minute."""
    LENT_TWICE = "lent-twice"
    """Lent to somebody else without having been returned."""
    LENT_AGAIN = "lent-again"
    """Lent to the same reader without having been returned."""
    RETURNED_TWICE = "returned-twice"
    """Returned without having been lent since."""
    NOT_ON_LOAN = "not-on-loan"
    """Returned, and the library system says that it is not on loan."""
    RETURNED_FIRST = "returned-first"
    """Returned at one desk though it was not on loan, and lent at another one soon after: likely
    the other way round, and one of the clocks was wrong."""
    UNCLEAR_ORDER = "unclear-order"
    """Nothing tells which of two lines came first."""

    SWAPPED = "swapped"
    """Item and borrower stand in each other's place."""
    PATRON_AS_ITEM = "reader-as-item"
    ITEM_AS_PATRON = "item-as-reader"
    ITEM_CHECK_DIGIT = "item-check-digit"
    PATRON_CHECK_DIGIT = "reader-check-digit"
    ITEM_FORM = "item-form"
    """No barcode of the library looks like that."""
    PATRON_FORM = "reader-form"
    ISBN = "isbn"
    """The ISBN of the cover instead of the item's barcode."""

    FUTURE = "future"
    VERY_OLD = "very-old"
    CLOSED = "closed"
    """At a time when the library is closed."""

    ITEM_UNKNOWN = "item-unknown"
    PATRON_UNKNOWN = "reader-unknown"
    PATRON_BLOCKED = "reader-blocked"
    PATRON_EXPIRED = "reader-expired"

    RECORDED_EARLIER = "recorded-earlier"
    REFUSED_EARLIER = "refused-earlier"
    OPEN_EARLIER = "open-earlier"
    """Sent or handed over by an earlier upload; what became of it is not known yet."""


class Severity(StrEnum):
    """How grave a finding is."""

    NOTE = "note"
    """Good to know; as a rule nothing is wrong."""
    WARNING = "warning"
    """The line can be sent, but is likely wrong or likely to be refused."""
    ERROR = "error"
    """The line cannot be sent."""


class Act(StrEnum):
    """What the referent might do."""

    NONE = "none"
    LOOK = "look"
    """Look at the lines around it, or ask the desk."""
    CORRECT = "correct"
    SWAP = "swap"
    HOLD = "hold"
    DROP = "drop"
    CHOOSE = "choose"
    """Say which of the two lines came first."""
    CLOCK = "clock"
    """Say how wrong the desk's clock was."""


class Finding(NamedTuple):
    """Something found about a line, or about a file.

    Attributes:
        code: what; one of :class:`Code`, ``Problem`` or ``Doubt``.
        severity: how grave.
        file: the index of its file.
        number: the line's number there; 0 when it is about the whole file.
        key: the line's key, for a decision about it; of a file, its mark.
        other_file: the index of the other line's file; -1 when there is none.
        other_number: that line's number; 0 when the other one is a file, or there is none.
        detail: more about it: the digit that would be right, the blocks of a reader, how many
            lines.
        act: what might be done.
        record: what the line says, as corrected; ``None`` of a file, or when it cannot be read.
    """

    code: str
    severity: Severity
    file: int
    number: int
    key: bytes = b""
    other_file: int = -1
    other_number: int = 0
    other_key: bytes = b""
    detail: str = ""
    act: Act = Act.NONE
    record: Record | None = None
