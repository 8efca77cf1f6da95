"""The check of an OffCirc.dat of a million lines: speed, and memory that does not grow with it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from measuring import PEAK_MEMORY, SCRATCH, TOP, Row

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Record

LINES = 1_000_000
START = datetime(2026, 3, 2, 8, 0)

# Each measurement has a process of its own: peak memory is a process's. The clock is a summer's
# day with every line in the past and none of them very old.
CHECK = (
    PEAK_MEMORY
    + """
import json, sys, time
from datetime import datetime
from offcirc.core.dat.datfile import Audit
start = time.perf_counter()
with open(sys.argv[1], "rb") as stream:
    audit = Audit(stream, datetime(2027, 1, 4))
    found = sum(1 for _ in audit)
seconds = time.perf_counter() - start
assert audit.records == int(sys.argv[2]), audit.records
assert found == int(sys.argv[3]), found
print(json.dumps([seconds, peak_memory()]))
"""
)
COUNT = (
    PEAK_MEMORY
    + """
import json, sys, time
start = time.perf_counter()
with open(sys.argv[1], "rb") as stream:
    assert sum(1 for _ in stream) == int(sys.argv[2])
print(json.dumps([time.perf_counter() - start, peak_memory()]))
"""
)


def run() -> list[Row]:
    """Speed and peak memory, of an ordinary file and of one in which every line is wrong."""
    good, bad, small = (SCRATCH / name for name in ("good.dat", "bad.dat", "small.dat"))
    write(good, LINES)
    write(small, 1000)
    # The whole story must be told for each of these lines: a loan without a reader.
    line = b"202603020800L" + b"31400000000001".ljust(80) + b"\r\n"
    bad.write_bytes(line * LINES)
    rows = []
    counted, _ = best(COUNT, good, LINES)
    seconds, memory = best(CHECK, good, LINES, 0)
    rows.append(
        Row("check of 1,000,000 lines", LINES / seconds, "lines/s", at_least=300_000),
    )
    rows.append(
        Row(
            "… its time",
            seconds * 1000,
            "ms",
            floor=counted * 1000,
            floor_name="reading the lines and counting them",
        )
    )
    _, least = best(CHECK, small, 1000, 0)
    rows.append(Row("… its peak memory", memory, "MB", at_most=150))
    rows.append(
        Row("… against 1,000 lines", memory, "MB", floor=least, floor_name="check of 1,000 lines")
    )
    seconds, memory = best(CHECK, bad, LINES, LINES)
    rows.append(Row("check of 1,000,000 wrong lines", LINES / seconds, "lines/s"))
    rows.append(Row("… its peak memory", memory, "MB", at_most=150))
    return rows


def best(code: str, path: Path, *expected: int) -> tuple[float, float]:
    """Seconds and peak MB of the best of three runs, in fresh processes."""
    results = []
    for _ in range(3):
        command = [sys.executable, "-c", code, str(path), *map(str, expected)]
        done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True)
        results.append(tuple(json.loads(done.stdout)))
    return min(results)


def write(path: Path, lines: int) -> None:
    """A believable file: two loans and a return every quarter of a minute or so, for months."""
    with path.open("wb") as stream:
        for number in range(lines):
            at = START + timedelta(minutes=number // 4)
            item = f"314{number % 900_000:011}"
            if number % 3 == 2:
                record = Record(at, Operation.RETURN, item)
            else:
                record = Record(at, Operation.LOAN, item, f"99{number % 40_000:08}")
            stream.write(encode(record))
