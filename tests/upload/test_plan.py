"""From files to lines in one order."""

from __future__ import annotations

import os
import sys
from itertools import permutations
from pathlib import Path

import pytest
from upload.kit import back, dat, loan

from offcirc import i18n
from offcirc.core.fingerprint import KeyMaker
from offcirc.storage.ledgerrows import State
from offcirc.upload.errors import (
    FileChangedError,
    NoFilesError,
    NotOffCircError,
    PlanError,
    UnreadableFileError,
)
from offcirc.upload.plan import make_plan, short_names


def test_lines_of_several_files_come_in_one_order_whatever_order_they_are_given_in(
    tmp_path: Path,
) -> None:
    files = [
        dat(tmp_path / "a.dat", loan(0, "A"), loan(5, "B")),
        dat(tmp_path / "b.dat", back(3, "C"), back(5, "B")),
        dat(tmp_path / "c.dat", loan(4, "D")),
    ]
    orders = {
        tuple(line.item for line in make_plan(order).lines()) for order in permutations(files)
    }
    assert orders == {("A", "C", "D", "B", "B")}
    operations = [line.operation for line in make_plan(files).lines()]
    assert operations[-2:] == ["R", "L"]


def test_a_line_keeps_file_number_raw_text_and_key(tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A"))
    b = dat(tmp_path / "b.dat", b"", back(1, "B"))
    _first, line = make_plan([a, b]).lines()
    assert (line.file, line.number, line.minute) == (1, 2, "2018-01-15T09:01")
    assert line.raw == b"201801150901R" + b"B".ljust(80)
    assert line.key == KeyMaker().key(back(1, "B"))


def test_a_damaged_line_is_held_with_its_reason(tmp_path: Path) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"), b"201802301420LX", b"rubbish\xff", loan(1, "B"))
    lines = list(make_plan([path]).lines())
    held = [line for line in lines if line.state is State.HELD]
    assert [(line.number, line.reason, line.raw) for line in held] == [
        (2, "impossible-date", b"201802301420LX"),
        (3, "bad-characters", b"rubbish\xff"),
    ]
    assert [line.item for line in lines if line.state is State.PLANNED] == ["A", "B"]


def test_a_doubtful_line_is_sent_all_the_same(tmp_path: Path) -> None:
    path = dat(
        tmp_path / "a.dat",
        loan(60 * 24 * 365 * 100, "FUTURE"),
        b"201805091348L37000034179          9921000000164",
        b"201805091349R" + b"X1".ljust(80) + b"9921000000164",
    )
    lines = list(make_plan([path]).lines())
    assert [line.state for line in lines] == [State.PLANNED] * 3
    assert (lines[1].item, lines[1].patron) == ("37000034179", "9921000000164")
    assert lines[2].patron == ""


def test_the_same_content_twice_is_planned_once_and_said(tmp_path: Path) -> None:
    a = dat(tmp_path / "a.dat", loan(0, "A"))
    copy = dat(tmp_path / "copy.dat", loan(0, "A"))
    plan = make_plan([a, copy, a])
    assert [file.same_as for file in plan.files] == ["", "a.dat", "a.dat"]
    assert [line.file for line in plan.lines()] == [0]


def test_an_empty_file_is_a_day_without_loans(tmp_path: Path) -> None:
    empty = dat(tmp_path / "empty.dat")
    assert list(make_plan([empty]).lines()) == []


def test_no_file() -> None:
    with pytest.raises(NoFilesError):
        make_plan([])


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="missing"):
        make_plan([tmp_path / "missing.dat"])
    with pytest.raises(UnreadableFileError):
        make_plan([tmp_path])
    with pytest.raises(UnreadableFileError):
        make_plan([tmp_path / "a\0b"])


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableFileError):
        make_plan([tmp_path / "pipe"])


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff\xe0\x00\x10JFIF", "201801".encode("utf-16"), b"Dear Sir,\nyes.\n"]
)
def test_another_kind_of_file_is_refused_as_a_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(NotOffCircError) as caught:
        make_plan([path])
    assert caught.value.words().startswith("other: ")


def test_a_file_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    plan = make_plan([path])
    dat(path, loan(0, "A"), loan(1, "B"))
    with pytest.raises(FileChangedError):
        list(plan.lines())


def test_a_file_that_vanishes_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = dat(tmp_path / "a.dat", loan(0, "A"))
    plan = make_plan([path])
    path.unlink()
    with pytest.raises(UnreadableFileError):
        list(plan.lines())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_errors_are_worded_in_both_languages(tmp_path: Path, language: str) -> None:
    i18n.activate(language)
    try:
        with pytest.raises(PlanError) as caught:
            make_plan([tmp_path / "missing.dat"])
        words = caught.value.words()
    finally:
        i18n.activate("en")
    expected = {"en": "there is no such file", "fr": "ce fichier n’existe pas"}
    assert expected[language] in words


def test_names_are_as_short_as_tells_them_apart() -> None:
    paths = [
        Path("day1/desk1/OffCirc.dat"),
        Path("day1/desk2/OffCirc.dat"),
        Path("day2/desk2/OffCirc.dat"),
        Path("other/other.dat"),
    ]
    assert short_names(paths) == [
        "desk1/OffCirc.dat",
        "day1/desk2/OffCirc.dat",
        "day2/desk2/OffCirc.dat",
        "other.dat",
    ]
    assert short_names([Path("a.dat"), Path("a.dat")]) == ["a.dat", "a.dat"]
