"""The button in the taskbar, and where a file is: what both windows ask of the system."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from PySide6.QtDBus import QDBusConnection
from PySide6.QtWidgets import QWidget

from offcirc.windows import reveal, taskbar
from offcirc.windows.taskbar import TaskbarProgress


class Told:
    """Stands for Windows' list of buttons."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, ...]] = []

    def call(self, place: int, _window: int = 0, *numbers: int) -> None:
        self.calls.append((place, *numbers))


@pytest.fixture
def button(monkeypatch):
    told = Told()
    monkeypatch.setattr(taskbar, "_TaskbarList", lambda: told)
    return told


def test_an_upload_is_shown_in_its_button(qtbot, button):
    window = QWidget()
    qtbot.addWidget(window)
    progress = TaskbarProgress(window)
    progress.show(3, 10)
    progress.show(0, 0)
    assert button.calls == [(10, 2), (9, 3, 10), (10, 0)]


def test_the_uploaders_window_shows_it(open_window, button):
    flow = open_window().flow
    flow.uploading.progressed.disconnect(flow._page.run.show_progress)
    flow.uploading.progressed.emit(SimpleNamespace(done=5, total=20))
    assert (9, 5, 20) in button.calls
    flow.button.show(0, 0)
    assert button.calls[-1] == (10, 0)


def test_a_desktop_without_a_taskbar_keeps_nobody_from_working(qtbot, monkeypatch):
    def none():
        raise OSError(0x800401F0, "no taskbar")

    monkeypatch.setattr(taskbar, "_TaskbarList", none)
    window = QWidget()
    qtbot.addWidget(window)
    TaskbarProgress(window).show(1, 2)


def test_windows_is_told_which_program_it_is():
    assert taskbar.identify("Uploader") is (os.name == "nt")


@pytest.fixture
def folders(monkeypatch):
    """Which folders are opened, where nothing selects a file."""
    opened = []
    monkeypatch.setattr(
        reveal,
        "QDesktopServices",
        SimpleNamespace(openUrl=lambda url: opened.append(url.toLocalFile())),
    )
    return opened


def test_without_a_file_manager_that_selects_the_folder_is_opened(tmp_path, monkeypatch, folders):
    file = tmp_path / "for Alma.dat"
    file.touch()
    monkeypatch.setattr(reveal, "_selected", lambda _path: False)
    reveal.show_in_folder(file)
    assert folders == [tmp_path.as_posix()]


def test_a_file_that_is_gone_shows_where_it_was(tmp_path, monkeypatch, folders):
    monkeypatch.setattr(reveal, "_selected", lambda _path: True)
    reveal.show_in_folder(tmp_path / "gone.dat")
    assert folders == [tmp_path.as_posix()]


def test_no_session_bus_is_no_fault(tmp_path, monkeypatch):
    nowhere = QDBusConnection("no such connection")
    monkeypatch.setattr(QDBusConnection, "sessionBus", lambda: nowhere)
    assert not reveal._by_bus(tmp_path)


def test_the_explorer_is_given_the_name_in_quotes(tmp_path):
    assert reveal.explorer(tmp_path / "a, b.dat").endswith(f'/select,"{tmp_path / "a, b.dat"}"')
