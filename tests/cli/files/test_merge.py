from __future__ import annotations

from pathlib import Path

import pytest
from upload.desks import RealDesk

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


@pytest.mark.parametrize("name", ["missing.dat", "empty folder"])
def test_a_file_that_cannot_be_read(offcirc, tmp_path, name):
    (tmp_path / "empty folder").mkdir()
    if name == "missing.dat":
        (tmp_path / "A.dat").write_bytes(loan("1000", "X"))
        ran = offcirc("merge", "A.dat", name, "-o", "out.dat")
    else:
        ran = offcirc("merge", name, "-o", "out.dat")
    assert ran.code == 2
    assert not (tmp_path / "out.dat").exists()


def test_a_folder_that_cannot_be_written(offcirc, tmp_path):
    (tmp_path / "A.dat").write_bytes(loan("1000", "X"))
    ran = offcirc("merge", "A.dat", "-o", Path("nowhere") / "out.dat")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1


def back(minute: str, item: str) -> bytes:
    return f"20180306{minute}R{item:<80}\r\n".encode()


def test_a_folder_is_searched_and_what_is_something_else_is_passed_over(offcirc, tmp_path):
    for desk, item in (("one", "X"), ("two", "Y")):
        folder = tmp_path / "desks" / desk
        folder.mkdir(parents=True)
        (folder / "OffCirc.dat").write_bytes(loan("1000", item))
    (tmp_path / "desks" / "video.dat").write_bytes(b"\0\1\2\3" * 50)
    ran = offcirc("merge", "desks", "-o", "out.dat")
    assert ran.code == 0, ran.err
    assert (tmp_path / "out.dat").read_bytes() == loan("1000", "X") + loan("1000", "Y")
    assert "2 lines from 2 files" in ran.out
    assert "Passed over: video.dat" in ran.err


def test_two_desks_in_one_minute_are_told_and_can_be_decided(offcirc, tmp_path):
    (tmp_path / "A.dat").write_bytes(loan("1000", "X"))
    (tmp_path / "B.dat").write_bytes(back("1000", "X"))
    ran = offcirc("merge", "A.dat", "B.dat", "-o", "out.dat")
    assert ran.code == 1
    assert (tmp_path / "out.dat").read_bytes() == back("1000", "X") + loan("1000", "X")
    assert "Return, B.dat, line 1" in ran.out
    assert "Loan, A.dat, line 1" in ran.out
    assert offcirc("decide", "first", "A.dat", "1", "B.dat", "1").code == 0
    ran = offcirc("merge", "A.dat", "B.dat", "-o", "again.dat")
    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "again.dat").read_bytes() == loan("1000", "X") + back("1000", "X")
    ran = offcirc("merge", "A.dat", "B.dat", "-o", "third.dat", "--no-decisions")
    assert ran.code == 1


def test_exact_times_and_measured_clocks_beside_the_files(offcirc, tmp_path):
    slow = RealDesk(tmp_path / "slow", "Desk 1", wrong=-1800)
    right = RealDesk(tmp_path / "right", "Desk 2")
    slow.lend("X", at=600.5)
    slow.at(660)
    slow.set_clock(0)
    right.take_back("X", at=630)
    for desk in (slow, right):
        desk.save()
        desk.mirror(tmp_path / "share")
        desk.close()
    for given in (["share"], ["slow", "right"]):
        out = tmp_path / f"{given[0]}.out.dat"
        ran = offcirc("merge", *given, "-o", out)
        assert ran.code == 0, ran.out
        lines = [line[8:15] for line in out.read_bytes().splitlines()]
        assert lines == [b"0910LX ", b"0910RX "]
        assert "lines 1 to 1: +30 min, as the desk noted" in ran.err


def test_lines_that_stand_in_two_files_are_taken_once(offcirc, tmp_path):
    (tmp_path / "A.dat").write_bytes(loan("1000", "X") + loan("1001", "Y"))
    (tmp_path / "B.dat").write_bytes(loan("0900", "Z") + loan("1001", "Y"))
    ran = offcirc("merge", "A.dat", "B.dat", "-o", "out.dat")
    assert ran.code == 0
    assert (tmp_path / "out.dat").read_bytes() == (
        loan("0900", "Z") + loan("1000", "X") + loan("1001", "Y")
    )
    assert "1 line says the same as one of another file" in ran.err
    assert "it is taken once" in ran.err


def test_an_earlier_copy_of_a_file_is_left_out(offcirc, tmp_path):
    (tmp_path / "noon.dat").write_bytes(loan("1000", "X"))
    (tmp_path / "evening.dat").write_bytes(loan("1000", "X") + loan("1700", "Y"))
    ran = offcirc("merge", "noon.dat", "evening.dat", "-o", "out.dat")
    assert ran.code == 0
    assert (tmp_path / "out.dat").read_bytes() == (tmp_path / "evening.dat").read_bytes()
    assert "An earlier copy of evening.dat" in ran.err


def test_what_was_decided_is_left_out_or_corrected(offcirc, tmp_path):
    (tmp_path / "A.dat").write_bytes(loan("1000", "X") + loan("1001", "Y") + loan("1002", "Z"))
    assert offcirc("decide", "drop", "A.dat", "2").code == 0
    assert offcirc("decide", "correct", "A.dat", "3", "--item", "Q").code == 0
    ran = offcirc("merge", "A.dat", "-o", "out.dat")
    assert ran.code == 0
    assert (tmp_path / "out.dat").read_bytes() == loan("1000", "X") + loan("1002", "Q")
    assert "1 line is left out as was decided" in ran.err
