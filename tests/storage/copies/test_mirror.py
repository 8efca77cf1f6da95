"""The copy in the collection folder: complete, verified, in the background, never in the way."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import stat
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from helpers import wait_until
from storage import manifests
from storage.desk_kit import Desk

from offcirc.core.identity import DeskIdentity
from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError
from offcirc.storage.copies import collection, manifest
from offcirc.storage.copies import mirror as mirror_module
from offcirc.storage.copies.collection import copy_name, manifest_path
from offcirc.storage.copies.manifest import ManifestError
from offcirc.storage.copies.mirror import Mirror, MirrorState
from offcirc.storage.journal.rows import RowBook

MIRAIL = DeskIdentity("BUC du Mirail", "BUC_PRET", "Banque n° 2")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")


@pytest.fixture
def share(tmp_path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


@pytest.fixture
def make_mirror(desk, share):
    made: list[Mirror] = []

    def make(of: Desk = desk, identity: DeskIdentity = MIRAIL, folder: Path = share, **more):
        mirror = Mirror(
            of.folder, of.path, folder, identity, pause=0.01, clock=lambda: of.now, **more
        )
        mirror.start()
        made.append(mirror)
        return mirror

    yield make
    for mirror in made:
        assert mirror.close(20)


def copied(mirror: Mirror) -> Path:
    """Wait until the copy is complete; where it is."""
    wait_until(lambda: not mirror.state.behind and mirror.state.error is None, what="the copy")
    assert mirror.state.path is not None
    return mirror.state.path


def failed(mirror: Mirror) -> Fault:
    return wait_until(lambda: mirror.state.error, what="the failure").fault


def manifest_of(path: Path) -> manifests.Manifest:
    return manifests.read(manifest_path(path).read_bytes())


def check(desk: Desk, path: Path) -> manifests.Manifest:
    """The copy is the file, and the manifest says of each line what the journal does."""
    content = desk.path.read_bytes()
    assert path.read_bytes() == content
    told = manifest_of(path)
    assert (told.head.size, told.head.lines) == (len(content), content.count(b"\r\n"))
    assert told.head.sha256 == hashlib.sha256(content).hexdigest()
    rows = {row.transaction.id: row for row in desk.journal.rows_between(1, 10**6)}
    lines = content.splitlines(keepends=True)
    for line, said in zip(lines, told.lines, strict=True):
        if said is not None:
            row = rows.pop(said.id)
            assert desk.lines[row.seq] == line
            assert (said.at, said.utc_offset) == (row.transaction.at, row.transaction.utc_offset)
            assert (said.elapsed_ms, said.session) == (row.elapsed_ms, row.session)
    return told


def test_the_copy_and_its_manifest(desk, make_mirror, share):
    desk.scan(5)
    desk.journal.void(2)
    desk.save()
    path = copied(make_mirror())
    assert path.parent == share
    told = check(desk, path)
    head = told.head
    assert head.identity == MIRAIL
    assert head.name == path.name
    assert head.computer
    assert head.version
    rows = [row for row in desk.journal.rows_between(1, 5) if row.seq != 2]
    assert (head.first, head.last) == (rows[0].transaction.at, rows[-1].transaction.at)
    assert [line.id for line in told.lines] == [row.transaction.id for row in rows]


def test_it_names_no_item_and_no_reader(desk, make_mirror):
    desk.scan(3)
    desk.save()
    text = manifest_path(copied(make_mirror())).read_text()
    assert "3700003" not in text
    assert "9921000000164" not in text


def test_each_save_is_copied(desk, make_mirror):
    mirror = make_mirror()
    wait_until(lambda: not mirror.state.behind, what="the first look")
    assert mirror.state.path is None, "there is nothing to copy yet"
    for _ in range(4):
        desk.scan(3)
        desk.save()
        mirror.wake()
        check(desk, copied(mirror))
    assert mirror.state.lines == 12
    assert mirror.state.at == desk.now
    assert mirror.state.age(desk.now + timedelta(minutes=5)) == timedelta(minutes=5)


def test_nothing_is_copied_again_without_need(desk, make_mirror, monkeypatch):
    desk.scan(3)
    desk.save()
    mirror = make_mirror()
    before = copied(mirror).stat()
    desk.now += timedelta(minutes=3)
    mirror.wake()
    wait_until(lambda: mirror.state.at == desk.now, what="another look")
    assert copied(mirror).stat() == before


def test_the_program_starts_again(desk, make_mirror):
    desk.scan(3)
    desk.save()
    first = make_mirror()
    path = copied(first)
    assert first.close()
    desk.reopen()
    desk.scan(2)
    desk.save()
    assert copied(make_mirror()) == path
    told = check(desk, path)
    assert len({line.session.id for line in told.lines}) == 2
    assert {file.name for file in path.parent.iterdir()} == {path.name, manifest_path(path).name}


def test_lines_of_somebody_else_have_no_id(desk, make_mirror):
    desk.path.parent.mkdir(exist_ok=True)
    foreign = b"201805091348R37000034179" + b" " * 69 + b"\r\n"
    desk.path.write_bytes(foreign)
    desk.scan(2)
    desk.save()
    mirror = make_mirror()
    told = check(desk, copied(mirror))
    assert [line is None for line in told.lines] == [True, False, False]
    with desk.path.open("ab") as file:
        file.write(foreign)
    desk.scan(1)
    desk.save()
    mirror.wake()
    told = check(desk, copied(mirror))
    assert [line is None for line in told.lines] == [True, False, False, True, False]


def test_lines_that_were_moved_or_removed_keep_their_ids(desk, make_mirror):
    desk.scan(4)
    desk.save()
    mirror = make_mirror()
    ids = [line.id for line in check(desk, copied(mirror)).lines]
    one, _, three, four = desk.path.read_bytes().splitlines(keepends=True)
    desk.path.write_bytes(three + one + b"\r\n" + four)
    desk.scan(1)
    desk.save()
    mirror.wake()
    told = check(desk, copied(mirror))
    assert [line and line.id for line in told.lines][:4] == [ids[2], ids[0], None, ids[3]]
    assert told.lines[4] is not None


def test_a_file_without_a_last_line_end(desk, make_mirror):
    desk.path.parent.mkdir(exist_ok=True)
    desk.path.write_bytes(b"201805091348R37000034179")
    desk.writer.repair()
    mirror = make_mirror()
    path = copied(mirror)
    wait_until(path.exists, what="the copy")
    assert manifest_of(path).lines == (None,)
    desk.scan(1)
    desk.save()
    mirror.wake()
    told = manifest_of(copied(mirror))
    assert path.read_bytes() == desk.path.read_bytes()
    assert [line is None for line in told.lines] == [True, False]


def scan_same_words(desk: Desk, count: int) -> None:
    for _ in range(count):
        desk.journal.append(desk.transaction("1"))
        desk.now -= timedelta(seconds=7)


@pytest.mark.parametrize("foreign", [b"", b"\r\n"])
def test_the_same_words_again_are_other_rows(desk, make_mirror, foreign):
    desk.path.write_bytes(foreign)
    scan_same_words(desk, 3)
    desk.save()
    told = manifest_of(copied(make_mirror()))
    rows = desk.journal.rows_between(1, 3)
    ids = [line.id for line in told.lines if line is not None]
    assert ids == [row.transaction.id for row in rows]


def test_a_look_that_was_interrupted_is_begun_anew(desk, make_mirror, monkeypatch):
    """Halfway through, the journal cannot be read; the rows all say the same words."""
    monkeypatch.setattr(mirror_module, "_SOME_ROWS", 2)
    real, asked = RowBook.between, []

    def between(book, first, last):
        if threading.current_thread() is not threading.main_thread():
            asked.append(first)
            if len(asked) == 2:
                raise StorageError(Fault.BROKEN_DISK, desk.journal.path)
        return real(book, first, last)

    scan_same_words(desk, 1)
    desk.save()
    mirror = make_mirror()
    copied(mirror)
    monkeypatch.setattr(RowBook, "between", between)
    scan_same_words(desk, 5)
    desk.save()
    mirror.wake()
    told = manifest_of(copied(mirror))
    assert len(asked) > 2
    rows = desk.journal.rows_between(1, 6)
    assert [line.id for line in told.lines] == [row.transaction.id for row in rows]


def test_a_file_that_changes_while_it_is_read_is_read_again(desk, make_mirror, monkeypatch):
    desk.scan(2)
    desk.save()
    real, reads = manifest.LineBook.read, []

    def read(book, *args):
        real(book, *args)
        if not reads:
            desk.path.write_bytes(desk.stated(2, 1))
        reads.append(book.sha256)

    monkeypatch.setattr(manifest.LineBook, "read", read)
    path = copied(make_mirror())
    assert len(reads) == 2
    assert path.read_bytes() == desk.stated(2, 1)
    assert manifest_of(path).head.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_new_file_does_not_overwrite_the_copy_of_the_old_one(desk, make_mirror, share):
    """Two outages: the first file was put away here, and nobody has collected its copy."""
    desk.scan(2)
    desk.save()
    mirror = make_mirror()
    path = copied(mirror)
    old, old_manifest = path.read_bytes(), manifest_path(path).read_bytes()
    desk.path.unlink()
    desk.scan(1)
    desk.save()
    mirror.wake()
    assert copied(mirror) == path
    assert path.read_bytes() == desk.stated(3)
    (kept,) = set(share.glob("*.dat")) - {path}
    assert kept.read_bytes() == old
    assert manifest_path(kept).read_bytes() == old_manifest


def test_a_file_put_away_leaves_its_copy(desk, make_mirror):
    desk.scan(2)
    desk.save()
    mirror = make_mirror()
    path = copied(mirror)
    desk.path.unlink()
    desk.writer.repair()
    mirror.wake()
    copied(mirror)
    assert path.read_bytes() == desk.stated(1, 2)


@pytest.mark.parametrize("content", ["ours", "theirs"])
def test_a_copy_without_manifest(desk, make_mirror, share, content):
    """As a crash between the two leaves it, or as somebody left it."""
    desk.scan(3)
    desk.save()
    name = f"{copy_name(MIRAIL, platform.node())}.dat"
    data = desk.stated(1, 2) if content == "ours" else b"of somebody else\r\n"
    (share / name).write_bytes(data)
    assert copied(make_mirror()).name == name
    kept = [path.read_bytes() for path in share.glob("*.dat") if path.name != name]
    assert kept == ([] if content == "ours" else [data])


def test_two_desks_with_the_same_names_do_not_overwrite_each_other(
    make_desk, make_mirror, tmp_path
):
    one, other = make_desk(tmp_path / "one"), make_desk(tmp_path / "other")
    for number, desk in enumerate((one, other, one, other), 1):
        desk.scan(number)
        desk.save()
        mirror = make_mirror(desk)
        check(desk, copied(mirror))
        assert mirror.close()
    share = tmp_path / "share"
    assert len(list(share.glob("*.dat"))) == len(list(share.glob("*.json"))) == 2


def test_eleven_desks_lie_side_by_side():
    names = {
        copy_name(DeskIdentity("BUC du Mirail", "", f"Banque {number}"), "PC-É 7")
        for number in range(11)
    }
    assert len(names) == 11
    assert "OffCirc_BUC-du-Mirail_Banque-3_PC-E-7" in names
    assert copy_name(DeskIdentity(), "") == "OffCirc"
    assert copy_name(DeskIdentity("../..", "CON", ""), "x" * 99) == f"OffCirc_CON_{'x' * 40}"


def test_a_folder_that_vanished_is_a_state_and_is_tried_again(desk, make_mirror, share, tmp_path):
    states: list[MirrorState] = []
    desk.scan(1)
    desk.save()
    mirror = make_mirror(changed=states.append)
    copied(mirror)
    share.rename(tmp_path / "gone")
    desk.scan(1)
    desk.save()
    mirror.wake()
    assert failed(mirror) is Fault.VANISHED
    assert mirror.state.behind
    assert mirror.state.lines == 1
    assert not share.exists(), "a folder that is gone is not made"
    (tmp_path / "gone").rename(share)
    check(desk, copied(mirror))  # by itself
    assert states[-1] == mirror.state
    assert any(state.error for state in states)


def test_the_journal_is_out_of_reach(desk, make_mirror, share):
    desk.scan(1)
    desk.save()
    desk.close()
    journal = desk.journal.path.rename(desk.folder / "elsewhere")
    mirror = make_mirror()
    failed(mirror)
    journal.rename(desk.journal.path)
    desk.open()
    check(desk, copied(mirror))


@pytest.mark.parametrize("seam", ["write", "flush", "zero", "os.replace"])
def test_a_share_that_fails_keeps_the_old_copy_and_no_rubbish(
    desk, make_mirror, share, monkeypatch, seam
):
    desk.scan(2)
    desk.save()
    mirror = make_mirror()
    path = copied(mirror)
    before = {file.name: file.read_bytes() for file in share.iterdir()}
    worker = mirror._thread.ident
    module, name = (durable, seam) if "." not in seam else (collection.os, "replace")
    real = getattr(module, "write" if seam == "zero" else name)

    def fail(*args):
        if threading.get_ident() != worker:
            return real(*args)
        if seam == "zero":
            return 0
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(module, "write" if seam == "zero" else name, fail)
        desk.scan(1)
        desk.save()
        mirror.wake()
        assert failed(mirror) is (Fault.SHORT_WRITE if seam == "zero" else Fault.BROKEN_DISK)
        assert {file.name: file.read_bytes() for file in share.iterdir()} == before
    assert copied(mirror) == path
    check(desk, path)


def test_a_share_that_stores_something_else_is_found_out(desk, make_mirror, share, monkeypatch):
    desk.scan(2)
    desk.save()

    def garbled(fd, data):
        return os.write(fd, data.replace(b"L", b"X", 1))

    with monkeypatch.context() as patch:
        patch.setattr(durable, "write", garbled)
        mirror = make_mirror()
        assert failed(mirror) is Fault.BROKEN_DISK
        assert list(share.iterdir()) == []
    check(desk, copied(mirror))


def test_what_an_interrupted_copy_left_is_removed(desk, make_mirror, share):
    desk.scan(1)
    desk.save()
    path = copied(make_mirror())
    (share / f".{path.name}.0123.tmp").write_bytes(b"half")
    (share / ".of-another-desk.dat.0123.tmp").write_bytes(b"half")
    copied(make_mirror())
    assert [file.name for file in share.glob(".*")] == [".of-another-desk.dat.0123.tmp"]


def test_a_save_just_before_the_end_is_still_copied(desk, make_mirror):
    mirror = make_mirror()
    desk.scan(3)
    desk.save()
    mirror.wake()
    assert mirror.close(20)
    check(desk, mirror.state.path)


def test_the_end_comes_in_time_whatever_the_share_does(desk, share):
    """A share that answers a piece at a time, and a close that gives it no time at all."""
    desk.scan(3)
    desk.save()
    began, go_on = threading.Event(), threading.Event()

    def slow(fd, data):
        began.set()
        go_on.wait(20)
        return os.write(fd, data)

    patch = pytest.MonkeyPatch()
    patch.setattr(durable, "write", slow)
    try:
        mirror = Mirror(desk.folder, desk.path, share, MIRAIL)
        mirror.start()
        assert began.wait(20)
        assert not mirror.close(0), "the system itself is waiting for the share"
        go_on.set()
        assert mirror.close(20)
        assert mirror.state.behind
    finally:
        patch.undo()
    assert list(share.iterdir()) == []


def test_a_mirror_that_was_never_started(desk, share):
    mirror = Mirror(desk.folder, desk.path, share, MIRAIL)
    mirror.wake()
    assert mirror.close()
    assert mirror.state == MirrorState(share)
    assert mirror.state.age(desk.now) is None


@linux
def test_the_copy_is_readable_by_its_owner_only(desk, make_mirror):
    desk.scan(1)
    desk.save()
    path = copied(make_mirror())
    for file in (path, manifest_path(path)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_desk_goes_on_recording_while_a_copy_is_made(desk, make_mirror):
    mirror = make_mirror()
    for _ in range(30):
        desk.scan(5)
        desk.save()
        mirror.wake()
    check(desk, copied(mirror))
    desk.journal.secure()


def test_a_manifest_reads_back_and_its_head_alone(desk, make_mirror):
    desk.scan(2)
    desk.journal.note_jump(desk.now, desk.now + timedelta(hours=1))
    desk.scan(1)
    desk.save()
    path = manifest_path(copied(make_mirror()))
    told = manifests.read(path.read_bytes())
    with path.open("rb") as stream:
        assert manifest.read_head(stream) == told.head
    (jump,) = told.jumps
    assert jump == desk.journal.clock_jumps()[0]
    assert [line.elapsed_ms <= jump.elapsed_ms for line in told.lines][:2] == [True, True]
    plain = json.loads(path.read_bytes())
    assert plain["format"] == 1
    assert plain["columns"] == ["id", "at", "offset", "elapsed", "session"]
    assert len(plain["lines"]) == plain["count"] == 3


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"format": 2}', b'{"format":1,"library":"x",\n'],
)
def test_what_is_no_manifest(data, tmp_path):
    with pytest.raises(ManifestError):
        manifests.read(data)
    (tmp_path / "m").write_bytes(data)
    with (tmp_path / "m").open("rb") as stream, pytest.raises(ManifestError):
        manifest.read_head(stream)


def test_a_manifest_that_lacks_a_line_is_damaged(desk, make_mirror):
    desk.scan(2)
    desk.save()
    data = manifest_path(copied(make_mirror())).read_bytes()
    assert manifests.read(data)
    short = data.replace(data.splitlines(keepends=True)[-3], b"", 1)
    with pytest.raises(ManifestError):
        manifests.read(short)
