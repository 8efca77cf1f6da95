"""What the fallback place kept comes home by itself, whole and once."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from storage.desk_kit import MORNING
from storage.faulty import Kind
from storage.fire_kit import Day
from storage.keeper_kit import (
    break_both,
    break_home,
    check_next_morning_closed,
    fails_at,
    items,
    posix,
    scan_all,
)

from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import Operation, record_now
from offcirc.disk.errors import Fault, NotPendingError, StorageError
from offcirc.storage.journal.journal import Journal
from offcirc.storage.journal.rows import RowNote, RowState, Where
from offcirc.storage.keeper.keeper import FIRST_PAUSE, Keeper
from offcirc.storage.keeper.standing import describe_standing


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
