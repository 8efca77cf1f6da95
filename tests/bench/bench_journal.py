"""The price of keeping a transaction, and whether a long day makes it dearer."""

from __future__ import annotations

import shutil
from datetime import datetime

from measuring import SCRATCH, BareAppend, Row, compared, in_turn

from offcirc.core.transaction import Operation, record_now
from offcirc.storage.journal.journal import Journal

SAMPLES = 500
LONG_DAY = 50_000


def run() -> list[Row]:
    """The first transactions of a day and the 50,000th, in turn with a bare append."""
    folder = SCRATCH / "journal"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bare = BareAppend(folder / "bare")
    try:
        with Journal.open(folder / "first") as first, Journal.open(folder / "long") as long:
            for number in range(LONG_DAY - SAMPLES // 2):
                long.append(loan(number))
            floor, early, late = in_turn(
                SAMPLES,
                [
                    lambda number: bare(),
                    lambda number: first.append(loan(number)),
                    lambda number: long.append(loan(LONG_DAY + number)),
                ],
            )
    finally:
        bare.close()
    bare_name = "append and flush of 50 bytes"
    return [
        compared("transaction into the journal", early, "ms", floor, bare_name, at_most=3),
        compared("… the 50,000th of the day", late, "ms", early, "the first ones", at_most=1.2),
    ]


def loan(number: int):
    """A loan, now."""
    now = datetime.now().astimezone()
    return record_now(now, Operation.LOAN, f"314{number:011}", f"99{number % 400:08}")
