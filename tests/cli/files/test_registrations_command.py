"""``offcirc registrations``: from the desk's sealed file to loans under the real card."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from practice.conftest import Browser, Client

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


@pytest.mark.promise("registered-readers-stand-on-the-practice-list")
def test_they_go_on_the_practice_servers_list_and_come_back_decided(offcirc, desk, server):
    """Sent, waiting there, given the real card there, taken over, lent under it at its time."""
    words = (
        "registrations",
        "send",
        desk,
        "--server",
        server.url,
    )
    first = offcirc(*words, "--format", "json", env=WITH_KEY)
    assert first.code == 1, first.err
    assert "2 registrations are on the server’s list. None has been decided" in first.err
    person = Browser(server.url)
    with person.http:
        person.sign_in("referent", "BUC_PRET")
        listed = person.get("/registrations?status=pending")
        assert listed.count("example.org") == 0
        pages = dict(re.findall(r'href="(/registrations/[0-9a-f]+)">([^<]+)<', listed))
        pages = {name: page for page, name in pages.items()}
        assert set(pages) == {"Diallo, Awa", "Inconnu, Jean"}
        assert "BUC · Desk 2" in listed
        awa = pages["Diallo, Awa"]
        text = person.do(f"{awa}/decide", status="validated")
        assert "Give the real card first" in text
        given = {"name": "Diallo, Awa", "card": "9999000055554", "group": "L"}
        person.do(f"{awa}/change", email="a@example.org", **given)
        text = person.do(f"{awa}/decide", status="validated")
        assert AWA in text
        person.do(f"{pages['Inconnu, Jean']}/decide", status="refused")
        manager = Browser(server.url)
        with manager.http:
            manager.sign_in("responsable", "BUC_PRET")
            assert "1 new readers" in manager.do("/settings/night/run")
    again = offcirc(*words, "--format", "json", env=WITH_KEY)
    assert again.code == 0, again.err
    assert "2 have been decided there since" in again.err
    told = {one["id"]: one for one in again.json["registrations"]}
    assert (told["a"]["state"], told["a"]["real_card"]) == ("validated", given["card"])
    assert (told["b"]["state"], told["a"]["who"]) == ("refused", told["b"]["who"])
    assert told["a"]["who"] not in ("", "referent"), "the name of whoever decided there"
    sent = ("upload", desk, "--server", server.url, "--desk", "BUC_PRET", "--format", "json")
    done = offcirc(*sent, env=WITH_KEY)
    assert done.json["recorded"] == 1
    client = Client(server.url)
    with client.http:
        client.sign_in()
        found = client.item(ITEM)
        assert found["loaned_to"] == given["card"]
        assert found["loaned_at"].startswith("2018-01-15T14:20")


def test_what_was_decided_here_is_told_there(offcirc, desk, server):
    """Validated here for a reader the library knows after all; both lists say the same."""
    offcirc("registrations", "list", desk, env=WITH_KEY)
    offcirc("registrations", "validate", "a", "--card", REAL, env=WITH_KEY)
    offcirc("registrations", "refuse", "b", "--reason", "no proof", env=WITH_KEY)
    words = (
        "registrations",
        "send",
        "--server",
        server.url,
    )
    ran = offcirc(*words, env=WITH_KEY)
    assert ran.code == 0, ran.err
    person = Browser(server.url)
    with person.http:
        person.sign_in("referent", "BUC_PRET")
        listed = person.get("/registrations")
        assert "No registration" in person.get("/registrations?status=pending")
        assert (listed.count("✓ Validated</span>"), listed.count("✕ Refused</span>")) == (1, 1)


def test_only_a_practice_server_has_such_a_list(offcirc, desk, tmp_path):
    words = ("registrations", "send", "--server", f"alma-file:{tmp_path}")
    assert offcirc(*words, env=WITH_KEY).code == 2
