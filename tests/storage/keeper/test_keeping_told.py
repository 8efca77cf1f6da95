"""How things stand in words, what is kept of clocks, and room on a full disk."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest
from storage.desk_kit import MORNING
from storage.keeper_kit import break_both, break_home, scan_all, standing

from offcirc.core.transaction import Operation, record_now
from offcirc.disk import durable, space
from offcirc.disk.errors import Fault, StorageError
from offcirc.storage.journal.rows import Where
from offcirc.storage.keeper.keeper import Keeper
from offcirc.storage.keeper.standing import describe_standing, describe_tended


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


def test_a_disk_whose_room_is_unknown(tmp_path):
    assert space.free_bytes(tmp_path / "nowhere") is None
    reserve = space.Reserve(tmp_path / "nowhere")
    reserve.keep()
    assert not reserve.give_up()
    assert not os.path.lexists(tmp_path / "nowhere")


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
