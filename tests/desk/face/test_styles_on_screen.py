"""The styles and sizes as the settings choose them, on a real screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk.screen_kit import AskedDesk
from helpers.xserver import XServer
from PySide6.QtGui import QColor, QImage

from offcirc.desk.face.colours import Colours, Style

pytestmark = pytest.mark.xvfb

READER = "9921000000164"


@pytest.fixture
def styled(
    request: pytest.FixtureRequest, x_server: XServer, tmp_path: Path
) -> Iterator[tuple[AskedDesk, Style]]:
    """A desk in a style, asked for by the environment as by a settings file."""
    which = request.param
    desk = AskedDesk(
        x_server,
        tmp_path / "desk",
        OFFCIRC_WINDOW_STYLE=which.value,
        OFFCIRC_WINDOW_TEXT_SIZE="150",
        OFFCIRC_LANG="fr",
    )
    try:
        yield desk.ready("^Prêt secouru"), which
        assert desk.end() == 0
    finally:
        desk.kill()


@pytest.mark.parametrize("styled", Style, indirect=True)
def test_the_window_wears_what_was_chosen(styled: tuple[AskedDesk, Style], tmp_path: Path) -> None:
    desk, which = styled
    colours = Colours(which)
    desk.x.type(f"{READER}\r37000034179\r")
    desk.wait_for(rows=1, kind="recorded")
    path = tmp_path / "screen.png"
    assert desk.ask("picture", path)
    picture = QImage(str(path))
    seen = {
        picture.pixelColor(x, y).name()
        for y in range(0, picture.height(), 6)
        for x in range(0, picture.width(), 6)
    }
    for name in ("recorded", "paper", "status", "save"):
        assert QColor(getattr(colours, name)).name() in seen, name
    for other in Style:
        if other is not which:
            assert Colours(other).recorded == colours.recorded or (
                Colours(other).recorded not in seen
            )


def test_a_scanner_without_suffix_at_a_real_screen(asked_desk: AskedDesk) -> None:
    asked_desk.x.type(READER)
    asked_desk.wait_for(borrower=READER, title="Ready to lend")
    for number, code in enumerate(("37000034179", "OTOLO104602"), 1):
        asked_desk.x.type(code)
        asked_desk.wait_for(rows=number, last_item=code, item="")
