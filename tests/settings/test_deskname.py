"""Desk names that fifty PCs make of one settings file and their own names."""

from __future__ import annotations

from pathlib import Path

import pytest

from offcirc.core.identity import DeskIdentity
from offcirc.settings.deskname import desk_identity, parts_of
from offcirc.settings.kinds import NAMING, WrongValueError
from offcirc.settings.load import load

SITE = """
[desk]
computer = "BU-{library}-PRET{number}"
library = "BU {library}"
circulation_desk = "{library}_PRET"
name = "Banque {number}"
"""


def settings(tmp_path: Path, text: str):
    site = tmp_path / "site.toml"
    site.write_text(text, encoding="utf-8")
    return load(environment={}, site=site, user=tmp_path / "none.toml")


@pytest.mark.parametrize("computer", ["BU-MIRAIL-PRET2", "BU-MIRAIL-PRET2.univ.example"])
def test_a_pc_is_named_after_its_computer_name(tmp_path, computer):
    identity = desk_identity(settings(tmp_path, SITE), computer)
    assert identity == DeskIdentity("BU MIRAIL", "MIRAIL_PRET", "Banque 2")


def test_a_name_that_does_not_fit_leaves_nothing_half_filled(tmp_path):
    assert desk_identity(settings(tmp_path, SITE), "LAPTOP-7") == DeskIdentity()


def test_the_whole_name_needs_no_pattern(tmp_path):
    site = '[desk]\nlibrary = "BUC"\nname = "{computer}"\n'
    identity = desk_identity(settings(tmp_path, site), "MIRAIL-02")
    assert identity == DeskIdentity("BUC", "", "MIRAIL-02")


def test_plain_names_are_taken_as_they_are(tmp_path):
    site = '[desk]\nlibrary = "BUC"\nname = "Desk 2"\n'
    assert desk_identity(settings(tmp_path, site), "x") == DeskIdentity("BUC", "", "Desk 2")


@pytest.mark.parametrize(
    ("computer", "pattern", "told"),
    [
        ("bu-sci-pret10", "BU-{a}-PRET{b}", {"a": "sci", "b": "10"}),
        ("A.B(C)", "A", {}),
        ("PC(1)", "PC({n})", {"n": "1"}),
        ("X1-X1", "{n}-{n}", {"n": "X1"}),
        ("X1-X2", "{n}-{n}", {}),
        ("anything", "", {}),
    ],
)
def test_patterns_are_no_expressions(computer, pattern, told):
    found = parts_of(computer, pattern)
    assert found.pop("computer") == computer.split(".")[0]
    assert found == told


@pytest.mark.parametrize("wrong", ["{bad", "bad}", "{}", "{a b}", "BU-{library}-{", "{{a}}"])
def test_half_a_brace_is_refused(wrong):
    with pytest.raises(WrongValueError):
        NAMING.read(wrong)
    assert NAMING.read("BU-{library}-PRET{number}") == "BU-{library}-PRET{number}"
