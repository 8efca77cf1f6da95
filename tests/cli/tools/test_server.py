from __future__ import annotations

import json
import socket
import urllib.request

import pytest
from helpers.processes import ENDS, interrupt


def health(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url + "/api/v1/health", timeout=10) as answer:
        return json.load(answer)


def test_it_says_where_it_listens_and_answers_there(serve, tmp_path):
    with serve(tmp_path / "server") as running:
        assert health(running.url)["service"] == "offcirc-practice"


@pytest.mark.parametrize("number", ENDS)
def test_it_ends_politely(serve, tmp_path, number):
    with serve(tmp_path / "server") as running:
        interrupt(running.process, number)
        assert running.process.wait(20) == 0
        assert "Traceback" not in running.process.stderr.read()


def test_the_clock_is_set(serve, tmp_path):
    with serve(tmp_path / "server", "--now", "2018-01-17T17:32") as running:
        assert str(health(running.url)["time"]).startswith("2018-01-17T17:32")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_port_in_use(offcirc, language):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = offcirc("server", "--port", str(port), "--lang", language)
    assert (ran.code, ran.out) == (2, "")
    assert str(port) in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_folder_that_is_no_library(offcirc, tmp_path):
    ran = offcirc("server", "--port", "0", "--library", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1


def test_an_address_of_another_machine(offcirc):
    ran = offcirc("server", "--port", "0", "--host", "192.0.2.1")
    assert (ran.code, ran.out) == (2, "")
