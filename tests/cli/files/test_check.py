from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from helpers import pseudo_terminal

from offcirc import resources
from offcirc.cli.files import check
from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Record

NOW = datetime.now().replace(second=0, microsecond=0) - timedelta(hours=1)
FORMATS = ("text", "json", "csv")


def loan(item: str = "37000034179", patron: str = "9921000000164") -> bytes:
    return encode(Record(NOW, Operation.LOAN, item, patron))


DAMAGED = f"{NOW:%Y%m%d%H%M}L".encode() + b"37000034179          9921000000164\r\n"
NOT_A_LINE = f"{NOW:%Y%m%d%H%M}X".encode() + b"=1+1".ljust(80) + b"9921000000164\r\n"


@pytest.mark.parametrize("form", FORMATS)
def test_a_fine_file(offcirc, tmp_path, form):
    (tmp_path / "OffCirc.dat").write_bytes(loan() * 3)
    ran = offcirc("check", "OffCirc.dat", "--format", form)
    assert (ran.code, ran.err) == (0, "")
    if form == "json":
        assert ran.json == {"records": 3, "exceptions": 0, "lines": []}
    elif form == "csv":
        assert len(ran.out.splitlines()) == 1
    else:
        assert "3 records: 0 errors, 0 warnings." in ran.out


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_file_is_fine(offcirc, tmp_path, form):
    (tmp_path / "OffCirc.dat").write_bytes(b"")
    ran = offcirc("check", "OffCirc.dat", "--format", form)
    assert (ran.code, ran.err) == (0, "")
    assert form != "text" or "Nothing was recorded in it." in ran.out


def test_json_has_the_shape_that_scripts_depend_on(offcirc, tmp_path):
    (tmp_path / "A.dat").write_bytes(loan() + b"\r\n" + DAMAGED)
    (tmp_path / "B.dat").write_bytes(NOT_A_LINE + loan("37000034180"))
    ran = offcirc("check", "A.dat", "B.dat", "--format", "json")
    assert ran.code == 1
    assert ran.json == {
        "records": 4,
        "exceptions": 2,
        "lines": [
            {
                "file": "A.dat",
                "line": 3,
                "status": "warning",
                "message": "The blanks between item and borrower were damaged; the line is read"
                " as it was meant.",
                "timestamp": NOW.isoformat(timespec="minutes"),
                "operation": "L",
                "item": "37000034179",
                "patron": "9921000000164",
            },
            {
                "file": "B.dat",
                "line": 1,
                "status": "error",
                "message": "Neither a loan (L) nor a return (R) in column 13.",
                "timestamp": None,
                "operation": None,
                "item": "",
                "patron": "",
                "raw": NOT_A_LINE.decode().rstrip("\r\n"),
            },
        ],
    }


def test_a_warning_alone_is_no_error(offcirc, tmp_path):
    (tmp_path / "OffCirc.dat").write_bytes(DAMAGED)
    assert offcirc("check", "OffCirc.dat").code == 0


def test_text_is_almas_table_and_tells_who_and_when(offcirc, tmp_path):
    (tmp_path / "OffCirc.dat").write_bytes(loan() + DAMAGED)
    ran = offcirc("check", "OffCirc.dat")
    header = next(line for line in ran.out.splitlines() if "Error Message" in line)
    row = next(line for line in ran.out.splitlines() if "warning:" in line)
    assert header.split()[0] == "Line"
    assert row.split()[0] == "2"
    assert f"{NOW:%Y-%m-%d %H:%M}" in row
    assert "9921000000164" in row


def test_french(offcirc, tmp_path):
    (tmp_path / "OffCirc.dat").write_bytes(DAMAGED)
    ran = offcirc("check", "OffCirc.dat", "--lang", "fr")
    assert "avertissement" in ran.out
    assert f"{NOW:%d/%m/%Y %H:%M}" in ran.out


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(offcirc, tmp_path, start):
    item = start + "HYPERLINK(1)"
    line = f"{NOW:%Y%m%d%H%M}L{item} 9921000000164\r\n".encode()
    (tmp_path / "OffCirc.dat").write_bytes(line)
    ran = offcirc("check", "OffCirc.dat", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(ran.out))
    assert row["item"] == "'" + item


def test_nothing_in_a_file_commands_the_terminal(offcirc, tmp_path):
    line = f"{NOW:%Y%m%d%H%M}L".encode() + b"\x1b[2J\x07\xe2\x80\xae".ljust(80) + b"1\r\n"
    (tmp_path / "OffCirc.dat").write_bytes(loan() + line)
    ran = offcirc("check", "OffCirc.dat")
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out


BAD = {
    "missing": (None, "there is no such file"),
    "jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 40, "it holds no text"),
    "utf-16": (loan().decode().encode("utf-16"), "UTF-16"),
    "page": (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>\n", "no line of it"),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_offcirc_dat(offcirc, tmp_path, name, form):
    content, reason = BAD[name]
    if content is not None:
        (tmp_path / "bad.dat").write_bytes(content)
    (tmp_path / "good.dat").write_bytes(loan() + NOT_A_LINE)
    ran = offcirc("check", "bad.dat", "good.dat", "--format", form)
    assert ran.code == 2
    assert ran.err.startswith("bad.dat: ")
    assert reason in ran.err
    # The other file is judged all the same.
    assert "good.dat" in ran.out
    if form == "json":
        assert ran.json["records"] == 2
        assert [row["file"] for row in ran.json["unreadable"]] == ["bad.dat"]


def test_a_folder(offcirc, tmp_path):
    ran = offcirc("check", tmp_path)
    assert ran.code == 2
    assert "there is no OffCirc.dat file in it" in ran.err


def test_two_gigabytes_of_zeros_are_told_at_once(offcirc, tmp_path):
    with (tmp_path / "zeros.dat").open("wb") as stream:
        stream.truncate(2 << 30)
    ran = offcirc("check", "zeros.dat")
    assert ran.code == 2
    assert "it holds no text" in ran.err


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch, capsys):
    from offcirc.cli.main import main

    file = tmp_path / "OffCirc.dat"
    file.write_bytes(loan())
    if os.name == "posix" and os.getuid():
        file.chmod(0)
    else:

        def refuse(*words, **more):
            raise PermissionError(13, "Permission denied", str(file))

        monkeypatch.setattr(type(file), "open", refuse)
    assert main(["check", str(file)]) == 2
    assert "may not open it" in capsys.readouterr().err


def test_a_disk_that_fails_in_the_middle(tmp_path, monkeypatch, capsys):
    from offcirc.cli.main import main

    file = tmp_path / "OffCirc.dat"
    file.write_bytes(loan() * 2000)
    real = check._bytes
    calls = []

    def failing(path, stream, size):
        calls.append(size)
        if len(calls) == 2:
            raise check.Stop(check.errors.unusable(OSError(5, "Input/output error"), path))
        return real(path, stream, size)

    monkeypatch.setattr(check, "_bytes", failing)
    assert main(["check", str(file), "--format", "json"]) == 2
    said = capsys.readouterr()
    assert "its disk reports an error" in said.err
    assert json.loads(said.out)["unreadable"][0]["file"] == str(file)


@pytest.mark.skipif(os.name == "nt", reason="only on POSIX are names bytes")
def test_a_strange_file_name(offcirc, tmp_path):
    name = os.fsdecode(b"off\xffcirc\n.dat")
    (tmp_path / name).write_bytes(loan() + NOT_A_LINE)
    for form in FORMATS:
        ran = offcirc("check", name, "--format", form)
        assert ran.code == 1
        assert "\\n" in ran.out


def test_a_pipe_whose_reader_leaves(environment, tmp_path):
    (tmp_path / "OffCirc.dat").write_bytes(DAMAGED * 20_000)
    with subprocess.Popen(
        [sys.executable, "-m", "offcirc", "check", "OffCirc.dat"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.read(1000)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 2


@pytest.mark.parametrize("form", FORMATS)
def test_memory_does_not_grow_with_the_findings(environment, tmp_path, form):
    if sys.platform != "linux":
        pytest.skip("only on Linux is the peak told in kilobytes")
    lines = 200_000 if os.environ.get("OFFCIRC_PROVE") == "1" else 40_000
    peaks = []
    for count in (100, lines):
        (tmp_path / "OffCirc.dat").write_bytes(DAMAGED * count)
        command = [sys.executable, "-m", "offcirc", "check", "OffCirc.dat", "--format", form]
        with (tmp_path / "out").open("wb") as out:
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=out)
            _pid, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        peaks.append(usage.ru_maxrss)
        if form == "json":
            found = json.loads((tmp_path / "out").read_bytes())
            assert found["exceptions"] == len(found["lines"]) == count
    assert peaks[1] < peaks[0] + 20_000


def test_on_a_terminal_it_is_drawn(tmp_path, environment):
    """A real terminal: a table with rules, in colours, and the plain rows after the first 500."""
    (tmp_path / "OffCirc.dat").write_bytes(DAMAGED * 700)
    master, slave = pseudo_terminal()
    process = subprocess.Popen(
        [sys.executable, "-m", "offcirc", "check", "OffCirc.dat"],
        cwd=tmp_path,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": "160"},
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    parts = []
    try:
        while chunk := os.read(master, 65536):
            parts.append(chunk)
    except OSError:
        pass  # how a terminal says that everybody has left
    os.close(master)
    assert process.wait(30) == 0
    text = b"".join(parts).decode()
    assert "\x1b[33m" in text
    assert "700 records: 0 errors, 700 warnings." in text
    assert "    700  warning" in text


# -- several files ----------------------------------------------------------------------------


def at(minutes: int, operation: Operation, item: str, patron: str = "") -> bytes:
    return encode(Record(NOW + timedelta(minutes=minutes), operation, item, patron))


@pytest.fixture
def desks(tmp_path):
    lent, back = Operation.LOAN, Operation.RETURN
    (tmp_path / "A.dat").write_bytes(at(-9, lent, "I1", "P1") + at(-8, lent, "I2", "P1"))
    (tmp_path / "B.dat").write_bytes(
        at(-8, back, "I2") + at(-5, lent, "I1", "P2") + at(-4, lent, "I1", "P2")
    )


def test_several_files_are_compared_and_each_finding_says_what_to_do(offcirc, desks):
    ran = offcirc("check", "A.dat", "B.dat", "--format", "json")
    assert ran.code == 0
    told = ran.json
    assert (told["records"], told["exceptions"]) == (5, 2)
    first, second = told["lines"]
    assert (first["file"], first["line"], first["status"]) == ("B.dat", 2, "warning")
    assert (first["code"], first["item"], first["patron"]) == ("lent-twice", "I1", "P2")
    assert "A.dat, line 1" in first["message"]
    assert first["suggestion"]
    assert (second["code"], second["file"]) == ("unclear-order", "A.dat")
    assert "--notes: 1" in ran.err


def test_what_is_only_good_to_know_is_listed_when_asked_for(offcirc, desks):
    told = offcirc("check", "A.dat", "B.dat", "--notes", "--format", "json").json
    (note,) = [line for line in told["lines"] if line["status"] == "ok"]
    assert note["code"] == "lent-again"
    assert told["exceptions"] == 2


@pytest.mark.parametrize("form", FORMATS)
def test_comparing_can_be_left_out_and_asked_for(offcirc, desks, form):
    assert "I1" not in offcirc("check", "A.dat", "B.dat", "--no-across", "--format", form).out
    assert "I1" not in offcirc("check", "B.dat", "--format", form).out
    ran = offcirc("check", "A.dat", "B.dat", "--format", form)
    assert (ran.code, ran.out.count("P2")) == (0, 1)
    alone = offcirc("check", "B.dat", "--across", "--notes", "--format", form)
    assert alone.code == 0
    assert "I1" in alone.out


def test_comparing_knows_what_was_decided(offcirc, desks):
    assert offcirc("decide", "drop", "B.dat", "1-3").code == 0
    assert offcirc("check", "A.dat", "B.dat", "--format", "json").json["lines"] == []


def test_barcode_rules_and_opening_hours_come_from_the_settings(offcirc, desks, tmp_path):
    (tmp_path / "swapped.dat").write_bytes(at(-3, Operation.LOAN, "P7", "I7"))
    folder = tmp_path / "home" / ".config" / "offcirc"
    settings = {
        "OFFCIRC_CHECK_HOURS": f"{NOW + timedelta(days=1):%a} 10:00-11:00",
        "LC_ALL": "C",
    }
    assert not folder.exists()
    ran = offcirc("check", "swapped.dat", "--across", "--notes", "--format", "json", env=settings)
    assert [line["code"] for line in ran.json["lines"]] == ["closed"]


def test_the_sample_desks_say_nothing_to_each_other(offcirc):
    two = resources.path("practice/toulouse/two-desks")
    told = offcirc("check", two / "desk-A.dat", two / "desk-B.dat", "--format", "json").json
    compared = [line for line in told["lines"] if "code" in line]
    assert {line["code"] for line in compared} == {"clock-wrong"}  # they are years old


def test_a_folder_of_files_stands_for_them(offcirc, tmp_path):
    for desk in ("a", "b"):
        (tmp_path / "desks" / desk).mkdir(parents=True)
        (tmp_path / "desks" / desk / "OffCirc.dat").write_bytes(loan() if desk == "a" else b"x\r\n")
    ran = offcirc("check", "desks", "--format", "json", "--no-across")
    assert ran.code == 2  # one of them is something else
    assert ran.json["records"] == 1
    assert [each["file"] for each in ran.json["unreadable"]] == [str(Path("desks/b/OffCirc.dat"))]


def test_a_file_under_another_name_is_found_by_what_it_holds(offcirc, tmp_path):
    folder = tmp_path / "desks"
    folder.mkdir()
    (folder / "offline circ 7 Jan 2021 CNS").write_bytes(loan())
    (folder / "notes.txt").write_text("1. Ring the desk.")
    ran = offcirc("check", "desks", "--format", "json")
    assert (ran.code, ran.json["records"]) == (0, 1)
