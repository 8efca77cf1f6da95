from __future__ import annotations

from datetime import datetime, timedelta

from offcirc.core.identity import DeskIdentity
from offcirc.desk.face.colours import BLUE, Colours, Style
from offcirc.desk.program import start
from offcirc.desk.words import words
from offcirc.settings.deskname import desk_identity
from offcirc.settings.load import load


def test_a_desk_that_plays_has_its_own_title_and_colour(qapp, tmp_path):
    (tmp_path / "practice.toml").write_text(
        '[desk]\npractice = true\npractice_clock = 60\nlibrary = "BUC"\nname = "A"\n'
    )
    none = tmp_path / "none.toml"
    settings = load({"data_dir": str(tmp_path)}, environment={}, site=none, user=none)
    before = qapp.styleSheet(), qapp.font(), qapp.palette()
    window = start._paint_window(qapp, tmp_path, None, settings)
    try:
        assert window.windowTitle().startswith("PRACTICE — Offline Circulation")
        assert "BUC · A" in window.windowTitle()
        assert window.look.colours.ground not in (BLUE.ground, BLUE.ground_foot)
        ahead = window.now() - datetime.now().astimezone()
        assert timedelta(minutes=59) < ahead < timedelta(minutes=61)
    finally:
        window.close()
        window.deleteLater()
        qapp.setStyleSheet(before[0])
        qapp.setFont(before[1])
        qapp.setPalette(before[2])
    assert desk_identity(settings).practice


def test_a_desk_at_work_has_nothing_of_it(tmp_path):
    none = tmp_path / "none.toml"
    identity = desk_identity(load({}, environment={}, site=none, user=none))
    assert not identity.practice
    assert words.title(DeskIdentity("BUC")) == "Offline Circulation — BUC"


def test_high_contrast_stays_as_it_is():
    for style in (Style.DARK, Style.LIGHT):
        assert Colours(style, playing=True).by_name() == Colours(style).by_name()
