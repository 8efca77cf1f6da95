"""What is painted after a scan, and what can wait until nobody waits for it."""

from __future__ import annotations

from collections import Counter

import pytest
from desk.window_kit import Desk, pause, scan
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot


class Paints(QObject):
    """Counts what is painted."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.times: Counter[QWidget] = Counter()
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt’s name
        """Let everything through."""
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self.times[watched] += 1
        return False


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk whose list is longer than its place."""
    desk.lend(*(f"370000341{number:02}" for number in range(20)))
    assert desk.ui.list.verticalScrollBar().isVisible()
    return desk


def test_neither_scroll_bar_nor_button_is_painted_before_the_row(busy: Desk, qtbot: QtBot) -> None:
    bar, button, rows = busy.ui.list.verticalScrollBar(), busy.ui.action, busy.ui.list.viewport()
    qtbot.waitUntil(lambda: not button.isEnabled())
    QApplication.processEvents()
    scan("37000034200\r")
    QApplication.processEvents()
    painted = Paints(bar, button, rows)
    for number in range(201, 205):
        scan(f"37000034{number}\r")
        QApplication.processEvents()
    assert painted.times[rows] >= 4
    assert painted.times[bar] == painted.times[button] == 0
    qtbot.waitUntil(lambda: painted.times[bar] > 0 and painted.times[button] > 0)
    assert not button.isEnabled()


def test_scrolling_moves_the_handle_at_once(busy: Desk) -> None:
    bar = busy.ui.list.verticalScrollBar()
    QApplication.processEvents()
    painted = Paints(bar)
    bar.setValue(bar.maximum())
    QApplication.processEvents()
    assert painted.times[bar] == 1
    pause()
    scan("37000034200\r")
    assert bar.value() == 0
