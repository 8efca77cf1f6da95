"""Loans and returns as CSV: for whatever program takes a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from offcirc.core.transaction import Operation
from offcirc.i18n import _
from offcirc.servers.files.target import Known, LeftOut, TargetFile, Unfit
from offcirc.servers.protocol import Event

COLUMNS = ("timestamp", "operation", "item", "patron", "desk")
_WORDS = {Operation.LOAN: "loan", Operation.RETURN: "return"}
_FORMULA = ("=", "+", "-", "@")


class CsvTable:
    """A table with headings in English, as programs want them."""

    format = "csv"
    suffix = ".csv"

    def write(
        self, events: Sequence[Event], known: Known | None = None
    ) -> tuple[list[TargetFile], list[LeftOut]]:
        """One file; what a spreadsheet would run as a formula is left out."""
        held: list[Event] = []
        left = []
        for event in events:
            if event.item.startswith(_FORMULA) or event.patron.startswith(_FORMULA):
                left.append(LeftOut(event, Unfit.COMMAND))
            else:
                held.append(event)
        text = StringIO()
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(COLUMNS)
        rows.writerows(
            (
                event.at.isoformat(timespec="seconds"),
                _WORDS[event.operation],
                event.item,
                event.patron,
                event.desk,
            )
            for event in held
        )
        return [TargetFile(text.getvalue().encode(), tuple(held))] if held else [], left

    def limits(self) -> tuple[str, ...]:
        """What to know before."""
        return (
            _(
                "A spreadsheet that opens this file shortens long numbers and drops leading zeros: "
                "give it to programs, or have the columns read as text."
            ),
        )
