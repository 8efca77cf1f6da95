"""Moments as the journal writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time by the system clock, aware, UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A moment as the journal writes it: UTC, to the millisecond, ``Z``; sorts as text."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def moment(stamped: str) -> datetime:
    """The moment that a stamp names, aware, UTC."""
    return datetime.fromisoformat(stamped).astimezone(UTC)
