"""Work goes on when the journal cannot be written, and comes together again by itself."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from storage.desk_kit import MORNING
from storage.faulty import Kind
from storage.fire_kit import Day, broken_day, check_next_morning

from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import Operation, record_now
from offcirc.disk import durable, space
from offcirc.disk.errors import Fault, LockedError, NotPendingError, StorageError
from offcirc.storage.journal.journal import Journal
from offcirc.storage.journal.rows import Row, RowNote, RowState, Where
from offcirc.storage.keeper.keeper import FIRST_PAUSE, Keeper
from offcirc.storage.keeper.standing import Standing, describe_standing, describe_tended

posix = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX")


@pytest.fixture
def day():
    with broken_day("home") as (day, disk):
        day.disk = disk
        day.open()
        yield day
        day.close()


def break_home(day: Day, kind: Kind = Kind.REFUSED, *, for_good: bool = True) -> None:
    day.disk.count, day.disk.fail_at = 0, 1
    day.disk.kind, day.disk.for_good = kind, for_good


def break_both(day: Day, kind: Kind = Kind.REFUSED) -> None:
    day.disk.folder = day.folder
    break_home(day, kind)


def fails_at(patch: pytest.MonkeyPatch, day: Day, statement: str) -> None:
    """Every statement of this kind fails, wherever it is."""
    patch.setattr(day.disk, "is_due", lambda path, what: what.startswith(statement))


def items(rows: list[Row]) -> list[str]:
    return [row.transaction.item[-2:] for row in rows]


def scan_all(day: Day, count: int) -> list[Row]:
    rows = [day.scan() for _ in range(count)]
    assert None not in rows
    return rows


def test_without_a_fault_all_is_at_home_and_the_fallback_place_is_not_made(day):
    scan_all(day, 3)
    assert day.keeper.save().rows == 3
    standing = day.keeper.standing
    assert (standing.where, standing.fault, standing.away) == (Where.MAIN, None, 0)
    assert not (day.folder / "other").exists()
    assert not day.keeper.tend()


def test_a_row_that_home_refuses_is_kept_in_the_fallback_place(day):
    scan_all(day, 2)
    break_home(day)
    row = day.scan()
    assert (row.where, row.state) == (Where.FALLBACK, RowState.PENDING)
    standing = day.keeper.standing
    assert standing.where is Where.FALLBACK
    assert standing.fault.fault is Fault.DISK_FULL
    assert standing.away == 1
    with pytest.raises(LockedError):
        Journal.open(day.keeper.fallback)
    assert items(day.keeper.pending()) == ["01", "02", "03"]
    assert items(day.keeper.rows_since(MORNING)) == ["01", "02", "03"]
    assert items(day.keeper.rows_to_show(MORNING)) == ["01", "02", "03"]
    assert day.keeper.last_at() == row.transaction.at


def test_it_comes_home_by_itself(day):
    scan_all(day, 2)
    break_home(day)
    away = scan_all(day, 3)
    day.disk.heal()
    assert not day.keeper.tend(), "not at once: it has just failed"
    day.seconds += FIRST_PAUSE
    tended = day.keeper.tend()
    assert tended.back
    assert [before.seq for before, _ in tended.reunion.moved] == [row.seq for row in away]
    assert [after.seq for _, after in tended.reunion.moved] == [3, 4, 5]
    assert {after.where for _, after in tended.reunion.moved} == {Where.MAIN}
    standing = day.keeper.standing
    assert (standing.where, standing.fault, standing.away) == (Where.MAIN, None, 0)
    assert day.scan().where is Where.MAIN
    assert [row.seq for row in day.keeper.pending()] == [1, 2, 3, 4, 5, 6]
    day.keeper.save()
    check_next_morning_closed(day)


def check_next_morning_closed(day: Day) -> None:
    day.close()
    check_next_morning(day)


def test_what_was_kept_of_each_row_comes_home_too(day):
    day.keeper.identify(DeskIdentity("BUC", "BUC_PRET", "Banque 2"))
    first = day.scan()
    break_home(day)
    day.seconds += 42
    record = record_now(
        day.now,
        Operation.LOAN,
        "37000039999",
        "9921",
        raw="\u0027çàà",
    )
    row = day.keeper.append(record, RowNote("fr", "isbn"))
    day.disk.heal()
    ((before, after),) = day.keeper.reunite().reunion.moved
    assert before == row
    (read,) = [row for row in day.keeper.pending() if row.seq == 2]
    assert read == after
    assert read.transaction == record
    assert (read.repaired, read.odd, read.elapsed, read.identity.desk_name) == (
        "fr", "isbn", timedelta(seconds=42), "Banque 2",
    )  # fmt: skip
    assert read.session == first.session, "one run of the program is one session"


@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.KEPT])
def test_deleting_works_wherever_the_row_is(day, kind):
    rows = scan_all(day, 3)
    break_home(day, kind)
    rows += scan_all(day, 3)
    day.delete(rows[1])
    day.delete(rows[4])
    for gone in (rows[1], rows[4]):
        with pytest.raises(NotPendingError):
            day.keeper.void(gone)
    assert items(day.keeper.pending()) == ["01", "03", "04", "06"]
    day.disk.heal()
    reunion = day.keeper.reunite().reunion
    assert items(list(reunion.deleted)) == ["02"]
    assert items(day.keeper.pending()) == ["01", "03", "04", "06"]
    # By the row as the window still knows it.
    day.delete(rows[3])
    assert items(day.keeper.pending()) == ["01", "03", "06"]
    assert day.keeper.save().rows == 3
    check_next_morning_closed(day)


def test_deleting_itself_may_be_what_fails(day):
    first, _ = scan_all(day, 2)
    break_home(day, Kind.KEPT)
    day.delete(first)
    assert day.keeper.standing.where is Where.FALLBACK
    day.disk.heal()
    assert day.keeper.reunite().reunion.deleted[0].seq == first.seq
    assert items(day.keeper.pending()) == ["02"]
    check_next_morning_closed(day)


def test_a_saved_row_cannot_be_deleted_while_home_is_out_of_reach(day):
    first, _ = scan_all(day, 2)
    day.keeper.save()
    third = day.scan()
    break_home(day)
    day.scan()
    with pytest.raises(NotPendingError):
        day.keeper.void(first)
    assert items(day.keeper.pending()) == ["03", "04"]
    assert {row.state for row in day.keeper.rows_since(MORNING)} == {
        RowState.SAVED,
        RowState.PENDING,
    }
    day.delete(third)
    assert items(day.keeper.pending()) == ["04"]


@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.KEPT])
def test_when_both_places_fail_nothing_is_acknowledged(day, kind):
    scan_all(day, 1)
    break_both(day, kind)
    assert day.scan() is None
    standing = day.keeper.standing
    assert (standing.where, standing.away) == (None, 0)
    assert items(day.keeper.pending()) == ["01"]
    day.disk.heal()
    # It may be on either disk; the staff were told that it is not recorded.
    row = day.scan()
    assert row.where is Where.MAIN
    assert items(day.keeper.pending()) == ["01", "03"]
    day.keeper.reunite()
    assert items(day.keeper.pending()) == ["01", "03"]
    assert day.keeper.save().rows == 2
    check_next_morning_closed(day)


@pytest.mark.parametrize("heal_between", [False, True])
@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.KEPT])
def test_a_refused_transaction_may_be_given_again(day, kind, heal_between):
    scan_all(day, 1)
    record = record_now(day.now, Operation.LOAN, "37000030077", "9921")
    break_both(day, kind)
    with pytest.raises(StorageError):
        day.keeper.append(record)
    if heal_between:
        day.disk.heal()
        day.keeper.reunite()
        assert items(day.keeper.pending()) == ["01"]
        break_home(day, kind)
        with pytest.raises(StorageError):
            day.keeper.append(record)
    day.disk.heal()
    day.keeper.append(record)
    assert items(day.keeper.pending()) == ["01", "77"]
    if not heal_between:
        states = [row.state for row in day.keeper.rows_since(MORNING)]
        assert states == [RowState.PENDING] * 2, "what had got there was taken as it was"
    day.keeper.reunite()
    assert items(day.keeper.pending()) == ["01", "77"]
    day.keeper.save()
    assert day.keeper.file.read_bytes().count(b"37000030077") == 1


def test_a_row_in_both_places_is_shown_once(day):
    scan_all(day, 1)
    break_home(day, Kind.KEPT, for_good=False)
    row = day.scan()
    assert row.where is Where.FALLBACK
    day.disk.heal()
    # The fallback place goes before its row has been brought home; home shows what it has.
    moved = day.folder / "elsewhere"
    day.keeper._away.close()
    day.keeper.fallback.rename(moved)
    day.keeper._away.folder.write_text("in the way")
    day.keeper.reunite()
    assert items(day.keeper.pending()) == ["01", "02"]
    day.keeper.fallback.unlink()
    moved.rename(day.keeper.fallback)
    assert len(day.keeper.reunite().reunion.moved) == 1
    assert items(day.keeper.pending()) == ["01", "02"]
    check_next_morning_closed(day)


def test_a_row_in_both_places_is_shown_once_while_neither_can_be_written(day, monkeypatch):
    scan_all(day, 1)
    break_home(day, Kind.KEPT, for_good=False)
    scan_all(day, 2)
    with monkeypatch.context() as patch:
        fails_at(patch, day, "BEGIN")
        day.keeper.reunite()
    assert day.keeper.standing.where is Where.FALLBACK
    assert items(day.keeper.pending()) == ["01", "02", "03"]
    day.keeper.reunite()
    assert items(day.keeper.pending()) == ["01", "02", "03"]
    check_next_morning_closed(day)


def test_what_was_deleted_meanwhile_does_not_come_back_when_going_home_fails(day, monkeypatch):
    (first,) = scan_all(day, 1)
    break_home(day)
    scan_all(day, 1)
    day.delete(first)
    day.disk.heal()
    with monkeypatch.context() as patch:
        fails_at(patch, day, "BEGIN")
        day.keeper.reunite()
    assert day.keeper.standing.where is Where.FALLBACK
    assert items(day.keeper.pending()) == ["02"]
    check_next_morning_closed(day)


@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.KEPT])
def test_what_the_fallback_place_refused_is_not_brought_home(day, kind):
    scan_all(day, 1)
    break_home(day)
    scan_all(day, 1)
    break_both(day, kind)
    assert day.scan() is None
    day.disk.heal()
    day.keeper.reunite()
    assert items(day.keeper.pending()) == ["01", "02"]
    check_next_morning_closed(day)


def test_a_row_that_seems_to_be_home_is_written_again_before_it_is_taken_for_granted(day):
    """A page whose flush failed is shown by the system from memory, until it is needed."""
    scan_all(day, 1)
    break_home(day, Kind.KEPT, for_good=False)
    scan_all(day, 1)
    day.disk.heal()
    day.disk.seen.clear()
    day.keeper.reunite()
    words = [line.split(" journal.db")[0] for line in day.disk.seen]
    checkpoint = next(n for n, word in enumerate(words) if word.startswith("PRAGMA wal_checkpoint"))
    taken = next(n for n, word in enumerate(words) if word.startswith("INSERT INTO imports"))
    assert checkpoint < taken
    assert not any(word.startswith("INSERT INTO transactions") for word in words)


def test_strays_of_yesterday_come_home_at_start(day):
    scan_all(day, 1)
    break_home(day)
    scan_all(day, 2)
    day.close()
    day.disk.heal()
    day.open()
    tended = day.keeper.tend()
    assert len(tended.reunion.moved) == 2
    assert items(day.keeper.pending()) == ["01", "02", "03"]
    assert day.keeper.save().rows == 3
    day.close()
    day.open()
    assert not day.keeper.tend().reunion


def test_work_begins_in_the_fallback_place_when_home_cannot_be_opened(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "journal.db").mkdir()
    with Keeper.open(tmp_path / "home", fallback=tmp_path / "fallback") as keeper:
        assert keeper.standing.fault.fault is Fault.NOT_A_FILE
        row = keeper.append(record_now(MORNING, Operation.RETURN, "1"))
        assert row.where is Where.FALLBACK
        with pytest.raises(StorageError):
            keeper.save()
        (tmp_path / "home" / "journal.db").rename(tmp_path / "damaged")
        tended = keeper.reunite()
        assert tended.back
        assert tended.saved.rows == 1, "the save that could not be done"
        assert keeper.last_save().rows == 1


def test_two_desks_do_not_share_a_fallback_place(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "journal.db").mkdir()
        with Keeper.open(tmp_path / name, fallback=tmp_path / "stick") as keeper:
            keeper.append(record_now(MORNING, Operation.RETURN, name))
    for name in ("b", "a"):
        (tmp_path / name / "journal.db").rmdir()
        with Keeper.open(tmp_path / name, fallback=tmp_path / "stick") as keeper:
            assert [row.transaction.item for row in keeper.pending()] == [name]


def test_a_second_program_is_refused_in_either_place(tmp_path):
    def check_the_second() -> None:
        places = {"folder": tmp_path / "home", "fallback": tmp_path / "fallback"}
        with Keeper.open(**places), pytest.raises(LockedError):
            Keeper.open(**places)

    check_the_second()
    shutil.rmtree(tmp_path / "home")
    (tmp_path / "home").write_text("in the way")
    check_the_second()


def test_with_no_place_at_all_the_reason_is_that_of_the_journal(tmp_path):
    for name in ("home", "fallback"):
        (tmp_path / name).write_text("in the way")
    with pytest.raises(StorageError) as caught:
        Keeper.open(tmp_path / "home", fallback=tmp_path / "fallback")
    assert caught.value.path == tmp_path / "home"


@posix
def test_what_is_in_the_fallback_place_is_readable_by_its_owner_only(day):
    scan_all(day, 1)
    break_home(day)
    scan_all(day, 1)
    for path in day.keeper.fallback.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(day.keeper.fallback.stat().st_mode) == 0o700


@posix
def test_a_drive_that_vanished_is_not_replaced_by_what_lies_under_it(day):
    """The folder of a mount is still there when its disk is gone, and must get no new journal."""
    scan_all(day, 2)
    home = day.keeper.folder
    home.rename(day.folder / "drive")
    home.mkdir()
    row = day.scan()
    assert row.where is Where.FALLBACK
    assert day.keeper.standing.fault.fault is Fault.DELETED
    day.keeper.reunite()
    assert list(home.iterdir()) == []
    assert items(day.keeper.pending()) == ["01", "02", "03"]
    # Another disk under the same letter.
    Journal.open(home).close()
    day.keeper.reunite()
    assert day.keeper.standing.where is Where.FALLBACK
    shutil.rmtree(home)
    (day.folder / "drive").rename(home)
    assert len(day.keeper.reunite().reunion.moved) == 1
    check_next_morning_closed(day)


@posix
def test_a_new_journal_in_the_old_place_takes_what_waited_for_the_old_one(day):
    """The disk was replaced overnight: the next start begins a new journal."""
    scan_all(day, 1)
    break_home(day)
    scan_all(day, 2)
    day.close()
    day.disk.heal()
    shutil.rmtree(day.folder / "home")
    day.open()
    assert items(day.keeper.pending()) == ["02", "03"]


def test_a_row_whose_saving_failed_halfway_cannot_be_deleted(day, monkeypatch):
    """OffCirc.dat may hold it already."""
    first, _ = scan_all(day, 2)
    with monkeypatch.context() as patch:
        patch.setattr(
            day.disk, "is_due", lambda path, what: what.startswith("INSERT INTO save_ends")
        )
        with pytest.raises(StorageError):
            day.keeper.save()
        third = day.scan()
        assert third.where is Where.FALLBACK
        assert items(day.keeper.pending()) == ["01", "02", "03"]
        with pytest.raises(NotPendingError):
            day.keeper.void(first)
        day.delete(third)
    tended = day.keeper.reunite()
    assert tended.saved.rows == 0, "all of them were in the file"
    assert not tended.reunion.too_late
    assert day.keeper.pending() == []
    check_next_morning_closed(day)


def test_a_row_found_saved_after_all_is_known_as_saved_when_home_goes_again(day, monkeypatch):
    first, _ = scan_all(day, 2)
    with monkeypatch.context() as patch:
        patch.setattr(
            day.disk, "is_due", lambda path, what: what.startswith("INSERT INTO save_ends")
        )
        with pytest.raises(StorageError):
            day.keeper.save()
    day.keeper._owes_save = False
    day.keeper.reunite()
    break_home(day)
    day.scan()
    assert items(day.keeper.pending()) == ["03"]
    with pytest.raises(NotPendingError):
        day.keeper.void(first)


def test_what_was_deleted_stays_deleted_when_the_fallback_place_goes_too(day):
    first, _ = scan_all(day, 2)
    break_home(day)
    scan_all(day, 1)
    day.delete(first)
    break_both(day)
    assert day.scan() is None
    day.disk.folder = day.folder / "other"
    assert day.scan().where is Where.MAIN
    assert items(day.keeper.pending()) == ["02", "05"]
    assert day.keeper.save().rows == 2
    day.disk.heal()
    reunion = day.keeper.reunite().reunion
    assert (len(reunion.moved), reunion.too_late) == (1, ())
    day.close()
    check_next_morning(day, in_order=False)


@pytest.mark.parametrize("seam", ["INSERT INTO homes", "COMMIT"])
def test_a_row_brought_home_without_a_note_of_it_can_be_deleted(day, monkeypatch, seam):
    """It is there, but the fallback place, or the attempt, did not get as far as knowing it."""
    scan_all(day, 1)
    break_home(day)
    rows = scan_all(day, 2)
    day.disk.folder, day.disk.kind, day.disk.fail_at = day.folder, Kind.KEPT, 0
    if seam.startswith("INSERT"):
        day.disk.kind = Kind.REFUSED
    with monkeypatch.context() as patch:
        fails_at(patch, day, seam)
        moved = [len(day.keeper.reunite().reunion.moved)]
    assert items(day.keeper.pending()) == ["01", "02", "03"]
    day.delete(rows[0])
    assert items(day.keeper.pending()) == ["01", "03"]
    moved += [len(day.keeper.reunite().reunion.moved) for _ in range(2)]
    assert sorted(moved) == [0, 0, 2], "told once"
    assert items(day.keeper.pending()) == ["01", "03"]
    day.delete(rows[1])
    assert day.keeper.save().rows == 1
    check_next_morning_closed(day)


def test_a_deleted_row_in_a_save_of_unknown_end_waits_until_that_is_known(tmp_path, monkeypatch):
    """OffCirc.dat is on a stick that was pulled in the middle of a save, then the disk failed."""
    stick = tmp_path / "stick"
    stick.mkdir()
    places = {"file": stick / "OffCirc.dat", "fallback": tmp_path / "fallback"}
    with Keeper.open(tmp_path / "home", **places) as keeper:
        rows = [keeper.append(record_now(MORNING, Operation.RETURN, name)) for name in "123"]

        def pulled(fd):
            raise OSError(errno.EIO, "pulled")

        with monkeypatch.context() as patch:
            patch.setattr(durable, "flush", pulled)
            with pytest.raises(StorageError):
                keeper.save()
        stick.rename(tmp_path / "pocket")
        with pytest.raises(NotPendingError):
            keeper.void(rows[0])
        keeper._home.lose(StorageError(Fault.VANISHED, keeper.folder))
        with pytest.raises(NotPendingError):
            keeper.void(rows[0])
        keeper.append(record_now(MORNING, Operation.RETURN, "4"))
        keeper.reunite()
        assert [row.transaction.item for row in keeper.pending()] == ["1", "2", "3", "4"]
        (tmp_path / "pocket").rename(stick)
        keeper.reunite()
        assert keeper.pending() == []
        lines = places["file"].read_bytes().splitlines()
        assert [line[13:14] for line in lines] == [b"1", b"2", b"3", b"4"]


def test_what_waits_for_a_journal_that_is_gone_comes_to_the_new_one(tmp_path):
    """The disk died, and the settings name another data folder now."""
    old, new, fallback = tmp_path / "old", tmp_path / "new", tmp_path / "fallback"
    old.mkdir()
    (old / "journal.db").mkdir()
    with Keeper.open(old, fallback=fallback) as keeper:
        keeper.append(record_now(MORNING, Operation.RETURN, "1"))
        keeper.append(record_now(MORNING, Operation.RETURN, "2"))
    with Keeper.open(new, fallback=fallback) as keeper:
        assert keeper.pending() == [], "the old folder may come back"
    shutil.rmtree(old)
    with Keeper.open(new, fallback=fallback) as keeper:
        assert len(keeper.tend().reunion.moved) == 2
        assert [row.transaction.item for row in keeper.pending()] == ["1", "2"]
        keeper.save()
    with Keeper.open(new, fallback=fallback) as keeper:
        assert not keeper.tend().reunion
        assert keeper.pending() == []


@pytest.mark.parametrize("text", [b"", b"[]", b"\xff", b'{"computer": "of somebody else"}'])
def test_a_fallback_place_of_another_computer_is_left_alone(tmp_path, text):
    fallback = tmp_path / "fallback"
    (tmp_path / "old").write_text("in the way")
    with Keeper.open(tmp_path / "old", fallback=fallback) as keeper:
        keeper.append(record_now(MORNING, Operation.RETURN, "1"))
        (keeper.fallback / "stands-for.json").write_bytes(text)
    with Keeper.open(tmp_path / "new", fallback=fallback) as keeper:
        assert keeper.pending() == []


def test_only_the_place_of_the_file_fails(tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    seconds = [0.0]
    with Keeper.open(
        tmp_path / "home",
        file=stick / "OffCirc.dat",
        fallback=tmp_path / "fallback",
        monotonic=lambda: seconds[0],
    ) as keeper:
        keeper.append(record_now(MORNING, Operation.RETURN, "1"))
        stick.rename(tmp_path / "pocket")
        with pytest.raises(StorageError) as caught:
            keeper.save()
        assert caught.value.path == stick / "OffCirc.dat"
        assert keeper.append(record_now(MORNING, Operation.RETURN, "2")).where is Where.MAIN
        standing = keeper.standing
        assert (standing.where, standing.fault) == (Where.MAIN, None)
        assert standing.save_fault.fault is Fault.VANISHED
        assert len(keeper.pending()) == 2
        seconds[0] += FIRST_PAUSE
        assert keeper.tend().saved is None
        (tmp_path / "pocket").rename(stick)
        assert keeper.tend().saved is None, "not tried at every tick"
        seconds[0] += 60
        assert keeper.tend().saved.rows == 2
        assert keeper.standing.save_fault is None
        assert keeper.pending() == []
        assert (stick / "OffCirc.dat").read_bytes().count(b"\r\n") == 2
        assert not (tmp_path / "fallback").exists()


def test_jumps_of_the_clock_are_kept_wherever_that_is_possible(day):
    scan_all(day, 1)
    assert day.keeper.note_jump(day.now, day.now + timedelta(hours=1))
    break_home(day)
    assert day.keeper.note_jump(day.now, day.now + timedelta(hours=2))
    scan_all(day, 2)
    assert day.keeper.note_jump(day.now, day.now - timedelta(hours=3))
    day.disk.heal()
    day.keeper.reunite()
    jumps = day.keeper._home.journal.clock_jumps()
    assert [jump.seconds for jump in jumps] == [3600, 7200, -10800]
    assert [jump.last_seq for jump in jumps] == [1, 1, 3]
    break_both(day)
    assert not day.keeper.note_jump(day.now, day.now + timedelta(hours=1))


def test_the_reserve_is_given_up_on_a_full_disk_and_taken_again(day, monkeypatch):
    scan_all(day, 1)
    day.keeper.tend()
    reserve = day.keeper.folder / space.RESERVE_NAME
    assert reserve.stat().st_size == space.RESERVE_SIZE
    assert day.keeper.standing.reserve
    refused = []

    def full_while_reserved(path, what):
        if reserve.exists() and what.startswith("INSERT"):
            refused.append(what)
            return True
        return False

    monkeypatch.setattr(day.disk, "is_due", full_while_reserved)
    row = day.scan()
    assert row.where is Where.MAIN
    assert len(refused) == 2, "once as it was, once after closing the journal"
    assert not day.keeper.standing.reserve
    assert not (day.folder / "other").exists()
    monkeypatch.setattr(space, "free_bytes", lambda folder: 1 << 20)
    day.keeper.tend()
    assert not reserve.exists(), "there is still too little room"
    monkeypatch.undo()
    day.keeper.tend()
    assert reserve.exists()


def test_the_reserve_makes_room_for_a_save(tmp_path, monkeypatch):
    with Keeper.open(tmp_path / "home", fallback=tmp_path / "fallback") as keeper:
        keeper.append(record_now(MORNING, Operation.RETURN, "1"))
        keeper.tend()
        reserve = keeper.folder / space.RESERVE_NAME
        real = durable.write

        def full_while_reserved(fd, data):
            if reserve.exists():
                raise OSError(errno.ENOSPC, "full")
            return real(fd, data)

        monkeypatch.setattr(durable, "write", full_while_reserved)
        assert keeper.save().rows == 1
        assert not reserve.exists()


def standing(**changed) -> Standing:
    values = {
        "where": Where.MAIN, "fault": None, "save_fault": None, "away": 0,
        "fallback": Path("stick"), "free": None, "reserve": True,
    }  # fmt: skip
    return Standing(**(values | changed))


def test_how_things_stand_in_words():
    full = StorageError(Fault.DISK_FULL, Path("journal.db"))
    gone = StorageError(Fault.VANISHED, Path("OffCirc.dat"))
    assert describe_standing(standing()) == ()
    (text,) = describe_standing(standing(where=None, fault=full))
    assert text.startswith("Nothing can be recorded. The disk that holds journal.db is full.")
    (text,) = describe_standing(standing(where=Where.FALLBACK, fault=full, away=3))
    assert text.startswith("Recording goes on in a fallback place, stick; nothing is lost")
    (text,) = describe_standing(standing(away=1))
    assert text.startswith("1 row is still in the fallback place, stick;")
    (text,) = describe_standing(standing(save_fault=gone))
    assert text.startswith("OffCirc.dat cannot be written at present. The rows are safe")
    (text,) = describe_standing(standing(free=150 << 20))
    assert text.startswith("Only 150 MB are left")
    assert describe_standing(standing(free=space.LOW)) == ()


def test_what_happened_by_itself_in_words(day):
    scan_all(day, 1)
    break_home(day)
    scan_all(day, 2)
    with pytest.raises(StorageError):
        day.keeper.save()
    day.disk.heal()
    first, second = describe_tended(day.keeper.reunite())
    assert first == "All is well again: 2 rows have been brought home from the fallback place."
    assert second.startswith("3 rows that were waiting have been saved to ")
    assert describe_tended(day.keeper.tend()) == ()


@pytest.mark.skipif(os.name == "nt", reason="only on POSIX has a test a home of its own")
def test_the_default_fallback_place_is_in_the_users_own_data_folder(home):
    from offcirc.storage.keeper.fallback_place import default_fallback

    assert default_fallback().is_relative_to(home)
    assert default_fallback().name == "fallback"


def test_a_disk_whose_room_is_unknown(tmp_path):
    assert space.free_bytes(tmp_path / "nowhere") is None
    reserve = space.Reserve(tmp_path / "nowhere")
    reserve.keep()
    assert not reserve.give_up()
    assert not os.path.lexists(tmp_path / "nowhere")


@posix
@pytest.mark.parametrize("what", ["folder", "journal"])
def test_what_is_pending_outlives_its_data_folder(day, what):
    """The folder, or the journal alone, is deleted; two more rows; a save; another start."""
    scan_all(day, 2)
    day.keeper.save()
    scan_all(day, 2)
    gone = day.keeper.folder if what == "folder" else day.keeper.folder / "journal.db"
    shutil.rmtree(gone) if what == "folder" else gone.unlink()
    day.scan()
    standing = day.keeper.standing
    assert (standing.fault.fault, standing.unkept) == (Fault.DELETED, 0)
    told = describe_standing(standing)[0]
    assert "deleted, moved or replaced" in told
    assert "stick" not in told
    if what == "folder":
        taken = day.keeper.news().restated
        assert [(items([row]), row.state) for row in taken] == [
            (["01"], RowState.PENDING),
            (["02"], RowState.PENDING),
        ]
    with pytest.raises(StorageError):
        day.keeper.save()
    day.close()
    with Journal.open(day.folder / "other" / "fallback" / away_name(day)) as away:
        kept = items(away.pending())
    assert kept == (["01", "02", "03", "04", "05"] if what == "folder" else ["03", "04", "05"])
    day.open()
    assert items(day.keeper.pending()) == kept
    assert "journal-anew" in [finding.code for finding in day.keeper.tend().findings]
    day.keeper.save()
    lines = (day.folder / "home" / "OffCirc.dat").read_bytes().splitlines()
    assert [line[13:93].split()[0][-2:] for line in lines] == [b"01", b"02", b"03", b"04", b"05"]


def away_name(day: Day) -> str:
    (place,) = (day.folder / "other" / "fallback").glob("offcirc-*")
    return place.name


def test_a_deleted_row_of_a_lost_journal_is_not_brought_back(day):
    rows = scan_all(day, 3)
    day.disk.kind = Kind.KEPT
    break_home(day, Kind.KEPT)
    day.scan()
    assert day.keeper.standing.sheltered == 3
    day.delete(rows[1])
    day.close()
    day.disk.heal()
    shutil.rmtree(day.folder / "home")
    day.open()
    assert items(day.keeper.pending()) == ["01", "03", "04"]


def test_rows_that_only_the_window_has_are_said_so(day):
    scan_all(day, 2)
    break_both(day, Kind.KEPT)
    day.keeper._home.lose(StorageError(Fault.BROKEN_DISK, day.keeper.folder))
    day.keeper.find_place()
    standing = day.keeper.standing
    assert standing.unkept == 2
    assert "only in this window" in " ".join(describe_standing(standing))
    day.disk.heal()
    day.disk.folder = day.folder / "home"
    break_home(day, Kind.KEPT)
    day.keeper.find_place()
    assert (day.keeper.standing.sheltered, day.keeper.standing.unkept) == (2, 0)


def test_a_full_disk_stays_full_until_there_is_room_to_work_in(day, monkeypatch):
    scan_all(day, 1)
    break_home(day)
    scan_all(day, 1)
    day.disk.heal()
    monkeypatch.setattr(space, "free_bytes", lambda folder: 40 << 10)
    day.wait()
    assert day.keeper.standing.where is Where.FALLBACK
    monkeypatch.setattr(space, "free_bytes", lambda folder: 1 << 30)
    day.wait()
    assert day.keeper.standing.where is Where.MAIN


def test_what_was_noted_of_a_row_comes_home_too(day):
    scan_all(day, 1)
    break_home(day)
    odd = day.keeper.append(record_now(MORNING, Operation.RETURN, "978"), RowNote(odd="isbn"))
    odd = replace(odd, told="overdue")
    day.keeper.tell([(odd, odd.told)])
    again = day.keeper.restore(day.keeper.void(odd))
    assert (again.odd, again.restores) == ("isbn", odd.transaction.id)
    assert (again.transaction.at, again.elapsed_ms) == (odd.transaction.at, odd.elapsed_ms)
    day.disk.heal()
    day.keeper.reunite()
    rows = day.keeper.rows_since(MORNING)[-2:]
    kept = [(row.where, row.state, row.odd, row.restores, row.told) for row in rows]
    assert kept == [
        (Where.MAIN, RowState.VOIDED, "isbn", "", "overdue"),
        (Where.MAIN, RowState.PENDING, "isbn", odd.transaction.id, "overdue"),
    ]


def as_after_a_power_cut(folder: Path) -> Path:
    """What is on the disk at this moment; copied by another process, as SQLite wants it."""
    copy = folder.with_name("copy")
    subprocess.run(["cp", "-r", folder, copy], check=True)
    return copy


@posix
@pytest.mark.parametrize("noticed", ["scan", "delete", "round"])
def test_what_is_shown_outlives_the_log_of_the_journal(day, noticed):
    """SQLite goes on writing into a log that was deleted: it is noticed, and begun anew at once."""
    rows = scan_all(day, 2)
    day.keeper.folder.joinpath("journal.db-wal").unlink()
    if noticed == "scan":
        assert day.scan().where is Where.MAIN
    elif noticed == "delete":
        day.keeper.void(rows[0])
    else:
        day.keeper.tend()
    kept = {"scan": ["01", "02", "03"], "delete": ["02"], "round": ["01", "02"]}[noticed]
    assert day.keeper.standing.fault is None
    with Journal.open(as_after_a_power_cut(day.keeper.folder)) as journal:
        assert items(journal.pending()) == kept


@posix
def test_what_a_lost_log_held_goes_to_the_fallback_place_when_it_cannot_be_rescued(day):
    scan_all(day, 2)
    day.keeper.folder.joinpath("journal.db-wal").unlink()
    break_home(day)
    assert day.scan().where is Where.FALLBACK
    with Journal.open(as_after_a_power_cut(day.keeper.fallback)) as journal:
        assert items(journal.pending()) == ["01", "02", "03"]


@pytest.mark.parametrize("act", ["void", "void_at_home", "tell"])
def test_a_fallback_place_that_fails_is_opened_from_scratch(day, act):
    (at_home,) = scan_all(day, 1)
    break_home(day)
    (away,) = scan_all(day, 1)
    day.disk.folder = day.folder / "other"
    break_home(day, for_good=False)
    acts = {
        "void": lambda: day.keeper.void(away),
        "void_at_home": lambda: day.keeper.void(at_home),
        "tell": lambda: day.keeper.tell([(away, "overdue")]),
    }
    with pytest.raises(StorageError):
        acts[act]()
    scan_all(day, 1)
    assert day.disk.misused == []


@pytest.mark.parametrize("act", ["settle_missing", "make_again"])
def test_a_journal_that_fails_in_what_is_seldom_done_is_given_up(day, act, monkeypatch):
    scan_all(day, 2)
    day.keeper.save()
    (day.folder / "home" / "OffCirc.dat").write_bytes(b"")
    day.wait()
    with monkeypatch.context() as patch:
        fails_at(patch, day, "INSERT")
        with pytest.raises(StorageError):
            getattr(day.keeper, act)()
    scan_all(day, 1)
    assert day.disk.misused == []
