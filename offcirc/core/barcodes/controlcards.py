"""Barcodes that give orders to the desk: the codes printed on the sheet of control cards.

Such a code must be understood when everything else goes wrong, so it is made of letters that
arrive the same through every keyboard setting (:data:`offcirc.core.barcodes.layouts.SURVIVING`),
capitals and small letters being one. All begin alike, so that no library's barcode is taken for
one.
"""

from __future__ import annotations

from enum import StrEnum

from offcirc.core.transaction import Operation


class Card(StrEnum):
    """What a control card orders; the values are the codes on the cards."""

    LOAN = "OFFCIRCLEND"
    RETURN = "OFFCIRCRETURN"
    IN_HOUSE = "OFFCIRCHERE"
    RENEWAL = "OFFCIRCPROLONG"
    DROP = "OFFCIRCDROP"
    """Returns are stated to have come at the last closing time, or are no more."""
    PILE = "OFFCIRCCOUNT"
    """Opens the question how many items the reader has in the hand."""
    SAVE = "OFFCIRCSTORE"
    CLEAR = "OFFCIRCNEXT"
    UNDO = "OFFCIRCUNDO"
    HELP = "OFFCIRCHELP"
    TEST = "OFFCIRCTEST"
    """Says how the scanner is set; :data:`TEST_TEXT` is the whole code of that card."""


TEST_TEXT = Card.TEST.value + "0123456789-AMQWYZ"
"""The code of the scanner's test card: after the order, the characters that tell the keyboard the
scanner is set for from the PC's, and Caps Lock (see
:func:`offcirc.core.barcodes.layouts.diagnose`)."""

CHOICES = {Card[operation.name]: operation for operation in Operation}
"""The cards that choose an operation."""

_CARDS = {card.value: card for card in Card}
_AIM_LENGTH = 3


def card_of(text: str) -> Card | None:
    """The order a scanned text gives, whatever the keyboard setting; ``None`` if it gives none."""
    code = text.strip().upper()
    # The wrong keyboard garbles an AIM identifier before the code beyond recognition.
    for start in (0, _AIM_LENGTH):
        if code.startswith(Card.TEST.value, start):
            return Card.TEST
        if code[start:] in _CARDS:
            return _CARDS[code[start:]]
    return None
