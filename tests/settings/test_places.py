"""Where the data folder is, and who may look into it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from offcirc.settings.places import data_dir, default_data_dir


def mode(folder: Path) -> int:
    """Its permissions."""
    return stat.S_IMODE(folder.stat().st_mode)


def test_the_option_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFCIRC_DATA_DIR", str(tmp_path / "environment"))
    assert data_dir(tmp_path / "option") == tmp_path / "option"
    assert data_dir() == tmp_path / "environment"
    assert data_dir(None) == tmp_path / "environment"


def test_without_either_it_is_the_platforms_own_place(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OFFCIRC_DATA_DIR")
    folder = data_dir()
    assert folder == default_data_dir()
    assert folder.is_dir()
    # Windows knows the place whatever the environment says.
    assert home in folder.parents or sys.platform == "win32"
    assert folder.name == "OffCirc"


def test_a_relative_folder_becomes_absolute_and_a_tilde_the_home(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_dir("desk") == tmp_path / "desk"
    assert data_dir("~/desk") == home / "desk"


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with POSIX permissions")
def test_nobody_else_may_enter_it(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        assert mode(data_dir(tmp_path / "a" / "b")) == 0o700
    finally:
        os.umask(before)
    open_folder = tmp_path / "open"
    open_folder.mkdir()
    open_folder.chmod(0o755)
    assert mode(data_dir(open_folder)) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="only on systems with POSIX permissions")
def test_a_folder_everybody_shares_is_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    data_dir(shared)
    assert mode(shared) == 0o1777


def test_a_name_that_is_taken_is_an_error_of_the_world(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        data_dir(tmp_path / "file")


def test_one_variable_moves_the_settings_of_an_account(tmp_path, monkeypatch):
    from offcirc.settings import files

    monkeypatch.setenv("OFFCIRC_SETTINGS_DIR", str(tmp_path))
    assert files.user_file() == tmp_path / "user.toml"
    assert files.additional_site_file() == tmp_path / "site.toml"
    assert files.place_to_install() == tmp_path / "site.toml"
    assert files.site_file().parent != tmp_path  # the machine's own stays, with its locks
    monkeypatch.setenv("OFFCIRC_SITE_DIR", str(tmp_path / "other"))
    assert files.additional_site_file() == tmp_path / "other" / "site.toml"
