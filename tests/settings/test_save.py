from __future__ import annotations

import os
import stat
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offcirc.settings import save, tomltext
from offcirc.settings.files import leaves
from offcirc.settings.kinds import WrongValueError
from offcirc.settings.load import load
from offcirc.settings.options import declared
from offcirc.settings.save import LockedOptionError, store


@pytest.fixture
def user(tmp_path):
    return tmp_path / "config" / "user.toml"


@pytest.fixture
def settings(tmp_path, user):
    return load(environment={}, site=tmp_path / "site.toml", user=user)


def test_a_first_change_makes_the_file(settings, user):
    new = store(settings, {"desk.name": "Accueil", "window.text_size": "150", "language": "fr"})
    assert new.text("desk.name") == "Accueil"
    assert new.number("window.text_size") == 150
    assert new.complaints == ()
    if os.name == "posix":
        assert stat.S_IMODE(user.stat().st_mode) == 0o600
    assert [path.name for path in user.parent.iterdir()] == ["user.toml"]


COMMENTED = """\
# Written by hand.
language = "fr"  # we speak it

# About the desk
[desk]
name = "1" # "one"
library = 'C:\\BUC'

# The scanners
[scanner]
suffixes = [
  "cr",  # Enter
  "tab",
]
# at the end
"""


def test_comments_and_what_is_not_changed_stay(settings, user):
    user.parent.mkdir()
    user.write_text(COMMENTED)
    new = store(
        settings,
        {
            "desk.name": "2",
            "scanner.suffixes": "lf",
            "desk.circulation_desk": "BUC_PRET",
            "language": None,
            "sound.on": "off",
        },
    )
    assert new.complaints == ()
    assert (
        user.read_text()
        == """\
# Written by hand.

# About the desk
[desk]
name = "2" # "one"
library = 'C:\\BUC'
circulation_desk = "BUC_PRET"

# The scanners
[scanner]
suffixes = ["lf"]
# at the end

[sound]
on = false
"""
    )


def test_rules_take_the_place_of_rules(settings, user):
    user.parent.mkdir()
    user.write_text(
        "[[barcode.item]]\npattern = '1'\n[[barcode.item]]\npattern = '2'\n"
        "[barcode]\nisbn = \"off\"\n[[barcode.patron]]\npattern = '9'\n"
    )
    new = store(settings, {"barcode.item": '[{"pattern": "3\\\\d{13}", "strip": ["AIM"]}]'})
    assert new.barcodes() == {
        "preset": "any",
        "isbn": "off",
        "item": [{"pattern": r"3\d{13}", "strip": ["AIM"]}],
        "patron": [{"pattern": "9"}],
    }
    assert r"{ pattern = '3\d{13}', strip = " in user.read_text()
    assert store(new, {"barcode.item": "[]"}).barcodes()["item"] == []
    assert "item" not in store(new, {"barcode.item": None}).barcodes()


def test_what_cannot_be_changed_in_place_is_written_anew(settings, user):
    user.parent.mkdir()
    user.write_text('desk = { name = "1", library = "BUC" }\n')
    new = store(settings, {"desk.name": "2"})
    assert (new.text("desk.name"), new.text("desk.library")) == ("2", "BUC")


@pytest.mark.parametrize("content", [b"[desk\nname = 1", b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_understood_is_put_aside(settings, user, content):
    user.parent.mkdir()
    user.write_bytes(content)
    assert store(settings, {"desk.name": "2"}).text("desk.name") == "2"
    (aside,) = (path for path in user.parent.iterdir() if path != user)
    assert aside.read_bytes() == content


def test_what_is_locked_is_not_written(tmp_path, user):
    (tmp_path / "site.toml").write_text('locked = ["desk"]\n')
    settings = load(environment={}, site=tmp_path / "site.toml", user=user)
    with pytest.raises(LockedOptionError) as caught:
        store(settings, {"desk.name": "2", "sound.on": "off"})
    assert caught.value.key == "desk.name"
    assert not user.exists()


@pytest.mark.parametrize("value", ["99", "", "many"])
def test_what_is_wrong_is_not_written(settings, user, value):
    with pytest.raises(WrongValueError):
        store(settings, {"desk.name": "2", "window.text_size": value})
    assert not user.exists()


def test_a_failure_leaves_what_was_there(settings, user, monkeypatch):
    store(settings, {"desk.name": "1"})
    before = user.read_bytes()

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(save.os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        store(settings, {"desk.name": "2"})
    assert user.read_bytes() == before
    assert [path.name for path in user.parent.iterdir()] == ["user.toml"]


KEYS = ("language", "desk.name", "desk.library", "scanner.prefix", "barcode.preset")
LINES = st.sampled_from(
    ["", "# comment", "[desk]", "[scanner]", "[a.b]", 'name = "x"', "name = 'y' # z",
     'language = "en"', "n = [1,", "2]", 'desk.name = "dotted"', "[[barcode.item]]",
     "pattern = '3'", '"name" = """a', 'b"""', "prefix='#'"]
)  # fmt: skip


@given(
    st.lists(LINES, max_size=12),
    st.dictionaries(st.sampled_from(KEYS), st.none() | st.text(max_size=5)),
)
def test_only_what_was_asked_for_changes(lines, wanted):
    text = "\n".join(lines)
    try:
        before = dict(leaves(tomllib.loads(text)))
    except tomllib.TOMLDecodeError:
        return
    literals = {
        key: None if value is None else tomltext.literal(declared("desk.name").kind, value)
        for key, value in wanted.items()
    }
    for key in list(literals):  # a list of tables has no place for a plain key
        if key.startswith("barcode.") and "barcode.item" in before:
            del literals[key]
    result = tomltext.changed(text, literals)
    expected = {key: value for key, value in before.items() if key not in literals}
    expected |= {key: wanted[key] for key in literals if literals[key] is not None}
    assert dict(leaves(tomllib.loads(result))) == expected


@given(st.text(max_size=30))
def test_every_text_can_be_written(text):
    literal = tomltext.literal(declared("desk.name").kind, text)
    assert tomllib.loads(f"x = {literal}") == {"x": text}
