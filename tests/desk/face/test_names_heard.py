"""Everything that can be used in the desk's windows has a name that a screen reader reads out."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk.side.test_readings import settings
from desk.window_kit import Desk
from helpers.heard import controls, nameless
from PySide6.QtWidgets import QApplication, QPushButton


@pytest.mark.promise("everything-has-a-name")
def test_every_control_of_every_window_has_a_name(
    desk: Desk, tmp_path: Path, language: str
) -> None:
    companions = desk.window.attach(settings(tmp_path))
    desk.lend("B1")
    for show in (
        companions.show_settings,
        companions.test_scanner,
        desk.window.show_help,
        companions.show_tools,
    ):
        show()
        QApplication.processEvents()
    windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
    assert len(windows) >= 4
    found = {type(window).__name__: nameless(window) for window in windows}
    assert not any(found.values()), found
    assert sum(len(list(controls(window))) for window in windows) > 60


def test_a_button_without_a_name_is_found(qtbot) -> None:
    button = QPushButton("")
    qtbot.addWidget(button)
    button.show()
    assert len(nameless(button)) == 1
    button.setAccessibleName("Save")
    assert not nameless(button)
