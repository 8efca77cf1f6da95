"""A practice server as a source: its own rules, readers and items, as of its own time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

from offcirc.core.rules.policy import Policy
from offcirc.knowledge.records import ItemRecord, PatronRecord
from offcirc.knowledge.sources.columns import blocks
from offcirc.practice.library import policy as policies


@runtime_checkable
class Exporting(Protocol):
    """A server that tells all it has."""

    def export(self, what: str) -> Iterator[Mapping[str, Any]]:
        """All ``patrons`` or all ``items``."""

    def policy_text(self) -> tuple[str, datetime | None]:
        """Its rules as a policy.toml, and its time."""


def policy(server: Exporting) -> tuple[Policy, datetime | None]:
    """The server's rules and its time.

    Raises:
        ServerError: it does not answer.
        LibraryError: its rules cannot be read.
    """
    text, at = server.policy_text()
    return policies.parse(text), at


def patrons(server: Exporting) -> Iterator[PatronRecord]:
    """All its readers."""
    for row in server.export("patrons"):
        until, expires = (_day(row.get(name)) for name in ("suspended_until", "expires_on"))
        said = row.get("blocks")
        flags = {flag for text in said for flag in blocks(str(text))} if said else set()
        cards = {str(row[name]) for name in ("barcode", "primary_id") if row.get(name)}
        if cards:
            name, group = str(row.get("name") or ""), str(row.get("group") or "")
            yield PatronRecord(cards, flags, until, expires, group, name)


def items(server: Exporting) -> Iterator[ItemRecord]:
    """All its items."""
    for row in server.export("items"):
        texts = {name: str(row.get(name) or "") for name in _TEXTS}
        if texts["barcode"]:
            yield ItemRecord(
                **texts,
                excluded=row.get("excluded") is True,
                requested=row.get("requested") is True,
            )


_TEXTS = ("barcode", "library", "location", "exception", "title")


def _day(value: object) -> date | None:
    with suppress(TypeError, ValueError):
        return date.fromisoformat(value)  # type: ignore[arg-type]
    return None
