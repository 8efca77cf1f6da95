from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from helpers import TOP
from helpers.processes import ENDS, interrupt, interruptible
from helpers.rights import is_closed

from offcirc import resources
from offcirc.cli.tools.demo import new_folder
from offcirc.desk.program import rehearsal

LIBRARY = resources.path("practice/toulouse")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_whole_story(offcirc, tmp_path, language):
    ran = offcirc("demo", "--output", "demo", "--lang", language)
    assert (ran.code, ran.err) == (0, "")
    file = tmp_path / "demo" / "desk" / "OffCirc.dat"
    lines = file.read_bytes().split(b"\r\n")
    assert [line[12:93].decode().split()[0] for line in lines if line] == [
        *(f"L{item}" for item in rehearsal.LENT),
        f"L{rehearsal.NOBODY_KNOWS}",
        f"R{rehearsal.RETURNED}",
    ]
    for line in filter(None, lines):
        assert line.decode() in ran.out
    # Both reports: the desk's one refusal, and the nine of the sample.
    assert f"Item not found. Barcode: {rehearsal.NOBODY_KNOWS}" in ran.out
    assert "Item not found. Barcode: TOTO31400" in ran.out
    assert rehearsal.MISTAKE not in ran.out
    said = [Path(word) for word in ran.out.split() if word.startswith(str(tmp_path / "demo"))]
    assert {path.suffix for path in said} >= {".png", ".html", ".dat"}
    assert all(path.exists() for path in said)
    assert is_closed(tmp_path / "demo")


def test_what_is_scanned_is_in_the_sample_library_and_touched_by_nobody_else():
    def column(file: str, name: str) -> set[str]:
        with (LIBRARY / file).open(encoding="utf-8", newline="") as stream:
            return {row[name] for row in csv.DictReader(stream)}

    items, lent = column("items.csv", "barcode"), column("loans.csv", "item_barcode")
    assert rehearsal.PATRON in column("patrons.csv", "barcode")
    assert {*rehearsal.LENT, rehearsal.RETURNED, rehearsal.MISTAKE} <= items
    assert rehearsal.NOBODY_KNOWS not in items
    assert rehearsal.RETURNED in lent
    assert not lent & set(rehearsal.LENT)
    sample = (LIBRARY / "OffCirc.dat").read_text("ascii")
    assert not any(item in sample for item in (*rehearsal.LENT, rehearsal.RETURNED))


def test_an_earlier_demonstration_is_never_touched(tmp_path):
    first = new_folder(tmp_path / "demo")
    (first / "something").write_bytes(b"")
    second = new_folder(tmp_path / "demo")
    (second / "something").write_bytes(b"")
    third = new_folder(tmp_path / "demo")
    assert (first.name, second.name, third.name) == ("demo", "demo-2", "demo-3")


def test_without_the_window_it_says_what_to_do(offcirc, tmp_path):
    """A PC on which Qt cannot be imported."""
    broken = tmp_path / "broken"
    (broken / "PySide6").mkdir(parents=True)
    (broken / "PySide6" / "__init__.py").write_text(
        'raise ImportError("libEGL.so.1: cannot open shared object file")\n'
    )
    ran = offcirc("demo", "--output", "demo", env={"PYTHONPATH": f"{broken}{os.pathsep}{TOP}"})
    assert ran.code == 2
    assert re.search(r"offcirc(\.exe)? doctor", ran.err)
    assert "libEGL.so.1" in ran.err


def test_told_to_end_it_takes_its_server_with_it(environment, tmp_path):
    process = subprocess.Popen(
        interruptible("demo", "--output", tmp_path / "demo"),
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    url = ""
    while not url:
        url = next((word for word in process.stdout.readline().split() if "http:" in word), "")
    interrupt(process, ENDS[1])
    process.communicate(timeout=30)
    assert process.returncode == 2
    with pytest.raises(urllib.error.URLError) as gone:
        urllib.request.urlopen(url, timeout=5)
    assert isinstance(gone.value.reason, ConnectionRefusedError)


def test_the_window_of_the_demonstration_does_not_outlive_it(environment, tmp_path):
    """Its reader goes away in mid-story, as when the demonstration is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "offcirc.desk.program.rehearsal",
         "--data-dir", str(tmp_path / "desk"), "--lang", "en", "--pictures", str(tmp_path)],
        env={**environment, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    process.stdout.close()
    assert process.wait(timeout=60) != 0
