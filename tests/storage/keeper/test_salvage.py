"""A damaged journal is put aside; what can be read of it goes on in a new one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import raw
from storage.desk_kit import MORNING
from storage.fire_kit import Day

from offcirc.disk.errors import Fault, StorageError
from offcirc.storage.dat.findings import describe_finding
from offcirc.storage.journal.journal import Journal
from offcirc.storage.journal.layout import JOURNAL
from offcirc.storage.journal.rows import RowState, Where
from offcirc.storage.keeper import salvage
from offcirc.storage.keeper.pages import records

PAGE = 4096


@pytest.fixture
def day(tmp_path: Path):
    day = Day(tmp_path)
    day.open()
    yield day
    day.close()


def filled(day: Day) -> Path:
    """A journal with a saved row, a deleted one, and three to be saved; it is closed."""
    day.scan()
    day.keeper.save()
    rows = [day.scan() for _ in range(4)]
    day.delete(rows[1])
    day.close()
    return day.folder / "home" / "journal.db"


def overwrite(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def states(day: Day) -> list[tuple[str, str]]:
    rows = day.keeper.rows_since(MORNING)
    return [(row.transaction.item[-2:], row.state.value) for row in rows]


ALL = [
    ("01", "saved"),
    ("02", "pending"),
    ("03", "voided"),
    ("04", "pending"),
    ("05", "pending"),
]


@pytest.mark.parametrize("damage", ["header", "schema", "all of the first page"])
@pytest.mark.promise("a-damaged-journal-costs-what-is-damaged")
def test_every_row_of_a_journal_without_its_beginning_is_in_the_new_one(day, damage):
    path = filled(day)
    place, size = {"header": (0, 16), "schema": (100, 900)}.get(damage, (0, PAGE))
    overwrite(path, place, b"\xa5" * size)
    before = path.read_bytes()
    day.open()
    assert day.keeper.standing.where is Where.MAIN
    assert states(day) == ALL
    (finding,) = day.keeper.tend().findings
    assert (finding.code, finding.args["rows"]) == ("salvaged", 5)
    kept = Path(str(finding.args["kept"]))
    assert kept.read_bytes() == before, "put aside as it was"
    assert str(kept) in describe_finding(finding)
    day.scan()
    day.keeper.save()
    assert day.keeper.file.read_bytes().count(b"\r\n") == 5, "nothing twice, nothing missing"
    assert states(day)[:3] == [ALL[0], ("02", "saved"), ALL[2]]
    day.close()
    day.open()
    assert not day.keeper.tend().findings


@pytest.mark.parametrize("damage", ["zeros", "emptied", "cut", "no database at all"])
def test_what_cannot_be_read_is_said_and_the_desk_goes_on(day, damage):
    path = filled(day)
    size = path.stat().st_size
    if damage == "zeros":
        overwrite(path, 0, bytes(size))
    elif damage == "no database at all":
        path.write_bytes(b"Bonjour" * 2000)
    else:
        with path.open("r+b") as file:
            file.truncate(0 if damage == "emptied" else PAGE)
    day.keeper = None
    (path.parent / "journal.reserve").write_bytes(b"x")
    day.open()
    assert day.keeper.standing.where is Where.MAIN
    codes = [finding.code.value for finding in day.keeper.tend().findings]
    assert codes[0] == "salvaged"
    assert list(path.parent.glob("journal.damaged-*.db"))
    row = day.scan()
    assert row.where is Where.MAIN
    assert day.keeper.save().rows == 1
    assert day.keeper.file.read_bytes().count(b"\r\n") == 2, "after what was there"


def test_a_zeroed_page_of_rows_costs_its_rows_only(tmp_path):
    with Journal.open(tmp_path) as journal:
        day = Day(tmp_path)
        for _ in range(120):
            day.now = day.now.replace(second=0)
        for number in range(120):
            journal.append(record(number))
        seqs = [row.seq for row in journal.pending()]
    path = tmp_path / "journal.db"
    leaf = page_with(path, seqs[0])
    overwrite(path, leaf * PAGE, bytes(PAGE))
    with pytest.raises(StorageError) as caught, Journal.open(tmp_path) as journal:
        journal.pending()
    assert caught.value.fault is Fault.DAMAGED
    finding = salvage.salvage(path, tmp_path / "OffCirc.dat")
    assert finding is not None
    lost = int(finding.args["unread"])
    assert 0 < lost < 60
    assert f"At least {lost} could not be read" in describe_finding(finding)
    with Journal.open(tmp_path) as journal:
        assert [row.seq for row in journal.pending()] == seqs[lost:]


def record(number: int):
    from datetime import timedelta

    from offcirc.core.transaction import Operation, record_now

    return record_now(
        MORNING + timedelta(seconds=number), Operation.LOAN, f"370{number:08}", "9921000000164"
    )


def page_with(path: Path, seq: int) -> int:
    """The number, from 0, of a leaf page that holds a row of the transactions."""
    data = path.read_bytes()
    for number in range(len(data) // PAGE):
        page = data[number * PAGE : (number + 1) * PAGE]
        alone = bytes(100) + page if number == 0 else page
        if number and any(row == seq and len(told) > 8 for row, told in leaf(alone)):
            return number
    raise AssertionError


def leaf(page: bytes):
    return records(bytes(PAGE) + page)


def test_what_the_log_holds_is_read_and_what_was_taken_back_is_not(tmp_path):
    database = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = wal")
    database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, word TEXT, long BLOB, real REAL)")
    database.execute("INSERT INTO t VALUES (-5, 'é', ?, 0.5)", (b"x" * 20_000,))
    database.execute("INSERT INTO t VALUES (7, 'two', NULL, 3)")
    database.execute("PRAGMA cache_size = 1")
    database.execute("BEGIN")
    database.execute("INSERT INTO t VALUES (8, 'no', zeroblob(100000), 1)")
    database.execute("ROLLBACK")
    left = [raw(tmp_path / f"a.db{end}") for end in ("", "-wal")]
    database.close()
    told = records(*left)
    rows = {number: values for number, values in told if values[0] is None}
    assert rows == {-5: (None, "é", b"x" * 20_000, 0.5), 7: (None, "two", None, 3)}


def test_the_program_is_killed_and_its_journal_damaged(day, tmp_path):
    """What was only in the write-ahead log is found too."""
    day.close()
    script = (
        "import os, sys; sys.path[:0] = sys.argv[1:3]\n"
        "from pathlib import Path\n"
        "from storage.fire_kit import Day\n"
        "day = Day(Path(sys.argv[3])); day.open()\n"
        "for _ in range(3): day.scan()\n"
        "os._exit(9)\n"
    )
    top = Path(__file__).parents[3]
    words = [sys.executable, "-c", script, str(top), str(top / "tests"), str(tmp_path)]
    subprocess.run(words, check=False)
    path = tmp_path / "home" / "journal.db"
    assert path.with_name("journal.db-wal").stat().st_size
    overwrite(path, 0, b"\xa5" * 200)
    day.open()
    assert states(day) == [("01", "pending"), ("02", "pending"), ("03", "pending")]


@pytest.mark.parametrize("step", ["_read", "open_database", "_rename", "_keep"])
def test_an_interrupted_attempt_is_taken_up_again(day, monkeypatch, step):
    path = filled(day)
    overwrite(path, 0, b"\xa5" * PAGE)
    with monkeypatch.context() as patch:
        done = {"_rename": 2}.get(step, 0)
        real = getattr(salvage, step)

        def fails(*words, **more):
            nonlocal done
            done -= 1
            if done < 0:
                raise OSError(5, "Input/output error")
            return real(*words, **more)

        patch.setattr(salvage, step, fails)
        day.open()
        assert day.keeper.standing.where is Where.FALLBACK
        assert day.scan().where is Where.FALLBACK
    day.keeper.reunite()
    assert states(day) == [*ALL, ("06", "pending")]
    assert len(list(path.parent.glob("*damaged*.db"))) == 1
    day.keeper.save()
    assert day.keeper.file.read_bytes().count(b"\r\n") == 5


def test_a_database_of_another_program_is_left_alone(day):
    path = filled(day)
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("PRAGMA application_id = 7")
    other.execute("CREATE TABLE t (x)")
    other.close()
    before = path.read_bytes()
    day.open()
    assert day.keeper.standing.fault.fault is Fault.NOT_OURS
    assert day.scan().where is Where.FALLBACK
    assert path.read_bytes() == before


def test_damage_met_in_mid_day_costs_nothing(day):
    rows = [day.scan() for _ in range(3)]
    day.keeper.save()
    day.delete(day.scan())
    day.scan()
    day.keeper._home.lose(StorageError(Fault.DAMAGED, day.keeper._home.path))
    overwrite(day.folder / "home" / "journal.db", 0, bytes(20 * PAGE))
    assert day.scan().where is Where.MAIN
    found = day.keeper.rows_since(MORNING)
    assert [(each.transaction.item[-2:], each.state) for each in found] == [
        *((row.transaction.item[-2:], RowState.SAVED) for row in rows),
        ("04", RowState.VOIDED),
        ("05", RowState.PENDING),
        ("06", RowState.PENDING),
    ]
    assert day.keeper.save().rows == 2
    assert day.keeper.file.read_bytes().count(b"\r\n") == 5


def test_work_goes_on_beside_a_journal_of_a_newer_version(day):
    path = filled(day)
    newer(path)
    before = path.read_bytes()
    day.open()
    assert day.keeper.standing.fault.fault is Fault.NEWER
    assert day.scan().where is Where.FALLBACK
    day.close()
    assert path.read_bytes() == before


def test_nor_does_a_newer_or_damaged_fallback_place_stop_anybody(day):
    """A newer version has been in both places; then it is back."""
    path = filled(day)
    path.rename(path.with_name("mine"))
    path.mkdir()
    day.open()
    assert day.scan().where is Where.FALLBACK
    away = day.keeper.fallback / "journal.db"
    day.close()
    newer(away)
    day.open()
    assert day.scan().where is Where.FALLBACK
    beside = day.keeper.fallback / "journal.db"
    day.close()
    assert beside != away
    overwrite(beside, 0, bytes(100))
    newer(away, JOURNAL.version)
    path.rmdir()
    path.with_name("mine").rename(path)
    day.open()
    assert states(day) == [*ALL, ("06", "pending"), ("07", "pending")]


def newer(path: Path, version: int = 99) -> None:
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {version}")
    database.close()
