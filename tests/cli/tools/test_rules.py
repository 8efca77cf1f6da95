"""``offcirc rules``: the contract that scripts depend on, and the practice server's own dates."""

from __future__ import annotations

import pytest

from offcirc.practice.library import library

ITEM, LICENCE, MASTER = "d293004279", "9921000000164", "9951658533103"


@pytest.fixture
def rules(offcirc):
    def run(what, *words, **more):
        return offcirc("rules", what, "--library", library.sample(), *words, **more)

    return run


def test_due(rules):
    ran = rules(
        "due", "--item", ITEM, "--patron", MASTER, "--at", "2018-01-14T10:00", "--format", "json"
    )
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["due"] == "2018-02-12T20:00:00+01:00"
    assert ran.json["steps"] == [
        "loan 2018-01-14 10:00",
        "group M at 63S: 28 days → 2018-02-11",
        "closed, next open day → 2018-02-12",
        "closing time → 2018-02-12 20:00",
    ]


def test_due_in_french_never_passes_the_expiry(rules):
    words = ("--item", ITEM, "--patron", LICENCE, "--at", "2018-01-14T10:00", "--lang", "fr")
    ran = rules("due", *words)
    assert (ran.code, ran.err) == (0, "")
    assert "25/01/2018 20:00" in ran.out.splitlines()[0]
    assert "groupe L en 63S" in ran.out
    assert "le compte expire le 25/01/2018" in ran.out


def test_renew(rules):
    loan = ("--item", ITEM, "--patron", MASTER, "--loan-at", "2018-01-15T10:00")
    ran = rules("renew", *loan, "--at", "2018-02-08T10:00", "--format", "json")
    assert ran.json["due"] == "2018-02-22T20:00:00+01:00"
    assert "14 remaining days from the renewal → 2018-02-22" in " ".join(ran.json["steps"])
    ran = rules("renew", *loan, "--at", "2018-01-15T18:00", "--format", "json")
    assert ran.json["due"] == "2018-02-12T20:00:00+01:00"
    assert rules("renew", *loan, "--at", "2018-01-14T10:00").code == 2


@pytest.mark.parametrize(
    ("more", "days", "until"),
    [
        (("--returned", "2018-02-08T10:00"), 0, None),
        (("--returned", "2018-02-09T10:00"), 1, "2018-02-10"),
        (("--returned", "2018-02-07T10:00", "--loan-days", "7"), 1, "2018-02-08"),
        (("--returned", "2018-02-07T10:00", "--loan-days", "14"), 0, None),
    ],
)
def test_suspension(rules, more, days, until):
    ran = rules("suspension", "--due", "2018-02-05T20:00", *more, "--format", "json")
    assert (ran.code, ran.json["days"], ran.json["until"]) == (0, days, until)
    assert ran.json["steps"][0] == "due 2018-02-05 20:00"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("due", "--item", "nope", "--patron", MASTER, "--at", "2018-01-14"), "items.csv"),
        (("due", "--item", ITEM, "--patron", "nobody", "--at", "2018-01-14"), "patrons.csv"),
        (("due", "--item", ITEM, "--patron", MASTER), "--at"),
        (("due", "--item", ITEM, "--at", "2018-01-14"), "--patron"),
        (("due", "--item", ITEM, "--patron", MASTER, "--at", "today"), "2018-01-15T14:20"),
        (("suspension", "--due", "2018-02-05", "--returned", "2018-02-07", "--owner", "X"), "'X'"),
    ],
)
def test_what_cannot_be_answered_says_why(rules, words, told):
    ran = rules(*words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "nobody" not in ran.err
