"""Random days on random bad disks: what was acknowledged is there in the end, once."""

from __future__ import annotations

import os
import random

import pytest
from storage.desk_kit import CrashError
from storage.faulty import FaultyDisk, Kind
from storage.fire_kit import Day, broken_day, check_next_morning

from offcirc.storage.journal.rows import Row

DAYS = 4000 if os.environ.get("OFFCIRC_PROVE") == "1" else 60


class RandomDay:
    def __init__(self, day: Day, disk: FaultyDisk, chance: random.Random) -> None:
        self.day = day
        self.disk = disk
        self.chance = chance
        self.rows: list[Row] = []
        self.done: list[str] = []

    def scan(self) -> None:
        row = self.day.scan()
        if row is not None:
            self.rows.append(row)

    def delete(self) -> None:
        if self.rows:
            self.day.delete(self.rows.pop(self.chance.randrange(len(self.rows))))

    def save(self) -> None:
        self.day.save()

    def wait(self) -> None:
        self.day.wait()

    def start_again(self) -> None:
        self.day.close()
        self.day.open()

    def break_disk(self) -> None:
        self.disk.folder = self.chance.choice(
            [self.day.folder, self.day.folder / "home", self.day.folder / "other"]
        )
        self.disk.count = 0
        self.disk.fail_at = self.chance.randint(1, 12)
        self.disk.kind = self.chance.choice(
            [Kind.REFUSED, Kind.REFUSED, Kind.KEPT, Kind.KEPT, Kind.CRASH, Kind.CRASH_AFTER]
        )
        self.disk.for_good = self.chance.random() < 0.5
        self.done.append(f"{self.disk.folder.name} {self.disk.kind} {self.disk.fail_at}")

    def heal(self) -> None:
        self.disk.heal()

    def live(self) -> None:
        steps = [self.scan] * 8 + [self.delete, self.delete, self.save, self.wait, self.wait]
        steps += [self.start_again, self.break_disk, self.break_disk, self.heal]
        self.day.open()
        for _ in range(40):
            step = self.chance.choice(steps)
            self.done.append(step.__name__)
            try:
                step()
                self.check()
            except CrashError:
                self.disk.heal()
                self.day.close()
                self.day.open()
        self.day.close()
        self.disk.heal()

    def check(self) -> None:
        """While all is well, what was deleted does not come back."""
        day = self.day
        keeper = day.keeper
        if keeper is None or keeper.standing.fault is not None or keeper._away.strays:
            return
        pending = [row.transaction.id for row in keeper.pending()]
        assert len(pending) == len(set(pending))
        assert not set(pending) & (day.deleted - day.unsure)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(6))
def test_any_bad_day(seed):
    for number in range(seed, DAYS, 6):
        with broken_day("") as (day, disk):
            random_day = RandomDay(day, disk, random.Random(number))
            try:
                random_day.live()
                check_next_morning(day, in_order=False)
            except AssertionError as error:
                raise AssertionError(f"day {number}: {random_day.done}") from error
