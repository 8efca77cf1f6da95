from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from offcirc.practice.errors import LibraryError
from offcirc.practice.library import library, policy

TEXT = (library.sample() / "policy.toml").read_text(encoding="utf-8")


def test_the_sample_is_read_whole() -> None:
    found = policy.parse(TEXT)
    assert found.timezone == ZoneInfo("Europe/Paris")
    assert found.name == "BUC du Mirail, BU Sciences"
    buc = found.libraries["BUC"]
    assert buc.circ_desk == "BUC_PRET"
    assert [hours and hours.closes.hour for hours in buc.week] == [20, 20, 20, 20, 19, 18, None]
    assert buc.closures == (policy.Closure(date(2018, 2, 24), date(2018, 3, 4)),)
    assert (buc.grace_days, buc.short_loan_grace_days) == (3, 1)
    assert set(found.exceptions) == {"EXCLU", "H24", "H48", "J7", "J90"}
    assert found.desk_library("SCI_PRET") is found.libraries["SCI"]
    assert found.desk_library("nowhere") is None


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('timezone = "Europe/Paris"', 'timezone = "Europe/Toulouse"', "timezone"),
        ('timezone = "Europe/Paris"', "timezone = 1", "timezone"),
        ('timezone = "Europe/Paris"', 'timezone = "../../etc/passwd"', "timezone"),
        ('timezone = "Europe/Paris"', "", "timezone"),
        ('name = "BUC du Mirail"', 'name = ""', "libraries.BUC.name"),
        ('circ_desk = "SCI_PRET"', 'circ_desk = "BUC_PRET"', "libraries.SCI.circ_desk"),
        ('mon = "08:00-20:00"', 'mon = "8h-20h"', "libraries.BUC.hours.mon"),
        ('mon = "08:00-20:00"', 'mon = "20:00-08:00"', "libraries.BUC.hours.mon"),
        ('mon = "08:00-20:00"', 'lundi = "08:00-20:00"', "libraries.BUC.hours.lundi"),
        ('to = "2018-03-04"', 'to = "2018-02-30"', "libraries.BUC.closures[1].to"),
        ('to = "2018-03-04"', 'to = "2018-02-01"', "libraries.BUC.closures[1].to"),
        ('to = "2018-03-04"', 'to = "2999-12-31"', "libraries.BUC.closures[1].to"),
        ("closures = []", "closures = 3", "libraries.SCI.closures"),
        ('renewal = "remaining-days"', 'renewal = "never"', "renewal"),
        ("grace_days = 3", "grace_day = 3", "libraries.BUC.grace_days"),
        ("grace_days = 3", 'grace_days = "3"', "libraries.BUC.grace_days"),
        ("grace_days = 3", "grace_days = true", "libraries.BUC.grace_days"),
        ("grace_days = 3", "grace_days = -1", "libraries.BUC.grace_days"),
        ("grace_days = 3", "grace_days = 3\nfines = 2", "libraries.BUC.fines"),
        ("max_days = 28", "max_days = 20", "rules[1].max_days"),
        ("days = 21\nmax_days = 28", "max_days = 28", "rules[1].days"),
        ('group = "M"', 'group = "L"', "rules[2].location"),
        ("EXCLU = { excluded = true }", "EXCLU = { }", "exceptions.EXCLU"),
        ("H24 = { hours = 24,", "H24 = { hours = 24, days = 1,", "exceptions.H24"),
        ("J7 = { days = 7,", "J7 = { days = 7, max_days = 3,", "exceptions.J7.max_days"),
        ("[exceptions]", "[exception]", "exception"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(old: str, new: str, key: str) -> None:
    assert old in TEXT
    with pytest.raises(LibraryError) as caught:
        policy.parse(TEXT.replace(old, new, 1))
    sentence = str(caught.value)
    assert sentence.startswith("policy.toml: the key ")
    assert f"'{key}'" in sentence


def test_a_library_must_open_some_day() -> None:
    shut = re.sub(r"hours = \{[^}]*\}", "hours = { }", TEXT, count=1)
    with pytest.raises(LibraryError, match=r"'libraries\.BUC\.hours'"):
        policy.parse(shut)


def test_what_is_no_toml_says_where() -> None:
    with pytest.raises(LibraryError, match=r"policy\.toml is not valid TOML: .*line 2"):
        policy.parse('timezone = "Europe/Paris"\nlibraries = nothing')


def test_fixed_return_dates() -> None:
    line = 'fixed_returns = [ {{ from = "2018-06-01", to = "{to}", due = "2018-09-15" }} ]\n'
    before = "[libraries.SCI]"
    text = TEXT.replace(before, line.format(to="2018-08-31") + before, 1)
    owner = policy.parse(text).libraries["BUC"]
    assert owner.fixed_return(date(2018, 8, 31)) == date(2018, 9, 15)
    assert owner.fixed_return(date(2018, 5, 31)) is None
    with pytest.raises(LibraryError, match=r"fixed_returns\[1\]\.due"):
        policy.parse(TEXT.replace(before, line.format(to="2018-09-15") + before, 1))
