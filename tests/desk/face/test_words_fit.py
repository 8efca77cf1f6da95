"""Both languages: every button has its letter, every text has its room."""

from __future__ import annotations

import re
import string

import pytest
from desk.window_kit import Desk
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QRadioButton

from offcirc import i18n
from offcirc.core.identity import DeskIdentity
from offcirc.core.transaction import Operation
from offcirc.desk.face.cells import ListColumn
from offcirc.desk.face.colours import Style
from offcirc.desk.words import words


def letters(desk: Desk) -> dict[str, list[str]]:
    """Which texts have which Alt letter now."""
    found: dict[str, list[str]] = {}
    widgets = [
        *desk.window.findChildren(QPushButton),
        *desk.window.findChildren(QRadioButton),
        *(each for each in desk.window.findChildren(QLabel) if each.buddy() is not None),
    ]
    for widget in widgets:
        sequence = QKeySequence.mnemonic(widget.text())
        assert not sequence.isEmpty(), widget.text()
        found.setdefault(sequence.toString(), []).append(widget.text())
    return found


_PLAIN_KEYS = (Qt.Key.Key_F1, Qt.Key.Key_F7, Qt.Key.Key_F8, Qt.Key.Key_F9, Qt.Key.Key_Delete)


@pytest.mark.parametrize("operation", list(Operation))
def test_every_control_has_an_alt_letter_of_its_own(
    language: str, closed_desk: Desk, operation: Operation
) -> None:
    desk = closed_desk.open()
    desk.window.choose(operation)
    found = letters(desk)
    assert all(len(texts) == 1 for texts in found.values()), found
    assert len(found) == 13
    assert all(key.startswith("Alt+") and key[-1] in string.ascii_uppercase for key in found), found


def test_no_shortcut_is_a_key_that_a_scan_sends(language: str, closed_desk: Desk) -> None:
    desk = closed_desk.open()
    shortcuts = desk.window.findChildren(QShortcut)
    assert len(shortcuts) == 12
    for shortcut in shortcuts:
        key = shortcut.key()[0]
        plain = key.keyboardModifiers() == Qt.KeyboardModifier.NoModifier
        assert not plain or key.key() in _PLAIN_KEYS


@pytest.mark.parametrize("which", [Style.BLUE, Style.DARK])
@pytest.mark.parametrize("size", [(800, 576), (1024, 740), (1920, 1040)])
def test_nothing_is_clipped(
    language: str, closed_desk: Desk, size: tuple[int, int], which: Style
) -> None:
    desk = closed_desk.open(size=size, screen_height=size[1] + 28, which=which)
    assert (desk.window.width(), desk.window.height()) == size, "the window asks for more room"
    for operation in Operation:
        desk.window.choose(operation)
        for widget in (
            *desk.window.findChildren(QPushButton),
            *desk.window.findChildren(QRadioButton),
            *desk.window.findChildren(QLabel),
        ):
            if widget.isVisible():
                assert widget.width() >= widget.sizeHint().width(), widget.text()
                assert widget.height() >= widget.sizeHint().height(), widget.text()
    ui = desk.ui
    placeholder = QFontMetricsF(ui.patron.font()).horizontalAdvance(ui.patron.placeholderText())
    assert placeholder < ui.patron.width() - desk.window.look.px(1.2)
    across = ui.list.horizontalHeader()
    painter = ui.list._painter
    for state in ("pending", "saved", "voided"):
        need = painter.width_for(ListColumn.STATE, [words.state(state)])
        assert need <= across.sectionSize(ListColumn.STATE)
    for each in Operation:
        need = painter.width_for(ListColumn.OPERATION, [words.operation(each)])
        assert need <= across.sectionSize(ListColumn.OPERATION)
    for column in (ListColumn.ITEM, ListColumn.PATRON):
        assert painter.width_for(column, ["9921000000164"]) <= across.sectionSize(column)
    assert ui.list.viewport().height() >= 3 * ui.list.verticalHeader().defaultSectionSize()


def test_nothing_moves_when_the_transaction_is_chosen(language: str, closed_desk: Desk) -> None:
    desk = closed_desk.open()
    ui = desk.ui
    fixed = (ui.patron, ui.item, ui.clear, ui.action, ui.group, ui.band, ui.card, ui.save)
    before = [widget.geometry() for widget in fixed]
    for operation in (Operation.RETURN, Operation.LOAN):
        desk.window.choose(operation)
        QApplication.processEvents()
        desk.window.layout().activate()
        assert [widget.geometry() for widget in fixed] == before


def test_the_title_names_library_and_desk_once_they_are_known() -> None:
    assert words.title(DeskIdentity()) == "Offline Circulation"
    title = words.title(DeskIdentity("BUC du Mirail", desk_name="Desk 2"))
    assert title == "Offline Circulation — BUC du Mirail · Desk 2"
    i18n.activate("fr")
    assert words.title(DeskIdentity(desk_name="Banque 2")) == "Prêt secouru — Banque 2"


def test_french_says_what_the_manuals_say(closed_desk: Desk) -> None:
    i18n.activate("fr")
    desk = closed_desk.open()
    ui = desk.ui

    def said(text: str) -> str:
        return text.replace("&", "")

    assert [said(button.text()) for button in ui.buttons()] == [
        "Nettoyer",
        "Prêt",
        "Prêt",
        "Retour",
        "Sur place",
        "Prolongation",
        "Boîte de retour",
        "▾",
        "Sauvegarder dans le fichier",
        "Supprimer",
        "Aide",
        "Fermer",
        "Outils",
    ]
    assert ui.group.title() == "Choisissez la transaction"
    assert said(ui.patron_label.text()) == "Lecteur\N{NO-BREAK SPACE}:"
    assert said(ui.item_label.text()) == "Code-barres de l’exemplaire\N{NO-BREAK SPACE}:"


def test_every_control_says_its_name_to_a_screen_reader(language: str, closed_desk: Desk) -> None:
    desk = closed_desk.open()
    ui = desk.ui
    for widget in (ui.patron, ui.item, ui.list):
        assert widget.accessibleName()
        assert widget.accessibleDescription()
    for button in ui.buttons():
        assert re.sub("&", "", button.text())
    for button in set(ui.buttons()) - {ui.action}:
        assert button.accessibleDescription()
    assert ui.patron_label.buddy() is ui.patron
    assert ui.item_label.buddy() is ui.item


@pytest.mark.parametrize("width", [800, 1024, 1366])
def test_the_count_loses_its_end_where_there_is_little_room(
    language: str, closed_desk: Desk, width: int
) -> None:
    desk = closed_desk.open()
    desk.window.resize(width, 700)
    QApplication.processEvents()
    counter = desk.ui.counter
    counter.say("27 items for this reader")
    shown = counter.shown()
    assert shown.startswith("27")
    assert counter.text().startswith(shown)
    assert counter.fontMetrics().horizontalAdvance(shown) <= counter.width()
