"""``offcirc import``: from lists to an OffCirc.dat that can be checked and uploaded."""

from __future__ import annotations

import pytest

READER, A, B = "9921000000164", "37000034179", "UBX00252850"
WHEN = ("--day", "2026-11-27", "--time", "14:30")


@pytest.fixture
def listed(tmp_path):
    def write(name: str, text: str) -> str:
        (tmp_path / name).write_text(text, "utf-8")
        return name

    return write


@pytest.mark.promise("lists-become-lines")
def test_lists_become_lines_like_any_other(offcirc, listed, tmp_path):
    running = listed("note.txt", f"Reader {READER}\n{A}\n\nRETURNS\n{B}\n")
    table = listed("desk.csv", f"item;reader;when\n{B};{READER};26/11/26 9h05\n")
    ran = offcirc("import", running, table, "-o", "out.dat", *WHEN)
    assert (ran.code, ran.err) == (0, "")
    assert "out.dat: loans 2, returns 1." in ran.out
    assert (tmp_path / "out.dat").read_bytes().splitlines() == [
        f"202611271430L{A:<80}{READER}".encode(),
        f"202611271430R{B:<80}".encode(),
        f"202611260905L{B:<80}{READER}".encode(),
    ]
    assert offcirc("check", "out.dat").code == 0
    assert (tmp_path / "note.txt").read_text("utf-8").startswith("Reader")


def test_what_is_left_open_is_asked_and_nothing_is_written(offcirc, listed, tmp_path):
    ran = offcirc("import", listed("a.txt", f"{A}\n"), "-o", "out.dat")
    assert ran.code == 2
    for option in ("--day", "--time", "--as returns"):
        assert option in ran.err
    assert not (tmp_path / "out.dat").exists()
    assert offcirc("import", "a.txt", "-o", "out.dat", *WHEN, "--as", "returns").code == 0


@pytest.mark.promise("rounded-numbers-are-refused")
def test_numbers_that_a_spreadsheet_rounded_are_refused(offcirc, listed, tmp_path):
    rows = f"item,reader\n3.7E+13,{READER}\n{A},{READER}\n"
    ran = offcirc("import", listed("a.csv", rows), "-o", "o.dat", *WHEN, "--format", "json")
    assert ran.code == 1
    assert (ran.json["records"], ran.json["exceptions"]) == (1, 1)
    (line,) = ran.json["lines"]
    assert (line["line"], line["code"]) == (2, "rounded")
    assert "column set to Text" in line["message"]
    assert b"E+13" not in (tmp_path / "o.dat").read_bytes()
    alone = offcirc("import", listed("b.csv", rows.rpartition(A)[0]), "-o", "p.dat", *WHEN)
    assert alone.code == 2
    assert not (tmp_path / "p.dat").exists()


@pytest.mark.parametrize("words", [("--day", "27/11"), ("--time", "2pm"), ("--columns", "reader")])
def test_an_option_that_cannot_be_read_is_told(offcirc, listed, words):
    ran = offcirc("import", listed("a.txt", A), "-o", "o.dat", *words)
    assert ran.code == 2
    assert "should look like" in ran.err


def test_nothing_is_overwritten_and_no_list_is_no_crash(offcirc, listed, tmp_path):
    name = listed("a.txt", f"RETURNS\n{A}\n")
    (tmp_path / "out.dat").write_bytes(b"mine")
    assert "not overwritten" in offcirc("import", name, "-o", "out.dat", *WHEN).err
    assert (tmp_path / "out.dat").read_bytes() == b"mine"
    assert offcirc("import", "absent.txt", "-o", "o.dat").code == 2
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    assert "save it as .xlsx" in offcirc("import", "old.xls", "-o", "o.dat").err
    listed("empty.csv", "\n\n")
    assert "nothing in these lists" in offcirc("import", "empty.csv", "-o", "o.dat").err
