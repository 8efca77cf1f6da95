"""Declared once, and then everywhere: in the list, in the example file, in both languages."""

from __future__ import annotations

import json

import pytest

from offcirc import i18n
from offcirc.cli import main
from offcirc.settings import example
from offcirc.settings.load import load
from offcirc.settings.option import OptionGroup
from offcirc.settings.options import OPTIONS

EVERY = {option.key for option in OPTIONS}


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main.main(["config", "show", *words]) == 0
    return capsys.readouterr().out


def test_config_show_lists_every_option_with_value_origin_and_lock(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home
) -> None:
    site = home / "xdg" / "offcirc" / "site.toml"
    site.parent.mkdir(parents=True)
    site.write_text('locked = ["desk.name"]\n[desk]\nname = "Desk 2"\n', encoding="utf-8")
    monkeypatch.setenv("OFFCIRC_SITE_DIR", str(site.parent))
    monkeypatch.setenv("OFFCIRC_SCANNER_BAUD", "19200")
    facts = json.loads(shown(capsys, "--format", "json"))
    assert set(facts) == EVERY
    for option in OPTIONS:
        assert set(facts[option.key]) == {"value", "layer", "source", "locked"}
    assert facts["desk.name"] == {
        "value": "Desk 2",
        "layer": "site",
        "source": str(site),
        "locked": True,
    }
    baud = facts["scanner.baud"]
    assert (baud["value"], baud["layer"]) == ("19200", "environment")
    assert baud["source"] == "OFFCIRC_SCANNER_BAUD"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_list_and_the_example_explain_each_option(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(capsys, "--lang", language)
    i18n.activate(language)
    explained = " ".join(example.text().replace("#", "").split())
    for option in OPTIONS:
        assert any(line.startswith(f"{option.key} ") for line in text.splitlines()), option.key
        assert option.purpose in text
        assert " ".join(option.purpose.split()) in explained
        assert option.key.rpartition(".")[2] in explained


def test_every_option_has_a_name_for_people_and_a_place_to_be_shown() -> None:
    for option in OPTIONS:
        assert option.group in OptionGroup
        assert option.title or option.is_pattern, option.key


def test_a_wrong_value_is_told_with_file_and_line_and_the_good_one_stays(tmp_path) -> None:
    site, user = tmp_path / "site.toml", tmp_path / "user.toml"
    site.write_text("[window]\ntext_size = 125\n", encoding="utf-8")
    user.write_text('[window]\ntext_size = "huge"\n\n[dsek]\nname = "x"\n', encoding="utf-8")
    settings = load(environment={}, site=site, user=user)
    assert settings.text("window.text_size") == "125"
    said = [complaint.sentence() for complaint in settings.complaints]
    assert len(said) == 2
    assert f"{user}, line 2" in said[0]
    assert "“huge” is not" in said[0]
    assert "“125” stays in use" in said[0]
    assert f"{user}, line 5" in said[1]
    assert "desk.name" in said[1], "what was meant"
