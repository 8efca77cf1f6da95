"""Larger text: as large as asked for, as far as the screen has room."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from offcirc import i18n
from offcirc.desk.face import look as style
from offcirc.desk.program.window import DeskWindow
from offcirc.desk.shop.store import DeskStore


def look(width, height, scale):
    return style.make_look(QApplication.instance(), QSize(width, height), scale)


def test_a_large_screen_gives_the_size_that_was_asked_for(qapp):
    usual, larger = look(3000, 2000, 1.0), look(3000, 2000, 1.5)
    assert larger.em == pytest.approx(usual.em * 1.5, rel=0.05)


def test_a_small_screen_is_never_made_smaller_than_usual(qapp):
    assert look(300, 250, 2.0).em == look(300, 250, 1.0).em


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1366, 768), (1920, 1080)])
def test_the_window_never_outgrows_its_screen(qapp, qtbot, tmp_path, language, width, height):
    i18n.activate(language)
    made = look(width, height, 2.0)
    qapp.setFont(made.text)
    qapp.setStyleSheet(style.style_sheet(made))
    window = DeskWindow(DeskStore(tmp_path, None), made)
    qtbot.addWidget(window)
    least = window.minimumSizeHint()
    assert least.width() <= width
    assert least.height() <= height * 0.95
