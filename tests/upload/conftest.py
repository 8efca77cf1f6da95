from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.double import LOGIN, PASSWORD, Double, running_double

from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.ledger import Ledger


@pytest.fixture
def double() -> Iterator[Double]:
    with running_double() as double:
        yield double


@pytest.fixture
def open_double(double: Double) -> Iterator[Callable[..., PracticeServer]]:
    """Signs in on the double, as often as wanted."""
    servers: list[PracticeServer] = []

    def signed_in(batch_size: int = 3) -> PracticeServer:
        server = PracticeServer(double.url, batch_size=batch_size, answer_seconds=0.4)
        servers.append(server)
        server.sign_in(LOGIN, PASSWORD)
        return server

    yield signed_in
    for server in servers:
        server.close()


@pytest.fixture
def server(open_double: Callable[..., PracticeServer]) -> PracticeServer:
    return open_double()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "data" / "ledger.db") as ledger:
        yield ledger
