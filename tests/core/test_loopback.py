"""What is this machine, and what only looks like it."""

import pytest

from offcirc.core.loopback import is_this_machine, names_this_machine

HOSTILE = [
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "[::1].evil.example",
    "127.evil",
    "127.0.0.1@evil.example",
    "evil.example/127.0.0.1",
    "evil.example#127.0.0.1",
    "0x7f.1",
    "",
    "[127.0.0.1",
    "::1",
]


@pytest.mark.parametrize("host", HOSTILE)
def test_what_only_looks_like_this_machine(host: str) -> None:
    assert not is_this_machine(f"http://{host}")
    assert not is_this_machine(f"http://{host}:8000/x")
    assert not names_this_machine(host, 80)
    assert not names_this_machine(f"{host}:8000", 8000)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LocalHost", "127.8.9.1", "[::1]"])
def test_this_machine_at_its_port(host: str) -> None:
    assert is_this_machine(f"https://{host}:8000/x")
    assert names_this_machine(f"{host}:8000", 8000)
    assert not names_this_machine(f"{host}:8001", 8000)
    assert not names_this_machine(host, 8000)
    assert names_this_machine(host, 80)
