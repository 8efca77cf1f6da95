"""Faults that programs for the same job are known for, each shown not to be ours."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from offcirc import i18n
from offcirc.core.transaction import Operation, record_now
from offcirc.disk import durable
from offcirc.disk.errors import StorageError
from offcirc.storage.journal.journal import RowState


@pytest.mark.promise("forgetting-to-save-is-harmless")
def test_rows_not_saved_yet_survive_the_program(desk):
    """Elsewhere: items scanned but not committed live in a list of the window only."""
    desk.scan(5)
    desk.reopen()
    assert desk.pending() == [1, 2, 3, 4, 5]


def test_the_file_is_never_written_from_its_beginning(desk, monkeypatch):
    """Elsewhere: each save empties the file and writes it all again, on a full disk to nothing."""
    desk.scan(3)
    desk.save()
    inode = desk.path.stat().st_ino
    desk.scan(1)

    def full(fd, data):
        assert desk.path.read_bytes() == desk.stated(1, 2, 3)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(durable, "write", full)
        with pytest.raises(StorageError):
            desk.save()
    assert desk.path.read_bytes() == desk.stated(1, 2, 3)
    desk.save()
    assert desk.path.stat().st_ino == inode


def test_what_was_saved_is_known_after_a_restart_in_any_language(desk):
    """Elsewhere: the status is a translated word in a table, so a restart uploads all again."""
    i18n.activate("fr")
    desk.scan(2)
    desk.save()
    i18n.activate("en")
    desk.reopen()
    assert {row.state for row in desk.journal.rows_between(1, 2)} == {RowState.SAVED}
    assert desk.save().rows == 0


def test_a_blank_line_in_the_file_ends_nothing(desk):
    """Elsewhere: reading stops at a blank line, and the next save erases all that follows."""
    desk.scan(3)
    desk.save()
    edited = desk.stated(1) + b"\r\n" + desk.stated(2, 3)
    desk.path.write_bytes(edited)
    desk.scan(1)
    desk.save()
    assert desk.path.read_bytes() == edited + desk.stated(4)


def test_deleting_a_row_keeps_the_evidence(desk):
    """Elsewhere: deleting rewrites the file without the row."""
    desk.scan(2)
    before = desk.journal.rows_between(1, 2)[0].transaction
    desk.journal.void(1)
    assert desk.journal.rows_between(1, 2)[0].transaction == before


def test_the_hour_that_happens_twice_in_autumn(desk):
    """Elsewhere: local time without a zone, in which the order of that hour is lost."""
    paris = ZoneInfo("Europe/Paris")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=paris)
    second = first.replace(fold=1)
    for moment in (first, second):
        desk.journal.append(record_now(moment, Operation.RETURN, "37000034179"))
    one, two = (row.transaction for row in desk.journal.pending())
    assert one.local == two.local
    assert (one.utc_offset, two.utc_offset) == (120, 60)
    assert two.at - one.at == timedelta(hours=1)


def test_milliseconds_are_kept(desk):
    """Elsewhere: times in whole seconds, in which the order is lost."""
    moment = desk.now.replace(microsecond=123456)
    desk.journal.append(record_now(moment, Operation.RETURN, "37000034179"))
    assert desk.journal.pending()[0].transaction.at.microsecond == 123000


def test_replacing_a_file_leaves_no_moment_without_one(tmp_path, monkeypatch):
    """Elsewhere: the old file is deleted, then the new one renamed."""
    path = tmp_path / "settings"
    path.write_bytes(b"old")
    replace = os.replace

    def watched(source, target):
        assert path.read_bytes() == b"old"
        replace(source, target)
        assert path.read_bytes() == b"new"

    monkeypatch.setattr(os, "replace", watched)
    durable.replace(path, b"new")
    assert path.read_bytes() == b"new"


def test_two_copies_on_one_folder_do_not_overwrite_each_other(desk):
    """Elsewhere: no lock, and the second copy's save removes the first one's rows."""
    desk.scan(1)
    with pytest.raises(StorageError):
        type(desk)(desk.folder)
    desk.save()
    assert desk.path.read_bytes() == desk.stated()


def test_a_failure_is_worded_without_loading_the_database():
    program = (
        "import sys, offcirc.disk.errors, offcirc.storage.dat.findings, offcirc.disk.durable;"
        "print('sqlite_utils' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == "False"
