"""What a library system can say of a line: reasons for a refusal, notes on what it recorded.

Both are this program's own: each adapter of :mod:`offcirc.servers` maps its system's words and
codes to them, and everything after it (report, follow-up, colours, French) goes by them alone.
The values are kept in ledgers.
"""

from __future__ import annotations

from enum import StrEnum

from offcirc.core.transaction import Operation


class Reason(StrEnum):
    """Why a library system rejected a line."""

    ITEM_UNKNOWN = "item-unknown"
    PATRON_UNKNOWN = "patron-unknown"
    NOT_ON_LOAN = "not-on-loan"
    LATER_ACTION = "later-action"
    ON_LOAN_TO_ANOTHER = "on-loan-to-another"
    PATRON_BLOCKED = "patron-blocked"
    """The borrower is blocked, and this library system does not lend to him all the same."""
    NOT_FOR_LOAN = "not-for-loan"
    NOT_PERMITTED = "not-permitted"
    """The account that uploads may not do this."""
    DESK_UNKNOWN = "desk-unknown"
    DATE_REFUSED = "date-refused"
    """The recorded time is not one the system accepts: in the future, or of no calendar."""
    OTHER = "other"


class Note(StrEnum):
    """What staff should know about a line, beside whether it was recorded."""

    EXCLUDED = "item-excluded"
    """The item may not be lent; its due date is the loan time and must be put right by hand."""
    DUE_AT_UPLOAD = "due-at-upload"
    """The due date would have been in the past: it is the time of upload."""
    DUE_AT_EXPIRY = "due-at-expiry"
    """The reader's account expires before the loan would have ended."""
    PATRON_EXPIRED = "patron-expired"
    PATRON_OVERDUE = "patron-overdue"
    PATRON_SUSPENDED = "patron-suspended"
    PATRON_QUITUS = "patron-quitus"
    OVER_LIMIT = "over-limit"
    """The reader now holds more items than the rules allow."""
    BLOCK_OVERRIDDEN = "block-overridden"
    """The system would have refused the loan; it was recorded with an override."""
    RENEWAL = "renewal"
    RENEWAL_MAXIMUM = "renewal-maximum"
    """A renewal that could not move the due date: the longest duration is reached."""
    NOT_RENEWABLE = "not-renewable"
    """A renewal that could not move the due date: too early, too late, or forbidden."""
    RETURNED_FIRST = "returned-first"
    """The item was on loan to someone else, whose loan was ended first."""
    REQUESTED_BY_OTHER = "requested-by-other"
    REQUEST_FILLED = "request-filled"
    LATE = "late"
    SUSPENDED = "suspended"
    """The late return has suspended the reader."""
    IN_TRANSIT = "in-transit"
    HOLD_SHELF_PROCESSING = "hold-shelf-processing"
    """Requested by a reader: a second scan puts it on the hold shelf."""
    ON_HOLD_SHELF = "on-hold-shelf"
    IN_HOUSE_USE = "in-house-use"
    IN_FUTURE = "in-future"
    """The recorded time is later than the server's clock."""
    DATE_NOT_KEPT = "date-not-kept"
    """The system has dated it by its own clock: the recorded time is to be put right by hand."""
    AWAITS_REVIEW = "awaits-review"
    """It stands in a queue of the system, where a person is to process it."""


_EXPECTED = frozenset({(Operation.IN_HOUSE, Reason.NOT_ON_LOAN)})


def is_expected(operation: str, reason: Reason) -> bool:
    """Whether a refusal of what OffCirc.dat says is just what was meant by it.

    Args:
        operation: a value of :class:`~offcirc.core.transaction.Operation`; empty if not known.
        reason: why the library system refuses the line.
    """
    return (operation, reason) in _EXPECTED


OVERDUE_AT_ONCE = frozenset({Note.DUE_AT_UPLOAD, Note.EXCLUDED})
"""Notes on loans that are due as soon as they are recorded."""
