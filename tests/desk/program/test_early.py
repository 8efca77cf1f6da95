"""Settings that the window needs before it is painted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import TOP, ask_to_end, wait_until, with_window

from offcirc.desk.program.options import something_set
from offcirc.desk.program.single import MARKER_NAME


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("OFFCIRC_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "machine"))


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looked at only on Linux")


@linux
def test_a_desk_nobody_has_set_up_has_nothing_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not something_set()
    monkeypatch.setenv("OFFCIRC_DATA_DIR", "/data")
    monkeypatch.setenv("OFFCIRC_BENCH_FIRST_PAINT", "1")
    assert not something_set()


@linux
@pytest.mark.parametrize("name", ["config/offcirc/user.toml", "machine/offcirc/site.toml"])
def test_a_settings_file_is_found_where_the_settings_look(tmp_path: Path, name: str) -> None:
    from offcirc.settings import files

    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("")
    assert something_set()
    assert path in (files.user_file(), files.additional_site_file())


def test_a_variable_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFCIRC_DESK_NAME", "Desk 2")
    assert something_set()


def test_the_program_goes_by_its_settings_file(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    own = tmp_path / "config/offcirc/user.toml"
    own.parent.mkdir(parents=True)
    own.write_text(f"language = 'fr'\ndata_dir = '{folder}'\n[sound]\non = false\n")
    environment = {"OFFCIRC_SETTINGS_DIR": str(own.parent), "HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "offcirc.desk.main"],
        cwd=TOP,
        env=with_window(os.environ) | environment,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as program:
        try:
            wait_until((folder / MARKER_NAME).exists)
            ask_to_end(program)
            _out, error = program.communicate(timeout=20)
        finally:
            if program.poll() is None:
                program.kill()
    assert program.returncode == 0, error
    assert (folder / "journal.db").exists()
