"""One program at a time on a data folder, and none kept out by a dead one."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from offcirc.disk.errors import Fault, LockedError, Owner, StorageError, describe
from offcirc.disk.lock import OWNER_NAME, DataLock, read_owner
from offcirc.storage.journal.journal import Journal

HOLD = """
import sys
from pathlib import Path
from offcirc.storage.journal.journal import Journal
journal = Journal.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_a_second_program_is_refused_and_told_who_is_there(tmp_path, holder):
    with pytest.raises(LockedError) as caught:
        Journal.open(tmp_path)
    owner = caught.value.owner
    assert caught.value.fault is Fault.LOCKED
    assert owner.pid == holder.pid
    assert owner.host == platform.node()
    assert owner.since is not None
    assert abs((datetime.now(UTC) - owner.since).total_seconds()) < 600
    assert str(holder.pid) in describe(caught.value)


def test_the_lock_of_a_killed_program_is_free_at_once(tmp_path, holder):
    holder.kill()
    holder.wait()
    with Journal.open(tmp_path):
        assert read_owner(tmp_path).pid == os.getpid()


def test_a_second_journal_in_one_program_is_refused(tmp_path):
    with Journal.open(tmp_path):
        with pytest.raises(LockedError):
            Journal.open(tmp_path)
        assert read_owner(tmp_path).pid == os.getpid()
    Journal.open(tmp_path).close()


def test_closing_twice_is_harmless(tmp_path):
    journal = Journal.open(tmp_path)
    journal.close()
    journal.close()
    with Journal.open(tmp_path):
        journal.close()
        with pytest.raises(LockedError):
            DataLock(tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"nonsense", b"[]", b'{"pid": "x"}', b"\xff\xfe"])
def test_an_owner_that_cannot_be_read_is_unknown(tmp_path, content):
    lock = DataLock(tmp_path)
    owner = tmp_path / OWNER_NAME
    owner.unlink()
    if content is not None:
        owner.write_bytes(content)
    with pytest.raises(LockedError) as caught:
        DataLock(tmp_path)
    assert caught.value.owner == Owner()
    assert describe(caught.value) == f"OffCirc is already open on the folder {tmp_path}."
    lock.release()


def test_an_owner_that_cannot_be_written_leaves_the_folder_free(tmp_path):
    (tmp_path / OWNER_NAME).mkdir()
    with pytest.raises(StorageError):
        DataLock(tmp_path)
    (tmp_path / OWNER_NAME).rmdir()
    DataLock(tmp_path).release()
