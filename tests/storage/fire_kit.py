"""A day at one desk on which anything may fail, and how it must look the next morning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from storage.desk_kit import MORNING, CrashError
from storage.faulty import FaultyDisk, Kind, quick_folder

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Operation, Transaction, record_now
from offcirc.disk.errors import Fault, NotPendingError, StorageError
from offcirc.storage.journal.rows import Row, RowState
from offcirc.storage.keeper.keeper import LONGEST_PAUSE, Keeper

CLOSED = datetime(2026, 11, 21, 19, 0)


class Day:
    """A day at one desk, whatever fails.

    Attributes:
        kept: what was acknowledged, in order.
        deleted: ids of the rows whose deletion was acknowledged.
        unsure: ids of rows whose deletion failed: they may be either.
        refused: ids of transactions that were not acknowledged.
        late: ids of deleted rows of which the staff were told that they had been saved before.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[str, Transaction] = {}
        self.deleted: set[str] = set()
        self.unsure: set[str] = set()
        self.refused: set[str] = set()
        self.late: set[str] = set()
        self.now = MORNING
        self.seconds = 0.0
        self.keeper: Keeper | None = None

    def open(self) -> None:
        try:
            self.keeper = Keeper.open(
                self.folder / "home",
                fallback=self.folder / "other" / "fallback",
                clock=lambda: self.now,
                monotonic=lambda: self.seconds,
            )
        except StorageError:
            self.keeper = None

    def close(self) -> None:
        keeper, self.keeper = self.keeper, None
        if keeper is not None:
            self.late |= set(keeper._tell().reunion.too_late)
            keeper.close()

    def scan(self) -> Row | None:
        self.now += timedelta(seconds=7)
        number = len(self.kept) + len(self.refused) + 1
        operation = list(Operation)[number % len(Operation)]
        stated = CLOSED if operation is Operation.RETURN and number % 8 == 5 else None
        record = record_now(
            self.now, operation, f"3700003{number:04}", "9921000000164", stated=stated
        )
        if self.keeper is None:
            self.open()
        try:
            if self.keeper is None:
                raise StorageError(Fault.VANISHED, self.folder)
            row = self.keeper.append(record)
        except StorageError:
            self.refused.add(record.id)
            return None
        except CrashError:
            self.refused.add(record.id)
            raise
        self.kept[record.id] = record
        return row

    def delete(self, row: Row | None) -> None:
        if row is None or self.keeper is None:
            return
        name = row.transaction.id
        try:
            assert self.keeper.void(row).state is RowState.VOIDED
        except NotPendingError:
            return
        except StorageError:
            self.unsure.add(name)
        except CrashError:
            self.unsure.add(name)
            raise
        else:
            self.deleted.add(name)

    def tell(self, row: Row | None) -> None:
        """What the desk was told of a row is noted, or is not: nothing else depends on it."""
        if row is not None and self.keeper is not None:
            with suppress(StorageError):
                self.keeper.tell([(row, "overdue")])

    def save(self) -> None:
        if self.keeper is not None:
            try:
                self.keeper.save()
            except StorageError:
                return

    def wait(self) -> None:
        self.seconds += LONGEST_PAUSE + 1
        self.now += timedelta(seconds=LONGEST_PAUSE + 1)
        if self.keeper is not None:
            self.late |= set(self.keeper.tend().reunion.too_late)

    def check_list(self) -> None:
        """What the window would show as not saved is what was acknowledged and no more."""
        if self.keeper is None or self.keeper.standing.fault is not None:
            return
        pending = [row.transaction.id for row in self.keeper.pending()]
        assert len(pending) == len(set(pending))
        assert set(pending) <= set(self.kept) - self.deleted

    def live(self) -> None:
        """The whole day."""
        self.open()
        self.scan()
        self.scan()
        self.save()
        first = self.scan()
        second = self.scan()
        self.tell(first)
        self.delete(second)
        self.wait()
        self.scan()
        self.delete(first)
        self.check_list()
        self.save()
        third = self.scan()
        if self.keeper is not None:
            self.keeper.note_jump(self.now, self.now + timedelta(hours=1))
        self.wait()
        self.tell(third)
        self.delete(third)
        self.scan()
        self.wait()
        self.check_list()
        self.close()
        self.now += timedelta(days=1)
        self.open()
        self.scan()
        self.delete(self.scan())
        self.wait()
        self.scan()
        self.save()
        self.wait()
        self.scan()
        self.close()


def leave_strays(day: Day, disk: FaultyDisk) -> None:
    """An evening on which the journal could not be written: all kinds of things are away."""
    day.open()
    before = day.scan()
    disk.folder = day.folder / "home"
    disk.fail_at, disk.kind, disk.for_good = 1, Kind.REFUSED, True
    day.scan()
    day.delete(day.scan())
    day.scan()
    day.delete(before)
    assert day.keeper is not None
    assert day.keeper.note_jump(day.now, day.now + timedelta(hours=1))
    day.close()
    disk.heal()
    disk.folder = day.folder
    assert not day.refused
    assert len(day.deleted) == 2


def check_next_morning(day: Day, *, in_order: bool = True) -> None:
    """On a healthy disk everything is together, once, and in OffCirc.dat.

    In order too, unless the fallback place itself had failed while it kept something.
    """
    day.now += timedelta(days=1)
    with Keeper.open(
        day.folder / "home",
        fallback=day.folder / "other" / "fallback",
        clock=lambda: day.now,
    ) as keeper:
        day.late |= set(keeper.reunite().reunion.too_late)
        assert keeper.standing.fault is None
        keeper.save()
        assert keeper.pending() == []
        assert keeper.standing.away == 0
        rows = keeper.rows_since(MORNING - timedelta(days=1))
        content = keeper.file.read_bytes() if keeper.file.exists() else b""
    lasting = [row for row in rows if row.state is RowState.SAVED]
    names = [row.transaction.id for row in lasting]
    assert len(names) == len(set(names)), "doubled"
    missing = set(day.kept) - day.deleted - day.unsure - set(names)
    assert not missing, "lost"
    assert not (day.deleted - day.late) & set(names), "deleted and there nevertheless"
    assert set(names) <= set(day.kept) | day.refused
    expected = [day.kept[name] for name in day.kept if name in names]
    found = [row.transaction for row in lasting if row.transaction.id in day.kept]
    if in_order:
        assert not day.late
        assert found == expected
    else:
        assert sorted(found, key=lambda record: record.at) == expected
    assert content == b"".join(encode(row.transaction.record) for row in lasting)


@contextmanager
def broken_day(part: str) -> Iterator[tuple[Day, FaultyDisk]]:
    with quick_folder() as folder, pytest.MonkeyPatch.context() as patch:
        disk = FaultyDisk(folder / part)
        disk.install(patch)
        yield Day(folder), disk
