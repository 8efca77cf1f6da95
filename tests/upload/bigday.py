"""A library of any size and the file of a busy day there."""

from __future__ import annotations

import random
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from upload.kit import dat

from offcirc import resources
from offcirc.core.transaction import Operation, Record

MORNING = datetime(2018, 3, 5, 8, 0)
SAMPLE = resources.path("practice/toulouse")


def library(folder: Path, items: int, patrons: int) -> Path:
    """A library folder with the sample's policy and accounts, and so many items and readers."""
    folder.mkdir(parents=True)
    for name in ("policy.toml", "accounts.csv"):
        shutil.copy(SAMPLE / name, folder / name)
    head = "barcode,title,library,location,exception,material_type,requested_by"
    lines = [f"{item(n)},Titre {n},BUC,63S,,Livre," for n in range(items)]
    _write(folder / "items.csv", head, lines)
    head = "primary_id,barcode,name,group,expires_on,block"
    lines = [f"ut1.r{n},{patron(n)},Lecteur {n},L,2018-12-31," for n in range(patrons)]
    _write(folder / "patrons.csv", head, lines)
    _write(folder / "loans.csv", "item_barcode,patron_barcode,loaned_at,due_at", [])
    _write(folder / "events.csv", "item_barcode,at,event", [])
    return folder


def item(number: int) -> str:
    return f"370{number:08}"


def patron(number: int) -> str:
    return f"992{number:010}"


def day(path: Path, lines: int, items: int, patrons: int, *, first: int = 0) -> Path:
    """The file of one day: readers come with one to five items, some bring theirs back.

    Everything in it is recorded: an item is lent when it is there and returned when it is out.

    Args:
        path: where it is written.
        lines: how many loans and returns.
        items: how many different items at most.
        patrons: how many different readers at most.
        first: the number of the first item; days that share none do not disturb each other.
    """
    chance = random.Random(first)
    out: list[int] = []
    there = list(range(first, first + items))
    chance.shuffle(there)
    records: list[Record] = []
    while len(records) < lines:
        at = MORNING + timedelta(seconds=len(records) * 36000 // lines)
        if out and (len(there) < 5 or chance.random() < 0.25):
            number = out.pop(chance.randrange(len(out)))
            there.append(number)
            records.append(Record(at, Operation.RETURN, item(number)))
            continue
        reader = patron(chance.randrange(patrons))
        for _n in range(min(chance.randint(1, 5), lines - len(records))):
            number = there.pop(chance.randrange(len(there)))
            out.append(number)
            records.append(Record(at, Operation.LOAN, item(number), reader))
    return dat(path, *records)


def _write(path: Path, head: str, lines: list[str]) -> None:
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
