"""What the uploader replays and what the page is given end in the same library."""

from __future__ import annotations

import contextlib
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offcirc import resources
from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, record_now
from offcirc.practice import state
from offcirc.practice.accounts import SignedIn
from offcirc.practice.acts import filejobs
from offcirc.practice.acts.actor import Actor
from offcirc.practice.circulation import Circulation
from offcirc.practice.clock import Clock
from offcirc.practice.library import generate
from offcirc.practice.recording import Recorder
from offcirc.practice.web.serve import running
from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.run import run_upload

DAYS = 1000 if os.environ.get("OFFCIRC_PROVE") == "1" else 6
SAMPLE = resources.path("practice/toulouse")
NOW = datetime(2026, 11, 27, 18, tzinfo=UTC)
TABLES = {
    "events": "SELECT item, at, event, desk, who, patron FROM events ORDER BY id",
    "loans": "SELECT item, patron, loaned_at, due_at, renewals, returned_at FROM loans ORDER BY id",
    "items": "SELECT barcode, place, in_house_uses, last_event_at FROM items ORDER BY barcode",
    "patrons": "SELECT primary_id, suspended_until FROM patrons ORDER BY primary_id",
    "lines": "SELECT key, minute, operation, item, patron, status, code, due_at, notes "
    "FROM transactions ORDER BY key",
}


def told(data: Path) -> dict[str, list[tuple[object, ...]]]:
    with contextlib.closing(state.connect(data / state.DATABASE)) as connection:
        return {
            name: [tuple(row) for row in connection.execute(query)]
            for name, query in TABLES.items()
        }


def by_uploader(data: Path, library: Path | None, file: Path, now: datetime) -> None:
    with (
        running(library, data, now=now) as url,
        contextlib.closing(PracticeServer(url, width=1)) as server,
        Ledger(data.with_name(f"{data.name}.db")) as ledger,
    ):
        server.sign_in("referent", "bac-a-sable-1")
        report = run_upload([file], server, ledger, desk="BUC_PRET", who="x")
        assert report.complete


def by_page(data: Path, library: Path | None, file: Path, now: datetime) -> None:
    with state.opened(data, library) as kept:
        local = now.astimezone(kept.policy.timezone)
        circulation = Circulation(kept.policy)
        actor = Actor("referent", "R", "BUC_PRET", local, kept.policy, circulation, str)
        account = SignedIn("referent", "R", "operator", ("BUC_PRET",))
        content = file.read_bytes()
        with contextlib.closing(state.connect(kept.database)) as db:
            job = filejobs.accept(db, actor, account, name=file.name, content=content, again=False)
            lines = filejobs.prepared(content, file.name, local)
            while filejobs.step(db, Recorder(circulation), actor, job, lines):
                pass


def compare(tmp_path: Path, library: Path | None, file: Path, now: datetime) -> None:
    one, other = tmp_path / f"{file.name}-one", tmp_path / f"{file.name}-other"
    by_uploader(one, library, file, now)
    by_page(other, library, file, now)
    left, right = told(one), told(other)
    for name in TABLES:
        assert left[name] == right[name], name


@pytest.fixture
def still(monkeypatch) -> None:
    """The server's clock stands: a due date that would have passed is the time of upload."""
    monkeypatch.setattr(Clock, "now", lambda clock: clock._start)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("name", ["OffCirc.dat", "two-desks/desk-A.dat", "two-desks/desk-B.dat"])
def test_a_file_of_the_sample(tmp_path, name):
    copy = tmp_path / Path(name).name
    copy.write_bytes((SAMPLE / name).read_bytes())
    compare(tmp_path, None, copy, datetime(2018, 3, 7, 8, tzinfo=UTC))


@pytest.mark.prove
@pytest.mark.usefixtures("still")
def test_a_day_of_any_desk(tmp_path):
    made = generate.make(20, 5, today=NOW.date())
    generate.write(tmp_path / "library", made)
    for seed in range(DAYS):
        file = tmp_path / f"{seed}.dat"
        file.write_bytes(a_day(random.Random(seed), made))
        compare(tmp_path, tmp_path / "library", file, NOW)


def a_day(chance: random.Random, made: generate.MadeLibrary) -> bytes:
    """Loans and returns at random, some unknown, some of one item in the same minute."""
    items = [item.barcode for item in made.items[:12]] + ["39000000000"]
    readers = [patron.barcode for patron in made.patrons[:5]] + ["UN12345678"]
    at = NOW - timedelta(hours=9)
    lines = []
    for _each in range(60):
        at += timedelta(minutes=chance.choice((0, 0, 1, 7)))
        operation = chance.choice((Operation.LOAN, Operation.LOAN, Operation.RETURN))
        record = record_now(at, operation, chance.choice(items), chance.choice(readers)).record
        lines.append(encode(record))
    return b"".join(lines)
