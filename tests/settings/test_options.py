from __future__ import annotations

from pathlib import Path

import pytest

from offcirc.settings.options import OPTIONS, WrongValueError, declared, option_for, similar


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_every_option_says_what_it_is_for_and_has_a_default_of_its_own_kind(option):
    assert option.purpose
    assert option.kind.expected
    if option.default:
        assert option.kind.read(option.default) == option.default


def test_keys_and_variables_are_declared_once():
    keys = [option.key for option in OPTIONS]
    variables = [option.environment for option in OPTIONS if option.environment]
    assert len(set(keys)) == len(keys)
    assert len(set(variables)) == len(variables)


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("language", "fr", "fr"),
        ("language", "fr_CA.UTF-8", "fr"),
        ("language", "EN", "en"),
        ("desk.name", " Accueil 2 ", "Accueil 2"),
        ("servers.alma.url", "https://alma.example:8443/api/", "https://alma.example:8443/api"),
        ("servers.alma.kind", "practice", "practice"),
    ],
)
def test_good_values(key, value, read):
    assert option_for(key).kind.read(value) == read


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("language", "de"),
        ("language", "français"),
        ("language", ""),
        ("data_dir", "  "),
        ("data_dir", "~nobody-of-this-name/x"),
        ("desk.name", "two\nlines"),
        ("servers.a.url", "library.example"),
        ("servers.a.url", "ftp://library.example"),
        ("servers.a.url", "http://"),
        ("servers.a.url", "http://user:secret@library.example"),
        ("servers.a.url", "http://library.example:99999"),
        ("servers.a.url", "http://[::1"),
        ("servers.a.kind", "Alma!"),
    ],
)
def test_wrong_values(key, value):
    with pytest.raises(WrongValueError):
        option_for(key).kind.read(value)


def test_a_path_may_start_at_home_or_name_a_variable(monkeypatch):
    for home in ("HOME", "USERPROFILE"):  # the latter on Windows
        monkeypatch.setenv(home, "/home/agent")
    monkeypatch.setenv("PLACE", "/srv/offcirc")
    read = declared("data_dir").kind.read
    assert read("~/offcirc") == str(Path("/home/agent/offcirc"))
    assert read("$PLACE/desk") == str(Path("/srv/offcirc/desk"))


def test_unknown_keys_and_what_was_meant():
    assert option_for("desk.libary") is None
    assert option_for("servers.a.b.url") is None
    assert similar("desk.libary") == "desk.library"
    assert similar("servers.alma.ulr") == "servers.alma.url"
    assert similar("colour") is None


def test_asking_for_what_nobody_declared_is_a_bug():
    with pytest.raises(KeyError):
        declared("desk.colour")
