"""A settings file put in place for the whole machine: checked before, the old one kept."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from offcirc.settings.load import load
from offcirc.settings.save import BEFORE, FaultySettingsError, install, judge

SOURCE = '# from the library\nlocked = ["desk.library"]\n[desk]\nlibrary = "BUC"\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "share" / "offcirc.toml"
    path.parent.mkdir()
    path.write_text(SOURCE, encoding="utf-8")
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "machine" / "offcirc" / "site.toml"


def test_the_file_is_taken_with_this_pcs_own_names(source, target, tmp_path):
    assert install(source, {"desk.name": "Desk 2", "desk.library": ""}, target) == target
    settings = load(environment={}, site=target, user=tmp_path / "none.toml")
    assert not settings.complaints
    assert settings.text("desk.name") == "Desk 2"
    assert settings.text("desk.library") == "BUC"
    assert settings.values["desk.library"].locked
    assert target.read_text(encoding="utf-8").startswith("# from the library\n")


@pytest.mark.skipif(os.name == "nt", reason="only on systems with such modes")
def test_every_account_may_read_it(source, target):
    assert stat.S_IMODE(install(source, {}, target).stat().st_mode) == 0o644


def test_a_faulty_file_changes_nothing(source, target):
    install(source, {}, target)
    source.write_text('[desk]\nnmae = "x"\n', encoding="utf-8")
    with pytest.raises(FaultySettingsError) as caught:
        install(source, {}, target)
    assert caught.value.complaints[0].line == 2
    assert target.read_text(encoding="utf-8") == SOURCE
    assert not target.with_name(BEFORE).exists()


def test_what_was_there_is_kept_beside_it(source, target):
    install(source, {}, target)
    source.write_text('[desk]\nlibrary = "SCI"\n', encoding="utf-8")
    install(source, {}, target)
    assert target.with_name(BEFORE).read_text(encoding="utf-8") == SOURCE


def test_names_alone_change_the_file_in_place(source, target):
    install(source, {}, target)
    install(None, {"desk.name": "Desk 3"}, target)
    text = target.read_text(encoding="utf-8")
    assert 'name = "Desk 3"' in text
    assert 'library = "BUC"' in text


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        judge(tmp_path / "none.toml")
