"""``offcirc-uploader --smoke``: whether this installation works, tried on the real window.

In a data folder of its own, which is removed afterwards, the window opens with the file of the
sample library, is killed, is opened again and is closed. Any line that one of the processes prints
to its standard error is a failure too.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from offcirc import resources
from offcirc.i18n import _
from offcirc.windows import smoke

_MODULE = "offcirc.referent.smoke"


def run() -> int:
    """Try the installation.

    Returns:
        0 when all went well; 1 otherwise, and a sentence on the standard error says why.
    """
    with tempfile.TemporaryDirectory(prefix="offcirc-smoke-", ignore_cleanup_errors=True) as name:
        fine = _("The referent’s window works: opened, killed, opened again.")
        return smoke.report(partial(_try, Path(name)), fine)


def _try(folder: Path) -> None:
    sentence = _("The window could not be opened.")
    first = smoke.start(_MODULE, "stay", folder)
    smoke.kill_when(first, (folder / "stay").exists, sentence)
    smoke.end(smoke.start(_MODULE, "close", folder), sentence)


def main(argv: Sequence[str] | None = None) -> int:
    """One of the two processes: ``stay FOLDER`` or ``close FOLDER``."""
    part, name = sys.argv[1:] if argv is None else argv
    folder = Path(name)

    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from offcirc.referent.frame import start as uploader
    from offcirc.referent.frame.window import Window

    def look() -> None:
        windows = [each for each in QApplication.topLevelWidgets() if isinstance(each, Window)]
        if not any(window.isVisible() for window in windows):
            QTimer.singleShot(20, look)
            return
        (folder / part).touch()
        if part == "close":
            windows[0].close()

    QTimer.singleShot(0, look)
    sample = resources.path("practice/toulouse/OffCirc.dat")
    return uploader.main(["--data-dir", str(folder / "data"), "--lang", "en", str(sample)])


if __name__ == "__main__":
    raise SystemExit(main())
