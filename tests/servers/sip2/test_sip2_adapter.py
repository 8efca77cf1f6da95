"""The adapter for SIP2 against a small library on a real socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from helpers import wait_until
from servers.sipdouble import LOGIN, NOW, PASSWORD, PERIOD, SipDouble, SipLoan, running_sip

from offcirc.core.answers import Note, Reason
from offcirc.core.transaction import Operation
from offcirc.servers.errors import (
    BadAddressError,
    PlainHttpError,
    ServerFailedError,
    SessionExpiredError,
    TryLaterError,
    UnreachableError,
    WrongPasswordError,
)
from offcirc.servers.protocol import Answer, Dated, Event, Outcome
from offcirc.servers.registry import open_server
from offcirc.servers.sip2.codec import CHARSETS
from offcirc.servers.sip2.server import Sip2Server
from offcirc.servers.sip2.wires import normalised, wire_to

AT = datetime(2026, 11, 20, 10, 11, 12)


@pytest.fixture
def library() -> Iterator[SipDouble]:
    with running_sip() as double:
        fill(double)
        yield double


def fill(double: SipDouble) -> None:
    double.items.update(I1="Été", I2="Zwei", I3="Three")
    double.patrons.update(P1="Zoé", P2="Ann")


def opened(library: SipDouble, **options: str) -> Sip2Server:
    server = Sip2Server(library.url, options=options, answer_seconds=5)
    server.sign_in(LOGIN, PASSWORD)
    return server


def event(item: str, patron: str = "P1") -> Event:
    operation = Operation.LOAN if patron else Operation.RETURN
    return Event(f"{item} {patron}", AT, operation, item, patron, "a.dat", 1)


def send(server: Sip2Server, *events: Event) -> list[Answer]:
    job = server.open_job("CPL", ["a.dat"]).id
    return [answer for one in events for answer in server.submit(job, [one])]


@pytest.mark.promise("sip-dates")
def test_a_loan_is_dated_by_the_system_and_said_to_be_a_return_keeps_its_time(
    library: SipDouble,
) -> None:
    library.loans["I2"] = SipLoan("P2", NOW, NOW + PERIOD)
    with opened(library) as server:
        assert server.abilities.keeps_dates == {Dated.RETURNS}
        lent, back = send(server, event("I1"), event("I2", ""))
    assert lent == Answer(Outcome.RECORDED, due_at=NOW + PERIOD, notes=(Note.DATE_NOT_KEPT,))
    assert back == Answer(Outcome.RECORDED)
    assert library.loans["I1"].lent_at == NOW
    assert library.returned == [("I2", "20261120    101112")]
    [loan] = [text for text in library.received if text.startswith("11")]
    assert loan[2:4] == "YY"
    assert loan[4:22] == "20261120    101112"


def test_refusals_have_reasons(library: SipDouble) -> None:
    library.blocked.add("P2")
    library.loans["I2"] = SipLoan("P2", NOW, NOW + PERIOD)
    with opened(library) as server:
        answers = send(
            server,
            event("NO"),
            event("NO", ""),
            event("I1", "STRANGER"),
            event("I1", ""),
            event("I1", "P2"),
            event("I2"),
            event("I|1"),
        )
    assert [(one.outcome, one.reason) for one in answers] == [
        (Outcome.REJECTED, why)
        for why in (
            Reason.ITEM_UNKNOWN,
            Reason.ITEM_UNKNOWN,
            Reason.PATRON_UNKNOWN,
            Reason.NOT_ON_LOAN,
            Reason.PATRON_BLOCKED,
            Reason.ON_LOAN_TO_ANOTHER,
            Reason.OTHER,
        )
    ]
    assert answers[3].message == "Item not checked out"


def test_the_codes_of_koha_are_understood_as_well(library: SipDouble) -> None:
    library.kept_in.add("I1")
    with opened(library) as server:
        [answer] = send(server, event("I1"))
    assert (answer.reason, answer.message) == (Reason.NOT_FOR_LOAN, "Issue failed : NOT_FOR_LOAN")


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("checksums", [True, False])
def test_items_and_readers_are_looked_up_in_every_character_set(
    charset: str, checksums: bool
) -> None:
    with running_sip(charset=charset, checksums=checksums) as library:
        fill(library)
        library.loans["I1"] = SipLoan("P1", NOW, NOW + PERIOD)
        library.blocked.add("P2")
        with opened(library, charset=charset) as server:
            here, none = server.look_up_items(["I1", "NO"])
            one, two, stranger = server.look_up_patrons(["P1", "P2", "X"])
    assert (here.title, here.on_loan, here.due_at) == ("Été", True, NOW + PERIOD)
    assert (none.found, stranger.found) == (False, False)
    assert (one.name, one.items, one.loans, one.blocks) == ("Zoé", ("I1",), 1, ())
    assert len(two.blocks) == 1


@pytest.mark.promise("sip-lost-answers")
@pytest.mark.parametrize("fate", ["lose", "cut"])
@pytest.mark.parametrize(
    ("before", "one"),
    [("", event("I1")), ("P1", event("I1")), ("P1", event("I1", ""))],
    ids=["loan", "renewal", "return"],
)
def test_what_became_of_a_lost_line_is_found_out_before_anything_goes_again(
    library: SipDouble, fate: str, before: str, one: Event
) -> None:
    if before:
        library.loans["I1"] = SipLoan(before, NOW, NOW + PERIOD)
    with opened(library) as server:
        library.fate = lambda code: fate if code in ("11", "09") else ""
        [answer] = send(server, one)
        assert answer.outcome is Outcome.UNKNOWN
        library.fate = lambda _code: ""
        [found] = server.look_back([one])
    sent = [text for text in library.received if text[:2] in ("11", "09")]
    assert len(sent) == 1
    if fate == "lose":
        assert found is not None
        assert found.outcome is Outcome.RECORDED
    elif before and one.patron:
        # A renewal that changed nothing looks like one that was never made.
        assert found == Answer(Outcome.UNKNOWN)
    else:
        assert found is None


def test_another_run_of_the_program_does_not_guess(library: SipDouble) -> None:
    library.loans["I1"] = SipLoan("P1", NOW, NOW + PERIOD)
    with opened(library) as server:
        lent, other, back = server.look_back([event("I1"), event("I2"), event("I3", "")])
    assert lent == Answer(Outcome.UNKNOWN)
    # Not there: never lent, or back since? Sent again, it would be lent once too often.
    assert other == Answer(Outcome.UNKNOWN)
    assert back == Answer(Outcome.UNKNOWN)


@pytest.mark.parametrize("fate", ["garble", "deaf"])
def test_a_damaged_message_is_asked_for_again_and_nothing_is_done_twice(
    library: SipDouble, fate: str
) -> None:
    with opened(library) as server:
        fates = iter([fate])
        library.fate = lambda code: next(fates, "") if code == "11" else ""
        [answer] = send(server, event("I1"))
    assert answer.outcome is Outcome.RECORDED
    assert library.loans["I1"].renewals == 0


def test_an_answer_that_stays_damaged_is_none(library: SipDouble) -> None:
    with opened(library) as server:
        library.fate = lambda code: "deaf" if code == "11" else ""
        [answer] = send(server, event("I1"))
        assert answer.outcome is Outcome.UNKNOWN


def test_a_connection_that_is_gone_is_made_again(library: SipDouble) -> None:
    with opened(library) as server:
        fates = iter(["cut"])
        library.fate = lambda code: next(fates, "") if code == "17" else ""
        [answer] = send(server, event("I1"))
    assert answer.outcome is Outcome.RECORDED
    assert [text[:2] for text in library.received].count("93") == 2


def test_a_system_that_only_answers_logins_is_unreachable_and_nothing_was_sent(
    library: SipDouble,
) -> None:
    with opened(library) as server:
        library.fate = lambda code: "cut" if code == "17" else ""
        with pytest.raises(UnreachableError):
            send(server, event("I1"))
    assert not [text for text in library.received if text.startswith("11")]


def test_wrong_passwords_are_said_to_be_wrong_at_first_and_later(library: SipDouble) -> None:
    server = Sip2Server(library.url)
    with pytest.raises(WrongPasswordError):
        server.sign_in(LOGIN, "wrong")
    server.close()
    with pytest.raises(SessionExpiredError):
        server.look_up_items(["I1"])


def test_hanging_up_wakes_whoever_waits(library: SipDouble) -> None:
    holding = threading.Event()
    reached = threading.Event()

    def fate(code: str) -> str:
        if code == "11":
            reached.set()
            holding.wait(30)
        return ""

    library.fate = fate
    answers: list[Answer] = []
    with opened(library) as server:
        job = server.open_job("CPL", []).id
        thread = threading.Thread(target=lambda: answers.extend(server.submit(job, [event("I1")])))
        thread.start()
        wait_until(reached.is_set)
        server.hang_up()
        thread.join(10)
        holding.set()
    assert [one.outcome for one in answers] == [Outcome.UNKNOWN]


@pytest.mark.promise("sip-alma")
def test_alma_s_rule_is_said_and_the_clock_is_read() -> None:
    with running_sip(library="Alma University") as library, opened(library) as server:
        assert any("Ex Libris" in sentence for sentence in server.limits())
        clock = server.clock()
        assert clock is not None
        assert clock.replace(tzinfo=None) == NOW


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("SIP2://Host", "sip2://host:6001"),
        ("sip2://[::1]:7", "sip2://[::1]:7"),
        ("sip2s://host/", "sip2s://host:6443"),
        ("sip2+https://Host/pmb/", "sip2+https://host/pmb"),
    ],
)
def test_an_address_has_one_spelling(written: str, one: str) -> None:
    assert normalised(written) == one


@pytest.mark.parametrize(
    "bad",
    ["sip2://u:geheim@h", "sip2://", "sip2://h:0", "sip2://h/x", "sip3://h", "sip2+ftp://h",
     "sip2+https://u:geheim@h/"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_its_password(bad: str) -> None:
    with pytest.raises(BadAddressError) as caught:
        open_server(bad) if bad.startswith("sip2") else normalised(bad)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", ["sip2://library.example:6001", "sip2+http://library.example"])
def test_a_password_goes_to_another_machine_in_the_open_only_with_leave(url: str) -> None:
    with pytest.raises(PlainHttpError):
        open_server(url)
    wire_to(url, plain=True).close()


class _Pmb(BaseHTTPRequestHandler):
    """PMB's door for SIP2: a cookie for a sign-in at a database, messages as fields of a form."""

    library: SipDouble
    paths: list[str]

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.paths.append(self.path)
        answer, status, headers = b"<html>Bienvenue</html>", 200, {}
        if self.path == "/main.php":
            if (form["user"], form["password"], form.get("database")) == (
                [LOGIN],
                [PASSWORD],
                ["bibli"],
            ):
                headers = {"Set-Cookie": "PhpMyBibli-SESSID=1; path=/"}
            else:
                status, headers = 302, {"Location": "index.php?login_error=1"}
        elif not form["message"][0].endswith("\r"):
            status = 500
        elif self.headers["Cookie"] == "PhpMyBibli-SESSID=1":
            text, _ay, tail = form["message"][0].rpartition("AY")
            said = self.library.answer(text)
            # It has its own places for what a reader may not, and words for a title.
            said = said.replace("64YYYY", "64 Y Y").replace("AJ|", "AJI9 : document inconnu|")
            said = said.replace("1804", "1801")
            answer = self.library.framed(said, tail[0])
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        pass


def test_pmb_is_asked_over_the_web_without_a_word_in_an_address(library: SipDouble) -> None:
    handler = type("Handler", (_Pmb,), {"library": library, "paths": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        threading.Thread(target=web.serve_forever, args=(0.02,), daemon=True).start()
        url = f"sip2+http://127.0.0.1:{web.server_address[1]}"
        with Sip2Server(url, options={"database": "bibli"}) as server:
            with pytest.raises(WrongPasswordError):
                server.sign_in(LOGIN, "wrong")
            server.sign_in(LOGIN, PASSWORD)
            assert server.abilities.keeps_dates == frozenset()
            [answer] = send(server, event("I1"))
            [reader] = server.look_up_patrons(["P1"])
            library.blocked.add("P2")
            [barred] = server.look_up_patrons(["P2"])
            [lent, nothing] = server.look_up_items(["I1", "I9"])
        web.shutdown()
    assert barred.blocks
    assert lent.on_loan
    assert not nothing.found
    assert not reader.blocks
    assert answer.notes == (Note.DATE_NOT_KEPT,)
    assert (reader.name, reader.items) == ("Zoé", ("I1",))
    assert set(handler.paths) == {"/main.php", "/sip2.php"}


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_pmb_that_is_broken_or_busy_is_not_told_as_another_website(status: int) -> None:
    class Broken(_Pmb):
        def do_POST(self) -> None:
            self.send_error(status)

    with ThreadingHTTPServer(("127.0.0.1", 0), Broken) as web:
        threading.Thread(target=web.serve_forever, args=(0.02,), daemon=True).start()
        with (
            Sip2Server(f"sip2+http://127.0.0.1:{web.server_address[1]}") as server,
            pytest.raises(ServerFailedError if status == 502 else TryLaterError),
        ):
            server.sign_in(LOGIN, PASSWORD)
        web.shutdown()


def test_a_return_through_pmb_is_said_to_be_dated_by_it(library: SipDouble) -> None:
    library.loans["I2"] = SipLoan("P2", NOW, NOW + PERIOD)
    with opened(library, return_dates="false") as server:
        [answer] = send(server, event("I2", ""))
    assert answer.notes == (Note.DATE_NOT_KEPT,)


def test_a_renewal_goes_as_a_loan_and_use_in_the_house_as_a_return(library: SipDouble) -> None:
    library.loans["I1"] = SipLoan("P1", NOW, NOW + PERIOD)
    renewed = replace(event("I1"), operation=Operation.RENEWAL)
    read = replace(event("I2", ""), operation=Operation.IN_HOUSE)
    with opened(library) as server:
        again, here = send(server, renewed, read)
    assert again.outcome is Outcome.RECORDED
    assert Note.RENEWAL in again.notes
    assert here.reason is Reason.NOT_ON_LOAN
    assert library.loans["I1"].renewals == 1
