"""The examples of the settings file are paths as the system at hand writes them."""

from __future__ import annotations

import tomllib

import pytest

from offcirc.settings import tomltext
from offcirc.settings.example import place
from offcirc.settings.options import OPTIONS, declared


@pytest.mark.parametrize(
    ("example", "here"),
    [
        ("/srv/collected", r"\\server\offcirc\collected"),
        ("/srv/offcirc/OffCirc.dat", r"D:\offcirc\OffCirc.dat"),
        ("/media/stick/offcirc", r"E:\offcirc"),
        ("Desk 2", "Desk 2"),
    ],
)
def test_places_on_windows(example, here):
    assert place(example, "win32") == here
    assert place(example, "linux") == example
    written = tomltext.literal(declared("desk.name").kind, here)
    assert tomllib.loads(f"x = {written}")["x"] == here


def test_every_example_of_a_place_has_its_place_there():
    rooted = [option.key for option in OPTIONS if place(option.example, "win32").startswith("/")]
    assert not rooted
