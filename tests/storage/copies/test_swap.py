"""A file is replaced by what stays of it, whoever writes into it meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from offcirc.disk import swap
from offcirc.disk.errors import Fault, StorageError

OLD = b"one\r\ntwo\r\n"
NEW = b"three\r\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "OffCirc.dat"
    path.write_bytes(OLD)
    return path


def after(path: Path, meanwhile: Callable[[], object] = lambda: None) -> bytes | None:
    """Put the old lines away, while something else happens."""

    def rest(data: bytes) -> bytes | None:
        meanwhile()
        return data[len(OLD) :] if data.startswith(OLD) else None

    return swap.replace(path, rest)


def add(path: Path, data: bytes = NEW) -> None:
    """What another program does for each line."""
    with path.open("ab") as file:
        file.write(data)


def content(path: Path) -> bytes:
    assert [each.name for each in path.parent.iterdir()] in ([], [path.name])
    return path.read_bytes() if path.exists() else b""


def test_nothing_stays_of_a_file_that_was_put_away(path: Path) -> None:
    assert after(path) == OLD
    assert content(path) == b""
    assert after(path) is None


def test_lines_added_in_that_moment_stay(path: Path) -> None:
    add(path)
    assert after(path, lambda: add(path, b"four\r\n")) == OLD + NEW
    assert content(path) == b"four\r\n" + NEW


def test_a_line_begun_in_that_moment_is_ended_before_others_are_added(path: Path) -> None:
    add(path)
    after(path, lambda: add(path, b"four"))
    assert content(path) == b"four\r\n" + NEW


def test_lines_of_one_who_had_it_open_stay_where_that_cannot_be_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "_is_let_go", lambda stream: True)
    with path.open("ab", buffering=0) as file:
        if sys.platform == "win32":  # where such a file cannot even be moved aside
            with pytest.raises(StorageError, match="busy"):
                after(path)
            return
        assert after(path, lambda: file.write(NEW)) == OLD + NEW
    assert content(path) == NEW


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux can it be told")
def test_a_file_that_somebody_has_open_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "PATIENCE", 0.0)
    with path.open("ab", buffering=0) as file:
        with pytest.raises(StorageError) as caught:
            after(path)
        assert caught.value.fault is Fault.BUSY
        file.write(NEW)
    assert content(path) == OLD + NEW
    assert after(path) == OLD + NEW
    assert content(path) == NEW


def test_another_content_is_put_back(path: Path) -> None:
    path.write_bytes(b"another\r\n")
    assert after(path) is None
    assert content(path) == b"another\r\n"


def test_another_content_and_what_came_in_that_moment_are_both_kept(path: Path) -> None:
    path.write_bytes(b"another\r\n")
    assert after(path, lambda: add(path)) is None
    found = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    assert found == {"OffCirc.dat": NEW, "OffCirc-2.dat": b"another\r\n"}


def test_a_newer_copy_takes_the_place_of_the_one_it_begins_with(path: Path) -> None:
    path.write_bytes(b"another\r\n")
    after(path, lambda: path.write_bytes(b"another\r\n" + NEW))
    assert content(path) == b"another\r\n" + NEW


def test_a_content_that_is_put_back_is_put_back_once(path: Path) -> None:
    path.rename(swap.aside_of(path))
    path.write_bytes(b"zero\r\n" + OLD)
    swap.put_back(path)
    assert content(path) == b"zero\r\n" + OLD


@pytest.mark.parametrize("placed", [False, True])
def test_what_was_interrupted_is_gone_on_with(path: Path, placed: bool) -> None:
    add(path)
    path.rename(swap.aside_of(path))
    assert swap.content_of(path) == OLD + NEW
    if placed:
        path.write_bytes(NEW)
    assert after(path) == OLD + NEW
    assert content(path) == NEW


def test_where_files_have_one_name_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_words: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    add(path)
    assert after(path) == OLD + NEW
    assert content(path) == NEW
    assert after(path) is None
    assert content(path) == NEW


def test_of_a_link_the_file_itself_is_replaced(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "OffCirc.dat"
    link.parent.mkdir()
    link.symlink_to(path)
    add(path)
    assert after(link) == OLD + NEW
    assert path.read_bytes() == link.read_bytes() == NEW


WRITER = """
import sys
for number in range(1_000_000):
    try:
        with open(sys.argv[1], "ab") as file:
            file.write(b"%08d\\r\\n" % number)
    finally:
        print(number, flush=True)
"""


@pytest.mark.prove
@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux can all writers be waited for")
def test_a_program_that_goes_on_writing_loses_no_line(path: Path) -> None:
    rounds = 500 if os.environ.get("OFFCIRC_PROVE") == "1" else 50
    path.write_bytes(b"")
    kept = []
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, encoding="utf-8"
    ) as writer:
        assert writer.stdout is not None
        for _round in range(rounds):
            writer.stdout.readline()
            before = swap.content_of(path)

            def rest(data: bytes, before: bytes = before) -> bytes | None:
                return data[len(before) :] if data.startswith(before) else None

            if swap.replace(path, rest) is not None:
                kept.append(before)
        writer.kill()
        last = int(writer.stdout.read().splitlines()[-1])
    numbers = [int(line) for line in b"".join([*kept, content(path)]).split()]
    assert sorted(numbers)[: last + 1] == list(range(last + 1))
