"""Many thousands of Qt calls in one process.

One release of the binding lost count of its references to ``None`` and ended the process after some
5,000 calls: a desk would have died within the hour. The calls run in a process of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from helpers import TOP

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
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    word, lost = done.stdout.split()
    assert word == "none"
    assert int(lost) < 100, "references to None are being lost"
