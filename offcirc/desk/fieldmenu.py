"""The menu of a field (cut, copy, paste): worked with mouse and arrows, closed by a scan.

A menu takes every key for itself, letters to choose by and Enter to do what is chosen. Here only
arrows, Enter and Escape are its own; a character is the beginning of a scan.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu


def open_menu(field: QLineEdit, event: QContextMenuEvent, keys: QObject) -> QMenu:
    """Open the usual menu of a field where the mouse is; ``keys`` sees its keys first."""
    menu = field.createStandardContextMenu()
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.installEventFilter(keys)
    menu.popup(event.globalPos())
    return menu


def gives_way(menu: QMenu, event: QKeyEvent) -> bool:
    """Close a menu whose key is the beginning of a scan; true when it was."""
    text = event.text()
    if not text or not text.isprintable():
        return False
    menu.close()
    return True
