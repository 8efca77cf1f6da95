"""Showing where a file is: its folder, with the file selected where the file manager can."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

PATIENCE = 3000
"""Milliseconds for a file manager to answer; one that has to be started needs a moment."""

_NAME = "org.freedesktop.FileManager1"


def show_in_folder(path: Path) -> None:
    """Open the folder of a file and select the file; just the folder where that is not possible."""
    if not path.exists() or not _selected(path):
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def _selected(path: Path) -> bool:
    try:
        if sys.platform == "win32":
            subprocess.Popen(explorer(path))  # noqa: S603 - the system's own
            return True
        if sys.platform == "darwin":
            subprocess.Popen(["open", "-R", str(path)])  # noqa: S603, S607 - the system's own
            return True
    except OSError:
        return False
    return _by_bus(path)


def explorer(path: Path) -> str:
    """The command line by which the Explorer selects a file; it has a grammar of its own."""
    return f'explorer.exe /select,"{path}"'


def _by_bus(path: Path) -> bool:
    """Ask the desktop's file manager, whichever it is."""
    try:
        from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage  # noqa: PLC0415
    except ImportError:  # not in every build of Qt
        return False
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    message = QDBusMessage.createMethodCall(
        _NAME, "/org/freedesktop/FileManager1", _NAME, "ShowItems"
    )
    message.setArguments([[QUrl.fromLocalFile(str(path)).toString()], ""])
    answer = bus.call(message, QDBus.CallMode.Block, PATIENCE)
    return answer.type() is QDBusMessage.MessageType.ReplyMessage
