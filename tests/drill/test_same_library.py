"""What the uploader replays and what the page is given end in the same library."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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

DAYS, CHAIN = (1000, 25) if os.environ.get("OFFCIRC_PROVE") == "1" else (6, 6)
SAMPLE = resources.path("practice/toulouse")
FIRST = datetime(2026, 11, 2, 18, tzinfo=UTC)
TABLES = {
    "events": "SELECT item, at, event, desk, who, patron FROM events ORDER BY id",
    "loans": "SELECT item, patron, loaned_at, due_at, renewals, returned_at FROM loans ORDER BY id",
    "items": "SELECT barcode, place, in_house_uses, last_event_at FROM items ORDER BY barcode",
    "patrons": "SELECT primary_id, suspended_until FROM patrons ORDER BY primary_id",
    "lines": "SELECT key, minute, operation, item, patron, status, code, due_at, notes "
    "FROM transactions WHERE code != 'unreadable-line' ORDER BY key",
}


def told(data: Path) -> dict[str, list[tuple[object, ...]]]:
    with contextlib.closing(state.connect(data / state.DATABASE)) as connection:
        return {
            name: [tuple(row) for row in connection.execute(query)]
            for name, query in TABLES.items()
        }


def by_uploader(url: str, file: Path, desk: str) -> None:
    with (
        contextlib.closing(PracticeServer(url, width=1)) as server,
        Ledger(file.with_suffix(".db")) as ledger,
    ):
        server.sign_in("referent", "bac-a-sable-1")
        report = run_upload([file], server, ledger, desk=desk, who="x")
        assert report.complete


def by_page(kept: state.OpenLibrary, file: Path, desk: str, now: datetime) -> None:
    local = now.astimezone(kept.policy.timezone)
    circulation = Circulation(kept.policy)
    actor = Actor("referent", "R", desk, local, kept.policy, circulation, str)
    account = SignedIn("referent", "R", "operator", (desk,))
    content = file.read_bytes()
    with contextlib.closing(state.connect(kept.database)) as db:
        db.execute("BEGIN")
        job = filejobs.accept(db, actor, account, name=file.name, content=content, again=False)
        lines = filejobs.prepared(content, file.name, local)
        while filejobs.step(db, Recorder(circulation), actor, job, lines):
            pass
        db.execute("COMMIT")


@dataclass(frozen=True)
class Day:
    """A file, the circulation desk it is uploaded at, and when."""

    file: Path
    desk: str
    now: datetime


def compare(
    tmp_path: Path, library: Path | None, days: Iterable[Day], show: Callable[[datetime], None]
) -> None:
    """Two libraries, one fed by the uploader, one at the page: alike after each day."""
    one, other = tmp_path / "one", tmp_path / "other"
    with running(library, one) as url, state.opened(other, library) as kept:
        for day in days:
            show(day.now)
            by_uploader(url, day.file, day.desk)
            by_page(kept, day.file, day.desk, day.now)
            left, right = told(one), told(other)
            for name in TABLES:
                assert left[name] == right[name], (day.file, name)


@pytest.fixture
def show(monkeypatch) -> Callable[[datetime], None]:
    """Set the servers' clock, which stands: a due date that would have passed is that moment."""
    shown = [datetime(2018, 1, 15, tzinfo=UTC)]
    monkeypatch.setattr(Clock, "now", lambda _clock: shown[0])

    def to(moment: datetime) -> None:
        shown[0] = moment

    return to


@pytest.mark.parametrize("name", ["OffCirc.dat", "two-desks/desk-A.dat", "two-desks/desk-B.dat"])
def test_a_file_of_the_sample(tmp_path, show, name):
    copy = tmp_path / Path(name).name
    copy.write_bytes((SAMPLE / name).read_bytes())
    day = Day(copy, "BUC_PRET", datetime(2018, 3, 7, 8, tzinfo=UTC))
    compare(tmp_path, None, [day], show)


@pytest.mark.prove
@pytest.mark.parametrize("chain", range(-(-DAYS // CHAIN)))
def test_any_days_of_any_desk(tmp_path, show, chain):
    """Days one after the other, at one desk or the other: what each leaves is the next one's."""
    chance = random.Random(chain)
    made = generate.make(20, chain, today=FIRST.date())
    generate.write(tmp_path / "library", made)
    days = []
    for number in range(min(CHAIN, DAYS)):
        evening = FIRST + timedelta(days=number)
        day = Day(tmp_path / f"{number}.dat", chance.choice(("BUC_PRET", "SCI_PRET")), evening)
        day.file.write_bytes(a_day(chance, made, evening))
        days.append(day)
    compare(tmp_path, tmp_path / "library", days, show)


def a_day(chance: random.Random, made: generate.MadeLibrary, evening: datetime) -> bytes:
    """Loans and returns at random, some unknown, some of one item in the same minute.

    The clock may have been put back meanwhile, and some lines nobody can read.
    """
    items = [item.barcode for item in made.items[:12]] + ["39000000000"]
    readers = [patron.barcode for patron in made.patrons[:5]] + ["UN12345678"]
    at = evening - timedelta(hours=9)
    lines = []
    for _each in range(60):
        at += timedelta(minutes=chance.choice((0, 0, 1, 7, 7, 7, -9)))
        operation = chance.choice((Operation.LOAN, Operation.LOAN, Operation.RETURN))
        record = record_now(at, operation, chance.choice(items), chance.choice(readers)).record
        lines.append(encode(record) if chance.random() < 0.97 else b"2026\xff1102torn\r\n")
    return b"".join(lines)
