"""The sheet of control cards, opened from the desk to be printed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLocale, QUrl
from PySide6.QtGui import QDesktopServices

from offcirc.desk import scanwords
from offcirc.desk.band import Message
from offcirc.desk.cardsheet import Paper, sheet

NAME = "control-cards.pdf"


def show_cards(folder: Path) -> Message:
    """Write the sheet into a folder and open it; says where it is, or why it is not.

    Args:
        folder: the data folder.
    """
    metric = QLocale.system().measurementSystem() == QLocale.MeasurementSystem.MetricSystem
    path = folder / NAME
    try:
        path.write_bytes(sheet(Paper.A4 if metric else Paper.LETTER))
    except OSError as error:
        return scanwords.no_cards(error.strerror or str(error))
    return scanwords.cards(path, opened=QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))
