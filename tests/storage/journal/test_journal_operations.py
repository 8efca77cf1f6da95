"""What OffCirc.dat has no letter for, and what was stated, is kept in the journal for good."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from storage.desk_kit import MORNING
from upload.desks import RealDesk

from offcirc.core.transaction import Operation, Transaction, record_now
from offcirc.disk.database import Schema, open_database
from offcirc.storage.copies.linetimes import place_of, read_times
from offcirc.storage.copies.manifest import COLUMNS
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal import layout
from offcirc.storage.journal.journal import Journal
from offcirc.storage.keeper import salvage
from offcirc.storage.keeper.keeper import Keeper

CLOSED = datetime(2026, 11, 21, 19, 0)
FOURTH = Schema(layout.JOURNAL.application_id, layout.JOURNAL.steps[:4])


def records() -> list[Transaction]:
    """One of each operation, and a return out of the book drop."""
    made = [record_now(MORNING, each, f"B{each.value}", "P1") for each in Operation]
    return [*made, record_now(MORNING, Operation.RETURN, "B5", stated=CLOSED)]


def kept(journal: Journal) -> list[Transaction]:
    return [row.transaction for row in journal.rows_between(1, 99)]


def test_it_is_read_as_it_was_recorded(tmp_path: Path) -> None:
    told = records()
    with Journal.open(tmp_path) as journal:
        for each in told:
            journal.append(each)
    with Journal.open(tmp_path) as journal:
        assert kept(journal) == told
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        rows = connection.execute("SELECT operation, act, stated FROM transactions").fetchall()
    assert rows == [
        ("L", "", ""),
        ("R", "", ""),
        ("R", "H", ""),
        ("L", "N", ""),
        ("R", "", "2026-11-21T19:00"),
    ]


@pytest.mark.parametrize("column", ["act", "stated", "patron", "item"])
def test_none_of_it_can_be_changed(tmp_path: Path, column: str) -> None:
    with Journal.open(tmp_path) as journal:
        journal.append(records()[2])
    connection = sqlite3.connect(tmp_path / "journal.db")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        connection.execute(f"UPDATE transactions SET {column} = 'x'")
    connection.close()


def test_a_journal_of_the_layout_before_is_read_and_brought_up_to_date(tmp_path: Path) -> None:
    before = open_database(tmp_path / "journal.db", FOURTH)
    before.execute(
        "INSERT INTO transactions (id, at_utc, utc_offset, operation, item, patron, raw, source)"
        " VALUES ('i', '2026-11-22T08:00:00.000Z', 60, 'R', 'B1', '', 'B1', 'scan')"
    )
    before.conn.close()
    (tmp_path / "OffCirc.dat").write_bytes(b"")
    place = place_of(tmp_path / "OffCirc.dat")
    assert place is not None
    assert not read_times(place).acts, "read as it lies there"
    with Journal.open(tmp_path) as journal:
        journal.append(records()[3])
        first, second = kept(journal)
    assert (first.operation, first.stated) == (Operation.RETURN, None)
    assert second.operation is Operation.RENEWAL


def test_a_damaged_journal_gives_it_back(tmp_path: Path) -> None:
    told = records()
    with Journal.open(tmp_path) as journal:
        for each in told:
            journal.append(each)
        DatWriter(journal).save()
    path = tmp_path / "journal.db"
    with path.open("r+b") as file:
        file.write(bytes(16))
    assert salvage.salvage(path, tmp_path / "OffCirc.dat") is not None
    with Journal.open(tmp_path) as journal:
        assert kept(journal) == told
        assert not journal.pending(), "the file's lines are known again"


def test_it_comes_home_from_the_fallback_place(tmp_path: Path) -> None:
    told = records()
    home = tmp_path / "home"
    home.write_text("in the way")
    with Keeper.open(home, fallback=tmp_path / "other") as keeper:
        for each in told:
            keeper.append(each)
        home.unlink()
        keeper.hurry()
        keeper.tend()
        assert [row.transaction for row in keeper.rows_since(MORNING)] == told
    with Journal.open(home) as journal:
        assert kept(journal) == told


def test_only_lines_of_which_there_is_more_to_say_are_longer(tmp_path: Path) -> None:
    with Journal.open(tmp_path) as journal:
        for each in records():
            journal.append(each)
        DatWriter(journal).save()
    place = place_of(tmp_path / "OffCirc.dat")
    assert place is not None
    times = read_times(place)
    assert times.acts == {3: Operation.IN_HOUSE, 4: Operation.RENEWAL}
    assert times.stated == {5}
    assert len(COLUMNS) == 5


def test_what_only_a_later_version_knows_is_read_as_its_letter(tmp_path: Path) -> None:
    desk = RealDesk(tmp_path / "desk")
    desk.journal.append(record_now(MORNING, Operation.RENEWAL, "B1", "P1"))
    desk.save()
    place = place_of(desk.mirror(tmp_path / "share"))
    desk.close()
    assert place is not None
    text = place.path.read_text()
    assert '"","","N","",""]' in text
    told = text.replace('"","","N","",""]', '"","","X","","","more"]')
    place.path.write_text(told, newline="\n")
    times = read_times(place)
    assert not times.acts
    assert len(times.stamps) == 1
