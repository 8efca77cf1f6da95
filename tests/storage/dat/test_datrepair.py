"""Whatever a crash leaves of OffCirc.dat, each row is in it once, in order, on a whole line."""

from __future__ import annotations

import ntpath
import os
import shutil

import pytest

from offcirc.disk.errors import NotPendingError, StorageError
from offcirc.storage.dat import datrepair
from offcirc.storage.dat.findings import describe_finding
from offcirc.storage.dat.missing import FateBook
from offcirc.storage.journal.saves import same_place


@pytest.fixture
def interrupted(desk, monkeypatch, make_desk, tmp_path):
    """Makes copies of a desk that lost its power after a save was written, before it was noted.

    Rows 1 and 2 are saved; 3 and 4 were being saved (a return and a loan).
    """
    desk.scan(2)
    desk.save()
    desk.scan(2)
    desk.crash_while_saving(monkeypatch, None)
    desk.close()
    template = desk.folder
    number = 0

    def copy():
        nonlocal number
        number += 1
        folder = tmp_path / f"copy{number}"
        shutil.copytree(template, folder)
        copied = make_desk(folder)
        copied.lines = dict(desk.lines)
        return copied

    return copy


def check(desk, repaired):
    """After a repair and a save all is in the file, and a further start finds nothing to do."""
    assert desk.journal.saves.unfinished() is None
    assert desk.pending() == ([] if repaired else [3, 4])
    desk.scan(1)
    assert desk.save().rows == (1 if repaired else 3)
    assert desk.path.read_bytes() == desk.stated()
    desk.reopen()
    assert desk.codes() == []
    desk.close()
    shutil.rmtree(desk.folder)


def test_cut_at_every_byte(interrupted):
    desk = interrupted()
    start, whole = len(desk.stated(1, 2)), desk.stated(1, 2, 3, 4)
    first_line_end = len(desk.stated(1, 2, 3))
    desk.close()
    for length in range(start, len(whole) + 1):
        desk = interrupted()
        desk.path.write_bytes(whole[:length])
        torn = start < length < len(whole)
        findings = desk.writer.repair().findings
        assert [finding.code.value for finding in findings] == (["torn"] if torn else [])
        if torn:
            kept_from = first_line_end if length >= first_line_end else start
            kept = whole[kept_from:length]
            assert [path.read_bytes() for path in desk.torn_files()] == ([kept] if kept else [])
            assert findings[0].args["rows"] == (1 if length >= first_line_end else 2)
            assert "power cut" in describe_finding(findings[0])
        check(desk, repaired=length > start)


def test_zeros_from_every_byte_to_the_end(interrupted):
    desk = interrupted()
    start, whole = len(desk.stated(1, 2)), desk.stated(1, 2, 3, 4)
    desk.close()
    for length in range(start, len(whole)):
        desk = interrupted()
        desk.path.write_bytes(whole[:length].ljust(len(whole), b"\0"))
        assert desk.codes() == ["torn"]
        assert len(desk.torn_files()) == 1
        check(desk, repaired=True)


@pytest.mark.parametrize(("first", "last"), [(0, 1), (0, 97), (50, 100), (97, 150)])
def test_a_block_that_never_reached_the_disk(interrupted, first, last):
    desk = interrupted()
    start, whole = len(desk.stated(1, 2)), bytearray(desk.stated(1, 2, 3, 4))
    whole[start + first : start + last] = bytes(last - first)
    desk.path.write_bytes(whole)
    assert desk.codes() == ["torn"]
    check(desk, repaired=True)


def test_the_first_save_of_a_file_interrupted_before_its_first_byte(desk, monkeypatch):
    desk.scan(2)
    desk.crash_while_saving(monkeypatch, 0)
    assert desk.path.read_bytes() == b""
    assert desk.codes() == []
    assert desk.pending() == [1, 2]
    desk.save()
    assert desk.path.read_bytes() == desk.stated()


def test_save_repairs_by_itself(desk, monkeypatch):
    desk.scan(2)
    desk.crash_while_saving(monkeypatch, 100)
    desk.scan(1)
    done = desk.save()
    assert [finding.code.value for finding in done.findings] == ["torn"]
    assert done.rows == 1
    assert desk.path.read_bytes() == desk.stated()


@pytest.mark.parametrize("written", [0, 100, None])
def test_a_folder_from_windows_is_known_on_another_system(make_desk, monkeypatch, written):
    """There the journal calls its file offcirc.dat; nothing is written twice after the move."""
    with monkeypatch.context() as windows:
        windows.setattr(os.path, "normcase", ntpath.normcase)
        desk = make_desk()
        desk.scan(2)
        desk.save()
        desk.scan(2)
        desk.crash_while_saving(windows, written)
        desk.close()
    desk.reopen()
    assert desk.codes() == (["torn"] if written == 100 else [])
    desk.scan(1)
    desk.save()
    assert desk.path.read_bytes() == desk.stated()
    desk.path.unlink()
    book = FateBook(desk.journal.database, desk.journal.path, desk.path)
    assert len(book.missing().rows) == 5


def test_only_names_in_the_data_folder_are_the_same_on_every_system():
    assert same_place("OffCirc.dat", "offcirc.dat")
    assert same_place("day/OffCirc.dat", r"day\offcirc.dat")
    assert not same_place("OffCirc.dat", "day/OffCirc.dat")
    assert not same_place("/day/OffCirc.dat", "/Day/OffCirc.dat")
    assert same_place("/day/OffCirc.dat", "/day/OffCirc.dat")


def test_a_crash_during_the_repair_is_repaired(desk, monkeypatch):
    from offcirc.disk import durable

    desk.scan(1)
    desk.save()
    desk.scan(2)
    desk.crash_while_saving(monkeypatch, 150)
    for seam in ("cut", "append", "create"):
        with monkeypatch.context() as patch:

            def crash(*_):
                raise KeyboardInterrupt

            patch.setattr(durable, seam, crash)
            with pytest.raises(KeyboardInterrupt):
                desk.writer.repair()
        desk.reopen()
        if seam == "append":
            break  # cut by now: nothing is left to be torn
    desk.writer.repair()
    desk.save()
    assert desk.path.read_bytes() == desk.stated()
    assert len(desk.torn_files()) == 2


def test_rows_of_an_unfinished_save_cannot_be_deleted_before_it_is_settled(desk, monkeypatch):
    desk.scan(2)
    desk.crash_while_saving(monkeypatch, None)
    desk.scan(1)
    with pytest.raises(NotPendingError):
        desk.journal.void(2)
    desk.journal.void(3)
    desk.writer.repair()
    assert desk.pending() == []


@pytest.mark.parametrize("how", ["delete", "empty"])
@pytest.mark.parametrize("written", [0, 120, None])
def test_in_doubt_rows_are_saved_again_and_reported(desk, monkeypatch, how, written):
    desk.scan(2)
    desk.save()
    desk.scan(2)
    desk.crash_while_saving(monkeypatch, written)
    if how == "delete":
        desk.path.unlink()
    else:
        desk.path.write_bytes(b"")
    findings = desk.writer.repair().findings
    done_with = "gone" if how == "delete" else "emptied"
    assert [finding.code.value for finding in findings] == ["uncertain", done_with]
    assert findings[0].args["rows"] == 2
    assert not findings[0].expected
    desk.save()
    assert desk.path.read_bytes() == desk.stated(3, 4)


def test_an_interrupted_save_and_an_addition_by_hand(desk, monkeypatch):
    desk.scan(1)
    desk.save()
    desk.scan(2)
    desk.crash_while_saving(monkeypatch, None)
    with desk.path.open("ab") as file:
        file.write(b"by hand\r\n")
    assert desk.codes() == ["extended"]
    assert desk.pending() == []
    assert desk.path.read_bytes() == desk.stated() + b"by hand\r\n"


def test_an_interrupted_save_completed_by_hand_with_something_else(desk, monkeypatch):
    desk.scan(1)
    desk.save()
    desk.scan(3)
    end = len(desk.stated(2))
    desk.crash_while_saving(monkeypatch, end + 20)
    with desk.path.open("ab") as file:
        file.write(b"by hand\r\n")
    before = desk.path.read_bytes()
    assert desk.codes() == ["extended"]
    assert desk.pending() == [3, 4]
    desk.save()
    assert desk.path.read_bytes() == before + desk.stated(3, 4)
    assert desk.torn_files() == []


@pytest.mark.parametrize("written", [0, None])
def test_an_interrupted_save_and_an_edit_before_it(desk, monkeypatch, written):
    desk.scan(3)
    desk.save()
    desk.scan(2)
    desk.crash_while_saving(monkeypatch, written)
    content = desk.path.read_bytes()
    edited = content[len(desk.stated(1)) :]
    desk.path.write_bytes(edited)
    codes = desk.codes()
    desk.save()
    if written is None:
        assert codes == ["changed"]
        assert desk.path.read_bytes() == edited
    else:
        assert codes == ["uncertain", "shortened"]
        assert desk.path.read_bytes() == edited + desk.stated(4, 5)
    desk.reopen()
    assert desk.codes() == []


@pytest.mark.parametrize("written", [0, 20, 120, None])
def test_an_interrupted_save_to_another_place_is_settled_there(
    desk, monkeypatch, tmp_path, written
):
    desk.scan(1)
    desk.save()
    desk.scan(3)
    desk.crash_while_saving(monkeypatch, written)
    old = desk.path
    desk._dat = tmp_path / "other.dat"
    desk.reopen()
    codes = desk.codes()
    assert desk.journal.saves.unfinished() is None
    desk.save()
    both = old.read_bytes() + desk.path.read_bytes() if desk.path.exists() else old.read_bytes()
    assert both == desk.stated()
    assert codes == (["cut"] if written in {20, 120} else [])
    stays = {0: [1], 20: [1], 120: [1, 2], None: [1, 2, 3, 4]}
    assert old.read_bytes() == desk.stated(*stays[written])


def test_an_interrupted_save_to_a_place_that_cannot_be_reached(make_desk, monkeypatch, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    desk = make_desk(dat=stick / "OffCirc.dat")
    desk.scan(2)
    desk.crash_while_saving(monkeypatch, None)
    stick.rename(tmp_path / "pulled")
    with pytest.raises(StorageError):
        desk.writer.repair()
    desk._dat = None
    desk.reopen()
    assert desk.codes() == ["uncertain"]
    desk.save()
    assert desk.path.read_bytes() == desk.stated()


def test_a_saved_end_cut_at_every_byte(desk, make_desk, tmp_path):
    """Without an unfinished save a torn line is mended; whole lines were removed by somebody."""
    desk.scan(1)
    desk.save()
    desk.scan(2)
    desk.save()
    desk.scan(1)
    desk.save()
    desk.close()
    whole = desk.path.read_bytes()
    start = len(desk.stated(1))
    ends = [len(desk.stated(*range(1, last + 1))) for last in (1, 2, 3, 4)]
    for length in range(start, len(whole)):
        folder = tmp_path / f"cut{length}"
        shutil.copytree(desk.folder, folder)
        copy = make_desk(folder)
        copy.lines = dict(desk.lines)
        copy.path.write_bytes(whole[:length])
        # Before the line break of any line but the last, a cut looks like an editor's work.
        by_hand = length in ends or any(length in {end - 1, end - 2} for end in ends[:-1])
        if by_hand:
            assert copy.codes() == ["shortened"]
            assert copy.path.read_bytes() == whole[:length]
            assert copy.torn_files() == []
        else:
            assert copy.codes() == ["torn"]
            assert copy.path.read_bytes() == whole
            assert len(copy.torn_files()) == 1
        copy.reopen()
        assert copy.codes() == []
        assert copy.pending() == []
        copy.close()
        shutil.rmtree(folder)


@pytest.mark.parametrize("zeros", [1, 40, 93, 120])
def test_a_saved_end_turned_to_zeros_is_mended(desk, zeros):
    desk.scan(1)
    desk.save()
    desk.scan(2)
    desk.save()
    whole = desk.path.read_bytes()
    desk.path.write_bytes(whole[:-zeros] + bytes(zeros))
    desk.scan(1)
    assert [finding.code.value for finding in desk.save().findings] == ["torn"]
    assert desk.path.read_bytes() == desk.stated()


def test_a_torn_saved_end_under_an_interrupted_save(desk, monkeypatch):
    desk.scan(2)
    desk.save()
    desk.scan(1)
    desk.crash_while_saving(monkeypatch, 0)
    desk.path.write_bytes(desk.path.read_bytes()[:-30])
    assert desk.codes() == ["torn"]
    assert desk.pending() == [3]
    desk.save()
    assert desk.path.read_bytes() == desk.stated()


def test_a_torn_end_after_a_line_by_hand_is_mended(desk):
    desk.scan(2)
    desk.save()
    with desk.path.open("ab") as file:
        file.write(b"by hand, without an end")
    desk.scan(2)
    desk.save()
    whole = desk.path.read_bytes()
    desk.path.write_bytes(whole[:-120])
    assert desk.codes() == ["torn"]
    assert desk.path.read_bytes() == whole


def test_a_cut_before_a_line_by_hand_is_left_alone(desk):
    desk.scan(2)
    desk.save()
    with desk.path.open("ab") as file:
        file.write(b"by hand, without an end")
    desk.scan(1)
    desk.save()
    edited = desk.path.read_bytes()[: len(desk.stated(1)) + 10]
    desk.path.write_bytes(edited)
    assert desk.codes() == ["shortened"]
    assert desk.path.read_bytes() == edited


def test_each_torn_end_is_kept_under_its_own_name(desk, monkeypatch):
    desk.scan(1)
    desk.save()
    for _ in range(3):
        desk.path.write_bytes(desk.stated()[:50])
        desk.writer.repair()
    names = {path.name for path in desk.torn_files()}
    stem = f"OffCirc.dat.{desk.now.astimezone():%Y%m%d-%H%M%S}"
    assert names == {f"{stem}.torn", f"{stem}-2.torn", f"{stem}-3.torn"}


def test_a_file_of_another_program_that_was_cut_is_left_alone(desk):
    foreign = b"201805091348R3709\r\n" * 3
    desk.path.write_bytes(foreign)
    assert desk.codes() == ["found"]
    desk.path.write_bytes(foreign[:-5])
    assert desk.codes() == ["shortened"]
    assert desk.path.read_bytes() == foreign[:-5]
    desk.scan()
    desk.save()
    assert desk.path.read_bytes() == foreign[:-5] + b"\r\n" + desk.stated()


def test_a_saved_file_that_zeros_were_added_to_keeps_them(desk):
    """No save of ours was under way, so they are somebody's doing."""
    desk.scan(2)
    desk.save()
    longer = desk.path.read_bytes() + bytes(40)
    desk.path.write_bytes(longer)
    assert desk.codes() == ["extended"]
    assert desk.path.read_bytes() == longer
    assert desk.torn_files() == []


def test_interruptions_after_a_line_without_an_end(desk, monkeypatch):
    foreign = b"201801151420L123"
    for written in (0, 1, 2, 60, None):
        desk.path.write_bytes(foreign)
        desk.writer.repair()
        numbers = desk.scan(2)
        desk.crash_while_saving(monkeypatch, written)
        desk.writer.repair()
        desk.save()
        assert desk.path.read_bytes() == foreign + b"\r\n" + desk.stated(*numbers)
        desk.path.unlink()
        desk.writer.repair()


def test_an_interrupted_save_in_whose_place_somebody_wrote_something_else(interrupted):
    desk = interrupted()
    ours, foreign = desk.stated(1, 2), b"201805091348R3709\r\n" * 20
    desk.path.write_bytes(ours + foreign)
    desk.writer.repair()
    assert desk.journal.saves.unfinished() is None
    assert desk.pending() == [3, 4]
    desk.save()
    assert desk.path.read_bytes() == ours + foreign + desk.stated(3, 4)


def test_a_changed_file_that_is_taken_away_while_it_is_looked_at_is_gone(desk, monkeypatch):
    desk.scan(2)
    desk.save()
    desk.path.write_bytes(desk.stated(2) + desk.stated(1))
    usual = datrepair.open_dat

    def taken_away(path, how):
        if how == datrepair.READ_WRITE:
            path.unlink()
        return usual(path, how)

    monkeypatch.setattr(datrepair, "open_dat", taken_away)
    assert desk.codes() == ["gone"]


def test_a_file_cut_short_between_two_looks_is_looked_at_again_later(desk, monkeypatch):
    desk.scan(2)
    desk.save()
    start = desk.path.stat().st_size
    desk.scan(2)
    desk.save()
    desk.path.write_bytes(desk.stated()[:-20])
    usual = datrepair.look

    def cut(fd, size, *more):
        if size == start:
            os.ftruncate(fd, 0)
        return usual(fd, size, *more)

    monkeypatch.setattr(datrepair, "look", cut)
    assert desk.codes() == ["shortened"]
    assert desk.torn_files() == []
