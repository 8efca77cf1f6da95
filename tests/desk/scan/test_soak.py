"""Many thousands of scans, and many thousands of Qt calls, in one process.

One release of the binding lost count of its references to ``None`` and ended the process after some
5,000 calls: a desk would have died within the hour. The calls run in a process of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from desk.screen_kit import AskedDesk
from helpers import TOP

from offcirc.storage.journal.journal import Journal

CALLS = """
import sys
from PySide6.QtWidgets import QApplication, QLineEdit
app = QApplication([])
field = QLineEdit()
field.show()
for number in range({count}):
    field.update()
    field.setText(str(number))
    app.processEvents()
before = sys.getrefcount(None)
for number in range(1000):
    field.update()
    field.clear()
    field.setFocus()
print("none", before - sys.getrefcount(None))
"""


@pytest.mark.prove
def test_the_binding_survives_a_day() -> None:
    count = 1_000_000 if os.environ.get("OFFCIRC_PROVE") == "1" else 20_000
    done = subprocess.run(
        [sys.executable, "-c", CALLS.format(count=count)],
        cwd=TOP,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    word, lost = done.stdout.split()
    assert word == "none"
    assert int(lost) < 100, "references to None are being lost"


GROWTH_LIMIT = 20 * 1024 * 1024
BATCH = 100


@pytest.mark.prove
@pytest.mark.xvfb
def test_a_long_day_in_one_window(asked_desk: AskedDesk) -> None:
    """Loans and returns typed by a scanner, saved now and then: none lost, and memory stays flat.

    What a window needs once (pictures of rows, fonts, the first rows of the list) is there after
    the first batches: growth counts from then on.
    """
    batches = 100 if os.environ.get("OFFCIRC_PROVE") == "1" else 3
    expected: list[tuple[str, str, str]] = []
    memory: list[int] = []
    for batch in range(batches):
        reader, typed = f"99{batch:06}", ""
        lend = batch % 4 != 3
        for number in range(BATCH):
            item = f"37{batch:04}{number:03}"
            typed += f"{item}\r"
            expected.append(("L", item, reader) if lend else ("R", item, ""))
        asked_desk.x.key("ctrl+alt+l" if lend else "ctrl+alt+r")
        asked_desk.wait_for(loan=lend)
        if lend:
            asked_desk.x.key("alt+b")
            asked_desk.x.type(f"{reader}\r")
            asked_desk.wait_for(borrower=reader, title="Ready to lend")
        asked_desk.x.type(typed)
        asked_desk.wait_for(rows=len(expected))
        asked_desk.x.key("ctrl+s")
        asked_desk.wait_for(pending=0)
        memory.append(int(asked_desk.ask("memory")))
    start = min(len(memory) - 1, 5)
    grown = memory[-1] - memory[start]
    assert grown < GROWTH_LIMIT, [round(each / 1024 / 1024, 1) for each in memory]
    assert asked_desk.end() == 0
    with Journal.open(asked_desk.folder) as journal:
        kept = journal.rows_between(1, 10**9)
    found = [(t.operation.value, t.item, t.patron) for t in (row.transaction for row in kept)]
    assert found == expected
    lines = (asked_desk.folder / "OffCirc.dat").read_bytes().count(b"\r\n")
    assert lines == len(expected)
