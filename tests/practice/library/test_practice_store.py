from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from offcirc.practice import state
from offcirc.practice.errors import LibraryDiskError
from offcirc.practice.store import Store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "some.db"
    with contextlib.closing(state.connect(path)) as connection:
        connection.execute("CREATE TABLE words (word TEXT PRIMARY KEY)")
    return path


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with contextlib.closing(Store(database)) as opened:
        yield opened


def words(database: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM words ORDER BY word")]


def add(word: str) -> Any:
    def work(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO words VALUES (?)", (word,))
        return word.upper()

    return work


class Gate:
    """A connection whose commits wait for leave, and may be made to fail."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.reached = threading.Event()
        self.leave = threading.Event()
        self.failure: Exception | None = None
        self.commits = 0

    def execute(self, sql: str, *rest: Any) -> Any:
        if sql == "COMMIT":
            self.commits += 1
            self.reached.set()
            assert self.leave.wait(30)
            if self.failure is not None:
                raise self.failure
        return self._connection.execute(sql, *rest)

    def close(self) -> None:
        self._connection.close()


def gated(store: Store) -> Gate:
    gate = Gate(store._connection)
    store._connection = gate  # type: ignore[assignment]
    return gate


def test_every_commit_is_flushed(database: Path) -> None:
    with contextlib.closing(state.connect(database)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_nothing_is_answered_before_its_commit(store: Store, database: Path) -> None:
    gate = gated(store)

    async def story() -> None:
        answer = asyncio.ensure_future(store.run(add("one")))
        await asyncio.to_thread(gate.reached.wait, 30)
        await asyncio.sleep(0)
        assert gate.reached.is_set()
        assert not answer.done()
        assert words(database) == []
        gate.leave.set()
        assert await answer == "ONE"
        assert words(database) == ["one"]

    asyncio.run(story())


def test_what_waits_together_is_committed_together(store: Store, database: Path) -> None:
    gate = gated(store)

    async def story() -> None:
        first = asyncio.ensure_future(store.run(add("first")))
        await asyncio.to_thread(gate.reached.wait, 30)
        others = [asyncio.ensure_future(store.run(add(str(number)))) for number in range(5)]
        await asyncio.sleep(0)
        gate.leave.set()
        assert await first == "FIRST"
        assert await asyncio.gather(*others) == [str(number) for number in range(5)]

    asyncio.run(story())
    assert gate.commits == 2
    assert words(database) == ["0", "1", "2", "3", "4", "first"]


def test_one_failure_leaves_the_others_alone(store: Store, database: Path) -> None:
    def wrong(connection: sqlite3.Connection) -> None:
        add("wrong")(connection)
        raise LookupError("as it happens")

    async def story() -> list[Any]:
        return await asyncio.gather(
            store.run(add("a")),
            store.run(wrong),
            store.run(add("a")),  # breaks the key
            store.run(add("tried"), keep=False),
            store.run(add("b")),
            return_exceptions=True,
        )

    first, second, third, fourth, fifth = asyncio.run(story())
    assert (first, fourth, fifth) == ("A", "TRIED", "B")
    assert isinstance(second, LookupError)
    assert isinstance(third, sqlite3.IntegrityError)
    assert words(database) == ["a", "b"]


def test_a_commit_that_fails_is_everyones(store: Store, database: Path) -> None:
    gate = gated(store)
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    full.sqlite_errorname = "SQLITE_FULL"
    gate.failure = full
    gate.leave.set()

    async def story() -> None:
        with pytest.raises(LibraryDiskError, match="SQLITE_FULL"):
            await store.run(add("lost"))
        gate.failure = None
        assert await store.run(add("kept")) == "KEPT"

    asyncio.run(story())
    assert words(database) == ["kept"]


def test_closing_finishes_what_is_waiting(database: Path) -> None:
    store = Store(database)
    gate = gated(store)

    async def story() -> None:
        answers = [asyncio.ensure_future(store.run(add(str(number)))) for number in range(100)]
        await asyncio.sleep(0)
        gate.leave.set()
        await asyncio.to_thread(store.close)
        assert await asyncio.gather(*answers) == [str(number) for number in range(100)]

    asyncio.run(story())
    assert len(words(database)) == 100


def test_a_client_that_hangs_up_stops_nothing(store: Store, database: Path) -> None:
    gate = gated(store)

    async def story() -> None:
        answer = asyncio.ensure_future(store.run(add("gone")))
        await asyncio.to_thread(gate.reached.wait, 30)
        answer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answer
        gate.leave.set()
        assert await store.run(add("next")) == "NEXT"

    asyncio.run(story())
    assert words(database) == ["gone", "next"]
