from __future__ import annotations

from pathlib import Path

import pytest

from offcirc import resources

TWO = resources.path("practice/toulouse/two-desks")


def loan(minute: str, item: str, patron: str = "1") -> bytes:
    return f"20180306{minute}L{item:<80}{patron}\r\n".encode()


def test_the_sample_desks_do_not_depend_on_the_order_given(offcirc, tmp_path):
    first = offcirc("merge", TWO / "desk-A.dat", TWO / "desk-B.dat", "-o", "ab.dat")
    second = offcirc("merge", TWO / "desk-B.dat", TWO / "desk-A.dat", "-o", "ba.dat")
    assert (first.code, second.code) == (0, 0)
    merged = (tmp_path / "ab.dat").read_bytes()
    assert merged == (tmp_path / "ba.dat").read_bytes()
    lines = merged.splitlines(keepends=True)
    stamps = [line[:12] for line in lines]
    assert stamps == sorted(stamps)
    both = (TWO / "desk-A.dat").read_bytes() + (TWO / "desk-B.dat").read_bytes()
    assert sorted(lines) == sorted(both.splitlines(keepends=True))
    assert f"{len(lines)} lines from 2 files" in first.out


def test_a_clock_that_was_wrong(offcirc, tmp_path):
    (tmp_path / "A.dat").write_bytes(loan("1000", "X"))
    (tmp_path / "B.dat").write_bytes(loan("1100", "Y"))
    ran = offcirc("merge", "A.dat", "B.dat", "-o", "out.dat", "--offset", "B.dat=-7200")
    assert ran.code == 0
    assert (tmp_path / "out.dat").read_bytes() == loan("0900", "Y") + loan("1000", "X")


def test_an_offset_for_a_file_that_is_not_there(offcirc, tmp_path):
    (tmp_path / "A.dat").write_bytes(loan("1000", "X"))
    ran = offcirc("merge", "A.dat", "-o", "out.dat", "--offset", "C.dat=60")
    assert ran.code == 2
    assert "C.dat" in ran.err
    assert not (tmp_path / "out.dat").exists()


def test_nothing_is_overwritten(offcirc, tmp_path):
    (tmp_path / "A.dat").write_bytes(loan("1000", "X"))
    ran = offcirc("merge", "A.dat", "-o", "A.dat")
    assert ran.code == 2
    assert "is not overwritten" in ran.err
    assert (tmp_path / "A.dat").read_bytes() == loan("1000", "X")


def test_damaged_lines_are_named_and_left_out(offcirc, tmp_path):
    (tmp_path / "A.dat").write_bytes(loan("1000", "X") + b"201803061001Q12345\r\n")
    ran = offcirc("merge", "A.dat", "-o", "out.dat")
    assert ran.code == 1
    assert (tmp_path / "out.dat").read_bytes() == loan("1000", "X")
    assert "201803061001Q12345" in ran.out


def test_the_same_file_twice_is_taken_once(offcirc, tmp_path):
    for name in ("A.dat", "copy of A.dat"):
        (tmp_path / name).write_bytes(loan("1000", "X"))
    ran = offcirc("merge", "A.dat", "copy of A.dat", "-o", "out.dat")
    assert ran.code == 0
    assert "taken once" in ran.err
    assert (tmp_path / "out.dat").read_bytes() == loan("1000", "X")


@pytest.mark.parametrize("name", ["missing.dat", "."])
def test_a_file_that_cannot_be_read(offcirc, tmp_path, name):
    (tmp_path / "A.dat").write_bytes(loan("1000", "X"))
    ran = offcirc("merge", "A.dat", name, "-o", "out.dat")
    assert ran.code == 2
    assert not (tmp_path / "out.dat").exists()


def test_a_folder_that_cannot_be_written(offcirc, tmp_path):
    (tmp_path / "A.dat").write_bytes(loan("1000", "X"))
    ran = offcirc("merge", "A.dat", "-o", Path("nowhere") / "out.dat")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
