"""What all command lines do: streams, patterns, and who sits at the other end."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from subprocess import DEVNULL, run

import pytest
from helpers import TOP

from offcirc import commandline
from offcirc.cli.doctor import finding_desk, finding_system
from offcirc.cli.main import main


@pytest.fixture
def windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")


def test_patterns_are_expanded_where_shells_do_not(tmp_path, windows):
    for name in ("b.dat", "a.dat", "c.txt"):
        (tmp_path / name).touch()
    given = [tmp_path / "c.txt", tmp_path / "*.dat", tmp_path / "*.none"]
    found = commandline.expanded(given)
    assert found == [given[0], tmp_path / "a.dat", tmp_path / "b.dat", given[2]]


def test_elsewhere_a_star_is_a_name(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "a.dat").touch()
    assert commandline.expanded([tmp_path / "*.dat"]) == [tmp_path / "*.dat"]


class Device(io.StringIO):
    """What Windows calls a terminal though nobody sits there: ``NUL``."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0


def test_a_device_is_no_terminal_unless_it_is_a_console(monkeypatch):
    monkeypatch.setattr(commandline, "_is_console", lambda number: False)
    assert not commandline.is_terminal(Device())
    monkeypatch.setattr(commandline, "_is_console", lambda number: True)
    assert commandline.is_terminal(Device())
    assert not commandline.is_terminal(io.StringIO())
    assert not commandline.is_terminal(None)
    closed = Device()
    closed.close()
    monkeypatch.setattr(Device, "isatty", io.StringIO.isatty)
    assert not commandline.is_terminal(closed)


def test_nobody_is_asked_for_a_password_where_there_is_no_terminal(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "stdin", Device())
    monkeypatch.setattr(commandline, "_is_console", lambda number: False)
    monkeypatch.delenv("OFFCIRC_PASSWORD", raising=False)
    file = TOP / "resources/practice/toulouse/OffCirc.dat"
    words = ["--lang", "en", "upload", str(file), "--server", "http://127.0.0.1:9", "--user", "u"]
    assert main([*words, "--data-dir", str(tmp_path)]) == 2
    assert "The password is missing" in capsys.readouterr().err


def test_an_upload_from_the_task_scheduler_ends(tmp_path, environment):
    """With the real device: on Windows it says of itself that it is a terminal."""
    file = TOP / "resources/practice/toulouse/OffCirc.dat"
    words = ["upload", str(file), "--server", "http://127.0.0.1:9", "--user", "u", "--lang", "en"]
    done = run(
        [sys.executable, "-m", "offcirc", *words, "--data-dir", str(tmp_path)],
        env=environment,
        stdin=DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert b"The password is missing" in done.stderr


@pytest.mark.promise("doctor-goes-on")
def test_a_look_of_the_doctor_that_fails_is_a_finding_and_the_others_go_on(
    monkeypatch, tmp_path, capsys
):
    def broken(*_words):
        raise RuntimeError("9921000000164")

    def broken_midway(_settings):
        yield finding_system.fine("scanner", "the first one is fine")
        raise RuntimeError("9921000000164")

    monkeypatch.setattr(finding_system, "clock", broken)
    monkeypatch.setattr(finding_desk, "scanners", broken_midway)
    monkeypatch.setattr(finding_system, "windows", lambda: finding_system.fine("windows", "fine"))
    assert main(["--lang", "en", "--data-dir", str(tmp_path), "doctor"]) == 1
    told = capsys.readouterr().out
    assert "could not be looked at (clock: RuntimeError)" in told
    assert "could not be looked at (scanner: RuntimeError)" in told
    assert "the first one is fine" in told
    assert "Language: English" in told
    assert "keyring" in told
    assert "9921000000164" not in told


def test_a_folder_that_was_given_as_a_file_is_called_one(tmp_path, capsys):
    assert main(["--lang", "en", "config", "check", "--from", str(tmp_path)]) == 1
    assert "this is a folder" in capsys.readouterr().out


def test_names_of_files_are_paths(tmp_path):
    assert isinstance(commandline.expanded([tmp_path / "x"])[0], Path)
