"""Systems behind SIP2 from the command line: tested, asked about dates, uploaded to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.conftest import Ran
from servers.sipdouble import LOGIN, PASSWORD, SipDouble, running_sip

ASKED = {"OFFCIRC_PASSWORD": PASSWORD}


@pytest.fixture
def library() -> Iterator[SipDouble]:
    with running_sip() as double:
        double.items.update(I1="Un", I2="Deux")
        double.patrons.update(P1="Zoé")
        yield double


@pytest.fixture
def day(tmp_path: Path) -> Path:
    file = tmp_path / "OffCirc.dat"
    file.write_text(f"201801150914L{'I1':80}P1\n201801150915R{'I2':80}\n")
    return file


@pytest.mark.promise("sip-dates-agreed")
def test_nothing_goes_before_somebody_agrees_to_the_dates(
    offcirc: Callable[..., Ran], library: SipDouble, day: Path
) -> None:
    words = ("upload", day, "--server", library.url, "--user", LOGIN, "--desk", "CPL")
    ran = offcirc(*words, env=ASKED)
    assert ran.code == 2
    assert "1 loan will be dated today" in ran.err
    assert "--accept-dates" in ran.err
    assert not [text for text in library.received if text[:2] in ("11", "09")]
    assert offcirc(*words, "--dry-run", env=ASKED).code in (0, 1)
    ran = offcirc(*words, "--accept-dates", "--format", "json", env=ASKED)
    assert ran.code == 1  # the return of an item that nobody has
    assert library.loans["I1"].patron == "P1"


@pytest.mark.promise("sip-loan-times")
def test_a_second_opinion_says_what_was_not_compared(
    offcirc: Callable[..., Ran], library: SipDouble, day: Path
) -> None:
    words = ("upload", day, "--server", library.url, "--user", LOGIN, "--desk", "CPL")
    offcirc(*words, "--accept-dates", env=ASKED)
    again = ("verify", "1", "--user", LOGIN)
    assert "over SIP2 no system tells it" in offcirc(*again, env=ASKED).out
    assert offcirc(*again, "--format", "json", env=ASKED).json["times_compared"] is False
    assert "over SIP2 no system tells it" in offcirc("report", "1", "-o", "r.html").out + (
        day.with_name("r.html").read_text("utf-8")
    )


@pytest.mark.promise("servers-test")
def test_a_connection_is_tested_and_nothing_is_recorded(
    offcirc: Callable[..., Ran], library: SipDouble
) -> None:
    words = ("servers", "test", library.url, "--user", LOGIN)
    ran = offcirc(*words, "--format", "json", env=ASKED)
    told = ran.json
    assert (told["kind"], told["abilities"]["keeps_dates"]) == ("sip2", ["returns"])
    # The double's clock stands still.
    assert (ran.code, told["ok"], len(told["problems"])) == (1, False, 1)
    assert {text[:2] for text in library.received} == {"93", "99"}
    shown = offcirc(*words, env=ASKED)
    assert "Loans get the date of the upload" in shown.out
    assert PASSWORD not in shown.out + shown.err


def test_a_wrong_password_and_an_address_where_nothing_is_are_findings(
    offcirc: Callable[..., Ran], library: SipDouble
) -> None:
    wrong = {"OFFCIRC_PASSWORD": "wrong"}
    ran = offcirc("servers", "test", library.url, "--user", LOGIN, "--format", "json", env=wrong)
    assert (ran.code, ran.json["ok"]) == (1, False)
    ran = offcirc(
        "servers", "test", "sip2://127.0.0.1:1", "--user", "u", "--format", "json", env=ASKED
    )
    assert (ran.code, ran.json["ok"], len(ran.json["problems"])) == (1, False, 1)
    assert offcirc("servers", "test", "nobody").code == 2


def test_the_practice_server_passes(offcirc: Callable[..., Ran], shared_server) -> None:  # type: ignore[no-untyped-def]
    ran = offcirc("servers", "test", shared_server.url, "--format", "json")
    assert (ran.code, ran.json["ok"]) == (0, True), ran.out
    assert ran.json["clock_seconds"] is not None


def test_the_kinds_are_listed(offcirc: Callable[..., Ran], home: Path) -> None:
    ran = offcirc("servers", "list", "--format", "json")
    assert {"practice", "koha", "sip2", "alma-file"} <= set(ran.json["kinds"])
    assert "sip2" in offcirc("servers", "list").out
