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
