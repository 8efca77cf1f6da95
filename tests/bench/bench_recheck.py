"""A day of twenty thousand lines checked in the uploader, and again after a decision.

The time is the processor's, so that whatever else the machine does meanwhile does not count.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from datetime import datetime, timedelta

from measuring import SCRATCH, TOP, Row

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Record

DESKS = 6
LINES = 20_000
AGAIN = 7
"""Decisions made, one after the other."""

CODE = """
import json, sys, time
from datetime import datetime
from pathlib import Path
from offcirc.core.barcodes.rules import ANY
from offcirc.referent.background.inspecting import Wish, inspect, inspect_again
from offcirc.referent.background.inspection import KnownBefore
from offcirc.storage.ledger.decisions import DecidedLine, DecisionBook
from offcirc.storage.ledger.ledger import LEDGER_NAME, Ledger

folder = Path(sys.argv[1])
wish = Wish(tuple(sorted(folder.glob("*.dat"))), folder, ANY, datetime(2026, 11, 28))
known = KnownBefore()

def measured(look):
    start = time.process_time()
    found = look(wish, lambda _scan: None, lambda: False, known)
    return time.process_time() - start, found

first, found = measured(inspect)
times = []
for number in range(int(sys.argv[2])):
    row = [row for row in found.rows if row.line.number and not row.decision][number]
    line = DecidedLine(row.line.key, row.line.file, row.line.number, row.line.raw)
    with Ledger(folder / LEDGER_NAME) as ledger:
        DecisionBook(ledger).hold([line], who="bench")
    seconds, found = measured(inspect_again)
    times.append(seconds)
print(json.dumps([first, times]))
"""


def run() -> list[Row]:
    """Checked the first time, and after each of some decisions."""
    folder = SCRATCH / "recheck"
    folder.mkdir()
    _write(folder)
    command = [sys.executable, "-c", CODE, str(folder), str(AGAIN)]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)
    first, times = json.loads(done.stdout)
    shutil.rmtree(folder)
    times.sort()
    name = f"{LINES:,} lines of {DESKS} desks checked again after a decision"
    return [
        Row(name, times[len(times) // 2], "s", p99=times[-1], at_most=0.3),
        Row(
            "… against reading all of it",
            times[len(times) // 2],
            "s",
            floor=first,
            floor_name="all of it",
            at_most=0.6,
        ),
    ]


def _write(folder) -> None:
    start = datetime(2026, 11, 27, 8)
    for desk in range(DESKS):
        chance = random.Random(desk)
        with (folder / f"OffCirc_desk{desk}.dat").open("wb") as stream:
            for number in range(LINES // DESKS):
                at = start + timedelta(minutes=number // 6)
                # An item in sixty is met at two desks.
                item = f"314{number * DESKS + desk - (chance.random() < 1 / 60):011}"
                patron = f"99{chance.randrange(4000):08}"
                loan = Record(at, Operation.LOAN, item, patron)
                back = Record(at, Operation.RETURN, item)
                stream.write(encode(back if number % 3 == 2 else loan))
