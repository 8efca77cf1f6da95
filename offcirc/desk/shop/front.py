"""Whether scans arrive here: the keyboard, and so most scanners, belong to the window in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

from offcirc.desk.face.band import Band
from offcirc.desk.words import words

if TYPE_CHECKING:
    from offcirc.desk.desk import DeskHost

PATIENCE = 250
"""Milliseconds another window may have the keyboard, as while our own windows change places."""

FIRST_PATIENCE = 2000
"""The same after the start, when the window system has not given it to us yet."""


class Front(QObject):
    """Lets the band go grey while another window is in front, and takes it back at once."""

    def __init__(self, desk: DeskHost) -> None:
        super().__init__(desk.pane)
        self._desk = desk
        self._wait = QTimer(self, singleShot=True)
        self._wait.timeout.connect(self.look)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self._changed)
        self._wait.start(FIRST_PATIENCE)

    def _changed(self) -> None:
        if self._scans_arrive():
            self.look()
        else:
            self._wait.start(PATIENCE)

    def look(self) -> None:
        """Show how it stands."""
        behind = None if self._scans_arrive() else words.behind()
        for band in self._desk.pane.findChildren(Band):
            band.go_behind(behind)

    def _scans_arrive(self) -> bool:
        window, companions = QGuiApplication.focusWindow(), self._desk.companions
        if companions is not None and companions.hears_serial():
            return True
        if window is None:
            return False
        # The scanner test keeps what it is given; the other windows of ours hand it on.
        return companions is None or not companions.is_scanner_test(window)
