"""What the engine adds to each line of an upload to systems of others, all on this machine."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from measuring import SCRATCH, Row
from servers.double import LOGIN, PASSWORD
from servers.evergreen.evergreendouble import WORKSTATION, EvergreenDouble, running_evergreen
from servers.folio.foliodouble import TENANT, FolioDouble, running_folio
from upload import bigday

from offcirc.servers.evergreen.adapter import EvergreenServer
from offcirc.servers.folio.adapter import FolioServer
from offcirc.servers.protocol import Server
from offcirc.storage.ledger.ledger import Ledger
from offcirc.upload.lines.plan import make_plan
from offcirc.upload.replay.events import event_of
from offcirc.upload.run import run_upload

LINES, READERS, ROUNDS = 500, 200, 3


def run() -> list[Row]:
    """FOLIO and Evergreen."""
    folder = SCRATCH / "systems"
    shutil.rmtree(folder, ignore_errors=True)
    with running_folio() as folio, running_evergreen() as evergreen:
        evergreen.speed = LINES
        return [
            _row("FOLIO", folder, lambda: _folio(folio), "BUC_PRET", folio.add_item),
            _row(
                "Evergreen",
                folder,
                lambda: _evergreen(evergreen),
                WORKSTATION,
                lambda item: evergreen.items.setdefault(item, None),
            ),
        ]


def _folio(folio: FolioDouble) -> Server:
    for number in range(READERS):
        folio.add_user(bigday.patron(number))
    return FolioServer(folio.url, {"tenant": TENANT, "timezone": "Europe/Paris"})


def _evergreen(evergreen: EvergreenDouble) -> Server:
    evergreen.cards = {bigday.patron(number) for number in range(READERS)}
    options = {"workstation": WORKSTATION, "timezone": "Europe/Paris"}
    return EvergreenServer(evergreen.url, options, poll_seconds=0.001)


def _row(
    name: str, folder: Path, made: Callable[[], Server], desk: str, add: Callable[[str], object]
) -> Row:
    added = []
    with made() as server:
        server.sign_in(LOGIN, PASSWORD)
        for number in range(2 * ROUNDS):
            items = LINES * 6 // 5
            first = number * items
            for item in range(first, first + items):
                add(bigday.item(item))
            home = folder / f"{name}-{number}"
            file = bigday.day(home / "OffCirc.dat", LINES, items, READERS, first=first)
            seconds = _bare(server, file, desk) if number % 2 else _whole(server, file, home, desk)
            added.append(seconds)
    over = statistics.median(added[::2]) - statistics.median(added[1::2])
    return Row(f"what the engine adds to a line, {name}", over / LINES * 1000, "ms", at_most=2)


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
