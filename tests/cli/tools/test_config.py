from __future__ import annotations

import pytest

from offcirc.settings import files


@pytest.fixture
def site(home):
    folder = home / "site" / "offcirc"
    folder.mkdir(parents=True)
    return folder / "site.toml"


@pytest.fixture
def user(home):
    folder = home / ".config" / "offcirc"
    folder.mkdir(parents=True)
    return folder / "user.toml"


def test_path_names_every_place_and_makes_nothing(offcirc, home, site):
    site.write_text('[desk]\nlibrary = "BUC"\n')
    ran = offcirc("config", "path", "--format", "json")
    assert ran.code == 0
    assert ran.json == {
        "site": {"path": str(files.site_file()), "exists": files.site_file().exists()},
        "additional": {"path": str(site), "exists": True},
        "user": {"path": str(home / ".config" / "offcirc" / "user.toml"), "exists": False},
        "data_dir": str(home / "offcirc"),
    }
    assert not (home / "offcirc").exists()
    for place in (site, home / "offcirc"):
        assert str(place) in offcirc("config", "path").out


def test_the_data_folder_of_the_command_line_wins(offcirc, tmp_path):
    ran = offcirc("config", "path", "--format", "json", "--data-dir", "here")
    assert ran.json["data_dir"] == str(tmp_path / "here")


def test_show_tells_value_and_origin(offcirc, site, user):
    site.write_text('language = "fr"\n[servers.alma]\nurl = "https://alma.example"\n')
    user.write_text('[desk]\nname = "Accueil"\n')
    shown = offcirc("config", "show", "--format", "json").json
    site_language = {"value": "fr", "layer": "site", "source": str(site), "locked": False}
    assert shown["language"] == site_language
    assert (shown["desk.name"]["value"], shown["desk.name"]["layer"]) == ("Accueil", "user")
    library = shown["desk.library"]
    assert (library["value"], library["layer"], library["source"]) == (None, "built-in", "")
    assert shown["servers.alma.url"]["value"] == "https://alma.example"
    assert shown["data_dir"]["layer"] == "environment"
    assert "réglage" in offcirc("config", "show").out.lower()


def test_the_language_of_the_settings_is_spoken(offcirc, user):
    user.write_text('language = "fr"\n')
    assert offcirc("--help").out.startswith("utilisation")
    assert offcirc("--help", "--lang", "en").out.startswith("usage")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_check_names_file_line_and_key(offcirc, user, language):
    assert offcirc("config", "check").code == 0
    user.write_text('[desk]\nlibary = "BUC"\n')
    ran = offcirc("config", "check", "--lang", language)
    assert ran.code == 1
    line = {"en": "line", "fr": "ligne"}[language]
    assert f"{user}, {line} 2" in ran.out
    assert "desk.library" in ran.out
    assert offcirc("config", "check", "--format", "json").json["faults"][0]["line"] == 2


def test_every_other_command_goes_on_and_says_so(offcirc, user, tmp_path):
    (tmp_path / "OffCirc.dat").write_bytes(b"")
    user.write_text("language = \n")
    ran = offcirc("check", "OffCirc.dat")
    assert ran.code == 0
    assert f"{user}, line 1" in ran.err


def test_what_the_library_locked_is_shown_and_stays(offcirc, site, user):
    site.write_text('locked = ["desk"]\n[desk]\nname = "Accueil"\n')
    user.write_text('[desk]\nname = "Mine"\n')
    ran = offcirc("config", "show", "--format", "json")
    assert ran.json["desk.name"] == {
        "value": "Accueil", "layer": "site", "source": str(site), "locked": True,
    }  # fmt: skip
    assert ran.json["desk.library"]["locked"] is True
    assert ran.json["language"]["locked"] is False
    assert f"{user}, line 2" in ran.err
    assert "“Accueil”" in ran.err
    assert "(locked)" in offcirc("config", "show").out
    assert offcirc("config", "check").code == 1


def test_a_locked_folder_is_not_changed_by_a_word_on_the_command_line(offcirc, site, tmp_path):
    site.write_text(f"locked = ['data_dir']\ndata_dir = '{tmp_path / 'data'}'\n")
    environment = {"OFFCIRC_DATA_DIR": ""}
    ran = offcirc("jobs", "--data-dir", tmp_path / "elsewhere", env=environment)
    assert ran.code == 2
    assert "--data-dir" in ran.err
    assert not (tmp_path / "elsewhere").exists()
    assert offcirc("jobs", env=environment).code == 0
    assert (tmp_path / "data").exists()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_example_can_be_used_as_it_is_and_with_every_line_switched_on(offcirc, site, language):
    ran = offcirc("config", "example", "--lang", language)
    assert ran.code == 0
    site.write_text(ran.out, encoding="utf-8")
    assert offcirc("config", "check").code == 0
    lines = [line[1:] if line.startswith("#") and line[1:2] not in "# " else line
             for line in ran.out.splitlines() if not line.startswith("#locked")]  # fmt: skip
    site.write_text("\n".join(lines), encoding="utf-8")
    checked = offcirc("config", "check", "--format", "json", env={"OFFCIRC_DATA_DIR": ""})
    assert checked.err == ""
    # Only that the example's folders are not on this PC.
    assert {fault["code"] for fault in checked.json["faults"]} == {"not-there"}
    shown = offcirc("config", "show", "--format", "json").json
    assert {found["layer"] for key, found in shown.items() if key != "data_dir"} == {"site"}


def test_a_file_is_checked_before_it_is_put_in_place(offcirc, tmp_path):
    given = tmp_path / "offcirc.toml"
    place = tmp_path / "machine" / "site.toml"
    given.write_text('[desk]\nnmae = "x"\n', encoding="utf-8")
    done = offcirc("config", "install", "--from", given, "-o", place)
    assert done.code == 1
    assert "line 2" in done.out
    assert not place.exists()
    assert offcirc("config", "check", "--from", given).code == 1
    given.write_text('[desk]\nlibrary = "BUC"\n', encoding="utf-8")
    assert offcirc("config", "check", "--from", given).code == 0
    assert offcirc("config", "install", "--from", given, "--desk", "Desk 2", "-o", place).code == 0
    assert 'name = "Desk 2"' in place.read_text(encoding="utf-8")
    missing = offcirc("config", "check", "--from", tmp_path / "none.toml")
    assert missing.code == 2
    assert "no such file" in missing.err


def test_a_password_in_an_address_is_shown_nowhere(offcirc, user):
    user.write_text(
        '[servers.a]\nurl = "https://u:S3CRET@library.example"\n'
        '[mail]\nserver = "smtp://u:S3CRET@mail.example"\nfrom = "u:S3CRET@mail.example"\n'
    )
    for words in (["check"], ["check", "--format", "json"], ["show"]):
        ran = offcirc("config", *words)
        assert "S3CRET" not in ran.out + ran.err
        assert "library.example" in ran.out + ran.err
    assert "S3CRET" not in "".join((doctor := offcirc("doctor")).out + doctor.err)


def test_path_and_doctor_tell_which_file_is_in_force(offcirc, home, site, user):
    site.write_text("")
    user.write_text("[desk\n")
    shown = offcirc("config", "path").out
    assert f"{files.site_file()}" in shown
    assert f"{user} (left out" in shown
    doctor = offcirc("doctor", "--format", "json")
    said = [
        (found["level"], found["message"])
        for found in doctor.json["checks"]
        if found["name"] == "settings-file"
    ]
    assert said[0] == ("fine", f"In addition: {site} is in force.")
    assert str(files.site_file()) in said[1][1]
    assert said[2] == ("problem", f"This account: {user} is left out.")


def test_check_and_doctor_find_what_cannot_work(offcirc, site, tmp_path):
    text = "fallback = 'near'\n[servers.a]\nkind = 'alma-file'\n[mail]\nafter_upload = true\n"
    site.write_text(text)
    checked = offcirc("config", "check")
    assert checked.code == 1
    assert len(checked.out.splitlines()) == 3
    assert f"{site}, line 3: “servers.a.folder” is missing" in checked.out
    doctor = offcirc("doctor")
    assert doctor.code == 1
    assert "“servers.a.folder” is missing" in " ".join(doctor.out.split())
    # Every other command goes on without a word about it.
    assert "servers.a.folder" not in offcirc("jobs").err
    wrong = tmp_path / "all.toml"
    wrong.write_text("[desk]\nname = 'Desk {number}'\n")
    assert offcirc("config", "check", "--from", wrong).code == 1
    assert offcirc("config", "install", "--from", wrong, "-o", tmp_path / "x").code == 1


def test_a_link_to_settings_that_are_gone_is_no_missing_file(offcirc, site, tmp_path):
    site.symlink_to(tmp_path / "gone.toml")
    checked = offcirc("config", "check")
    assert checked.code == 1
    assert f"{site}: this settings file cannot be read" in checked.out
