"""A report of twenty thousand refused lines, in each format.

The time is the processor's, so that whatever else the machine does meanwhile does not count.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from measuring import TOP, Row

from offcirc.core.answers import Reason
from offcirc.core.transaction import Operation
from offcirc.upload.render.files import formats
from offcirc.upload.report.report import (
    JobReport,
    JobStatus,
    LineStatus,
    Origin,
    ReportFile,
    ReportLine,
)

HERE = Path(__file__).resolve().parent
LINES = 20_000
START = datetime(2026, 11, 27, 8)
REASONS = (
    (Reason.PATRON_UNKNOWN, "User not found with identifier {patron}."),
    (Reason.ITEM_UNKNOWN, "Item with barcode {item} was not found in the repository."),
    (Reason.NOT_ON_LOAN, "Item {item} is not on loan."),
)

CODE = """
import sys, time
from bench_report import report
from offcirc.upload.render.files import render
made = report()
start = time.process_time()
data = render(made, "report" + sys.argv[1], names=True)
print(time.process_time() - start)
assert len(data) > 1_000_000, len(data)
"""


def run() -> list[Row]:
    """Each format in a process of its own, its fonts and templates read anew."""
    return [
        Row(f"{LINES:,} refused lines as {ending}", _measured(ending), "s", at_most=6)
        for ending in formats()
    ]


def _measured(ending: str) -> float:
    """Seconds of the processor, the better of two runs in fresh processes."""
    command = [sys.executable, "-c", CODE, ending]
    environment = os.environ | {"PYTHONPATH": str(HERE)}
    return min(
        float(
            subprocess.run(
                command, cwd=TOP, env=environment, capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(2)
    )


def report() -> JobReport:
    """An upload of six desks, refused from the first line to the last."""
    chance = random.Random(0)
    lines = tuple(_line(number, chance) for number in range(LINES))
    files = tuple(
        ReportFile(f"OffCirc_desk{desk}.dat", f"{desk:064}", LINES * 105 // 6, LINES // 6)
        for desk in range(6)
    )
    return JobReport(
        id=1,
        process_id="1234567890001234",
        name="Loans - Upload offline transactions",
        server="https://library.example",
        desk="BUC_PRET",
        who="referent",
        started=START.astimezone(),
        finished=(START + timedelta(minutes=20)).astimezone(),
        run_seconds=1200,
        status=JobStatus.COMPLETED,
        dry_run=False,
        files=files,
        records=LINES,
        recorded=0,
        rejected=LINES,
        unknown=0,
        held=0,
        skipped=0,
        left=0,
        lines=lines,
    )


def _line(number: int, chance: random.Random) -> ReportLine:
    reason, message = REASONS[number % len(REASONS)]
    loan = reason is not Reason.NOT_ON_LOAN
    at = START + timedelta(minutes=number // 40)
    item = f"314{chance.randrange(10**11):011}"
    patron = f"99{chance.randrange(10**8):08}" if loan else ""
    return ReportLine(
        file=f"OffCirc_desk{number % 6}.dat",
        line=number // 6 + 1,
        status=LineStatus.REJECTED,
        message=message.format(item=item, patron=patron),
        reason=reason,
        at=at,
        operation=Operation.LOAN if loan else Operation.RETURN,
        item=item,
        patron=patron,
        raw=f"{at:%Y%m%d%H%M}{'L' if loan else 'R'}{item:<80}{patron:<80}".rstrip(),
        exact=at + timedelta(seconds=number % 60),
        origin=Origin("Bibliothèque centrale", "BUC_PRET", f"desk{number % 6}"),
        title=f"{chance.choice(TITLES)}, {chance.choice(TITLES).lower()}",
        patron_name=f"{chance.choice(NAMES)} {chance.choice(NAMES)}" if loan else "",
    )


TITLES = (
    "Les Misérables",
    "Introduction à la statistique descriptive",
    "The Cambridge history of Africa, from c. 1600 to c. 1790",
    "Traité de droit civil",
    "Война и мир",
    "Physique des semi-conducteurs et des composants électroniques",
)
NAMES = ("Camille", "Dupont", "Éloïse", "Nguyen", "Haddad", "Moreau", "Sacha", "Lefèvre", "Traoré")
