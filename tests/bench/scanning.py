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
from PySide6.QtGui import QStandardItem, QStandardItemModel  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import (  # noqa: E402
    QApplication,
    QFormLayout,
    QLabel,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from offcirc.core.transaction import Operation, record_now  # noqa: E402
from offcirc.desk.face import look as style  # noqa: E402
from offcirc.desk.program.window import DeskWindow  # noqa: E402
from offcirc.desk.shop.store import DeskStore  # noqa: E402
from offcirc.storage.journal.journal import Journal  # noqa: E402
from offcirc.windows import face  # noqa: E402

SAMPLES = 400
SIZE = (1000, 760)


class Painted(QObject):
    """Counts how often a widget has been painted."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Let everything through."""
        self.times += event.type() == QEvent.Type.Paint
        return False


class Bare(QWidget):
    """What nobody could do with less: the same fields and table, as Qt has them.

    A scan is appended to a file and flushed, put at the head of the table, said in a line, and its
    field is emptied.
    """

    def __init__(self, rows_before: int, append: BareAppend) -> None:
        super().__init__()
        self._append = append
        self.setWindowTitle("Bare")
        self.patron, self.item, self.said = QLineEdit(), QLineEdit(), QLabel()
        form = QFormLayout()
        form.addRow("Borrower:", self.patron)
        form.addRow("Item barcode:", self.item)
        self._model = QStandardItemModel(0, 5)
        self.table = QTableView()
        self.table.setModel(self._model)
        whole = QVBoxLayout(self)
        whole.addLayout(form)
        whole.addWidget(self.said)
        whole.addWidget(self.table)
        for number in range(rows_before):
            self._add(f"314{number:011}")
        self.item.returnPressed.connect(self._record)

    def _add(self, item: str) -> None:
        texts = ("10:20", item, "Loan", self.patron.text(), "to save")
        self._model.insertRow(0, list(map(QStandardItem, texts)))

    def _record(self) -> None:
        item = self.item.text()
        self._append()
        self._add(item)
        self.said.setText(f"Loan recorded {item}")
        self.item.clear()


def main(folder: Path, rows_before: int) -> None:
    """Fill the journal, open the window on it, scan; print the samples as JSON.

    Five lists of milliseconds: typing a barcode; a bare append; from the scan's Enter until the
    transaction is on the disk and the window has taken it up; until it is painted; and the same in
    a bare window of Qt, beside it and in turn with it.
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
    app.setFont(look.text)
    window = DeskWindow(DeskStore(folder), look)
    window.setStyleSheet(style.style_sheet(look))  # not the application's: the other one is bare
    append = BareAppend(folder / "bare")
    bare = Bare(min(rows_before, 1000), append)
    for each in (bare, window):
        each.resize(*SIZE)
        each.show()
        assert QTest.qWaitForWindowExposed(each)
    bare.patron.setText("9900000001")
    bare.move(SIZE[0], 0)
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    assert window.open_store()
    QTest.keyClicks(window.ui.patron, "9900000001")
    QTest.keyClick(window.ui.patron, Qt.Key.Key_Return)
    recorded: list[int] = []
    window.recorded.connect(lambda _: recorded.append(time.perf_counter_ns()))
    painted = Painted()
    window.ui.list.viewport().installEventFilter(painted)
    bare.table.viewport().installEventFilter(painted)
    typed: list[float] = []
    floor: list[float] = []
    kept: list[float] = []
    shown: list[float] = []
    shown_bare: list[float] = []

    def type_barcode(field: QLineEdit, number: int) -> None:
        QTest.keyClicks(field, f"315{number:011}")
        app.processEvents()

    def until_painted(field: QLineEdit) -> int:
        before = painted.times
        start = time.perf_counter_ns()
        QTest.keyClick(field, Qt.Key.Key_Return)
        while painted.times == before:
            app.processEvents()
        app.processEvents()
        return start

    def finish_scan() -> None:
        start = until_painted(window.ui.item)
        shown.append((time.perf_counter_ns() - start) / 1e6)
        kept.append((recorded[-1] - start) / 1e6)

    def finish_bare() -> None:
        start = until_painted(bare.item)
        shown_bare.append((time.perf_counter_ns() - start) / 1e6)

    for number in range(SAMPLES):
        typed.append(milliseconds(lambda number=number: type_barcode(window.ui.item, number)))
        type_barcode(bare.item, number)
        turns = [finish_scan, lambda: floor.append(milliseconds(append)), finish_bare]
        for turn in turns[:: 1 if number % 2 else -1]:
            turn()
    assert len(recorded) == SAMPLES, len(recorded)
    print(json.dumps([typed, floor, kept, shown, shown_bare]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
