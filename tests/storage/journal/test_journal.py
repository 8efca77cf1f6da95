"""The journal keeps every fact, in order, and refuses what would change one."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from helpers import raw

from offcirc.core.transaction import Operation, Source, record_now
from offcirc.disk import database
from offcirc.disk.database import Schema, open_database
from offcirc.disk.errors import Fault, NewerSchemaError, NotPendingError, StorageError, describe
from offcirc.storage.journal import layout
from offcirc.storage.journal.journal import Journal, RowState
from offcirc.storage.journal.rows import RowNote

TABLES = ("transactions", "days", "voids", "files", "file_states", "saves", "save_ends")
posix = pytest.mark.skipif(sys.platform == "win32", reason="permission bits: only on POSIX")


def states(desk):
    return {row.seq: row.state for row in desk.journal.rows_between(1, 99)}


def test_a_transaction_comes_back_whole(desk):
    record = record_now(
        desk.now, Operation.LOAN, "37000034179", "99210", raw=" 37000034179\t", source=Source.SERIAL
    )
    seq = desk.journal.append(record)
    desk.reopen()
    (row,) = desk.journal.pending()
    assert row.seq == seq
    assert row.state is RowState.PENDING
    assert row.transaction == record
    assert row.transaction.at.tzinfo is UTC


def test_a_transaction_is_committed_when_append_returns(desk):
    desk.scan()
    other = sqlite3.connect(f"file:{desk.journal.path}?mode=ro", uri=True)
    try:
        assert other.execute("SELECT count(*) FROM transactions").fetchone() == (1,)
    finally:
        other.close()


@pytest.mark.promise("disk-before-screen")
def test_commits_are_flushed(desk):
    connection = desk.journal._database.conn
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.promise("nothing-destroyed")
def test_no_row_is_ever_changed_or_removed(desk, table):
    desk.scan(3)
    desk.journal.void(2)
    desk.save()
    connection = desk.journal._database.conn
    column, before = (
        connection.execute(f"SELECT *, rowid FROM {table}").description[0][0],
        list(connection.execute(f"SELECT * FROM {table}")),
    )
    assert before
    for statement in (
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            connection.execute(statement)
    # Another program's connection does not have our settings.
    other = sqlite3.connect(desk.journal.path, isolation_level=None)
    try:
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            other.execute(f"REPLACE INTO {table} SELECT * FROM {table}")
    finally:
        other.close()
    assert list(connection.execute(f"SELECT * FROM {table}")) == before


@pytest.mark.promise("disk-before-screen")
def test_what_is_not_sure_to_be_on_the_disk_is_not_said_to_be(desk):
    # Somebody still reads the journal as it was, so the log cannot be written afresh.
    desk.scan()
    with database.reading(desk.journal.path) as reader:
        assert reader.execute("SELECT count(*) FROM transactions").fetchone() == (1,)
        desk.scan()
        desk.journal._database.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(StorageError) as caught:
            desk.journal.secure()
        assert (caught.value.fault, caught.value.path) == (Fault.BUSY, desk.journal.path)
    desk.journal.secure()
    assert desk.journal.path.with_name("journal.db-wal").stat().st_size == 0
    assert desk.pending() == [1, 2]


def test_a_recorded_scan_is_one_insert_into_one_table(desk):
    desk.scan()
    connection = desk.journal._database.conn
    seen = []
    connection.set_trace_callback(seen.append)
    desk.scan()
    connection.set_trace_callback(None)
    # A trigger that only looks shows up as the statement that set it off.
    (statement,) = {text for text in seen if not text.startswith("--")}
    assert statement.startswith("INSERT INTO transactions")
    indexes = connection.execute("PRAGMA index_list('transactions')").fetchall()
    assert indexes == []


def test_a_deleted_row_is_voided_and_stays(desk):
    desk.scan(3)
    desk.journal.void(2)
    desk.reopen()
    assert desk.pending() == [1, 3]
    assert states(desk) == {1: RowState.PENDING, 2: RowState.VOIDED, 3: RowState.PENDING}


def test_only_pending_rows_can_be_deleted(desk):
    desk.scan(2)
    desk.save()
    desk.scan(2)
    desk.journal.void(3)
    for seq in (1, 2, 3, 5, 0, -1):
        with pytest.raises(NotPendingError) as caught:
            desk.journal.void(seq)
        assert caught.value.seq == seq
        assert describe(caught.value) == "Only a row that is not saved yet can be deleted."
    assert desk.pending() == [4]


def test_a_row_that_may_be_in_the_file_cannot_be_deleted(desk, monkeypatch):
    desk.scan(2)
    desk.save()
    desk.scan(2)
    desk.crash_while_saving(monkeypatch, None)
    desk.scan()
    doubts = {seq: desk.journal.is_in_doubt(seq) for seq in range(1, 6)}
    assert doubts == {1: False, 2: False, 3: True, 4: True, 5: False}
    for seq in (3, 4):
        with pytest.raises(NotPendingError):
            desk.journal.void(seq)
    desk.journal.void(5)
    assert desk.save().rows == 0
    assert desk.path.read_bytes() == desk.stated(1, 2, 3, 4)


def test_what_is_noted_of_a_row_is_kept_however_many_came_before(desk):
    desk.scan(2)
    old = desk.journal.rows_between(2, 2)[0]
    noted = desk.journal.keep(desk.transaction("3700009998"), RowNote(odd="odd"))
    desk.reopen()
    desk.scan()
    again = desk.journal.keep(desk.transaction("3700009999"), RowNote(again=old))
    desk.reopen()
    rows = desk.journal.rows_between(1, 9)
    assert rows == [*rows[:2], noted, rows[3], again]
    assert (rows[2].odd, rows[4].session, rows[4].restores) == (
        "odd",
        old.session,
        old.transaction.id,
    )


def test_each_change_of_the_day_is_noted_once(desk):
    for day in (0, 1, 0):
        desk.now += timedelta(days=day)
        desk.scan(2)
        desk.reopen()
    found = desk.journal._database.execute("SELECT * FROM days ORDER BY first_seq").fetchall()
    assert found == [(1, "2026-11-22"), (3, "2026-11-23")]


def test_order_is_the_order_of_recording_when_the_clock_goes_back(desk):
    desk.scan(2)
    desk.now -= timedelta(days=400)
    desk.scan(2)
    desk.now += timedelta(days=800)
    desk.scan(1)
    desk.reopen()
    rows = desk.journal.pending()
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert rows[2].transaction.at < rows[1].transaction.at
    desk.save()
    assert desk.path.read_bytes() == desk.stated()


def test_rows_since_finds_runs_on_both_sides_of_a_clock_set_back(desk):
    morning = desk.now
    desk.scan(2)
    desk.now -= timedelta(days=2)
    desk.scan(2)
    desk.now += timedelta(days=2)
    desk.scan(1)
    desk.reopen()
    desk.scan(1)
    assert [row.seq for row in desk.journal.rows_since(morning)] == [1, 2, 5, 6]
    assert [row.seq for row in desk.journal.rows_since(morning - timedelta(days=3))] == [
        1, 2, 3, 4, 5, 6,
    ]  # fmt: skip
    assert desk.journal.rows_since(desk.now + timedelta(seconds=1)) == []


def test_rows_since_counts_from_the_very_millisecond(desk):
    desk.scan(3)
    moment = desk.journal.pending()[1].transaction.at
    assert [row.seq for row in desk.journal.rows_since(moment)] == [2, 3]
    after = moment + timedelta(milliseconds=1)
    assert [row.seq for row in desk.journal.rows_since(after)] == [3]


def test_what_is_read_at_start_does_not_grow_with_the_history(desk):
    for _ in range(30):
        desk.scan(20)
        desk.save()
        desk.now += timedelta(days=1)
    desk.scan(2)
    desk.reopen()
    connection = desk.journal._database.conn
    since = desk.now.replace(hour=0, minute=0)

    def steps(question):
        count = 0

        def count_one():
            nonlocal count
            count += 1

        connection.set_progress_handler(count_one, 10)
        question()
        connection.set_progress_handler(None, 0)
        return count

    for question in (
        desk.journal.pending,
        lambda: desk.journal.rows_since(since),
        desk.journal.saves.last,
        desk.journal.saves.unfinished,
    ):
        short = steps(question)
        assert short < 60, "tens of instructions for each row of today, none for older ones"


def append_until_it_fails(desk, record):
    for written in range(500):
        try:
            desk.journal.append(record)
        except StorageError as error:
            return error, written
    raise AssertionError("the disk never filled up")


def test_a_failed_append_records_nothing_and_can_be_made_again(desk):
    desk.scan(1)
    connection = desk.journal._database.conn
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    record = desk.transaction("3700009999")
    fault, written = append_until_it_fails(desk, record)
    assert fault.fault is Fault.DISK_FULL
    assert "full" in describe(fault)
    assert len(desk.pending()) == written + 1
    desk.now += timedelta(days=1)  # the first of a day takes another way
    _, more = append_until_it_fails(desk, desk.transaction("3700009999"))
    assert len(desk.pending()) == written + more + 1
    connection.execute(f"PRAGMA max_page_count = {pages + 100}")
    before = desk.pending()
    assert desk.journal.append(record) == before[-1] + 1
    desk.reopen()
    assert desk.pending() == [*before, before[-1] + 1]


@pytest.mark.skipif(sys.platform == "win32", reason="open files can be removed only on POSIX")
@pytest.mark.parametrize("replaced", [False, True])
def test_a_journal_that_was_taken_away_is_noticed(desk, replaced):
    desk.scan()
    if replaced:
        (desk.folder / "copy").write_bytes(raw(desk.journal.path))
        (desk.folder / "copy").replace(desk.journal.path)
    else:
        desk.journal.path.unlink()
    with pytest.raises(StorageError) as caught:
        desk.scan()
    assert caught.value.fault is Fault.VANISHED


def later_schema() -> Schema:
    step = ("ALTER TABLE transactions ADD COLUMN desk TEXT NOT NULL DEFAULT 'one'",)
    return Schema(layout.JOURNAL.application_id, (*layout.JOURNAL.steps, step))


def test_a_journal_of_a_newer_version_is_refused_untouched(desk):
    desk.scan(2)
    desk.close()
    open_database(desk.journal.path, later_schema()).conn.close()
    before = {path.name: path.read_bytes() for path in desk.folder.iterdir()}
    with pytest.raises(NewerSchemaError) as caught:
        Journal.open(desk.folder)
    after = {path.name: path.read_bytes() for path in desk.folder.iterdir()}
    del before["journal.owner"], after["journal.owner"]
    assert after == before
    newest = layout.JOURNAL.version
    assert (caught.value.found, caught.value.known) == (newest + 1, newest)
    assert "newer version" in describe(caught.value)
    assert "Nothing was changed" in describe(caught.value)


def test_a_newer_version_that_crashed_before_its_first_checkpoint_is_refused(desk, tmp_path):
    desk.scan(2)
    desk.close()
    newer = open_database(desk.journal.path, later_schema())
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in desk.folder.glob("journal.db*"):
        (copy / path.name).write_bytes(raw(path))
    newer.conn.close()
    assert (copy / "journal.db-wal").stat().st_size
    with pytest.raises(NewerSchemaError):
        Journal.open(copy)


def test_the_log_of_a_newer_version_is_not_even_tidied_up(desk, tmp_path):
    desk.scan(2)
    desk.close()
    newer = open_database(desk.journal.path, later_schema())
    newer.execute("PRAGMA wal_checkpoint(truncate)")
    newer.execute("INSERT INTO days VALUES (99, '2026-01-01')")
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("journal.db", "journal.db-wal"):
        (copy / name).write_bytes(raw(desk.folder / name))
    newer.conn.close()
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    with pytest.raises(NewerSchemaError):
        Journal.open(copy)
    assert {name: (copy / name).read_bytes() for name in before} == before
    assert not (copy / "journal.db-shm").exists()


def test_an_older_journal_is_brought_up_to_date(desk, monkeypatch):
    desk.scan(2)
    desk.close()
    monkeypatch.setattr("offcirc.storage.journal.journal.JOURNAL", later_schema())
    desk.open()
    assert desk.pending() == [1, 2]
    connection = desk.journal._database.conn
    assert connection.execute("PRAGMA user_version").fetchone() == (layout.JOURNAL.version + 1,)
    assert connection.execute("SELECT DISTINCT desk FROM transactions").fetchall() == [("one",)]


def test_a_step_up_that_fails_leaves_the_journal_as_it_was(desk):
    desk.scan(2)
    desk.close()
    steps = (*layout.JOURNAL.steps, ("CREATE TABLE extra (a)", "CREATE TABLE extra (a)"))
    with pytest.raises(sqlite3.OperationalError):
        open_database(desk.journal.path, Schema(layout.JOURNAL.application_id, steps))
    desk.open()
    assert desk.pending() == [1, 2]


def test_a_crash_while_the_layout_is_made_leaves_an_empty_file_to_start_from(tmp_path):
    broken = Schema(layout.JOURNAL.application_id, ((*layout.JOURNAL.steps[0], "nonsense"),))
    with pytest.raises(sqlite3.OperationalError):
        open_database(tmp_path / "journal.db", broken)
    with Journal.open(tmp_path) as journal:
        assert journal.pending() == []


@pytest.mark.parametrize(
    "content", [b"not a database" * 20, b"\x00" * 4096, b"SQLite format 3\x00"]
)
def test_a_file_that_is_no_database_is_refused_untouched(tmp_path, content):
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    with pytest.raises(StorageError) as caught:
        Journal.open(tmp_path)
    assert caught.value.fault is Fault.NOT_OURS
    assert str(path) in describe(caught.value)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_refused_untouched(tmp_path):
    path = tmp_path / "journal.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (cake)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(StorageError) as caught:
        Journal.open(tmp_path)
    assert caught.value.fault is Fault.NOT_OURS
    assert path.read_bytes() == before


def test_a_damaged_database_is_named_as_such(desk):
    desk.scan(60)
    desk.close()
    content = bytearray(desk.journal.path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    desk.journal.path.write_bytes(content)
    with pytest.raises(StorageError) as caught:
        Journal.open(desk.folder)
    assert caught.value.fault is Fault.DAMAGED
    assert "damaged" in describe(caught.value)


def test_a_folder_in_the_place_of_the_journal_is_refused(tmp_path):
    (tmp_path / "journal.db").mkdir()
    with pytest.raises(StorageError) as caught:
        Journal.open(tmp_path)
    assert caught.value.fault in {Fault.NOT_A_FILE, Fault.DENIED}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "data").write_text("x")
    for folder in (tmp_path / "data", tmp_path / "data" / "below"):
        with pytest.raises(StorageError) as caught:
            Journal.open(folder)
        assert describe(caught.value)


def test_a_refused_journal_leaves_the_folder_free(tmp_path):
    (tmp_path / "journal.db").write_bytes(b"x" * 200)
    for _ in range(2):
        with pytest.raises(StorageError) as caught:
            Journal.open(tmp_path)
        assert caught.value.fault is Fault.NOT_OURS
    (tmp_path / "journal.db").unlink()
    Journal.open(tmp_path).close()


@posix
@pytest.mark.promise("files-are-their-owners-alone")
def test_everything_is_readable_by_its_owner_only(desk):
    desk.scan(2)
    desk.save()
    assert stat.S_IMODE(desk.folder.stat().st_mode) == 0o700
    names = {path.name for path in desk.folder.iterdir()}
    assert {"journal.db", "journal.db-wal", "journal.lock", "journal.owner", "OffCirc.dat"} <= names
    for path in desk.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_clock_may_be_left_to_the_system(tmp_path: Path):
    before = datetime.now(UTC)
    with Journal.open(tmp_path) as journal:
        assert before <= journal.clock() <= datetime.now(UTC)


def test_statements_in_one_transaction_are_kept_together(desk):
    db = desk.journal._database
    insert = "INSERT INTO days VALUES (99, '2026-01-01')"
    with pytest.raises(sqlite3.IntegrityError), database.transaction(db):  # noqa: PT012 - on purpose
        db.execute(insert)
        db.execute(insert)
    assert db.execute("SELECT count(*) FROM days").fetchone() == (0,)


def test_room_in_the_log_is_made_once_and_changes_nothing(desk):
    desk.scan(3)
    before = desk.journal.rows_between(1, 9)
    desk.journal.make_log_room()
    log = desk.folder / "journal.db-wal"
    size = log.stat().st_size
    assert 4 << 20 < size < 5 << 20, "what it may become, and no more of the disk"
    assert desk.journal.rows_between(1, 9) == before
    assert desk.journal._database.execute("PRAGMA cache_size").fetchone() == (-2000,)
    desk.scan(20)
    assert log.stat().st_size == size, "transactions are written over what is there"
    desk.reopen()
    assert len(desk.journal.rows_between(1, 99)) == 23
    assert desk.save().rows == 23


def test_the_room_in_the_log_is_written_before_the_first_scan_waits_for_it(desk, monkeypatch):
    washed: list[tuple[int, int]] = []
    usual = os.fsync

    def fsync(fd: int) -> None:
        assert threading.current_thread().daemon, "no slow disk keeps the program from ending"
        washed.append((fd, os.fstat(fd).st_ino))
        usual(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    desk.journal.make_log_room()
    for thread in threading.enumerate():
        if thread.name == "offcirc-log":
            thread.join()
    [(fd, inode)] = washed
    assert inode == (desk.folder / "journal.db-wal").stat().st_ino
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_a_run_that_cannot_begin_leaves_the_folder_free(tmp_path, monkeypatch):
    def broken():
        raise OSError(5, "Input/output error")

    opened = []

    def noted(*arguments):
        opened.append(open_database(*arguments))
        return opened[-1]

    monkeypatch.setattr("offcirc.storage.journal.journal.open_database", noted)
    with pytest.raises(StorageError):
        Journal.open(tmp_path / "data", monotonic=broken)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")
    Journal.open(tmp_path / "data").close()


def test_room_in_the_log_that_is_not_to_be_had_is_said_and_the_scans_go_on(desk):
    desk.scan()
    connection = desk.journal._database.conn
    begun = []
    connection.set_trace_callback(lambda text: begun.extend([text] * ("INTO room" in text)))
    connection.set_progress_handler(lambda: len(begun), 1)
    with pytest.raises(StorageError):
        desk.journal.make_log_room()
    connection.set_progress_handler(None, 0)
    connection.set_trace_callback(None)
    assert not connection.in_transaction
    desk.scan()
    assert desk.pending() == [1, 2]


def test_a_mistake_in_making_room_leaves_no_transaction_open(desk, monkeypatch):
    monkeypatch.setattr("offcirc.storage.journal.journal._LOG_ROOM", object())
    with pytest.raises(sqlite3.Error):
        desk.journal.make_log_room()
    assert not desk.journal._database.conn.in_transaction
    desk.scan()
    assert desk.pending() == [1]


def test_where_room_is_short_the_log_is_kept_short(desk):
    desk.journal.save_room()
    desk.scan(60)
    log = desk.journal.path.with_name("journal.db-wal")
    assert log.stat().st_size < 64 * 4200
