"""The practice server's adapter, against a server that can be told to misbehave."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
from servers import double as wrong
from servers.double import LOGIN, PASSWORD, Double

from offcirc.core.transaction import Operation
from offcirc.servers.errors import (
    NotAllowedError,
    NotThisKindOfServerError,
    ServerError,
    ServerFailedError,
    ServerRefusedError,
    SessionExpiredError,
    TryLaterError,
    UnknownDeskError,
    UnreachableError,
    WrongPasswordError,
)
from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Answer, Event, Outcome

AT = datetime(2018, 1, 15, 14, 20)


def event(number: int, item: str = "", patron: str = "SECRET-READER") -> Event:
    return Event(
        f"{number:064x}", AT, Operation.LOAN, item or f"I{number}", patron, "a.dat", number
    )


def test_signing_in_tells_who_and_where(double: Double) -> None:
    with PracticeServer(double.url) as server:
        account = server.sign_in(LOGIN, PASSWORD)
        assert (account.login, account.name, account.desks) == (LOGIN, "Référent", ("D1",))
        assert server.identity == "offcirc-practice double-1"
        assert [desk.code for desk in server.desks()] == ["D1"]


def test_each_event_gets_its_answer_in_order(
    server: PracticeServer, job: str, double: Double
) -> None:
    answers = server.submit(job, [event(1), event(2, "UNKNOWN9"), event(3)])
    assert [answer.outcome for answer in answers] == [
        Outcome.RECORDED,
        Outcome.REJECTED,
        Outcome.RECORDED,
    ]
    assert answers[1].message == "Item not found. Barcode: UNKNOWN9"
    assert double.order == ["I1", "UNKNOWN9", "I3"]
    again = server.submit(job, [event(1)])
    assert again[0].replayed
    assert double.applied[event(1).key] == 1


def test_what_is_sent_of_an_event(server: PracticeServer, job: str, double: Double) -> None:
    returned = Event("ab", AT, Operation.RETURN, "I1", "", "a.dat", 7)
    server.submit(job, [event(1), returned])
    loan, back = double.requests[-1][2]["transactions"]
    assert loan == {
        "key": event(1).key,
        "file": "a.dat",
        "line": 1,
        "at": "2018-01-15T14:20",
        "operation": "L",
        "item": "I1",
        "patron": "SECRET-READER",
    }
    assert back["operation"] == "R"
    assert "patron" not in back


@pytest.mark.parametrize(
    "how",
    [*wrong.UNANSWERED, wrong.not_even_a_list],
)
def test_sent_and_not_properly_answered_is_unknown_and_sent_once(
    server: PracticeServer, job: str, double: Double, how: wrong.Misbehaviour
) -> None:
    double.misbehave("/transactions", how)
    answers = server.submit(job, [event(1), event(2)])
    assert [answer.outcome for answer in answers] == [Outcome.UNKNOWN] * 2
    assert [path for _method, path, _body in double.requests].count(
        f"/api/v1/jobs/{job}/transactions"
    ) == 1


@pytest.mark.parametrize("how", [wrong.error_500, wrong.error_500_after, wrong.error_502_html])
def test_an_inner_error_of_the_server(
    server: PracticeServer, job: str, double: Double, how: wrong.Misbehaviour
) -> None:
    double.misbehave("/transactions", how)
    with pytest.raises(ServerFailedError):
        server.submit(job, [event(1)])


def test_no_connection_means_certainly_not_sent(
    server: PracticeServer, job: str, double: Double
) -> None:
    double.stop()
    server.close()
    with PracticeServer(double.url) as other, pytest.raises(UnreachableError):
        other.submit(job, [event(1)])
    assert not double.applied


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("soon", None),
        ("9" * 400, 3600.0),
        ("Fri, 01 Jan 9999 00:00:00 GMT", 3600.0),
        ("Fri, 01 Jan 100000000000000000000 00:00:00 GMT", None),
        ("Fri, 01 Jan 9999 00:00:00 -9999", None),
    ],
)
def test_a_busy_server_says_how_long(
    server: PracticeServer, job: str, double: Double, header: str, seconds: float | None
) -> None:
    double.misbehave("/transactions", wrong.busy(header))
    with pytest.raises(TryLaterError) as caught:
        server.submit(job, [event(1)])
    assert caught.value.retry_after == seconds


def test_an_expired_session_is_renewed_once(
    server: PracticeServer, job: str, double: Double
) -> None:
    double.forget_sessions()
    assert server.submit(job, [event(1)])[0].outcome is Outcome.RECORDED
    assert double.sign_ins == 2


def test_a_session_that_expires_at_once_is_not_renewed_for_ever(
    server: PracticeServer, job: str, double: Double
) -> None:
    double.always("/transactions", wrong.refuse(401, "session-expired"))
    with pytest.raises(SessionExpiredError):
        server.submit(job, [event(1)])
    assert double.sign_ins == 2


def test_a_password_that_was_changed_meanwhile(
    server: PracticeServer, job: str, double: Double
) -> None:
    double.forget_sessions()
    double.always("/session", wrong.refuse(401, "bad-credentials"))
    with pytest.raises(SessionExpiredError):
        server.submit(job, [event(1)])


def test_a_lost_sign_in_is_not_a_lost_transaction(
    server: PracticeServer, job: str, double: Double
) -> None:
    double.forget_sessions()
    double.misbehave("/session", wrong.cut_after)
    with pytest.raises(UnreachableError):
        server.submit(job, [event(1)])
    assert not double.applied


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "limited-role", NotAllowedError),
        (403, "desk-not-allowed", NotAllowedError),
        (404, "unknown-desk", UnknownDeskError),
        (422, "key-reused", ServerRefusedError),
        (413, "too-large", ServerRefusedError),
    ],
)
def test_refusals_of_the_whole_request(
    server: PracticeServer, double: Double, status: int, code: str, error: type[ServerError]
) -> None:
    double.misbehave("/jobs", wrong.refuse(status, code))
    with pytest.raises(error) as caught:
        server.open_job("D1", [])
    assert code in caught.value.words()


@pytest.mark.parametrize("how", [wrong.html, wrong.redirect, wrong.refuse(404, "")])
def test_something_else_answers_at_this_address(double: Double, how: wrong.Misbehaviour) -> None:
    double.misbehave("/health", how)
    with PracticeServer(double.url) as server, pytest.raises(NotThisKindOfServerError):
        server.sign_in(LOGIN, PASSWORD)
    assert double.sign_ins == 0
    assert all(path != "/api/v1/session" for _method, path, _body in double.requests)


def test_a_wrong_password_is_told_and_sent_in_no_address(double: Double) -> None:
    with PracticeServer(double.url) as server, pytest.raises(WrongPasswordError):
        server.sign_in(LOGIN, "S3CRET")
    assert all("S3CRET" not in path for _method, path, _body in double.requests)


def test_look_back_knows_what_came_through(
    server: PracticeServer, job: str, double: Double
) -> None:
    server.submit(job, [event(1), event(2, "UNKNOWN9")])
    found = server.look_back([event(3), event(2, "UNKNOWN9"), event(1)])
    assert [answer and answer.outcome for answer in found] == [
        None,
        Outcome.REJECTED,
        Outcome.RECORDED,
    ]


def test_look_back_takes_any_number(server: PracticeServer, double: Double) -> None:
    found = server.look_back([event(number) for number in range(2345)])
    assert found == [None] * 2345
    sizes = [len(body["keys"]) for _m, path, body in double.requests if path.endswith("/keys")]
    assert sizes == [1000, 1000, 345]


def test_a_dry_run_applies_nothing(server: PracticeServer, double: Double) -> None:
    answers = server.dry_run("D1", [event(1), event(2, "UNKNOWN9")])
    assert [answer.outcome for answer in answers] == [Outcome.RECORDED, Outcome.REJECTED]
    assert not double.applied


@pytest.mark.promise("readers-are-private")
def test_readers_are_in_no_address_and_no_error(
    server: PracticeServer, job: str, double: Double
) -> None:
    errors = []
    for how in (wrong.busy(), wrong.error_500, wrong.refuse(422, "key-reused")):
        double.misbehave("/transactions", how)
        with pytest.raises(ServerError) as caught:
            server.submit(job, [event(1)])
        errors.append(f"{caught.value} {caught.value.words()}")
    assert not any("SECRET-READER" in text for text in errors)
    assert all("SECRET-READER" not in path for _method, path, _body in double.requests)


@pytest.mark.usefixtures("proxied")
def test_this_machine_s_own_addresses_go_through_no_proxy(double: Double) -> None:
    with PracticeServer(double.url) as server:
        server.sign_in(LOGIN, PASSWORD)


def test_hanging_up_ends_what_is_under_way_and_nothing_else(double: Double) -> None:
    with PracticeServer(double.url, answer_seconds=3600) as server:
        server.sign_in(LOGIN, PASSWORD)
        job = server.open_job("D1", []).id
        answers: list[Answer] = []
        arrived = threading.Event()

        def hang(exchange: wrong.Exchange) -> None:
            arrived.set()
            exchange.hang()

        double.misbehave("/transactions", hang)
        asking = threading.Thread(target=lambda: answers.extend(server.submit(job, [event(1)])))
        asking.start()
        assert arrived.wait(20)
        server.hang_up()
        asking.join(20)
        assert [answer.outcome for answer in answers] == [Outcome.UNKNOWN]
        assert server.submit(job, [event(1)])[0].outcome is Outcome.RECORDED


def test_a_session_is_renewed_once_for_many_threads(double: Double) -> None:
    with PracticeServer(double.url) as server:
        server.sign_in(LOGIN, PASSWORD)
        job = server.open_job("D1", []).id
        double.forget_sessions()
        together = threading.Barrier(6, timeout=20)

        def ask(number: int) -> Outcome:
            together.wait()
            return server.submit(job, [event(number)])[0].outcome

        with ThreadPoolExecutor(6) as pool:
            outcomes = list(pool.map(ask, range(6)))
    assert outcomes == [Outcome.RECORDED] * 6
    assert double.sign_ins == 2


@pytest.mark.parametrize("status", [429, 503])
def test_whoever_is_busy_in_html_is_given_time(
    server: PracticeServer, job: str, double: Double, status: int
) -> None:
    def busy(exchange: wrong.Exchange) -> None:
        exchange.send(status, b"<h1>Slow down</h1>", "text/html", {"Retry-After": "17"})

    double.misbehave("/transactions", busy)
    with pytest.raises(TryLaterError) as caught:
        server.submit(job, [event(1)])
    assert caught.value.retry_after == 17


def test_a_time_is_told_as_finely_as_it_is_known(
    server: PracticeServer, job: str, double: Double
) -> None:
    exact = datetime(2018, 1, 15, 14, 20, 31, 250_000)
    events = [
        replace(event(n), at=at) for n, at in enumerate([AT, exact, exact.replace(microsecond=0)])
    ]
    server.submit(job, events)
    [(_method, _path, body)] = double.requests[-1:]
    assert [one["at"] for one in body["transactions"]] == [
        "2018-01-15T14:20",
        "2018-01-15T14:20:31.250",
        "2018-01-15T14:20:31",
    ]
