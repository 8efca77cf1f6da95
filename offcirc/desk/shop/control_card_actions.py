"""The control cards: what each of them does at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offcirc.core.barcodes.controlcards import CHOICES, Card
from offcirc.scanning.decoder import Scan

if TYPE_CHECKING:
    from offcirc.desk.program.window import DeskWindow


def obey(desk: DeskWindow, order: Card, scan: Scan) -> None:
    """Do what a control card says.

    Args:
        desk: the desk's window.
        order: the order.
        scan: the scan of the card.
    """
    if order in CHOICES:
        desk.choose(CHOICES[order])
    elif order is Card.DROP:
        desk.drop.toggle()
    elif order is Card.PILE:
        desk.pile.check()
    elif order is Card.SAVE:
        desk.save()
    elif order is Card.CLEAR:
        desk.clear()
    elif order is Card.UNDO:
        desk.undo()
    elif order is Card.HELP:
        desk.show_help()
    elif desk.companions is not None:
        desk.companions.test_scanner(scan)
