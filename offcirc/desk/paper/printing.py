"""What the desk prints: the control cards, the page to pin up. Made here, opened to be printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from offcirc.desk.message import Message
from offcirc.desk.paper.pdfpage import Paper
from offcirc.desk.words import scanwords
from offcirc.disk import durable
from offcirc.disk.errors import StorageError, describe

CARDS = "control-cards.pdf"
PAGE = "page-to-pin-up.pdf"
MANUAL = "manual.pdf"


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


def show_manual(folder: Path) -> Message:
    """The same for the whole manual."""
    from offcirc.desk.paper.manualpdf import manual

    return _show(folder / MANUAL, manual)


def _show(path: Path, make: Callable[[Paper], bytes]) -> Message:
    try:
        durable.replace(path, make(Paper.of_this_pc()))
    except StorageError as error:
        return scanwords.no_sheet(describe(error))
    return scanwords.sheet(path, opened=QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))
