"""The menu of a field (cut, copy, paste): worked with mouse and arrows, closed by a scan.

A menu takes every key for itself, letters to choose by and Enter to do what is chosen. Here only
arrows, Enter and Escape are its own; a character is the beginning of a scan.

A menu has a window of its own, and a scanner's next keys are on their way to it when it closes.
So it is only hidden then, and does not go until they have come.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu

_LINGER_MILLISECONDS = 5000


def open_menu(field: QLineEdit, event: QContextMenuEvent, keys: QObject) -> QMenu:
    """Open the usual menu of a field where the mouse is; ``keys`` sees its keys first."""
    menu = field.createStandardContextMenu()
    menu.installEventFilter(keys)
    menu.aboutToHide.connect(
        lambda: QTimer.singleShot(_LINGER_MILLISECONDS, menu, menu.deleteLater)
    )
    menu.popup(event.globalPos())
    return menu


def gives_way(menu: QMenu, event: QKeyEvent) -> bool:
    """Whether a key that came to a menu is a scan's; an open menu closes for it."""
    if menu.isHidden():
        return True
    text = event.text()
    if not text or not text.isprintable():
        return False
    menu.hide()
    return True
