"""The band's colour fades by itself, what it says stays, and nothing has to be dismissed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from offcirc.desk.face import band as module
from offcirc.desk.face import look as style
from offcirc.desk.face.band import Band
from offcirc.desk.face.colours import Colours, Style
from offcirc.desk.message import Message, MessageKind


@pytest.fixture(params=Style)
def band(request: pytest.FixtureRequest, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Band:
    monkeypatch.setattr(module, "SECONDS", dict.fromkeys(module.SECONDS, 0.02))
    monkeypatch.setattr(module, "_FADE_MILLISECONDS", 160)
    app = QApplication.instance()
    made = Band(style.make_look(app, QSize(1366, 768), 1.0, Colours(request.param)))
    qtbot.addWidget(made)
    made.resize(700, made.height())
    made.show()
    return made


def colour(band: Band) -> str:
    """The colour it is painted in, beside sign and words."""
    picture = band.grab().toImage()
    return picture.pixelColor(picture.width() - 12, picture.height() // 2).name()


@pytest.mark.parametrize(
    "kind", [MessageKind.RECORDED, MessageKind.RESCUED, MessageKind.NOTICE, MessageKind.REFUSED]
)
def test_every_message_fades_and_stays_readable(
    band: Band, kind: MessageKind, qtbot: QtBot
) -> None:
    colours = band._look.colours
    message = Message(kind, "Loan recorded", "37000034179", "9921000000164 · 13:48:03")
    band.say(message)
    assert colour(band) == QColor(getattr(colours, kind.value)).name()
    spoken = []
    band._announce = spoken.append  # type: ignore[method-assign]
    qtbot.waitUntil(lambda: 0 < band.faded < 1)
    band.grab()
    qtbot.waitUntil(lambda: band.faded == 1)
    assert colour(band) == QColor(colours.ready).name()
    assert band.message == message, "the last transaction stays readable"
    assert spoken == [], "a screen reader says it once"
    band.say(message)
    assert band.faded == 0
    assert colour(band) == QColor(getattr(colours, kind.value)).name()


def test_what_goes_on_keeps_its_colour(band: Band, qtbot: QtBot) -> None:
    band.say(Message(MessageKind.RECORDED, "before"))
    band.say(Message(MessageKind.REFUSED, "NOT recorded", detail="The disk is full.", lasting=True))
    qtbot.wait(60)
    assert band.faded == 0
    assert not band._rest.isActive()
    band.say(Message(MessageKind.READY, "Ready"))
    assert not band._rest.isActive()


def test_the_kinds_differ_in_more_than_colour() -> None:
    assert len({module._SIGNS[kind] for kind in MessageKind}) == len(MessageKind)
    order = [
        module.SECONDS[kind]
        for kind in (MessageKind.RECORDED, MessageKind.NOTICE, MessageKind.REFUSED)
    ]
    assert order == sorted(order), "the more it matters, the longer it stays"
