from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc import i18n
from offcirc.settings.complaints import SettingFault
from offcirc.settings.load import Layer, load
from offcirc.settings.options import WrongValueError


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


@pytest.fixture
def user(tmp_path: Path) -> Path:
    return tmp_path / "user.toml"


def loaded(site: Path, user: Path, command_line=None, **environment: str):
    return load(command_line, environment=environment, site=site, user=user)


def test_without_files_everything_is_built_in(site, user):
    settings = loaded(site, user)
    assert {found.layer for found in settings.values.values()} == {Layer.BUILT_IN}
    assert settings.complaints == ()
    assert settings.servers() == {}
    assert settings.folder("data_dir") is None


def test_each_layer_covers_the_one_below(site, user):
    key = "data_dir"
    site.write_text('data_dir = "/site"\n[desk]\nlibrary = "BUC"\nname = "1"\n')
    assert loaded(site, user).folder(key) == Path("/site")
    user.write_text('data_dir = "/user"\n[desk]\nname = "2"\n')
    assert loaded(site, user).folder(key) == Path("/user")
    assert loaded(site, user, OFFCIRC_DATA_DIR="/env").folder(key) == Path("/env")
    settings = loaded(site, user, {"data_dir": "/line"}, OFFCIRC_DATA_DIR="/env")
    assert settings.folder(key) == Path("/line")
    assert settings.values[key].layer is Layer.COMMAND_LINE
    # What a stronger layer does not say comes from the weaker one.
    assert settings.text("desk.library") == "BUC"
    assert settings.text("desk.name") == "2"
    assert settings.values["desk.library"].source == str(site)


@pytest.mark.promise("the-last-good-setting-stays")
def test_a_wrong_value_leaves_the_last_good_one(site, user):
    site.write_text('language = "fr"\n')
    user.write_text('# mine\nlanguage = "klingon"\n')
    settings = loaded(site, user)
    assert settings.text("language") == "fr"
    (complaint,) = settings.complaints
    assert complaint.code is SettingFault.WRONG_VALUE
    assert complaint.line == 2
    sentence = complaint.sentence()
    assert f"{user}, line 2" in sentence
    assert "“fr” stays in use" in sentence


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b'language = "fr\n', SettingFault.NOT_TOML, 1),
        (b'[desk]\nname = "1"\nname = "2"\n', SettingFault.NOT_TOML, 3),
        (b"\x89PNG\r\n\x1a\n", SettingFault.NOT_TEXT, 1),
        ('language = "français"'.encode("latin-1"), SettingFault.NOT_TEXT, 1),
        ('language = "fr"'.encode("utf-16"), SettingFault.NOT_TEXT, 1),
        (b"x" * (1 << 21), SettingFault.NOT_TOML, None),
        (b"a = " + b"[" * 100_000, SettingFault.NOT_TOML, None),
        (b"language = 3\n", SettingFault.NOT_A_TEXT, 1),
        (b'[desk]\n\nlibary = "BUC"\n', SettingFault.UNKNOWN_KEY, 3),
        (b'[servers.alma]\nurl = "here"\n', SettingFault.WRONG_VALUE, 2),
        (b'servers.alma.url = "here"\n', SettingFault.WRONG_VALUE, 1),
    ],
)
def test_a_faulty_file_is_named_and_left_out(site, user, content, code, line):
    site.write_text('[desk]\nlibrary = "BUC"\n')
    user.write_bytes(content)
    settings = loaded(site, user)
    assert [(found.code, found.line) for found in settings.complaints] == [(code, line)]
    assert str(user) in settings.complaints[0].sentence()
    assert settings.text("desk.library") == "BUC"


def test_notepad_puts_a_mark_in_front(site, user):
    user.write_bytes(b'\xef\xbb\xbflanguage = "fr"\r\n')
    settings = loaded(site, user)
    assert settings.complaints == ()
    assert settings.text("language") == "fr"


def test_a_settings_file_that_is_a_folder(site, user):
    user.mkdir()
    (complaint,) = loaded(site, user).complaints
    assert complaint.code is SettingFault.UNREADABLE


def test_a_key_nobody_declared_suggests_the_one_meant(site, user):
    user.write_text('[desk]\nlibary = "BUC"\n')
    (complaint,) = loaded(site, user).complaints
    assert "“desk.library”" in complaint.sentence()


def test_what_only_some_systems_need(site, user):
    site.write_text(
        '[servers.lib]\nkind = "folio"\nurl = "https://a.example"\ntenant = "diku"\n'
        'service_points = "A=1, B = 2"\ntimezone = "Europe/Paris"\n'
    )
    settings = load(site=site, user=user, environment={})
    options = settings.servers()["lib"].options
    assert {name: options.get(name) for name in ("tenant", "service_points", "timezone")} == {
        "tenant": "diku",
        "service_points": "A=1, B=2",
        "timezone": "Europe/Paris",
    }
    assert not settings.complaints


@pytest.mark.parametrize(
    "line",
    [
        'service_points = "A"', 'service_points = "A=1, A=2"', 'service_points = "=1"',
        'timezone = "Europe/Nowhere"', 'timezone = "../etc/passwd"',
    ],
)  # fmt: skip
def test_what_some_systems_need_is_looked_at(site, user, line):
    site.write_text(f'[servers.lib]\nurl = "https://a.example"\n{line}\n')
    settings = load(site=site, user=user, environment={})
    assert [complaint.code for complaint in settings.complaints] == [SettingFault.WRONG_VALUE]
    assert not {"service_points", "timezone"} & settings.servers()["lib"].options.keys()


def test_servers(site, user):
    site.write_text('[servers.practice]\nurl = "http://127.0.0.1:8000/"\ndesk = "BUC_PRET"\n')
    user.write_text('[servers.practice]\nuser = "referent"\n[servers.nowhere]\ndesk = "X"\n')
    settings = loaded(site, user)
    (server,) = settings.servers().values()
    assert (server.name, server.url, server.kind) == (
        "practice",
        "http://127.0.0.1:8000",
        "practice",
    )
    assert (server.desk, server.user) == ("BUC_PRET", "referent")
    assert settings.server("practice") == server
    # The address of a server that has a name is that server.
    assert settings.server("http://127.0.0.1:8000") == server
    assert settings.server("unknown") is None
    other = settings.server("http://other.example/")
    assert (other.name, other.url, other.desk) == ("", "http://other.example", "")
    with pytest.raises(WrongValueError):
        settings.server("http://user:secret@other.example")


def test_the_user_of_every_server_comes_from_the_environment(site, user):
    site.write_text('[servers.practice]\nurl = "http://a.example"\nuser = "other"\n')
    settings = loaded(site, user, OFFCIRC_USER="referent")
    assert settings.server("practice").user == "referent"
    assert settings.server("http://b.example").user == "referent"


@given(content=st.binary(max_size=200))
def test_no_content_makes_it_raise(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("settings", numbered=True)
    (folder / "user.toml").write_bytes(content)
    settings = load(environment={}, site=folder / "site.toml", user=folder / "user.toml")
    for complaint in settings.complaints:
        assert complaint.sentence()


def test_every_fault_has_french_words(site, user):
    i18n.activate("fr")
    user.write_text('language = "de"\n')
    (complaint,) = loaded(site, user).complaints
    assert "ligne 1" in complaint.sentence()
