"""Every write and flush of a day at the desk window fails in turn, in every way.

What the window has shown as recorded is in OffCirc.dat the next morning, exactly once and in order;
what it refused is still in its field, and what it showed as deleted is not there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QLineEdit
from storage.desk_kit import MORNING, CrashError
from storage.faulty import FaultyDisk, Kind, quick_folder

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Source
from offcirc.desk.face import look as style
from offcirc.desk.message import MessageKind as Band
from offcirc.desk.program.window import DeskWindow
from offcirc.desk.shop import disk_clock_watch as caretaker_module
from offcirc.desk.shop.store import DeskStore, InUseError
from offcirc.storage.journal.journal import Journal
from offcirc.storage.journal.rows import RowState
from offcirc.storage.keeper.keeper import Keeper

FULL = os.environ.get("OFFCIRC_PROVE") == "1"
SOME = 1 if FULL else 23
"""Each n-th place is tried; all of them with OFFCIRC_PROVE."""

READER = "9921000000164"
ROUNDS = 4


class AtOnce:
    """Stands for a thread: what it does is done at once, so that each day is the same."""

    def __init__(self, target, args: tuple[object, ...] = (), **_more: object) -> None:
        self.start = lambda: target(*args)


class Day:
    """A day at one desk window, whatever fails.

    Attributes:
        kept: what the window has shown as recorded, in order: item by id.
        deleted: ids of what it has shown as deleted.
        unsure: ids of rows whose deletion was refused or interrupted.
        refused: items that it refused.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = MORNING
        self.seconds = 0.0
        self.kept: dict[str, str] = {}
        self.deleted: set[str] = set()
        self.unsure: set[str] = set()
        self.refused: set[str] = set()
        self._items = 0
        self.window: DeskWindow | None = None
        app = QApplication.instance()
        self._look = style.make_look(app, QSize(1366, 768))

    def open(self) -> None:
        store = DeskStore(self.folder / "home", fallback=self.folder / "other" / "fallback")
        self.window = DeskWindow(store, self._look, now=lambda: self.now)
        self.window.recorded.connect(self._shown)
        self.window.open_store()

    def close(self) -> None:
        """The window is closed as at the end of a session."""
        # First what closing does by itself: Qt would swallow an exception there.
        self.window.save_quietly()
        window, self.window = self.window, None
        window.end_session()
        window.deleteLater()

    def drop(self) -> None:
        """The power has gone."""
        window, self.window = self.window, None
        if window is not None:
            window.caretaker.stop()
            window.tally.stop()
            window.store.close()
            window.deleteLater()

    def _shown(self, name: str) -> None:
        self.kept[name] = self._last

    def scan(self) -> None:
        self._items += 1
        self._last = f"3700003{self._items:04}"
        self.now += timedelta(seconds=7)
        ui = self.window.ui
        if not ui.patron.text():
            self._finish(ui.patron, READER)
        before = len(self.kept)
        try:
            self._finish(ui.item, self._last)
        except CrashError:
            self.refused.add(self._last)
            raise
        if len(self.kept) > before:
            assert ui.item.text() == ""
            assert ui.model.row(0).transaction.item == self._last
            away = ui.model.row(0).where == "fallback"
            expected = (Band.RESCUED,) if away else (Band.RECORDED, Band.NOTICE)
            assert ui.band.message.kind in expected
        else:
            self.refused.add(self._last)
            assert ui.band.message.kind is Band.REFUSED
            assert ui.item.text() == self._last, "it stays visible in its field"

    def _finish(self, field: QLineEdit, text: str) -> None:
        field.setText(text)
        self.window.intake.finished(field, Source.SCAN.value)

    def undo(self) -> None:
        model = self.window.ui.model
        place = model.newest_pending()
        if place is None:
            return
        name = model.row(place).transaction.id
        self.unsure.add(name)
        self.window.undo()
        if model.row(place).state is RowState.VOIDED:
            assert self.window.ui.band.message.kind is not Band.REFUSED
            self.deleted.add(name)
            self.unsure.discard(name)
        else:
            assert self.window.ui.band.message.kind is Band.REFUSED

    def save(self) -> None:
        self.window.save()
        ui = self.window.ui
        pending = [row for row in ui.model.all() if row.state is RowState.PENDING]
        assert (ui.band.message.kind is Band.REFUSED) == bool(pending)

    def rest(self) -> None:
        """Nobody comes for some minutes."""
        caretaker = self.window.caretaker
        for _ in range(ROUNDS):
            self.now += timedelta(minutes=1)
            self.seconds += 61
            caretaker.round()

    def live(self) -> None:
        """The whole day, and the morning after."""
        self.open()
        self.scan()
        self.scan()
        self.save()
        self.scan()
        self.scan()
        self.undo()
        self.rest()
        self.scan()
        self.save()
        self.scan()
        self.undo()
        self.scan()
        self.rest()
        self.close()
        self.now += timedelta(days=1)
        self.open()
        self.scan()
        self.rest()
        self.scan()
        self.close()

    def check(self) -> None:
        """On a healthy disk everything is together, once, in order, and in OffCirc.dat."""
        with Keeper.open(
            self.folder / "home", fallback=self.folder / "other" / "fallback"
        ) as keeper:
            keeper.reunite()
            assert keeper.standing.fault is None
            assert keeper.standing.away == 0
            keeper.save()
            content = keeper.file.read_bytes() if keeper.file.exists() else b""
        with Journal.open(self.folder / "home") as journal:
            rows = [row for row in journal.rows_between(1, 10**9) if row.state is RowState.SAVED]
        assert content == b"".join(encode(row.transaction.record) for row in rows)
        found = [row.transaction.id for row in rows]
        assert len(found) == len(set(found)), "doubled"
        assert not self.deleted & set(found), "deleted and there nevertheless"
        strangers = [row.transaction.item for row in rows if row.transaction.id not in self.kept]
        assert set(strangers) <= self.refused
        wanted = [name for name in self.kept if name not in self.deleted | self.unsure]
        assert [name for name in found if name in wanted] == wanted, "lost, or out of order"


@contextmanager
def a_day(part: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Day, FaultyDisk]]:
    """A day on a disk of its own, of which a part can fail."""
    with quick_folder() as folder, monkeypatch.context() as patch:
        disk = FaultyDisk(folder / part)
        disk.install(patch)
        day = Day(folder)
        patch.setattr(caretaker_module.threading, "Thread", AtOnce)
        patch.setattr("offcirc.storage.keeper.keeper.since_boot", lambda: day.seconds)
        try:
            yield day, disk
        finally:
            day.drop()


def places(part: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many writes and flushes a day has when nothing fails."""
    with a_day(part, monkeypatch) as (day, disk):
        day.live()
        number = disk.count
        assert not day.refused
        day.check()
    return number


@pytest.mark.prove
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-good"])
@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.KEPT])
def test_each_write_and_flush_at_home_fails(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, kind: Kind, for_good: bool
) -> None:
    total = places("home", monkeypatch)
    assert total > 60
    for number in range(1 + for_good * SOME // 2, total + 1, SOME):
        with a_day("home", monkeypatch) as (day, disk):
            disk.fail_at, disk.kind, disk.for_good = number, kind, for_good
            day.live()
            disk.heal()
            day.check()
            assert not day.refused, f"the fallback place would have taken it ({number})"
            assert disk.misused == [], f"a handle that had failed was used again ({number})"


@pytest.mark.prove
@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.KEPT])
def test_both_places_fail_for_good(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    for number in range(1, places("", monkeypatch) + 1, SOME):
        with a_day("", monkeypatch) as (day, disk):
            disk.fail_at, disk.kind, disk.for_good = number, kind, True
            day.live()
            disk.heal()
            day.check()
            assert disk.misused == []


@pytest.mark.prove
@pytest.mark.parametrize("kind", [Kind.CRASH, Kind.CRASH_AFTER])
def test_the_power_goes_and_the_next_morning_all_is_there(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    for number in range(1, places("", monkeypatch) + 1, SOME):
        with a_day("", monkeypatch) as (day, disk):
            disk.fail_at, disk.kind = number, kind
            try:
                day.live()
            except CrashError:
                day.drop()
            disk.heal()
            day.live()
            day.check()


def test_a_second_window_on_the_fallback_place_is_refused(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_day("home", monkeypatch) as (day, disk):
        disk.fail_at, disk.for_good = 1, True
        day.open()
        day.scan()
        other = DeskStore(day.folder / "home", fallback=day.folder / "other" / "fallback")
        with pytest.raises(InUseError, match="already open"):
            other.open(day.now)
