"""Run by bench_scan.py in a process of its own: scans into the desk window, and their cost."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path

from measuring import BareAppend, milliseconds

from offcirc.windows.quick import load_qt

load_qt()  # as the program does, before anything else imports Qt

from PySide6.QtCore import QEvent, QObject, Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from offcirc.core.transaction import Operation, record_now  # noqa: E402
from offcirc.desk import look as style  # noqa: E402
from offcirc.desk.store import DeskStore  # noqa: E402
from offcirc.desk.window import DeskWindow  # noqa: E402
from offcirc.storage.journal import Journal  # noqa: E402
from offcirc.windows import face  # noqa: E402

SAMPLES = 400


class Painted(QObject):
    """Counts how often a widget has been painted."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Let everything through."""
        self.times += event.type() == QEvent.Type.Paint
        return False


def main(folder: Path, rows_before: int) -> None:
    """Fill the journal, open the window on it, scan; print the samples as JSON.

    Four lists of milliseconds: typing a barcode; a bare append; from the scan's Enter until the
    transaction is on the disk and the window has taken it up; and until it is painted.
    """
    now = datetime.now().astimezone()
    with Journal.open(folder) as journal:
        for number in range(rows_before):
            journal.append(record_now(now, Operation.LOAN, f"314{number:011}", "9900000001"))
    QApplication.setStyle("Fusion")
    app = QApplication([])
    face.load_fonts()
    app.setPalette(style.palette())
    look = style.make_look(app, app.primaryScreen().availableGeometry().size())
    app.setStyleSheet(style.style_sheet(look))
    window = DeskWindow(DeskStore(folder), look)
    window.resize(1000, 760)
    window.show()
    assert QTest.qWaitForWindowActive(window)
    assert window.open_store()
    QTest.keyClicks(window.ui.borrower, "9900000001")
    QTest.keyClick(window.ui.borrower, Qt.Key.Key_Return)
    recorded: list[int] = []
    window.recorded.connect(lambda _: recorded.append(time.perf_counter_ns()))
    painted = Painted()
    window.ui.list.viewport().installEventFilter(painted)
    bare = BareAppend(folder / "bare")
    typed: list[float] = []
    floor: list[float] = []
    kept: list[float] = []
    shown: list[float] = []

    def type_barcode(number: int) -> None:
        QTest.keyClicks(window.ui.item, f"315{number:011}")
        app.processEvents()

    def finish_scan() -> None:
        before = painted.times
        start = time.perf_counter_ns()
        QTest.keyClick(window.ui.item, Qt.Key.Key_Return)
        while painted.times == before:
            app.processEvents()
        app.processEvents()
        shown.append((time.perf_counter_ns() - start) / 1e6)
        kept.append((recorded[-1] - start) / 1e6)

    for number in range(SAMPLES):
        typed.append(milliseconds(lambda number=number: type_barcode(number)))
        if number % 2:
            finish_scan()
        floor.append(milliseconds(bare))
        if not number % 2:
            finish_scan()
    assert len(recorded) == SAMPLES, len(recorded)
    print(json.dumps([typed, floor, kept, shown]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
