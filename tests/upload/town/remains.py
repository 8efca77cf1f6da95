"""What the outage leaves behind: a library on the server, and files as referents find them."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from upload.town.truth import LIBRARIES, Desk, Happened, Kind, Town

from offcirc.core.dat.datline import encode
from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import Operation, Record, record_now
from offcirc.storage.copies.mirror import Mirror
from offcirc.storage.dat.datwriter import DatWriter
from offcirc.storage.journal.journal import Journal

ZONE = ZoneInfo("Europe/Paris")
LAST_WEEK = datetime(2018, 2, 27, 10, 0)


@dataclass(frozen=True, slots=True)
class Remains:
    """Where everything is.

    Attributes:
        library: the folder the practice server starts from.
        tree: the folder the referent is given: copies, data folders and bare files in it.
        last_week: the file that was uploaded last week; it is in the tree too, renamed.
        last_week_items: what was returned then.
        offsets: seconds to add to the times of a file, as the referent knows them, by file.
        swapped: the lines in which staff scanned the card as the item and the item as the card:
            file and line number.
    """

    library: Path
    tree: Path
    last_week: Path
    last_week_items: tuple[str, ...]
    offsets: dict[Path, int]
    swapped: list[tuple[Path, int]]


def leave(town: Town, folder: Path, seed: int) -> Remains:
    """Write it all down."""
    chance = random.Random(seed)
    tree = folder / "collected"
    tree.mkdir(parents=True)
    last_week, items = _last_week(town, folder, chance)
    remains = Remains(folder / "library", tree, last_week, items, {}, [])
    _library(town, remains.library)
    for index, desk in enumerate(town.desks):
        events = [event for event in town.events if event.desk == index]
        if desk.kind is Kind.BARE:
            path = _bare(desk, events, tree, chance, remains.swapped)
        else:
            path = _journalled(desk, events, tree, folder / f"pc-{index + 1}")
        if desk.fast and desk.jumps_at is None:
            remains.offsets[path] = -round(desk.fast.total_seconds())
    shutil.copy(last_week, tree / "OffCirc 27-02 Mirail (2).dat")
    _copies(tree, chance)
    return remains


def _library(town: Town, folder: Path) -> None:
    folder.mkdir()
    hours = '"08:00-22:00"'
    week = ", ".join(f"{day} = {hours}" for day in ("mon", "tue", "wed", "thu", "fri", "sat"))
    libraries = "\n".join(
        f'[libraries.{code}]\nname = "Library {code}"\ncirc_desk = "{desk}"\n'
        f"hours = {{ {week} }}\nclosures = []\ngrace_days = 3\nshort_loan_grace_days = 1\n"
        for code, desk in LIBRARIES.items()
    )
    rule = '[[rules]]\nlocation = "*"\ngroup = "*"\ndays = 28\nmax_days = 56\n'
    text = f'timezone = "Europe/Paris"\n{libraries}\n{rule}\n[exceptions]\n'
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    _table(
        folder / "items.csv",
        "barcode,title,library,location,exception,material_type,requested_by",
        ((item, f"Title {item}", owner, "LIBRE", "", "Book", "") for item, owner in _sorted(town)),
    )
    _table(
        folder / "patrons.csv",
        "primary_id,barcode,name,group,expires_on,block",
        ((f"p{i}", card, f"Reader {i}", "L", "2019-10-31", "") for i, card in _cards(town)),
    )
    _table(
        folder / "loans.csv",
        "item_barcode,patron_barcode,loaned_at,due_at",
        (
            (item, card, f"{since:%Y-%m-%dT%H:%M}", "2018-03-20T22:00")
            for item, (card, since) in sorted(town.before.items())
        ),
    )
    _table(folder / "events.csv", "item_barcode,at,event", ())
    _table(
        folder / "accounts.csv",
        "login,name,role,desks,password",
        (("referent", "Referent", "operator", ";".join(LIBRARIES.values()), "simulated"),),
    )


def _sorted(town: Town) -> list[tuple[str, str]]:
    return sorted(town.items.items())


def _cards(town: Town) -> Iterable[tuple[int, str]]:
    return enumerate(town.patrons)


def _table(path: Path, head: str, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(head.split(","))
        writer.writerows(rows)


def _last_week(town: Town, folder: Path, chance: random.Random) -> tuple[Path, tuple[str, ...]]:
    """Items that came back a week earlier: their return was uploaded, its file forgotten."""
    path = folder / "last-week.dat"
    shelf = [item for item in town.items if item not in town.before]
    lines = b""
    items = tuple(chance.sample(shelf, min(40, len(shelf))))
    for minute, item in enumerate(items):
        at = LAST_WEEK + timedelta(minutes=minute)
        # It was lent and came back within the hour: the state of today does not show it.
        lines += encode(Record(at, Operation.LOAN, item, town.patrons[minute % 9]))
        lines += encode(Record(at + timedelta(minutes=1), Operation.RETURN, item))
    path.write_bytes(lines)
    return path, items


def _journalled(desk: Desk, events: Sequence[Happened], tree: Path, home: Path) -> Path:
    """A desk that ran this program: a real journal, a real file, the copy made as it is made."""
    identity = DeskIdentity(f"Library {desk.library}", desk.circ_desk, desk.name)
    folder = tree / f"data {desk.name}" if desk.kind is Kind.FOLDER else home
    now = _Now(events[0].at - timedelta(minutes=5), desk)
    with Journal.open(folder, clock=now.shown, identity=identity, monotonic=now.seconds) as journal:
        writer = DatWriter(journal)
        writer.repair()
        for event in events:
            now.jump_before(event.at, journal)
            now.true = event.at
            journal.keep(
                record_now(
                    now.shown().astimezone(ZONE),
                    Operation.LOAN if event.patron else Operation.RETURN,
                    event.item,
                    event.patron,
                )
            )
        writer.save()
        if desk.kind is Kind.FOLDER:
            return writer.path
        mirror = Mirror(folder, writer.path, tree, identity, clock=now.shown)
        mirror.start()
        assert mirror.close(60)
        path = mirror.state.path
        assert path is not None
        # The other desks' PCs have other names; here they would all be this machine.
        return path


class _Now:
    """The clocks of a desk PC: the one on its wall, and the one that nobody can set."""

    def __init__(self, true: datetime, desk: Desk) -> None:
        self.true = true
        self._desk = desk
        self._jumped = desk.jumps_at is None

    def shown(self) -> datetime:
        return self._desk.clock(self.true).replace(tzinfo=ZONE).astimezone(UTC)

    def seconds(self) -> float:
        return (self.true - datetime(2018, 1, 1)).total_seconds()

    def jump_before(self, at: datetime, journal: Journal) -> None:
        jumps_at = self._desk.jumps_at
        if self._jumped or jumps_at is None or at < jumps_at:
            return
        self._jumped = True
        self.true = jumps_at
        before = (jumps_at + self._desk.fast).replace(tzinfo=ZONE)
        journal.note_jump(before, jumps_at.replace(tzinfo=ZONE))


def _bare(
    desk: Desk,
    events: Sequence[Happened],
    tree: Path,
    chance: random.Random,
    swapped: list[tuple[Path, int]],
) -> Path:
    """The original program's file: some padding lost, some fields swapped, no last line end."""
    path = tree / desk.library / f"OFFCIRC_{desk.name.replace(' ', '-')}_7mars.dat"
    path.parent.mkdir(exist_ok=True)
    lines = []
    for number, event in enumerate(events, start=1):
        at = desk.clock(event.at).replace(second=0, microsecond=0)
        if not event.patron:
            lines.append(encode(Record(at, Operation.RETURN, event.item)))
        elif chance.random() < 0.01:
            swapped.append((path, number))
            lines.append(encode(Record(at, Operation.LOAN, event.patron, event.item)))
        elif chance.random() < 0.02:
            lines.append(f"{at:%Y%m%d%H%M}L{event.item}   {event.patron}\r\n".encode())
        else:
            lines.append(encode(Record(at, Operation.LOAN, event.item, event.patron)))
    path.write_bytes(b"".join(lines).removesuffix(b"\r\n"))
    return path


def _copies(tree: Path, chance: random.Random) -> None:
    """Copied by hand: one file whole under another name, another as it was at noon."""
    bare = sorted(tree.glob("*/OFFCIRC_*.dat"))
    if bare:
        shutil.copy(bare[0], tree / "copie de OffCirc.dat")
        lines = bare[-1].read_bytes().splitlines(keepends=True)
        (tree / "OffCirc midi.dat").write_bytes(b"".join(lines[: chance.randrange(len(lines))]))
