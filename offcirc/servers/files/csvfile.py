"""Loans and returns as CSV: for whatever program takes a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from offcirc.i18n import _
from offcirc.servers.files.byhand import one_file, sieved
from offcirc.servers.files.target import Known, LeftOut, TargetFile, Unfit
from offcirc.servers.protocol import Event

COLUMNS = ("timestamp", "operation", "item", "patron", "desk")
_FORMULA = ("=", "+", "-", "@")


class CsvTable:
    """A table with headings in English, as programs want them."""

    format = "csv"
    suffix = ".csv"

    def title(self) -> str:
        """What it is for people."""
        return _("Table as plain text")

    def write(
        self, events: Sequence[Event], known: Known | None = None
    ) -> tuple[list[TargetFile], list[LeftOut]]:
        """One file; what a spreadsheet would run as a formula is left out."""
        held, left = sieved(events, _unfit)
        text = StringIO()
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(COLUMNS)
        rows.writerows(
            (
                event.at.isoformat(timespec="seconds"),
                event.operation.plain,
                event.item,
                event.patron,
                event.desk,
            )
            for event in held
        )
        return one_file(text.getvalue().encode(), held), left

    def limits(self) -> tuple[str, ...]:
        """What to know before."""
        return (
            _(
                "A spreadsheet that opens this file shortens long numbers and drops leading zeros: "
                "give it to programs, or have the columns read as text."
            ),
        )


def _unfit(event: Event) -> Unfit | None:
    formula = event.item.startswith(_FORMULA) or event.patron.startswith(_FORMULA)
    return Unfit.COMMAND if formula else None
