"""The manual: there, complete, in both languages, without a network."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from desk.window_kit import BOOK, Desk, press, scan
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from pytestqt.qtbot import QtBot

from offcirc import i18n, resources
from offcirc.desk.face.colours import Colours, Style
from offcirc.desk.paper.manualpage import manual_path, page_style
from offcirc.desk.side.manual import Manual, open_manual


class Pages(HTMLParser):
    """What a page refers to, and what it says."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.pictures: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, anchors and pictures; check nesting."""
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag == "a" and given.get("name"):
            self.anchors.append(str(given["name"]))
        if tag == "img":
            self.pictures.append(str(given["src"]))
            assert given["alt"]
        if tag not in ("img", "meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Every element is closed in its turn."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note the text."""
        self.text += data


def test_every_link_and_picture_is_there(language: str) -> None:
    path = manual_path()
    page = Pages(path)
    assert page.open == []
    assert page.pictures
    for picture in page.pictures:
        assert not QImage(str(path.parent / picture)).isNull(), picture
    assert len(page.links) >= 10
    within = {link[1:] for link in page.links if link.startswith("#")}
    assert within == set(page.anchors), "all lead into the page"
    others = {link for link in page.links if not link.startswith("#")}
    assert others == {"admin.html"}
    assert all((path.parent / other).is_file() for other in others)


def test_both_languages_say_the_same_things() -> None:
    pages = [Pages(resources.path(f"help/{code}/desk.html")) for code in i18n.LANGUAGES]
    first, second = pages
    assert first.anchors == second.anchors
    assert len(first.pictures) == len(second.pictures)
    for number, name in re.findall(r"(\w+)-(\w+)\.png", " ".join(first.pictures)):
        assert name == "en", number


def test_french_punctuation_never_begins_a_line() -> None:
    text = Pages(resources.path("help/fr/desk.html")).text
    assert not re.search(r"[ \n][:;?!»]", text)
    assert "'" not in text.replace("&é\"'(-è_çà", "")


@pytest.mark.parametrize("button", ["clear", "save", "delete", "help", "close"])
def test_the_manual_names_the_buttons_and_their_letters(
    language: str, closed_desk: Desk, button: str
) -> None:
    desk = closed_desk.open()
    text = Pages(manual_path()).text
    said = getattr(desk.ui, button).text()
    if button != "help":
        assert said.replace("&", "") in text
    assert f"Alt+{said[said.index('&') + 1].upper()}" in text


def test_help_opens_it_beside_the_desk_and_only_once(desk: Desk, qtbot: QtBot) -> None:
    desk.alt("H")
    manual = desk.window.findChild(Manual)
    assert manual is not None
    assert manual.isVisible()
    assert not manual.isModal()
    assert "Lending while the system is down" in manual.page.toPlainText()
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    press(Qt.Key.Key_F1)
    assert desk.window.findChildren(Manual) == [manual]


def test_escape_closes_it(desk: Desk, qtbot: QtBot) -> None:
    manual = open_manual(desk.window)
    qtbot.waitUntil(manual.isActiveWindow)
    press(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not manual.isVisible())


def test_a_scan_goes_on_to_the_desk_its_result_is_read_here_and_escape_still_closes_it(
    desk: Desk, qtbot: QtBot
) -> None:
    desk.lend(BOOK)
    manual = open_manual(desk.window)
    qtbot.waitUntil(manual.isActiveWindow)
    assert manual.result.message == desk.ui.band.message
    scan("37000034180\r")
    assert [row[1] for row in desk.rows()] == ["37000034180", BOOK]
    assert manual.result.message.code == "37000034180"
    qtbot.waitUntil(desk.window.isActiveWindow)
    assert manual.isVisible()
    press(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not manual.isVisible())


def test_its_pictures_fit_into_its_window(language: str, closed_desk: Desk, qtbot: QtBot) -> None:
    desk = closed_desk.open(size=(800, 576), screen_height=600)
    manual = open_manual(desk.window)
    qtbot.waitUntil(manual.isVisible)
    bar = manual.page.horizontalScrollBar()
    assert bar.maximum() == 0
    assert manual.page.document().idealWidth() <= manual.page.viewport().width()


@pytest.mark.parametrize("button", ["pin", "print"])
def test_it_is_printed_from_its_window(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, button: str
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url)) or True)
    manual = open_manual(desk.window)
    getattr(manual, button).click()
    (url,) = opened
    assert Path(url.toLocalFile()).read_bytes().startswith(b"%PDF")
    assert desk.band[1] == "The sheet is open, ready to be printed"


@pytest.mark.parametrize("which", Style)
def test_it_wears_the_colours_of_the_desk(which: Style) -> None:
    colours = Colours(which)
    sheet = page_style(16, 20, colours)
    heading = colours.ink if colours.contrast else colours.ground
    assert f"color: {heading}" in sheet


def test_the_manual_goes_with_the_desk(desk: Desk) -> None:
    manual = open_manual(desk.window)
    desk.close()
    assert not manual.isVisible()
