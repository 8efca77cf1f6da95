"""Files that are there whole, flushed, private, or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys

import pytest

from offcirc.disk import durable
from offcirc.disk.errors import Fault, StorageError

posix = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX")


@pytest.fixture
def flushed(monkeypatch):
    """The inodes that were flushed, in order."""
    inodes = []

    def fsync(fd):
        inodes.append(os.fstat(fd).st_ino)
        real(fd)

    real = os.fsync
    monkeypatch.setattr(os, "fsync", fsync)
    return inodes


def failing(code):
    def fail(*_):
        raise OSError(code, os.strerror(code))

    return fail


def short_write(fd, data):
    return os.write(fd, data[:3])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_create_flushes_the_file_then_its_folder(tmp_path, flushed):
    path = tmp_path / "a"
    durable.create(path, b"hello")
    assert path.read_bytes() == b"hello"
    expected = [path.stat().st_ino]
    if os.name != "nt":
        expected.append(tmp_path.stat().st_ino)
    assert flushed == expected


def test_create_writes_on_after_a_short_write(tmp_path, monkeypatch):
    monkeypatch.setattr(durable, "write", short_write)
    durable.create(tmp_path / "a", b"hello, world")
    assert (tmp_path / "a").read_bytes() == b"hello, world"


def test_create_does_not_try_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(durable, "write", lambda fd, data: 0)
    with pytest.raises(StorageError) as caught:
        durable.create(tmp_path / "a", b"hello, world")
    assert caught.value.fault is Fault.SHORT_WRITE
    assert names(tmp_path) == []


def test_create_never_overwrites(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(StorageError) as caught:
        durable.create(tmp_path / "a", b"new")
    assert caught.value.fault is Fault.EXISTS
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize("seam", ["write", "flush"])
def test_a_failed_create_leaves_nothing(tmp_path, monkeypatch, seam):
    monkeypatch.setattr(durable, seam, failing(errno.ENOSPC))
    with pytest.raises(StorageError) as caught:
        durable.create(tmp_path / "a", b"new")
    assert caught.value.fault is Fault.DISK_FULL
    assert names(tmp_path) == []


def test_replace(tmp_path, flushed):
    path = tmp_path / "a"
    durable.replace(path, b"one")
    durable.replace(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(tmp_path) == ["a"]
    assert path.stat().st_ino in flushed


@pytest.mark.parametrize("seam", ["write", "flush", "os.replace"])
def test_a_failed_replace_keeps_the_old_content_and_leaves_no_rubbish(tmp_path, monkeypatch, seam):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    monkeypatch.setattr(f"offcirc.disk.durable.{seam}", failing(errno.EIO))
    with pytest.raises(StorageError) as caught:
        durable.replace(path, b"new")
    assert (caught.value.fault, caught.value.path) == (Fault.BROKEN_DISK, path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


@posix
def test_new_files_and_folders_are_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        durable.private_folder(tmp_path / "a" / "b")
        durable.create(tmp_path / "a" / "b" / "c", b"x")
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE((tmp_path / path).stat().st_mode) for path in ("a", "a/b", "a/b/c")}
    assert modes == {"a": 0o700, "a/b": 0o700, "a/b/c": 0o600}


@posix
def test_a_folder_that_exists_keeps_its_permissions(tmp_path):
    tmp_path.chmod(0o750)
    durable.private_folder(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "a").write_text("x")
    with pytest.raises(StorageError) as caught:
        durable.private_folder(tmp_path / "a")
    assert caught.value.fault is Fault.NOT_A_FILE


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP])
@posix
def test_a_file_system_that_cannot_flush_folders_is_put_up_with(tmp_path, monkeypatch, code):
    monkeypatch.setattr(durable, "flush", failing(code))
    durable.flush_folder(tmp_path)


@posix
def test_a_folder_whose_flush_fails_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(durable, "flush", failing(errno.EIO))
    with pytest.raises(OSError, match="error"):
        durable.flush_folder(tmp_path)


def test_windows_flushes_names_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(durable.os, "name", "nt")
    monkeypatch.setattr(durable, "flush", failing(errno.EACCES))
    durable.flush_folder(tmp_path)


@posix
@pytest.mark.parametrize("known", [True, False])
def test_on_macos_the_drives_own_cache_is_flushed_too(tmp_path, monkeypatch, flushed, known):
    import fcntl

    asked = []

    def ask(fd, command):
        asked.append(command)
        if not known:
            raise OSError(errno.ENOTSUP, "not known here")

    monkeypatch.setattr(durable.sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", ask)
    durable.create(tmp_path / "a", b"x")
    assert asked == [51, 51]
    assert bool(flushed) is not known


@posix
def test_a_macos_drive_that_fails_is_not_asked_more_gently(tmp_path, monkeypatch):
    import fcntl

    monkeypatch.setattr(durable.sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", failing(errno.EIO))
    with pytest.raises(StorageError) as caught:
        durable.create(tmp_path / "a", b"x")
    assert caught.value.fault is Fault.BROKEN_DISK


@pytest.fixture
def opened(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old\n")
    fd = durable.open_private(path, os.O_RDWR | os.O_APPEND)
    yield fd, path
    os.close(fd)


def test_append(opened, flushed):
    fd, path = opened
    durable.append(fd, b"new\n", 4, path)
    assert path.read_bytes() == b"old\nnew\n"
    assert flushed == [path.stat().st_ino]


def flush_only_the_second_time():
    calls = []

    def flush(fd):
        calls.append(fd)
        if len(calls) == 1:
            raise OSError(errno.EIO, "error")

    return flush


@pytest.mark.parametrize(
    ("seam", "replacement", "fault"),
    [
        ("write", short_write, Fault.SHORT_WRITE),
        ("write", failing(errno.ENOSPC), Fault.DISK_FULL),
        ("write", failing(errno.EROFS), Fault.READ_ONLY),
        ("flush", flush_only_the_second_time(), Fault.BROKEN_DISK),
    ],
)
def test_a_failed_append_is_cut_back(opened, monkeypatch, seam, replacement, fault):
    fd, path = opened
    monkeypatch.setattr(durable, seam, replacement)
    with pytest.raises(durable.AppendError) as caught:
        durable.append(fd, b"new\n", 4, path)
    assert caught.value.fault is fault
    assert caught.value.cut_back
    assert path.read_bytes() == b"old\n"


def test_a_cut_that_is_not_surely_on_the_disk_is_not_claimed(opened, monkeypatch):
    fd, path = opened
    monkeypatch.setattr(durable, "flush", failing(errno.EIO))
    with pytest.raises(durable.AppendError) as caught:
        durable.append(fd, b"new\n", 4, path)
    assert not caught.value.cut_back


def test_bytes_of_somebody_else_are_not_cut(opened, monkeypatch):
    fd, path = opened

    def others_write(fd, data):
        os.write(fd, data + b"of somebody else\n")
        return 1

    monkeypatch.setattr(durable, "write", others_write)
    with pytest.raises(durable.AppendError) as caught:
        durable.append(fd, b"new\n", 4, path)
    assert not caught.value.cut_back
    assert path.read_bytes() == b"old\nnew\nof somebody else\n"
