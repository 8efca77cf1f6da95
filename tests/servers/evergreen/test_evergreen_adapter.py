"""What the adapter makes of each thing that Evergreen can say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from servers.double import LOGIN, PASSWORD, cut_after, error_500, html
from servers.evergreendouble import (
    WORKSTATION,
    ZONE,
    EvergreenDouble,
    running_evergreen,
)

from offcirc.core.answers import Note, Reason
from offcirc.core.transaction import Operation
from offcirc.servers.errors import (
    NotAllowedError,
    NotThisKindOfServerError,
    ServerRefusedError,
    SessionExpiredError,
    TryLaterError,
    UnknownDeskError,
    UnreachableError,
    WrongPasswordError,
)
from offcirc.servers.evergreen.adapter import EvergreenServer
from offcirc.servers.evergreen.events import answer_of, stamps
from offcirc.servers.protocol import Answer, Dated, Event, Outcome
from offcirc.servers.registry import Profile, open_server

DAY = datetime(2018, 3, 6, 10, 0)
OPTIONS = {"workstation": WORKSTATION, "timezone": ZONE.key}


def event(minutes: int, item: str, patron: str = "", day: datetime = DAY) -> Event:
    operation = Operation.LOAN if patron else Operation.RETURN
    key = hashlib.sha256(f"{day} {minutes} {item} {patron}".encode()).hexdigest()
    at = day + timedelta(minutes=minutes)
    return Event(key, at, operation, item, patron, "a.dat", 1)


@pytest.fixture
def evergreen() -> Iterator[EvergreenDouble]:
    with running_evergreen() as double:
        double.items = {f"I{number}": None for number in range(9)}
        double.cards = {"P1", "P2", "BAD"}
        double.blocked = {"BAD": "PATRON_BARRED"}
        yield double


@pytest.fixture
def server(evergreen: EvergreenDouble) -> Iterator[EvergreenServer]:
    with EvergreenServer(evergreen.url, OPTIONS, answer_seconds=0.5, poll_seconds=0) as server:
        server.sign_in(LOGIN, PASSWORD)
        yield server


def lend(evergreen: EvergreenDouble, item: str, card: str, minutes: int = -99) -> None:
    at = (DAY + timedelta(minutes=minutes)).replace(tzinfo=ZONE)
    evergreen.items[item] = (card, at, at.replace(hour=23, minute=59))


def send(server: EvergreenServer, *events: Event) -> list[Answer]:
    return server.submit("job", events)


@pytest.mark.promise("evergreen-says-what-it-keeps")
def test_what_it_keeps_is_said_before(server: EvergreenServer) -> None:
    assert server.abilities.keeps_dates == set(Dated)
    assert not server.abilities.look_up
    assert not server.abilities.dry_run
    hour, workstation, beforehand = server.limits()
    assert "day of a return" in hour
    assert "workstation" in workstation
    assert "before an upload" in beforehand
    assert [item.code for item in server.preflight("x")] == ["desk", "files", "sessions"]
    for asked in (server.look_up_items, server.look_up_patrons):
        with pytest.raises(ServerRefusedError):
            asked(["I1"])
    with pytest.raises(ServerRefusedError):
        server.dry_run(WORKSTATION, [])


def test_who_gets_in(evergreen: EvergreenDouble) -> None:
    profile = Profile(evergreen.url, "evergreen", options=OPTIONS)
    with open_server("lib", {"lib": profile}) as server:
        assert server.sign_in(LOGIN, PASSWORD).desks == (WORKSTATION,)
        assert [desk.code for desk in server.desks()] == [WORKSTATION]
        assert server.identity == f"evergreen {evergreen.url}"
        assert server.finish_job(server.open_job(WORKSTATION, ["a"]).id).finished
        with pytest.raises(UnknownDeskError):
            server.open_job("elsewhere", [])
        with pytest.raises(WrongPasswordError):
            server.sign_in(LOGIN, "wrong")
        for permission in ("OFFLINE_UPLOAD", "OFFLINE_EXECUTE", "OFFLINE_VIEW"):
            evergreen.forbidden = permission
            with pytest.raises(NotAllowedError, match=permission):
                server.sign_in(LOGIN, PASSWORD)
    other = {**OPTIONS, "workstation": "BR1-other"}
    with EvergreenServer(evergreen.url, other) as server, pytest.raises(UnknownDeskError):
        server.sign_in(LOGIN, PASSWORD)
    with (
        EvergreenServer(f"{evergreen.url}/x", OPTIONS) as server,
        pytest.raises(ServerRefusedError),
    ):
        server.sign_in(LOGIN, PASSWORD)


@pytest.mark.promise("evergreen-keeps-times")
def test_times_of_the_desk_and_the_order_of_a_minute(
    evergreen: EvergreenDouble, server: EvergreenServer
) -> None:
    lend(evergreen, "I1", "P1")
    answers = send(
        server, event(0, "I1"), event(0, "I1", "P2"), event(0, "I1"), event(0, "I1", "P1")
    )
    assert [answer.outcome for answer in answers] == [Outcome.RECORDED] * 4
    at = DAY.replace(tzinfo=ZONE)
    assert evergreen.held() == {"I1": ("P1", f"{at:%Y%m%d%H%M}")}
    [loaded] = [body for _m, _p, body in evergreen.requests if "file" in body]
    first = json.loads(loaded["file"].splitlines()[0])
    assert first["backdate"] == "2018-03-06T10:00:00+01:00"
    times = [json.loads(line)["timestamp"] for line in loaded["file"].splitlines()]
    assert times == sorted(set(times))


def test_times_of_scripts_differ() -> None:
    at = datetime(2018, 3, 6, 10, 0, tzinfo=UTC)
    found = stamps([at, at, at, at + timedelta(minutes=1)])
    assert found == [1520330400.0, 1520330400.001, 1520330400.002, 1520330460.0]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (event(0, "NONE", "P1"), Reason.ITEM_UNKNOWN),
        (event(0, "I1", "NOBODY"), Reason.PATRON_UNKNOWN),
        (event(0, "I1", "BAD"), Reason.PATRON_BLOCKED),
        (event(0, "I1"), Reason.NOT_ON_LOAN),
        (event(0, "I2", "P1"), Reason.ON_LOAN_TO_ANOTHER),
    ],
)
def test_why_not(
    evergreen: EvergreenDouble, server: EvergreenServer, what: Event, reason: Reason
) -> None:
    lend(evergreen, "I2", "P2")
    bystander = event(5, "I5", "P1")
    refused, recorded = send(server, what, bystander)
    assert (refused.outcome, refused.reason) == (Outcome.REJECTED, reason)
    assert "_" in refused.message
    assert recorded.outcome is Outcome.RECORDED


@pytest.mark.parametrize(
    ("exception", "command", "answer"),
    [
        (
            {"ilsevent": 5, "textcode": "ROUTE_ITEM"},
            "checkin",
            Answer(Outcome.RECORDED, "ROUTE_ITEM", notes=(Note.IN_TRANSIT,)),
        ),
        (
            {"ilsevent": 5, "textcode": "PATRON_EXCEEDS_FINES", "desc": "Owes."},
            "checkout",
            Answer(Outcome.REJECTED, "PATRON_EXCEEDS_FINES Owes.", reason=Reason.PATRON_BLOCKED),
        ),
        (
            {"ilsevent": 7000, "textcode": "MAX_RENEWALS_REACHED"},
            "renew",
            Answer(
                Outcome.RECORDED,
                "MAX_RENEWALS_REACHED",
                notes=(Note.RENEWAL, Note.RENEWAL_MAXIMUM),
            ),
        ),
        ({"ilsevent": 9}, "checkin", Answer(Outcome.REJECTED, "ilsevent 9")),
        ("?", "checkin", Answer(Outcome.REJECTED, "")),
    ],
)
def test_events_in_our_terms(exception: Any, command: str, answer: Answer) -> None:
    assert answer_of(exception, command) == answer


def test_items_of_other_libraries_go_in_transit(
    evergreen: EvergreenDouble, server: EvergreenServer
) -> None:
    lend(evergreen, "I1", "P1")
    evergreen.elsewhere = {"I1"}
    [answer] = send(server, event(0, "I1"))
    assert (answer.outcome, answer.notes) == (Outcome.RECORDED, (Note.IN_TRANSIT,))


@pytest.mark.promise("evergreen-dates-in-the-future")
def test_a_return_in_the_future_is_done_without_its_date(
    evergreen: EvergreenDouble, server: EvergreenServer
) -> None:
    lend(evergreen, "I1", "P1")
    tomorrow = datetime.now(ZONE).replace(tzinfo=None) + timedelta(days=1)
    back, lent = send(server, event(0, "I1", day=tomorrow), event(1, "I1", "P1", day=tomorrow))
    assert back.notes == (Note.IN_FUTURE, Note.DATE_NOT_KEPT)
    assert lent.notes == (Note.IN_FUTURE,)
    assert evergreen.returned["I1"] <= datetime.now(UTC)


@pytest.mark.promise("evergreen-renewals")
def test_a_loan_to_who_has_the_item_is_a_renewal(
    evergreen: EvergreenDouble, server: EvergreenServer
) -> None:
    lend(evergreen, "I1", "P1")
    lend(evergreen, "I2", "P2")
    evergreen.no_more_renewals = {"I3"}
    lend(evergreen, "I3", "P1")
    renewed, refused, full = send(
        server, event(0, "I1", "P1"), event(1, "I2", "P1"), event(2, "I3", "P1")
    )
    assert (renewed.outcome, renewed.notes) == (Outcome.RECORDED, (Note.RENEWAL,))
    assert (refused.outcome, refused.reason) == (Outcome.REJECTED, Reason.ON_LOAN_TO_ANOTHER)
    assert full.notes == (Note.RENEWAL, Note.RENEWAL_MAXIMUM)
    # By lines of the same evening it is known at once.
    first, again = send(server, event(3, "I4", "P1"), event(4, "I4", "P1"))
    assert (first.notes, again.notes) == ((), (Note.RENEWAL,))
    assert send(server, event(5, "I4", "P1"))[0].notes == (Note.RENEWAL,)
    assert evergreen.done["renewal", "I4", "P1"] == 2
    assert server.look_back([event(0, "I1", "P1"), event(1, "I2", "P1")]) == [renewed, refused]


def test_what_the_desk_meant_is_what_evergreen_is_told(
    evergreen: EvergreenDouble, server: EvergreenServer
) -> None:
    lend(evergreen, "I1", "P1")
    meant = replace(event(0, "I1", "P1"), operation=Operation.RENEWAL)
    used = replace(event(1, "I2"), operation=Operation.IN_HOUSE)
    assert [answer.notes for answer in send(server, meant, used)] == [(Note.RENEWAL,), ()]
    assert evergreen.done["in-house", "I2", "2018-03-06T10:01:00+01:00"] == 1


def test_what_cannot_be_renewed_now_stays_refused(
    evergreen: EvergreenDouble, server: EvergreenServer
) -> None:
    lend(evergreen, "I1", "P1")

    def create_only_once(exchange: Any) -> None:
        exchange.send_json(*exchange.process())
        evergreen.misbehave("create", error_500)

    evergreen.misbehave("create", create_only_once)
    [answer] = send(server, event(0, "I1", "P1"))
    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.ON_LOAN_TO_ANOTHER)
    assert "OPEN_CIRCULATION_EXISTS" in answer.message


@pytest.mark.parametrize("act", ["create", "load"])
def test_before_it_is_executed_nothing_is_done(
    evergreen: EvergreenDouble, server: EvergreenServer, act: str
) -> None:
    for fate in (cut_after, error_500, html):
        evergreen.misbehave(act, fate)
        with pytest.raises(UnreachableError):
            send(server, event(0, "I1", "P1"))
    assert not evergreen.done
    assert server.look_back([event(0, "I1", "P1")]) == [None]


@pytest.mark.promise("evergreen-lost-answers")
def test_a_lost_execution_is_looked_for_and_made_up_for_once(
    evergreen: EvergreenDouble, server: EvergreenServer
) -> None:
    lost = event(0, "I1", "P1")
    evergreen.misbehave("execute", error_500)
    assert send(server, lost)[0].outcome is Outcome.UNKNOWN
    assert server.look_back([lost]) == [None]
    assert send(server, lost)[0].outcome is Outcome.RECORDED
    # In the very same session: nobody can process the first one by hand.
    assert len(evergreen.sessions) == 1
    evergreen.misbehave("execute", cut_after)
    other = event(1, "I2", "P1")
    assert send(server, other)[0].outcome is Outcome.UNKNOWN
    assert server.look_back([other, lost, event(2, "I3")]) == [
        Answer(Outcome.RECORDED),
        Answer(Outcome.RECORDED),
        None,
    ]


def test_a_session_that_could_not_be_executed_yet_waits(
    evergreen: EvergreenDouble, server: EvergreenServer
) -> None:
    evergreen.misbehave("execute", lambda exchange: exchange.send_json(503, {}))
    with pytest.raises(TryLaterError):
        send(server, event(0, "I1", "P1"))
    assert send(server, event(0, "I1", "P1"))[0].outcome is Outcome.RECORDED
    assert len(evergreen.sessions) == 1


def test_a_session_executed_by_somebody_else_meanwhile(
    evergreen: EvergreenDouble, server: EvergreenServer
) -> None:
    def twice(exchange: Any) -> None:
        exchange.process()
        exchange.send_json(*exchange.process())

    evergreen.misbehave("execute", twice)
    assert send(server, event(0, "I1", "P1"))[0].outcome is Outcome.RECORDED
    assert evergreen.done.total() == 1


def test_exceptions_that_never_come_leave_the_lines_unknown(
    evergreen: EvergreenDouble, server: EvergreenServer
) -> None:
    evergreen.away = 1000
    assert send(server, event(0, "I1", "P1"))[0].outcome is Outcome.UNKNOWN


def test_hanging_up_ends_the_wait(evergreen: EvergreenDouble, server: EvergreenServer) -> None:
    evergreen.speed = 0

    def hang_up(exchange: Any) -> None:
        server.hang_up()
        exchange.cut()

    evergreen.misbehave("summary", hang_up)
    assert send(server, event(0, "I1", "P1"))[0].outcome is Outcome.UNKNOWN
    looks = [body for _m, _p, body in evergreen.requests if body.get("status_type") == "summary"]
    assert len(looks) == 4, "three of them by signing in"


def test_a_token_that_is_gone_is_renewed(
    evergreen: EvergreenDouble, server: EvergreenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    evergreen.expire()
    assert send(server, event(0, "I1", "P1"))[0].outcome is Outcome.RECORDED
    evergreen.expire()
    monkeypatch.setattr("servers.evergreendouble.PASSWORD", "changed since")
    with pytest.raises(SessionExpiredError):
        send(server, event(1, "I2", "P1"))


def test_what_is_no_evergreen(evergreen: EvergreenDouble, server: EvergreenServer) -> None:
    evergreen.always("login", html)
    with (
        EvergreenServer(evergreen.url, OPTIONS) as other,
        pytest.raises(NotThisKindOfServerError),
    ):
        other.sign_in(LOGIN, PASSWORD)
    evergreen.misbehave("sessions", lambda exchange: exchange.send_json(200, {"ilsevent": 0}))
    with pytest.raises(NotThisKindOfServerError):
        server.look_back([event(0, "I1")])
