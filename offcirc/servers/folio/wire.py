"""FOLIO's answers in this program's terms: its errors, its statuses, its query language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from offcirc.core.answers import Note, Reason
from offcirc.servers.values import inner, text, texts

_CODES = {
    "ITEM_BARCODE_NOT_FOUND": Reason.ITEM_UNKNOWN,
    "USER_BARCODE_NOT_FOUND": Reason.PATRON_UNKNOWN,
    "ITEM_HAS_OPEN_LOAN": Reason.ON_LOAN_TO_ANOTHER,
    "ITEM_ALREADY_CHECKED_OUT": Reason.ON_LOAN_TO_ANOTHER,
    "USER_IS_INACTIVE_OR_EXPIRED": Reason.PATRON_BLOCKED,
    "USER_IS_BLOCKED_MANUALLY": Reason.PATRON_BLOCKED,
    "USER_IS_BLOCKED_AUTOMATICALLY": Reason.PATRON_BLOCKED,
    "ITEM_NOT_LOANABLE": Reason.NOT_FOR_LOAN,
    "INSUFFICIENT_OVERRIDE_PERMISSIONS": Reason.NOT_PERMITTED,
    "SERVICE_POINT_IS_NOT_PRESENT": Reason.DESK_UNKNOWN,
}
_LIMIT = "ITEM_LIMIT"
"""How the codes of a reader who has too many items begin."""
_TEXTS = tuple(
    (re.compile(words, re.IGNORECASE), reason)
    for words, reason in (
        (r"override permission", Reason.NOT_PERMITTED),
        (r"already checked out|already has an open loan", Reason.ON_LOAN_TO_ANOTHER),
        (r"(?:no|not find) item\b|item .*(?:not be found|does not exist)", Reason.ITEM_UNKNOWN),
        (r"(?:no|not find) user\b|user .*(?:not be found|not exist)", Reason.PATRON_UNKNOWN),
        (r"inactive|expired|blocked|maximum (?:limit|number)", Reason.PATRON_BLOCKED),
        (r"not loanable|has the item status", Reason.NOT_FOR_LOAN),
        (r"service point", Reason.DESK_UNKNOWN),
    )
)
_PERMISSION = re.compile(r"\b[a-z][\w-]*(?:\.[\w-]+)+\.(?:get|post|put|delete|patch|execute|all)\b")
_STATUS_NOTES = {"In transit": Note.IN_TRANSIT, "Awaiting pickup": Note.ON_HOLD_SHELF}

OVERRIDE_PERMISSIONS = {
    "patronBlock": "circulation.override-patron-block.post",
    "itemLimitBlock": "circulation.override-item-limit-block.post",
    "itemNotLoanableBlock": "circulation.override-item-not-loanable-block.post",
}
"""The blocks of a loan that can be overridden, and what an account needs for it."""


@dataclass(frozen=True, slots=True)
class FolioFault:
    """One of the errors of an answer with status 422.

    Attributes:
        message: FOLIO's words.
        reason: what it comes to.
        code: FOLIO's code; empty where it gives none.
        block: which block could be overridden; empty: none.
        missing: the permissions the account would need for that.
    """

    message: str
    reason: Reason
    code: str = ""
    block: str = ""
    missing: tuple[str, ...] = ()

    @property
    def is_limit(self) -> bool:
        """Whether the reader has too many items."""
        return self.code.startswith(_LIMIT) or self.block == "itemLimitBlock"

    @property
    def on_loan(self) -> bool:
        """Whether somebody, whoever it is, has the item."""
        return self.reason is Reason.ON_LOAN_TO_ANOTHER

    @property
    def about_item(self) -> bool:
        """Whether it is about where the item is, not about what or whose it is."""
        return self.on_loan or (not self.block and self.reason is Reason.NOT_FOR_LOAN)


def faults(body: object) -> tuple[FolioFault, ...]:
    """The errors of an answer; at least one."""
    rows = body.get("errors") if isinstance(body, dict) else None
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return tuple(_fault(row) for row in found) or (FolioFault("", Reason.OTHER),)


def _fault(row: Mapping[str, Any]) -> FolioFault:
    code, message = text(row, "code"), text(row, "message")
    block = inner(row, "overridableBlock")
    missing = texts(block, "missingPermissions")
    return FolioFault(message, _reason(code, message), code, text(block, "name"), missing)


def _reason(code: str, message: str) -> Reason:
    """The code decides; many errors have none, then the words do."""
    if code in _CODES:
        return _CODES[code]
    if code.startswith(_LIMIT):
        return Reason.PATRON_BLOCKED
    return next((reason for words, reason in _TEXTS if words.search(message)), Reason.OTHER)


def permissions_in(words: str) -> str:
    """The permissions a refusal names: all of it that may be told, since it may name people."""
    return ", ".join(dict.fromkeys(_PERMISSION.findall(words)))


def status_of(item: Mapping[str, Any]) -> str:
    """The name of an item's or a loan's status."""
    return text(inner(item, "status"), "name")


def status_notes(item: Mapping[str, Any]) -> tuple[Note, ...]:
    """What staff have to do with an item that came back."""
    note = _STATUS_NOTES.get(status_of(item))
    return (note,) if note else ()


def any_of(field: str, values: Iterable[str]) -> str:
    """A query: the field is one of the values, and each of them means itself."""
    quoted = " or ".join(f'"{_escaped(value)}"' for value in values)
    return f"{field}==({quoted})"


def _escaped(value: str) -> str:
    return re.sub(r'([\\"*?^])', r"\\\1", value)
