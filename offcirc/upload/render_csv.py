"""A report for spreadsheets: RFC 4180, with the mark that tells Excel it is UTF-8.

A barcode can begin with ``=``; a spreadsheet would run it as a formula. Such a cell gets an
apostrophe in front, which spreadsheets take as "this is text".
"""

from __future__ import annotations

import csv
import io

from offcirc.i18n import _
from offcirc.upload import reportview as view
from offcirc.upload import words
from offcirc.upload.report import JobReport, LineStatus, ReportLine

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def render(report: JobReport) -> str:
    """Every line that is not plainly fine, one a row, under a row of titles."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(
        [
            _("File"),
            _("Line"),
            _("Status"),
            _("Time"),
            _("Operation"),
            _("Item barcode"),
            _("Borrower"),
            _("Error Message"),
            _("Reason"),
            _("What to do"),
            _("Line of the file"),
        ]
    )
    for line in report.lines:
        writer.writerow([defused(cell) for cell in _cells(line)])
    return BOM + buffer.getvalue()


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell.lstrip(" ").startswith(_FORMULA) else cell


def _cells(line: ReportLine) -> list[str]:
    recorded = line.status is LineStatus.RECORDED
    return [
        line.file,
        str(line.line),
        words.line_status(line.status),
        view.when(line),
        view.operation(line),
        line.item,
        line.patron,
        line.message,
        words.note_names(line.notes) if recorded else words.reason_name(line.reason),
        words.what_to_do(line),
        line.raw,
    ]
