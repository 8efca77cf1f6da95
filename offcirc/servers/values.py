"""Values out of a server's JSON: one that is not as it should be is as if it were not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def text(row: Mapping[str, Any], key: str) -> str:
    """A text; empty if there is none."""
    value = row.get(key)
    return value if isinstance(value, str) else ""


def texts(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts."""
    value = row.get(key)
    return tuple(map(str, value)) if isinstance(value, list) else ()


def number(row: Mapping[str, Any], key: str) -> int:
    """A whole number; 0 if there is none."""
    value = row.get(key)
    return value if isinstance(value, int) else 0


def moment(row: Mapping[str, Any], key: str) -> datetime | None:
    """A moment in ISO form, aware or naive as it comes."""
    value = row.get(key)
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
