"""Takes the pictures of the desk's manual and of the README from the real window.

``python installer/pictures_desk.py`` writes them to ``resources/help/pictures``; run it whenever
the window has changed. It needs no display: each picture is taken in a process of its own, drawn
in memory with the shipped fonts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP))

from offcirc import i18n  # noqa: E402 - found through the line above
from offcirc.core.transaction import Operation  # noqa: E402
from offcirc.desk import look as style  # noqa: E402
from offcirc.desk.store import DeskStore  # noqa: E402
from offcirc.desk.window import DeskWindow  # noqa: E402
from offcirc.windows import face  # noqa: E402

PICTURES = TOP / "resources" / "help" / "pictures"
LANGUAGES = ("en", "fr")
READER = "9921000000164"


def main(arguments: list[str]) -> int:
    """Take every picture, or the one named as ``SCENE LANGUAGE``."""
    if arguments:
        scene, language = arguments
        take(scene, language)
        return 0
    PICTURES.mkdir(parents=True, exist_ok=True)
    for scene, (_play, _size, scale) in SCENES.items():
        for language in LANGUAGES:
            environment = os.environ | {
                "QT_QPA_PLATFORM": "offscreen",
                "QT_SCALE_FACTOR": str(scale),
                "QT_LOGGING_RULES": "*=false",
                "PYTHONPATH": str(TOP),
            }
            command = [sys.executable, __file__, scene, language]
            subprocess.run(command, env=environment, check=True)
            print(picture(scene, language).relative_to(TOP))
    return 0


def picture(scene: str, language: str) -> Path:
    """Where a picture goes."""
    return PICTURES / f"{scene}-{language}.png"


def take(scene: str, language: str) -> None:
    """Play a scene in the window and save what it looks like."""
    i18n.activate(language)
    play, (width, height), _scale = SCENES[scene]
    QApplication.setStyle("Fusion")
    app = QApplication(["pictures"])
    app.setCursorFlashTime(0)
    face.load_fonts()
    app.setPalette(style.palette())
    look = style.make_look(app, QSize(1366, height))
    app.setFont(look.text)
    app.setStyleSheet(style.style_sheet(look))
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        window = DeskWindow(DeskStore(Path(folder)), look, now=clock)
        window.resize(width, height)
        window.show()
        window.activateWindow()
        window.open_store()
        play(window, clock)
        app.processEvents()
        image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        image.save(str(picture(scene, language)), "PNG", 0)  # 0: as small as PNG gets
        window.end_session()


class Clock:
    """An afternoon in May, a few seconds later each time it is asked for."""

    def __init__(self) -> None:
        self._now = datetime(2018, 5, 9, 13, 44, 12).astimezone()

    def __call__(self) -> datetime:
        """The moment."""
        return self._now

    def later(self, seconds: float) -> None:
        """Time passes."""
        self._now += timedelta(seconds=seconds)


def _scan(window: DeskWindow, clock: Clock, *codes: str) -> None:
    for code in codes:
        clock.later(9)
        front = window.windowHandle()
        for character in code:
            QTest.keyClick(front, ord(character))
        QTest.keyClick(front, Qt.Key.Key_Return)


def _earlier(window: DeskWindow, clock: Clock) -> None:
    window.choose(Operation.RETURN)
    _scan(window, clock, "37000011872", "d293004279")
    window.choose(Operation.LOAN)
    _scan(window, clock, "9921000000777", "37084718953", "UBX99643558")
    window.save()
    window.clear()
    clock.later(150)


def loans(window: DeskWindow, clock: Clock) -> None:
    """A reader in the middle of their books."""
    _earlier(window, clock)
    _scan(window, clock, READER, "OTOLO104602", "UBX00252850", "37000034179")


def returns(window: DeskWindow, clock: Clock) -> None:
    """Books coming back."""
    loans(window, clock)
    window.choose(Operation.RETURN)
    clock.later(60)
    _scan(window, clock, "37002241906", "UBX84850911")


def refused(window: DeskWindow, clock: Clock) -> None:
    """A book before its reader's card."""
    loans(window, clock)
    window.clear()
    window.ui.item.setFocus()
    _scan(window, clock, "37000034180")


_Scene = tuple[Callable[[DeskWindow, Clock], None], tuple[int, int], float]
SCENES: dict[str, _Scene] = {
    "manual-loan": (loans, (760, 570), 1.6),
    "manual-return": (returns, (760, 570), 1.6),
    "manual-refused": (refused, (760, 570), 1.6),
    "desk": (loans, (1024, 740), 1),
    "desk-return": (returns, (1024, 740), 1),
}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
