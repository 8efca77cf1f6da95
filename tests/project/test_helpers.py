"""The tests' own tools: that they can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from helpers import TOP, project_files, wait_until
from helpers.commands import Commands

from offcirc import i18n

WINDOW = """
from PySide6.QtWidgets import QApplication, QLineEdit
app = QApplication([])
field = QLineEdit()
field.setWindowTitle("Field of the test")
field.returnPressed.connect(lambda: (print(field.text(), flush=True), app.quit()))
app.focusChanged.connect(lambda before, now: now is field and print("focus", flush=True))
field.show()
app.exec()
"""

TESTS = """
import logging, pytest

def test_warns():
    logging.getLogger("offcirc").warning("unannounced")

def test_warns_as_announced(expected_log):
    expected_log.append("announced")
    logging.getLogger("offcirc").warning("announced")

def test_announces_what_does_not_come(expected_log):
    expected_log.append("nothing")

def test_lacks_a_tool():
    pytest.skip("needs a tool")

def test_is_for_others():
    pytest.skip("only on Windows")
"""


def test_waiting_returns_the_answer():
    answers = iter([0, "", "there"])
    assert wait_until(lambda: next(answers)) == "there"


def test_waiting_has_an_end():
    with pytest.raises(AssertionError, match="the moon did not come"):
        wait_until(lambda: False, 0.02, what="the moon")


def test_every_test_has_a_home_of_its_own(home):
    assert Path.home() == home
    assert Path(os.environ["OFFCIRC_DATA_DIR"]).is_relative_to(home)
    assert "DISPLAY" not in os.environ
    assert i18n.language() == "en"
    assert i18n.system_language() not in ("fr",)


def test_the_projects_files_are_known():
    names = {path.relative_to(TOP).as_posix() for path in project_files()}
    assert {"pyproject.toml", "offcirc/i18n.py", "tests/conftest.py"} <= names
    assert not any(name.startswith((".venv", "build")) or "__pycache__" in name for name in names)


@pytest.mark.parametrize(
    ("in_ci", "missing_tool"), [("", "skipped"), ("true", "failure")], ids=["elsewhere", "in CI"]
)
def test_surprises_in_the_log_and_missing_tools_fail(tmp_path, in_ci, missing_tool):
    (tmp_path / "conftest.py").write_text((TOP / "tests" / "conftest.py").read_text())
    (tmp_path / "test_rules.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml=result.xml"]
    subprocess.run(
        [*command, "-c", str(TOP / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"CI": in_ci, "PYTHONPATH": str(TOP)},
        capture_output=True,
        check=False,
    )
    outcomes = {
        case.get("name"): [child.tag for child in case if child.tag != "system-out"]
        for case in ElementTree.parse(tmp_path / "result.xml").iter("testcase")
    }
    assert outcomes == {
        "test_warns": ["error"],
        "test_warns_as_announced": [],
        "test_announces_what_does_not_come": ["error"],
        "test_lacks_a_tool": [missing_tool],
        "test_is_for_others": ["skipped"],
    }


@pytest.mark.xvfb
@pytest.mark.parametrize(
    "held", [(), ("Control_L", "Shift_L", "7")], ids=["fresh", "after a killed one"]
)
def test_typing_reaches_a_real_window(x_server, held):
    if held:
        x_server.xdotool("keydown", *held)
        x_server.let_go()
    with subprocess.Popen(
        [sys.executable, "-c", WINDOW],
        env=x_server.environment(),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as program:
        try:
            x_server.window("Field of the test")
            assert program.stdout is not None
            # An active window is told so a moment later; keys before that reach nobody.
            assert program.stdout.readline() == "focus\n"
            x_server.type("37000034179\r")
            assert program.stdout.readline() == "37000034179\n"
            assert program.wait(timeout=30) == 0
        finally:
            program.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems that fork")
@pytest.mark.parametrize("words", [["--version"], ["jobs"], ["check", "nowhere.dat"], ["--hlep"]])
def test_a_forked_command_does_as_one_started_in_full(tmp_path, words):
    wanted = {**os.environ, "PYTHONPATH": str(TOP), "PYTHONWARNINGS": "error"}
    with Commands() as commands:
        forked = commands.run(words, wanted, tmp_path, "")
        assert commands._forks(wanted)
        otherwise = {**wanted, "PYTHONHASHSEED": "0"}
        assert not commands._forks(otherwise)
        full = commands.run(words, otherwise, tmp_path, "")
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        full.returncode,
        full.stdout,
        full.stderr,
    )
    assert full.stdout or full.stderr
