"""What the desk prints: the control cards, the page to pin up. Made here, opened to be printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from offcirc.desk.message import Message
from offcirc.desk.paper.pdfpage import Paper
from offcirc.desk.words import scanwords
from offcirc.disk import durable
from offcirc.disk.errors import StorageError, describe

if TYPE_CHECKING:
    from offcirc.desk.paper.dueslip import DueSlip
    from offcirc.desk.paper.outagecard import OutageFacts

CARDS = "control-cards.pdf"
PAGE = "page-to-pin-up.pdf"
MANUAL = "manual.pdf"
PROVISIONAL = "provisional-card.pdf"
OUTAGE = "outage-card.pdf"
SLIP = "due-slip.pdf"


def show_cards(folder: Path) -> Message:
    """Write the sheet of control cards and open it; says where it is, or why it is not.

    Args:
        folder: the data folder.
    """
    from offcirc.desk.paper.cardsheet import sheet

    return _show(folder / CARDS, sheet)


def show_page(folder: Path) -> Message:
    """The same for the page to pin up at the desk."""
    from offcirc.desk.paper.pinup import page

    return _show(folder / PAGE, page)


def show_provisional(folder: Path, card: str, library: str, day: date) -> Message:
    """The same for the card of a reader who has none yet."""
    from offcirc.desk.paper.cardsheet import provisional_card

    return _show(folder / PROVISIONAL, partial(provisional_card, card, library, day))


def show_outage_card(folder: Path, facts: OutageFacts) -> Message:
    """The same for the page that tells what to do when the system is down."""
    from offcirc.desk.paper.outagecard import outage_card

    return _show(folder / OUTAGE, partial(outage_card, facts))


def show_slip(folder: Path, slip: DueSlip, paper: str) -> Message:
    """The same for a reader's due slip."""
    from offcirc.desk.paper.dueslip import slip_pdf

    return _show(folder / SLIP, lambda _paper: slip_pdf(slip, paper))


def show_manual(folder: Path) -> Message:
    """The same for the whole manual."""
    from offcirc.desk.paper.manualpage import manual

    return _show(folder / MANUAL, manual)


def _show(path: Path, make: Callable[[Paper], bytes]) -> Message:
    try:
        durable.replace(path, make(Paper.of_this_pc()))
    except StorageError as error:
        return scanwords.no_sheet(describe(error))
    return scanwords.sheet(path, opened=QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))
