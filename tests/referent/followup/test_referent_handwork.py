"""The work list in the window ticks off what was done on the practice server's pages."""

from __future__ import annotations

from collections import Counter

import pytest
from drill.drill_kit import Played
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton
from referent.window_kit import settle, sign_in

from offcirc.drill.truth import ActKind
from offcirc.practice.web.serve import running
from offcirc.referent.frame.steps import StepPlace
from offcirc.referent.frame.window import Window
from offcirc.settings.load import load


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_was_done_there_is_ticked_off_and_the_rest_has_its_page(
    qtbot, sheet, answers, tmp_path, monkeypatch, language
):
    played = Played(tmp_path, "everything")
    played.type()
    played.upload()
    played.follow_up(ActKind.DUE_DATE)
    folder = played.folder
    window = Window(sheet, load({}), folder, answers)
    window.show()
    opened = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", opened.append)
    with running(folder / "library", folder / "server") as url:
        window.todo.refresh()
        qtbot.waitUntil(lambda: bool(window.todo.tasks), timeout=10_000)
        window.go(StepPlace.FOLLOWUP)
        page = window.todo.page()
        assert page.there.isHidden()
        sign_in(qtbot, window, url)
        window.go(StepPlace.FOLLOWUP)
        left = window.todo.left
        assert not page.there.isHidden()
        page.there.click()
        qtbot.waitUntil(lambda: window.todo.left < left, timeout=10_000)
        said = "ticked off" if language == "en" else "coché"
        assert said in window.band.message
        assert not page.open.isHidden()
        letters = Counter(
            QKeySequence.mnemonic(each.text()).toString()
            for each in window.findChildren(QAbstractButton)
            if each.isVisible() and "&" in each.text()
        )
        assert max(letters.values()) == 1, letters
        for row in range(page.model.rowCount()):
            page.table.selectRow(row)
            page.open.click()
        assert opened
        assert all(each.toString().startswith(url) for each in opened)
        settle(qtbot, window)
    window.close()
    window.deleteLater()
