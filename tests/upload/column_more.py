"""A program with one report column more, declared by one entry: every output, into a folder."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication
from upload.reportkit import line, report

from offcirc.upload.report import columns
from offcirc.upload.report.columns import PAGE, PANEL, PRINT, TABLE, CellKind, Column, Shown

TITLE, VALUE = "Shelf mark", "QA76.9"
ENTRY = Column(
    "shelf",
    TITLE,
    CellKind.TEXT,
    lambda line: VALUE,
    {
        PAGE: Shown(62, 60),
        PRINT: Shown(65, 12),
        TABLE: Shown(55, 5),
        PANEL: Shown(25),
    },
)


def main(folder: Path) -> None:
    """Write it all; what the window and the command line say goes into ``said.json``."""
    columns.COLUMNS += (ENTRY,)
    from offcirc.cli.uploads import reports
    from offcirc.referent.frame.start import Dress
    from offcirc.referent.report.page import ReportPage
    from offcirc.upload.render.files import formats, render
    from offcirc.upload.report.choosing import Choice, narrowed, sortings

    whole = report(line(1), line(2))
    for ending in formats():
        (folder / f"r{ending}").write_bytes(render(whole, f"r{ending}"))
    with (folder / "r.txt").open("w") as stream, contextlib.redirect_stdout(stream):
        reports.show(whole, "text")
    with Dress(QApplication([])) as look:
        page = ReportPage(look)
        page.show_report(whole)
        page.filter.setText(VALUE)
        (folder / "said.json").write_text(
            json.dumps(
                {
                    "titles": page.rows.titles(),
                    "row": [page.rows.text(0, n) for n in range(page.rows.columnCount())],
                    "panel": [value.text() for value in page.panel.facts.values],
                    "found": page.rows.rowCount(),
                    "chosen": len(narrowed(whole, Choice(text=VALUE)).lines),
                    "sortings": sortings(),
                }
            )
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
