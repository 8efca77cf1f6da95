"""The chaos of a bad network over library systems of others: nothing twice, nothing missing.

Neither FOLIO nor Evergreen knows our keys. What nobody can tell afterwards stays unknown; of the
rest, the system holds in the end what a model of the day says.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from helpers import wait_until
from servers.daymodel import SAMPLE, day_model
from servers.evergreendouble import WORKSTATION, running_evergreen
from servers.foliodouble import TENANT, ZONE, FolioDouble, running_folio
from upload.chaos_proxy import ChaosProxy, chaos
from upload.machines import start

ROUNDS = range(40 if os.environ.get("OFFCIRC_PROVE") == "1" else 1)
FILES = [
    SAMPLE / "OffCirc.dat",
    SAMPLE / "two-desks" / "desk-A.dat",
    SAMPLE / "two-desks" / "desk-B.dat",
]
LATE = 0.6
"""Seconds after which a request comes at last that its sender has given up."""
OPTIONS = {
    "folio": {"tenant": TENANT, "timezone": ZONE.key},
    "evergreen": {"workstation": WORKSTATION, "timezone": ZONE.key},
}
DESKS = {"folio": "BUC_PRET", "evergreen": WORKSTATION}

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX systems"),
]


def held_by_folio(double: FolioDouble) -> dict[str, tuple[str, str]]:
    return {
        item: (patron, f"{at.astimezone(ZONE):%Y%m%d%H%M}")
        for item, (patron, at) in double.open_loans().items()
    }


def upload(proxy: ChaosProxy, kind: str, data: Path, seconds: float, kill_after: int = 0) -> str:
    """Run an uploader, or kill it after so many requests; what was under way has arrived then."""
    options = json.dumps(OPTIONS[kind])
    process = start(
        "system_uploader.py", kind, proxy.url, options, data, DESKS[kind], seconds, *FILES
    )
    if kill_after:
        far = sum(proxy.met.values()) + kill_after
        wait_until(lambda: sum(proxy.met.values()) >= far or process.poll() is not None, timeout=60)
        process.kill()
    said = process.communicate(timeout=240)[0].strip()
    wait_until(lambda: not proxy.pending, timeout=60)
    return said


def told(data: Path) -> list[tuple[str, str, str]]:
    """Item, state and reason of each line, as the ledger has them."""
    with closing(sqlite3.connect(data / "ledger.db")) as connection:
        return connection.execute(
            "SELECT item, state, reason FROM lines WHERE upload ="
            " (SELECT max(upload) FROM lines) ORDER BY line"
        ).fetchall()


@pytest.mark.parametrize("round_", ROUNDS)
@pytest.mark.parametrize("kind", ["folio", "evergreen"])
def test_nothing_twice_and_nothing_missing(tmp_path: Path, kind: str, round_: int) -> None:
    chance = random.Random(round_)
    running = running_folio if kind == "folio" else running_evergreen
    with running() as double:
        double.take(SAMPLE)
        double.token_life = 40
        with chaos(double.url, round_, LATE) as proxy:
            for _attempt in range(chance.randint(1, 2)):
                upload(proxy, kind, tmp_path, 0.4, chance.choice([0, 9, 25, 45]))
            proxy.calm = True
            assert upload(proxy, kind, tmp_path, 60) == "completed"
        held = held_by_folio(double) if isinstance(double, FolioDouble) else double.held()
    folio = kind == "folio"
    model = day_model(in_house=folio, guarded=folio).play(*FILES)
    lines = told(tmp_path)
    assert len(lines) == len(model.told)
    assert max(double.done.values()) == 1
    doubtful = {item for item, state, _reason in lines if state == "unknown"}
    for item in (held.keys() | model.holders.keys()) - doubtful:
        assert held.get(item) == model.holders.get(item), item
    for (item, state, reason), wanted in zip(lines, model.told, strict=True):
        good = wanted in ("recorded", "renewed", "in-house")
        if item not in doubtful:
            assert (state in ("recorded", "skipped")) is good, (item, state, reason, wanted)
            assert good or reason == wanted
