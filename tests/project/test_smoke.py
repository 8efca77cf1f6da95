"""``--smoke``: what an administrator runs after an installation, and that it can fail."""

from __future__ import annotations

import subprocess
import sys

import pytest
from helpers import TOP, wait_until
from helpers.xserver import XServer

from offcirc.windows import smoke


@pytest.mark.parametrize("module", ["offcirc.desk.main", "offcirc.referent.main"])
@pytest.mark.promise("it-tries-itself")
def test_this_installation_works(module):
    done = subprocess.run(
        [sys.executable, "-m", module, "--smoke"],
        cwd=TOP,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "works" in done.stdout


@pytest.mark.xvfb
@pytest.mark.parametrize("module", ["offcirc.desk.main", "offcirc.referent.main"])
def test_a_healthy_pc_without_a_window_manager(module, tmp_path):
    with XServer(tmp_path, manager=False) as screen:
        done = subprocess.run(
            [sys.executable, "-m", module, "--smoke"],
            cwd=TOP,
            env=screen.environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.xvfb
def test_a_window_that_gets_the_keyboard_late(tmp_path):
    """Its focus comes only once the window has been asked for it again and again."""
    shown = tmp_path / "shown"
    with XServer(tmp_path, manager=False) as screen:
        program = subprocess.Popen(
            [sys.executable, "-m", "offcirc.desk.program.smoke", "scan", str(tmp_path / "data")],
            cwd=TOP,
            env=screen.environment() | {"OFFCIRC_TRACE_SHOWN": str(shown)},
        )
        try:
            screen.start_manager()
            wait_until(lambda: shown.exists() and shown.read_bytes().count(b"\n") == 2)
        finally:
            program.kill()
            program.wait()


COMPLAINS = "import sys; sys.stderr.write('libthing.so: cannot open\\n')"
HARMLESS = "import sys; sys.stderr.write('This plugin does not support propagateSizeHints()\\n')"


def _process(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program], stderr=subprocess.PIPE, encoding="utf-8"
    )


def test_a_line_nobody_expects_is_a_failure():
    with pytest.raises(smoke.SmokeError, match=r"It failed\. libthing\.so: cannot open"):
        smoke.end(_process(COMPLAINS), "It failed.")


def test_what_qt_says_without_a_window_manager_is_none():
    smoke.end(_process(HARMLESS), "It failed.")


def test_a_failure_without_a_word_is_one():
    with pytest.raises(smoke.SmokeError, match=r"It failed\."):
        smoke.end(_process("raise SystemExit(3)"), "It failed.")


def test_a_window_that_never_does_its_part_is_a_failure():
    with pytest.raises(smoke.SmokeError, match=r"It failed\."):
        smoke.kill_when(_process(""), lambda: False, "It failed.")


def test_what_came_of_it_is_the_exit_code(capsys):
    def broken() -> None:
        raise smoke.SmokeError("The window could not be opened.")

    assert smoke.report(broken, "fine") == 1
    assert capsys.readouterr().err == "The window could not be opened.\n"
    assert smoke.report(lambda: None, "fine") == 0
    assert capsys.readouterr().out == "fine\n"
