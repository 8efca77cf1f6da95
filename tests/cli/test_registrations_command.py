"""``offcirc registrations``: from the desk's sealed file to loans under the real card."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from offcirc.core.registration import Registration, new_card
from offcirc.storage.registrations import deskbook
from offcirc.storage.registrations.seal import Seal, new_key

KEY = new_key()
WITH_KEY = {"OFFCIRC_REGISTRATIONS_KEY": KEY}
AWA, JEAN = new_card(), new_card()
AT = datetime(2018, 1, 15, 13, 0, tzinfo=UTC)
ITEM, OTHER, REAL = "37000034179", "UBX00252850", "9921000000164"


@pytest.fixture
def desk(tmp_path):
    """A desk's file with two loans to readers without a card, and what was written down."""
    folder = tmp_path / "desk"
    folder.mkdir()
    lines = [
        f"201801151420L{ITEM:<80}{AWA}\r\n",
        f"201801151425L{OTHER:<80}{JEAN}\r\n",
    ]
    (folder / "OffCirc.dat").write_bytes("".join(lines).encode())
    for number, card, name in (("a", AWA, "Diallo, Awa"), ("b", JEAN, "Inconnu, Jean")):
        about = Registration(number, card, AT, "BUC · Desk 2", name, f"{number}@example.org")
        deskbook.add(folder, Seal(KEY), about)
    return "desk/OffCirc.dat"


def test_they_are_listed_and_decided(offcirc, desk):
    ran = offcirc("registrations", "list", desk, "--format", "json", env=WITH_KEY)
    assert ran.code == 1
    assert "2 registrations came with the files" in ran.err
    told = {one["id"]: one for one in ran.json["registrations"]}
    assert (told["a"]["name"], told["a"]["state"]) == ("Diallo, Awa", "pending")
    provisional = offcirc("registrations", "validate", "a", "--card", JEAN, env=WITH_KEY)
    assert (provisional.code, "provisional card too" in provisional.err) == (2, True)
    ran = offcirc("registrations", "validate", AWA, "--card", REAL, env=WITH_KEY)
    assert ran.code == 0
    assert REAL in ran.out
    assert offcirc("registrations", "refuse", "b", "--reason", "no proof", env=WITH_KEY).code == 0
    assert offcirc("registrations", "list", env=WITH_KEY).code == 0
    assert offcirc("registrations", "undo", "b", env=WITH_KEY).code == 0
    assert offcirc("registrations", "list", "--state", "pending", env=WITH_KEY).code == 1
    gone = offcirc("registrations", "refuse", "nobody", env=WITH_KEY)
    assert (gone.code, "no such registration" in gone.err) == (2, True)


def test_without_the_key_nothing_is_read_and_that_is_told(offcirc, desk):
    ran = offcirc("registrations", "list", desk)
    assert "2 registrations were sealed with another key" in ran.err
    assert "Awa" not in ran.out + ran.err
    wrong = offcirc("registrations", "list", desk, env={"OFFCIRC_REGISTRATIONS_KEY": "secret"})
    assert wrong.code == 2
    assert "offcirc registrations key" in wrong.err
    assert len(offcirc("registrations", "key").out.strip()) == len(KEY)


@pytest.mark.promise("registered-loans-go-up-under-the-real-card")
def test_loans_wait_for_the_decision_and_go_up_at_their_time(offcirc, desk, server):
    words = ("upload", desk, "--server", server.url, "--desk", "BUC_PRET", "--format", "json")
    first = offcirc(*words, env=WITH_KEY)
    assert first.code == 1
    assert [line["status"] for line in first.json["lines"]] == ["held", "held"]
    assert {line["reason"] for line in first.json["lines"]} == {"registration-pending"}
    offcirc("registrations", "validate", "a", "--card", REAL, env=WITH_KEY)
    offcirc("registrations", "refuse", "b", env=WITH_KEY)
    second = offcirc(*words, env=WITH_KEY)
    told = {line["item"]: line for line in second.json["lines"]}
    assert second.json["recorded"] == 1
    assert told[OTHER]["reason"] == "registration-refused"
    follow = offcirc("followup", "--format", "json", env=WITH_KEY)
    assert JEAN in follow.out
    third = offcirc(*words, env=WITH_KEY)
    assert (third.json["recorded"], third.json["skipped"]) == (0, 1)
