"""What is heard: an announcement for each outcome, and a name for everything that has the focus."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk.window_kit import BOOK, READER, Desk, scan
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QApplication, QWidget

from offcirc.desk.message import MessageKind
from offcirc.settings.load import load

POLITE = QAccessible.AnnouncementPoliteness.Polite
ASSERTIVE = QAccessible.AnnouncementPoliteness.Assertive


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """What a screen reader says, and how urgently."""
    said: list[tuple[str, object]] = []

    def listen(event: object) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append((event.message(), event.politeness()))

    monkeypatch.setattr(QAccessible, "updateAccessibility", listen)
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    return said


@pytest.mark.promise("everything-has-a-name")
def test_each_outcome_is_announced_in_its_own_way(
    desk: Desk, heard: list[tuple[str, object]]
) -> None:
    scan(f"{READER}\r")
    heard.clear()
    scan(f"{BOOK}\r")
    assert heard[-1][0].startswith(f"Loan recorded {BOOK}. {READER} · ")
    assert heard[-1][1] == POLITE
    scan(f"{BOOK}\r")
    assert heard[-1][0].startswith(f"Already recorded {BOOK}")
    assert heard[-1][1] == ASSERTIVE
    scan("31 00\r")
    assert heard[-1][0].startswith("Not recorded 31 00")
    assert heard[-1][1] == ASSERTIVE
    assert len(heard) == 3, "each is said once"
    assert desk.band[0] is MessageKind.REFUSED
    assert desk.ui.band.accessibleName() == heard[-1][0]


def test_nothing_is_made_for_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QAccessible, "isActive", lambda: False)
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda _event: pytest.fail("called"))
    scan(f"{READER}\r{BOOK}\r")
    assert desk.band[0] is MessageKind.RECORDED


@pytest.mark.promise("everything-has-a-name")
def test_everything_that_can_have_the_focus_has_a_name(desk: Desk, tmp_path: Path) -> None:
    """As the accessibility of the system tells it, in every window."""
    site = tmp_path / "site.toml"
    site.write_text("[sound]\non = false\n", encoding="utf-8")
    companions = desk.window.attach(load(environment={}, site=site, user=tmp_path / "u.toml"))
    companions.show_settings()
    companions.test_scanner()
    companions.show_tools()
    desk.window.show_help()
    asked = 0
    for window in QApplication.topLevelWidgets():
        if not window.isVisible():
            continue
        for widget in window.findChildren(QWidget):
            if not widget.focusPolicy() or not widget.isVisibleTo(window):
                continue
            face = QAccessible.queryAccessibleInterface(widget)
            name = face.text(QAccessible.Text.Name)
            assert name, f"{type(widget).__name__} {widget.objectName()} in {window.windowTitle()}"
            asked += 1
    assert asked > 50
