"""A short outage played on the real desk window: real keys, real journal, real OffCirc.dat.

The demonstration runs it as a program of its own, on a screen in memory when there is none. What
is scanned is in the sample library of the practice server, except the one item nobody knows.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from offcirc import i18n
from offcirc.desk import main as desk
from offcirc.desk.window import DeskWindow
from offcirc.i18n import _, ngettext

READER = "9951658533103"
LENT = ("UBX84850911", "37084718953")
RETURNED = "UBX99643558"
MISTAKE = "d566632954"
NOBODY_KNOWS = "37999000123"

_KEY_MILLISECONDS = 2
"""A scanner's pace."""
_PATIENCE = 20.0
"""Seconds a step may take: generous, it only costs when something is wrong."""
_Step = Iterator[Callable[[], bool]]


def main(argv: Sequence[str] | None = None) -> int:
    """Play the outage; print what is done, a sentence a line.

    Returns:
        0 when everything scanned was recorded and saved.
    """
    parser = argparse.ArgumentParser(prog="offcirc-rehearsal")
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--lang", default="en")
    parser.add_argument("--pictures", type=Path, required=True)
    options = parser.parse_args(argv)
    i18n.activate(options.lang)
    play = _Play(options.pictures)
    QTimer.singleShot(0, play.start)
    code = desk.main(["--data-dir", options.data_dir, "--lang", options.lang])
    return code or (0 if play.complete else 1)


class _Play:
    """Plays the steps one after the other, each when the window shows that the last one is done.

    Attributes:
        complete: the last step is done.
    """

    def __init__(self, pictures: Path) -> None:
        self.complete = False
        self._pictures = pictures
        self._steps: _Step = iter(())
        self._done: Callable[[], bool] = lambda: True
        self._deadline = 0.0

    def start(self) -> None:
        """Wait for the desk to be open, then begin."""
        window = next(
            (each for each in QApplication.topLevelWidgets() if isinstance(each, DeskWindow)), None
        )
        if window is None or not window.was_painted or not window.isVisible():
            QTimer.singleShot(20, self.start)
            return
        window.activateWindow()
        self._steps = self._outage(window)
        self._deadline = time.monotonic() + _PATIENCE
        self._go_on()

    def _go_on(self) -> None:
        if time.monotonic() > self._deadline:
            _tell(_("The window did not answer in time."))
            QApplication.closeAllWindows()
            return
        try:
            ended = self._done() and not self._next_step()
        except BaseException:
            # Whoever watched may be gone: an open window that nobody sees must not stay behind.
            QApplication.exit(1)
            raise
        if not ended:
            QTimer.singleShot(5, self._go_on)

    def _next_step(self) -> bool:
        step = next(self._steps, None)
        if step is None:
            return False
        self._done = step
        self._deadline = time.monotonic() + _PATIENCE
        return True

    def _outage(self, window: DeskWindow) -> _Step:
        ui = window.ui
        rows = ui.model.rowCount

        def shown(count: int) -> Callable[[], bool]:
            return lambda: rows() == count and not ui.item.text()

        _tell(
            _("A reader comes with {count} books. Their card is scanned, then each book.").format(
                count=len(LENT)
            )
        )
        _scan(READER)
        yield ui.item.hasFocus
        for number, item in enumerate(LENT, start=1):
            _scan(item)
            yield shown(number)
        self._picture(window, "desk-loan.png")

        _tell(_("A wrong book was scanned: its row is deleted before it reaches the file."))
        _scan(MISTAKE)
        yield shown(3)
        for _click in ("propose", "delete"):
            QTest.mouseClick(ui.delete, Qt.MouseButton.LeftButton)
        yield lambda: ui.model.row(0).state == "voided"

        _tell(_("A book with a barcode that nobody knows is lent all the same."))
        _scan(NOBODY_KNOWS)
        yield shown(4)

        _tell(_("Another book comes back: Ctrl+Alt+R, and it is scanned. No card is needed."))
        _press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        yield ui.return_.isChecked
        _scan(RETURNED)
        yield shown(5)
        self._picture(window, "desk-return.png")

        _tell(_("Save To File: the rows are written to OffCirc.dat."))
        _press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        yield lambda: not any(ui.model.pending())
        self._picture(window, "desk-saved.png")
        saved = sum(row.state == "saved" for row in ui.model.all())
        text = ngettext("{count} row is in the file.", "{count} rows are in the file.", saved)
        _tell(text.format(count=saved))
        self.complete = saved == len(LENT) + 2
        QTest.mouseClick(ui.close, Qt.MouseButton.LeftButton)
        yield lambda: not window.isVisible()

    def _picture(self, window: QWidget, name: str) -> None:
        QApplication.processEvents()
        if not window.grab().save(str(self._pictures / name)):
            _tell(_("The picture {name} could not be saved.").format(name=name))


def _scan(code: str) -> None:
    """Let a keyboard scanner read a barcode: keys into whatever has the focus, then Enter."""
    QTest.keyClicks(_focus(), code, Qt.KeyboardModifier.NoModifier, _KEY_MILLISECONDS)
    _press(Qt.Key.Key_Return)


def _press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(_focus(), key, modifiers, _KEY_MILLISECONDS)


def _focus() -> QWidget:
    widget = QApplication.focusWidget() or QApplication.activeWindow()
    assert widget is not None, "the desk's window is open while the outage is played"
    return widget


def _tell(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
