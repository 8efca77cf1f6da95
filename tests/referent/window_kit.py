"""What a referent does in the window: drops files, signs in, uploads."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from offcirc.referent.frame.steps import StepPlace
from offcirc.referent.frame.window import Window
from offcirc.resources import path

SAMPLE = path("practice/toulouse/OffCirc.dat")
LOGIN, PASSWORD = "referent", "bac-a-sable-1"


LONG = 4_000


def settle(qtbot, window: Window) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: not window.tasks.under_way, timeout=20_000)


def drop(window: Window, paths: list[Path]) -> None:
    """Drop files and folders on the window as a file manager does."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    middle = window.rect().center()
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(middle, copy, mime, buttons, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(middle), copy, mime, buttons, keys))


def sign_in(qtbot, window: Window, url: str, login: str = LOGIN, password: str = PASSWORD) -> None:
    """Type into the fields and press the button."""
    form = window.upload.form
    window.go(StepPlace.UPLOAD)
    form.server.setEditText(url)
    form.user.clear()
    qtbot.keyClicks(form.user, login)
    qtbot.keyClicks(form.password, password)
    qtbot.mouseClick(form.sign_in, Qt.MouseButton.LeftButton)
    settle(qtbot, window)


def choose_desk(window: Window, code: str = "BUC_PRET") -> None:
    position = window.upload.desk.findData(code)
    assert position >= 0
    window.upload.desk.setCurrentIndex(position)


def ready(qtbot, window: Window, url: str, *paths: Path) -> None:
    """Files on the list, signed in, circulation desk chosen."""
    window.add_paths(list(paths))
    settle(qtbot, window)
    sign_in(qtbot, window, url)
    choose_desk(window)


def upload(qtbot, window: Window) -> None:
    window.go(StepPlace.UPLOAD)
    qtbot.mouseClick(window.next.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.flow.uploading.running, timeout=20_000)
    settle(qtbot, window)
