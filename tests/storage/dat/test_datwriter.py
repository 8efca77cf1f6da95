"""Save To File adds each pending row once, whatever is done to the file by people and by disks."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys

import pytest

from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError
from offcirc.storage.journal.saves import SaveBook

posix = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX")


def failing(code):
    def fail(*_):
        raise OSError(code, os.strerror(code))

    return fail


def test_pending_rows_are_added_in_order(desk):
    desk.scan(4)
    first = desk.save()
    assert (first.rows, first.path, first.findings) == (4, desk.folder / "OffCirc.dat", ())
    assert first.at == desk.now
    assert desk.pending() == []
    desk.scan(2)
    assert desk.save().rows == 2
    assert desk.path.read_bytes() == desk.stated()


def test_the_lines_are_those_of_the_format(desk):
    desk.scan(3)
    desk.save()
    loan, _, back, rest = desk.path.read_bytes().split(b"\r\n")
    assert loan == b"202611220900L" + b"37000030001".ljust(80) + b"9921000000164"
    assert back == b"202611220900R" + b"37000030003".ljust(80)
    assert rest == b""


@pytest.mark.promise("a-deleted-row-stays-out")
def test_voided_rows_are_left_out(desk):
    desk.scan(4)
    desk.journal.void(1)
    desk.journal.void(3)
    assert desk.save().rows == 2
    assert desk.path.read_bytes() == desk.stated(2, 4)


def test_without_pending_rows_the_file_is_not_touched(desk):
    assert desk.save().rows == 0
    assert not desk.path.exists()
    desk.scan()
    desk.save()
    before = desk.path.stat()
    assert desk.save().rows == 0
    assert desk.path.stat().st_mtime_ns == before.st_mtime_ns
    desk.scan()
    desk.journal.void(2)
    assert desk.save().rows == 0
    assert desk.path.read_bytes() == desk.stated(1)


def test_a_save_is_one_write_and_one_flush(desk, monkeypatch):
    desk.scan(50)
    desk.writer.repair()
    writes, flushes = [], []
    monkeypatch.setattr(
        durable, "write", lambda fd, data: writes.append(data) or os.write(fd, data)
    )
    monkeypatch.setattr(
        durable, "flush", lambda fd: flushes.append(os.fstat(fd).st_ino) or os.fsync(fd)
    )
    desk.save()
    assert writes == [desk.stated()]
    folder = [] if os.name == "nt" else [desk.folder.stat().st_ino]
    assert flushes == [desk.path.stat().st_ino, *folder]
    flushes.clear()
    desk.scan()
    desk.save()
    assert flushes == [desk.path.stat().st_ino]


def test_a_file_that_is_unchanged_is_not_read_again(desk, monkeypatch):
    desk.scan()
    desk.save()
    read = []
    monkeypatch.setattr(os, "read", lambda fd, size: read.append(size) or b"")
    desk.scan()
    desk.save()
    assert read == []
    assert desk.path.read_bytes() == desk.stated()


def test_comparing_reads_in_pieces(desk, monkeypatch):
    monkeypatch.setattr("offcirc.storage.dat.datstate.CHUNK", 64)
    for _ in range(5):
        desk.scan(7)
        desk.save()
    sizes = []
    read = os.read
    monkeypatch.setattr(os, "read", lambda fd, size: sizes.append(size) or read(fd, size))
    assert desk.codes() == []
    assert max(sizes) == 64


@pytest.mark.parametrize("reopen", [False, True])
def test_a_moved_file_is_done_with(desk, tmp_path, reopen):
    desk.scan(3)
    desk.save()
    desk.scan(1)
    desk.path.rename(tmp_path / "uploaded.dat")
    if reopen:
        desk.reopen()
        assert desk.codes() == ["gone"]
        assert desk.codes() == []
    done = desk.save()
    assert [finding.code.value for finding in done.findings] == ([] if reopen else ["gone"])
    assert desk.path.read_bytes() == desk.stated(4)
    desk.scan()
    desk.save()
    assert desk.path.read_bytes() == desk.stated(4, 5)


def test_a_deleted_file_without_pending_rows_stays_deleted(desk):
    desk.scan(3)
    desk.save()
    desk.path.unlink()
    assert [finding.code.value for finding in desk.save().findings] == ["gone"]
    assert not desk.path.exists()
    desk.reopen()
    assert desk.codes() == []
    assert not desk.path.exists()


def test_an_emptied_file_starts_anew(desk):
    desk.scan(3)
    desk.save()
    desk.path.write_bytes(b"")
    desk.scan(1)
    assert [finding.code.value for finding in desk.save().findings] == ["emptied"]
    assert desk.path.read_bytes() == desk.stated(4)
    desk.reopen()
    assert desk.codes() == []


def test_a_file_put_back_after_a_new_one_was_begun_is_added_to_and_reported(desk, tmp_path):
    desk.scan(3)
    desk.save()
    desk.path.rename(tmp_path / "away")
    desk.scan(1)
    desk.save()
    desk.path.unlink()
    assert desk.codes() == ["gone"]
    (tmp_path / "away").rename(desk.path)
    desk.scan(1)
    assert [finding.code.value for finding in desk.save().findings] == ["found"]
    assert desk.path.read_bytes() == desk.stated(1, 2, 3, 5)


@pytest.mark.parametrize(
    ("foreign", "joint"),
    [
        (b"201801151420L123\r\n", b""),
        (b"201801151420L123\n", b""),
        (b"201801151420L123", b"\r\n"),
        (b"201801151420L123\r", b"\n"),
    ],
)
def test_a_file_of_another_program_is_added_to_on_a_line_of_its_own(desk, foreign, joint):
    desk.path.write_bytes(foreign)
    assert desk.codes() == ["found"]
    desk.scan(2)
    assert desk.save().findings == ()
    assert desk.path.read_bytes() == foreign + joint + desk.stated()
    desk.reopen()
    assert desk.codes() == []


EDITS = {
    "extended": lambda old: old + b"a line by hand",
    "changed": lambda old: old.replace(b"37000030001", b"37000030009"),
    "shortened": lambda old: b"".join(old.splitlines(keepends=True)[:2]),
}


@pytest.mark.parametrize("reopen", [False, True])
@pytest.mark.parametrize("kind", EDITS)
def test_an_edited_file_is_left_alone_added_to_and_reported_once(desk, kind, reopen):
    desk.scan(4)
    desk.save()
    edited = EDITS[kind](desk.path.read_bytes())
    desk.path.write_bytes(edited)
    if reopen:
        desk.reopen()
        assert desk.codes() == [kind]
    desk.scan(2)
    found = [finding.code.value for finding in desk.save().findings]
    assert found == ([] if reopen else [kind])
    joint = b"" if edited.endswith(b"\n") else b"\r\n"
    assert desk.path.read_bytes() == edited + joint + desk.stated(5, 6)
    desk.reopen()
    assert desk.codes() == []
    assert desk.torn_files() == []


def test_lines_removed_in_the_middle_stay_removed(desk):
    for _ in range(3):
        desk.scan(2)
        desk.save()
    desk.path.write_bytes(desk.stated(1, 4, 5, 6))
    desk.scan()
    desk.reopen()
    assert desk.codes() == ["shortened"]
    desk.save()
    assert desk.path.read_bytes() == desk.stated(1, 4, 5, 6, 7)


def test_an_edit_of_the_same_length_is_noticed_while_running(desk):
    desk.scan(2)
    desk.save()
    old = desk.path.read_bytes()
    edited = old.replace(b"37000030001", b"37000030009")
    desk.path.write_bytes(edited)
    os.utime(desk.path, ns=(0, 0))
    desk.scan()
    assert [finding.code.value for finding in desk.save().findings] == ["changed"]
    assert desk.path.read_bytes() == edited + desk.stated(3)


def test_a_file_outside_the_data_folder(make_desk, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    desk = make_desk(dat=tmp_path / "elsewhere" / "OffCirc.dat")
    desk.scan(2)
    desk.save()
    assert (tmp_path / "elsewhere" / "OffCirc.dat").read_bytes() == desk.stated()
    assert not (desk.folder / "OffCirc.dat").exists()
    desk.reopen()
    assert desk.codes() == []


def test_a_folder_that_is_not_connected_is_no_deleted_file(make_desk, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    desk = make_desk(dat=stick / "OffCirc.dat")
    desk.scan(2)
    desk.save()
    stick.rename(tmp_path / "pulled")
    desk.scan(1)
    for attempt in (desk.save, desk.writer.repair):
        with pytest.raises(StorageError) as caught:
            attempt()
        assert caught.value.fault is Fault.VANISHED
    assert desk.pending() == [3]
    (tmp_path / "pulled").rename(stick)
    done = desk.save()
    assert (done.rows, done.findings) == (1, ())
    assert desk.path.read_bytes() == desk.stated()


def test_two_places_by_turns_each_keep_their_own_story(desk, tmp_path):
    home = desk.path
    desk.scan(1)
    desk.save()
    for number in range(2, 6):
        desk._dat = tmp_path / "other.dat" if number % 2 == 0 else None
        desk.reopen()
        assert desk.codes() == []
        desk.scan(1)
        desk.save()
    assert home.read_bytes() == desk.stated(1, 3, 5)
    assert (tmp_path / "other.dat").read_bytes() == desk.stated(2, 4)


def test_the_data_folder_can_be_moved(desk, make_desk, tmp_path):
    desk.scan(2)
    desk.save()
    desk.close()
    shutil.move(desk.folder, tmp_path / "new place")
    moved = make_desk(tmp_path / "new place")
    assert moved.codes() == []


def test_a_folder_in_the_place_of_the_file(desk):
    desk.path.mkdir()
    desk.scan()
    for attempt in (desk.save, desk.writer.repair):
        with pytest.raises(StorageError) as caught:
            attempt()
        assert caught.value.fault in {Fault.NOT_A_FILE, Fault.DENIED}
    assert desk.pending() == [1]


@posix
def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(desk):
    os.mkfifo(desk.path)
    desk.scan()
    with pytest.raises(StorageError) as caught:
        desk.save()
    assert caught.value.fault is Fault.NOT_A_FILE


@posix
def test_the_file_is_private_and_a_file_that_was_there_keeps_its_permissions(desk):
    desk.scan()
    desk.save()
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o600
    desk.path.chmod(0o644)
    desk.scan()
    desk.save()
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o644


# --- disks that fail ---------------------------------------------------------------------------


def short_write(fd, data):
    return os.write(fd, data[: len(data) // 2])


def first_fails():
    calls = []

    def flush(fd):
        calls.append(fd)
        if len(calls) == 1:
            raise OSError(errno.EIO, "error")
        os.fsync(fd)

    return flush


FAULTS = {
    "short write": ("write", lambda: short_write, Fault.SHORT_WRITE),
    "disk full": ("write", lambda: failing(errno.ENOSPC), Fault.DISK_FULL),
    "read-only": ("write", lambda: failing(errno.EROFS), Fault.READ_ONLY),
    "flush fails": ("flush", first_fails, Fault.BROKEN_DISK),
    "every flush fails": ("flush", lambda: failing(errno.EIO), Fault.BROKEN_DISK),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("reopen", [False, True])
@pytest.mark.parametrize("begun", [False, True])
def test_a_save_that_fails_leaves_whole_lines_and_pending_rows(
    desk, monkeypatch, name, reopen, begun
):
    seam, replacement, fault = FAULTS[name]
    if begun:
        desk.scan(3)
        desk.save()
    before = desk.stated()
    rows = desk.scan(3)
    with monkeypatch.context() as patch:
        patch.setattr(durable, seam, replacement())
        with pytest.raises(StorageError) as caught:
            desk.save()
    assert caught.value.fault is fault
    assert caught.value.path == desk.path
    assert desk.pending() == rows
    assert desk.path.read_bytes() == before
    if reopen:
        desk.reopen()
        assert desk.codes() == []
    desk.scan(1)
    done = desk.save()
    assert (done.rows, done.findings) == (4, ())
    assert desk.path.read_bytes() == desk.stated()
    assert desk.torn_files() == []


def test_bytes_that_come_back_after_a_failed_flush_are_not_doubled(desk, monkeypatch):
    """A disk that could not flush may hold, after a power cut, what had been taken back."""
    desk.scan(3)
    with monkeypatch.context() as patch:
        patch.setattr(durable, "flush", failing(errno.EIO))
        with pytest.raises(StorageError):
            desk.save()
    desk.path.write_bytes(desk.stated())
    desk.reopen()
    assert desk.codes() == []
    assert desk.pending() == []
    desk.scan(1)
    desk.save()
    assert desk.path.read_bytes() == desk.stated()


def test_rows_of_a_failed_save_can_be_deleted(desk, monkeypatch):
    desk.scan(3)
    with monkeypatch.context() as patch:
        patch.setattr(durable, "write", failing(errno.ENOSPC))
        with pytest.raises(StorageError):
            desk.save()
    desk.journal.void(2)
    desk.save()
    assert desk.path.read_bytes() == desk.stated(1, 3)


@posix
def test_a_real_short_write(desk):
    """A limit on the size of files cuts the write short, as a full disk does."""
    import resource

    start = b"x" * (16 << 20)
    desk.path.write_bytes(start)
    desk.writer.repair()
    desk.scan(3)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(start) + 150, before[1]))
    try:
        with pytest.raises(StorageError) as caught:
            desk.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.fault is Fault.SHORT_WRITE
    assert desk.pending() == [1, 2, 3]
    assert desk.path.read_bytes() == start
    desk.save()
    assert desk.path.read_bytes() == start + b"\r\n" + desk.stated()


def test_a_journal_that_cannot_note_the_save_leaves_the_file_alone(desk, monkeypatch):
    desk.scan(2)
    desk.save()
    desk.scan(1)

    def full(*_):
        raise StorageError(Fault.DISK_FULL, desk.journal.path)

    with monkeypatch.context() as patch:
        patch.setattr(SaveBook, "begin", full)
        with pytest.raises(StorageError):
            desk.save()
    assert desk.path.read_bytes() == desk.stated(1, 2)
    desk.save()
    assert desk.path.read_bytes() == desk.stated()


@pytest.mark.parametrize("reopen", [False, True])
def test_a_journal_that_cannot_note_the_end_of_a_save_catches_up(desk, monkeypatch, reopen):
    desk.scan(2)

    def full(*_):
        raise StorageError(Fault.DISK_FULL, desk.journal.path)

    with monkeypatch.context() as patch:
        patch.setattr(SaveBook, "finish", full)
        with pytest.raises(StorageError):
            desk.save()
    assert desk.path.read_bytes() == desk.stated()
    if reopen:
        desk.reopen()
    desk.scan(1)
    assert desk.save().rows == 1
    assert desk.path.read_bytes() == desk.stated()


def test_a_cut_that_cannot_be_noted_is_found_out_later(desk, monkeypatch):
    desk.scan(2)

    def full(*_):
        raise StorageError(Fault.DISK_FULL, desk.journal.path)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "write", failing(errno.ENOSPC))
        patch.setattr(SaveBook, "abandon", full)
        with pytest.raises(StorageError) as caught:
            desk.save()
    assert caught.value.path == desk.path
    desk.scan(1)
    assert desk.save().rows == 3
    assert desk.path.read_bytes() == desk.stated()


@posix
def test_a_file_deleted_during_the_save_is_written_anew(desk, monkeypatch):
    desk.scan(2)
    desk.save()
    desk.scan(1)
    flushed = []

    def flush(fd):
        if not flushed:
            desk.path.unlink()
        flushed.append(fd)
        os.fsync(fd)

    monkeypatch.setattr(durable, "flush", flush)
    done = desk.save()
    assert (done.rows, [finding.code.value for finding in done.findings]) == (1, ["gone"])
    assert desk.path.read_bytes() == desk.stated(3)


@pytest.mark.skipif(sys.platform == "win32", reason="open files can be renamed only on POSIX")
def test_a_file_taken_to_the_library_during_the_save_holds_the_rows(desk, monkeypatch):
    """Under another name it is the same file: its rows are saved, and in no second one."""
    desk.scan(2)
    taken = desk.folder / "taken.dat"
    append = durable.append

    def then_taken(*arguments):
        append(*arguments)
        desk.path.rename(taken)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "append", then_taken)
        assert desk.save().rows == 2
    assert desk.pending() == []
    desk.scan()
    desk.save()
    assert (taken.read_bytes(), desk.path.read_bytes()) == (desk.stated(1, 2), desk.stated(3))


def test_a_file_changed_between_looking_and_writing_is_looked_at_again(desk, monkeypatch):
    desk.scan(2)
    desk.save()
    desk.scan(1)
    pending = desk.journal.pending

    def edit_then_pending():
        if not desk.path.read_bytes().endswith(b"by hand\r\n"):
            with desk.path.open("ab") as file:
                file.write(b"by hand\r\n")
        return pending()

    monkeypatch.setattr(desk.journal, "pending", edit_then_pending)
    done = desk.save()
    assert [finding.code.value for finding in done.findings] == ["extended"]
    assert desk.path.read_bytes() == desk.stated(1, 2) + b"by hand\r\n" + desk.stated(3)


def test_a_file_that_never_keeps_still_is_given_up(desk, monkeypatch):
    desk.scan(2)
    pending = desk.journal.pending

    def edit_then_pending():
        with desk.path.open("ab") as file:
            file.write(b"by hand\r\n")
        return pending()

    monkeypatch.setattr(desk.journal, "pending", edit_then_pending)
    with pytest.raises(StorageError) as caught:
        desk.save()
    assert caught.value.fault is Fault.BUSY
    monkeypatch.undo()
    assert desk.pending() == [1, 2]


def test_the_last_save_can_be_asked_for(desk):
    assert desk.journal.saves.last() is None
    desk.scan(3)
    done = desk.save()
    desk.reopen()
    last = desk.journal.saves.last()
    assert (last.rows, last.at) == (3, done.at)


def test_a_file_that_cannot_be_looked_at_counts_as_touched(make_desk, tmp_path):
    (tmp_path / "stick").mkdir()
    desk = make_desk(dat=tmp_path / "stick" / "OffCirc.dat")
    desk.scan()
    desk.save()
    assert not desk.writer.was_touched()
    (tmp_path / "stick").rename(tmp_path / "gone")
    (tmp_path / "stick").write_bytes(b"no folder any more")
    assert desk.writer.was_touched()
