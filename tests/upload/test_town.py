"""A simulated town uploaded as a referent does: the server ends where the simulation did."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from helpers import TOP
from upload.town import remains, truth

from offcirc.scanning.presets import build
from offcirc.servers.practice import PracticeServer
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.check.checking import Against, check_plan
from offcirc.upload.lines.collect import collect
from offcirc.upload.lines.decided import decided
from offcirc.upload.lines.plan import Plan, make_plan
from offcirc.upload.report.report import JobReport
from offcirc.upload.run import run_upload

PROVE = os.environ.get("OFFCIRC_PROVE") == "1"
CHOSEN = "BUC_PRET"
NOW = "2018-03-08T09:00"
RULES = {
    "item": [{"pattern": r"370\d{8}"}, {"pattern": r"UBX\d{8}"}, {"pattern": r"OTOLO\d{8}"}],
    "patron": [{"pattern": r"99\d{10}"}],
}


@contextmanager
def practice_server(library: Path, data: Path) -> Iterator[str]:
    words = ["server", "--library", str(library), "--data-dir", str(data), "--port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "offcirc", *words, "--now", NOW],
        cwd=TOP,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("listening on ").strip()
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


@pytest.mark.prove
@pytest.mark.parametrize("seed", [7, 8, 9] if PROVE else [7])
def test_the_server_ends_where_the_town_did(tmp_path: Path, seed: int) -> None:
    number = 20_000 if PROVE else 1_500
    town = truth.build(number, 12, seed)
    left = remains.leave(town, tmp_path, seed)
    with (
        practice_server(left.library, tmp_path / "server") as url,
        PracticeServer(url) as server,
        Ledger(tmp_path / "referent" / "ledger.db") as ledger,
    ):
        server.sign_in("referent", "simulated")
        last_week = run_upload([left.last_week], server, ledger, desk=CHOSEN, who="R")
        assert last_week.exceptions == 0
        report = _morning_after(town, left, server, ledger)
    assert report.recorded == number
    assert report.exceptions == 0, [line.message for line in report.exception_lines][:5]
    assert _holders(tmp_path / "server") == {
        item: (card, f"{since:%Y-%m-%dT%H:%M}") for item, (card, since) in town.holder.items()
    }
    # What tells its desk is uploaded as of that desk; the bare files as of the one chosen.
    touched = {event.item for event in town.events}
    came_back = {item: _uploaded_at(town.desks[i]) for item, i in town.last_return.items()}
    came_back |= {item: CHOSEN for item in left.last_week_items if item not in touched}
    assert _in_transit(tmp_path / "server") == {
        item for item, desk in came_back.items() if desk != truth.LIBRARIES[town.items[item]]
    }


def _uploaded_at(desk: truth.Desk) -> str:
    return CHOSEN if desk.kind is truth.Kind.BARE else desk.circ_desk


def _morning_after(
    town: truth.Town, left: remains.Remains, server: PracticeServer, ledger: Ledger
) -> JobReport:
    """What the referent does: collect, look at what is found, decide, upload."""
    sources = collect([left.tree], ledger=ledger, server=server.identity)
    names = {source.path: source.name for source in sources}
    offsets = {names[path]: seconds for path, seconds in left.offsets.items()}
    book = DecisionBook(ledger)
    plan = make_plan(sources, offsets=offsets, decisions=decided(ledger))
    _swap_back(plan, ledger, book, left)
    plan = make_plan(sources, offsets=offsets, decisions=decided(ledger))
    return run_upload(
        [source.path for source in sources], server, ledger, desk=CHOSEN, who="R", plan=plan
    )


def _swap_back(plan: Plan, ledger: Ledger, book: DecisionBook, left: remains.Remains) -> None:
    """Do what is suggested for the lines in which item and reader were swapped."""
    against = Against(rules=build(RULES), ledger=ledger, now=datetime.fromisoformat(NOW))
    found = [finding for finding in check_plan(plan, against) if finding.act.value == "swap"]
    # Files copied by hand are found under either name.
    suspected = {(plan.files[each.file].sha256, each.number) for each in found}
    assert suspected >= {(_digest(path), number) for path, number in left.swapped}
    book.swap([DecidedLine(each.key) for each in found], who="R")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _holders(data: Path) -> dict[str, tuple[str, str]]:
    """Who has what on the server, and since when, to the minute of the library's clock."""
    with closing(sqlite3.connect(data / "practice.db")) as database:
        rows = database.execute(
            "SELECT l.item, p.barcode, l.loaned_at FROM loans AS l"
            " JOIN patrons AS p ON p.primary_id = l.patron WHERE l.returned_at IS NULL"
        )
        return {item: (card, _minute(at)) for item, card, at in rows}


def _minute(stored: str) -> str:
    at = datetime.fromisoformat(stored.replace("Z", "+00:00"))
    return f"{at.astimezone(remains.ZONE):%Y-%m-%dT%H:%M}"


def _in_transit(data: Path) -> set[str]:
    with closing(sqlite3.connect(data / "practice.db")) as database:
        rows = database.execute("SELECT barcode FROM items WHERE place = 'in-transit'")
        return {row[0] for row in rows}
