"""The type the windows are set in, and the program's icon."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QFont, QFontDatabase, QIcon
from PySide6.QtWidgets import QApplication

from offcirc import i18n, resources

UI_FAMILY = "Atkinson Hyperlegible Next"
CODE_FAMILY = "Atkinson Hyperlegible Mono"
"""For barcodes and identifiers: every character the same width, 0/O and 1/l/I distinct."""

SMALLEST = 9
"""Pixels; type any smaller cannot be read on any screen."""

_FONTS = (
    "fonts/AtkinsonHyperlegibleNext-Regular.ttf",
    "fonts/AtkinsonHyperlegibleNext-SemiBold.ttf",
    "fonts/AtkinsonHyperlegibleMono-Medium.ttf",
)


def load_fonts() -> None:
    """Make the shipped fonts known to Qt; a missing one is replaced by the system's."""
    for name in _FONTS:
        QFontDatabase.addApplicationFont(str(resources.path(name)))


def font(family: str, pixels: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """A shipped font of a size in pixels; figures in texts are all of one width."""
    made = QFont(family)
    made.setPixelSize(max(round(pixels), SMALLEST))
    made.setWeight(weight)
    if family == UI_FAMILY:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def program_icon() -> QIcon:
    """The program's icon, in the sizes a desktop asks for."""
    icon = QIcon()
    for size in (32, 64, 256):
        icon.addFile(str(resources.path(f"icons/offcirc-{size}.png")))
    return icon


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
