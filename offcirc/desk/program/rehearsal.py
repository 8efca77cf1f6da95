"""A short outage played on the real desk window: real keys, real journal, real OffCirc.dat.

The demonstration runs it as a program of its own, on a screen in memory when there is none. What
is scanned is in the sample library of the practice server, except the one item nobody knows.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from offcirc import i18n
from offcirc.desk.program import start as desk
from offcirc.desk.program.player import Player, Steps, press, scan, tell
from offcirc.desk.program.window import DeskWindow
from offcirc.i18n import _, ngettext

PATRON = "9951658533103"
LENT = ("UBX84850911", "37084718953")
RETURNED = "UBX99643558"
MISTAKE = "d566632954"
NOBODY_KNOWS = "37999000123"


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
    player = Player(play.outage)
    QTimer.singleShot(0, player.start)
    code = desk.main(["--data-dir", options.data_dir, "--lang", options.lang])
    return code or (0 if play.complete else 1)


class _Play:
    """The outage.

    Attributes:
        complete: the last step is done.
    """

    def __init__(self, pictures: Path) -> None:
        self.complete = False
        self._pictures = pictures

    def outage(self, window: DeskWindow) -> Steps:
        ui = window.ui
        rows = ui.model.rowCount

        def shown(count: int) -> Callable[[], bool]:
            return lambda: rows() == count and not ui.item.text()

        tell(
            _("A reader comes with {count} books. Their card is scanned, then each book.").format(
                count=len(LENT)
            )
        )
        scan(PATRON)
        yield ui.item.hasFocus
        for number, item in enumerate(LENT, start=1):
            scan(item)
            yield shown(number)
        self._picture(window, "desk-loan.png")

        tell(_("A wrong book was scanned: its row is deleted before it reaches the file."))
        scan(MISTAKE)
        yield shown(3)
        for _click in ("propose", "delete"):
            QTest.mouseClick(ui.delete, Qt.MouseButton.LeftButton)
        yield lambda: ui.model.row(0).state == "voided"

        tell(_("A book with a barcode that nobody knows is lent all the same."))
        scan(NOBODY_KNOWS)
        yield shown(4)

        tell(_("Another book comes back: Ctrl+Alt+R, and it is scanned. No card is needed."))
        press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        yield ui.return_.isChecked
        scan(RETURNED)
        yield shown(5)
        self._picture(window, "desk-return.png")

        tell(_("Save To File: the rows are written to OffCirc.dat."))
        press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        yield lambda: not any(ui.model.pending())
        self._picture(window, "desk-saved.png")
        saved = sum(row.state == "saved" for row in ui.model.all())
        text = ngettext("{count} row is in the file.", "{count} rows are in the file.", saved)
        tell(text.format(count=saved))
        self.complete = saved == len(LENT) + 2
        QTest.mouseClick(ui.close, Qt.MouseButton.LeftButton)
        yield lambda: not window.isVisible()

    def _picture(self, window: QWidget, name: str) -> None:
        QApplication.processEvents()
        if not window.grab().save(str(self._pictures / name)):
            tell(_("The picture {name} could not be saved.").format(name=name))


if __name__ == "__main__":
    raise SystemExit(main())
