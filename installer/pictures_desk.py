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
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP))

from offcirc import i18n  # noqa: E402 - found through the line above
from offcirc.core.barcodes.controlcards import TEST_TEXT  # noqa: E402
from offcirc.core.barcodes.layouts import Cause  # noqa: E402
from offcirc.core.clockwatch import Tick  # noqa: E402
from offcirc.core.transaction import Operation, Source  # noqa: E402
from offcirc.desk.face import look as style  # noqa: E402
from offcirc.desk.face.colours import Colours, Style  # noqa: E402
from offcirc.desk.face.table import REST_MILLISECONDS  # noqa: E402
from offcirc.desk.paper import cardsheet  # noqa: E402
from offcirc.desk.paper.pdfpage import Paper  # noqa: E402
from offcirc.desk.program.window import DeskWindow  # noqa: E402
from offcirc.desk.shop.store import DeskStore  # noqa: E402
from offcirc.desk.side.scannertest import ScannerTest  # noqa: E402
from offcirc.desk.side.settingswindow import SettingsWindow  # noqa: E402
from offcirc.scanning.decoder import Scan, Terminator  # noqa: E402
from offcirc.settings.load import load  # noqa: E402
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
    if scene == SHEET:
        take_sheet(language)
        return
    play, (width, height), _scale = SCENES[scene]
    QApplication.setStyle("Fusion")
    app = QApplication(["pictures"])
    app.setCursorFlashTime(0)
    face.load_fonts()
    colours = Colours(Style.DARK if scene == "manual-contrast" else Style.BLUE)
    app.setPalette(style.palette(colours))
    # Beside the desk as large as on a small screen, so that more of a window is in the picture.
    look = style.make_look(app, QSize(1366, min(height, 768)), 1.0, colours)
    app.setFont(look.text)
    app.setStyleSheet(style.style_sheet(look))
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        window = DeskWindow(DeskStore(Path(folder)), look, now=clock)
        window.resize(width, height)
        window.show()
        window.activateWindow()
        window.open_store()
        # All clocks of this PC are the staged one: none of them jumps.
        window.caretaker._tick = clock.tick
        window.caretaker.opened()
        site = Path(folder) / "site.toml"
        site.write_text(SITE, encoding="utf-8")
        window.attach(load(environment={}, site=site, user=Path(folder) / "user.toml"))
        shown = play(window, clock) or window
        if shown is not window:
            shown.resize(width, height)
        window.tally.tick()
        QTest.qWait(2 * REST_MILLISECONDS)  # what a scan need not wait for is painted by then
        _save(shown.grab().toImage(), scene, language)
        window.end_session()


def take_sheet(language: str) -> None:
    """A picture of the sheet of control cards."""
    app = QApplication(["pictures"])
    face.load_fonts()
    size = Paper.A4.size
    wide = 900
    image = QImage(wide, round(wide * size.height() / size.width()), QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.white)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(wide / size.width(), wide / size.width())
        cardsheet.draw(painter, Paper.A4)
    _save(image, SHEET, language)
    app.quit()


def _save(image: QImage, scene: str, language: str) -> None:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    image.save(str(picture(scene, language)), "PNG", 0)  # 0: as small as PNG gets


class Clock:
    """An afternoon in May, a few seconds later each time it is asked for."""

    def __init__(self) -> None:
        self._now = datetime(2027, 5, 12, 13, 44, 12).astimezone()

    def __call__(self) -> datetime:
        """The moment."""
        return self._now

    def tick(self, _wall: datetime | None = None) -> Tick:
        """What every clock of the PC says."""
        return Tick(self._now, self._now.timestamp(), self._now.timestamp())

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


def settings(window: DeskWindow, _clock: Clock) -> QWidget:
    """The settings."""
    assert window.companions is not None
    window.companions.show_settings()
    return next(each for each in QApplication.topLevelWidgets() if isinstance(each, SettingsWindow))


def scanner_test(window: DeskWindow, _clock: Clock) -> QWidget:
    """A scanner set for an American keyboard on a French PC."""
    assert window.companions is not None
    raw = Cause("us", "fr").garbled(TEST_TEXT) or ""
    window.companions.test_scanner(Scan(raw, raw, Source.SCAN, Terminator.CR, "", 5.0, 5.27))
    return next(each for each in QApplication.topLevelWidgets() if isinstance(each, ScannerTest))


def tools(window: DeskWindow, clock: Clock) -> None:
    """The panel of tools."""
    loans(window, clock)
    assert window.companions is not None
    window.companions.show_tools()


SHEET = "manual-cards"
SITE = """
locked = ["desk.library"]
[desk]
library = "BUC du Mirail"
circulation_desk = "BUC_PRET"
name = "2"
[scanner]
find_serial = false
[sound]
on = false
"""
_Scene = tuple[Callable[[DeskWindow, Clock], QWidget | None], tuple[int, int], float]
SCENES: dict[str, _Scene] = {
    "manual-loan": (loans, (760, 570), 1.6),
    "manual-return": (returns, (760, 570), 1.6),
    "manual-refused": (refused, (760, 570), 1.6),
    "manual-tools": (tools, (760, 570), 1.6),
    "manual-contrast": (loans, (760, 570), 1.6),
    "manual-settings": (settings, (760, 640), 1.6),
    "manual-scanner": (scanner_test, (760, 640), 1.6),
    SHEET: (loans, (0, 0), 1),
    "desk": (loans, (1024, 740), 1),
    "desk-return": (returns, (1024, 740), 1),
}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
