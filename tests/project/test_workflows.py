"""What the workflows run exists here: programs of ours, their words, targets of the Makefile."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from helpers import TOP

TEXTS = {path.name: path.read_text("utf-8") for path in (TOP / ".github/workflows").glob("*.yml")}
CALLS = sorted(
    {(name, *call) for name, text in TEXTS.items() for call in
     re.findall(r"(installer/[\w/]+\.py)((?: +[\w-]+)*)", text)}
)  # fmt: skip


def test_the_workflows_run_programs_of_ours():
    assert {program for _name, program, _words in CALLS} >= {
        *("installer/bootstrap.py", "installer/build.py", "installer/version.py"),
        "installer/windows/try_windows.py",
    }


@pytest.mark.parametrize(("name", "program", "words"), CALLS)
def test_each_program_knows_the_words_it_is_called_with(name, program, words):
    source = (TOP / program).read_text(encoding="utf-8")
    for word in words.split():
        assert f'"{word}"' in source, f"{name}: {program} {word}"


def test_each_target_that_is_made_is_in_the_makefile():
    there = set(re.findall(r"(?m)^([a-z-]+):", (TOP / "Makefile").read_text(encoding="utf-8")))
    made = {each for text in TEXTS.values() for each in re.findall(r"run: make ([a-z-]+)", text)}
    assert made <= there


def test_the_version_is_said_as_the_workflow_asks_for_it():
    program = [sys.executable, str(TOP / "installer" / "version.py"), "--tag", "v0.0.0"]
    assert subprocess.run(program, check=False, capture_output=True).returncode == 1
