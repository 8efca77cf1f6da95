"""Two hundred desks merged and checked against each other: time and memory, and how they grow.

The time is the processor's, so that whatever else the machine does meanwhile does not count.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from measuring import PEAK_MEMORY, SCRATCH, TOP, Row

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Record

DESKS = 200
LINES = 5000
SMALL = 500
"""Lines of each desk in the run that growth is measured against."""
START = datetime(2026, 3, 2, 8, 0)
DAY = 600
"""Minutes that the desks are open a day."""

MERGE = (
    PEAK_MEMORY
    + """
import json, sys, time
from pathlib import Path
from offcirc.upload.lines.plan import make_plan
start = time.process_time()
plan = make_plan(sorted(Path(sys.argv[1]).glob("*.dat")))
lines = sum(1 for _ in plan.lines())
seconds = time.process_time() - start
assert lines == int(sys.argv[2]), lines
print(json.dumps([seconds, peak_memory()]))
"""
)
CHECK = (
    PEAK_MEMORY
    + """
import json, sys, time
from datetime import datetime
from pathlib import Path
from offcirc.upload.check.checking import Against, check_plan
from offcirc.upload.lines.plan import make_plan
start = time.process_time()
plan = make_plan(sorted(Path(sys.argv[1]).glob("*.dat")))
done = []
found = sum(1 for _ in check_plan(plan, Against(now=datetime(2027, 1, 4)), progress=done.append))
seconds = time.process_time() - start
assert done[-1] == int(sys.argv[2]), done[-1]
assert found > 0
print(json.dumps([seconds, peak_memory()]))
"""
)


def run() -> list[Row]:
    """A million lines of two hundred desks, against a hundred thousand of as many."""
    small, large = SCRATCH / "desks-small", SCRATCH / "desks-large"
    write(small, SMALL)
    write(large, LINES)
    rows: list[Row] = []
    for what, code in (("merge", MERGE), ("check across desks", CHECK)):
        fewer, least = measured(code, small, DESKS * SMALL)
        seconds, memory = measured(code, large, DESKS * LINES)
        name = f"{what} of 1,000,000 lines, {DESKS} desks"
        rows += [
            Row(name, seconds, "s"),
            Row(
                "… its time a line",
                seconds / DESKS / LINES * 1e6,
                "µs",
                floor=fewer / DESKS / SMALL * 1e6,
                floor_name="of 100,000 lines",
                at_most=1.3,
            ),
            Row("… its peak memory", memory, "MB", at_most=700),
            Row("… against 100,000 lines", memory, "MB", floor=least, floor_name="100,000 lines"),
        ]
    shutil.rmtree(small)
    shutil.rmtree(large)
    return rows


def measured(code: str, folder: Path, lines: int) -> tuple[float, float]:
    """Seconds of the processor and peak MB of the better of two runs, in fresh processes."""
    results = []
    for _ in range(2):
        command = [sys.executable, "-c", code, str(folder), str(lines)]
        done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)
        results.append(tuple(json.loads(done.stdout)))
    return min(results)


def write(folder: Path, lines: int) -> None:
    """Desks that lend and take back about four items a minute, some of them each other's."""
    folder.mkdir(parents=True)
    for desk in range(DESKS):
        chance = random.Random(desk)
        with (folder / f"OffCirc_desk{desk:03}.dat").open("wb") as stream:
            for number in range(lines):
                days, minute = divmod(number // 4, DAY)
                at = START + timedelta(days=days, minutes=minute)
                item = f"314{chance.randrange(DESKS * lines):011}"
                if number % 3 == 2:
                    record = Record(at, Operation.RETURN, item)
                else:
                    patron = f"99{chance.randrange(40_000):08}"
                    record = Record(at, Operation.LOAN, item, patron)
                stream.write(encode(record))
