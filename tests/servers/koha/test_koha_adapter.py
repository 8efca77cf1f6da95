"""The adapter for Koha against a small Koha on a real socket."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from helpers.library import begin_library
from servers import double as wrong
from servers.double import running_double
from servers.kohadouble import CLIENT, PASSWORD, READER, SECRET, STAFF, KohaDouble, running_koha
from servers.sipdouble import LOGIN, NOW, PERIOD, SipDouble, SipLoan, running_sip
from servers.sipdouble import PASSWORD as SIP_PASSWORD

from offcirc.core.answers import Note, Reason
from offcirc.core.transaction import Operation
from offcirc.practice.web.serve import running
from offcirc.servers import passwordstore
from offcirc.servers.errors import (
    NotAllowedError,
    NotStaffError,
    NotThisKindOfServerError,
    ServerError,
    ServerFailedError,
    SessionExpiredError,
    TryLaterError,
    UnreachableError,
    WrongPasswordError,
)
from offcirc.servers.koha.server import KohaServer
from offcirc.servers.protocol import Account, Answer, Event, Outcome, Server
from offcirc.servers.registry import open_server, profile_of
from offcirc.servers.sip2.server import Sip2Server
from offcirc.settings.load import ServerSettings

HELP = "bac-a-sable-1"
AT = datetime(2026, 11, 20, 10, 11, 12)


@pytest.fixture
def koha() -> Iterator[KohaDouble]:
    with running_koha() as double:
        for code in ("I1", "I2", "I3"):
            double.add_item(code)
        for card in ("P1", "P2"):
            double.add_patron(card)
        yield double


def opened(koha: KohaDouble, login: str = STAFF, **ways: Any) -> KohaServer:
    server = KohaServer(koha.url, answer_seconds=5, **ways)
    server.sign_in(login, PASSWORD)
    return server


def event(item: str, patron: str = "P1", at: datetime = AT) -> Event:
    operation = Operation.LOAN if patron else Operation.RETURN
    return Event("k", at, operation, item, patron, "a.dat", 1)


def send(server: Server, *events: Event) -> list[Answer]:
    job = server.open_job("CPL", ["a.dat"]).id
    return [answer for one in events for answer in server.submit(job, [one])]


@pytest.mark.promise("koha-keeps-times")
@pytest.mark.parametrize("tokens", [True, False])
def test_a_loan_and_its_return_are_kept_to_the_second_on_both_kinds_of_koha(
    koha: KohaDouble, tokens: bool
) -> None:
    koha.tokens = tokens
    with opened(koha) as server:
        back = AT.replace(hour=11)
        assert [
            one.outcome for one in send(server, event("I1"), event("I2"), event("I2", "", back))
        ]
    assert koha.holder("I1") == ("P1", AT)
    assert [(loan.lent_at, loan.returned_at) for loan in koha.past] == [(AT, back)]


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="a zone of its own: only on POSIX")
def test_times_go_out_in_utc(koha: KohaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        with opened(koha) as server:
            send(server, event("I1"))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert koha.lines[0]["timestamp"] == "2026-11-20 09:11:12"


@pytest.mark.parametrize("tokens", [True, False])
def test_neither_password_nor_reader_nor_token_stands_in_an_address(
    koha: KohaDouble, tokens: bool
) -> None:
    koha.tokens = tokens
    with opened(koha) as server:
        send(server, event("I1"))
        server.look_up_patrons(["P1"])
        server.look_back([event("I1")])
    told = " ".join(koha.paths)
    assert "service.pl" in told
    assert "checkouts" in told
    assert not any(secret in told for secret in (PASSWORD, "P1", STAFF, "csrf"))


def test_koha_s_refusals_have_reasons(koha: KohaDouble) -> None:
    with opened(koha) as server:
        answers = send(
            server, event("NO"), event("NO", ""), event("I1", "STRANGER"), event("I1", "")
        )
    assert [(one.outcome, one.reason, one.message) for one in answers] == [
        (Outcome.REJECTED, Reason.ITEM_UNKNOWN, "Barcode not found."),
        (Outcome.REJECTED, Reason.ITEM_UNKNOWN, "Item not found."),
        (Outcome.REJECTED, Reason.PATRON_UNKNOWN, "Borrower not found."),
        (Outcome.REJECTED, Reason.NOT_ON_LOAN, "Item not issued."),
    ]


@pytest.mark.promise("koha-readers-are-refused")
@pytest.mark.parametrize("tokens", [True, False])
def test_a_wrong_password_and_the_account_of_a_reader_are_refused(
    koha: KohaDouble, tokens: bool
) -> None:
    koha.tokens = tokens
    server = KohaServer(koha.url)
    with pytest.raises(WrongPasswordError):
        server.sign_in(STAFF, "wrong")
    # Koha itself would take every loan that this account sends.
    koha.lax = True
    with pytest.raises(NotStaffError) as told:
        server.sign_in(READER, PASSWORD)
    assert "Circulation Desk Operator" not in told.value.words(), "Koha has no such role"
    koha.lax = False
    with pytest.raises(WrongPasswordError if tokens else NotAllowedError):
        server.sign_in(READER, PASSWORD)
    assert isinstance(server.sign_in(STAFF, PASSWORD), Account)
    server.close()


def test_an_expired_session_is_renewed_in_the_middle_of_an_upload(koha: KohaDouble) -> None:
    with opened(koha) as server:
        send(server, event("I1"))
        koha.forget_sessions()
        [answer] = send(server, event("I2"))
    assert answer.outcome is Outcome.RECORDED
    assert [line["barcode"] for line in koha.lines] == ["I1", "I2"]


def test_what_is_no_koha_gets_no_password(koha: KohaDouble) -> None:
    with running_double() as other:
        other.always("/svc/authentication", wrong.html)
        with KohaServer(other.url) as server, pytest.raises(NotThisKindOfServerError):
            server.sign_in(STAFF, PASSWORD)
        assert [method for method, _path, _body in other.requests] == ["GET"]


@pytest.mark.parametrize("tokens", [True, False])
def test_an_expired_session_is_renewed_to_look_up(koha: KohaDouble, tokens: bool) -> None:
    koha.tokens, koha.basic = tokens, False
    with opened(koha) as server:
        koha.forget_sessions()
        assert server.look_up_items(["I1"])[0].found
        koha.forget_sessions()
        assert server.look_back([event("I1")]) == [None]


def test_a_password_that_has_changed_ends_the_upload(koha: KohaDouble) -> None:
    koha.tokens = False
    with opened(koha) as server:
        server._session._credentials = (STAFF, "old")
        with pytest.raises(SessionExpiredError):
            send(server, event("I1"))
    assert koha.lines == []


@pytest.mark.parametrize(("fault", "outcome"), [("before", "rejected"), ("after", "recorded")])
def test_a_line_that_koha_breaks_down_on_is_that_line_s_fault(
    koha: KohaDouble, fault: str, outcome: str
) -> None:
    koha.poison["I1"] = fault
    with opened(koha) as server:
        broken, next_one = send(server, event("I1"), event("I2"))
    assert broken.outcome == outcome
    assert next_one.outcome is Outcome.RECORDED


def test_the_queue_takes_lines_for_review_but_none_that_it_would_cut_off(koha: KohaDouble) -> None:
    koha.add_item("I" * 21)
    with opened(koha, queue=True) as server:
        queued, too_long = send(server, event("I1"), event("I" * 21))
        assert not server.abilities.look_back
    assert (queued.outcome, queued.notes) == (Outcome.RECORDED, (Note.AWAITS_REVIEW,))
    assert too_long.outcome is Outcome.REJECTED
    assert [(line["barcode"], line["branchcode"]) for line in koha.queue] == [("I1", "CPL")]
    assert koha.lines == []


@pytest.mark.parametrize("way", ["basic", "session", "client"])
def test_items_and_readers_are_looked_up_whatever_way_there_is(
    koha: KohaDouble, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    koha.basic, koha.session_rest = way == "basic", way == "session"
    monkeypatch.setenv("OFFCIRC_CLIENT_SECRET", SECRET)
    koha.add_patron("OLD", userid="old.reader", expires="2020-01-01", restricted=True)
    koha.add_item("REF", not_for_loan=1)
    koha.lend("I1", "OLD", AT)
    with opened(koha, client_id=CLIENT if way == "client" else "") as server:
        assert server.abilities.look_up
        item, reference, none = server.look_up_items(["i1", "REF", "NO"])
        patron, nobody = server.look_up_patrons(["old.reader", "NO"])
    assert (item.barcode, item.on_loan, item.patron, item.lent_at) == ("i1", True, "OLD", AT)
    assert (reference.loanable, reference.on_loan, none.found) == (False, False, False)
    assert (patron.blocks, patron.items) == (("restricted", "expired"), ("I1",))
    assert (patron.known_as, nobody.found) == (("OLD", "old.reader"), False)


def test_thousands_of_items_are_looked_up_in_a_few_requests(koha: KohaDouble) -> None:
    codes = [f"B{number}" for number in range(1200)]
    for code in codes:
        koha.add_item(code)
    with opened(koha) as server:
        before = len(koha.paths)
        assert all(found.found for found in server.look_up_items(codes))
        assert len(koha.paths) - before <= 36


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ({"rest": ""}, "does not answer"),
        ({"rest": "old"}, "too old"),
        ({"permitted": False}, "may not look up"),
    ],
)
def test_a_koha_that_cannot_be_asked_says_so_and_is_not_asked(
    koha: KohaDouble, ways: dict[str, Any], said: str
) -> None:
    for name, value in ways.items():
        setattr(koha, name, value)
    with opened(koha) as server:
        assert not server.abilities.look_up
        assert not server.abilities.look_back
        assert said in " ".join(server.limits())
        koha.swallow = lambda form: True
        assert [one.outcome for one in send(server, event("I1"))] == [Outcome.UNKNOWN]


def test_another_server_looks_up_where_koha_cannot_be_asked(
    koha: KohaDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any server that can look up does: here a practice server, signed in with a kept password."""
    koha.rest = ""
    with running(None, begin_library(tmp_path / "library")) as helper_url:
        kept = {"referent": HELP, "other": "wrong"}
        monkeypatch.setattr(passwordstore, "kept", lambda url, user: kept.get(user, ""))
        settings = {
            "koha": ServerSettings("koha", koha.url, "koha", options={"look_up": "beside"}),
            "beside": ServerSettings("beside", helper_url, "practice", user="referent"),
        }
        named = {name: profile_of(one, settings) for name, one in settings.items()}
        with open_server("koha", named) as server:
            server.sign_in(STAFF, PASSWORD)
            assert server.abilities.look_up
            assert helper_url in " ".join(server.limits())
            [found] = server.look_up_items(["37000034179"])
            assert found.found
            back = event("37000034179", "")
            # What was not sent just now may have been recorded, and undone since.
            [unsure] = server.look_back([back])
            assert unsure is not None
            assert unsure.outcome is Outcome.UNKNOWN
            koha.add_item("37000034179")
            send(server, back)
            assert server.look_back([back]) == [None]
        settings["beside"] = replace(settings["beside"], user="other")
        named = {name: profile_of(one, settings) for name, one in settings.items()}
        with open_server("koha", named) as server, pytest.raises(WrongPasswordError) as told:
            server.sign_in(STAFF, PASSWORD)
        assert helper_url in told.value.words()


class TestLookedUpOverSip:
    """Koha without REST, and SIP2 beside it: what was so before a line tells what became of it."""

    @pytest.fixture
    def sip(self, koha: KohaDouble) -> Iterator[SipDouble]:
        koha.rest = ""
        facts = {"items": {"I1": "Germinal"}, "patrons": {"P1": "Zoé"}}
        with running_sip(**facts) as library:
            library.loans["I1"] = SipLoan("P1", NOW, NOW + PERIOD)
            koha.lend("I1", "P1", NOW)
            yield library

    def ask(self, koha: KohaDouble, sip: SipDouble, one: Event) -> list[str]:
        """What is said at once, and what after a look."""

        def helper() -> Server:
            beside = Sip2Server(sip.url)
            beside.sign_in(LOGIN, SIP_PASSWORD)
            return beside

        with opened(koha, helper=helper) as server:
            [answer] = send(server, one)
            [found] = server.look_back([one])
            return [answer.outcome.value, found.outcome.value if found else "absent"]

    def test_a_renewal_that_was_not_done_is_not_taken_for_the_loan_before(
        self, koha: KohaDouble, sip: SipDouble
    ) -> None:
        koha.poison["I1"] = "before"
        assert self.ask(koha, sip, event("I1")) == ["unknown", "unknown"]
        assert koha.lines == []

    def test_a_renewal_that_was_done_is_seen_by_its_due_date(
        self, koha: KohaDouble, sip: SipDouble
    ) -> None:
        def renewed(form: dict[str, str]) -> bool:
            sip.loans["I1"].due_at += PERIOD
            return True

        koha.swallow = renewed
        assert self.ask(koha, sip, event("I1")) == ["unknown", "recorded"]

    def test_a_return_that_was_done_is_not_called_refused(
        self, koha: KohaDouble, sip: SipDouble
    ) -> None:
        koha.swallow = lambda form: bool(sip.loans.pop("I1"))
        assert self.ask(koha, sip, event("I1", "")) == ["unknown", "recorded"]

    def test_a_loan_seen_only_afterwards_may_be_that_of_another_line(
        self, koha: KohaDouble, sip: SipDouble
    ) -> None:
        """Another run of the program sent it: renewed or not, who can say?"""
        koha.swallow = lambda form: True
        beside = Sip2Server(sip.url)
        beside.sign_in(LOGIN, SIP_PASSWORD)
        with opened(koha, helper=lambda: beside) as server:
            [found] = server.look_back([event("I1")])
        assert found is not None
        assert found.outcome is Outcome.UNKNOWN

    def test_a_line_waits_until_it_can_be_looked_at(self, koha: KohaDouble, sip: SipDouble) -> None:
        sip.fate = lambda code: "cut" if code == "17" else ""
        with pytest.raises(UnreachableError):
            self.ask(koha, sip, event("I1"))
        assert koha.lines == []


@pytest.mark.parametrize(("status", "error"), [(500, ServerFailedError), (503, TryLaterError)])
def test_a_fault_of_the_moment_is_not_taken_for_what_koha_cannot_do(
    koha: KohaDouble, status: int, error: type[ServerError]
) -> None:
    """Lines whose answers were lost would then be given up, and those after them sent."""
    koha.rest_status = status
    with KohaServer(koha.url) as server, pytest.raises(error):
        server.sign_in(STAFF, PASSWORD)


class TestLostAnswers:
    """What became of a line is read from the loans."""

    def ask(self, koha: KohaDouble, *events: Event) -> list[str]:
        with opened(koha) as server:
            return [
                "absent"
                if one is None
                else one.reason
                if one.outcome == "rejected"
                else one.outcome
                for one in server.look_back(events)
            ]

    def test_a_loan_that_is_there_is_recorded_and_one_that_is_not_is_absent(
        self, koha: KohaDouble
    ) -> None:
        koha.lend("I1", "P1", AT)
        assert self.ask(koha, event("I1"), event("I2"), event("I1", "p1")) == [
            "recorded",
            "absent",
            "recorded",
        ]

    def test_a_renewal_is_told_by_its_own_time(self, koha: KohaDouble) -> None:
        koha.lend("I1", "P1", AT.replace(day=1))
        assert self.ask(koha, event("I1")) == ["absent"]
        koha.loans[1].renewed_at = AT
        assert self.ask(koha, event("I1")) == ["recorded"]
        koha.loans[1].renewed_at = AT.replace(day=21)
        assert self.ask(koha, event("I1")) == ["unknown"]
        koha.loans[1].renewed_at = AT.replace(hour=0, minute=0, second=0)
        assert self.ask(koha, event("I1")) == ["unknown"]

    def test_something_newer_keeps_a_line_from_being_sent_again(self, koha: KohaDouble) -> None:
        koha.lend("I1", "P2", AT.replace(day=21))
        assert self.ask(koha, event("I1"), event("I1", "")) == ["later-action", "later-action"]

    def test_a_return_is_found_in_the_history(self, koha: KohaDouble) -> None:
        koha.lend("I1", "P1", AT.replace(day=1))
        assert self.ask(koha, event("I1", "")) == ["absent"]
        with opened(koha) as server:
            send(server, event("I1", ""))
        assert self.ask(koha, event("I1", "")) == ["recorded"]

    def test_a_loan_that_was_returned_since_is_not_made_again(self, koha: KohaDouble) -> None:
        with opened(koha) as server:
            send(server, event("I1"), event("I1", "", AT.replace(day=22)))
            send(server, event("I2"), event("I2", "P2", AT.replace(day=22)))
        assert self.ask(koha, event("I1"), event("I2")) == ["recorded", "recorded"]
        late = AT.replace(day=21)
        assert self.ask(koha, event("I1", "P2", late), event("I2", "P1", late)) == [
            "later-action",
            "later-action",
        ]
