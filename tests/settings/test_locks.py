"""What the library fixes for a whole machine, and what happens when files change under way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from offcirc import i18n
from offcirc.core.barcodes.ruletable import Mistake
from offcirc.settings import files
from offcirc.settings.complaints import SettingFault
from offcirc.settings.load import Layer, load, reload


@pytest.fixture
def site(tmp_path):
    return tmp_path / "site.toml"


@pytest.fixture
def user(tmp_path):
    return tmp_path / "user.toml"


@pytest.fixture
def loaded(site, user):
    def now(command_line=None, **environment):
        return load(command_line, environment=environment, site=site, user=user)

    return now


@pytest.mark.promise("locked-is-locked")
def test_a_locked_option_is_changed_by_nobody(site, user, loaded):
    site.write_text('locked = ["desk.name"]\ndesk.name = "Accueil"\n')
    user.write_text('[desk]\nname = "Mine"\nlibrary = "BUC"\n')
    settings = loaded({"desk.name": "Yours"}, OFFCIRC_DESK_NAME="Theirs")
    found = settings.values["desk.name"]
    assert (found.value, found.layer, found.locked) == ("Accueil", Layer.SITE, True)
    assert [complaint.code for complaint in settings.complaints] == [SettingFault.LOCKED] * 3
    assert [str(complaint.source) for complaint in settings.complaints] == [
        str(user),
        "OFFCIRC_DESK_NAME",
        "--desk.name",
    ]
    sentence = settings.complaints[0].sentence()
    assert f"{user}, line 2" in sentence
    assert "“desk.name” is set by your library and stays “Accueil”." in sentence
    assert settings.text("desk.library") == "BUC"
    assert settings.values["desk.library"].locked is False


def test_whoever_wants_what_the_library_wants_hears_nothing(site, user, loaded):
    site.write_text('locked = ["sound.on"]\nsound.on = false\n')
    user.write_text("[sound]\non = false\n")
    assert loaded(None, OFFCIRC_SOUND_ON="off").complaints == ()


def test_a_section_locks_all_that_is_in_it_set_or_not(site, user, loaded):
    site.write_text('locked = ["barcode"]\n[barcode]\npreset = "fr"\n')
    user.write_text('[barcode]\nisbn = "refuse"\n')
    settings = loaded()
    assert settings.text("barcode.isbn") == ""
    assert {key for key, found in settings.values.items() if found.locked} == {
        key for key in settings.values if key.startswith("barcode.")
    }
    (complaint,) = settings.complaints
    assert "“barcode.isbn” is set by your library and cannot be changed." in complaint.sentence()


def test_servers_can_be_locked_too(site, user, loaded):
    site.write_text('locked = ["servers"]\n[servers.a]\nurl = "http://a.example"\n')
    user.write_text(
        '[servers.a]\nurl = "http://evil.example"\n[servers.b]\nurl = "http://b.example"\n'
    )
    settings = loaded()
    assert [server.url for server in settings.servers().values()] == ["http://a.example"]
    assert [complaint.key for complaint in settings.complaints] == [
        "servers.a.url",
        "servers.b.url",
    ]


@pytest.mark.parametrize("value", ['"desk.name"', "true", '["desk.name", 3]'])
def test_locks_that_are_no_list(site, loaded, value):
    site.write_text(f"locked = {value}\n")
    (complaint,) = loaded().complaints
    assert (complaint.code, complaint.key, complaint.line) == (
        SettingFault.WRONG_VALUE,
        "locked",
        1,
    )
    assert "list" in complaint.sentence()


def test_a_lock_of_nothing_suggests_what_was_meant(site, loaded):
    site.write_text('locked = ["desk.nmae"]\n')
    (complaint,) = loaded().complaints
    assert (complaint.code, complaint.suggestion) == (SettingFault.UNKNOWN_KEY, "desk.name")


def test_an_account_locks_nothing(user, loaded):
    user.write_text('locked = ["desk.name"]\n')
    settings = loaded(None, OFFCIRC_DESK_NAME="Accueil")
    assert [complaint.code for complaint in settings.complaints] == [SettingFault.NOT_THE_SITE]
    assert settings.text("desk.name") == "Accueil"


def test_a_wrong_value_where_it_is_locked_changes_nothing(site, user, loaded):
    site.write_text('locked = ["window.text_size"]\n[window]\ntext_size = 150\n')
    user.write_text("[window]\ntext_size = 1\n")
    settings = loaded()
    assert settings.number("window.text_size") == 150
    assert "“150” stays in use" in settings.complaints[0].sentence()


# Files that change while the program runs


def test_what_changed_is_in_force(user, loaded):
    settings = loaded({"language": "fr"}, OFFCIRC_DESK_NAME="Accueil")
    user.write_text("[window]\ntext_size = 150\n")
    settings = reload(settings)
    assert settings.number("window.text_size") == 150
    assert (settings.text("language"), settings.text("desk.name")) == ("fr", "Accueil")
    user.unlink()
    assert reload(settings).number("window.text_size") == 100


@pytest.mark.parametrize("faulty", [b"[window\n", b"\xff\xfe", b"[window]\ntext_size = 999\n"])
def test_the_last_good_value_stays(user, loaded, faulty):
    user.write_text("[window]\ntext_size = 150\n")
    settings = loaded()
    user.write_bytes(faulty)
    for _ in range(2):
        settings = reload(settings)
        assert settings.number("window.text_size") == 150
        (complaint,) = settings.complaints
        assert str(user) in complaint.sentence()
    user.write_text("[window]\ntext_size = 125\n")
    settings = reload(settings)
    assert (settings.number("window.text_size"), settings.complaints) == (125, ())


def test_a_value_of_before_does_not_come_back_once_it_was_taken_away(site, user, loaded):
    site.write_text("[window]\ntext_size = 125\n")
    user.write_text("[window]\ntext_size = 150\n")
    settings = loaded()
    user.write_text("")
    settings = reload(settings)
    user.write_text("[window]\ntext_size = 999\n")
    assert reload(settings).number("window.text_size") == 125


# Barcode rules

RULES = r"""
[barcode]
preset = "us-14"
unmatched = "refuse"

[[barcode.item]]
pattern = '3\d{13}'
check = "luhn-ltr"

[[barcode.item]]
name = "Annex"
pattern = 'A\d{7}'
"""


def test_barcode_rules_are_handed_on_as_written(user, loaded):
    user.write_text(RULES)
    settings = loaded()
    assert settings.complaints == ()
    assert settings.barcodes() == {
        "preset": "us-14",
        "unmatched": "refuse",
        "item": [
            {"pattern": r"3\d{13}", "check": "luhn-ltr"},
            {"name": "Annex", "pattern": r"A\d{7}"},
        ],
    }


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_mistake_in_a_rule_is_told_with_its_own_line(user, loaded, language):
    i18n.activate(language)
    user.write_text(RULES.replace(r"A\d{7}", "A("))
    settings = loaded()
    (complaint,) = settings.complaints
    assert (complaint.code, complaint.line) == (SettingFault.WRONG_RULES, 12)
    assert complaint.mistakes[0].mistake is Mistake.BAD_PATTERN
    assert "Annex" in complaint.sentence()
    assert settings.text("barcode.item") == ""
    assert settings.barcodes()["preset"] == "us-14"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[barcode]\n\nitem = 3\n", 3),
        ('[barcode]\nitem = "x"\n', 2),
        ('[barcode]\nitem = [{ chek = "none", pattern = "3" }]\n', 2),
        ('[[barcode.item]]\ncheck = "none"\n', 1),
        ('[[barcode.item]]\npattern = "3"\n[[barcode.item]]\npattern = 3\n', 4),
    ],
)
def test_every_mistake_in_rules_has_a_line(user, loaded, content, line):
    user.write_text(content)
    settings = loaded()
    assert [complaint.line for complaint in settings.complaints] == [line]
    assert settings.complaints[0].sentence()


def test_rules_of_before_stay_when_new_ones_are_wrong(user, loaded):
    user.write_text(RULES)
    before = loaded()
    user.write_text(RULES.replace("luhn-ltr", "luhn"))
    settings = reload(before)
    assert settings.barcodes() == before.barcodes()
    assert "The list of before stays in use." in settings.complaints[0].sentence()


def test_an_empty_list_of_rules_is_a_list(user, loaded):
    user.write_text('[barcode]\npreset = "fr"\nitem = []\n')
    assert loaded().barcodes() == {"preset": "fr", "item": []}


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """The machine's one place, and a folder that whoever starts the program has named."""
    place = tmp_path / "etc" / "site.toml"
    other = tmp_path / "other" / "site.toml"
    for path in (place, other):
        path.parent.mkdir()
    monkeypatch.setattr(files, "site_file", lambda: place)
    monkeypatch.setenv(files.VARIABLE, str(other.parent))
    return place, other


def test_a_variable_does_not_get_round_what_the_machine_locks(machine, user):
    place, other = machine
    place.write_text(
        'locked = ["desk.name", "mail"]\n[desk]\nname = "Accueil"\ncirculation_desk = "A"\n'
    )
    other.write_text(
        'locked = ["sound"]\n[desk]\nname = "Mine"\ncirculation_desk = "B"\nlibrary = "BUC"\n'
        '[mail]\nserver = "evil.example"\n[servers.a]\nurl = "http://a.example"\n'
        "plain_http = true\n"
    )
    settings = load(environment={}, user=user)
    assert (settings.text("desk.name"), settings.text("desk.circulation_desk")) == ("Accueil", "A")
    assert settings.text("mail.server") == ""
    assert settings.text("desk.library") == "BUC"
    assert settings.values["desk.library"].layer is Layer.ADDITIONAL
    assert settings.values["sound.on"].locked is False
    assert settings.servers()["a"].plain_http is False
    found = {(complaint.code, complaint.key) for complaint in settings.complaints}
    assert found == {
        (SettingFault.NOT_THE_SITE, "locked"),
        (SettingFault.LOCKED, "mail.server"),
        (SettingFault.SITE_ONLY, "servers.a.plain_http"),
    }
    assert [written.path for written in settings.sources] == [other, place, user]
    assert reload(settings).values == settings.values


def test_a_machine_without_a_file_takes_the_additional_one_in_its_place(machine, user):
    _place, other = machine
    other.write_text('locked = ["desk.name"]\n[desk]\nname = "Accueil"\n')
    user.write_text('[desk]\nname = "Mine"\n')
    found = load(environment={}, user=user).values["desk.name"]
    assert (found.value, found.layer, found.locked) == ("Accueil", Layer.SITE, True)


def test_a_broken_file_of_the_machine_gives_nothing_into_other_hands(machine, user):
    place, other = machine
    place.write_text("locked = \n")
    other.write_text('[servers.a]\nurl = "http://a.example"\nplain_http = true\n')
    assert load(environment={}, user=user).servers()["a"].plain_http is False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux")
def test_the_settings_of_a_desktop_s_session_are_read_in_addition(tmp_path, monkeypatch):
    monkeypatch.delenv(files.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"{tmp_path / 'xdg-ubuntu'}:relative:{tmp_path}")
    assert files.site_file() == Path("/etc/xdg/offcirc/site.toml")
    assert files.additional_site_file() is None
    place = tmp_path / "offcirc" / "site.toml"
    place.parent.mkdir()
    place.write_text("")
    assert files.additional_site_file() == place
    assert files.place_to_install() == files.site_file()


def test_only_the_machine_lets_passwords_go_unencrypted(site, user, loaded):
    site.write_text('[servers.a]\nurl = "http://a.example"\nplain_http = true\n')
    user.write_text('[servers.b]\nurl = "http://b.example"\nplain_http = true\n')
    settings = loaded()
    assert [server.plain_http for server in settings.servers().values()] == [True, False]
    assert [complaint.code for complaint in settings.complaints] == [SettingFault.SITE_ONLY]
    assert "only the settings of the whole machine" in settings.complaints[0].sentence()
    user.write_text('[servers.a]\nurl = "http://evil.example"\n')
    assert loaded().servers()["a"].plain_http is False
