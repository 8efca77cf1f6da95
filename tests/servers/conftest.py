from collections.abc import Iterator

import pytest
from servers.double import LOGIN, PASSWORD, Double, running_double

from offcirc.servers.practice import PracticeServer


@pytest.fixture
def double() -> Iterator[Double]:
    with running_double() as double:
        yield double


@pytest.fixture
def server(double: Double) -> Iterator[PracticeServer]:
    """Signed in, and impatient."""
    with PracticeServer(double.url, answer_seconds=0.5) as server:
        server.sign_in(LOGIN, PASSWORD)
        yield server


@pytest.fixture
def job(server: PracticeServer) -> str:
    return server.open_job("D1", ["a.dat"]).id


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
