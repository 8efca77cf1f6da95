"""Every error of the world has a code and a sentence, in both languages, without personal data."""

from __future__ import annotations

import errno
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from offcirc import i18n
from offcirc.disk import errors
from offcirc.disk.errors import (
    Fault,
    LockedError,
    NewerSchemaError,
    NotPendingError,
    Owner,
    StorageError,
    describe,
    from_os,
    from_sqlite,
    wording,
)
from offcirc.storage.dat.findings import FileRepair, Find, RepairFinding, describe_finding

PATH = Path("folder") / "OffCirc.dat"


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (errno.ENOSPC, Fault.DISK_FULL),
        (errno.EROFS, Fault.READ_ONLY),
        (errno.EACCES, Fault.DENIED),
        (errno.EPERM, Fault.DENIED),
        (errno.ENOENT, Fault.VANISHED),
        (errno.ENODEV, Fault.VANISHED),
        (errno.EIO, Fault.BROKEN_DISK),
        (errno.EFBIG, Fault.TOO_LARGE),
        (errno.ENAMETOOLONG, Fault.NAME_TOO_LONG),
        (errno.EISDIR, Fault.NOT_A_FILE),
        (errno.EEXIST, Fault.EXISTS),
        (errno.EMFILE, Fault.OTHER),
    ],
)
def test_operating_system_errors(code, fault):
    error = from_os(OSError(code, os.strerror(code)), PATH)
    assert error.fault is fault
    assert str(PATH) in describe(error)
    if fault is Fault.OTHER:
        assert os.strerror(code) in describe(error)


@pytest.mark.parametrize(
    ("number", "fault"),
    [(32, Fault.BUSY), (19, Fault.READ_ONLY), (1167, Fault.VANISHED), (112, Fault.DISK_FULL)],
)
def test_windows_errors_are_told_by_their_own_number(number, fault):
    cause = OSError(errno.EACCES, "denied")
    cause.winerror = number
    assert from_os(cause, PATH).fault is fault


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (sqlite3.SQLITE_FULL, Fault.DISK_FULL),
        (sqlite3.SQLITE_READONLY, Fault.READ_ONLY),
        (sqlite3.SQLITE_CORRUPT, Fault.DAMAGED),
        (sqlite3.SQLITE_NOTADB, Fault.NOT_OURS),
        (sqlite3.SQLITE_BUSY, Fault.BUSY),
        (sqlite3.SQLITE_CANTOPEN, Fault.VANISHED),
        (sqlite3.SQLITE_NOMEM, Fault.OTHER),
    ],
)
def test_sqlite_errors(code, fault):
    cause = sqlite3.OperationalError("what SQLite says")
    cause.sqlite_errorcode = code
    assert from_sqlite(cause, PATH).fault is fault


def test_a_database_that_cannot_be_opened_in_a_folder_that_is_there(tmp_path):
    cause = sqlite3.OperationalError("unable to open database file")
    cause.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    assert from_sqlite(cause, tmp_path / "journal.db").fault is Fault.DENIED


def test_our_own_mistakes_are_not_the_worlds():
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError), wording(PATH):
        connection.execute("SELEKT")
    with pytest.raises(sqlite3.ProgrammingError), wording(PATH):
        connection.execute("SELECT ?", ())
    connection.close()
    with pytest.raises(ZeroDivisionError), wording(PATH):
        raise ZeroDivisionError


def every_error():
    yield from (StorageError(fault, PATH, OSError(errno.EMFILE, "why")) for fault in Fault)
    yield StorageError(Fault.OTHER, PATH)
    yield StorageError(Fault.OTHER, PATH, sqlite3.OperationalError("what SQLite says"))
    yield LockedError(PATH, Owner())
    yield LockedError(PATH, Owner(4711, "desk-3", datetime(2026, 11, 22, 9, 0, tzinfo=UTC)))
    yield NewerSchemaError(PATH, 7, 1)
    yield NotPendingError(PATH, 3)


def every_finding():
    for code in Find:
        for rows in (1, 2):
            for kept in ("", "kept.torn"):
                yield RepairFinding(code, {"path": str(PATH), "kept": kept, "rows": rows})


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.promise("wrong-is-explained")
def test_everything_has_a_sentence(language):
    i18n.activate(language)
    texts = [describe(error) for error in every_error()]
    texts += [describe_finding(finding) for finding in every_finding()]
    for text in texts:
        assert text.strip().endswith(".")
        assert "{" not in text


def test_french_is_french():
    english = [describe(error) for error in every_error()]
    english += [describe_finding(finding) for finding in every_finding()]
    i18n.activate("fr")
    french = [describe(error) for error in every_error()]
    french += [describe_finding(finding) for finding in every_finding()]
    assert not set(english) & set(french)


@pytest.mark.parametrize("code", [Find.TORN, Find.CUT])
def test_where_a_cut_end_is_kept_is_told_when_there_is_one(code):
    args = {"path": str(PATH), "rows": 1}
    assert describe_finding(RepairFinding(code, {**args, "kept": "x.torn"})).endswith("in x.torn.")
    assert "kept" not in describe_finding(RepairFinding(code, {**args, "kept": ""}))


def test_the_owner_is_named():
    error = LockedError(PATH, Owner(4711, "desk-3", datetime(2026, 11, 22, 9, 0, tzinfo=UTC)))
    assert "4711" in describe(error)
    assert "desk-3" in describe(error)


def test_what_is_logged_of_an_error_is_its_code_and_path():
    assert str(StorageError(Fault.DISK_FULL, PATH, OSError("x"))) == f"disk-full: {PATH}"


def test_findings_of_an_ordinary_day_need_nobodys_attention():
    calm = {code for code in Find if RepairFinding(code).expected}
    assert calm == {Find.TORN, Find.CUT, Find.GONE, Find.EMPTIED}
    assert not FileRepair()
    assert FileRepair((RepairFinding(Find.GONE),))


def test_a_disk_with_a_few_kilobytes_left_is_full_not_broken(tmp_path, monkeypatch):
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    path = tmp_path / "journal.db"
    assert from_sqlite(error, path).fault is Fault.BROKEN_DISK
    usage = type("Usage", (), {"free": 40 << 10})
    monkeypatch.setattr(errors.shutil, "disk_usage", lambda folder: usage)
    assert from_sqlite(error, path).fault is Fault.DISK_FULL
