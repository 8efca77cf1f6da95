"""Qt's own words (the menu of a field, standard buttons) in the language of the program."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from offcirc import i18n


def install(app: QApplication, translator: QTranslator) -> None:
    """Let Qt speak the active language.

    Args:
        app: the application.
        translator: an empty one; it must live as long as its words are wanted.
    """
    QLocale.setDefault(QLocale(i18n.language()))
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    # English is in Qt itself and has no catalogue.
    if i18n.language() != "en" and translator.load(f"qtbase_{i18n.language()}", folder):
        app.installTranslator(translator)
