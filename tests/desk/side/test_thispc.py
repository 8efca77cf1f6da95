"""The window that says what is wrong with this PC, and the page for administrators."""

from __future__ import annotations

import re

import pytest
from desk.window_kit import Desk, scan
from helpers import wait_until
from PySide6.QtWidgets import QApplication, QFrame, QLabel
from pytestqt.qtbot import QtBot

from offcirc import resources
from offcirc.desk.side.thispc import ThisPc
from offcirc.settings.load import load


@pytest.fixture
def window(desk: Desk, qtbot: QtBot) -> ThisPc:
    """The window, opened from the desk with its companions."""
    companions = desk.window.attach(load({"data_dir": str(desk.folder)}))
    companions.show_this_pc()
    window = desk.window.findChild(ThisPc)
    assert window is not None
    return window


def told(window: ThisPc) -> list[str]:
    """What the rows say, once it has looked."""

    def rows() -> list[str]:
        QApplication.processEvents()
        frames = [frame for frame in window.findChildren(QFrame) if frame.isVisible()]
        return [] if window.looking else list(filter(None, (f.accessibleName() for f in frames)))

    return wait_until(rows, what="the findings")


def test_it_says_what_the_doctor_found_worst_first(window: ThisPc) -> None:
    rows = told(window)
    assert window.verdict.text() == "This PC is ready for the next outage."
    assert any(row.startswith("Fine. A scan is safe on the disk") for row in rows)
    assert any(row.startswith("To know. This desk is not named yet") for row in rows)
    words = [row.split(".")[0] for row in rows]
    assert words == sorted(words, key=["To be done", "To know", "Fine"].index)


def test_it_looks_again(window: ThisPc) -> None:
    first = told(window)
    window.again.click()
    assert window.looking
    assert not window.again.isEnabled()
    assert len(told(window)) == len(first)
    assert window.again.isEnabled()


def test_a_doctor_that_does_not_answer_is_said(window: ThisPc, monkeypatch) -> None:
    told(window)
    monkeypatch.setattr("offcirc.ourselves.command", lambda *words: ["/no/such/program"])
    window.again.click()
    wait_until(lambda: QApplication.processEvents() or window.again.isEnabled(), what="the failure")
    assert "did not come to its end" in window.verdict.text()


def test_a_scan_that_lands_here_goes_to_the_desk(desk: Desk, window: ThisPc) -> None:
    told(window)
    window.activateWindow()
    wait_until(lambda: QApplication.processEvents() or window.isActiveWindow(), what="the window")
    scan("9921000000164\r")
    assert desk.window.ui.patron.text() == "9921000000164"


def test_closing_the_desk_ends_the_look(desk: Desk, window: ThisPc) -> None:
    desk.window.end_session()
    assert not window.looking
    assert not window.isVisible()


def test_the_tools_name_a_desk_without_a_name_and_only_that(desk: Desk) -> None:
    companions = desk.window.attach(load({"data_dir": str(desk.folder)}))
    companions.show_tools()
    assert companions.tools is not None
    assert companions.tools.unnamed.text() == "This desk is not named &yet…"
    assert not companions.named


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_for_administrators_holds_together(language: str) -> None:
    text = resources.path(f"help/{language}/admin.html").read_text(encoding="utf-8")
    anchors = set(re.findall(r'<a name="(\w+)">', text))
    assert anchors == set(re.findall(r'href="#(\w+)"', text))
    assert {
        "plan",
        "install",
        "settings",
        "knowledge",
        "files",
        "backup",
        "privacy",
        "remove",
        "trouble",
    } == (anchors)
    assert 'href="desk.html"' in text
    desk = resources.path(f"help/{language}/desk.html").read_text(encoding="utf-8")
    assert 'href="admin.html"' in desk


def test_the_settings_of_the_administrators_page_are_in_order(tmp_path) -> None:
    """The example is copied by people: it must be right."""
    for language in ("en", "fr"):
        text = resources.path(f"help/{language}/admin.html").read_text(encoding="utf-8")
        (example,) = re.findall(r"<pre>(locked.*?)</pre>", text, re.DOTALL)
        site = tmp_path / f"{language}.toml"
        site.write_text(example, encoding="utf-8")
        settings = load(environment={}, site=site, user=tmp_path / "none.toml")
        assert settings.complaints == ()


def test_labels_are_whole(window: ThisPc) -> None:
    told(window)
    for label in window.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.width() >= label.sizeHint().width() - 1, label.text()
