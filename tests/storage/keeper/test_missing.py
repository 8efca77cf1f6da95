"""Rows that had been saved and are in no file any more: noticed, asked about, written again."""

from __future__ import annotations

from pathlib import Path

import pytest
from storage.desk_kit import MORNING
from storage.fire_kit import Day

from offcirc.core.dat.datline import encode
from offcirc.storage.dat.findings import describe_finding
from offcirc.storage.journal.rows import Row, RowState
from offcirc.storage.keeper.standing import describe_missing


@pytest.fixture
def day(tmp_path: Path):
    day = Day(tmp_path)
    day.open()
    yield day
    day.close()


def states(day: Day) -> list[tuple[str, str]]:
    rows = day.keeper.rows_to_show(MORNING)
    return [(row.transaction.item[-2:], row.state.value) for row in rows]


def saved(day: Day, count: int = 3) -> list[Row]:
    rows = [day.scan() for _ in range(count)]
    day.keeper.save()
    return rows


def lines(*rows: Row) -> bytes:
    return b"".join(encode(row.transaction.record) for row in rows)


def delete(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])


def edit(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"37000030002", b"37000030009"))


def replace(file: Path) -> None:
    file.write_bytes(b"202611220900L" + b"Z1".ljust(80) + b"X1\r\n")


CASES = [
    (delete, ["01", "02", "03"], "moved or deleted", "moved, deleted or emptied; 3 saved rows"),
    (empty, ["01", "02", "03"], "been emptied", "moved, deleted or emptied; 3 saved rows"),
    (shorten, ["02", "03"], "removed lines", "changed or replaced OffCirc.dat: 2 saved rows"),
    (edit, ["02"], "changed lines", "changed or replaced OffCirc.dat: 1 saved row is"),
    (replace, ["01", "02", "03"], "removed lines", "changed or replaced OffCirc.dat: 3 saved"),
]


@pytest.mark.parametrize("between", ["running", "between runs"])
@pytest.mark.parametrize(("fault", "missing", "said", "asked"), CASES)
@pytest.mark.promise("a-lost-file-is-noticed")
def test_a_file_that_somebody_touched_is_noticed(day, between, fault, missing, said, asked):
    saved(day)
    file = day.keeper.file
    if between == "running":
        fault(file)
        assert day.keeper.is_waiting, "seen by a look at the file alone"
    else:
        day.close()
        fault(file)
        day.open()
    tended = day.keeper.tend()
    assert said in " ".join(map(describe_finding, tended.findings))
    assert [item for item, state in states(day) if state == "missing"] == missing
    assert asked in describe_missing(day.keeper.standing)
    if between == "running":
        restated = [(r.transaction.item[-2:], r.state) for r in tended.restated]
        assert restated == [(item, RowState.MISSING) for item in missing]
    assert not day.keeper.is_waiting
    day.close()
    day.open()
    assert [item for item, state in states(day) if state == "missing"] == missing, "still"


@pytest.mark.parametrize("fault", [delete, empty])
@pytest.mark.promise("a-lost-file-is-made-again")
def test_a_lost_file_is_made_again_once(day, fault):
    rows = saved(day)
    fault(day.keeper.file)
    rows.append(day.scan())
    assert day.keeper.make_again() == (3, day.keeper.file)
    assert day.keeper.file.read_bytes() == lines(*rows[:3])
    assert day.keeper.save().rows == 1
    assert day.keeper.file.read_bytes() == lines(*rows)
    assert {state for _, state in states(day)} == {"saved"}
    assert day.keeper.make_again() == (0, None)
    day.close()
    day.open()
    assert not day.keeper.tend().findings
    assert day.keeper.make_again() == (0, None)


@pytest.mark.promise("a-lost-file-is-made-again")
def test_with_a_new_file_there_it_is_made_beside_it_and_no_row_is_in_both(day):
    rows = saved(day)
    delete(day.keeper.file)
    rows += saved(day, 2)
    count, place = day.keeper.make_again()
    assert (count, place.name) == (3, "OffCirc-again.dat")
    assert place.read_bytes() == lines(*rows[:3])
    assert day.keeper.file.read_bytes() == lines(*rows[3:])
    assert describe_missing(day.keeper.standing) == ""
    assert day.keeper.make_again() == (0, None)


def test_rows_that_somebody_removed_are_written_beside_the_file(day):
    rows = saved(day)
    shorten(day.keeper.file)
    assert day.keeper.make_again()[0] == 2
    assert (day.keeper.folder / "OffCirc-again.dat").read_bytes() == lines(*rows[1:])
    assert day.keeper.file.read_bytes() == lines(rows[0])
    assert day.keeper.make_again() == (0, None)


def test_a_file_that_was_taken_to_be_uploaded_is_asked_about_once(day):
    saved(day)
    delete(day.keeper.file)
    day.keeper.tend()
    assert describe_missing(day.keeper.standing)
    day.keeper.settle_missing()
    assert describe_missing(day.keeper.standing) == ""
    assert {state for _, state in states(day)} == {"saved"}
    assert day.keeper.make_again() == (0, None)
    saved(day, 1)
    delete(day.keeper.file)
    day.keeper.tend()
    assert day.keeper.standing.gone == 1


def test_a_deleted_row_between_is_not_written_again(day):
    rows = [day.scan() for _ in range(3)]
    day.delete(rows[1])
    day.keeper.save()
    delete(day.keeper.file)
    assert day.keeper.make_again()[0] == 2
    assert day.keeper.file.read_bytes() == lines(rows[0], rows[2])
    day.keeper.tend()
    assert not day.keeper.is_waiting
