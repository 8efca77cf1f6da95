"""What the sample's lines come to, told by a model that knows neither adapters nor servers."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from offcirc import resources

SAMPLE = resources.path("practice/toulouse")


@dataclass
class DayModel:
    """A library by minutes: who has what, and what each line came to.

    Attributes:
        holders: who has an item, and since when.
        told: of each line in its order: ``recorded``, ``renewed``, ``in-house`` or why not.
    """

    items: set[str]
    patrons: set[str]
    holders: dict[str, tuple[str, str]]
    later: dict[str, str]
    in_house: bool
    told: list[str] = field(default_factory=list)

    def play(self, *files: Path) -> DayModel:
        lines = [line for file in files for line in file.read_text().splitlines()]
        # In one minute, returns come first.
        for line in sorted(lines, key=lambda line: (line[:12], line[12] == "L")):
            minute, item, patron = line[:12], line[13:93].strip(), line[93:].strip()
            self.told.append(self._one(minute, line[12] == "L", item, patron))
        return self

    def _one(self, minute: str, loan: bool, item: str, patron: str) -> str:
        if item not in self.items:
            return "item-unknown"
        if self.later.get(item, "") > minute:
            return "later-action"
        if not loan:
            had = self.holders.pop(item, None)
            missing = "in-house" if self.in_house else "not-on-loan"
            return "recorded" if had else missing
        if patron not in self.patrons:
            return "patron-unknown"
        if item in self.holders:
            return "renewed" if self.holders[item][0] == patron else "on-loan-to-another"
        self.holders[item] = (patron, minute)
        return "recorded"


def day_model(*, in_house: bool, guarded: bool) -> DayModel:
    """The library of the sample before its day.

    Args:
        in_house: a return of an item that nobody has counts as its use in the house.
        guarded: what happened after a line about the same item keeps it out.
    """

    def rows(name: str) -> list[dict[str, str]]:
        with (SAMPLE / name).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def minute(text: str) -> str:
        return "".join(filter(str.isdigit, text))[:12]

    return DayModel(
        {row["barcode"] for row in rows("items.csv")},
        {row["barcode"] for row in rows("patrons.csv")},
        {
            row["item_barcode"]: (row["patron_barcode"], minute(row["loaned_at"]))
            for row in rows("loans.csv")
        },
        {row["item_barcode"]: minute(row["at"]) for row in rows("events.csv") if guarded},
        in_house,
    )
