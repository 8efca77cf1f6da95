"""Rules changed by forms: the values are those of the form, the comments those of the file."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offcirc.practice.acts import rulebook

FILE = """\
# The rules of a network.
timezone = "Europe/Paris"  # one for all
renewal = "loan-days"

[libraries.A]
name = "A"  # the old one
circ_desk = "A_PRET"
hours = { mon = "08:00-20:00", tue = "08:00-20:00" }
# Decided by the council.
closures = [ { from = "2018-02-24", to = "2018-03-04" } ]
grace_days = 3
short_loan_grace_days = 1

# Teachers have more.
[[rules]]
location = "S"
group = "D"
days = 35  # five weeks
[[rules]]
location = "S"
group = "M"
days = 28
max_days = 42
# Whoever else.
[[rules]]
location = "*"
group = "*"
days = 14

[exceptions]
# Never.
EXCLU = { excluded = true }
J7 = { days = 7, renewable = false }
"""
COMMENTS = [line.partition("#")[2].strip() for line in FILE.splitlines() if "#" in line]

DAYS = st.integers(1, 400)
ROWS = st.fixed_dictionaries(
    {"location": st.sampled_from("S*"), "group": st.sampled_from("DML*"), "days": DAYS},
    optional={"max_days": DAYS},
)
SPANS = st.fixed_dictionaries({"from": st.just("2018-01-01"), "to": st.just("2018-01-02")})
RULES = st.fixed_dictionaries(
    {"timezone": st.just("Europe/Paris"), "rules": st.lists(ROWS, max_size=5)},
    optional={
        "limits": st.lists(st.fixed_dictionaries({"most": DAYS}), min_size=1, max_size=3),
        "exceptions": st.dictionaries(
            st.sampled_from(["EXCLU", "J7", "H 24", "É"]),
            st.sampled_from([{"excluded": True}, {"days": 3}, {"hours": 4, "renewable": False}]),
            max_size=4,
        ),
        "libraries": st.dictionaries(
            st.sampled_from("AB"),
            st.fixed_dictionaries(
                {"hours": st.dictionaries(st.sampled_from(["mon", "wed"]), st.just("1"))},
                optional={
                    "closures": st.lists(SPANS, max_size=2),
                    "fixed_returns": st.lists(SPANS, min_size=1, max_size=2),
                    "grace_days": DAYS,
                },
            ),
        ),
    },
)


@given(rules=RULES)
@settings(max_examples=150, deadline=None)
def test_the_values_are_those_of_the_form(rules) -> None:
    assert tomllib.loads(rulebook.merged(FILE, rules)) == rules


@pytest.mark.promise("comments-of-the-rules-stay")
def test_comments_stay_whatever_value_is_changed() -> None:
    rules = tomllib.loads(FILE)
    library = rules["libraries"]["A"]
    library |= {"name": "Another", "hours": {"mon": "09:00-18:00", "wed": "09:00-12:00"}}
    library |= {"closures": [], "fixed_returns": [{"from": "1", "to": "2", "due": "3"}]}
    rules["rules"][0]["days"] = 36
    rules["rules"].insert(2, {"location": "S", "group": "L", "days": 21})
    rules["exceptions"] |= {"J9": {"days": 9}}
    rules["exceptions"]["EXCLU"] = {"hours": 2}
    rules["limits"] = [{"most": 3}]
    text = rulebook.merged(FILE, rules)
    assert tomllib.loads(text) == rules
    assert [comment for comment in COMMENTS if comment not in text] == []
    assert "days = 36  # five weeks" in text
    del rules["rules"][1], rules["limits"]
    text = rulebook.merged(text, rules)
    assert tomllib.loads(text) == rules
    assert "Teachers have more" in text


def test_a_file_that_says_the_same_stays_as_it_is() -> None:
    assert rulebook.merged(FILE, tomllib.loads(FILE)) == FILE
