"""Settings that are each as they should be, and together cannot work."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from offcirc.settings import deskname
from offcirc.settings.complaints import SettingFault
from offcirc.settings.load import Settings, load
from offcirc.settings.options import declared
from offcirc.settings.sense import contradictions
from offcirc.systems import SYSTEMS


@pytest.fixture
def settings(tmp_path: Path):
    """Settings of these texts, with a data folder of their own."""

    def made(text: str, user: str = "") -> Settings:
        (tmp_path / "site.toml").write_text(text)
        (tmp_path / "user.toml").write_text(user)
        environment = {"OFFCIRC_DATA_DIR": str(tmp_path / "data")}
        site, own = tmp_path / "site.toml", tmp_path / "user.toml"
        return load(environment=environment, site=site, user=own)

    return made


CASES = {
    "a kind of server that has no folder": (
        "[servers.a]\nkind = 'alma-file'\n",
        [(SettingFault.INCOMPLETE, "servers.a.folder", 2)],
    ),
    "one that has an address instead": (
        "[servers.a]\nurl = 'https://alma.example'\nkind = 'alma-file'\n",
        [(SettingFault.INCOMPLETE, "servers.a.folder", 3)],
    ),
    "a server without an address": (
        "[servers.a]\ndesk = 'D'\n",
        [(SettingFault.INCOMPLETE, "servers.a.url", 2)],
    ),
    "one with a folder and no kind": (
        f"[servers.a]\nfolder = '{Path('/srv/alma').absolute()}'\n",
        [(SettingFault.INCOMPLETE, "servers.a.url", 2)],
    ),
    "a FOLIO without a tenant": (
        "[servers.a]\nkind = 'folio'\nurl = 'https://a.example'\n",
        [(SettingFault.INCOMPLETE, "servers.a.tenant", 2)],
    ),
    "an Evergreen without a workstation": (
        "[servers.a]\nkind = 'evergreen'\nurl = 'https://a.example'\ntimezone = 'Europe/Paris'\n",
        [(SettingFault.INCOMPLETE, "servers.a.workstation", 2)],
    ),
    "mail from nobody": (
        "[mail]\nserver = 'smtp.example'\n",
        [(SettingFault.INCOMPLETE, "mail.from", 2)],
    ),
    "mail by itself to nobody": (
        "[mail]\nserver = 'smtp.example'\nfrom = 'a@b.example'\nafter_upload = true\n",
        [(SettingFault.INCOMPLETE, "mail.to", 4)],
    ),
    "mail by itself through no server": (
        "[mail]\nafter_upload = true\n",
        [(SettingFault.INCOMPLETE, "mail.server", 2)],
    ),
    "a part of the name without a pattern": (
        "[desk]\nname = 'Desk {number}'\n",
        [(SettingFault.NO_SUCH_PART, "desk.name", 2)],
    ),
    "a part that the pattern does not tell": (
        "[desk]\ncomputer = 'PC{number}'\nname = '{computer} {number}'\nlibrary = '{lib}'\n",
        [(SettingFault.NO_SUCH_PART, "desk.library", 4)],
    ),
    "a relative folder": (
        "collection = 'copies'\n",
        [(SettingFault.NOT_ABSOLUTE, "collection", 1)],
    ),
    "a folder that is not there": (
        "collection = '{tmp}/none'\n",
        [(SettingFault.NOT_THERE, "collection", 1)],
    ),
    "a list of readers that is not there": (
        "[followup]\nreaders = '{tmp}/none.csv'\n",
        [(SettingFault.NOT_THERE, "followup.readers", 2)],
    ),
    "a fallback that fails with the data folder": (
        "fallback = '{tmp}/x/../data'\n",
        [(SettingFault.SAME_FOLDER, "fallback", 1)],
    ),
    "nothing wrong": (
        (
            "fallback = '{tmp}/fallback'\n[desk]\ncomputer = 'PC{n}'\nname = '{n} {computer}'\n"
            "[servers.a]\nurl = 'https://a.example'\n[servers.b]\nkind = 'alma-file'\n"
            "folder = '{tmp}/alma'\n[mail]\nserver = 's.example'\nfrom = 'a@b.example'\n"
        ),
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_work_is_named_where_it_is_set(case: str, settings, tmp_path: Path) -> None:
    text, expected = CASES[case]
    found = settings(text.replace("{tmp}", tmp_path.as_posix()))
    assert found.complaints == ()
    complaints = contradictions(found)
    assert [(each.code, each.key, each.line) for each in complaints] == expected
    for each in complaints:
        assert each.source == tmp_path / "site.toml"
        assert each.key in each.sentence()
        assert "{" not in each.sentence() or each.code is SettingFault.NO_SUCH_PART


@pytest.mark.skipif(sys.platform == "win32", reason="only on Linux and macOS")
@pytest.mark.parametrize("path", ["\\\\server\\share", "S:\\copies", "S:/copies"])
def test_a_path_of_another_system(path: str, settings) -> None:
    (complaint,) = contradictions(settings(f"collection = '{path}'\n"))
    assert complaint.code is SettingFault.NOT_ABSOLUTE
    assert path in complaint.sentence()


def test_a_folder_typed_in_a_command_means_where_it_was_typed(tmp_path: Path) -> None:
    none = tmp_path / "none"
    found = load({"data_dir": "here"}, environment={}, site=none, user=none)
    assert contradictions(found) == ()


def test_another_pc_s_disks_are_not_looked_at(settings) -> None:
    assert contradictions(settings("collection = '/none'\n"), here=False) == ()


def test_a_kind_of_server_that_there_is_not(settings) -> None:
    (complaint,) = settings("[servers.a]\nurl = 'https://a.example'\nkind = 'horizon'\n").complaints
    assert (complaint.code, complaint.line) == (SettingFault.WRONG_VALUE, 3)
    for kind, _words in declared("servers.*.kind").kind.choices:
        assert kind in complaint.sentence()


def test_a_server_to_look_up_at_that_there_is_not(settings) -> None:
    text = "[servers.a]\nurl = 'https://a.example'\nkind = 'koha'\nlook_up = 'b'\n"
    (complaint,) = contradictions(settings(text), here=False)
    assert (complaint.code, complaint.line) == (SettingFault.NOT_THERE, 4)
    text += "[servers.b]\nurl = 'https://b.example'\n"
    assert contradictions(settings(text), here=False) == ()


def test_every_kind_of_server_can_be_set() -> None:
    from offcirc.servers import registry

    choices = {value for value, _words in declared("servers.*.kind").kind.choices}
    assert choices == set(registry.kinds())
    by_hand = {kind for kind in choices if registry.file_target(kind) is not None}
    assert by_hand == {one.kind for one in SYSTEMS if one.by_hand}


@pytest.mark.parametrize(
    ("computer", "expected"), [("BU-MIRAIL-PRET2", ""), ("LAPTOP-7", "LAPTOP-7")]
)
def test_a_name_that_does_not_fit(settings, computer: str, expected: str) -> None:
    text = "[desk]\ncomputer = 'BU-{library}-PRET{n}'\nname = 'Desk {n}'\n"
    assert deskname.misfit(settings(text), computer) == expected
    assert not deskname.misfit(settings("[desk]\nname = 'Desk 2'\n"), computer)
