from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from helpers.processes import ENDS, interrupt, interruptible

from offcirc.practice import state
from offcirc.practice.errors import LibraryError, ListenError, StateError
from offcirc.practice.library import library
from offcirc.practice.web import serve

ITEM = "d293004279"
PROGRAM = """
import sys
from pathlib import Path
from offcirc.practice.web.serve import serve
serve(None, Path(sys.argv[1]), ready=lambda url: print(url, flush=True))
"""


@contextlib.contextmanager
def started(data_dir: Path, text: str = PROGRAM, *more: str) -> Iterator[subprocess.Popen[str]]:
    """The server as a process of its own, which may not be ready yet."""
    process = subprocess.Popen(
        interruptible(data_dir, *more, code=text),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said_address(process: subprocess.Popen[str]) -> str:
    """Where a server listens, once it says so."""
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:"), process.communicate()
    return url


@contextlib.contextmanager
def program(
    data_dir: Path, text: str = PROGRAM, *more: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server as a process of its own, and its address."""
    with started(data_dir, text, *more) as process:
        yield process, said_address(process)


@pytest.mark.parametrize("number", ENDS)
def test_it_stops_cleanly_and_has_nothing_to_say(tmp_path: Path, number: signal.Signals) -> None:
    with program(tmp_path) as (process, url):
        with httpx.Client(base_url=url) as client:  # stays connected
            assert client.get("/api/v1/health").status_code == 200
            interrupt(process, number)
            out, err = process.communicate(timeout=30)
        assert process.returncode == 0
        assert (out, err) == ("", "")
    # Nothing is left to be repaired: the database is one file again.
    assert sorted(path.name for path in tmp_path.glob("practice.db*")) == ["practice.db"]


def test_a_port_in_use_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server((serve.LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ListenError, match=f"Port {port} is in use"):
            serve.serve(None, tmp_path, port=port)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("no such host", 0, "is not an address"),
        ("192.0.2.1", 0, "Cannot listen on"),
        ("127.0.0.1", 70000, "70000"),
    ],
)
def test_an_impossible_address_is_a_sentence(
    tmp_path: Path, host: str, port: int, sentence: str
) -> None:
    with pytest.raises(ListenError, match=sentence):
        serve.serve(None, tmp_path, host=host, port=port)


def test_a_second_server_on_the_same_data_is_refused(start, tmp_path: Path) -> None:
    start()
    with (
        pytest.raises(StateError, match="Another practice server is running"),
        serve.running(None, tmp_path / "data"),
    ):
        pass


def test_a_restart_keeps_everything(tmp_path: Path, connect, tx) -> None:
    sent = tx("2018-01-15T10:00", "R", ITEM)
    with serve.running(None, tmp_path) as url:
        client = connect(url)
        client.sign_in()
        job = client.open_job()
        answer = client.send(job, [sent]).json()
        identity = client.http.get("/health").json()["identity"]
        token = client.http.headers["Authorization"]
    with serve.running(None, tmp_path) as url:
        client = connect(url)
        client.http.headers["Authorization"] = token
        gone = client.http.get("/desks")
        assert (gone.status_code, gone.json()["error"]["code"]) == (401, "session-expired")
        client.sign_in()
        assert client.http.get("/health").json()["identity"] == identity
        again = client.send(job, [sent]).json()
        assert again["results"][0].pop("replayed")
        answer["results"][0].pop("replayed")
        assert again == answer
        assert client.item(ITEM)["in_house_uses"] == 1


def test_the_clock_starts_where_it_is_set_and_goes_on(start, tmp_path: Path) -> None:
    naive = start(now=datetime(2018, 7, 1, 9, 0))
    aware = start(
        data_dir=tmp_path / "aware", now=datetime(2018, 1, 1, 23, 30, tzinfo=UTC), signed_in=False
    )
    assert naive.http.get("/health").json()["time"].startswith("2018-07-01T09:00:")
    assert aware.http.get("/health").json()["time"].startswith("2018-01-02T00:30:")
    real = start(data_dir=tmp_path / "real", signed_in=False).http.get("/health").json()["time"]
    assert abs((datetime.now(UTC) - datetime.fromisoformat(real)).total_seconds()) < 60


def test_another_library_is_not_mixed_in(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with state.opened(data, folder):
        pass
    events = folder / "events.csv"
    events.write_bytes(events.read_bytes() + b"\r\n")
    with (
        pytest.raises(StateError, match="already holds the practice library 'library'"),
        state.opened(data, folder),
    ):
        pass
    before = state.folder_for(tmp_path, None)
    assert before.parent == tmp_path / "practice"
    assert before.name.startswith("toulouse-")
    assert state.folder_for(tmp_path, folder).name.removeprefix("library-") not in before.name


def test_a_library_with_a_mistake_leaves_no_database(folder: Path, tmp_path: Path) -> None:
    (folder / "policy.toml").write_text("x", encoding="utf-8")
    with pytest.raises(LibraryError), state.opened(tmp_path / "data", folder):
        pass
    assert not (tmp_path / "data" / state.DATABASE).exists()


def test_a_half_filled_database_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "practice.db.new").write_bytes(b"half")
    (tmp_path / "practice.db.new-journal").write_bytes(b"half")
    with state.opened(tmp_path, None) as kept:
        assert kept.policy.name
    assert sorted(path.name for path in tmp_path.glob("practice.db*")) == ["practice.db"]


def test_what_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / state.DATABASE).write_bytes(b"something else entirely" * 100)
    with pytest.raises(StateError, match="is not the database"), state.opened(tmp_path, None):
        pass
    (tmp_path / state.DATABASE).unlink()
    with contextlib.closing(sqlite3.connect(tmp_path / state.DATABASE)) as connection:
        connection.execute("CREATE TABLE other (x)")
    with pytest.raises(StateError, match="is not the database"), state.opened(tmp_path, None):
        pass


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    with state.opened(tmp_path, None) as kept:
        database = kept.database
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE facts SET value = '99' WHERE name = 'schema'")
        connection.commit()
    before = database.read_bytes()
    with pytest.raises(StateError, match="newer version"), state.opened(tmp_path, None):
        pass
    assert database.read_bytes() == before


def test_a_data_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    with (
        pytest.raises(StateError, match="cannot be used: "),
        state.opened(tmp_path / "data", None),
    ):
        pass


@pytest.mark.skipif(os.name != "posix", reason="modes are only on POSIX")
def test_what_is_kept_is_its_owners_alone(start, tmp_path: Path, tx) -> None:
    client = start(library.sample(), tmp_path / "above" / "own")
    client.record(tx("2018-01-15T10:00", "R", ITEM))
    for folder in (tmp_path / "above", tmp_path / "above" / "own"):
        assert folder.stat().st_mode & 0o777 == 0o700
    files = list((tmp_path / "above" / "own").iterdir())
    assert {"practice.db", "practice.db-wal"} <= {path.name for path in files}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


@pytest.mark.prove
def test_what_was_answered_survives_a_kill(tmp_path: Path, connect, tx) -> None:
    """kill -9 at a random moment of an upload: each answer is on disk, each line there once."""
    rounds = 20 if os.environ.get("OFFCIRC_PROVE") else 3
    chance = random.Random(rounds)
    answered: dict[str, dict[str, object]] = {}
    sent = 0
    for _ in range(rounds):
        with program(tmp_path) as (process, url):
            client = connect(url)
            client.sign_in()
            job = client.open_job()
            killer = threading.Timer(chance.uniform(0.0, 0.25), process.kill)
            killer.start()
            with contextlib.suppress(httpx.TransportError):
                while True:
                    batch = [
                        {**tx("2018-01-15T10:00", "R", ITEM), "key": str(sent + k)}
                        for k in range(chance.choice([1, 7, 40]))
                    ]
                    sent += len(batch)
                    answer = client.send(job, batch)
                    for each in answer.json()["results"]:
                        answered[each["key"]] = each
            killer.join()
    with contextlib.closing(sqlite3.connect(tmp_path / state.DATABASE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = dict(connection.execute("SELECT key, message FROM transactions"))
        uses = connection.execute(
            "SELECT in_house_uses FROM items WHERE barcode = ?", (ITEM,)
        ).fetchone()[0]
        events = connection.execute(
            "SELECT count(*) FROM events WHERE event = 'in-house-use'"
        ).fetchone()[0]
    assert answered
    assert {key: each["message"] for key, each in answered.items()}.items() <= kept.items()
    # Whatever was cut off was kept whole or not at all.
    assert uses == events == len(kept)
