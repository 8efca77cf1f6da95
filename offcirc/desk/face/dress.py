"""Which style the windows wear: the one chosen, or what the PC is set to."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from offcirc.desk.face.colours import Style


def chosen_style(setting: str) -> Style:
    """The style that the setting ``window.style`` asks for.

    Args:
        setting: its value; ``system`` looks whether the PC is set to high contrast.
    """
    if setting != "system":
        return Style(setting)
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() is not Qt.ContrastPreference.HighContrast:
        return Style.BLUE
    dark = hints.colorScheme() is Qt.ColorScheme.Dark
    return Style.DARK if dark else Style.LIGHT
