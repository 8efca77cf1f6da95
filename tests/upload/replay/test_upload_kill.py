"""Uploader and server are killed in mid-upload; afterwards each line is recorded exactly once."""

from __future__ import annotations

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from helpers.checkout import TOP

from offcirc import resources

ROUNDS = 20 if os.environ.get("OFFCIRC_PROVE") == "1" else 3
HERE = Path(__file__).parents[1]
LIBRARY = resources.path("practice/toulouse")
DAT = LIBRARY / "OffCirc.dat"

Facts = dict[str, list[tuple[object, ...]]]

pytestmark = pytest.mark.prove


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE / script), *map(str, arguments)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(TOP)},
    )


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Machine:
    """A practice server that can be killed and started again at its address."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._port = free_port()
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = start("killed_server.py", LIBRARY, self.data, self._port)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), "the server did not start"

    def kill(self) -> None:
        if self._process is not None:
            kill(self._process)
            self._process = None


@contextmanager
def machine(data: Path) -> Iterator[Machine]:
    server = Machine(data)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def uploader(
    server: Machine, data: Path, batch_size: int, resume: str, file: Path = DAT
) -> subprocess.Popen[str]:
    return start("killed_uploader.py", server.url, data, batch_size, resume, file)


def finish(server: Machine, data: Path, batch_size: int, file: Path = DAT) -> str:
    process = uploader(server, data, batch_size, "resume", file)
    said, _nothing = process.communicate(timeout=60)
    return said.splitlines()[-1] if said else ""


def facts(data: Path) -> Facts:
    """All that the server has recorded, apart from when it was sent."""
    with closing(sqlite3.connect(data / "practice.db")) as connection:
        questions = {
            "transactions": "SELECT key, status, message FROM transactions ORDER BY key",
            "events": "SELECT key, item, event, at FROM events ORDER BY key, item, event",
            "loans": "SELECT item, patron, loaned_at, returned_at, renewals FROM loans "
            "ORDER BY item, patron, loaned_at",
            "items": "SELECT barcode, place, in_house_uses FROM items ORDER BY barcode",
        }
        return {name: connection.execute(text).fetchall() for name, text in questions.items()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """What the server has recorded after an upload that nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with machine(folder / "server") as server:
        assert finish(server, folder / "data", 7) == "completed 48 9 0 0"
    found = facts(folder / "server")
    assert len(found["transactions"]) == 57
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems")
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_the_uploader_is_killed(tmp_path: Path, undisturbed: Facts, round_: int) -> None:
    chance = random.Random(round_)
    batch_size = chance.choice([1, 2, 5])
    with machine(tmp_path / "server") as server:
        process = uploader(server, tmp_path / "data", batch_size, "new")
        assert process.stdout is not None
        for _said in range(chance.randrange(1, 2 * 57 // batch_size)):
            process.stdout.readline()
        kill(process)
        assert finish(server, tmp_path / "data", batch_size) == "completed 48 9 0 0"
    assert facts(tmp_path / "server") == undisturbed


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems")
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_the_server_is_killed(tmp_path: Path, undisturbed: Facts, round_: int) -> None:
    chance = random.Random(1000 + round_)
    batch_size = chance.choice([1, 2, 5])
    with machine(tmp_path / "server") as server:
        process = uploader(server, tmp_path / "data", batch_size, "new")
        assert process.stdout is not None
        for _said in range(chance.randrange(1, 2 * 57 // batch_size)):
            process.stdout.readline()
        server.kill()
        told, _nothing = process.communicate(timeout=60)
        status = told.splitlines()[-1].split()[0]
        assert status in ("stopped", "completed")
        server.start()
        assert finish(server, tmp_path / "data", batch_size).startswith("completed ")
    assert facts(tmp_path / "server") == undisturbed


def many_lines(folder: Path, count: int) -> Path:
    """The sample's lines, and returns of items that nobody has."""
    path = folder / "OffCirc.dat"
    lines = [
        f"2018030608{number // 60 % 60:02}R{30_000_000_000_000 + number:<80}\r\n"
        for number in range(count - 57)
    ]
    path.write_bytes(DAT.read_bytes() + "".join(lines).encode())
    return path


def answers_in(ledger: Path) -> tuple[dict[int, str], str]:
    """The states of the lines, and what SQLite says of the database."""
    with closing(sqlite3.connect(ledger)) as connection:
        states = dict(connection.execute("SELECT line, state FROM lines").fetchall())
        return states, connection.execute("PRAGMA integrity_check").fetchone()[0]


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems")
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_others_look_at_the_ledger_and_the_uploader_is_killed(tmp_path: Path, round_: int) -> None:
    """History in the window, ``offcirc jobs`` in a shell: neither takes anything from an upload."""
    chance = random.Random(2000 + round_)
    file, data = many_lines(tmp_path, 2500), tmp_path / "data"
    jobs = [sys.executable, "-m", "offcirc", "jobs", "--data-dir", str(data)]
    with machine(tmp_path / "server") as server:
        process = uploader(server, data, 5, "watched", file)
        assert process.stdout is not None
        for _look in range(3):
            for _said in range(chance.randrange(40, 240)):
                process.stdout.readline()
            subprocess.run(jobs, check=True, capture_output=True, cwd=TOP)
        for _said in range(chance.randrange(1, 100)):
            process.stdout.readline()
        kill(process)
        assert process.returncode in (-signal.SIGKILL, 0)
        recorded = len(facts(tmp_path / "server")["transactions"])
        states, sound = answers_in(data / "ledger.db")
        assert sound == "ok"
        answered = sum(state in ("recorded", "rejected") for state in states.values())
        asked = sum(state == "sending" for state in states.values())
        assert 0 < answered <= recorded <= answered + asked
        assert finish(server, data, 50, file).startswith("completed ")
    states, sound = answers_in(data / "ledger.db")
    assert sound == "ok"
    assert sum(state == "recorded" for state in states.values()) == 48
    assert len(facts(tmp_path / "server")["transactions"]) == 2500
