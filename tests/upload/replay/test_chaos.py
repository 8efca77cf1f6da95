"""A bad network, a server and uploaders that are killed: each line is recorded once, or in doubt.

The practice server stands behind a proxy that does to requests whatever can happen to them, and is
killed and started again meanwhile; so are the uploaders, one PC or two. In the end everything is
calm, the upload is resumed once more, and the server's own database is compared with one that
nobody has disturbed.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from helpers import wait_until
from upload import bigday
from upload.chaos_proxy import ChaosProxy, chaos
from upload.machines import Machine, machine, start

PROVE = os.environ.get("OFFCIRC_PROVE") == "1"
ROUNDS = range(100 if PROVE else 2)
BLIND_ROUNDS = range(1000, 1025) if PROVE else [1003]
LINES = 120

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems"),
]

Facts = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A library and the file of a day there, with lines that are refused."""
    folder = tmp_path_factory.mktemp("day")
    file = bigday.day(folder / "a.dat", LINES, 40, 25)
    lines = file.read_bytes().splitlines(keepends=True)
    unknown = [line.replace(b"370000000", b"TOTO00000") for line in lines[20:24]]
    stranger = [line.replace(b"9920000", b"STRANGE") for line in lines[40:44]]
    file.write_bytes(b"".join([*lines[:30], *unknown, *lines[30:], *stranger]))
    return bigday.library(folder / "library", 40, 25), file


def facts(data: Path) -> Facts:
    """All that the server has recorded, apart from when it was sent and in which job."""
    with closing(sqlite3.connect(data / "practice.db")) as connection:
        questions = {
            "transactions": "SELECT key, status, message, due_at, notes FROM transactions"
            " ORDER BY key",
            "events": "SELECT key, item, event, at FROM events ORDER BY key, item, event",
            "loans": "SELECT item, patron, loaned_at, returned_at, renewals FROM loans"
            " ORDER BY item, patron, loaned_at",
            "items": "SELECT barcode, place, in_house_uses FROM items ORDER BY barcode",
            "patrons": "SELECT primary_id, suspended_until FROM patrons ORDER BY primary_id",
        }
        return {name: connection.execute(text).fetchall() for name, text in questions.items()}


def without_due_dates(found: Facts) -> Facts:
    """Due dates that had to become the time of upload differ from one upload to the next."""
    lines = [
        (*line[:3], None if "due-at-upload" in line[4] else line[3], line[4])
        for line in found["transactions"]
    ]
    return {**found, "transactions": lines}


def told(data: Path) -> dict[str, str]:
    """What the ledger of a PC says of each key."""
    with closing(sqlite3.connect(data / "ledger.db")) as connection:
        rows = connection.execute(
            "SELECT lower(hex(key)), state FROM lines WHERE upload ="
            " (SELECT max(upload) FROM lines) AND key <> x''"
        )
        return dict(rows)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, day: tuple[Path, Path]) -> Facts:
    """What the server has recorded after an upload that nobody disturbed, line after line."""
    library, file = day
    folder = tmp_path_factory.mktemp("undisturbed")
    with machine(library, folder / "server") as server:
        process = start("chaos_uploader.py", server.url, folder / "pc", 1, 1, 60, "keys", file)
        assert process.communicate(timeout=60)[0].strip() == "completed"
    found = without_due_dates(facts(folder / "server"))
    assert Counter(line[1] for line in found["transactions"])["rejected"] >= 8
    return found


def torment(
    chance: random.Random,
    server: Machine,
    proxy: ChaosProxy,
    folder: Path,
    *,
    manner: str,
    file: Path,
) -> None:
    """Upload, from one PC or two, with kills."""
    for _attempt in range(chance.randint(1, 3)):
        pcs = chance.choice([["pc"], ["pc"], ["pc", "other"]]) if manner == "keys" else ["pc"]
        size, width = chance.choice([(1, 1), (1, 8), (4, 3), (15, 4), (50, 2)])
        processes = [
            start("chaos_uploader.py", proxy.url, folder / pc, size, width, 0.7, manner, file)
            for pc in pcs
        ]
        # Signed in, and some way into it.
        wait_for(proxy, chance.randint(3, 3 + 40 // size), processes)
        match chance.choice(["uploader", "server", "nobody"]):
            case "uploader":
                for process in processes:
                    process.send_signal(signal.SIGKILL)
            case "server":
                server.kill()
                server.start()
        for process in processes:
            process.communicate(timeout=120)


def wait_for(proxy: ChaosProxy, requests: int, processes: list[subprocess.Popen[str]]) -> None:
    """Until so many requests have come, or nobody is left to send any."""
    far = sum(proxy.met.values()) + requests
    wait_until(
        lambda: (
            sum(proxy.met.values()) >= far
            or all(process.poll() is not None for process in processes)
        ),
        timeout=60,
    )


def finish(proxy: ChaosProxy, folder: Path, manner: str, file: Path) -> None:
    """Everything is calm: the upload is resumed and has to be completed."""
    proxy.calm = True
    process = start("chaos_uploader.py", proxy.url, folder / "pc", 10, 4, 60, manner, file)
    assert process.communicate(timeout=120)[0].strip() == "completed"


@pytest.mark.parametrize("round_", ROUNDS)
def test_every_line_is_recorded_exactly_once(
    tmp_path: Path, day: tuple[Path, Path], undisturbed: Facts, round_: int
) -> None:
    library, file = day
    chance = random.Random(round_)
    with (
        machine(library, tmp_path / "server") as server,
        chaos(server.url, round_) as proxy,
    ):
        torment(chance, server, proxy, tmp_path, manner="keys", file=file)
        finish(proxy, tmp_path, "keys", file)
    found = without_due_dates(facts(tmp_path / "server"))
    assert found == undisturbed
    # What this PC says is what has happened: nothing is missing, and nothing is in doubt.
    status = {line[0]: line[1] for line in found["transactions"]}
    said = told(tmp_path / "pc")
    assert said.keys() == status.keys()
    for key, state in said.items():
        assert {"skipped": "recorded"}.get(state, state) == status[key]


@pytest.mark.parametrize("round_", BLIND_ROUNDS)
def test_where_nobody_can_be_asked_no_line_is_sent_twice(
    tmp_path: Path, day: tuple[Path, Path], round_: int
) -> None:
    library, file = day
    chance = random.Random(round_)
    with (
        machine(library, tmp_path / "server") as server,
        chaos(server.url, round_) as proxy,
    ):
        torment(chance, server, proxy, tmp_path, manner="blind", file=file)
        finish(proxy, tmp_path, "blind", file)
    became: dict[str, list[str]] = defaultdict(list)
    for line in facts(tmp_path / "server")["transactions"]:
        became[line[0].partition("-")[0]].append(line[1])
    # What was refused may be tried again by a later upload; what was recorded may not.
    assert all(states.count("recorded") <= 1 for states in became.values())
    said = told(tmp_path / "pc")
    assert became.keys() <= said.keys()
    for key, state in said.items():
        if state != "unknown":
            assert {"skipped": "recorded"}.get(state, state) in became[key]
