"""``offcirc-desk --smoke``: whether this installation works, tried on the real window.

In a data folder of its own, which is removed afterwards, the window opens, records two loans, is
killed without warning, is opened again, has both loans back, saves them and is closed. Any line
that one of the processes prints to its standard error is a failure too.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from offcirc.i18n import _
from offcirc.windows import smoke
from offcirc.windows.smoke import SmokeError

PATRON = "9921000000164"
ITEMS = ("37000034179", "37000034180")
_MODULE = "offcirc.desk.program.smoke"


def run() -> int:
    """Try the installation.

    Returns:
        0 when all went well; 1 otherwise, and a sentence on the standard error says why.
    """
    with tempfile.TemporaryDirectory(prefix="offcirc-smoke-", ignore_cleanup_errors=True) as name:
        fine = _("The desk’s window works: recorded, killed, recovered, saved.")
        return smoke.report(partial(_try, Path(name)), fine)


def _try(folder: Path) -> None:
    shown = folder / "shown"
    data = folder / "data"
    first = smoke.start(_MODULE, "scan", data, OFFCIRC_TRACE_SHOWN=str(shown))
    smoke.kill_when(
        first,
        lambda: _lines(shown) == len(ITEMS),
        _("The window could not be opened, or did not record."),
    )
    second = smoke.start(_MODULE, "save", data)
    smoke.end(second, _("After it was killed, the window did not save what it had recorded."))
    lines = (data / "OffCirc.dat").read_bytes().split(b"\r\n")
    kept = [line[13:].decode("ascii").split() for line in lines if line]
    if kept != [[item, PATRON] for item in ITEMS]:
        raise SmokeError(_("OffCirc.dat does not hold what was scanned."))


def _lines(path: Path) -> int:
    try:
        return path.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def main(argv: Sequence[str] | None = None) -> int:
    """One of the two processes: ``scan FOLDER`` or ``save FOLDER``."""
    part, folder = sys.argv[1:] if argv is None else argv

    from PySide6.QtCore import Qt, QTimer

    from offcirc.desk.program import player
    from offcirc.desk.program import start as desk
    from offcirc.desk.program.window import DeskWindow

    def shown(window: DeskWindow, number: int) -> Callable[[], bool]:
        return lambda: window.ui.model.rowCount() == number

    def scans(window: DeskWindow) -> player.Steps:
        player.scan(PATRON)
        yield window.ui.item.hasFocus
        for number, item in enumerate(ITEMS, start=1):
            player.scan(item)
            yield shown(window, number)
        yield lambda: False  # until it is killed

    def saves(window: DeskWindow) -> player.Steps:
        yield lambda: len(window.ui.model.pending()) == len(ITEMS)
        player.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        yield lambda: not window.ui.model.pending()
        window.close()
        yield lambda: not window.isVisible()

    played = player.Player(scans if part == "scan" else saves)
    QTimer.singleShot(0, played.start)
    return desk.main(["--data-dir", folder, "--lang", "en"])


if __name__ == "__main__":
    raise SystemExit(main())
