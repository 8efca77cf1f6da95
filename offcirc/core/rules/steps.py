"""How a rule came to its answer, step by step, for whoever words it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class StepKind(StrEnum):
    """What a step did."""

    LOAN = "loan"
    RENEWAL = "renewal"
    FIRST_LOAN = "first-loan"
    DUE_NOW = "due-now"
    EXCLUDED = "excluded"
    LENGTH = "length"
    HOURS = "hours"
    FIXED = "fixed"
    """A fixed return date holds in place of the length of the loan."""
    REMAINING = "remaining"
    """The days by which the longest duration exceeds the loan, from the day of the renewal."""
    LONGEST = "longest"
    CLOSED = "closed"
    """Closed then: the next open day."""
    CLOSING = "closing"
    EXPIRY = "expiry"
    EXPIRED = "expired"
    NOT_PAST = "not-past"
    SAME_DAY = "same-day"
    """Nothing moves on the day of the loan, nor twice on one day."""
    TOO_LATE = "too-late"
    NOT_RENEWABLE = "not-renewable"
    HINDERED = "hindered"
    NOT_BACK = "not-back"
    RETURNED = "returned"
    LATE = "late"
    GRACE = "grace"
    SUSPENDED = "suspended"
    NOT_SUSPENDED = "not-suspended"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        kind: what it did.
        to: the day or moment it came to, in the library's time; ``None`` if it moved nothing.
        count: days or hours, where the step counts any.
    """

    kind: StepKind
    to: date | None = None
    count: int = 0
