"""A report for spreadsheets: RFC 4180, with the mark that tells Excel it is UTF-8."""

from __future__ import annotations

import csv
import io

from offcirc.upload.celltext import defused, legible
from offcirc.upload.columns import COLUMNS
from offcirc.upload.report import JobReport, nameless

BOM = "\ufeff"


def render(report: JobReport, *, names: bool = False) -> str:
    """Every line that is not plainly fine, one a row, under a row of titles."""
    report = nameless(report, names)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.title() for column in COLUMNS])
    writer.writerows(
        [defused(legible(column.text(line))) for column in COLUMNS] for line in report.lines
    )
    return BOM + buffer.getvalue()
