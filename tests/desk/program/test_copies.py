"""Copies in the collection folder: after each save, in the background, told quietly."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk.side.test_readings import settings
from desk.window_kit import BOOK, READER, Desk, pause, scan
from pytestqt.qtbot import QtBot

from offcirc.desk.message import MessageKind
from offcirc.desk.program import extras as room
from offcirc.desk.words import faultwords
from offcirc.disk.errors import Fault, StorageError
from offcirc.storage.copies import collection
from offcirc.storage.copies.collection import manifest_path
from offcirc.storage.copies.mirror import MirrorState

PATIENCE = 20_000
"""Milliseconds that a busy machine gets."""

WHO = '[desk]\nlibrary = "BUC du Mirail"\ncirculation_desk = "BUC_PRET"\nname = "Banque 2"\n'


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """The collection folder."""
    folder = tmp_path / "share"
    folder.mkdir()
    return folder


def attach(desk: Desk, tmp_path: Path, share: Path) -> room.Companions:
    """Settings with a collection folder, at work at once."""
    companions = desk.window.attach(settings(tmp_path, f"collection = '{share}'\n{WHO}"))
    companions._begin()
    return companions


def copies(share: Path) -> list[bytes]:
    """What lies there."""
    return [path.read_bytes() for path in sorted(share.glob("[!.]*.dat"))]


def test_each_save_is_copied_with_a_manifest_and_its_age_is_shown(
    desk: Desk, tmp_path: Path, share: Path, qtbot: QtBot
) -> None:
    attach(desk, tmp_path, share)
    desk.lend("B1", "B2")
    assert copies(share) == []
    desk.alt("S")
    qtbot.waitUntil(lambda: copies(share) == [desk.file()], timeout=PATIENCE)
    qtbot.waitUntil(lambda: "just copied" in desk.ui.status.standing.file, timeout=PATIENCE)
    desk.lend("B3")
    desk.alt("S")
    qtbot.waitUntil(lambda: copies(share) == [desk.file()], timeout=PATIENCE)
    (path,) = share.glob("[!.]*.dat")
    told = manifest_path(path)
    assert "BUC du Mirail" in told.read_text(encoding="utf-8")
    assert desk.file().count(b"\r\n") == 3


def test_a_share_that_is_gone_is_said_quietly_and_closing_waits_for_nothing(
    desk: Desk, tmp_path: Path, share: Path, qtbot: QtBot
) -> None:
    share.rmdir()
    companions = attach(desk, tmp_path, share)
    scan(f"{READER}\r{BOOK}\r")
    desk.alt("S")
    qtbot.waitUntil(lambda: "No copy at present" in desk.ui.status.standing.hint, timeout=PATIENCE)
    assert str(share) in desk.ui.status.standing.advice
    assert desk.banner == ""
    assert desk.band[0] is MessageKind.RECORDED
    share.mkdir()
    companions.copies.wake()
    qtbot.waitUntil(
        lambda: "No copy at present" not in desk.ui.status.standing.hint, timeout=PATIENCE
    )
    assert copies(share) == [desk.file()]


@pytest.mark.promise("copies-hold-nobody-up")
def test_a_slow_share_holds_up_no_scan(
    desk: Desk, tmp_path: Path, share: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, go = threading.Event(), threading.Event()
    real = collection.Collection.check

    def check(of: collection.Collection) -> None:
        stuck.set()
        go.wait(30)
        real(of)

    monkeypatch.setattr(collection.Collection, "check", check)
    attach(desk, tmp_path, share)
    assert stuck.wait(30)
    desk.lend("B1", "B2")
    desk.alt("S")
    scan("B3\r")
    assert desk.band == (MessageKind.RECORDED, "Loan recorded B3")
    assert copies(share) == []
    go.set()
    qtbot.waitUntil(lambda: copies(share) == [desk.file()], timeout=PATIENCE)


def test_closing_makes_the_last_copy(desk: Desk, tmp_path: Path, share: Path) -> None:
    attach(desk, tmp_path, share)
    desk.lend("B1")
    pause()
    assert desk.close()
    assert copies(share) == [desk.file()]
    assert desk.file().count(b"\r\n") == 1


def test_closing_waits_no_longer_than_a_moment_for_a_dead_share(
    desk: Desk, tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    monkeypatch.setattr(collection.Collection, "check", lambda _of: go.wait(60) and None)
    monkeypatch.setattr("offcirc.desk.shop.copies.PATIENCE", 0.01)
    attach(desk, tmp_path, share)
    desk.lend("B1")
    assert desk.close()
    assert not desk.window.isVisible()
    assert desk.file().count(b"\r\n") == 1
    go.set()


def test_another_folder_is_used_from_now_on_and_none_ends_it(
    desk: Desk, tmp_path: Path, share: Path, qtbot: QtBot
) -> None:
    companions = attach(desk, tmp_path, share)
    desk.lend("B1")
    desk.alt("S")
    qtbot.waitUntil(lambda: copies(share) == [desk.file()], timeout=PATIENCE)
    other = tmp_path / "other"
    other.mkdir()
    companions.apply(settings(tmp_path, f"collection = '{other}'\n{WHO}"))
    qtbot.waitUntil(lambda: copies(other) == [desk.file()], timeout=PATIENCE)
    companions.apply(settings(tmp_path, WHO))
    assert companions.copies.mirror is None
    assert "copied" not in desk.ui.status.standing.file


def test_the_library_and_the_desk_are_kept_with_every_row(
    desk: Desk, tmp_path: Path, share: Path, qtbot: QtBot
) -> None:
    attach(desk, tmp_path, share)
    desk.lend("B1")
    identity = desk.window.store.keeper.pending()[0].identity
    assert (identity.library, identity.circulation_desk, identity.desk_name) == (
        "BUC du Mirail",
        "BUC_PRET",
        "Banque 2",
    )
    desk.alt("S")
    qtbot.waitUntil(lambda: bool(copies(share)), timeout=PATIENCE)
    assert all(name in next(share.glob("[!.]*.dat")).name for name in ("Mirail", "Banque-2"))


NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=20), "just copied"),
        (timedelta(minutes=1), "copied 1 minute ago"),
        (timedelta(minutes=119), "copied 119 minutes ago"),
        (timedelta(hours=5), "copied 5 hours ago"),
    ],
)
def test_an_age_is_said_in_minutes_then_hours(tmp_path: Path, age: timedelta, said: str) -> None:
    assert faultwords.copied(MirrorState(tmp_path, at=NOW - age), NOW) == said


def test_what_is_not_known_is_not_said(tmp_path: Path) -> None:
    assert faultwords.copied(None, NOW) == ""
    assert faultwords.copied(MirrorState(tmp_path), NOW) == ""
    assert faultwords.copy_hint(MirrorState(tmp_path)) == faultwords.NOTHING
    broken = MirrorState(tmp_path, error=StorageError(Fault.VANISHED, tmp_path))
    assert str(tmp_path) in faultwords.copy_hint(broken)[1]
