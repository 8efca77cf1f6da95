"""The list: newest first, and as cheap with many rows as with few."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desk.window_kit import READER, Desk
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from offcirc.core.transaction import Operation, record_now
from offcirc.desk.face.cells import ListColumn
from offcirc.desk.face.table import CHUNK, TransactionModel
from offcirc.storage.journal.journal import Row, RowState

NOW = datetime(2018, 5, 9, 13, 48).astimezone()


def row(seq: int, state: RowState = RowState.PENDING) -> Row:
    """A loan of item ``I<seq>``."""
    record = record_now(NOW, Operation.LOAN, f"I{seq}", READER)
    return Row(seq, replace(record, id=f"row {seq}"), state)


def items(model: TransactionModel) -> list[str]:
    """What the Barcode column shows."""
    return [model.index(place, 1).data() for place in range(model.rowCount())]


def test_qt_accepts_the_model_through_every_change(qtmodeltester: ModelTester) -> None:
    model = TransactionModel()
    qtmodeltester.check(model)
    model.show([row(number) for number in range(1, 4)])
    model.add(row(4))
    model.change([row(2, RowState.VOIDED), row(4, RowState.SAVED)])
    qtmodeltester.check(model)
    assert items(model) == ["I4", "I3", "I2", "I1"]
    assert [model.index(place, ListColumn.STATE).data() for place in range(4)] == [
        "saved",
        "to save",
        "deleted",
        "to save",
    ]


def test_older_rows_come_when_the_end_of_the_list_is_reached(
    qtmodeltester: ModelTester,
) -> None:
    model = TransactionModel()
    total = CHUNK * 2 + 7
    model.show([row(number) for number in range(total)])
    assert (model.rowCount(), model.total()) == (CHUNK, total)
    qtmodeltester.check(model)  # reaches the end itself
    while model.canFetchMore(QModelIndex()):
        model.fetchMore(QModelIndex())
    assert items(model) == [f"I{number}" for number in reversed(range(total))]


def test_what_qt_knows_stays_small_all_day() -> None:
    model = TransactionModel()
    for number in range(CHUNK * 5):
        model.add(row(number))
        model.trim(lambda: 11)
        assert model.rowCount() < 2 * CHUNK
    assert model.total() == CHUNK * 5
    assert items(model)[0] == f"I{CHUNK * 5 - 1}"
    model.fetchMore(QModelIndex())
    shown = items(model)
    assert shown == [f"I{CHUNK * 5 - 1 - place}" for place in range(len(shown))]


def test_rows_in_view_are_not_forgotten() -> None:
    model = TransactionModel()
    for number in range(CHUNK * 3):
        model.add(row(number))
    model.trim(lambda: CHUNK * 2 + 49)
    assert model.rowCount() == CHUNK * 3
    model.trim(lambda: CHUNK * 2 - 1)
    assert model.rowCount() == CHUNK * 2


def test_a_change_of_rows_that_are_not_shown_is_kept_for_when_they_are() -> None:
    model = TransactionModel()
    model.show([row(number) for number in range(CHUNK + 3)])
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom: changed.append((top.row(), bottom.row())))
    model.change([row(0, RowState.SAVED)])
    assert changed == []
    model.change([row(number, RowState.SAVED) for number in range(CHUNK + 3)])
    assert changed == [(0, CHUNK - 1)]
    model.fetchMore(QModelIndex())
    assert model.index(CHUNK + 2, ListColumn.STATE).data() == "saved"


def test_nothing_can_be_edited_and_long_codes_are_told_whole(desk: Desk) -> None:
    desk.lend("7" * 80)
    index = desk.ui.model.index(0, 1)
    assert not index.flags() & Qt.ItemFlag.ItemIsEditable
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "7" * 80
    assert desk.ui.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole).count(":") == 2


def test_scrolling_down_reaches_the_first_row_of_a_long_day(desk: Desk, qtbot: QtBot) -> None:
    desk.ui.model.show([row(number) for number in range(1, CHUNK * 3)])
    bar = desk.ui.list.verticalScrollBar()

    def at_the_end() -> bool:
        bar.setValue(bar.maximum())
        return desk.ui.list.last_in_view() == CHUNK * 3 - 2

    qtbot.waitUntil(at_the_end)
    desk.window.tally.pending = 0
