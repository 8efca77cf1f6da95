"""Work goes on in the fallback place when the journal cannot be written."""

from __future__ import annotations

import os
import shutil
import stat

import pytest
from storage.desk_kit import MORNING
from storage.faulty import Kind
from storage.keeper_kit import (
    break_both,
    break_home,
    check_next_morning_closed,
    fails_at,
    items,
    posix,
    scan_all,
)

from offcirc.core.transaction import Operation, record_now
from offcirc.disk.errors import Fault, LockedError, StorageError
from offcirc.storage.journal.journal import Journal
from offcirc.storage.journal.rows import RowState, Where
from offcirc.storage.keeper.keeper import FIRST_PAUSE, Keeper


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


@pytest.mark.skipif(os.name == "nt", reason="only on POSIX has a test a home of its own")
def test_the_default_fallback_place_is_in_the_users_own_data_folder(home):
    from offcirc.storage.keeper.fallback_place import default_fallback

    assert default_fallback().is_relative_to(home)
    assert default_fallback().name == "fallback"


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
