"""The clock is wrong, the disk is small, the folder is on a share: said as long as it lasts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk.window_kit import BOOK, READER, Desk, pause, scan
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from offcirc.core.clockwatch import Tick
from offcirc.core.transaction import Operation, record_now
from offcirc.desk.face.banner import Banner, Matter, Weight
from offcirc.desk.message import MessageKind
from offcirc.desk.shop import disk_clock_watch as module
from offcirc.desk.shop.disk_clock_watch import Caretaker, what_may_go_wrong
from offcirc.desk.words import faultwords
from offcirc.disk import space
from offcirc.disk.place import PlaceRole
from offcirc.storage.journal.journal import Journal

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


class Clocks:
    """The PC's clock, which anybody can set, and the one that nobody can.

    Attributes:
        wall: what the PC's clock says.
        true: seconds that have really passed.
    """

    def __init__(self) -> None:
        self.wall = NOON
        self.true = 0.0

    def __call__(self, _wall: datetime | None = None) -> Tick:
        """What they say."""
        return Tick(self.wall, self.true, self.true)

    def pass_by(self, seconds: float) -> None:
        """Time passes."""
        self.true += seconds
        self.wall += timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The PC's clock, asked by the window."""
        return self.wall.astimezone()


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """The clocks of the desk."""
    made = Clocks()
    monkeypatch.setattr(Caretaker, "_look_at_clocks", lambda _self, wall=None: made(wall))
    return made


@pytest.fixture
def desk(clocks: Clocks, closed_desk: Desk) -> Iterator[Desk]:
    """A desk that goes by them, open and ready."""
    closed_desk.now = clocks.now
    yield closed_desk.open()
    closed_desk.window.end_session()


def rounds(desk: Desk, clocks: Clocks, number: int = 1) -> None:
    """Time for some rounds passes."""
    for _ in range(number):
        clocks.pass_by(module.ROUND / 1000)
        desk.window.caretaker.round()


def jumps(folder: Path) -> list[tuple[int, float]]:
    """What the journal knows of jumps: the newest row then, and how far it was."""
    with sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True) as database:
        found = database.execute("SELECT last_seq, seconds FROM clock_jumps").fetchall()
    database.close()
    return found


def test_a_clock_that_is_right_is_not_mentioned(desk: Desk, clocks: Clocks) -> None:
    desk.lend("B1")
    rounds(desk, clocks, 5)
    assert desk.banner == ""
    assert desk.window.caretaker._banner is None, "it costs nothing either"


@pytest.mark.parametrize("hours", [1, -1])
def test_a_jump_is_said_and_noted_until_it_is_undone(
    desk: Desk, clocks: Clocks, hours: int
) -> None:
    desk.lend("B1")
    clocks.wall += timedelta(hours=hours)
    rounds(desk, clocks)
    assert "60 minutes" in desk.banner
    assert ("forward" if hours > 0 else "back") in desk.banner
    assert jumps(desk.folder) == [(1, hours * 3600.0)]
    rounds(desk, clocks, 4)
    assert "60 minutes" in desk.banner, "it lasts"
    scan("B2\r")
    assert desk.band == (MessageKind.RECORDED, "Loan recorded B2"), "and stops nobody"
    clocks.wall -= timedelta(hours=hours)
    rounds(desk, clocks)
    assert desk.banner == ""
    assert jumps(desk.folder) == [(1, hours * 3600.0), (2, -hours * 3600.0)]


def test_a_jump_is_noted_before_the_next_scan(desk: Desk, clocks: Clocks) -> None:
    desk.lend("B1")
    clocks.wall += timedelta(days=1)
    clocks.true += 1
    scan("B2\r")
    assert jumps(desk.folder) == [(1, 24 * 3600 - 1.0)], "B2 has the new time already"
    assert desk.ui.model.today == clocks.now().date()


@pytest.mark.promise("true-time-is-kept")
def test_the_true_time_is_kept_beside_the_stamp(
    closed_desk: Desk, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offcirc.storage.keeper.keeper.since_boot", lambda: clocks.true)
    closed_desk.now = clocks.now
    desk = closed_desk.open()
    keeper = desk.window.store.keeper
    keeper._run._monotonic = lambda: clocks.true
    keeper._run._began = 0.0
    desk.lend("B1")
    clocks.pass_by(60)
    clocks.wall += timedelta(hours=5)
    scan("B2\r")
    desk.close()
    with Journal.open(desk.folder) as journal:
        rows = journal.rows_between(1, 9)
    assert rows[1].transaction.at - rows[0].transaction.at == timedelta(hours=5, seconds=60)
    assert rows[1].elapsed - rows[0].elapsed == timedelta(seconds=60)


def test_the_staff_may_say_that_the_clock_is_right_but_no_scan_can(
    desk: Desk, clocks: Clocks, qtbot: QtBot
) -> None:
    desk.lend("B1")
    clocks.wall -= timedelta(minutes=30)
    rounds(desk, clocks)
    button = desk.window.caretaker.banner.findChild(QPushButton)
    assert button.text() == "The clock is right"
    assert button.focusPolicy() is Qt.FocusPolicy.NoFocus
    scan("B2\r \r\t")
    assert "30 minutes" in desk.banner
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert desk.banner == ""
    rounds(desk, clocks, 3)
    assert desk.banner == ""
    pause()
    scan("B3\r")
    rounds(desk, clocks)
    assert desk.banner == ""


def test_a_clock_behind_the_last_transaction_is_said_at_the_start(
    closed_desk: Desk, clocks: Clocks
) -> None:
    with Journal.open(closed_desk.folder) as journal:
        later = (NOON + timedelta(hours=2)).astimezone()
        journal.append(record_now(later, Operation.LOAN, BOOK, READER))
    closed_desk.now = clocks.now
    desk = closed_desk.open()
    assert "the last transaction was recorded at" in desk.banner
    clocks.wall += timedelta(hours=3)
    clocks.true += 3 * 3600
    rounds(desk, clocks)
    assert desk.banner == "", "it is later than that now"


def test_a_clock_before_the_program_was_made_cannot_be_right(
    closed_desk: Desk, clocks: Clocks
) -> None:
    clocks.wall = datetime(2019, 1, 1, tzinfo=UTC)
    closed_desk.now = clocks.now
    desk = closed_desk.open()
    assert "which cannot be" in desk.banner
    assert desk.window.caretaker.banner.findChild(QPushButton) is None
    scan(f"{READER}\r{BOOK}\r")
    assert desk.band == (MessageKind.RECORDED, f"Loan recorded {BOOK}")
    clocks.wall = NOON
    rounds(desk, clocks)
    assert "which cannot be" not in desk.banner
    assert "moved forward" in desk.banner


def test_a_small_disk_is_hinted_at(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda _folder: 90 << 20)
    desk.window.caretaker.tend()
    desk.window.caretaker.show_standing()
    standing = desk.ui.status.standing
    assert "Disk nearly full" in standing.hint
    assert "90 MB" in standing.advice
    assert desk.banner == ""
    monkeypatch.setattr(space, "free_bytes", lambda _folder: 90 << 30)
    desk.window.caretaker.tend()
    desk.window.caretaker.show_standing()
    assert "Disk nearly full" not in desk.ui.status.standing.hint


def test_hints_about_several_things_stand_side_by_side(desk: Desk) -> None:
    tally, standing = desk.window.tally, lambda: desk.ui.status.standing
    tally.hint(("Scanner", "Set the scanner."), "scanner")
    tally.hint(("Place", "Choose another."), "machine")
    assert standing().hint == "Scanner · Place"
    assert standing().advice == "Set the scanner.\nChoose another."
    tally.hint(faultwords.NOTHING, "scanner")
    assert standing().hint == "Place"
    scan(f"{READER}\r{BOOK}\r")
    assert standing().hint == "Place", "a scan takes nothing away"


def test_places_are_judged_by_what_they_are_for(tmp_path: Path) -> None:
    folder = tmp_path / "Dropbox" / "offcirc"
    folder.mkdir(parents=True)
    (told,) = [
        text for text in what_may_go_wrong([(folder, PlaceRole.DATA)]) if "synchronised" in text
    ]
    assert "Dropbox" in told
    assert not [
        text for text in what_may_go_wrong([(folder, PlaceRole.COLLECTION)]) if "Dropbox" in text
    ]


def test_the_gravest_stands_above_and_an_empty_strip_is_not_there(desk: Desk) -> None:
    banner = Banner(desk.window.look, desk.window)
    assert banner.isHidden()
    banner.say("clock", Matter("The clock.", Weight.WARNING))
    banner.say("place", Matter("The disk.", Weight.GRAVE))
    assert banner.text() == "The disk.\nThe clock."
    assert banner.accessibleName() == banner.text()
    banner.say("place", None)
    banner.say("clock", None)
    assert banner.isHidden()
