"""Registrations in the window: there when they come with files, decided, told in the header."""

from __future__ import annotations

import contextlib
from collections import Counter

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel
from referent.report_kit import registered
from referent.window_kit import settle, sign_in

from offcirc.core.registration import new_card
from offcirc.practice import state
from offcirc.practice.web.serve import running
from offcirc.referent.frame.steps import StepPlace
from offcirc.referent.kit.tasks import TaskResult
from offcirc.referent.registrations.controller import Registrar
from offcirc.storage.registrations.registry import RegistrationState

REAL = "9921000000164"


@pytest.fixture
def desk(tmp_path, data_dir):
    """A desk's file with a loan to each of two readers without a card."""
    return registered(tmp_path / "desk", data_dir)


def test_they_come_with_the_files_and_are_decided(window, desk, qtbot):
    tab = window.header.tabs[StepPlace.REGISTRATIONS]
    assert tab.isHidden()
    QTest.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.AltModifier)
    assert window.place is not StepPlace.REGISTRATIONS
    window.add_paths([desk])
    qtbot.waitUntil(lambda: len(window.registrar.rows) == 2, timeout=60_000)
    assert not tab.isHidden()
    assert tab.view.caption == "2 to validate"
    assert "2 registrations came with the files" in window.band.message
    QTest.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.AltModifier)
    assert window.place is StepPlace.REGISTRATIONS
    page = window.registrar.page()
    panel = page.panel
    assert panel.fields["name"].text() == "Diallo, Awa"
    assert not panel.validate.isEnabled()
    panel.card.setText(new_card())
    assert not panel.validate.isEnabled()
    panel.card.setText(REAL)
    QTest.keyClick(panel.card, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.registrar.waiting == 1, timeout=60_000)
    page.table.selectRow(1)
    panel.reason.setText("no proof")
    panel.refuse.click()
    qtbot.waitUntil(lambda: window.registrar.waiting == 0, timeout=60_000)
    rows = {row.about.name: row for row in window.registrar.rows}
    assert (rows["Diallo, Awa"].real_card, rows["Inconnu, Jean"].reason) == (REAL, "no proof")
    panel.undo.click()
    qtbot.waitUntil(lambda: window.registrar.waiting == 1, timeout=60_000)
    assert tab.view.caption == "1 to validate"


def test_what_was_written_down_is_put_right_and_found(window, desk, qtbot):
    window.add_paths([desk])
    qtbot.waitUntil(lambda: len(window.registrar.rows) == 2, timeout=60_000)
    window.go(StepPlace.REGISTRATIONS)
    page = window.registrar.page()
    field = page.panel.fields["name"]
    field.setFocus()
    field.setText("Diallo, Awa Marie")
    field.editingFinished.emit()
    qtbot.waitUntil(lambda: window.registrar.rows[0].about.name == "Diallo, Awa Marie")
    page.filter.setText("jean")
    assert [row.about.name for row in page.model.listed] == ["Inconnu, Jean"]
    page.filter.clear()
    page.states.setCurrentIndex(1 + list(RegistrationState).index(RegistrationState.REFUSED))
    assert not page.model.listed


def test_another_key_is_told(window, desk, qtbot, data_dir):
    (data_dir / "registrations.key").unlink()
    window.add_paths([desk])
    qtbot.waitUntil(lambda: "another key" in window.band.message, timeout=60_000)
    assert window.header.tabs[StepPlace.REGISTRATIONS].isHidden()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_they_go_on_the_practice_servers_list_and_come_back_decided(
    window, desk, qtbot, tmp_path, language
):
    window.add_paths([desk])
    qtbot.waitUntil(lambda: len(window.registrar.rows) == 2, timeout=60_000)
    page = window.registrar.page()
    assert page.there.isHidden()
    with (
        running(None, tmp_path / "practice") as url,
        contextlib.closing(state.connect(tmp_path / "practice" / state.DATABASE)) as there,
    ):
        sign_in(qtbot, window, url)
        window.go(StepPlace.REGISTRATIONS)
        assert not page.there.isHidden()
        letters = Counter(
            QKeySequence.mnemonic(each.text()).toString()
            for each in window.findChildren(QAbstractButton) + window.findChildren(QLabel)
            if each.isVisible()
        )
        assert letters[QKeySequence.mnemonic(page.there.text()).toString()] == 1
        page.there.click()
        told = "on the server’s list" if language == "en" else "sur la liste du serveur"
        qtbot.waitUntil(lambda: told in window.band.message, timeout=60_000)
        settle(qtbot, window)
        assert window.registrar.waiting == 2
        there.execute(
            "UPDATE registrations SET card = ?, status = 'validated', decided_by = 'Zoé', "
            "decided_at = asked_at WHERE name = 'Diallo, Awa'",
            (REAL,),
        )
        page.there.click()
        qtbot.waitUntil(lambda: window.registrar.waiting == 1, timeout=60_000)
        settle(qtbot, window)
    row = next(row for row in window.registrar.rows if row.about.name == "Diallo, Awa")
    assert (row.state, row.real_card, row.who) == (RegistrationState.VALIDATED, REAL, "Zoé")


class Slow:
    """Tasks that are done at once and answered in the order a test chooses."""

    def __init__(self):
        self.answers = []

    def run_task(self, function, done):
        answer = TaskResult(function(), None)
        self.answers.append(lambda: done(answer))


def test_a_slower_task_shows_nothing_that_is_older(desk, data_dir, sheet, qtbot):
    tasks = Slow()
    parent = QObject()
    registrar = Registrar(sheet, tasks, data_dir, lambda: "Anne", parent, key="")
    registrar.take_in([desk])
    tasks.answers.pop()()
    [first, _second] = registrar.rows
    panel = registrar.page().panel
    qtbot.addWidget(registrar.page())
    panel.refused.emit(first.about.id, "no proof")
    panel.validated.emit(first.about.id, REAL)
    for answer in reversed(tasks.answers):
        answer()
    assert registrar.rows[0].state is RegistrationState.VALIDATED
