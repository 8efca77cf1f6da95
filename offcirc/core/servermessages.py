"""The messages of Alma's upload report, recognised by their beginning.

Four are known word for word from Ex Libris's documentation. Others exist; they stay as they are.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a server rejected a line."""

    ITEM_UNKNOWN = "item-unknown"
    PATRON_UNKNOWN = "patron-unknown"
    NOT_ON_LOAN = "not-on-loan"
    LATER_ACTION = "later-action"
    OTHER = "other"


_KNOWN = (
    ("Item not found.", Reason.ITEM_UNKNOWN),
    ("User not found.", Reason.PATRON_UNKNOWN),
    ("Return item failed, item was not on loan.", Reason.NOT_ON_LOAN),
    ("A later action on this item happened.", Reason.LATER_ACTION),
)
_BARCODE = "Barcode:"


def reason(message: str) -> Reason:
    """Which of the known messages this is."""
    text = message.lstrip()
    return next((code for start, code in _KNOWN if text.startswith(start)), Reason.OTHER)


def barcode(message: str) -> str:
    """The barcode or identifier that a known message names; empty if it names none.

    A reported line number may count from 0 or from 1, the barcode is sure.
    """
    if reason(message) is Reason.OTHER:
        return ""
    _before, mark, after = message.partition(_BARCODE)
    return after.strip() if mark else ""
