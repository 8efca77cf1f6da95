"""The sentence of a program that cannot begin: in a window, for nobody reads what a menu starts."""

from __future__ import annotations

import os
import sys


def has_screen() -> bool:
    """Whether Qt has a chance; without one it would abort the process without a word."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(map(os.environ.get, ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")))


def say(text: str, title: str) -> None:
    """Show one sentence in a small window, and in the terminal if there is one.

    Args:
        text: what keeps the program from working, and what to do.
        title: the program's name, as its window would bear it.
    """
    if sys.stderr is not None:
        sys.stderr.write(text + "\n")
    if not has_screen():
        return
    # Qt only where there is a screen, and some systems lack what it needs.
    from PySide6.QtCore import QTranslator  # noqa: PLC0415
    from PySide6.QtWidgets import QApplication, QMessageBox  # noqa: PLC0415

    from offcirc.windows import face  # noqa: PLC0415

    app = QApplication.instance() or QApplication(["offcirc"])
    assert isinstance(app, QApplication)
    face.install(app, translator := QTranslator())
    box = QMessageBox(QMessageBox.Icon.Warning, title, text)
    box.setWindowIcon(face.program_icon())
    box.exec()
    app.removeTranslator(translator)
