"""A row is deleted wherever it is, or its deletion is refused; it never comes back."""

from __future__ import annotations

import errno
import shutil

import pytest
from storage.desk_kit import MORNING
from storage.faulty import Kind
from storage.fire_kit import check_next_morning
from storage.keeper_kit import (
    break_both,
    break_home,
    check_next_morning_closed,
    fails_at,
    items,
    scan_all,
)

from offcirc.core.transaction import Operation, record_now
from offcirc.disk import durable
from offcirc.disk.errors import Fault, NotPendingError, StorageError
from offcirc.storage.journal.rows import RowState, Where
from offcirc.storage.keeper.keeper import Keeper


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
