"""The scanner test: the real window, real key events, every fault named."""

from __future__ import annotations

import pytest
from desk.window_kit import HAND, pause, press, scan
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QApplication, QPushButton

from offcirc import i18n
from offcirc.core.barcodes.controlcards import TEST_TEXT
from offcirc.core.barcodes.layouts import Caps, Cause
from offcirc.core.transaction import Source
from offcirc.desk.face import look as style
from offcirc.desk.face.colours import Style
from offcirc.desk.side.keycaps import Cap, key_name
from offcirc.desk.side.scannertest import ScannerTest
from offcirc.desk.side.sidewindow import Tones
from offcirc.scanning.checkup import ScannerFault, ScannerVerdict
from offcirc.scanning.decoder import Framing, Scan, Terminator


@pytest.fixture
def opened(qtbot):
    def open_it(height: int = 768, **more) -> ScannerTest:
        look = style.make_look(QApplication.instance(), QSize(1366, height))
        window = ScannerTest(look, clock=HAND, **more)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
        window.setFocus()
        pause()
        return window

    return open_it


@pytest.fixture
def window(opened):
    return opened()


def faces(window) -> str:
    return "".join(cap.character for cap in window.caps.caps)


@pytest.mark.parametrize(
    ("suffix", "named"),
    [
        ("\r", "Enter (CR)"),
        ("\n", "line feed (LF)"),
        ("\r\n", "Enter (CR) + line feed (LF)"),
        ("\t", "Tab"),
    ],
    ids=repr,
)
def test_a_scanner_set_right(window, suffix, named):
    scan(TEST_TEXT + suffix)
    assert window.found.verdict is ScannerVerdict.GOOD
    assert window.title.text() == "This scanner is set right."
    assert window.facts["suffix"].text() == named
    assert window.facts["text"].text().startswith(TEST_TEXT)
    assert window.facts["pace"].text() == "4 ms from key to key"
    assert faces(window) == TEST_TEXT + suffix
    assert window.caps.caps[0].gap is None
    assert window.caps.caps[1].gap == 4
    assert window.isVisible()


def test_keys_are_shown_as_they_come(window):
    scan("370")
    assert faces(window) == "370"
    assert window.found is None
    pause()
    scan("4\r")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_wrong_keyboard_is_named_and_shown_key_by_key(opened, language):
    i18n.activate(language)
    window = opened()
    scan(Cause("us", "fr").garbled(TEST_TEXT) + "\r")
    assert window.found.faults == (ScannerFault.KEYBOARD,)
    words = {"en": ("American (QWERTY)", "French (AZERTY)"),
             "fr": ("américain (QWERTY)", "français (AZERTY)")}  # fmt: skip
    for word in words[language]:
        assert word in window.detail.text()
    assert window.facts["meant"].text() == TEST_TEXT
    assert window.facts["meant"].isVisibleTo(window)
    wrong = {cap.character: cap.meant for cap in window.caps.caps if cap.meant}
    assert wrong["à"] == "0"
    assert wrong["Q"] == "A"
    assert "Y" not in wrong
    assert "à U+00E0" in window.caps.accessibleName()


def test_caps_lock_is_named(window):
    scan(Cause("us", "us", Caps.LETTERS).garbled(TEST_TEXT) + "\r")
    assert window.detail.text() == "Caps Lock is on: press it once."


def test_lost_characters(window):
    scan(TEST_TEXT.replace("345", "") + "\r")
    assert window.found.faults == (ScannerFault.LOST,)
    assert window.detail.text().startswith("3 of the test card’s 28 characters")


def test_no_suffix_is_noticed_after_a_pause(window, qtbot):
    scan(TEST_TEXT)
    assert window.found is None
    qtbot.waitUntil(lambda: window.found is not None)
    assert window.found.verdict is ScannerVerdict.NOTICE
    assert "sends no Enter" in window.title.text()
    assert window.facts["suffix"].text() == "none"


def test_keys_that_wait_while_the_pc_is_busy_come_before_the_pause(window):
    scan(TEST_TEXT[:10])
    window._pause.timeout.emit()
    assert window.found is None
    scan(f"{TEST_TEXT[10:]}\r")
    assert window.found.verdict is ScannerVerdict.GOOD


def test_a_suffix_the_desk_does_not_expect(opened):
    window = opened(framing=Framing(suffixes=frozenset((Terminator.CR,))))
    scan(TEST_TEXT + "\t")
    assert window.found.faults == (ScannerFault.OTHER_SUFFIX,)
    assert "settings" in window.detail.text()


def test_typing_is_told_from_scanning(window):
    HAND.pace = 0.2
    try:
        scan("37000034179\r")
    finally:
        HAND.pace = 0.004
    assert window.found.faults == (ScannerFault.SLOW,)
    assert window.facts["pace"].text() == "200 ms from key to key"


def test_a_serial_scan_and_one_that_came_to_the_desk(window):
    window.take(Scan(TEST_TEXT, f"]C0{TEST_TEXT}", Source.SERIAL, Terminator.CR, "C0"))
    assert window.found.verdict is ScannerVerdict.GOOD
    assert window.facts["source"].text() == "a serial port"
    assert window.facts["symbology"].text() == "]C0 Code 128"
    raw = Cause("us", "fr").garbled(TEST_TEXT)
    window.take(Scan(raw, raw, Source.SCAN, Terminator.TAB, "", 5.0, 5.27))
    assert window.found.faults == (ScannerFault.KEYBOARD,)
    assert window.facts["pace"].text() == "10 ms from key to key"
    assert window.facts["suffix"].text() == "Tab"


@pytest.mark.parametrize("terminator", Terminator)
def test_every_suffix_of_a_scan_that_came_to_the_desk(window, terminator):
    window.take(Scan(TEST_TEXT, TEST_TEXT, Source.SCAN, terminator, "", 5.0, 5.1))
    wanted = () if terminator is Terminator.NONE else (terminator,)
    assert window.found.suffix == wanted


def test_no_key_presses_a_button_or_moves_the_focus(window):
    pressed = []
    for button in window.findChildren(QPushButton):
        button.clicked.connect(lambda: pressed.append(True))
        assert button.focusPolicy() is Qt.FocusPolicy.NoFocus
    scan("b c \r\n\t \r")
    assert pressed == []
    assert QApplication.focusWidget() is window


def test_the_window_is_worked_from_the_keyboard(window, qtbot):
    scan(TEST_TEXT + "\r")
    pause()
    press(Qt.Key.Key_B, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.found is None)
    assert (window.caps.caps, window.title.text()) == ((), "Ready: scan.")
    assert window.facts["text"].text() == "–"
    press(Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_the_page_can_be_moved_without_the_mouse(opened):
    window = opened(1500)
    window.resize(500, 400)
    scan(TEST_TEXT + "\r")
    bar = window.area.verticalScrollBar()
    QApplication.processEvents()
    assert bar.maximum() > 0
    press(Qt.Key.Key_PageDown)
    assert bar.value() > 0
    press(Qt.Key.Key_PageUp)
    press(Qt.Key.Key_Up)
    assert bar.value() == 0
    assert faces(window).startswith("OFF")


def test_a_key_held_down_is_one_key(window):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent

    for repeated in (False, True, True):
        HAND.now += 0.3
        event = QKeyEvent(
            QEvent.Type.KeyPress, Qt.Key.Key_7, Qt.KeyboardModifier.NoModifier, "7", repeated
        )
        QApplication.sendEvent(window, event)
    assert faces(window) == "7"


def test_alt_gr_writes_characters_and_control_characters_are_shown(window):
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    press(Qt.Key.Key_At, both, "@")
    press(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier, "\x02")
    assert [cap.face for cap in window.caps.caps] == ["@", "^B"]


def test_a_book_on_the_keyboard(window):
    # On a busy machine the pause that ends a scan would be over between two of these keys.
    window._pause.timeout.disconnect()
    for _ in range(600):
        press(Qt.Key.Key_X, text="x")
    assert window.found.faults == (ScannerFault.FLOOD,)
    assert len(window.caps.caps) <= 300


@pytest.mark.parametrize(
    ("character", "name"),
    [("a", "a"), ("\r", "Enter"), ("\x02", "^B"), ("\x1d", "^]"), ("\x9f", "9F"), (" ", "Space")],
)
def test_every_key_has_a_name(character, name):
    assert key_name(character) == name


def test_a_cap_is_spoken():
    assert Cap("à", 4, "0").spoken == "à U+00E0, 0 was meant"


@pytest.mark.parametrize("tones", [*map(Tones, Style)], ids=[*Style])
@pytest.mark.parametrize(("height", "width"), [(768, 760), (1500, 760), (768, 400)])
def test_everything_fits(opened, tones, height, width):
    window = opened(height, tones=tones)
    window.resize(width, 600)
    scan(Cause("us", "fr").garbled(TEST_TEXT) + "\r")
    QApplication.processEvents()
    assert window.sheet.width() <= window.area.viewport().width()
    right = window.caps.mapTo(window, QPoint(window.caps.width(), 0)).x()
    assert right <= window.width()
    assert window.caps.height() >= window.caps.heightForWidth(window.caps.width())
    for label in (window.title, window.detail):
        assert label.height() >= label.heightForWidth(label.width())
