"""The tools of the desk: settings, scanner test, cards, sounds, serial scanners."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from desk.face.test_words_fit import letters
from desk.side.test_readings import settings
from desk.window_kit import BOOK, HAND, READER, Desk, as_seen, pause, press, scan, tab_order
from helpers import pseudo_terminal
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from offcirc.core.barcodes.controlcards import TEST_TEXT
from offcirc.core.transaction import Operation, Source
from offcirc.desk.face.sounder import Sound
from offcirc.desk.message import MessageKind
from offcirc.desk.program import extras as room
from offcirc.desk.program.extras import Companions
from offcirc.scanning.serialids import PortInfo


class Ear:
    """Takes down what is played."""

    def __init__(self) -> None:
        self.heard: list[Sound] = []
        self.closed = False

    def play(self, sound: Sound) -> None:
        """Hear a sound."""
        self.heard.append(sound)

    def close(self) -> None:
        """Hear nothing more."""
        self.closed = True


@pytest.fixture
def tools(desk: Desk, tmp_path: Path) -> Companions:
    """A desk with everything that stands beside it."""
    return desk.window.attach(settings(tmp_path))


def bring(window: QWidget, qtbot: QtBot) -> None:
    """Wait for a window to be in front."""
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)


def test_the_panel_opens_and_closes_and_moves_nothing(
    desk: Desk, tools: Companions, language: str
) -> None:
    ui = desk.ui
    before = [each.geometry() for each in (ui.patron, ui.band, ui.card, ui.status)]
    QTest.mouseClick(ui.more, Qt.MouseButton.LeftButton)
    panel = tools.tools
    assert panel is not None
    assert panel.isVisible()
    assert desk.window.rect().contains(panel.geometry())
    assert before == [each.geometry() for each in (ui.patron, ui.band, ui.card, ui.status)]
    for button in panel.buttons():
        assert button.width() >= button.sizeHint().width()
    assert tab_order(panel) == as_seen(panel.findChildren(QPushButton))
    press(Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert ui.patron.hasFocus()
    assert desk.window.isVisible(), "Escape closes the panel, not the desk"


def test_with_the_panel_open_every_letter_is_still_one_controls_own(
    language: str, closed_desk: Desk, tmp_path: Path
) -> None:
    desk = closed_desk.open()
    desk.window.attach(settings(tmp_path)).show_tools()
    for operation in Operation:
        desk.window.choose(operation)
        found = letters(desk)
        assert all(len(texts) == 1 for texts in found.values()), found
        assert len(found) == 23


@pytest.mark.parametrize("number", range(6))
def test_a_scan_on_a_tool_goes_to_the_desk_and_closes_the_panel(
    desk: Desk, tools: Companions, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: pytest.fail("pressed"))
    desk.lend()
    tools.show_tools()
    panel = tools.tools
    assert panel is not None
    panel.buttons()[number].setFocus(Qt.FocusReason.TabFocusReason)
    scan(f"{BOOK}\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]
    assert not panel.isVisible()
    assert desk.ui.item.hasFocus()


def test_the_tools_do_what_they_say(
    desk: Desk, tools: Companions, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url)) or True)
    desk.lend(BOOK)
    desk.alt("M")
    panel = tools.tools
    assert panel is not None
    QTest.mouseClick(panel.undo, Qt.MouseButton.LeftButton)
    assert desk.rows()[0][3] == "voided"
    assert desk.ui.item.hasFocus()
    tools.show_tools()
    QTest.mouseClick(panel.cards, Qt.MouseButton.LeftButton)
    (url,) = opened
    assert Path(url.toLocalFile()).read_bytes().startswith(b"%PDF")
    assert desk.band[1] == "The sheet is open, ready to be printed"
    tools.show_tools()
    QTest.mouseClick(panel.test, Qt.MouseButton.LeftButton)
    assert tools._scanner_test is not None
    assert tools._scanner_test.isVisible()
    bring(desk.window, qtbot)
    tools.show_tools()
    QTest.mouseClick(panel.settings, Qt.MouseButton.LeftButton)
    assert tools._settings_window is not None
    assert tools._settings_window.isVisible()


def test_no_cards_on_a_disk_that_takes_none(desk: Desk, tools: Companions) -> None:
    (desk.folder / "control-cards.pdf").mkdir()
    tools.print_cards()
    assert desk.band == (MessageKind.REFUSED, "Nothing to print")


def test_a_scan_in_the_settings_goes_to_the_desk(
    desk: Desk, tools: Companions, qtbot: QtBot
) -> None:
    desk.lend()
    tools.show_settings()
    window = tools._settings_window
    assert window is not None
    window.guard._clock = HAND
    bring(window, qtbot)
    pause()
    window.rows["desk.library"].field.target().setFocus()
    scan(f"{BOOK}\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]
    assert window.rows["desk.library"].field.value() == ""
    window.close()
    bring(desk.window, qtbot)
    scan("B2\r")
    assert desk.rows()[0] == ("L", "B2", READER, "pending")


def test_settings_that_are_saved_hold_at_once(desk: Desk, tools: Companions, qtbot: QtBot) -> None:
    tools.show_settings()
    window = tools._settings_window
    assert window is not None
    window.rows["desk.name"].field.show_value("Accueil 2")
    assert window.save()
    assert desk.window.windowTitle() == "Offline Circulation — Accueil 2"
    window.close()


def test_wrong_settings_are_pointed_out_until_they_are_right(desk: Desk, tmp_path: Path) -> None:
    tools = desk.window.attach(settings(tmp_path, '[desk]\nsame_item_twice = "often"\n'))
    standing = desk.ui.status.standing
    assert standing.hint == "Settings: something is wrong"
    assert "user.toml" in standing.advice
    assert standing.advice in desk.ui.status.accessibleName()
    scan(f"{READER}\r{BOOK}\r")
    assert desk.ui.status.standing.hint == standing.hint
    tools.apply(settings(tmp_path))
    assert desk.ui.status.standing.hint == ""


def test_the_test_card_opens_the_scanner_test(desk: Desk, tools: Companions, qtbot: QtBot) -> None:
    scan(f"{TEST_TEXT}\r")
    test = tools._scanner_test
    assert test is not None
    assert test.isVisible()
    assert test.found is not None
    assert test.found.text == TEST_TEXT
    assert desk.ui.patron.text() == ""
    test.close()
    bring(desk.window, qtbot)
    scan(f"{READER}\r{BOOK}\r")
    assert desk.rows() == [("L", BOOK, READER, "pending")]


def test_each_band_has_its_sound(
    desk: Desk, tools: Companions, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ear = Ear()
    monkeypatch.setattr(room, "make_sounder", lambda on, _beep: ear)
    (tmp_path / "loud").mkdir()
    loud = settings(tmp_path / "loud")
    values = dict(loud.values)
    values["sound.on"] = type(values["sound.on"])("true")
    tools.apply(type(loud)(values))
    tools._delay.setInterval(300)  # longer than a busy machine takes for a scan
    scan(f"{READER}\r")
    scan(f"{BOOK}\r")
    assert ear.heard == [], "the band comes first"
    qtbot.waitUntil(lambda: ear.heard == [Sound.RECORDED])
    scan(f"{BOOK}\r")
    qtbot.waitUntil(lambda: ear.heard[1:] == [Sound.NOTICE])
    scan("é\r")
    qtbot.waitUntil(lambda: ear.heard[2:] == [Sound.REFUSED])
    tools.apply(settings(tmp_path))
    assert ear.closed
    scan("B3\r")
    QTest.qWait(400)
    assert len(ear.heard) == 3


def test_a_serial_scanner_is_read_beside_the_keyboard(
    desk: Desk,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, theirs = pseudo_terminal(raw=True)
    port = PortInfo(os.ttyname(theirs), 0x0C2E, 0x0B6A, "X1", None, "Barcode Scanner")
    plugged = [port]
    listed: Callable[[], list[PortInfo]] = lambda: list(plugged)  # noqa: E731
    from offcirc.scanning.serial import SerialScanners

    monkeypatch.setitem(SerialScanners.__init__.__kwdefaults__, "list_ports", listed)
    tools = desk.window.attach(settings(tmp_path, '[scanner]\nserial = ["0c2e:0b6a"]\n'))
    tools.read_serial()
    status = desk.ui.status
    qtbot.waitUntil(lambda: status.standing.scanner == "scanner connected")
    os.write(ours, f"{READER}\r\n".encode())
    qtbot.waitUntil(lambda: desk.ui.patron.text() == READER)
    scan("B1\r")
    os.write(ours, f"{BOOK}\r\n{BOOK[:-1]}7\r\n".encode())
    qtbot.waitUntil(lambda: len(desk.rows()) == 3)
    assert [row[1] for row in desk.rows()] == [f"{BOOK[:-1]}7", BOOK, "B1"]
    assert desk.ui.model.row(0).transaction.source is Source.SERIAL
    plugged.clear()
    os.close(theirs)
    os.close(ours)
    qtbot.waitUntil(lambda: status.standing.scanner == "scanner unplugged", timeout=8000)
    scan("B9\r")
    assert desk.rows()[0][1] == "B9"


def test_a_serial_scan_never_lands_in_half_typed_text(desk: Desk, tools: Companions) -> None:
    from offcirc.scanning.decoder import Scan, Terminator

    desk.lend()
    scan("370")
    pause()
    desk.window.intake.scanned(Scan(BOOK, BOOK, Source.SERIAL, Terminator.CR))
    assert desk.ui.item.text() == "370"
    assert desk.rows() == [("L", BOOK, READER, "pending")]
