"""What the engine adds to each line of an upload to systems of others, all on this machine."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from measuring import SCRATCH, Row
from servers.double import LOGIN, PASSWORD
from servers.evergreendouble import WORKSTATION, running_evergreen
from servers.foliodouble import TENANT, running_folio
from upload import bigday

from offcirc.servers.evergreen.adapter import EvergreenServer
from offcirc.servers.folio.adapter import FolioServer
from offcirc.servers.protocol import Server
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.lines.events import event_of
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.run import run_upload

LINES, READERS, ROUNDS = 500, 200, 5
ITEMS = LINES * 6 // 5


def run() -> list[Row]:
    """FOLIO and Evergreen."""
    folder = SCRATCH / "systems"
    shutil.rmtree(folder, ignore_errors=True)
    return [
        _row("FOLIO", _folio, "BUC_PRET", folder / "folio"),
        _row("Evergreen", _evergreen, WORKSTATION, folder / "evergreen"),
    ]


@contextmanager
def _folio() -> Iterator[Server]:
    with running_folio() as double:
        for number in range(READERS):
            double.add_user(bigday.patron(number))
        for number in range(ITEMS):
            double.add_item(bigday.item(number))
        yield FolioServer(double.url, {"tenant": TENANT, "timezone": "Europe/Paris"}, width=1)


@contextmanager
def _evergreen() -> Iterator[Server]:
    with running_evergreen() as double:
        double.speed = LINES
        double.cards = {bigday.patron(number) for number in range(READERS)}
        double.items = dict.fromkeys(map(bigday.item, range(ITEMS)))
        options = {"workstation": WORKSTATION, "timezone": "Europe/Paris"}
        yield EvergreenServer(double.url, options, poll_seconds=0.001)


def _row(
    name: str, made: Callable[[], AbstractContextManager[Server]], desk: str, folder: Path
) -> Row:
    """Every round finds the system as it was."""
    file = bigday.day(folder / "OffCirc.dat", LINES, ITEMS, READERS)
    samples: list[list[float]] = [[], []]
    for number in range(2 * ROUNDS):
        with made() as server, server:
            server.sign_in(LOGIN, PASSWORD)
            home = folder / str(number)
            took = _bare(server, file, desk) if number % 2 else _whole(server, file, home, desk)
            samples[number % 2].append(took)
    whole, bare = map(statistics.median, samples)
    what = f"what the engine adds to a line, {name}"
    return Row(what, (whole - bare) / LINES * 1000, "ms", at_most=2)


def _whole(server: Server, file: Path, home: Path, desk: str) -> float:
    with Ledger(home / "ledger.db") as ledger:
        began = time.perf_counter()
        report = run_upload([file], server, ledger, desk=desk, who="bench")
        took = time.perf_counter() - began
    assert report.recorded == LINES, report
    return took


def _bare(server: Server, file: Path, desk: str) -> float:
    """How long the mere requests take."""
    plan = make_plan([file])
    events = [event_of(line, plan.files) for line in plan.lines()]
    job = server.open_job(desk, ["x"]).id
    size = server.abilities.batch_size
    began = time.perf_counter()
    for start in range(0, len(events), size):
        server.submit(job, events[start : start + size])
    return time.perf_counter() - began
