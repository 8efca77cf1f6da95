"""Odd, broken and hostile servers: what is said is true, nothing is sent or read amiss."""

import socket
import ssl
import threading
from pathlib import Path

import pytest
from servers import double as wrong
from servers.double import LOGIN, PASSWORD, Double
from servers.test_practice_adapter import event
from upload.postoffice import certificate

from offcirc.servers import values
from offcirc.servers.errors import (
    CertificateError,
    EncryptionError,
    NotThisKindOfServerError,
    PlainHttpError,
    RedirectedError,
    ServerError,
    ServerFailedError,
    TooManyPasswordsError,
    TooSlowError,
    TryLaterError,
    UnreachableError,
)
from offcirc.servers.http import JsonClient
from offcirc.servers.practice import PracticeServer
from offcirc.servers.protocol import Outcome
from offcirc.servers.registry import Profile, open_server


@pytest.mark.parametrize("how", [wrong.redirect, wrong.redirect_nowhere])
def test_a_redirect_is_told_as_one_and_not_followed(
    double: Double, how: wrong.Misbehaviour
) -> None:
    double.misbehave("/health", how)
    with PracticeServer(double.url) as server, pytest.raises(RedirectedError) as caught:
        server.sign_in(LOGIN, PASSWORD)
    assert "sends us on to http" in caught.value.words()
    assert "S3CRET" not in f"{caught.value} {caught.value.words()}"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, TryLaterError),
        (500, ServerFailedError),
        (502, ServerFailedError),
        (503, TryLaterError),
    ],
)
def test_what_is_broken_or_busy_at_the_door_is_not_told_as_another_website(
    double: Double, status: int, error: type[ServerError]
) -> None:
    def broken(exchange: wrong.Exchange) -> None:
        exchange.send(status, b"<h1>Bad gateway</h1>", "text/html", {"Retry-After": "9"})

    double.misbehave("/health", broken)
    with PracticeServer(double.url) as server, pytest.raises(ServerError) as caught:
        server.sign_in(LOGIN, PASSWORD)
    assert type(caught.value) is error


def test_a_redirect_of_transactions_leaves_them_unknown(
    server: PracticeServer, job: str, double: Double
) -> None:
    double.misbehave("/transactions", wrong.redirect_nowhere)
    assert server.submit(job, [event(1)])[0].outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("how", [wrong.nested, wrong.packed])
def test_an_answer_that_would_fill_the_memory_is_not_read(
    double: Double, how: wrong.Misbehaviour
) -> None:
    double.misbehave("/health", how)
    with PracticeServer(double.url) as server, pytest.raises(NotThisKindOfServerError):
        server.sign_in(LOGIN, PASSWORD)
    assert double.headers[-1]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("how", [wrong.dripping_headers, wrong.dripping_body, wrong.hang])
def test_the_whole_exchange_has_one_time_limit(double: Double, how: wrong.Misbehaviour) -> None:
    double.misbehave("/health", how)
    with (
        PracticeServer(double.url, answer_seconds=0.3) as server,
        pytest.raises(TooSlowError, match="ReadTimeout") as caught,
    ):
        server.sign_in(LOGIN, PASSWORD)
    assert "takes too long" in caught.value.words()


def test_a_server_that_does_not_listen_is_given_up(tmp_path: Path) -> None:
    """It takes a little at a time, so that no single wait is long."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        done = threading.Event()

        def listen() -> None:
            connection, _address = deaf.accept()
            with connection:
                while not done.wait(0.05):
                    connection.recv(2000)

        thread = threading.Thread(target=listen)
        thread.start()
        client = JsonClient(f"http://127.0.0.1:{deaf.getsockname()[1]}", answer_seconds=0.5)
        try:
            with pytest.raises(TooSlowError):
                client.ask("POST", "/x", {"x": "y" * 30_000_000})
        finally:
            done.set()
            client.close()
            thread.join()


@pytest.fixture
def encrypted(double: Double, tmp_path: Path) -> str:
    """The double's address behind a certificate that nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    double.stop()
    double.start(context)
    return double.url.replace("http:", "https:")


def test_a_certificate_that_nobody_vouches_for_is_told(encrypted: str, double: Double) -> None:
    with PracticeServer(encrypted) as server, pytest.raises(CertificateError) as caught:
        server.sign_in(LOGIN, PASSWORD)
    assert "self-signed certificate" in caught.value.words()
    assert double.requests == []


def test_a_server_without_encryption_is_told(double: Double) -> None:
    url = double.url.replace("http:", "https:")
    with PracticeServer(url) as server, pytest.raises(EncryptionError) as caught:
        server.sign_in(LOGIN, PASSWORD)
    assert "not with an encrypted connection" in caught.value.words()


def test_too_many_wrong_passwords_are_told(double: Double) -> None:
    double.misbehave("/session", wrong.refuse(429, "too-many-passwords"))
    with PracticeServer(double.url) as server, pytest.raises(TooManyPasswordsError, match="Too"):
        server.sign_in(LOGIN, PASSWORD)


@pytest.mark.parametrize(
    "url",
    [
        "http://library.example",
        "http://192.0.2.7:8000",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://[2001:db8::1]",
    ],
)
@pytest.mark.promise("only-over-https")
def test_nothing_goes_to_another_machine_unencrypted(url: str) -> None:
    with pytest.raises(PlainHttpError) as caught:
        open_server(url)
    assert "https://" in caught.value.words()
    with open_server("a", {"a": Profile(url, plain_http=True)}) as server:
        assert server.url == url


@pytest.mark.usefixtures("proxied")
def test_what_may_go_unencrypted_goes_through_no_proxy_either(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", double.url)
    with (
        PracticeServer("http://library.invalid", plain_http=True) as server,
        pytest.raises(UnreachableError),
    ):
        server.sign_in(LOGIN, "S3CRET")
    assert double.requests == []


def test_values_that_no_library_has_are_as_if_they_were_not_there() -> None:
    row = {
        "t": "a\ud800",
        "n": 10**30,
        "m": "9999-12-31T23:59:59-23:00",
        "s": [1, ["x"], "y\udfff"],
    }
    assert (values.text(row, "t"), values.number(row, "n")) == ("a?", 0)
    assert (values.moment(row, "m"), values.texts(row, "s")) == (None, ("y?",))
