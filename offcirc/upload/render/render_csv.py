"""A report for spreadsheets: a CSV file that opens with a double click, nothing changed on the way.

The mark tells Excel that it is UTF-8. French spreadsheets read semicolons, English ones commas.
A barcode that one would take for a number or a date, and change, is written as ``="0012"``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from offcirc.i18n import language
from offcirc.upload.base.celltext import coded, defused, legible
from offcirc.upload.report.columns import COLUMNS, CellKind
from offcirc.upload.report.report import JobReport, nameless

BOM = "\ufeff"


def render(report: JobReport, *, names: bool = False) -> str:
    """Every line that is not plainly fine, one a row, under a row of titles."""
    report = nameless(report, names)
    titles = [column.title() for column in COLUMNS]
    codes = [place for place, column in enumerate(COLUMNS) if column.kind is CellKind.CODE]
    lines = ([column.text(line) for column in COLUMNS] for line in report.lines)
    return table(titles, lines, codes)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], codes: Iterable[int]) -> str:
    """A table as the text of a CSV file.

    Args:
        titles: of its columns.
        rows: its cells.
        codes: the columns that hold barcodes and identifiers.
    """
    kept = frozenset(codes)
    buffer = io.StringIO(newline="")
    delimiter = ";" if language() == "fr" else ","
    writer = csv.writer(buffer, lineterminator="\r\n", delimiter=delimiter)
    writer.writerow(titles)
    for row in rows:
        writer.writerow(
            (coded if place in kept else defused)(legible(cell)) for place, cell in enumerate(row)
        )
    return BOM + buffer.getvalue()
