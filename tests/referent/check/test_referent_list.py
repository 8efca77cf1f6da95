"""A list in the window: looked at, put right, taken, and then a file among the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from offcirc.referent.check.list_page import ListTab
from offcirc.upload.lists.reading import ColumnUse

READER, A, B = "9921000000164", "37000034179", "UBX00252850"
TABLE = f"code;carte;quand\n3,7E+10;{READER};26/11/25 14:11\n{B};;26/11/25 14:20\n"


@pytest.fixture
def tab(window) -> ListTab:
    return window.collect.list


def type_in(field, text: str) -> None:
    field.setFocus()
    field.clear()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_list_is_put_right_and_taken(window, tab, qtbot, tmp_path, data_dir):
    path = tmp_path / "retours.csv"
    path.write_text(TABLE, "utf-8")
    window.lister.read(path)
    qtbot.waitUntil(lambda: tab.model.rowCount() == 3)
    assert window.collect.shown == window.collect.list_tab
    assert [box.currentData() for box in tab.uses[:3]] == [
        ColumnUse.ITEM,
        ColumnUse.PATRON,
        ColumnUse.WHEN,
    ]
    assert len(tab.found.problems) == 1
    assert tab.corrected.text() == ""
    type_in(tab.corrected, A)
    assert not tab.found.problems
    with qtbot.waitSignal(window.lister.kept, timeout=10_000) as kept:
        tab.take.click()
    qtbot.waitUntil(lambda: bool(window.collect.ready_files), timeout=10_000)
    (row,) = window.collect.ready_files
    assert row.path == kept.args[0]
    assert row.lines == 2
    lines = Path(kept.args[0]).read_bytes().splitlines()
    assert lines[0] == f"202511261411L{A:<80}{READER}".encode()
    original = Path(kept.args[0]).parent / "retours.csv"
    assert original.read_text("utf-8") == TABLE
    assert data_dir in original.parents


def test_what_was_copied_is_asked_about_until_all_is_known(window, tab, qtbot):
    QGuiApplication.clipboard().setText(f"{A}\n{B}\n")
    window.collect.paste.click()
    qtbot.waitUntil(lambda: bool(tab.found.questions))
    assert not tab.take.isEnabled()
    type_in(tab.day, "26/11/2025")
    type_in(tab.clock, "9h30")
    tab.operation.setCurrentIndex(2)
    tab.operation.activated.emit(2)
    assert tab.take.isEnabled()
    assert [record.at.isoformat() for record in tab.found.records] == ["2025-11-26T09:30:00"] * 2


def test_what_is_no_list_is_told(window, qtbot, tmp_path):
    path = tmp_path / "photo.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(50))
    with qtbot.waitSignal(window.lister.failed, timeout=10_000):
        window.lister.read(path)
    assert "xlsx" in window.band.message
