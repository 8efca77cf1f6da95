from __future__ import annotations

import json

import pytest

from offcirc.cli.main import main


def loan(minute: str, item: str, patron: str = "1") -> bytes:
    return f"20180306{minute}L{item:<80}{patron}\r\n".encode()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "A.dat"
    path.write_bytes(b"".join(loan(f"100{n}", f"X{n}") for n in range(5)) + b"201803061100Lbad\r\n")
    return path


def test_decisions_are_listed_with_who_when_and_why(offcirc, file):
    made = offcirc("decide", "hold", "A.dat", "2-3", "5", "--who", "Ana", "--note", "ask Bob")
    assert (made.code, made.err) == (0, "")
    assert "Decision 1. Held back: A.dat, line 2, A.dat, line 3, A.dat, line 5." in made.out
    offcirc("decide", "correct", "A.dat", "1", "--item", "Y9", "--borrower", "7")
    offcirc("decide", "clock", "A.dat", "-90")
    offcirc("decide", "undo", "1", "--who", "Bob")
    text = offcirc("decide", "list").out
    for part in ("Held back (undone by 4)", "ask Bob", "Ana", "item Y9, borrower 7", "−1 min 30 s"):
        assert part in text
    told = offcirc("decide", "list", "--format", "json").json["decisions"]
    assert [one["act"] for one in told] == ["hold", "correct", "clock", "undo"]
    assert [one["line"] for one in told[0]["lines"]] == [2, 3, 5]
    assert (told[0]["undone_by"], told[3]["undoes"], told[3]["who"]) == (4, 1, "Bob")
    assert (told[1]["item"], told[1]["patron"]) == ("Y9", "7")
    assert told[2]["seconds"] == -90
    # The file stays as it is.
    assert file.read_bytes().startswith(loan("1000", "X0"))


def test_without_decisions_no_ledger_is_made(offcirc, tmp_path, home):
    assert "Nothing has been decided." in offcirc("decide", "list").out
    assert offcirc("decide", "list", "--format", "json").json == {"decisions": []}
    assert not list(home.rglob("ledger.db"))


def test_of_a_damaged_line_only_what_cannot_be_read_is_asked(offcirc, file):
    ran = offcirc("decide", "correct", "A.dat", "6", "--item", "X9")
    assert ran.code == 2
    assert "names no borrower" in ran.err
    assert offcirc("decide", "correct", "A.dat", "6", "--borrower", "1").code == 0
    words = ("--item", "X9", "--borrower", "1", "--operation", "L", "--time", "2018-03-06T11:00")
    assert offcirc("decide", "correct", "A.dat", "6", *words).code == 0
    ran = offcirc("merge", "A.dat", "-o", "out.dat")
    assert ran.code == 0
    assert file.with_name("out.dat").read_bytes().endswith(loan("1100", "X9"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hold", "A.dat"], "decide --help"),
        (["undo", "x"], "decide --help"),
        (["first", "A.dat", "1", "A.dat"], "decide --help"),
        (["clock", "A.dat", "soon"], "decide --help"),
        (["hold", "A.dat", "99"], "has no line 99"),
        (["hold", "A.dat", "3-1"], "is no line"),
        (["hold", "A.dat", "one"], "is no line"),
        (["hold", "missing.dat", "1"], "no such file"),
        (["undo", "7"], "no decision 7"),
        (["correct", "A.dat", "1"], "What should the line say?"),
        (["correct", "A.dat", "1-2", "--item", "X"], "one line only"),
        (["correct", "A.dat", "1", "--item", "a b"], "blank inside the item"),
        (["correct", "A.dat", "1", "--time", "noon"], "is no time"),
    ],
)
def test_what_makes_no_sense_is_said_and_decides_nothing(file, monkeypatch, capsys, words, said):
    monkeypatch.chdir(file.parent)
    assert main(["decide", *words, "--lang", "en"]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert (len(told.err.splitlines()), told.out) == (1, "")
    assert main(["decide", "list", "--format", "json", "--lang", "en"]) == 0
    assert json.loads(capsys.readouterr().out) == {"decisions": []}


def test_an_upload_sends_what_was_decided(offcirc, file, server):
    """The item that the server does not know is corrected to one that it knows."""
    words = ("--server", server.url, "--desk", "BUC_PRET", "--user", "referent", "--format", "json")
    secret = {"OFFCIRC_PASSWORD": "bac-a-sable-1"}
    file.write_bytes(loan("1000", "NOT-THERE", "299949129344") + loan("1001", "NEITHER", "1"))
    assert offcirc("decide", "correct", "A.dat", "1", "--item", "37074505499").code == 0
    assert offcirc("decide", "drop", "A.dat", "2").code == 0
    ran = offcirc("upload", "A.dat", *words, env=secret)
    told = ran.json
    assert told["records"] == 2, ran
    (line,) = [line for line in told["lines"] if line["line"] == 2]
    assert line["status"] == "held"
    assert not [one for one in told["lines"] if one["line"] == 1 and one["status"] == "rejected"]
