"""Values out of a server's JSON: one that is not as it should be is as if it were not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

_LARGEST = 2**63 - 1
"""What a database takes."""


def readable(value: str) -> str:
    """A text that can be written to every file: halves of characters, which JSON has, cannot."""
    return value.encode("utf-8", "replace").decode()


def text(row: Mapping[str, Any], key: str) -> str:
    """A text; empty if there is none."""
    value = row.get(key)
    return readable(value) if isinstance(value, str) else ""


def texts(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts."""
    value = row.get(key)
    found = value if isinstance(value, list) else []
    return tuple(readable(each) for each in found if isinstance(each, str))


def number(row: Mapping[str, Any], key: str) -> int:
    """A whole number; 0 if there is none."""
    value = row.get(key)
    return value if isinstance(value, int) and 0 <= value <= _LARGEST else 0


def inner(row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object inside another; empty if there is none."""
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def moment(row: Mapping[str, Any], key: str) -> datetime | None:
    """A moment in ISO form, aware or naive as it comes; none if no library can know it."""
    value = row.get(key)
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and 1900 <= found.year <= 2999 else None


def aware(at: datetime, zone: str = "") -> datetime:
    """The moment that a clock of the library showed.

    Args:
        at: naive; of an hour that the clock showed twice, the first is meant.
        zone: where the library is, such as ``Europe/Paris``; empty: where this PC is.
    """
    return at.replace(tzinfo=ZoneInfo(zone)) if zone else at.astimezone()
