"""The words in which a line is refused: Alma's own, which follow-up tools match by prefix."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why a line was not recorded as it stands."""

    ITEM_NOT_FOUND = "item-not-found"
    USER_NOT_FOUND = "user-not-found"
    NOT_ON_LOAN = "not-on-loan"
    LATER_ACTION = "later-action"
    INVALID_DATE = "invalid-date"
    KEY_REUSED = "key-reused"
    UNREADABLE = "unreadable-line"


_WORDS = {
    Refusal.ITEM_NOT_FOUND: "Item not found. Barcode: {barcode}",
    Refusal.USER_NOT_FOUND: "User not found. Barcode: {barcode}",
    Refusal.NOT_ON_LOAN: "Return item failed, item was not on loan. Barcode: {barcode}",
    Refusal.LATER_ACTION: "A later action on this item happened. Barcode: {barcode}",
    # Not one of Alma's known messages: no calendar of a library reaches that far.
    Refusal.INVALID_DATE: "Transaction date is not valid. Barcode: {barcode}",
    # Nor is this one: Alma knows no keys.
    Refusal.KEY_REUSED: "Another transaction was recorded under this key. Barcode: {barcode}",
    # A line of a file that was uploaded by hand; the barcode is the line as it stands.
    Refusal.UNREADABLE: "Line cannot be read. Line: {barcode}",
}


def words(refusal: Refusal, item: str, patron: str) -> str:
    """The message, with the barcode it is about: the reader's for an unknown reader."""
    barcode = patron if refusal is Refusal.USER_NOT_FOUND else item
    return _WORDS[refusal].format(barcode=barcode)
