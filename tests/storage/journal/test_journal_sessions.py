"""Layout 2 of the journal: sessions, true elapsed time, clock jumps; and the way there."""

from __future__ import annotations

import gzip
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from storage.desk_kit import MORNING, Desk

import offcirc
from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import Operation, record_now
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal, RowState
from offcirc.storage.journal.layout import JOURNAL
from offcirc.storage.journal.rows import RowNote

LAYOUT_1 = Path(__file__).parents[1] / "journal-layout-1.db.gz"
"""Written by the program when it knew layout 1 only: twelve rows, two of them deleted, two saves of
four and four rows, two rows pending, on two days."""

MIRAIL = DeskIdentity("BUC du Mirail", "BUC_PRET", "Banque 2")


class Ticking:
    """A clock that nobody can set."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def loan(now, item="37000034179"):
    return record_now(now, Operation.LOAN, item, "9921000000164")


@pytest.fixture
def layout_1(tmp_path) -> Path:
    """A data folder with a journal of layout 1."""
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "journal.db").write_bytes(gzip.decompress(LAYOUT_1.read_bytes()))
    return folder


def test_the_old_journal_is_one(layout_1):
    connection = sqlite3.connect(layout_1 / "journal.db")
    try:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        names = [row[1] for row in connection.execute("PRAGMA table_info(transactions)")]
        assert "session" not in names
    finally:
        connection.close()


def test_a_journal_of_layout_1_is_brought_up_to_date_with_all_its_rows(layout_1):
    connection = sqlite3.connect(layout_1 / "journal.db")
    before = connection.execute("SELECT * FROM transactions ORDER BY seq").fetchall()
    connection.close()
    with Journal.open(layout_1) as journal:
        rows = journal.rows_between(1, 99)
        assert journal._database.execute("PRAGMA user_version").fetchone() == (JOURNAL.version,)
        columns = (
            "seq, id, at_utc, utc_offset, operation, item, patron, raw, source, session,"
            " elapsed_ms, repaired"
        )
        after = journal._database.execute(f"SELECT {columns} FROM transactions").fetchall()
    assert after == [(*row, None, None, "") for row in before]
    assert len(rows) == 12
    assert [row.seq for row in rows if row.state is RowState.VOIDED] == [2, 11]
    assert [row.seq for row in rows if row.state is RowState.PENDING] == [10, 12]
    assert all(row.session is None and row.elapsed is None for row in rows)
    assert {row.identity for row in rows} == {DeskIdentity()}


def test_work_goes_on_in_an_old_journal(layout_1):
    now = MORNING + timedelta(days=1, hours=1)
    with Journal.open(layout_1, identity=MIRAIL) as journal:
        journal.append(loan(now))
        journal.void(12)
        assert [row.seq for row in journal.pending()] == [10, 13]
        assert journal.rows_between(13, 13)[0].identity == MIRAIL
        # Today's rows are found by their runs across the step up, too.
        found = journal.rows_since(MORNING + timedelta(hours=15))
        assert [row.seq for row in found] == [*range(6, 14)]
        assert DatWriter(journal).save().rows == 2
    with Journal.open(layout_1) as journal:
        assert journal.pending() == []


def test_a_step_up_interrupted_by_the_power_is_made_again(layout_1):
    """The power goes in the middle of the step up: all of it or nothing."""
    copy = (layout_1 / "journal.db").read_bytes()
    connection = sqlite3.connect(layout_1 / "journal.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("BEGIN IMMEDIATE")
    for statement in JOURNAL.steps[1]:
        connection.execute(statement)
    connection.close()  # as the power does
    with Journal.open(layout_1) as journal:
        assert len(journal.rows_between(1, 99)) == 12
    assert copy != (layout_1 / "journal.db").read_bytes()


@pytest.mark.parametrize("table", ["about", "sessions", "clock_jumps"])
def test_no_row_of_the_new_tables_is_ever_changed_or_removed(desk, table):
    desk.scan()
    desk.journal.note_jump(desk.now, desk.now + timedelta(hours=1))
    connection = desk.journal._database.conn
    before = connection.execute(f"SELECT * FROM {table}").fetchall()
    column = connection.execute(f"SELECT * FROM {table}").description[-1][0]
    assert before
    for statement in (
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            connection.execute(statement)
    assert connection.execute(f"SELECT * FROM {table}").fetchall() == before


def test_each_row_knows_its_desk_and_the_true_time(tmp_path):
    monotonic = Ticking()
    with Journal.open(
        tmp_path, identity=MIRAIL, clock=lambda: MORNING, monotonic=monotonic
    ) as journal:
        monotonic.seconds += 61.5
        row = journal.keep(loan(MORNING), RowNote("fr"))
    with Journal.open(tmp_path) as journal:
        (again,) = journal.pending()
    assert again == row
    assert again.identity == MIRAIL
    assert again.elapsed == timedelta(seconds=61.5)
    assert again.repaired == "fr"
    assert again.session is not None
    assert again.session.at == MORNING.astimezone(UTC)
    assert again.session.version == offcirc.__version__
    assert again.session.computer


def test_each_run_that_records_is_a_session(desk: Desk):
    desk.scan(2)
    desk.reopen()
    desk.reopen()
    desk.scan(1)
    rows = desk.journal.rows_between(1, 9)
    sessions = [row.session.id for row in rows]
    assert sessions[0] == sessions[1] != sessions[2]
    count = desk.journal._database.execute("SELECT count(*) FROM sessions").fetchone()
    assert count == (2,), "a run that recorded nothing leaves nothing"


def test_a_journal_can_tell_that_the_clock_was_moved(tmp_path):
    """The stamps say 3 h, the true time 2 minutes: the referent can put them right."""
    monotonic = Ticking()
    with Journal.open(tmp_path, clock=lambda: MORNING, monotonic=monotonic) as journal:
        first = journal.keep(loan(MORNING))
        monotonic.seconds += 120
        jumped = MORNING + timedelta(hours=3)
        jump = journal.note_jump(MORNING + timedelta(minutes=2), jumped)
        second = journal.keep(loan(jumped))
    assert second.elapsed - first.elapsed == timedelta(minutes=2)
    assert second.transaction.at - first.transaction.at == timedelta(hours=3)
    assert (jump.last_seq, jump.seconds, jump.elapsed_ms) == (1, 178 * 60, 120_000)
    with Journal.open(tmp_path) as journal:
        assert journal.clock_jumps() == [jump]
        assert journal.clock_jumps()[0].session == first.session


def test_a_jump_before_the_first_row(tmp_path):
    with Journal.open(tmp_path) as journal:
        jump = journal.note_jump(MORNING, MORNING - timedelta(days=1))
        assert (jump.last_seq, jump.seconds) == (0, -86400)
        row = journal.keep(loan(datetime.now(UTC).astimezone()))
        assert row.session == jump.session


def test_two_journals_have_two_names(tmp_path):
    names = set()
    for folder in ("a", "b", "a"):
        with Journal.open(tmp_path / folder) as journal:
            names.add(journal.id)
    assert len(names) == 2


def test_another_identity_begins_another_session(desk):
    from offcirc.storage.journal.sessions import ProgramRun

    desk.scan(1)
    desk.journal.run = ProgramRun(MIRAIL)
    desk.scan(1)
    first, second = desk.journal.pending()
    assert (first.identity, second.identity) == (DeskIdentity(), MIRAIL)
    assert replace(first, seq=2) != second


def test_the_first_scan_of_a_day_and_of_a_run_is_all_or_nothing(desk):
    desk.scan(1)
    desk.reopen()
    connection = desk.journal._database.conn
    connection.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON transactions"
                       " BEGIN SELECT RAISE(ABORT, 'full'); END")  # fmt: skip
    with pytest.raises(sqlite3.IntegrityError):
        desk.scan(1)
    connection.execute("DROP TRIGGER full")
    assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    desk.scan(1)
    assert [row.session is not None for row in desk.journal.pending()] == [True, True]
    desk.reopen()
    assert [row.session is not None for row in desk.journal.pending()] == [True, True]


def test_the_names_of_a_desk():
    assert str(DeskIdentity()) == ""
    assert str(MIRAIL) == "BUC du Mirail · Banque 2"
    assert str(DeskIdentity("BUC du Mirail", "BUC_PRET")) == "BUC du Mirail · BUC_PRET"
    assert MIRAIL.desk == "Banque 2"
