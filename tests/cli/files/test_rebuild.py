"""A lost OffCirc.dat, on the command line: the doctor tells, ``rebuild`` makes it again."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from helpers.rights import is_private

from offcirc.core.transaction import Operation, record_now
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal import layout
from offcirc.storage.journal.journal import Journal


@pytest.fixture
def folder(home) -> Path:
    """A desk's folder: three rows saved, one not."""
    folder = home / "offcirc"
    with Journal.open(folder) as journal:
        for number in range(4):
            at = datetime.now().astimezone() - timedelta(minutes=9 - number)
            journal.append(record_now(at, Operation.LOAN, f"3700003417{number}", "99210001"))
            if number == 2:
                DatWriter(journal).save()
    return folder


def doctor(offcirc) -> tuple[int, str, str]:
    ran = offcirc("doctor", "--format", "json")
    (check,) = (each for each in ran.json["checks"] if each["name"] == "offcirc.dat")
    return ran.code, check["level"], check["message"]


def test_the_doctor_misses_what_was_saved_and_is_nowhere(offcirc, folder):
    assert doctor(offcirc)[:2] == (0, "fine")
    file = folder / "OffCirc.dat"
    content = file.read_bytes()
    for lost in (file.unlink, lambda: file.write_bytes(b"")):
        lost()
        code, level, message = doctor(offcirc)
        assert (code, level) == (1, "problem")
        assert "3 rows that had been saved are in no OffCirc.dat any more" in message
    ran = offcirc("rebuild")
    assert (ran.code, ran.err) == (0, "")
    assert "3 rows were written" in ran.out
    assert file.read_bytes()[: len(content)] == content
    assert file.read_bytes().count(b"\r\n") == 4, "and what waited is saved too"
    assert doctor(offcirc)[:2] == (0, "fine")
    again = offcirc("rebuild", "--format", "json")
    assert (again.code, again.json) == (0, {"rows": 0, "path": None})


def test_a_file_that_is_there_is_left_alone(offcirc, folder):
    file = folder / "OffCirc.dat"
    first = file.read_bytes().splitlines(keepends=True)[0]
    file.write_bytes(first)
    ran = offcirc("rebuild", "--format", "json")
    aside = folder / "OffCirc-again.dat"
    assert (ran.code, ran.json) == (1, {"rows": 2, "path": str(aside)})
    assert file.read_bytes().startswith(first)
    assert aside.read_bytes().count(b"\r\n") == 2


def test_every_row_not_uploaded_to_a_file_of_its_own_beside_an_open_desk(offcirc, folder, tmp_path):
    place = tmp_path / "again.dat"
    with Journal.open(folder):
        ran = offcirc("rebuild")
        assert ran.code == 2
        assert "Make OffCirc.dat again" in ran.err
        ran = offcirc("rebuild", "-o", str(place), "--format", "json")
        assert (ran.code, ran.json) == (0, {"rows": 4, "path": str(place)})
        assert is_private(place)
        ran = offcirc("rebuild", "-o", str(place), "--format", "json")
        assert (ran.code, ran.json["path"]) == (1, str(tmp_path / "again-again.dat"))
    assert place.read_bytes().startswith((folder / "OffCirc.dat").read_bytes())


def test_nothing_to_make_again(offcirc):
    ran = offcirc("rebuild")
    assert (ran.code, ran.out) == (2, "")
    assert "Nothing has been recorded" in ran.err


def test_a_journal_of_an_earlier_version_is_brought_up_first(offcirc, folder, tmp_path):
    database = sqlite3.connect(folder / "journal.db")
    for table in ("remarks", "fates", "told"):
        database.execute(f"DROP TABLE {table}")
    unguarded, guarded = layout._only_erased()
    database.execute(unguarded)
    for column in ("act", "stated"):
        database.execute(f"ALTER TABLE transactions DROP COLUMN {column}")
    database.execute(guarded)
    database.execute("PRAGMA user_version = 3")
    database.commit()
    database.close()
    place = tmp_path / "mine.dat"
    ran = offcirc("rebuild", "-o", place)
    assert (ran.code, ran.err) == (0, "")
    assert place.read_bytes().count(b"\r\n") == 4
